"""Sheets on a desk: found by lightness or color, cut out with nothing of the desk; nothing else is a sheet."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.segmentation.desk import MOST_SHEETS, cut_out_sheets

OAK = (150, 110, 75)
YELLOW = (240, 225, 120)
WHITE = (240, 238, 236)


def oak(height: int, width: int, grain: float = 0.08, seed: int = 0) -> NDArray[np.uint8]:
    """A desk whose grain runs from left to right."""
    rng = np.random.default_rng(seed)
    lines = cv2.GaussianBlur(rng.normal(0, 1, (height, width)), (61, 1), 0, sigmaY=1.2)
    lines = np.asarray(lines) / np.asarray(lines).std()
    return np.clip(np.array(OAK) * (1 + grain * lines[..., np.newaxis]), 0, 255).astype(np.uint8)


def lay(desk: NDArray[np.uint8], x: int, y: int, width: int, height: int, color: tuple[int, int, int]) -> None:
    desk[y : y + height, x : x + width] = color


@pytest.mark.parametrize("color", [YELLOW, WHITE])
def test_a_note_on_oak_is_cut_out_without_its_edge(color: tuple[int, int, int]) -> None:
    desk = oak(640, 900)
    lay(desk, 200, 150, 450, 350, color)

    (sheet,) = cut_out_sheets(desk)

    assert sheet.x == pytest.approx(200, abs=15)
    assert sheet.y == pytest.approx(150, abs=15)
    assert sheet.pixels.shape[:2] == pytest.approx((350, 450), abs=25)
    assert (sheet.pixels == np.array(color)).all()


def test_a_turned_note_brings_no_corner_of_the_desk() -> None:
    desk = oak(640, 900)
    corners = cv2.boxPoints(((450, 320), (420, 300), 12.0)).astype(np.int32)
    cv2.fillPoly(desk, [corners], WHITE)

    (sheet,) = cut_out_sheets(desk)

    assert (sheet.pixels == np.array(WHITE)).all()


def test_two_notes_are_two_from_top_to_bottom() -> None:
    desk = oak(900, 900)
    lay(desk, 400, 520, 300, 260, WHITE)
    lay(desk, 100, 80, 320, 260, WHITE)

    assert [sheet.y < 400 for sheet in cut_out_sheets(desk)] == [True, False]


def test_no_more_sheets_are_cut_out_than_would_take_long() -> None:
    desk = oak(900, 1200)
    for place in range(6):
        lay(desk, 40 + 390 * (place % 3), 60 + 430 * (place // 3), 300, 330, WHITE)

    assert len(cut_out_sheets(desk)) == MOST_SHEETS


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (3, 2), (300, 400)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_what_is_plain_holds_no_sheet(shape: tuple[int, int], value: int) -> None:
    assert cut_out_sheets(np.full((*shape, 3), value, np.uint8)) == ()


def test_a_bare_desk_holds_no_sheet() -> None:
    assert cut_out_sheets(oak(640, 900)) == ()


def test_the_picture_is_never_written_to() -> None:
    desk = oak(640, 900)
    lay(desk, 200, 150, 450, 350, WHITE)
    before = desk.copy()

    cut_out_sheets(desk)

    assert np.array_equal(desk, before)
