"""Home: what Digitscope does, the model in use with its figures, and a tile per page."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import streamlit as st

from core.annotation import annotate
from core.reader import Reader
from core.synthesis.samples import sample_pages
from ui import resources
from ui.frame import PAGES, open_page
from ui.pictures import data_url
from ui.wording import model_figures


class Example(NamedTuple):
    """A page that was read: its picture with boxes as an address, what was read, and how long it took."""

    picture: str
    text: str
    milliseconds: float


def introduce() -> None:
    """What this is, and the first thing to do."""
    words, picture = st.columns([5, 6], gap="medium", vertical_alignment="center")
    with words:
        st.title("Handwritten numbers, read and explained")
        st.markdown(
            "Digitscope reads numbers that people write, one digit or a whole page of them. "
            "It says how sure it is of each digit and shows what the answer rests on."
        )
        if st.button("Draw a number", type="primary", icon=":material/draw:", key="home_draw"):
            st.switch_page("pages/draw.py")
    with picture:
        example = read_example(resources.reader())
        st.image(
            example.picture, width="stretch", alt=f"A page of handwriting, a box and a digit on each: {example.text}"
        )
        st.caption(f"A page of our own making, read by the model in use in {example.milliseconds:.0f} ms.")


@st.cache_data(show_spinner="Reading a page", hash_funcs={Reader: lambda reader: reader.classifier.card.tflite_sha256})
def read_example(reader: Reader) -> Example:
    """A page read by the model in use, and no other: nothing here is painted."""
    image = next(sample_pages()).page.image
    reading = reader.read(image)
    return Example(data_url(annotate(image, reading)), reading.text, reading.milliseconds)


def show_model() -> None:
    """The model in use, as its card tells it."""
    card = resources.card()
    st.header("The model in use")
    with st.container(horizontal=True, gap="small"):
        for label, figure in model_figures(card).items():
            st.metric(label, figure, border=True)
    created = datetime.fromisoformat(card.created)
    st.caption(
        f"{card.name}, made on {created:%B} {created.day}, {created.year}, learned from: {'; '.join(card.data)}."
    )


def show_pages() -> None:
    """A tile per page."""
    st.header("Where to go")
    with st.container(horizontal=True, gap="small"):
        for page in PAGES[1:]:
            with st.container(border=True, width=320, gap="xsmall"):
                st.page_link(page.path, label=f"**{page.title}**", icon=page.icon, width="stretch")
                st.caption(page.invitation)


with open_page("home"):
    introduce()
    show_model()
    show_pages()
