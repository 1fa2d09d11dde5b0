"""Lines of writing: pieces side by side belong together, also where a line rises; marks go with their line."""

from __future__ import annotations

import numpy as np
import pytest

from core.segmentation.lines import WritingLine, find_lines, pen_width, rises_like, tilt_of, writing_height
from tests.core.drawings import block, glyph, pieces_of, put, sheet, write


def places(line: WritingLine) -> list[int]:
    return [piece.box.x for piece in line.pieces]


@pytest.mark.parametrize("degrees", [-5, -2, 0, 2, 5])
def test_two_lines_that_rise_are_two_lines_in_order(degrees: float) -> None:
    page, rise = sheet(360, 620), float(np.tan(np.deg2rad(degrees)))
    upper = write(page, "528 306", 30, 80, rise=rise)
    lower = write(page, "69080", 40, 200, rise=rise)

    lines = find_lines(pieces_of(page))

    assert [len(line.pieces) for line in lines] == [6, 5]
    assert places(lines[0]) == pytest.approx([box.x for box in upper], abs=3)
    assert places(lines[1]) == pytest.approx([box.x for box in lower], abs=3)
    assert lines[0].height == pytest.approx(60, abs=5)


@pytest.mark.parametrize("degrees", [-14, -10, 10, 14])
def test_two_groups_on_a_tilted_page_are_one_line_in_order(degrees: float) -> None:
    page, rise = sheet(700, 900), float(np.tan(np.deg2rad(degrees)))
    top = 300 if degrees > 0 else 60
    upper = [write(page, "528", 30, top, rise=rise), write(page, "306", 480, top - 450 * rise, rise=rise)]
    lower = [write(page, "690", 30, top + 110, rise=rise), write(page, "80", 480, top + 110 - 450 * rise, rise=rise)]

    lines = find_lines(pieces_of(page))

    assert [places(line) for line in lines] == [
        pytest.approx([box.x for group in groups for box in group], abs=3) for groups in (upper, lower)
    ]


@pytest.mark.parametrize("degrees", [-30, -20, 20, 30])
@pytest.mark.parametrize("text", ["528", "69080"])
def test_a_short_number_on_a_plainly_tilted_page_is_one_line(text: str, degrees: float) -> None:
    page, rise = sheet(600, 700), float(np.tan(np.deg2rad(degrees)))
    written = write(page, text, 60, 400 if degrees > 0 else 100, rise=rise)

    (line,) = find_lines(pieces_of(page))

    assert places(line) == pytest.approx([box.x for box in written], abs=3)
    assert tilt_of(pieces_of(page)) == pytest.approx(rise, rel=0.15)


@pytest.mark.parametrize("steps", [(0, 9, -6, 8), (0, -8, 5, -9)])
def test_digits_that_dance_are_on_a_level_page(steps: tuple[int, ...]) -> None:
    page = sheet(240, 500)
    for place, (digit, step) in enumerate(zip("5286", steps, strict=True)):
        put(page, glyph(int(digit)), 50 + 70 * place, 90 + step)

    assert tilt_of(pieces_of(page)) == 0


@pytest.mark.parametrize(
    ("writing", "other", "alike"),
    [(0.15, 0.17, True), (-0.2, -0.15, True), (0.0, 0.15, False), (0.15, -0.15, False), (0.02, 0.15, False)],
)
def test_writing_rises_like_a_rule_or_does_not(writing: float, other: float, alike: bool) -> None:
    page = sheet(300, 500)
    write(page, "528", 60, 140, rise=writing)

    assert rises_like(pieces_of(page), other) is alike


def test_a_digit_alone_rises_like_nothing() -> None:
    page = sheet(200, 200)
    write(page, "5", 60, 60)

    assert not rises_like(pieces_of(page), 0.15)
    assert not rises_like((), 0.15)


def test_lines_of_different_size_each_have_their_own_height() -> None:
    page = sheet(300, 500)
    write(page, "6080", 20, 20, height=80)
    write(page, "6080", 20, 180, height=50)

    large, small = find_lines(pieces_of(page))

    assert (large.height, small.height) == (pytest.approx(80, abs=4), pytest.approx(50, abs=4))


def test_small_writing_under_a_large_heading_has_lines_of_its_own() -> None:
    page = sheet(520, 700)
    write(page, "2024", 20, 20, height=150)
    for row in range(4):
        write(page, "6080", 60, 200 + 70 * row, height=40)

    heading, *lines = find_lines(pieces_of(page))

    assert heading.height == pytest.approx(150, abs=8)
    assert [line.height for line in lines] == [pytest.approx(40, abs=4)] * 4


def test_a_lone_mark_under_large_writing_is_no_writing_of_a_smaller_size() -> None:
    page = sheet(400, 700)
    write(page, "2024", 20, 20, height=150)
    put(page, glyph(5, 40), 200, 300)

    assert len(find_lines(pieces_of(page))) == 1


