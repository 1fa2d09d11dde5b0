"""Rules: lines, grids, boxes and underlines go; digits, also those that stand on a rule, stay."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.pens import render
from core.segmentation.lines import writing_height
from core.segmentation.rules import find_rules, without_rules
from tests.core.drawings import Ink, glyph, pieces_of, put, sheet, template, write

HEIGHT = 60


def unruled(ink: Ink, height: float = HEIGHT) -> Ink:
    return without_rules(ink, pieces_of(ink), height).ink


def written(text: str = "5283", shape: tuple[int, int] = (260, 520)) -> Ink:
    page = sheet(*shape)
    write(page, text, 90, 100, HEIGHT)
    return page


def kept_share(found: Ink, digits: Ink) -> float:
    """How much of the digits' ink is still there."""
    return float((found[digits > 127] > 127).mean())


def left_share(found: Ink, rules: Ink, digits: Ink) -> float:
    """How much of the rules is still there, away from the digits."""
    only = (rules > 127) & (cv2.dilate(digits, np.ones((9, 9), np.uint8)) == 0)
    return float((found[only] > 127).mean())


def level_rules(page: Ink, rows: tuple[int, ...], thickness: int, slope: float = 0.0) -> Ink:
    rules = np.zeros_like(page)
    for row in rows:
        cv2.line(rules, (0, row), (page.shape[1] - 1, round(row + slope * page.shape[1])), 255, thickness)
    return rules


@pytest.mark.parametrize("row", [100 + HEIGHT - 3, 125, 190])
@pytest.mark.parametrize("thickness", [1, 2, 4])
def test_a_ruled_line_through_under_or_below_digits_is_gone_and_they_stay(row: int, thickness: int) -> None:
    digits = written()
    rules = level_rules(digits, (row,), thickness)

    found = unruled(np.maximum(digits, rules))

    assert left_share(found, rules, digits) < 0.05
    assert kept_share(found, digits) > 0.75


@pytest.mark.parametrize("degrees", [-4, -1.5, 2, 5])
def test_a_rule_that_leans_is_a_rule(degrees: float) -> None:
    digits = written("528")
    rules = level_rules(digits, (150,), 2, float(np.tan(np.deg2rad(degrees))))

    found = unruled(np.maximum(digits, rules))

    assert left_share(found, rules, digits) < 0.1
    assert kept_share(found, digits) > 0.85


@pytest.mark.parametrize("degrees", [-13, -9, -7, 7, 8, 13])
def test_a_rule_of_a_page_held_askew_is_gone_and_tells_how_much_it_rises(degrees: float) -> None:
    slope = -float(np.tan(np.deg2rad(degrees)))
    digits = sheet(400, 520)
    write(digits, "528", 90, 100)
    rules = level_rules(digits, (round(280 - 260 * slope),), 3, slope)
    page = np.maximum(digits, rules)

    found = without_rules(page, pieces_of(page), HEIGHT, askew=True)

    assert left_share(found.ink, rules, digits) < 0.1
    assert kept_share(found.ink, digits) > 0.95
    assert max(length for _, length in found.rises) > 400
    assert all(rise == pytest.approx(-slope, abs=0.02) for rise, _ in found.rises)


@pytest.mark.parametrize("degrees", [-13, -9, 9, 13])
def test_a_rule_that_leans_by_much_is_none_of_a_level_page(degrees: float) -> None:
    slope = -float(np.tan(np.deg2rad(degrees)))
    page = level_rules(sheet(400, 520), (round(200 - 260 * slope),), 3, slope)

    assert kept_share(unruled(page), page) > 0.98


def test_a_grid_is_gone_and_the_digits_stay() -> None:
    digits = written()
    grid = level_rules(digits, tuple(range(20, 260, 40)), 2)
    grid |= np.ascontiguousarray(level_rules(np.ascontiguousarray(digits.T), tuple(range(20, 520, 40)), 2).T)

    found = unruled(np.maximum(digits, grid))

    assert left_share(found, grid, digits) < 0.1
    assert kept_share(found, digits) > 0.75


def test_where_dark_writing_hides_the_rules_no_stroke_is_taken_for_one() -> None:
    digits = written(shape=(400, 900))
    grid = level_rules(digits, tuple(range(16, 400, 36)), 3)
    grid |= np.ascontiguousarray(level_rules(np.ascontiguousarray(digits.T), tuple(range(16, 900, 36)), 3).T)
    hole = cv2.dilate(digits, np.ones((91, 91), np.uint8)) > 0
    grid[hole] = 0

    found = unruled(np.maximum(digits, grid), float(max(digits.shape)))

    assert left_share(found, grid, digits) < 0.1
    assert kept_share(found, digits) > 0.98


