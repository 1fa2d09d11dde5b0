"""Pictures of every page for README and docs: `python -m tests.e2e.screenshots [PAGE ...]` writes docs/screenshots.

Each page at a desktop and a phone, light and dark.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import PIL.Image
from playwright.sync_api import Browser, Page

from core.runs.history import read_history
from core.runs.store import RunStore
from tests.e2e.browser import ROOT, browse, context, digits_in_a_row, open_draw, serve, write
from tests.e2e.live import film, held, open_live, playing
from tests.e2e.live import start as start_camera
from tests.e2e.training import open_train, start, wait_until, workshop
from tests.e2e.uploading import READ_MS, blank, broken, document, drop, open_upload, photo

FOLDER = ROOT / "docs" / "screenshots"
SETTLED_MS = 1500


def home(page: Page, address: str) -> None:
    """The home page with its example read."""
    page.goto(address)
    page.get_by_text("A page of our own making").wait_for()


def draw(page: Page, address: str) -> None:
    """A number written by mouse, its digits explained."""
    open_draw(page, address)
    write(page, digits_in_a_row("407", height=105, left=18, top=85, gap=22, seed=12))
    page.get_by_test_id("answer").filter(has_text="407").wait_for()
    page.get_by_text("Show what decided").click()
    page.get_by_text("speaks for").wait_for()


def upload(page: Page, address: str) -> None:
    """A page of numbers read, its digits and steps open."""
    open_upload(page, address)
    page.get_by_role("button", name="Shopping sums").click()
    page.get_by_text("Step by step").click()
    page.get_by_text("1. Upright", exact=True).wait_for()


def upload_many(page: Page, address: str) -> None:
    """Several files read, a bad one among them."""
    open_upload(page, address)
    drop(page, [photo("rules")[0], photo("blue")[0], broken(), blank(), document(2)])
    page.get_by_text(re.compile(r"5 files, 1 of them cannot be read, 5 pages: \d+ lines of numbers\.")).wait_for(
        timeout=READ_MS
    )


def train(page: Page, address: str) -> None:
    """The Train page, whatever run it shows."""
    open_train(page, address)
    page.get_by_text("Digits it gets wrong").wait_for()
    page.locator(".js-plotly-plot").nth(2).wait_for()


def train_done(page: Page, address: str) -> None:
    """A finished run with its model measured."""
    train(page, address)
    page.get_by_role("button", name="Use this model").wait_for()


def finished_run(runs: RunStore) -> None:
    """A training that has come to its end."""
    wait_until(start(runs, epochs=6), "finished")


def run_at_work(runs: RunStore) -> None:
    """A training in its fourth epoch."""
    run = start(runs, epochs=30, name="thirty-epochs")
    while len(read_history(run).epochs) < 3:
        time.sleep(0.5)


def live(page: Page, address: str) -> None:
    """A number held before the camera, and two that were kept."""
    open_live(page, address)
    start_camera(page)
    for _ in range(2):
        page.get_by_test_id("answer").wait_for()
        page.get_by_role("button", name="Keep this number").click()
        page.wait_for_timeout(3500)
    page.get_by_test_id("answer").wait_for()
    page.get_by_text("Freeze", exact=True).click()
    page.get_by_test_id("answer").wait_for()
    page.get_by_text("Stream", exact=True).click()


def live_start(page: Page, address: str) -> None:
    """The Live page before its camera is started."""
    open_live(page, address)


PAGES: dict[str, Callable[[Page, str], None]] = {
    "home": home,
    "draw": draw,
    "upload": upload,
    "upload-many": upload_many,
    "live-start": live_start,
    "live": live,
    "train-done": train_done,
    "train": train,
}
# What must have happened before a page is looked at.
BEFORE: dict[str, Callable[[RunStore], None]] = {"train-done": finished_run, "train": run_at_work}


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", choices=[[], *PAGES], metavar="PAGE", help=", ".join(PAGES))
    chosen = parser.parse_args().pages or tuple(PAGES)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        workshop() as environment,
        serve(**environment) as address,
        browse(*playing(film(Path(folder) / "held.mjpeg", held(), strip=False))) as browser,
    ):
        for name in chosen:
            if name in BEFORE:
                BEFORE[name](RunStore(Path(environment["DIGITSCOPE_RUNS"])))
            for phone in (False, True):
                for dark in (False, True):
                    path = FOLDER / f"{name}-{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}.png"
                    _take(browser, address, PAGES[name], path, phone=phone, dark=dark)
                    print(path.relative_to(ROOT), f"{path.stat().st_size / 1024:.0f} KB")


def _take(
    browser: Browser, address: str, show: Callable[[Page, str], None], path: Path, *, phone: bool, dark: bool
) -> None:
    with context(browser, phone=phone, dark=dark) as visitor:
        page = visitor.new_page()
        show(page, address)
        page.mouse.move(0, 0)
        page.wait_for_timeout(SETTLED_MS)
        _stretch(page)
        page.wait_for_timeout(SETTLED_MS)
        page.screenshot(path=path)
    _shrink(path)


def _shrink(path: Path) -> None:
    """Give a picture a palette of 256 colors, fitted so that large areas keep theirs: a third of the size."""
    with PIL.Image.open(path) as picture:
        coverage = PIL.Image.Quantize.MAXCOVERAGE
        small = picture.convert("RGB").quantize(256, coverage, kmeans=3, dither=PIL.Image.Dither.NONE)
    small.save(path, optimize=True)


def _stretch(page: Page) -> None:
    """Make the window as tall as the page: Streamlit scrolls inside of it, so a full-page picture would not do."""
    height = page.evaluate("document.querySelector('[data-testid=stMainBlockContainer]').offsetHeight")
    size = page.viewport_size
    assert size is not None, "there is a window"
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], int(height))})


if __name__ == "__main__":
    main()
