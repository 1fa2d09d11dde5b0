"""From a picture to lines of pieces: working size, borders, steps, bounded work."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.segmentation.page import Attempt, segment, without_sheet_edge
from core.segmentation.pieces import MOST_PIECES
from core.segmentation.settings import SegmentationSettings
from core.segmentation.sheet import LARGE_AREA, LARGE_SIDE, Sheet, working_picture
from tests.core.drawings import block, number, photo, put, segmented, sheet, write


def paper(height: int, width: int, value: int = 255) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


@pytest.mark.parametrize("shape", [(3000, 2000), (2400, 4000), (1601, 1601)])
def test_large_pictures_are_reduced_with_their_aspect_kept(shape: tuple[int, int]) -> None:
    working, scale = working_picture(paper(*shape))

    assert max(working.shape) == LARGE_SIDE
    assert working.shape[0] * scale == pytest.approx(shape[0], rel=0.02)
    assert working.shape[1] * scale == pytest.approx(shape[1], rel=0.02)


@pytest.mark.parametrize("shape", [(12_000, 700), (160, 18_000), (200, 5_000)])
def test_long_strips_keep_as_many_pixels_as_a_page_half_as_wide_as_high(shape: tuple[int, int]) -> None:
    working, scale = working_picture(paper(*shape))

    assert working.shape[0] * working.shape[1] == pytest.approx(min(LARGE_AREA, shape[0] * shape[1]), rel=0.02)
    assert working.shape[0] * scale == pytest.approx(shape[0], rel=0.02)


def test_a_small_picture_of_a_thin_pen_is_enlarged_and_one_of_a_broad_pen_is_not() -> None:
    thin, broad = photo(number("52", height=24)).pixels, photo(number("52", height=160)).pixels

    assert working_picture(thin)[1] == 0.5
    assert working_picture(broad)[1] == 1.0
    assert working_picture(thin, enlarge=False)[1] == 1.0


def test_a_page_can_be_turned_level_and_a_long_strip_is_not() -> None:
    page, strip = Sheet(paper(560, 900)), Sheet(paper(8000, 200))

    assert page.can_level(0.6)
    assert not strip.can_level(0.6)
    assert page.level(0.6) is page.level(0.601)
    assert page.level(0.6).is_turned


def test_digits_become_one_line_of_pieces_and_the_pen_s_width_is_known() -> None:
    found = segmented(photo(number("0368", height=100)))

    (line,) = found.lines
    assert len(line.pieces) == 4
    assert line.height == pytest.approx(100 / found.scale, rel=0.06)
    assert found.stroke == pytest.approx(9 / found.scale, rel=0.25)
    assert found.steps == ()


def test_rules_stay_where_they_are_not_to_be_taken_out() -> None:
    page = number("0368", margin=50)
    page[85:87, 20:-20] = 255

    with_rules, without = segmented(photo(page), rules=False), segmented(photo(page))

    assert [len(line.pieces) for line in without.lines] == [4]
    assert [len(line.pieces) for line in with_rules.lines] != [4]


@pytest.mark.parametrize("polarity", ["dark", "light"])
def test_the_other_polarity_finds_no_digits(polarity: str) -> None:
    image = photo(number("0368"), paper=40, dark=235) if polarity == "dark" else photo(number("0368"))

    found = segmented(image, Attempt(polarity))  # type: ignore[arg-type]

    assert [len(line.pieces) for line in found.lines] != [4]


def test_a_dark_table_around_the_sheet_is_no_writing() -> None:
    page = sheet(400, 600)
    write(page, "0368", 150, 160)
    pixels = photo(page).pixels.copy()
    pixels[:40] = pixels[-50:] = 60
    pixels[:, :60] = pixels[:, -45:] = 60

    found = segment(Sheet(pixels), Attempt())

    assert [len(line.pieces) for line in found.lines] == [4]


def test_a_slim_piece_at_the_table_is_the_sheets_edge_and_a_digit_there_is_none() -> None:
    table = np.zeros((40, 60), bool)
    table[:, 55:] = True
    edge, digit, one = block(547, 100, 6, 40), block(530, 200, 25, 40), block(300, 100, 5, 40)

    assert without_sheet_edge((edge, digit, one), table, (400, 600)) == (digit, one)
    assert without_sheet_edge((edge, digit, one), None, (400, 600)) == (edge, digit, one)


def test_digits_cut_off_at_the_border_are_left_out_where_whole_ones_stand_beside_them() -> None:
    page = sheet(400, 500)
    write(page, "036", 60, 160)
    cut_off = sheet(100, 80)
    write(cut_off, "8", 5, 5)
    put(page, cut_off[30:65, :60], 300, 0)

    found = segmented(photo(page))

    assert sum(len(line.pieces) for line in found.lines) == 3


def test_writing_that_fills_the_picture_is_all_there_is_and_stays() -> None:
    tight = number("80", height=100, margin=0)

    assert sum(len(line.pieces) for line in segmented(photo(tight)).lines) == 2


@pytest.mark.parametrize("value", [0, 127, 255])
@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (200, 1), (3, 2), (300, 400)])
def test_plain_pictures_hold_no_lines(shape: tuple[int, int], value: int) -> None:
    for polarity in ("dark", "light"):
        assert segment(Sheet(paper(*shape, value)), Attempt(polarity)).lines == ()


@pytest.mark.parametrize("strictness", ["faint", "normal", "strict"])
def test_noise_falls_into_a_bounded_number_of_pieces(strictness: str) -> None:
    pixels = np.random.default_rng(6).integers(0, 256, (500, 700, 3), dtype=np.uint8)
    pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), 1.5), np.uint8)

    found = segment(Sheet(pixels), Attempt("dark", strictness))  # type: ignore[arg-type]

    assert sum(len(line.pieces) for line in found.lines) <= MOST_PIECES


def test_steps_are_named_pictures_of_the_working_size_each_with_its_purpose() -> None:
    page = number("0368", margin=50)
    page[125:127] = 255
    image = photo(page)

    found = segment(Sheet(image.pixels), Attempt(), with_steps=True)

    names = [step.name for step in found.steps]
    assert names == ["Upright", "Gray", "Even light", "Ink", "Rules", "Lines"]
    sizes = {step.image.shape[:2] for step in found.steps}
    assert len(sizes) == 1
    assert all(step.purpose.endswith(".") for step in found.steps)


def test_no_step_is_shown_for_rules_where_there_are_none() -> None:
    found = segment(Sheet(photo(number("0368")).pixels), Attempt(), with_steps=True)

    assert "Rules" not in [step.name for step in found.steps]
    assert "Lines" in [step.name for step in found.steps]


def test_the_step_of_lines_has_a_color_for_each_line() -> None:
    page = sheet(260, 400)
    write(page, "0368", 30, 30)
    write(page, "5283", 30, 150)

    lines = segment(Sheet(photo(page).pixels), Attempt(), with_steps=True).steps[-1].image

    colors = {tuple(color) for color in lines.reshape(-1, 3).tolist()}
    assert len(colors) == 3


def test_everything_is_automatic_unless_set() -> None:
    assert SegmentationSettings() == SegmentationSettings(polarity="auto", ink="auto", rules=True, cuts=True)


def ruled_page(line_width: int) -> NDArray[np.uint8]:
    """A number and a stroke as high beside it, on paper with one rule below."""
    page = sheet(300, 560)
    right = write(page, "0368", 120, 60)[-1].right
    page[60:120, 60 : 60 + line_width] = 255
    page[200:203, :] = 255
    assert right < 560
    return page


def test_on_ruled_paper_a_stroke_thinner_than_the_pen_is_what_is_left_of_a_rule() -> None:
    for width, count in ((2, 4), (6, 5)):
        found = segment(Sheet(photo(ruled_page(width)).pixels), Attempt())

        assert sum(len(line.pieces) for line in found.lines) == count


def test_on_plain_paper_a_thin_stroke_is_a_one() -> None:
    page = ruled_page(2)
    page[200:203, :] = 0

    found = segment(Sheet(photo(page).pixels), Attempt())

    assert sum(len(line.pieces) for line in found.lines) == 5
