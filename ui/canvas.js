// Stands beside a drawing canvas (streamlit-drawable-canvas) and makes it quick and at home on the page.
//
// - The canvas waits 200 ms after a stroke before it sends; its own "update" button does not wait. So it is pressed as
//   soon as the pen is lifted. Should a later version of the canvas have no such button, strokes arrive 200 ms later.
// - The canvas's toolbar shows only under a mouse, covers what is above it, and holds an edit mode that digits do not
//   need; the page has buttons of its own.
// - Paper, a hint while it is empty, and a name for screen readers.
// - Streamlit may mount another canvas between two runs; that is told, since it has forgotten what was written.

const STYLE = `
  .dc-toolbar { display: none !important; }
  .dc-scroll { border-radius: var(--st-base-radius, 0.5rem); }
  .dc-canvas { outline: none; }
  .dc-root::after {
    content: ""; position: absolute; inset: 0; z-index: 11; pointer-events: none;
    border: 1px solid var(--st-border-color, lightgrey); border-radius: var(--st-base-radius, 0.5rem);
  }
  .dc-container { background: var(--digitscope-paper); }
  .dc-container[data-hint]::after {
    content: attr(data-hint); position: absolute; inset: 0; display: grid; place-items: center; z-index: 5;
    color: var(--digitscope-hint); font: 500 1.05rem/1.4 var(--st-font, sans-serif); pointer-events: none;
  }
  .upper-canvas { touch-action: none; }
`

const LOOK_EVERY_MS = 250

let known = { root: null, mark: null } // the canvas that was seen last, and of which drawing
let runs = 0

const findCanvas = (selector) => {
  for (const element of document.querySelectorAll(`${selector} *`)) {
    const root = element.shadowRoot?.querySelector(".dc-root")
    if (root) return root
  }
  return null
}

const dress = (root, data) => {
  const shadow = root.getRootNode()
  if (!shadow.querySelector("style[data-digitscope]")) {
    const style = document.createElement("style")
    style.dataset.digitscope = ""
    style.textContent = STYLE
    shadow.appendChild(style)
  }
  root.style.setProperty("--digitscope-paper", data.paper)
  root.style.setProperty("--digitscope-hint", data.hintColor)
  const box = root.querySelector(".dc-container")
  if (data.empty) box.dataset.hint = data.hint
  else delete box.dataset.hint
  const surface = root.querySelector(".upper-canvas")
  surface?.setAttribute("role", "img")
  surface?.setAttribute("aria-label", data.label)
}

export default function ({ data, setTriggerValue }) {
  const selector = `.st-key-${data.container}`
  let drawing = false

  const onDown = (event) => {
    drawing = event.composedPath().some((node) => node instanceof Element && node.matches(selector))
    if (drawing) delete findCanvas(selector)?.querySelector(".dc-container").dataset.hint
  }
  // A stroke that runs over the sheet's edge must not mark the page's text.
  const onSelect = (event) => {
    if (drawing) event.preventDefault()
  }
  // The canvas ends its stroke on the mouse or touch event that follows this one in the same task, so it is done by the
  // next task.
  const onUp = () => {
    if (drawing) setTimeout(() => findCanvas(selector)?.querySelector(".dc-toolbar button")?.click(), 0)
    drawing = false
  }
  document.addEventListener("pointerdown", onDown, true)
  document.addEventListener("pointerup", onUp, true)
  document.addEventListener("selectstart", onSelect, true)

  // The canvas may be mounted after this script, and again without it.
  const run = ++runs
  let dressed = null
  const look = () => {
    const root = run === runs ? findCanvas(selector) : null // an earlier run, if it is still there, knows no better
    if (!root || root === dressed) return
    dressed = root
    if (root !== known.root && data.mark === known.mark) setTriggerValue("mounted", true)
    known = { root, mark: data.mark }
    dress(root, data)
  }
  look()
  const frame = requestAnimationFrame(look)
  const looking = setInterval(look, LOOK_EVERY_MS)

  return () => {
    cancelAnimationFrame(frame)
    clearInterval(looking)
    document.removeEventListener("pointerdown", onDown, true)
    document.removeEventListener("pointerup", onUp, true)
    document.removeEventListener("selectstart", onSelect, true)
  }
}
