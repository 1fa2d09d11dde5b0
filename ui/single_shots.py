"""Single shots: the camera without WebRTC, for networks that let no live picture through."""

from __future__ import annotations

from math import prod

import streamlit as st

from core.annotation import annotate
from core.images import decode
from core.reader import ReadSettings
from ui import answer, resources
from ui.camera_check import problem
from ui.kept import keep


def take_shots(minimum_confidence: float) -> None:
    """Take a shot, have it read, keep it."""
    picture, number = st.columns([3, 2], gap="medium")
    with picture:
        hindrance = problem("live_shots", 0)
        if hindrance:
            st.warning(hindrance, icon=":material/no_photography:")
        shot = st.camera_input("Hold the sheet so that it fills the picture", key="live_shot")
    if shot is None:
        with number:
            st.subheader("Take a shot", anchor=False)
            st.markdown("It is read at once. Each shot is a picture of its own; nothing else is sent.")
        return
    image = decode(shot.getvalue(), "camera shot")
    reading = resources.reader().read(image, ReadSettings(minimum_confidence=minimum_confidence))
    marked = annotate(image, reading)
    with picture:
        numbers = ", ".join(line.text for line in reading.lines) or "no number"
        st.image(marked, width="stretch", output_format="JPEG", alt=f"The shot with what was read: {numbers}.")
    with number:
        if not reading.lines:
            st.subheader("No number found", anchor=False)
            st.markdown("Closer, sharper, or more light may help; and little else in the picture.")
            return
        answer.show_number(reading)
        if st.button("Keep this number", icon=":material/bookmark_add:", key="live_keep_shot"):
            keep(reading.text, prod(line.confidence for line in reading.lines), marked)
