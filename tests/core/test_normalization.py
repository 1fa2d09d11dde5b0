"""The one normalization: MNIST's recipe, exact on MNIST, the same for every pen, size and place."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.normalization import GLYPH_SIDE, SIDE, normalize, stroke_width


def drawn_seven(brush: int = 12, height: int = 200) -> NDArray[np.uint8]:
    canvas = np.zeros((height + 80, height + 80), np.uint8)
    points = np.array([[40, 40], [40 + height // 2, 40], [40 + height // 4, 40 + height]])
    cv2.polylines(canvas, [points], False, 255, brush, cv2.LINE_AA)
    return canvas


def center_of_mass(digit: NDArray[np.uint8]) -> tuple[float, float]:
    moments = cv2.moments(digit)
    return moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]


def test_the_longer_side_is_twenty_pixels() -> None:
    rows, columns = np.nonzero(normalize(drawn_seven()))

    assert max(np.ptp(rows), np.ptp(columns)) + 1 == GLYPH_SIDE


def test_the_aspect_is_kept() -> None:
    wide = np.zeros((60, 100), np.uint8)
    cv2.ellipse(wide, (50, 30), (40, 20), 0, 0, 360, 255, 8)

    _, _, width, height = cv2.boundingRect(normalize(wide))

    assert width == 20
    assert height == pytest.approx(10, abs=1)


def test_the_center_of_mass_lands_in_the_middle() -> None:
    x, y = center_of_mass(normalize(drawn_seven()))

    assert (x, y) == (pytest.approx(SIDE / 2, abs=0.5), pytest.approx(SIDE / 2, abs=0.5))


def test_all_ink_stays_inside_even_where_its_center_lies_at_an_edge() -> None:
    heavy_at_one_end = np.zeros((100, 100), np.uint8)
    heavy_at_one_end[:8] = 255
    heavy_at_one_end[:, :4] = 255

    digit = normalize(heavy_at_one_end)

    _, _, width, height = cv2.boundingRect(digit)
    assert max(width, height) == GLYPH_SIDE


@pytest.mark.parametrize("shift", [(0, 0), (25, 3), (11, 37)])
def test_the_place_on_the_canvas_changes_nothing(shift: tuple[int, int]) -> None:
    glyph = drawn_seven()
    moved = np.pad(glyph, ((shift[0], 0), (shift[1], 0)))

    assert np.array_equal(normalize(moved), normalize(glyph))


def test_a_digit_normalized_once_is_already_normal() -> None:
    once = normalize(drawn_seven(brush=24))

    assert np.array_equal(normalize(once), once)


@pytest.mark.parametrize("brush", [2, 4, 8, 16, 28, 50])
def test_thin_and_broad_pens_become_as_wide_as_those_of_mnist(brush: int) -> None:
    digit = normalize(drawn_seven(brush=brush))

    enlarged = cv2.resize(digit, None, fx=4, fy=4, interpolation=cv2.INTER_LINEAR)
    assert 1.1 <= stroke_width(np.asarray(enlarged, np.uint8)) / 4 <= 4.8


@pytest.mark.parametrize("width", [3, 6, 11, 20])
def test_the_width_of_a_stroke_is_measured(width: int) -> None:
    stroke = np.zeros((200, 60), np.uint8)
    stroke[20:180, 20 : 20 + width] = 255

    assert stroke_width(stroke) == pytest.approx(width, rel=0.2, abs=0.7)


def test_no_ink_gives_no_ink() -> None:
    assert not normalize(np.zeros((40, 40), np.uint8)).any()
    assert not normalize(np.zeros((0, 5), np.uint8)).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1), (3000, 2)])
def test_slivers_of_any_shape_become_28_by_28(shape: tuple[int, int]) -> None:
    digit = normalize(np.full(shape, 255, np.uint8))

    assert digit.shape == (SIDE, SIDE)
    assert digit.any()
