"""Even light: shadows go, ink stays, and which side is ink is found out."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.segmentation.light import contrast, grayscale, likely_polarities, table_beside
from tests.core.drawings import Ink, number, photo


def gray_of(ink: Ink, paper: float | NDArray[np.floating] = 240, dark: float = 30) -> NDArray[np.uint8]:
    return grayscale(photo(ink, paper=paper, dark=dark).pixels)


@pytest.mark.parametrize("dark", [30, 120])
def test_a_shadow_across_the_page_leaves_paper_near_zero_and_ink_high(dark: int) -> None:
    ink = number("5283", margin=60)
    shadow = np.linspace(230, 80, ink.shape[1])[np.newaxis, :]

    found = contrast(gray_of(ink, shadow, dark), "dark")

    assert found.shape == ink.shape
    assert found[ink == 0].mean() < 0.02
    assert np.percentile(found[ink == 0], 99) < 0.08
    assert np.percentile(found[ink == 255], 5) > 0.6 * (1 - dark / 255)


def test_ink_in_the_shadow_is_as_strong_as_ink_in_the_light() -> None:
    ink = number("8888", margin=60)
    shadow = np.linspace(240, 90, ink.shape[1])[np.newaxis, :]

    found = contrast(gray_of(ink, shadow), "dark")

    half = ink.shape[1] // 2
    light, shade = found[:, :half][ink[:, :half] == 255], found[:, half:][ink[:, half:] == 255]
    assert shade.mean() == pytest.approx(light.mean(), abs=0.1)


def test_contrast_reaches_from_paper_to_black() -> None:
    found = contrast(np.random.default_rng(0).integers(0, 256, (50, 70), dtype=np.uint8), "dark")

    assert found.dtype == np.float32
    assert found.min() >= 0
    assert found.max() <= 1


@pytest.mark.parametrize("color", [(40, 60, 190), (200, 50, 50), (30, 120, 60), (0, 0, 0)])
def test_every_pen_is_dark_on_white(color: tuple[int, int, int]) -> None:
    pixels = np.full((4, 4, 3), color, np.uint8)

    assert grayscale(pixels).max() < 130
    assert grayscale(np.full((4, 4, 3), 255, np.uint8)).min() == 255


@pytest.mark.parametrize(("paper", "dark", "likely"), [(240, 30, "dark"), (200, 140, "dark"), (45, 230, "light")])
def test_the_minority_is_ink(paper: int, dark: int, likely: str) -> None:
    first, second = likely_polarities(gray_of(number("5283"), paper, dark))

    assert first == likely
    assert {first, second} == {"dark", "light"}


def test_chalk_on_a_board_in_uneven_light_is_light() -> None:
    ink = number("71", margin=50)
    board = np.linspace(30, 90, ink.shape[1])[np.newaxis, :]

    assert likely_polarities(gray_of(ink, board, 235))[0] == "light"


@pytest.mark.parametrize("margins", [(60, 60, 80, 80), (30, 80, 20, 140)])
def test_a_dark_table_around_the_sheet_is_not_taken_for_paper(margins: tuple[int, int, int, int]) -> None:
    sheet = gray_of(number("0890", margin=120, height=40), 225, 40)
    top, bottom, left, right = margins
    picture = np.pad(sheet, ((top, bottom), (left, right)), constant_values=38)
    grain = np.random.default_rng(0).integers(-8, 9, picture.shape)

    assert likely_polarities((picture + grain).astype(np.uint8))[0] == "dark"


@pytest.mark.parametrize("side", [((0, 1), (0, 0)), ((1, 0), (0, 0)), ((0, 0), (0, 1)), ((0, 0), (2, 0))])
def test_a_table_on_one_side_of_the_sheet_leaves_its_ink_dark(side: tuple[tuple[int, int], tuple[int, int]]) -> None:
    sheet = gray_of(number("174", margin=20, height=40), 225, 40)
    widths = [(before * length, after * length) for (before, after), length in zip(side, sheet.shape, strict=True)]
    picture = np.pad(sheet, widths, constant_values=38)
    grain = np.random.default_rng(0).integers(-5, 6, picture.shape)

    assert likely_polarities((picture + grain).astype(np.uint8))[0] == "dark"


@pytest.mark.parametrize("wall", [10, 25, 40])
def test_a_blackboard_before_a_white_wall_holds_light_ink(wall: int) -> None:
    board = gray_of(number("0890", margin=120, height=40), 50, 230)
    picture = np.pad(board, wall, constant_values=240)

    assert likely_polarities(picture)[0] == "light"


@pytest.mark.parametrize("exposure", [0.5, 0.2, 0.1])
def test_a_board_has_the_same_contrast_however_dim_its_picture(exposure: float) -> None:
    gray = gray_of(number("40"), 50, 210)
    dim = np.rint(gray * exposure).astype(np.uint8)

    assert contrast(dim, "light").max() == pytest.approx(contrast(gray, "light").max(), abs=0.15)
    assert contrast(dim, "light").min() == 0


@pytest.mark.parametrize("color", [(0, 0, 255), (255, 0, 0), (90, 120, 220), (160, 20, 20)])
def test_every_chalk_is_lighter_than_a_board_of_any_color(color: tuple[int, int, int]) -> None:
    chalk = grayscale(np.full((4, 4, 3), color, np.uint8), "light").min()

    for board in ((0, 0, 0), (25, 60, 45), (15, 25, 70)):
        assert chalk > grayscale(np.full((4, 4, 3), board, np.uint8), "light").max() + 45


def test_light_ink_has_the_contrast_that_dark_ink_has_in_the_negative() -> None:
    gray = gray_of(number("40"), 40, 230)

    assert np.array_equal(contrast(gray, "light"), contrast(255 - gray, "dark"))


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 3)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_pictures_without_writing_have_no_contrast(shape: tuple[int, int], value: int) -> None:
    gray = np.full(shape, value, np.uint8)

    assert contrast(gray, "dark").shape == shape
    assert not contrast(gray, "dark").any()
    assert not contrast(gray, "light").any()
    assert len(likely_polarities(gray)) == 2


def test_the_table_beside_a_sheet_is_found_with_the_sheets_edge() -> None:
    gray = np.full((300, 400), 40, np.uint8)
    gray[60:260, 80:360] = 220

    table = table_beside(gray, "dark")

    assert table is not None
    down, across = table.shape[0] / 300, table.shape[1] / 400
    at = [bool(table[round(y * down), round(x * across)]) for y, x in ((20, 200), (150, 20), (150, 82), (150, 200))]
    assert at == [True, True, True, False]


def test_a_sheet_in_shadow_lies_on_no_table() -> None:
    shadow = np.linspace(230, 90, 400)[np.newaxis, :].repeat(300, axis=0).astype(np.uint8)

    assert table_beside(shadow, "dark") is None
