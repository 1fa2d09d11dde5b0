"""Buttons that people press again before the page has answered: every press counts, in the order they were made.

    with counted_presses("draw") as buttons:
        buttons.add("Undo", undo, key="draw_undo")

Streamlit tells which buttons were pressed since the page last ran: not how often, nor in which order. On a busy machine
two quick presses are one. A companion in the browser (`presses.js`) keeps them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from uuid import uuid4

import streamlit as st

SESSION, HEARD = "presses_of_session", "presses_heard"
"""In the session: its own name, by which the browser knows it from one before, and the last press it has heard of."""
STYLE = '<style>[class*="st-key-presses_"] { position: absolute; width: 0 !important; overflow: hidden; }</style>'
"""For `st.html`, once on every page: what counts takes no room."""

_companion = st.components.v2.component(
    "digitscope.presses", html="<span></span>", js=Path(__file__).with_name("presses.js").read_text("utf-8")
)


class Buttons:
    """The buttons of one part of a page."""

    def __init__(self) -> None:
        self.actions: dict[str, Callable[[], None]] = {}

    def add(
        self,
        label: str,
        action: Callable[[], None],
        *,
        key: str,
        icon: str | None = None,
        disabled: bool = False,
        type: Literal["secondary", "tertiary"] = "secondary",  # noqa: A002  # as Streamlit calls it
    ) -> None:
        """Show a button; `action` is called once for each press, before the page runs again."""
        self.actions[key] = action
        # Where the companion is not there yet, the button tells of itself; where it is, it never hears of a press.
        st.button(label, icon=icon, key=key, on_click=action, disabled=disabled, type=type)


@contextmanager
def counted_presses(name: str) -> Iterator[Buttons]:
    """Buttons to be added, with a name for all of them in the session."""
    buttons = Buttons()
    yield buttons
    place = f"presses_{name}"
    session: str = st.session_state.setdefault(SESSION, uuid4().hex)

    def on_presses() -> None:
        told = st.session_state[place].presses
        if told["session"] != session:
            return
        for number, key in told["row"]:
            if number > st.session_state.get(HEARD, 0):
                st.session_state[HEARD] = number
                buttons.actions.get(key, lambda: None)()

    data = {"name": name, "buttons": list(buttons.actions), "session": session}
    _companion(key=place, data=data, on_presses_change=on_presses)
