"""What a visitor may set about reading; everything is automatic until it is touched."""

from __future__ import annotations

import streamlit as st

from core.reader import ReadSettings
from core.segmentation.settings import InkChoice, PolarityChoice, SegmentationSettings

POLARITIES: dict[PolarityChoice, str] = {
    "auto": "Automatic",
    "dark": "Dark on light",
    "light": "Light on dark",
}
INKS: dict[InkChoice, str] = {
    "auto": "Automatic",
    "faint": "Faint pencil too",
    "normal": "Clear strokes",
    "strict": "Only the darkest",
    "broad": "Only the broadest",
}
_DEFAULTS = {
    "upload_polarity": "auto",
    "upload_ink": "auto",
    "upload_rules": True,
    "upload_cuts": True,
    "upload_minimum": 0,
}


def choose_settings() -> ReadSettings:
    """The settings, as an expander that says whether any was changed."""
    for key, value in _DEFAULTS.items():
        st.session_state.setdefault(key, value)
    changed = any(st.session_state[key] != value for key, value in _DEFAULTS.items())
    label = "Settings: changed" if changed else "Settings: automatic"
    with st.expander(label, icon=":material/tune:", key="upload_settings"):
        st.caption("What is read anew shows at once. Leave all of it automatic unless a picture is read badly.")
        with st.container(horizontal=True, gap="medium"):
            with st.container(width=300):
                polarity = _polarity()
                ink = _ink()
            with st.container(width=300):
                rules, cuts = _switches()
                minimum = st.slider(
                    "Least confidence",
                    0,
                    99,
                    format="%d%%",
                    key="upload_minimum",
                    help="A digit less sure than this is answered as `?`. At 0% every digit gets its best guess.",
                    persist_state="session",
                )
        st.button(
            "Back to automatic",
            icon=":material/restart_alt:",
            key="upload_automatic",
            disabled=not changed,
            on_click=_back_to_automatic,
        )
    segmentation = SegmentationSettings(polarity=polarity, ink=ink, rules=rules, cuts=cuts)
    return ReadSettings(segmentation=segmentation, minimum_confidence=minimum / 100)


def _polarity() -> PolarityChoice:
    return st.selectbox(
        "Writing",
        list(POLARITIES),
        format_func=POLARITIES.__getitem__,
        key="upload_polarity",
        help="Whether the pen is darker or lighter than the paper. Automatic takes whichever reads better.",
        persist_state="session",
    )


def _ink() -> InkChoice:
    return st.selectbox(
        "Strokes",
        list(INKS),
        format_func=INKS.__getitem__,
        key="upload_ink",
        help="How dark a stroke must be to count. Pale pencil needs less, printed patterns need more; where "
        "they are as dark as the pen, only broad strokes tell. Automatic tries what is needed.",
        persist_state="session",
    )


def _switches() -> tuple[bool, bool]:
    """Whether rules are taken out, and whether touching digits are cut."""
    rules = st.toggle(
        "Take out ruled lines",
        key="upload_rules",
        help="Ruled lines, squares and underlines are removed where there are any, and the strokes they cross mended.",
        persist_state="session",
    )
    cuts = st.toggle(
        "Cut touching digits apart",
        key="upload_cuts",
        help="Digits that run into each other are cut where both halves read best, and broken ones joined. "
        "Without it every connected stroke counts as one digit.",
        persist_state="session",
    )
    return rules, cuts


def _back_to_automatic() -> None:
    st.session_state.update(_DEFAULTS)
