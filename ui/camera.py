"""The live picture over WebRTC: the only file that knows streamlit-webrtc and av.

Frames come in a thread of streamlit-webrtc's, which draws and sends them back; nothing of Streamlit is used there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import av
import numpy as np
import streamlit as st
from streamlit_webrtc import MediaStreamConstraints, Translations, WebRtcMode, webrtc_streamer

from ui.camera_check import START_LABEL
from ui.live_stage import Connection
from ui.viewer import Viewer

# Digits a tenth as high as this picture can be read; a larger one would only be slower on its way.
WIDTH, HEIGHT = 640, 480
FRAMES_PER_SECOND = 30

_CONSTRAINTS = MediaStreamConstraints(
    audio=False,
    video={
        "width": {"ideal": WIDTH},
        "height": {"ideal": HEIGHT},
        "frameRate": {"ideal": FRAMES_PER_SECOND, "max": FRAMES_PER_SECOND},
        # A phone's camera that looks away from its owner sees the sheet.
        "facingMode": {"ideal": "environment"},
    },
)
_WORDS = Translations(
    start=START_LABEL,
    stop="Stop",
    select_device="Choose camera",
    select_camera="Choose camera",
    media_api_not_available="This browser gives no page a camera.",
    device_ask_permission="Your browser asks whether this page may use the camera. Please allow it.",
    device_not_available="The camera gives no picture.",
    device_access_denied="The camera was not allowed.",
)


def stream(key: str, viewer: Viewer, servers: list[dict[str, Any]], on_change: Callable[[], None]) -> None:
    """The live picture with its buttons; every frame goes through `viewer.show`.

    Args:
        key: of the component.
        viewer: what frames are shown to.
        servers: STUN and TURN servers, as browsers take them.
        on_change: called when the connection changes, before the page runs.
    """
    webrtc_streamer(
        key,
        WebRtcMode.SENDRECV,
        rtc_configuration={"iceServers": servers},
        media_stream_constraints=_CONSTRAINTS,
        video_frame_callback=partial(_shown, viewer),
        video_html_attrs={"autoPlay": True, "controls": False, "muted": True, "style": {"width": "100%"}},
        translations=_WORDS,
        on_change=on_change,
        sendback_audio=False,
        # A switch that sends black frames would only compete with Stop and Freeze.
        media_toggle_controls=False,
    )


def connection(key: str) -> Connection:
    """How the connection of the component `key` stands."""
    state = st.session_state[key].state
    return "connected" if state.playing else "connecting" if state.signalling else "off"


def _shown(viewer: Viewer, frame: av.VideoFrame) -> av.VideoFrame:
    pixels = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    return av.VideoFrame.from_ndarray(viewer.show(pixels), format="rgb24")
