"""Frames: what is drawn around writing goes, digits that look like a frame stay."""

from __future__ import annotations

from math import radians, tan

import cv2
import numpy as np
import pytest

from core.segmentation.frames import height_beside_tables, rise_of, without_frames, without_rings
from core.segmentation.lines import writing_height
from tests.core.drawings import Ink, pieces_of, put, sheet, write


def ring(page: Ink, center: tuple[int, int], radii: tuple[int, int], opening: int = 0) -> None:
    """A ring with its last so many degrees left open."""
    cv2.ellipse(page, center, radii, 0, 0, 360 - opening, 255, 5, cv2.LINE_AA)


def circled(text: str, opening: int = 0) -> Ink:
    page = sheet(300, 500)
    write(page, text, 130, 120)
    ring(page, (250, 150), (220, 100), opening)
    return page


def boxed(text: str) -> Ink:
    page = sheet(320, 520)
    write(page, text, 80, 120, height=80)
    cv2.rectangle(page, (50, 90), (470, 230), 255, 3)
    return page


def turned(page: Ink, degrees: float) -> Ink:
    """The page turned counterclockwise about its middle."""
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.9)
    return np.asarray(cv2.warpAffine(page, turn, (width, height)), np.uint8)


@pytest.mark.parametrize("opening", [0, 30])
@pytest.mark.parametrize("text", ["57", "052", "1"])
def test_a_ring_around_a_number_goes_also_one_left_open(text: str, opening: int) -> None:
    page = circled(text, opening)
    if text == "1":
        page = sheet(200, 200)
        write(page, "1", 95, 70)
        ring(page, (100, 100), (85, 80), opening)

    left = without_rings(pieces_of(page))

    assert len(left) == len(pieces_of(page)) - 1 == len(text)
    assert max(piece.box.height for piece in left) < 70


def test_the_tail_of_a_speech_bubble_goes_with_it() -> None:
    page = circled("57")
    cv2.line(page, (120, 235), (80, 290), 255, 5, cv2.LINE_AA)

    assert len(without_rings(pieces_of(page))) == 2


def test_half_a_ring_is_writing() -> None:
    assert len(without_rings(pieces_of(circled("57", opening=180)))) == 3


def test_a_zero_keeps_its_dash() -> None:
    page = sheet(150, 400)
    boxes = write(page, "3060", 30, 30, height=80)
    for box in (boxes[1], boxes[3]):
        x, y = round(box.center[0]), round(box.center[1])
        cv2.line(page, (x - 4, y + 14), (x + 4, y - 14), 255, 5, cv2.LINE_AA)

    assert len(without_rings(pieces_of(page))) == 6


def test_digits_that_hang_on_a_line_around_another_are_no_ring() -> None:
    """A rule joins them; together they surround it, as a pen does that is several times as long as a ring."""
    page = sheet(240, 420)
    write(page, "2", 60, 60, height=110)
    write(page, "5", 180, 100)
    write(page, "7", 280, 60, height=110)
    cv2.rectangle(page, (55, 58), (370, 172), 255, 4)
    cv2.line(page, (55, 190), (370, 190), 255, 4)
    cv2.line(page, (60, 172), (60, 190), 255, 4)
    cv2.line(page, (100, 60), (100, 172), 255, 4)
    cv2.line(page, (330, 60), (330, 172), 255, 4)

    assert len(without_rings(pieces_of(page))) == len(pieces_of(page))


def test_a_box_around_a_number_goes_and_eights_stay() -> None:
    page = boxed("880")

    assert len(without_frames(pieces_of(page))) == 3


@pytest.mark.parametrize("degrees", [-20, -9, 5, 12])
def test_a_box_held_askew_goes_too_and_tells_how_much_it_rises(degrees: float) -> None:
    page = turned(boxed("880"), degrees)

    pieces = pieces_of(page)
    left = without_frames(pieces)

    assert len(left) == 3
    (box,) = [piece for piece in pieces if piece not in left]
    assert rise_of(box) == pytest.approx(tan(radians(degrees)), abs=0.01)


@pytest.mark.parametrize("degrees", [-12, 0, 12])
def test_digits_that_hold_others_at_their_side_are_no_boxes(degrees: float) -> None:
    page = sheet(260, 560)
    write(page, "70547", 80, 90, height=80)

    assert len(without_frames(pieces_of(turned(page, degrees)))) == 5


def test_a_table_says_nothing_about_the_height_of_the_writing() -> None:
    page = sheet(320, 620)
    for row in range(3):
        write(page, "40 83", 60, 35 + 100 * row, height=44)
    for y in (10, 110, 210, 310):
        cv2.line(page, (10, y), (600, y), 255, 6)
    for x in (10, 600):
        cv2.line(page, (x, 10), (x, 310), 255, 6)
    pieces = pieces_of(page)

    assert writing_height(pieces) > 200
    assert height_beside_tables(pieces) == pytest.approx(44, abs=4)


def test_no_pieces_are_no_frames() -> None:
    assert without_frames(()) == without_rings(()) == ()
    assert height_beside_tables(()) == 0
    page = sheet(60, 60)
    put(page, sheet(10, 10) + 255, 20, 20)
    assert len(without_rings(pieces_of(page))) == 1
