"""The Upload page in a real browser: files dropped, numbers read, steps opened, results taken away."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import PIL.Image
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import PATIENCE_MS
from tests.e2e.uploading import READ_MS, blank, broken, document, drop, open_upload, photo
from ui.results import HEAD_PX, ROW_PX

pytestmark = pytest.mark.e2e

SETTLED_MS = 500

expect.set_options(timeout=PATIENCE_MS)


def numbers(page: Page) -> Locator:
    """The numbers of the open page, to copy."""
    return page.locator(".st-key-upload_numbers code")


def wait_until_read(page: Page, summary: str) -> None:
    expect(page.get_by_text(re.compile(summary))).to_be_visible(timeout=READ_MS)
    expect(page.get_by_role("button", name="Stop reading")).to_have_count(0, timeout=READ_MS)


def rest(page: Page) -> None:
    """Wait until nothing is drawn anew any more."""
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=READ_MS)
    page.wait_for_timeout(SETTLED_MS)


def choose(page: Page, label: str, option: str) -> None:
    """Pick from a list, once the page has come to rest: scrolling and redrawing close an open list."""
    box = page.get_by_role("combobox", name=label)
    box.scroll_into_view_if_needed()
    rest(page)
    box.click()
    page.get_by_role("option", name=option).click()


def saved(page: Page, button: str) -> tuple[str, Path]:
    """Press a button that downloads, once the page has come to rest; the file's name, and where it lies now."""
    rest(page)
    with page.expect_download(timeout=READ_MS) as download:
        page.get_by_role("button", name=button, exact=True).click()
    return download.value.suggested_filename, Path(download.value.path())


def tick(page: Page, row: int) -> None:
    """Tick a row of the table, counted from 0; the table is one canvas."""
    table = page.get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    rest(page)
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 16, box["y"] + HEAD_PX + (row + 0.5) * ROW_PX)


def test_a_row_of_the_table_opens_its_line(page: Page, address: str) -> None:
    open_upload(page, address)
    drop(page, [document(2)])
    wait_until_read(page, "2 pages")
    place, line = (page.get_by_role("combobox", name=name) for name in ("Look at", "Line"))

    tick(page, 5)
    expect(place).to_have_value(re.compile("page 2"))
    expect(line).to_have_value(re.compile("^2:"))


def test_quick_presses_of_next_and_previous_all_count(page: Page, address: str) -> None:
    open_upload(page, address)
    drop(page, [document(5)])
    wait_until_read(page, "5 pages")
    rest(page)

    for presses, number in (("NNN", 4), ("PNPNP", 3)):
        for press in presses:
            page.get_by_role("button", name={"N": "Next", "P": "Previous"}[press]).click()
        expect(page.get_by_role("combobox", name="Look at")).to_have_value(re.compile(f"page {number}"))
        rest(page)
        expect(page.get_by_role("combobox", name="Look at")).to_have_value(re.compile(f"page {number}"))


def test_several_pictures_and_a_bad_file_are_read_shown_and_taken_away(page: Page, address: str) -> None:
    (first, first_text), (second, second_text) = photo("rules"), photo("blue")
    open_upload(page, address)
    drop(page, [first, broken(), second, blank()])

    wait_until_read(page, r"4 files, 1 of them cannot be read: \d lines of numbers")
    expect(numbers(page)).to_have_text(first_text)
    # The table of all files says it too, once it is drawn.
    expect(page.get_by_role("listitem").filter(has_text="no readable picture in 24 bytes")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    choose(page, "Look at", "3. blue-0.jpg")
    expect(numbers(page)).to_have_text(second_text)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="No number found")).to_be_visible()

    name, table = saved(page, "CSV")
    rows = list(csv.DictReader(io.StringIO(table.read_text("utf-8-sig"))))
    assert name == "digitscope.csv"
    assert [(row["file"], row["text"]) for row in rows] == [
        ("rules-0.jpg", first_text), ("broken.jpg", ""), ("blue-0.jpg", second_text), ("blank.png", "")
    ]  # fmt: skip
    objects = json.loads(saved(page, "JSON")[1].read_text("utf-8"))
    assert [found.get("text", "error") for found in objects] == [first_text, "error", second_text, ""]
    with zipfile.ZipFile(saved(page, "Pictures (ZIP)")[1]) as packed:
        assert packed.namelist() == ["rules-0.png", "blue-0.png", "blank.png"]


