"""The Draw page in a real browser: pen trajectories replayed with mouse and finger, and the number that is read."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core.pens import Strokes, draw_digit
from tests.e2e.browser import PATIENCE_MS, at_rest, digits_in_a_row, open_draw, write, write_with_finger

pytestmark = pytest.mark.e2e

expect.set_options(timeout=PATIENCE_MS)

SAMPLES = {"Crossed seven": "7", "Three digits": "308", "Year": "2026"}
PICTURE = """() => {
  for (const element of document.querySelectorAll(".st-key-draw_sheet_paper *")) {
    const canvas = element.shadowRoot?.querySelector(".dc-canvas")
    if (canvas) return canvas.toDataURL()
  }
}"""
"""What is drawn on the sheet, as the browser has it."""


def answer(page: Page) -> Locator:
    return page.get_by_test_id("answer")


def button(page: Page, name: str) -> Locator:
    """A button of the page's own; the canvas brings a hidden toolbar with buttons of the same names."""
    return page.get_by_test_id("stBaseButton-secondary").filter(has_text=name)


def sample(page: Page, name: str) -> Locator:
    return page.get_by_test_id("stBaseButton-tertiary").filter(has_text=name)


def one_stroke(digit: int, style: str, left: float) -> Strokes:
    """A digit written in a single stroke."""
    strokes = draw_digit(digit, np.random.default_rng(1), style)
    assert len(strokes) == 1
    return (strokes[0] * 100 + np.array([left, 90], np.float32),)


def test_an_empty_sheet_invites_and_has_nothing_to_undo(page: Page, address: str) -> None:
    open_draw(page, address)

    expect(page.get_by_role("heading", name="Write a number on the sheet")).to_be_visible()
    expect(button(page, "Undo")).to_be_disabled()
    expect(answer(page)).to_have_count(0)


@pytest.mark.parametrize("digit", range(10))
def test_a_digit_written_with_the_mouse_is_read(page: Page, address: str, digit: int) -> None:
    open_draw(page, address)
    write(page, digits_in_a_row(str(digit), height=150, left=80, top=60, gap=0, seed=digit))

    expect(answer(page)).to_have_text(str(digit))
    expect(page.get_by_text("What the model saw")).to_be_visible()


def test_several_digits_are_read_as_one_number(page: Page, address: str) -> None:
    open_draw(page, address)
    write(page, digits_in_a_row("305", height=90, left=20, top=90, gap=22, seed=2))

    expect(answer(page)).to_have_text("305")
    expect(page.get_by_role("radio")).to_have_count(3)


def test_several_lines_are_read_as_several_numbers(page: Page, address: str) -> None:
    open_draw(page, address)
    write(page, digits_in_a_row("48", height=85, left=40, top=30, gap=30, seed=3))
    write(page, digits_in_a_row("26", height=85, left=40, top=165, gap=30, seed=4))

    expect(answer(page)).to_have_text(re.compile(r"^48\s*26$"))


def test_each_stroke_is_read_without_running_the_whole_page_again(page: Page, address: str) -> None:
    open_draw(page, address)
    title = page.get_by_role("heading", name="Draw", exact=True)
    title.evaluate("element => element.dataset.seen = 'yes'")
    for left, text in ((30, "1"), (150, "17")):
        write(page, digits_in_a_row(text[-1], height=130, left=left, top=70, gap=0, seed=6))
        expect(answer(page)).to_have_text(text)

    expect(title).to_have_attribute("data-seen", "yes")


# From now on, in how many frames there were how many sets of bars: answer, runner-up and others.
_COUNT_BARS = """
() => {
  window.framesWithBars = {}
  const look = () => {
    const bars = [...document.querySelectorAll(".barlayer .trace")]
      .filter((trace) => trace.checkVisibility({ visibilityProperty: true })).length
    window.framesWithBars[bars] = (window.framesWithBars[bars] ?? 0) + 1
    requestAnimationFrame(look)
  }
  look()
}
"""


