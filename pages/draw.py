"""Draw: write a number on a sheet; it is read whenever the pen is lifted."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.images import from_rgba
from core.reader import CANVAS_SETTINGS, Reader
from core.reading import Reading
from core.synthesis.samples import CANVAS_SIDE, sample_drawings
from ui import answer, canvas, resources, steady_chart
from ui.explaining import show_explanation
from ui.frame import name_model, open_page, sentence_instead_of_traceback
from ui.pictures import data_url, sketch
from ui.presses import Buttons, counted_presses

SHEET = "draw_sheet"
BRUSH_RANGE_PX = (8, 28)
# On a 280-pixel sheet about the share of the digit's height that MNIST's strokes have.
BRUSH_PX = 16
SAMPLE_PX = 92
SAMPLE_BRUSH_PX = 13


@st.fragment
def sheet_and_answer() -> None:
    """The part of the page that runs again with every stroke."""
    with (
        sentence_instead_of_traceback(),
        counted_presses("draw") as buttons,
        st.container(horizontal=True, gap="medium"),
    ):
        with st.container(width="content", key="draw_desk"):
            drawing = desk(buttons)
        with st.container(width=answer_width(), key="draw_answer"):
            # The same slots whatever stands in them: strokes come faster than a browser draws; what moves, flickers.
            number, digits, samples = st.container(), st.container(), st.container()
        with samples:
            offer_samples(buttons)
        if drawing is None:
            steady_chart.forget(answer.BARS)
            with number:
                invite()
        else:
            read(drawing, number, digits)


def desk(buttons: Buttons) -> canvas.Drawing | None:
    """The sheet and its tools."""
    drawing = canvas.draw(SHEET, sheet_size(), int(st.session_state.get("draw_brush", BRUSH_PX)))
    empty = canvas.is_empty(SHEET)
    with st.container(horizontal=True, gap="small"):
        for label, icon, action in (("Undo", "undo", canvas.undo), ("Clear", "delete", canvas.clear)):
            buttons.add(
                label, partial(action, SHEET), icon=f":material/{icon}:", disabled=empty, key=f"draw_{label.lower()}"
            )
    st.slider(
        "Brush",
        *BRUSH_RANGE_PX,
        BRUSH_PX,
        key="draw_brush",
        format="%d px",
        help="How thick the pen writes. Thin and thick are read alike.",
        persist_state="session",
        width=canvas.SQUARE.width,
    )
    with st.container(key="wide_screen_only_draw"):
        st.toggle(
            "Wide sheet",
            key="draw_wide",
            help="More room for long numbers.",
            on_change=lambda: canvas.fit(SHEET, sheet_size()),
            persist_state="session",
        )
    return drawing


def sheet_size() -> canvas.Sheet:
    """The sheet that was chosen."""
    return canvas.WIDE if st.session_state.get("draw_wide") else canvas.SQUARE


def answer_width() -> int:
    """Room for a digit's picture and its chart in pixels; where it is not left beside the sheet, they go below."""
    return answer.WIDTH_PX if sheet_size() == canvas.SQUARE else canvas.WIDE.width


def invite() -> None:
    """What to do with an empty sheet."""
    st.subheader("Write a number on the sheet", anchor=False)
    st.markdown(
        "One digit or many, on one line or several, with a mouse, a finger or a pen. "
        "It is read each time you lift the pen, and you see how sure the model is and why."
    )


def read(drawing: canvas.Drawing, number: DeltaGenerator, digits: DeltaGenerator) -> None:
    """The number on the sheet, and how it was read, each in its slot."""
    reader = resources.reader()
    name_model(reader.classifier.name)
    reading = reading_of(drawing, reader)
    with number:
        if not reading.lines:
            steady_chart.forget(answer.BARS)
            st.subheader("Not a digit", anchor=False)
            st.markdown("Nothing on the sheet looks like a digit to this model. Write on, or clear the sheet.")
            return
        answer.show_number(reading)
    with digits:
        digit = answer.show_digits(reading, "draw")
        if st.toggle("Show what decided", key="draw_explain", persist_state="session"):
            show_explanation(reader.classifier, digit, drawing.strokes_in(digit.box))
        st.caption(f"Read in {reading.milliseconds:.0f} ms with the model {reading.model}.")


def reading_of(drawing: canvas.Drawing, reader: Reader) -> Reading:
    """What is on the sheet, read once: a page that is quickly done takes the next press of a button sooner."""
    kept: tuple[canvas.Drawing, Reader, Reading] | None = st.session_state.get("draw_reading")
    if kept is None or kept[0] is not drawing or kept[1] is not reader:
        kept = drawing, reader, reader.read(from_rgba(drawing.rgba), CANVAS_SETTINGS)
        st.session_state["draw_reading"] = kept
    return kept[2]


def offer_samples(buttons: Buttons) -> None:
    """Drawings to try with one click."""
    st.markdown("**Try one of these**")
    with st.container(horizontal=True, gap="small", key="bare_pictures_draw"):
        for name, picture in sample_pictures().items():
            with st.container(width=SAMPLE_PX, gap="xsmall", horizontal_alignment="center"):
                st.image(picture, width=SAMPLE_PX, alt="")
                buttons.add(name, partial(take, name), key=f"draw_sample_{name.replace(' ', '_')}", type="tertiary")


def take(name: str) -> None:
    """Put a sample in the middle of the sheet."""
    shift = np.array([(sheet_size().width - CANVAS_SIDE) / 2, 0], np.float32)
    canvas.put(SHEET, tuple(stroke + shift for stroke in sample_drawings()[name]), SAMPLE_BRUSH_PX)


@st.cache_data(show_spinner=False)
def sample_pictures() -> dict[str, str]:
    """The samples as small pictures, by name."""
    size_wh = CANVAS_SIDE, CANVAS_SIDE
    return {name: data_url(sketch(strokes, size_wh, SAMPLE_BRUSH_PX)) for name, strokes in sample_drawings().items()}


with open_page("draw") as page:
    st.title(page.title, anchor=False)
    sheet_and_answer()
