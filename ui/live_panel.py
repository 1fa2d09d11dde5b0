"""Beside the live picture: the number in large type, what to do for one, and how the stream does."""

from __future__ import annotations

import streamlit as st

from core.live import LiveView, Scene
from ui.answer import show_large
from ui.viewer import Figures, Viewer
from ui.wording import confidence_in_words, sentence_of

REFRESH_S = 0.25

HINTS: dict[Scene, tuple[str, str]] = {
    "empty": ("Nothing to read yet", "Hold a number inside the bright frame."),
    "moving": ("Hold still", "It is read as soon as the picture rests."),
    "crowded": (
        "Too much at once",
        "Bring the number closer, or make the frame smaller: little else may be in it.",
    ),
    "unclear": ("Looking", "What is in the frame is not surely a number: closer, sharper, or more light may help."),
    "numbers": ("Looking", ""),
}
STARTING = "The picture is on its way. If your browser asks for the camera, allow it."
OFF = "Start the camera to read with it."


def show_reading(viewer: Viewer, *, awaited: bool) -> None:
    """What is read now; always in the same slots, so that nothing flickers or jumps.

    Args:
        viewer: whose picture it is.
        awaited: whether the picture may still come.
    """
    view, figures = viewer.view(), viewer.figures()
    with st.container(key="live_number"):
        if view.text:
            show_large(view.text)
            st.markdown(_sentence(view))
        else:
            off = ("Starting", STARTING) if awaited else ("No picture", OFF)
            title, hint = HINTS[view.scene] if figures.running else off
            st.subheader(title, anchor=False)
            st.markdown(hint)


def show_figures(figures: Figures, state: str) -> None:
    """How the stream does, in four figures."""
    with st.container(horizontal=True, gap="small", key="live_figures"):
        st.metric("Frames a second", f"{figures.frames_per_second:.0f}")
        st.metric("Read in", f"{figures.read_ms:.0f} ms", help="Median of the last frames that were read.")
        st.metric("Drawn in", f"{figures.draw_ms:.1f} ms")
        st.metric(
            "Frames not read",
            f"{figures.dropped:,}",
            help="While one frame is read, newer ones come; only the newest is read next. All of them are shown.",
        )
    st.caption(f"Connection: {state}.")


def _sentence(view: LiveView) -> str:
    unsure = [digit.text for digit in view.digits if digit.verdict == "unsure"]
    unreadable = sum(digit.verdict == "unreadable" for digit in view.digits)
    notes = confidence_in_words(view.digits)
    if unsure:
        notes.append(f"not sure about the {' and the '.join(unsure)}")
    if unreadable:
        notes.append(f"{unreadable} {'mark' if unreadable == 1 else 'marks'} that cannot be read (`?`)")
    return sentence_of(notes)
