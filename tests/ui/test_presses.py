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
        self.shown: list[str] = []
        monkeypatch.setattr(presses, "_companion", self._companion)
        monkeypatch.setattr(presses, "st", SimpleNamespace(session_state=self.session, button=lambda *_, **__: None))
        self.run("a", "b", "c")

    def run(self, *keys: str) -> None:
        with presses.counted_presses("desk") as buttons:
            for key in keys:
                buttons.add(key, lambda key=key: self.done.append(key), key=key)  # type: ignore[misc]

    def hear(self, count: int, *keys: str) -> None:
        self.session["presses_desk"] = SimpleNamespace(presses={"count": count, "keys": list(keys)})
        self.tell()

    def _companion(self, *, key: str, data: dict[str, Any], on_presses_change: Callable[[], None]) -> None:
        assert (key, data["name"]) == ("presses_desk", "desk")
        self.shown, self.tell = data["buttons"], on_presses_change


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


def test_of_more_presses_than_are_kept_the_last_count(page: Page) -> None:
    page.hear(90, "a", "b")

    assert page.done == ["a", "b"]


def test_a_press_of_a_button_that_is_gone_does_nothing(page: Page) -> None:
    page.run("a")
    page.hear(2, "b", "a")

    assert page.done == ["a"]
