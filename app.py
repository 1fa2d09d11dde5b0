"""Home: what Digitscope does, the model in use with its figures, and a tile per page."""

from __future__ import annotations

from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui import resources
from ui.example import show_example
from ui.frame import PAGES, open_page
from ui.trust import show_trust
from ui.wording import learned_from, model_figures


def introduce() -> DeltaGenerator:
    """What this is, and the first thing to do. Returns the place beside it, for the example."""
    words, beside = st.columns([5, 6], gap="medium", vertical_alignment="center")
    with words:
        st.title("Handwritten numbers, read and explained", anchor=False)
        st.markdown(
            "Digitscope reads numbers that people write, one digit or a whole page of them. "
            "It says how sure it is of each digit and shows what the answer rests on."
        )
        if st.button("Draw a number", type="primary", icon=":material/draw:", key="home_draw"):
            st.switch_page("pages/draw.py")
    return beside


def show_model() -> None:
    """The model in use, as its card tells it."""
    card = resources.card()
    st.header("The model in use", anchor=False)
    with st.container(horizontal=True, gap="small"):
        for label, figure in model_figures(card).items():
            st.metric(label, figure, border=True)
    created = datetime.fromisoformat(card.created)
    learned = learned_from(card)
    count = sum(pictures or 0 for pictures in learned.values())
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(f"{card.name}, made on {created:%B} {created.day}, {created.year}.", width="content")
        with st.popover(f"Learned from {count:,} pictures" if count else "Learned from", icon=":material/school:"):
            st.markdown(
                "\n".join(f"- {name}" + (f": {pictures:,}" if pictures else "") for name, pictures in learned.items())
            )
    show_trust(card)


def show_pages() -> None:
    """A tile per page, two in a row."""
    st.header("Where to go", anchor=False)
    with st.container(key="tiles"):
        for page in PAGES[1:]:
            with st.container(border=True, gap="xsmall", key=f"tile_{page.key}"):
                st.page_link(page.path, label=f"**{page.title}**", icon=page.icon, width="stretch")
                st.caption(page.invitation)


with open_page("home"):
    place = introduce()
    show_model()
    show_pages()
    # Last, so that nothing waits for it.
    with place:
        show_example()
