// Keeps the presses of some buttons in their order. Of two presses of a button that come before a run of the page has
// begun, Streamlit tells as of one, and of two buttons not which came first.
//
// This module is loaded once, its function called for every run of the page: one listener, one row of presses.

const KEPT = 50 // more than anybody presses before the page answers
const GONE_AFTER_MS = 1000 // between two runs of the page there is no function that listens

const listeners = new Map()
let session = null
let row = [] // the last presses, oldest first: number, button's key
let count = 0

// Before Streamlit sees the press, which would otherwise tell of it, too. Enter and the space bar press as the mouse does.
const onClick = (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null
  if (!button || button.disabled) return
  for (const { buttons, tell } of listeners.values()) {
    const key = buttons.find((each) => button.closest(`.st-key-${CSS.escape(each)}`))
    if (!key) continue
    event.stopPropagation()
    count += 1
    row = [...row, [count, key]].slice(-KEPT)
    tell({ session, row })
    return
  }
}
document.addEventListener("click", onClick, true)

export default function ({ data, setStateValue }) {
  // An open page outlives its session where the server starts anew; what was pressed before is no business of the next.
  if (data.session !== session) {
    session = data.session
    row = []
    count = 0
  }
  const mine = { buttons: data.buttons, tell: (presses) => setStateValue("presses", presses) }
  listeners.set(data.name, mine)
  return () => {
    setTimeout(() => {
      if (listeners.get(data.name) !== mine) return
      listeners.delete(data.name)
      // The page was left; what it did not hear any more is not to be done when it is opened again.
      row = row.filter(([, key]) => !mine.buttons.includes(key))
    }, GONE_AFTER_MS)
  }
}
