// Keeps the presses of some buttons in their order. Of two presses of a button that come before a run of the page has
// begun, Streamlit tells as of one, and of two buttons not which came first.
//
// This module is loaded once, its function called for every run of the page: one listener, one row of presses.

const KEPT = 50 // more than anybody presses before the page answers

const listeners = new Map()
const keys = []
let count = 0

// Before Streamlit sees the press, which would otherwise tell of it, too. Enter and the space bar press as the mouse does.
const onClick = (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null
  if (!button || button.disabled) return
  for (const { buttons, tell } of listeners.values()) {
    const key = buttons.find((each) => button.closest(`.st-key-${CSS.escape(each)}`))
    if (!key) continue
    event.stopPropagation()
    keys.push(key)
    if (keys.length > KEPT) keys.shift()
    count += 1
    tell({ count, keys: [...keys] })
    return
  }
}
document.addEventListener("click", onClick, true)

export default function ({ data, setStateValue }) {
  const mine = { buttons: data.buttons, tell: (presses) => setStateValue("presses", presses) }
  listeners.set(data.name, mine)
  return () => {
    if (listeners.get(data.name) === mine) listeners.delete(data.name)
  }
}
