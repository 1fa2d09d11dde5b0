"""One page that was read: the picture with its digits marked, the numbers to copy, the steps, digit by digit."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal

import streamlit as st

from core.commands.pictures import Names
from core.reading import Line, Reading
from ui import answer, resources, steady_chart
from ui.desk import Desk
from ui.explaining import show_explanation
from ui.page_reading import View
from ui.presses import counted_presses
from ui.results import doubts, line_choice, picture_name
from ui.uploads import PageKey, page_label, shown_name
from ui.wording import percent, reading_sentence

LIST = "upload_page"
STEPS = "upload_steps"
STEP_SHARES = (1, 3)
LINES_PX = 330
LINES_SHOWN = 7


def choose_page(desk: Desk) -> PageKey | None:
    """The page to look at; with several there is a list, and buttons to the neighbors."""
    pages = desk.tray.pages
    if not pages:
        return None
    if desk.shown not in pages:
        desk.shown = pages[0]
    with st.spinner("Reading"):
        desk.settle()
    if len(pages) == 1:
        return desk.shown
    st.header("Page by page")
    here, choice = pages.index(desk.shown), _list_of_pages(desk.shown)
    with (
        counted_presses("upload") as buttons,
        st.container(horizontal=True, gap="small", vertical_alignment="bottom"),
    ):
        st.selectbox(
            "Look at",
            pages,
            here,
            format_func=lambda key: page_label(desk.tray.upload(key.file), key),
            key=choice,
            on_change=lambda: _choose(desk, choice),
            width=420,
        )
        for step, name, icon in ((-1, "Previous", ":material/chevron_left:"), (1, "Next", ":material/chevron_right:")):
            edge = not 0 <= here + step < len(pages)
            buttons.add(name, partial(_go, desk, step), icon=icon, key=f"upload_{name}", disabled=edge)
    return desk.shown


def show_page(desk: Desk, key: PageKey) -> View | None:
    """A page with its digits marked, and its numbers; it is read first where it is not read yet.

    Returns:
        The page, for `show_way`; None where it cannot be read, which the list of errors tells.
    """
    with st.spinner("Reading"):
        view = desk.open(key, with_steps=bool(st.session_state.get(STEPS)))
    outcome, upload = desk.outcome(key), desk.tray.upload(key.file)
    if view is None or outcome is None or outcome.reading is None:
        st.markdown("There is no picture to show; the reason stands above.")
        _offer_removal(desk, key)
        steady_chart.forget(answer.BARS)
        return None
    reading = outcome.reading
    with st.container(key="stacked_early"):
        picture, numbers = st.columns([3, 2], gap="medium")
    with picture:
        numbers_in_words = ", ".join(line.text for line in reading.lines) or "no number"
        alt = f"{shown_name(upload.name)} with a box around each digit and the answer above it: {numbers_in_words}."
        st.image(view.picture, width="stretch", alt=alt)
        if reading.lines:
            st.caption("A whole box: sure. A dashed box: not sure. A box with `?`: no digit that can be read.")
    with numbers:
        _show_numbers(reading)
        _show_actions(desk, key)
    return view


def show_way(desk: Desk, key: PageKey, view: View) -> None:
    """How the numbers of a page came about: digit by digit, and step by step."""
    outcome = desk.outcome(key)
    if outcome and outcome.reading and outcome.reading.lines:
        _show_digits(outcome.reading, key)
    else:
        steady_chart.forget(answer.BARS)
    _show_steps(view)


def _show_numbers(reading: Reading) -> None:
    """The numbers as text to copy, and how sure each line is."""
    if not reading.lines:
        st.subheader("No number found")
        st.markdown(
            "Nothing in this picture looks like handwritten digits to the model. Is the sheet upright, and in focus? "
            "The settings may help with faint pencil or light writing on a dark ground."
        )
        return
    with st.container(key="upload_numbers"):
        st.code(reading.text, language=None, wrap_lines=True)
    if len(reading.lines) == 1:
        st.markdown(reading_sentence(reading))
    else:
        height: int | Literal["content"] = LINES_PX if len(reading.lines) > LINES_SHOWN else "content"
        with st.container(height=height, border=False, key="upload_lines"):
            st.markdown(_line_table(reading))
    st.caption(f"Read in {reading.milliseconds:.0f} ms with the model {reading.model}.")


def _line_table(reading: Reading) -> str:
    """The lines as a Markdown table; what is doubtful has a column of its own where there is anything."""
    notes = [doubts(line) for line in reading.lines]
    head = ["| Line | Number | Confidence |", "|---:|:---|---:|"]
    rows = [
        f"| {number} | **{line.text}** | {percent(line.confidence)} |" for number, line in enumerate(reading.lines, 1)
    ]
    if any(notes):
        head = [f"{head[0]} Note |", f"{head[1]}:---|"]
        rows = [f"{row} {note} |" for row, note in zip(rows, notes, strict=True)]
    return "\n".join([*head, *rows])


def _show_actions(desk: Desk, key: PageKey) -> None:
    upload = desk.tray.upload(key.file)
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Picture (PNG)",
            partial(desk.annotated_png, key),
            f"{picture_name(upload, key, Names())}.png",
            "image/png",
            key="upload_png",
            help="The page with its digits marked.",
            on_click="ignore",
            icon=":material/download:",
        )
        _offer_removal(desk, key)


def _offer_removal(desk: Desk, key: PageKey) -> None:
    st.button(
        "Remove file",
        icon=":material/delete:",
        key="upload_remove",
        on_click=desk.remove,
        args=(key.file,),
        help="Takes this file off the list.",
    )


def _show_digits(reading: Reading, key: PageKey) -> None:
    """One digit of one line, as on the Draw page: a chart for each of a hundred digits would help nobody."""
    st.subheader("Digit by digit")
    line = _chosen_line(reading, key)
    with st.container():
        part = replace(reading, lines=(line,), steps=())
        digit = answer.show_digits(part, f"upload_{key.file}_{key.page}_{reading.lines.index(line)}")
        if st.toggle("Show what decided", key="upload_explain", persist_state="session"):
            show_explanation(resources.reader().classifier, digit)


def _chosen_line(reading: Reading, key: PageKey) -> Line:
    if len(reading.lines) == 1:
        return reading.lines[0]
    least_sure = min(range(len(reading.lines)), key=lambda i: reading.lines[i].confidence)
    choice = line_choice(key, len(reading.lines))
    st.session_state.setdefault(choice, least_sure)
    chosen = st.selectbox(
        "Line",
        range(len(reading.lines)),
        format_func=lambda i: f"{i + 1}: {reading.lines[i].text}",
        key=choice,
        width=300,
    )
    return reading.lines[chosen]


def _show_steps(view: View) -> None:
    """The way from the picture to the lines; made only where it is opened."""
    with st.expander("Step by step", icon=":material/footprint:", key=STEPS, on_change="rerun"):
        if not view.steps:
            return
        for number, step in enumerate(view.steps, 1):
            words, picture = st.columns(STEP_SHARES, gap="medium")
            words.markdown(f"**{number}. {step.name}**\n\n{step.purpose}")
            picture.image(step.picture, width="stretch", alt=f"{step.name}: {step.purpose}")


def _list_of_pages(shown: PageKey) -> str:
    """The key of the list to choose from: another one whenever a page was opened by other means.

    A browser that has not heard of the new page yet tells the old one, as if that had been chosen.
    """
    number, known = st.session_state.get(LIST, (0, None))
    if known != shown:
        number += 1
    st.session_state[LIST] = number, shown
    return _list_key(number)


def _list_key(number: int) -> str:
    return f"{LIST}_{number}"


def _choose(desk: Desk, choice: str) -> None:
    """Open what was chosen; the list stays, and with it the keyboard's place. One that was replaced says nothing."""
    number, _ = st.session_state[LIST]
    if choice == _list_key(number):
        desk.shown = st.session_state[choice]
        st.session_state[LIST] = number, desk.shown


def _go(desk: Desk, step: int) -> None:
    """So many pages on from the one that is shown now, which may be another than when the button was drawn."""
    pages = desk.tray.pages
    if desk.shown in pages:
        desk.shown = pages[min(max(pages.index(desk.shown) + step, 0), len(pages) - 1)]
