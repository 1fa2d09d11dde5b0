// Stands beside the live picture (streamlit-webrtc) and tells the page what the browser says of the camera.
//
// - Whether there is a camera at all, and whether this page may use it, can be known before anybody starts it.
// - Why a start failed is told only inside of the component's frame, in the browser's words; it is read from there.
// - The visitor has pressed the page's own start button, so the component's is pressed for them. Should a later version
//   have no such button, they press it themselves.

const LOOK_EVERY_MS = 500

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

export default function ({ data, setStateValue }) {
  let told = null
  let over = false

  const press = () => {
    if (!data.press || window.digitscopePressed === data.press) return
    const buttons = inside(data.container)?.querySelectorAll("button") ?? []
    const start = [...buttons].find((button) => button.textContent === data.start && !button.disabled)
    if (!start) return
    window.digitscopePressed = data.press
    start.click()
  }

  const look = async () => {
    press()
    const problem = await problemOf(data.container)
    if (over || problem === told) return
    told = problem
    setStateValue("problem", problem)
  }

  look()
  const timer = setInterval(look, LOOK_EVERY_MS)
  return () => {
    over = true
    clearInterval(timer)
  }
}