@pytest.mark.parametrize(
    ("text", "pen", "gap", "above"), [("443000", 0.12, -0.05, 4), ("35680", 0.15, 0.0, 2), ("50608", 0.15, 0.1, 6)]
)
def test_a_rule_that_digits_stand_on_from_end_to_end_is_gone(text: str, pen: float, gap: float, above: int) -> None:
    digits, x = sheet(110, 700), 6
    for character in text:
        ink = render(template(int(character)), height_px=66 * (1 - pen), brush_px=66 * pen)
        x += put(digits, ink, x, 14).width + round(gap * 66)
    digits = np.ascontiguousarray(digits[:, : x + 2])
    rule = level_rules(digits, (80 - above,), 4)

    found = unruled(np.maximum(digits, rule))

    assert left_share(found, rule, digits) == 0
    assert kept_share(found, digits) > 0.95


def test_a_stroke_that_swings_like_the_feet_of_round_digits_is_no_rule() -> None:
    swinging = sheet(100, 448)
    columns = np.arange(10, 440)
    rows = 60 + 3 * np.sin(columns / 5)
    cv2.polylines(swinging, [np.stack([columns, rows], 1).round().astype(np.int32)], False, 255, 6)

    assert np.array_equal(unruled(swinging, 35), swinging)


def test_a_rule_on_bent_paper_is_gone() -> None:
    digits = written("528", (400, 900))
    rule = sheet(*digits.shape)
    columns = np.arange(900)
    rows = 240 + 9 * np.sin(columns / 290)
    cv2.polylines(rule, [np.stack([columns, rows], 1).round().astype(np.int32)], False, 255, 3)

    found = unruled(np.maximum(digits, rule), float(max(digits.shape)))

    assert left_share(found, rule, digits) < 0.1
    assert kept_share(found, digits) == 1.0


def test_a_wide_box_around_a_number_is_gone() -> None:
    digits = written()
    box = sheet(*digits.shape)
    cv2.rectangle(box, (50, 46), (450, 214), 255, 3)

    found = unruled(np.maximum(digits, box))

    assert left_share(found, box, digits) < 0.1
    assert kept_share(found, digits) > 0.95


def test_an_underline_shorter_than_the_page_is_gone() -> None:
    digits = written()
    underline = sheet(*digits.shape)
    cv2.line(underline, (80, 175), (400, 178), 255, 4)

    found = unruled(np.maximum(digits, underline))

    assert left_share(found, underline, digits) < 0.1
    assert kept_share(found, digits) > 0.95


def test_digits_apart_from_a_rule_keep_every_pixel() -> None:
    digits = written()

    found = unruled(np.maximum(digits, level_rules(digits, (200,), 2)))

    assert np.array_equal(found[:180], digits[:180])


@pytest.mark.parametrize("text", ["5283", "7777", "1111", "4444", "0"])
def test_writing_without_rules_comes_back_as_it_is(text: str) -> None:
    page = written(text)

    assert unruled(page) is page


@pytest.mark.parametrize("digit", [1, 4, 5, 7])
def test_a_digit_that_fills_the_picture_has_no_rule(digit: int) -> None:
    large = glyph(digit, 240)
    page = sheet(280, large.shape[1] + 40)
    put(page, large, 20, 20)

    assert unruled(page, 240) is page


def test_the_given_ink_is_never_written_to() -> None:
    page = np.maximum(written(), level_rules(written(), (125,), 2))
    before = page.copy()

    unruled(page)

    assert np.array_equal(page, before)


@pytest.mark.parametrize("rows", [(60,), (60, 120, 200)])
def test_every_rule_is_found_over_its_whole_length(rows: tuple[int, ...]) -> None:
    found = find_rules(level_rules(sheet(260, 500), rows, 2), 40)

    whole = [rule for rule in found if rule.slope == 0 and rule.end - rule.start > 480]
    assert sorted(rule.offset for rule in whole) == pytest.approx(list(rows), abs=3)


def test_no_rule_is_found_where_there_is_none() -> None:
    assert find_rules(sheet(260, 500), 40) == ()
    assert find_rules(written(), HEIGHT) == ()


@pytest.mark.parametrize("shape", [(1, 1), (2, 700), (700, 2), (9, 9)])
@pytest.mark.parametrize("value", [0, 255])
def test_pictures_too_small_for_rules_are_no_trouble(shape: tuple[int, int], value: int) -> None:
    ink = np.full(shape, value, np.uint8)

    found = without_rules(ink, pieces_of(ink), writing_height(pieces_of(ink))).ink

    assert found.shape == shape
