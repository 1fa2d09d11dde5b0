"""What stands beside the canvas, on a page of its own, where another canvas is mounted when a test wants it."""

from __future__ import annotations

from base64 import b64encode

import pytest
from playwright.sync_api import Page

from tests.e2e.browser import ROOT

pytestmark = pytest.mark.e2e

SCRIPT = b64encode((ROOT / "ui" / "canvas.js").read_bytes()).decode()
CANVAS = """
  window.mount = () => {
    const host = document.createElement("div")
    host.attachShadow({ mode: "open" }).innerHTML =
      '<div class="dc-root"><div class="dc-container"><canvas class="upper-canvas"></canvas></div></div>'
    document.querySelector(".st-key-sheet").replaceChildren(host)
  }
  window.hint = () => {
    const root = document.querySelector(".st-key-sheet div").shadowRoot
    return root.querySelector(".dc-container").dataset.hint ?? null
  }
  window.told = []
"""
RUN = f"""async (data) => {{
  window.companion ??= (await import("data:text/javascript;base64,{SCRIPT}")).default
  const given = {{ container: "sheet", hint: "Write here", paper: "white", hintColor: "gray", label: "Sheet", ...data }}
  window.companion({{ data: given, setTriggerValue: (name) => told.push(name) }})
}}"""


@pytest.fixture
def sheet(page: Page) -> Page:
    """A page with a canvas on it, of which the companion has been run."""
    page.set_content('<div class="st-key-sheet"></div>')
    page.evaluate(CANVAS)
    page.evaluate("mount()")
    page.evaluate(RUN, {"mark": "#00000100", "empty": False})
    return page


def test_the_first_canvas_and_one_that_was_given_another_drawing_are_not_told(sheet: Page) -> None:
    sheet.evaluate(RUN, {"mark": "#00000100", "empty": False})
    sheet.evaluate("mount()")
    sheet.evaluate(RUN, {"mark": "#00000200", "empty": True})
    sheet.wait_for_timeout(600)

    assert sheet.evaluate("told") == []
    assert sheet.evaluate("hint()") == "Write here"


def test_another_canvas_with_the_same_drawing_is_told_once_and_dressed(sheet: Page) -> None:
    sheet.evaluate(RUN, {"mark": "#00000100", "empty": False})  # the run before is still there
    sheet.wait_for_timeout(100)
    sheet.evaluate("mount()")

    sheet.get_by_role("img", name="Sheet").wait_for()
    sheet.wait_for_timeout(600)
    assert sheet.evaluate("told") == ["mounted"]


def test_the_hint_does_not_come_back_under_the_pen(sheet: Page) -> None:
    sheet.evaluate(RUN, {"mark": "#00000100", "empty": True})
    assert sheet.evaluate("hint()") == "Write here"

    sheet.locator(".upper-canvas").dispatch_event("pointerdown", {"composed": True, "bubbles": True})
    sheet.wait_for_timeout(600)

    assert sheet.evaluate("hint()") is None
