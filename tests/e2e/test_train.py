"""The Train page in a real browser, with a real training: from the first curve to a digit read by the model it made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import PATIENCE_MS, PHONE, context, digits_in_a_row, open_draw, serve, write
from tests.e2e.training import TRAINING_MS, open_train, start_drawn_training, status, workshop

expect.set_options(timeout=PATIENCE_MS)
pytestmark = [pytest.mark.e2e, pytest.mark.slow]

EPOCHS = 100
"""A fast machine takes a third of a second for each, and must not be through before the test has looked."""


@pytest.fixture
def app() -> Iterator[str]:
    """Where an app with models and runs of its own is served, to each test: a run that is left would be on its page."""
    with workshop() as environment, serve(**environment) as address:
        yield address


def wait_for_points(page: Page, at_least: int = 1) -> int:
    """Until the training curve has so many points, and how many it has; a chart stands empty before it is drawn."""
    points = page.wait_for_function(
        "least => { const plot = document.querySelector('.js-plotly-plot');"
        " const points = plot && plot.data && plot.data[0] ? plot.data[0].x.length : 0;"
        " return points >= least ? points : 0 }",
        arg=at_least,
        timeout=TRAINING_MS,
    )
    return int(points.json_value())


# Frames of three seconds in which one of the curves was not to be seen or stood there twice, or anything was faded.
_FLICKERING_FRAMES = """
() => new Promise((done) => {
  const end = performance.now() + 3000
  let flickering = 0
  const look = () => {
    const curves = [...document.querySelectorAll(".st-key-train_watch .scatterlayer path.js-line")]
      .filter((curve) => curve.checkVisibility({ visibilityProperty: true })).length
    const stale = [...document.querySelectorAll(".st-key-train_watch [data-stale=true]")]
    if (curves !== 4 || stale.some((element) => getComputedStyle(element).opacity < 1)) flickering++
    performance.now() < end ? requestAnimationFrame(look) : done(flickering)
  }
  look()
})
"""


def test_a_run_from_its_start_to_a_digit_read(page: Page, app: str, browser: Browser) -> None:
    open_train(page, app)
    start_drawn_training(page, EPOCHS, "from-the-browser")
    status(page, "Training")
    expect(page.get_by_text(re.compile(rf"Epoch ([3-9]|\d\d+) of {EPOCHS}"))).to_be_visible(timeout=TRAINING_MS)
    before = wait_for_points(page)
    wait_for_points(page, at_least=before + 1)

    assert page.evaluate(_FLICKERING_FRAMES) == 0

    # Another visitor, and this one after a reload, see the same run with its past.
    with context(browser) as visitor:
        other = visitor.new_page()
        open_train(other, app)
        wait_for_points(other, at_least=before)
        other.get_by_text("Start another training").click()
        expect(other.get_by_text("A run that is started now waits until it has ended.")).to_be_visible()
    page.reload()
    wait_for_points(page, at_least=before)

    page.get_by_role("button", name="Stop and keep").click()
    status(page, "Stopped")
    expect(page.get_by_role("heading", name="The model it made")).to_be_visible(timeout=TRAINING_MS)
    page.get_by_role("button", name="Train on").click()
    status(page, "Finished")

    page.get_by_role("button", name="Use this model").click()
    expect(page.get_by_text("is in use on every page")).to_be_visible()
    with context(browser) as visitor:
        other = visitor.new_page()
        open_draw(other, app)
        write(other, digits_in_a_row("0", height=150, left=80, top=60, gap=0, seed=1))
        expect(other.get_by_test_id("answer")).to_have_text("0")
        expect(other.get_by_text(re.compile("with the model from-the-browser"))).to_be_visible()
    page.get_by_role("button", name="Undo: back to digitscope").click()
    expect(page.get_by_role("button", name="Use this model")).to_be_visible()


def test_nothing_is_wider_than_a_phone(phone: Page, app: str) -> None:
    open_train(phone, app)
    phone.get_by_text("All settings").click()
    phone.get_by_role("button", name="Throw the dice again").wait_for()
    phone.wait_for_load_state("networkidle")

    # Charts and tables have parts outside of what they show; the page itself must not scroll sideways.
    width = phone.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth")
    assert width <= PHONE["width"]


# The chosen button's text and its ground, a tint over the page: RGBA each, 0 to 255 and 0 to 1.
_COLORS = """
() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number)
  const button = document.querySelector("[data-variant=segmented_control][aria-checked=true]")
  return {
    text: channels(getComputedStyle(button.querySelector("p")).color),
    tint: channels(getComputedStyle(button).backgroundColor),
    page: channels(getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor),
  }
}
"""


def luminance(rgb: Sequence[float]) -> float:
    """Relative luminance of an sRGB color, 0 to 1 (WCAG 2.2)."""
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(page: Page) -> tuple[float, float]:
    """Of the chosen button's text to its ground (WCAG 2.2), and the ground's luminance."""
    colors = page.evaluate(_COLORS)
    share = colors["tint"][3] if len(colors["tint"]) > 3 else 1.0
    tinted = [share * colors["tint"][part] + (1 - share) * colors["page"][part] for part in range(3)]
    ground = luminance(tinted)
    lighter, darker = sorted((luminance(colors["text"][:3]), ground), reverse=True)
    return (lighter + 0.05) / (darker + 0.05), ground


def test_the_chosen_one_of_several_buttons_is_legible_also_when_night_falls_and_day_breaks(
    page: Page, app: str
) -> None:
    open_train(page, app)
    expect(page.locator("[data-variant=segmented_control][aria-checked=true]").first).to_be_visible()

    for scheme, is_dark in (("light", False), ("dark", True), ("light", False)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_function(
            "dark => (getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === 'dark') === dark",
            arg=is_dark,
        )
        ratio, ground = contrast(page)
        assert (ground < 0.2) == is_dark
        assert ratio >= 4.5
