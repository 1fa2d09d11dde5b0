"""Steps of reading switched off one at a time: each is really off, and what is on reads as ever."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from core.reader import Reader, ReadSettings
from core.recognition.store import beside
from scripts.ablate import Case, cases, score, steps
from tests.core.drawings import number, photo, shipped


def labeled(folder: Path, pixels: np.ndarray, text: str) -> list[Case]:
    """One picture and its label, as `cases` finds them in a folder."""
    cv2.imwrite(str(folder / "one.png"), pixels)
    (folder / "labels.csv").write_text(f"file,text\none.png,{text}\n", encoding="utf-8")
    return cases(folder)


@pytest.mark.parametrize("name", list(steps()))
def test_a_plain_picture_is_read_whatever_is_switched_off(tmp_path: Path, name: str) -> None:
    found = labeled(tmp_path, photo(number("5283")).pixels, "5283")
    settings, patched = steps()[name]

    with patched():
        assert score(Reader(shipped()), settings, found) == (1, 0.0)


def test_what_is_switched_off_is_missing_where_it_is_needed(tmp_path: Path) -> None:
    page = number("5283")
    light = np.linspace(35, 250, page.shape[1])[np.newaxis] * np.ones(page.shape)
    found = labeled(tmp_path, photo(page, paper=light, dark=30).pixels, "5283")
    settings, patched = steps()["even light"]
    reader = Reader(shipped(), beside(shipped()))

    on = score(reader, ReadSettings(), found)
    with patched():
        off = score(reader, settings, found)

    assert on[0] == 1
    assert off[0] == 0
