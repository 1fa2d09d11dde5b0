"""What a visitor may set about the live picture."""

from __future__ import annotations

import streamlit as st

from core.live import LiveSettings

_DEFAULTS = LiveSettings()
# In a camera's 480 lines, the frame then has room for a digit of 48 pixels, the smallest that reads well, and as much
# around it.
LEAST_SHARE = 20
_START = {
    "live_width": round(100 * _DEFAULTS.guide_wh[0]),
    "live_height": round(100 * _DEFAULTS.guide_wh[1]),
    "live_minimum": round(100 * _DEFAULTS.minimum_confidence),
    "live_mirrored": _DEFAULTS.mirrored,
}


def choose_settings(*, live: bool) -> LiveSettings:
    """The settings, in an expander; without those of the live picture where there is none."""
    for key, value in _START.items():
        st.session_state.setdefault(key, value)
    settings = st.expander("Settings", icon=":material/tune:", key="live_settings")
    with settings, st.container(horizontal=True, gap="medium"):
        guide_wh = _DEFAULTS.guide_wh
        if live:
            with st.container(width=260):
                guide_wh = _share("Width of the frame", "live_width"), _share("Height of the frame", "live_height")
        with st.container(width=260):
            minimum = st.slider(
                "Least confidence",
                0,
                99,
                format="%d%%",
                key="live_minimum",
                help="A digit less sure than this is shown as `?`"
                + ("; a number of mostly such digits is not shown." if live else "."),
                persist_state="session",
            )
            mirrored = live and st.toggle(
                "Mirror",
                key="live_mirrored",
                help="Show the picture as a mirror would. The numbers are read the same.",
                persist_state="session",
            )
    return LiveSettings(guide_wh=guide_wh, mirrored=mirrored, minimum_confidence=minimum / 100)


def _share(label: str, key: str) -> float:
    percent: int = st.slider(
        label,
        LEAST_SHARE,
        100,
        step=5,
        format="%d%%",
        key=key,
        help="Only what lies in the bright frame is read. A smaller one keeps other things out.",
        persist_state="session",
    )
    return percent / 100
