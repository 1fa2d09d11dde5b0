"""Presses that come faster than the page runs. That a browser tells of them is seen in one: tests/e2e/test_draw.py."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ui import presses


class Page:
    """A page with three buttons, which can be run, and which a browser can tell of presses."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.session: dict[str, Any] = {}
        self.done: list[str] = []
        self.tell: Callable[[], None]
        self.place = ""
        self.shown: list[str] = []
        self.known_as = ""
        monkeypatch.setattr(presses, "_companion", self._companion)
        monkeypatch.setattr(presses, "st", SimpleNamespace(session_state=self.session, button=lambda *_, **__: None))
        self.run("a", "b", "c")

    def run(self, *keys: str, name: str = "desk") -> None:
        with presses.counted_presses(name) as buttons:
            for key in keys:
                buttons.add(key, lambda key=key: self.done.append(key), key=key)  # type: ignore[misc]

    def hear(self, last: int, *keys: str) -> None:
        row = [[last - len(keys) + number, key] for number, key in enumerate(keys, 1)]
        self.session[self.place] = SimpleNamespace(presses={"session": self.known_as, "row": row})
        self.tell()

    def _companion(self, *, key: str, data: dict[str, Any], on_presses_change: Callable[[], None]) -> None:
        self.place, self.tell = key, on_presses_change
        self.shown, self.known_as = data["buttons"], data["session"]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    return Page(monkeypatch)


def test_the_browser_listens_to_the_buttons_that_are_there(page: Page) -> None:
    assert page.shown == ["a", "b", "c"]


def test_presses_that_come_together_all_count_in_their_order(page: Page) -> None:
    page.hear(4, "c", "a", "a", "b")

    assert page.done == ["c", "a", "a", "b"]


def test_only_what_was_not_told_before_counts(page: Page) -> None:
    page.hear(2, "a", "b")
    page.run("a", "b", "c")
    page.hear(5, "a", "b", "b", "b", "c")
    page.hear(5, "a", "b", "b", "b", "c")

    assert page.done == ["a", "b", "b", "b", "c"]


def test_numbers_that_are_missing_hold_up_nothing(page: Page) -> None:
    page.hear(90, "a", "b")

    assert page.done == ["a", "b"]


def test_a_press_of_a_button_that_is_gone_does_nothing(page: Page) -> None:
    page.run("a")
    page.hear(2, "b", "a")

    assert page.done == ["a"]


def test_what_was_pressed_before_the_server_started_anew_is_not_done_again(page: Page) -> None:
    page.known_as = "the session before"
    page.hear(7, "a", "b")

    assert page.done == []


def test_the_presses_of_one_page_are_not_done_again_by_another_with_such_a_button(page: Page) -> None:
    page.hear(2, "a", "b")
    page.run("b", name="another desk")
    page.hear(3, "a", "b", "b")

    assert page.done == ["a", "b", "b"]
