// Stands beside the live picture (streamlit-webrtc) and tells the page what the browser says of the camera.
//
// - Whether there is a camera at all, and whether this page may use it, can be known before anybody starts it.
// - Why a start failed is told only inside of the component's frame, in the browser's words; it is read from there.
// - The visitor has pressed the page's own start button, so the component's is pressed for them. Should a later version
//   have no such button, they press it themselves.

const LOOK_EVERY_MS = 300

const ERRORS = {
  NotAllowedError: "denied",
  SecurityError: "policy",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
}

const inside = (container) => {
  try {
    return document.querySelector(`.st-key-${container} iframe`)?.contentDocument ?? null
  } catch {
    return null
  }
}

const problemOf = async (container) => {
  if (!window.isSecureContext || !navigator.mediaDevices) return "insecure"
  const policy = document.permissionsPolicy ?? document.featurePolicy
  if (policy && !policy.allowsFeature("camera")) return "policy"
  const query = navigator.permissions?.query({ name: "camera" }).catch(() => null)
  if ((await query)?.state === "denied") return "denied"
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => null)
  if (devices && !devices.some((device) => device.kind === "videoinput")) return "missing"
  const told = inside(container)?.querySelector("[role=alert]")?.textContent.match(/^\s*(\w+Error):/)
  return told ? (ERRORS[told[1]] ?? "failed") : ""
}

// This module is loaded once, and its function called for every run of the page: one timer at a time, one press a start.
let timer = null
let pressed = 0
let told = null

const press = (data) => {
  if (data.press <= pressed) return
  const buttons = inside(data.container)?.querySelectorAll("button") ?? []
  const start = [...buttons].find((button) => button.textContent === data.start && !button.disabled)
  if (!start) return
  pressed = data.press
  start.click()
}

export default function ({ data, setStateValue }) {
  const look = async () => {
    press(data)
    const mine = timer
    const problem = await problemOf(data.container)
    if (mine !== timer || problem === told) return
    told = problem
    setStateValue("problem", problem)
  }

  clearInterval(timer)
  timer = setInterval(look, LOOK_EVERY_MS)
  look()
  return () => {
    clearInterval(timer)
    timer = told = null
  }
}