def test_digits_that_dance_on_their_line_are_one_line() -> None:
    pieces = [block(40 * index, 100 + shift, 25, 60) for index, shift in enumerate((0, 12, -10, 8, -14, 5))]

    (line,) = find_lines(pieces)

    assert places(line) == [0, 40, 80, 120, 160, 200]


def test_dot_comma_and_dash_go_with_their_line() -> None:
    upper = [block(50 * index, 0, 30, 60) for index in range(4)]
    lower = [block(50 * index, 110, 30, 60) for index in range(4)]
    dot, comma, dash = block(35, 50, 9, 9), block(85, 162, 7, 18), block(132, 136, 16, 5)

    first, second = find_lines([*lower, dot, comma, dash, *upper])

    assert places(first) == [0, 35, 50, 100, 150]
    assert places(second) == [0, 50, 85, 100, 132, 150]
    assert first.height == second.height == 60


def test_specks_and_marks_far_from_every_line_are_left_out() -> None:
    digits = [block(50 * index, 100, 30, 60) for index in range(4)]
    speck, stray = block(90, 120, 3, 3), block(60, 10, 15, 15)

    (line,) = find_lines([*digits, speck, stray])

    assert len(line.pieces) == 4


def test_parts_of_a_broken_digit_stay_with_their_line() -> None:
    whole = [block(0, 100, 30, 60), block(100, 100, 30, 60)]
    upper, lower = block(50, 100, 30, 25), block(50, 130, 30, 30)

    (line,) = find_lines([*whole, upper, lower])

    assert len(line.pieces) == 4


def test_halves_of_broken_digits_are_one_line_of_whole_height_where_most_digits_broke() -> None:
    whole = block(190, 10, 30, 60)
    upper = [block(10, 10, 40, 28), block(70, 12, 40, 26), block(130, 10, 20, 34)]
    lower = [block(12, 44, 40, 28), block(72, 44, 40, 28), block(126, 50, 20, 22)]

    (line,) = find_lines([*upper, *lower, whole], pen=5)

    assert len(line.pieces) == 7
    assert 56 <= line.height <= 64


def test_rows_no_pen_s_width_apart_stay_two_lines() -> None:
    upper = [block(10 + 60 * place, 10, 40, 60) for place in range(3)]
    lower = [block(10 + 60 * place, 74, 40, 60) for place in range(3)]

    assert [len(line.pieces) for line in find_lines([*upper, *lower], pen=5)] == [3, 3]


def test_the_writing_s_height_weighs_ink_not_specks() -> None:
    digits, specks = [block(50 * i, 0, 20, 60) for i in range(3)], [block(5 * i, 80, 3, 3) for i in range(100)]

    assert writing_height([*digits, *specks]) == 60


def test_the_pen_s_width_is_that_of_most_ink_not_of_most_pieces() -> None:
    digits = [block(x, 0, 8, 60) for x in range(0, 120, 40)]
    remnants = [block(x, 100, 30, 2) for x in range(0, 400, 40)]

    assert pen_width([*digits, *remnants]) == pytest.approx(pen_width(digits))
    assert pen_width([]) == 1.0


def test_a_rule_says_nothing_about_the_height_unless_it_is_all_there_is() -> None:
    rule = block(0, 90, 900, 4)

    assert writing_height([rule, block(0, 0, 20, 60), block(50, 0, 20, 60)]) == 60
    assert writing_height([rule]) == 4


def test_no_pieces_are_no_lines() -> None:
    assert find_lines([]) == ()
    assert writing_height([]) == 0


def test_the_box_of_a_line_is_around_all_its_pieces() -> None:
    (line,) = find_lines([block(10, 20, 30, 60), block(60, 10, 30, 60)])

    assert line.box == (10, 10, 80, 70)


def test_the_order_pieces_come_in_changes_nothing() -> None:
    page = sheet(300, 500)
    write(page, "52830", 20, 20)
    write(page, "6907", 20, 140)
    pieces = list(pieces_of(page))

    found = find_lines(pieces)
    again = find_lines(pieces[::-1])

    assert [places(line) for line in found] == [places(line) for line in again]


def test_halves_of_a_broken_digit_stay_between_whole_ones() -> None:
    page = sheet(140, 520)
    boxes = write(page, "80808", 20, 40)
    page[66:72, boxes[0].x : boxes[0].right] = 0
    page[64:70, boxes[1].x : boxes[1].right] = 0

    (line,) = find_lines(pieces_of(page))

    assert len(line.pieces) == 7


def test_lines_close_to_each_other_stay_apart() -> None:
    page = sheet(240, 520)
    write(page, "80808", 20, 20)
    write(page, "44", 60, 84, height=40)

    assert [len(line.pieces) for line in find_lines(pieces_of(page))] == [5, 2]
