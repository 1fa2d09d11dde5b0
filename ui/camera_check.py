"""What the visitor's browser says of the camera, before and while it is used; and how a person can help it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

START_LABEL = "Start camera"

_companion = st.components.v2.component(
    "digitscope.camera_companion", html="<span></span>", js=Path(__file__).with_name("camera.js").read_text("utf-8")
)

PROBLEMS = {
    "insecure": "Browsers give a page the camera only over a secure connection, and this page came without one. Open "
    "it with https:// in front, or on the machine it runs on as localhost. Files "
    "are read without a camera (Upload).",
    "policy": "The site that shows this page does not let it use a camera (its Permissions-Policy header, or a frame "
    'without allow="camera"). Open the app at its own address, or ask those who run the site to allow it.',
    "missing": "Your browser finds no camera. Plug one in or switch it on; this page notices when it is there. Files "
    "are read without one (Upload).",
    "denied": "Your browser was told not to give this page the camera. Choose the camera or lock sign beside the "
    "address, allow the camera, and start again.",
    "busy": "There is a camera, but it gives no picture. Another program may be using it: close that, or choose "
    "another camera, and start again.",
    "failed": "The camera could not be started, for the reason that stands in the picture's place. Start again, or "
    "take single shots instead.",
}


def problem(container: str, press: int) -> str | None:
    """What keeps the camera from being used, as a sentence; None where nothing does, or nothing is known yet.

    Args:
        container: key of the container in which the live picture stands.
        press: when the page's own start button was pressed, any number that grows; 0 before the first time.
    """
    told = _companion(
        key="live_camera_companion",
        data={"container": container, "press": press, "start": START_LABEL},
        on_problem_change=lambda: None,
    )
    return PROBLEMS.get(told.problem or "")