def test_the_probabilities_are_in_sight_in_every_frame_while_digits_are_added(page: Page, address: str) -> None:
    open_draw(page, address)
    write(page, digits_in_a_row("3", height=80, left=20, top=90, gap=0, seed=2))
    bars = page.get_by_role("figure", name="Probabilities as bars")
    expect(bars.locator(".barlayer .trace")).to_have_count(3)
    page.evaluate(_COUNT_BARS)

    for left, text in ((80, "30"), (150, "305"), (215, "3051")):
        write(page, digits_in_a_row(text[-1], height=80, left=left, top=90, gap=0, seed=2))
        expect(answer(page)).to_have_text(text)
        at_rest(page)
        page.wait_for_timeout(500)

    assert page.evaluate("() => Object.keys(window.framesWithBars)") == ["3"]


def test_undo_takes_back_one_stroke_after_another(page: Page, address: str) -> None:
    open_draw(page, address)
    for left, digit, style, text in ((15, 3, "smooth", "3"), (100, 6, "upright", "36"), (190, 0, "oval", "360")):
        write(page, one_stroke(digit, style, left))
        expect(answer(page)).to_have_text(text)
    undo = button(page, "Undo")

    for text in ("36", "3"):
        undo.click()
        expect(answer(page)).to_have_text(text)
    write(page, one_stroke(0, "oval", 160))
    expect(answer(page)).to_have_text("30")
    undo.click()
    expect(answer(page)).to_have_text("3")
    undo.click()
    expect(page.get_by_role("heading", name="Write a number on the sheet")).to_be_visible()


@pytest.mark.parametrize("pause_ms", [0, 100])
def test_quick_presses_of_undo_all_count(page: Page, address: str, pause_ms: int) -> None:
    open_draw(page, address)
    for left in (50, 110, 170, 230):
        write(page, (np.array([[left, 80], [left, 180]], np.float32),))
    expect(answer(page)).to_have_text(re.compile(r"^1 ?1 ?1 ?1$"))
    for _ in range(3):
        button(page, "Undo").click()
        page.wait_for_timeout(pause_ms)

    expect(answer(page)).to_have_text("1")
    at_rest(page)
    expect(answer(page)).to_have_text("1")


@pytest.mark.parametrize("last", ["Year", "Crossed seven"])
def test_of_samples_chosen_in_a_hurry_the_last_is_on_the_sheet_and_read(page: Page, address: str, last: str) -> None:
    open_draw(page, address)
    sample(page, last).click()
    expect(answer(page)).to_have_text(SAMPLES[last])
    at_rest(page)
    alone = page.evaluate(PICTURE)
    button(page, "Clear").click()
    expect(button(page, "Clear")).to_be_disabled()

    for name in (last, "Three digits", "Crossed seven", last):
        sample(page, name).click()

    expect(answer(page)).to_have_text(SAMPLES[last])
    at_rest(page)
    page.wait_for_timeout(1000)
    expect(answer(page)).to_have_text(SAMPLES[last])
    assert page.evaluate(PICTURE) == alone


def test_who_clears_the_sheet_and_leaves_at_once_finds_it_empty(page: Page, address: str) -> None:
    open_draw(page, address)
    sample(page, "Year").click()
    expect(answer(page)).to_have_text("2026")
    at_rest(page)

    button(page, "Clear").click()
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Write a number on the sheet")).to_have_count(0)
    page.get_by_role("link", name="Draw").first.click()

    expect(page.get_by_role("heading", name="Write a number on the sheet")).to_be_visible()
    at_rest(page)
    expect(answer(page)).to_have_count(0)


def test_clear_gives_a_new_sheet_to_write_on(page: Page, address: str) -> None:
    open_draw(page, address)
    write(page, digits_in_a_row("58", height=110, left=30, top=80, gap=30, seed=3))
    expect(answer(page)).to_have_text("58")

    button(page, "Clear").click()
    expect(page.get_by_role("heading", name="Write a number on the sheet")).to_be_visible()
    expect(button(page, "Clear")).to_be_disabled()
    write(page, digits_in_a_row("4", height=130, left=80, top=70, gap=0, seed=3))
    expect(answer(page)).to_have_text("4")


@pytest.mark.parametrize(("name", "text"), SAMPLES.items())
def test_a_sample_is_read_with_one_click(page: Page, address: str, name: str, text: str) -> None:
    open_draw(page, address)
    page.get_by_role("button", name=name).click()

    expect(answer(page)).to_have_text(text)


