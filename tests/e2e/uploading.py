"""Files for the Upload page, of our own making, and a hand that drops them there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import PIL.Image
from playwright.sync_api import Page

from core.synthesis import kind_page, sample_pages
from tests.core.pictures import encode

# An upload waits for bytes to travel, be decoded and be read.
READ_MS = 60_000


class File(TypedDict):
    """A file as the browser takes it."""

    name: str
    mimeType: str
    buffer: bytes


def photo(kind: str, index: int = 0) -> tuple[File, str]:
    """A photographed number of one kind, and what is written on it."""
    page = kind_page(kind, seed=5, index=index)
    name = f"{kind}-{index}.jpg".replace(" ", "-")
    return File(name=name, mimeType="image/jpeg", buffer=encode("JPEG", page.image.pixels, quality=92)), page.text


def document(count: int) -> File:
    """A PDF of many sheets, each with four lines of numbers."""
    sheet = PIL.Image.fromarray(next(sample_pages()).page.image.pixels)
    data = encode("PDF", sheet, save_all=True, append_images=[sheet] * (count - 1), resolution=150)
    return File(name="document.pdf", mimeType="application/pdf", buffer=data)


def blank() -> File:
    """A picture of nothing."""
    return File(name="blank.png", mimeType="image/png", buffer=encode("PNG", np.full((300, 400, 3), 236, np.uint8)))


def broken() -> File:
    """A file that is no picture, whatever it is called."""
    return File(name="broken.jpg", mimeType="image/jpeg", buffer=b"this was never a picture")


def open_upload(page: Page, address: str) -> None:
    """Go to the Upload page and wait until files can be dropped."""
    page.goto(f"{address}/upload")
    page.get_by_test_id("stFileUploaderDropzoneInput").wait_for(state="attached")
    page.get_by_role("button", name="Shopping sums").wait_for()


def drop(page: Page, files: Sequence[File]) -> None:
    """Upload files together."""
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(list(files))
