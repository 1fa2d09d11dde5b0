"""The generator of written pages: what it says stands on a page does stand there, where it says."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import get_args

import cv2
import numpy as np
import pytest

from core.evaluation.difficulties import edit_distance
from core.pens import draw_digit
from core.synthesis import (
    KINDS,
    STRINGS,
    NumberSettings,
    Page,
    PageSettings,
    bitmap_digits,
    kind_named,
    kind_page,
    number_ink,
    sample_drawings,
    sample_pages,
    stroke_digits,
    written_page,
)
from core.synthesis.labels import CLEAR, label_text, printed_label, written_label
from core.synthesis.numbers import Signs

QUIET = PageSettings(texture=0, noise=0, blur=0, grain=0, strength=(1.0, 1.0), jpeg_quality=100)
"""A page on which dark is ink and nothing else is."""


def _block(_digit: int, _rng: np.random.Generator) -> np.ndarray:
    return np.full((40, 28), 255, np.uint8)


def _darkness(page: Page) -> np.ndarray:
    """(H, W) how much darker than its paper each pixel is."""
    gray = page.image.pixels.astype(np.float32).mean(axis=2)
    return np.asarray(np.median(gray) - gray)


def _runs_of_ink(ink: np.ndarray) -> int:
    """How many separate stretches of columns hold ink."""
    filled = (ink > 96).any(axis=0).astype(int)
    return int((np.diff(np.concatenate([[0], filled])) == 1).sum())


def test_a_number_has_a_box_for_each_digit_from_left_to_right() -> None:
    number = number_ink("5283", np.random.default_rng(0))

    assert len(number.boxes) == 4
    assert [box.x for box in number.boxes] == sorted(box.x for box in number.boxes)
    assert all(number.ink[box.y : box.bottom, box.x : box.right].max() > 200 for box in number.boxes)


def test_a_number_is_cropped_to_its_digits() -> None:
    number = number_ink("190", np.random.default_rng(1), height_px=50)

    assert min(box.x for box in number.boxes) == 0
    assert max(box.right for box in number.boxes) == number.ink.shape[1]
    assert number.ink.shape[0] == pytest.approx(50, abs=15)


@pytest.mark.parametrize("text", ["", "12a", "1 2", "٣"])
def test_a_number_of_other_than_digits_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="digits 0 to 9"):
        number_ink(text, np.random.default_rng(0))


@pytest.mark.parametrize("pixels", [1, 2, 3, 4])
def test_touching_blocks_reach_into_each_other_by_as_many_pixels_of_twenty(pixels: int) -> None:
    settings = NumberSettings(touching=pixels, size_jitter=0, baseline_jitter=0)
    number = number_ink("77", np.random.default_rng(0), height_px=40, settings=settings, source=_block)
    first, second = number.boxes

    assert first.right - second.x == 2 * pixels


def test_digits_apart_keep_their_distance() -> None:
    settings = NumberSettings(gaps=(0.25, 0.25), size_jitter=0, baseline_jitter=0)
    number = number_ink("77", np.random.default_rng(0), height_px=40, settings=settings, source=_block)
    first, second = number.boxes

    assert second.x - first.right == 10
    assert _runs_of_ink(number.ink) == 2


@pytest.mark.parametrize("seed", range(8))
def test_touching_digits_are_one_piece_of_ink(seed: int) -> None:
    cv2 = pytest.importorskip("cv2")
    number = number_ink("0638", np.random.default_rng(seed), settings=NumberSettings(touching=2))
    apart = number_ink("0638", np.random.default_rng(seed), settings=NumberSettings())
    pieces, apart_pieces = (cv2.connectedComponents((n.ink > 60).astype(np.uint8))[0] - 1 for n in (number, apart))

    assert pieces < apart_pieces


def test_a_pitch_puts_digits_into_cells() -> None:
    settings = NumberSettings(pitch=1.5, size_jitter=0)
    number = number_ink("1700", np.random.default_rng(0), height_px=40, settings=settings)
    middles = [box.center[0] for box in number.boxes]

    assert np.diff(middles) == pytest.approx(60, abs=1.5)


def test_broken_digits_have_less_ink() -> None:
    whole = number_ink("0", np.random.default_rng(5), height_px=80)
    broken = number_ink("0", np.random.default_rng(5), height_px=80, settings=NumberSettings(broken=1.0))

    assert 0.8 < broken.ink.sum() / whole.ink.sum() < 0.995


def test_slanted_digits_lean_to_the_right() -> None:
    upright = NumberSettings(size_jitter=0, baseline_jitter=0)
    number = number_ink("1", np.random.default_rng(0), settings=replace(upright, slant_degrees=(15, 15)), source=_block)
    top, bottom = number.ink[3], number.ink[-4]

    assert np.flatnonzero(top).mean() - np.flatnonzero(bottom).mean() == pytest.approx(58 * np.tan(np.pi / 12), abs=2)


def test_a_page_tells_its_text_and_boxes() -> None:
    page = written_page(["12  345", "6"], QUIET, np.random.default_rng(0), name="note")

    assert page.text == "12 345\n6"
    assert [len(line) for line in page.boxes] == [5, 1]
    assert page.image.name == "note"
    assert page.image.pixels.shape == (560, 900, 3)


@pytest.mark.parametrize("seed", range(4))
def test_all_ink_of_a_page_lies_in_its_boxes(seed: int) -> None:
    page = written_page(["5283", "1790"], replace(QUIET, rising_degrees=(-6, 6)), np.random.default_rng(seed))
    darkness = _darkness(page)

    for box in (box for line in page.boxes for box in line):
        assert darkness[box.y : box.bottom, box.x : box.right].max() > 100
        darkness[box.y - 1 : box.bottom + 1, box.x - 1 : box.right + 1] = 0
    assert darkness.max() < 30


@pytest.mark.parametrize("seed", range(4))
def test_boxes_follow_the_camera(seed: int) -> None:
    page = written_page(["80"], replace(QUIET, perspective=0.2), np.random.default_rng(seed))
    darkness = _darkness(page)

    for box in page.boxes[0]:
        darkness[box.y - 2 : box.bottom + 2, box.x - 2 : box.right + 2] = 0
    assert darkness.max() < 30


@pytest.mark.parametrize("kind", KINDS | STRINGS)
def test_the_same_seed_makes_the_same_page(kind: str) -> None:
    first, again, other = kind_page(kind, 1, 2), kind_page(kind, 1, 2), kind_page(kind, 1, 3)

    assert np.array_equal(first.image.pixels, again.image.pixels)
    assert first.boxes == again.boxes
    assert not np.array_equal(first.image.pixels, other.image.pixels)


@pytest.mark.parametrize("kind", KINDS | STRINGS)
def test_every_digit_of_every_kind_is_in_the_picture(kind: str) -> None:
    for index in range(3):
        page = kind_page(kind, 0, index)
        height, width = page.image.pixels.shape[:2]
        boxes = [box for line in page.boxes for box in line]

        assert len(page.lines) == kind_named(kind).lines
        assert all(0 <= box.x < box.right <= width and 0 <= box.y < box.bottom <= height for box in boxes)


@pytest.mark.parametrize("kind", KINDS | STRINGS)
def test_every_digit_of_every_kind_differs_from_its_paper(kind: str) -> None:
    page = kind_page(kind, 0, 0)
    gray = page.image.pixels.astype(np.float32).mean(axis=2)

    for box in (box for line in page.boxes for box in line):
        region = gray[box.y : box.bottom, box.x : box.right]
        assert np.percentile(region, 97) - np.percentile(region, 3) > 15


def test_a_long_line_is_written_smaller_so_that_it_fits() -> None:
    page = written_page(["12345678901234567890"], QUIET, np.random.default_rng(0))

    assert min(box.x for box in page.boxes[0]) > 0
    assert max(box.right for box in page.boxes[0]) < 900


def test_many_lines_are_written_smaller_so_that_they_fit() -> None:
    page = written_page(["12"] * 12, QUIET, np.random.default_rng(0))

    assert min(box.y for box in page.boxes[0]) >= 0
    assert max(box.bottom for box in page.boxes[-1]) <= 560


def test_a_page_without_lines_is_blank() -> None:
    page = written_page([], QUIET, np.random.default_rng(0))

    assert page.text == ""
    assert np.ptp(page.image.pixels[..., 0]) == 0


def test_other_marks_stay_away_from_the_number() -> None:
    settings = replace(QUIET, marks=8)
    page = written_page(["407"], settings, np.random.default_rng(3))
    darkness = _darkness(page)
    left, right = page.boxes[0][0].x, page.boxes[0][-1].right
    top, bottom = min(b.y for b in page.boxes[0]), max(b.bottom for b in page.boxes[0])

    assert darkness[: top - 25].max() > 100 or darkness[bottom + 25 :].max() > 100
    assert darkness[top - 15 : top - 2, left:right].max() < 30


def test_chalk_is_lighter_than_its_board() -> None:
    page = kind_page("chalk", 0, 0)
    box = page.boxes[0][0]
    gray = page.image.pixels.astype(np.float32).mean(axis=2)

    assert np.percentile(gray[box.y : box.bottom, box.x : box.right], 95) > np.median(gray) + 30


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="bleed-through"):
        kind_page("coffee", 0, 0)


def test_a_page_can_be_written_with_recorded_strokes() -> None:
    strokes = [draw_digit(digit, np.random.default_rng(digit)) for digit in range(10)]
    page = written_page(["0123456789"], QUIET, np.random.default_rng(0), source=stroke_digits(strokes, range(10)))

    assert len(page.boxes[0]) == 10


def test_a_bitmap_source_gives_the_digit_asked_for() -> None:
    images = np.zeros((2, 28, 28), np.uint8)
    images[0, 4:24, 13:15] = 255
    images[1, 4:24, 4:24] = 255
    source = bitmap_digits(images, [1, 0])
    one, zero = source(1, np.random.default_rng(0)), source(0, np.random.default_rng(0))

    assert one.shape[1] < one.shape[0] / 5
    assert zero.shape[1] == zero.shape[0]


def test_digits_without_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="2 digits but 1 labels"):
        bitmap_digits(np.zeros((2, 28, 28), np.uint8), [1])


def test_a_page_whose_boxes_do_not_fit_its_text_is_refused() -> None:
    page = written_page(["12"], QUIET, np.random.default_rng(0))

    with pytest.raises(ValueError, match="do not fit"):
        Page(page.image, ("123",), page.boxes)


def test_sample_drawings_lie_on_the_canvas() -> None:
    drawings = sample_drawings()

    assert len(drawings) >= 5
    for strokes in drawings.values():
        points = np.concatenate(strokes)
        assert points.min() > 7 and points.max() < 273


def test_sample_pages_are_the_same_each_time() -> None:
    first, again = list(sample_pages()), list(sample_pages())

    assert len({sample.name for sample in first}) == len(first) >= 5
    assert all(
        a.page.text and np.array_equal(a.page.image.pixels, b.page.image.pixels)
        for a, b in zip(first, again, strict=True)
    )


@pytest.mark.parametrize(
    ("truth", "answer", "errors"), [("528", "528", 0), ("528", "58", 1), ("", "11", 2), ("12", "21", 2)]
)
def test_errors_are_counted_as_edits(truth: str, answer: str, errors: int) -> None:
    assert edit_distance(truth, answer) == errors


SIGNS: tuple[Signs, ...] = get_args(Signs)


@pytest.mark.parametrize("signs", [signs for signs in SIGNS if signs != "none"])
@pytest.mark.parametrize("seed", range(4))
def test_signs_stand_with_the_digits_whose_boxes_stay_on_their_ink(signs: Signs, seed: int) -> None:
    number = number_ink("407218", np.random.default_rng(seed), settings=NumberSettings(signs=signs))

    own = np.zeros_like(number.ink)
    for box, glyph in zip(number.boxes, number.glyphs, strict=True):
        assert (number.ink[box.y : box.bottom, box.x : box.right] >= glyph).all()
        region = own[box.y : box.bottom, box.x : box.right]
        np.maximum(region, glyph, out=region)
    assert number.text == "407218"
    assert np.count_nonzero((number.ink > 127) & (own < 64)) > 64  # what is left is the signs'
    assert abs(number.baseline - np.median([box.bottom for box in number.boxes])) < 0.2 * 64


def _ends(signs: Signs, seed: int) -> tuple[bool, bool]:
    """Whether something stands before the first digit, and behind the last."""
    number = number_ink("407", np.random.default_rng(seed), settings=NumberSettings(signs=signs))
    return number.boxes[0].x > 6, number.ink.shape[1] - number.boxes[-1].right > 6


def test_each_sign_stands_where_people_write_it() -> None:
    seeds = range(12)

    assert {_ends("money", seed) for seed in seeds} == {(True, False), (False, True)}
    assert {_ends("percent", seed) for seed in seeds} == {(False, True)}
    assert {_ends("parentheses", seed) for seed in seeds} == {(True, True)}
    assert {_ends("slashes", seed) for seed in seeds} == {(False, False)}
    assert {_ends("label", seed) for seed in seeds} == {(True, False), (False, True)}


def test_nearly_every_label_holds_a_letter_that_is_like_no_digit() -> None:
    texts = [label_text(np.random.default_rng(seed)) for seed in range(2_000)]

    assert sum(bool(set(text) & set(CLEAR)) for text in texts) > 0.98 * len(texts)
    assert any(text.isupper() for text in texts)
    assert any(text.endswith(":") for text in texts)


@pytest.mark.parametrize("seed", range(30))
def test_letters_by_hand_are_there_however_small(seed: int) -> None:
    ink = written_label(7, 1, np.random.default_rng(seed))

    assert ink.shape[1] > ink.shape[0]
    assert ink.max() > 96


@pytest.mark.parametrize("seed", range(5))
def test_printed_capitals_are_as_high_as_asked_and_stand_on_their_row(seed: int) -> None:
    ink, baseline = printed_label("HEK", 40, np.random.default_rng(seed))

    assert ink.shape[0] == pytest.approx(40, rel=0.2)
    assert baseline == pytest.approx(ink.shape[0], abs=4)


def test_slashes_part_a_date_and_touch_no_digit() -> None:
    for seed in range(12):
        number = number_ink("240725", np.random.default_rng(seed), settings=NumberSettings(signs="slashes", touching=2))
        pieces, _ = cv2.connectedComponents((number.ink > 127).astype(np.uint8))

        assert pieces - 1 >= 5  # three parts and two slashes, at least
        gaps = [after.x - before.right for before, after in pairwise(number.boxes)]
        assert 1 <= sum(gap > 4 for gap in gaps) <= 2