def test_a_picture_s_steps_and_digits_can_be_looked_at(page: Page, address: str) -> None:
    picture, text = photo("phone")
    open_upload(page, address)
    drop(page, [picture])
    expect(numbers(page)).to_have_text(text, timeout=READ_MS)

    expect(page.get_by_text("What the model saw")).to_be_visible()
    expect(page.get_by_role("radio")).to_have_count(len(text))
    page.get_by_text("Step by step").click()
    for name in ("1. Upright", "2. Gray", "3. Even light", "4. Ink"):
        expect(page.get_by_text(name, exact=True)).to_be_visible()
    step = page.get_by_role("img", name=re.compile("^Even light: "))
    expect(step).to_be_visible()
    box = step.bounding_box()
    assert box is not None
    assert box["width"] > 400
    name, marked = saved(page, "Picture (PNG)")
    assert name == "phone-0.png"
    with PIL.Image.open(marked) as opened:
        assert opened.size == (900, 560)


def test_a_sample_is_read_with_one_click(page: Page, address: str) -> None:
    open_upload(page, address)
    page.get_by_role("button", name="Shopping sums").click()

    expect(numbers(page)).to_contain_text("1240 85\n367\n", timeout=READ_MS)


def test_a_long_document_shows_its_progress_and_can_be_stopped_and_gone_on_with(page: Page, address: str) -> None:
    open_upload(page, address)
    drop(page, [document(60)])
    expect(page.get_by_text(re.compile(r"document.pdf, page \d+ of 60")).first).to_be_visible(timeout=READ_MS)
    page.get_by_role("button", name="Stop reading").click()

    stopped = page.get_by_text(re.compile(r"Stopped with \d+ of 60 pages not read"))
    expect(stopped).to_be_visible()
    page.get_by_role("link", name="Home").click()
    page.get_by_role("heading", name="The model in use").wait_for()
    page.get_by_role("link", name="Upload").first.click()
    expect(stopped).to_be_visible()
    page.get_by_role("button", name="Read the rest").click()
    wait_until_read(page, r"1 file, 60 pages: \d+ lines of numbers\.")


def test_a_changed_setting_shows_at_once(page: Page, address: str) -> None:
    picture, text = photo("phone")
    open_upload(page, address)
    drop(page, [picture])
    expect(numbers(page)).to_have_text(text, timeout=READ_MS)
    page.get_by_text("Settings: automatic").click()
    choose(page, "Writing", "Light on dark")

    expect(page.get_by_text("Settings: changed")).to_be_visible()
    expect(numbers(page).filter(has_text=re.compile(f"^{text}$"))).to_have_count(0)
    page.get_by_role("button", name="Back to automatic").click()
    expect(numbers(page)).to_have_text(text)


def test_a_name_with_markup_stays_text(page: Page, address: str) -> None:
    picture = broken()
    picture["name"] = "<img src=x onerror=document.title='hurt'>.png"
    open_upload(page, address)
    drop(page, [picture])

    expect(page.get_by_text("<img src=x").first).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    assert "hurt" not in page.title()


def test_a_camera_shot_is_read_like_a_file(page: Page, address: str) -> None:
    page.context.grant_permissions(["camera"])
    open_upload(page, address)
    expect(page.get_by_test_id("stCameraInput")).to_have_count(0)
    page.get_by_text("Use the camera").click()
    page.wait_for_function("document.querySelector('video')?.currentTime > 0.5")
    page.get_by_role("button", name="Take Photo").click()

    expect(page.get_by_text("1 file: ")).to_be_visible(timeout=READ_MS)
    assert saved(page, "Picture (PNG)")[0] == "Camera_1.png"


def test_nothing_is_wider_than_a_phone(phone: Page, address: str) -> None:
    open_upload(phone, address)
    drop(phone, [photo("rules")[0], broken(), document(2)])
    wait_until_read(phone, "3 files, 1 of them cannot be read, 3 pages")
    phone.get_by_text("Settings: automatic").click()
    phone.get_by_text("Step by step").click()
    phone.get_by_text("1. Upright", exact=True).wait_for()

    too_wide = phone.evaluate(
        "() => [...document.querySelectorAll('[data-testid=stMainBlockContainer] *')]"
        ".filter(element => !element.closest('[data-testid=stDataFrame]'))"
        ".filter(element => element.getBoundingClientRect().right > innerWidth + 1)"
        ".map(element => element.className || element.tagName)"
    )
    assert too_wide == []