def test_a_digit_that_stands_twice_in_a_number_can_be_chosen_at_each_place(page: Page, address: str) -> None:
    open_draw(page, address)
    page.get_by_role("button", name="Year").click()
    expect(answer(page)).to_have_text("2026")
    for place in (0, 2, 0):
        page.get_by_role("radio").nth(place).click()
        expect(page.get_by_role("radio", checked=True)).to_have_count(1)
        expect(page.get_by_role("radio").nth(place)).to_be_checked()


def test_what_is_written_stays_over_a_visit_to_another_page(page: Page, address: str) -> None:
    open_draw(page, address)
    write(page, digits_in_a_row("52", height=110, left=30, top=80, gap=30, seed=8))
    expect(answer(page)).to_have_text("52")
    page.get_by_role("link", name="Home").click()
    page.get_by_role("heading", name="The model in use").wait_for()
    page.get_by_role("link", name="Draw").first.click()

    expect(answer(page)).to_have_text("52")
    button(page, "Undo").click()
    expect(answer(page)).not_to_have_text("52")


def test_a_wide_sheet_keeps_the_number_and_has_room_for_more(page: Page, address: str) -> None:
    open_draw(page, address)
    write(page, digits_in_a_row("29", height=90, left=20, top=90, gap=30, seed=5))
    expect(answer(page)).to_have_text("29")
    page.get_by_text("Wide sheet").click()
    expect(page.get_by_role("img", name="Drawing area")).to_have_attribute("width", "600")
    write(page, digits_in_a_row("71", height=90, left=250, top=90, gap=60, seed=5))

    expect(answer(page)).to_have_text(re.compile(r"^29 ?71$"))
    page.get_by_text("Wide sheet").click()
    expect(page.get_by_role("img", name="Drawing area")).to_have_attribute("width", "280")
    at_rest(page)
    expect(answer(page)).to_have_text(re.compile(r"^29 ?71$"))
    for _ in range(2):
        button(page, "Undo").click()
        at_rest(page)
    expect(answer(page)).not_to_have_text(re.compile("71$"))
    expect(answer(page)).to_have_text(re.compile("^29"))


def test_the_digit_looked_at_can_be_chosen_and_explained(page: Page, address: str) -> None:
    open_draw(page, address)
    page.get_by_role("button", name="Three digits").click()
    expect(answer(page)).to_have_text("308")
    page.get_by_role("radio", name="8").click()
    page.get_by_text("Show what decided").click()

    expect(page.get_by_text("speaks for an 8")).to_be_visible()
    expect(page.get_by_text(re.compile("^Without "))).not_to_have_count(0)


def test_the_menu_of_a_phone_closes_when_a_page_is_chosen_and_stays_when_it_is_wanted(
    phone: Page, address: str
) -> None:
    phone.goto(address)
    expect(phone.get_by_role("heading", name="The model in use")).to_be_visible()
    menu = phone.get_by_test_id("stSidebar")
    for title in ("Draw", "Upload"):
        phone.get_by_test_id("stExpandSidebarButton").click()
        menu.get_by_role("link", name=title).click()
        expect(phone.get_by_role("heading", name=title, exact=True)).to_be_visible()
        expect(menu).to_have_attribute("data-collapsed", "true")

    phone.get_by_test_id("stExpandSidebarButton").click()
    expect(menu).to_have_attribute("data-collapsed", "false")
    phone.keyboard.press("r")  # the page runs again
    phone.wait_for_timeout(1500)
    expect(menu).to_have_attribute("data-collapsed", "false")


def test_a_finger_writes_on_a_phone(phone: Page, address: str) -> None:
    open_draw(phone, address)
    write_with_finger(phone, digits_in_a_row("74", height=110, left=30, top=80, gap=40, seed=9))

    expect(answer(phone)).to_have_text("74")


@pytest.mark.parametrize("path", ["", "draw"])
def test_nothing_is_wider_than_a_phone(phone: Page, address: str, path: str) -> None:
    phone.goto(f"{address}/{path}")
    phone.get_by_role("heading").first.wait_for()
    if path == "draw":
        phone.get_by_role("button", name="Three digits").click()
        expect(answer(phone)).to_have_text("308")
    phone.wait_for_load_state("networkidle")

    overflow = phone.evaluate(
        "() => [...document.querySelectorAll('[data-testid=stMainBlockContainer] *')]"
        ".filter(element => element.getBoundingClientRect().right > innerWidth + 1)"
        ".map(element => element.className || element.tagName)"
    )
    assert overflow == []
