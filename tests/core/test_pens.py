"""Pens: digits as strokes of our own making, and the ink they leave."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from core.pens import (
    KINDS,
    STYLES,
    Strokes,
    draw_currency,
    draw_digit,
    draw_not_digit,
    draw_parentheses,
    draw_percent,
    draw_slash,
    draw_style,
    render,
    trace,
)
from core.pens.curves import arc, curve
from core.pens.letters import CURRENCIES, PERCENTS, SLASHES
from core.pens.styles import IN_LINES

EVERY_STYLE = [(digit, style) for digit, styles in STYLES.items() for style in styles]


def _distance_to(strokes: tuple[np.ndarray, ...], size_hw: tuple[int, int]) -> np.ndarray:
    """Distance from the middle of every pixel to the nearest point of the strokes."""
    y, x = np.mgrid[: size_hw[0], : size_hw[1]] + 0.5
    nearest = np.full(size_hw, np.inf)
    for stroke in strokes:
        for start, end in pairwise(stroke):
            along = end - start
            t = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / max(1e-9, float(along @ along))
            t = np.clip(t, 0, 1)
            nearest = np.minimum(nearest, np.hypot(x - start[0] - t * along[0], y - start[1] - t * along[1]))
    return nearest


def test_each_digit_has_several_styles() -> None:
    counts = {digit: len(styles) for digit, styles in STYLES.items()}

    assert sorted(counts) == list(range(10))
    assert min(counts.values()) >= 5


@pytest.mark.parametrize(("digit", "style"), EVERY_STYLE)
def test_a_digit_is_one_high_and_starts_at_the_corner(digit: int, style: str) -> None:
    for seed in range(5):
        points = np.concatenate(draw_digit(digit, np.random.default_rng(seed), style))

        assert points.dtype == np.float32
        assert points.min(axis=0) == pytest.approx((0, 0), abs=1e-6)
        assert points[:, 1].max() == pytest.approx(1, abs=1e-5)
        assert points[:, 0].max() < 1.6


def test_the_same_seed_writes_the_same_digit() -> None:
    first = draw_digit(5, np.random.default_rng(7))
    second = draw_digit(5, np.random.default_rng(7))

    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_no_two_digits_of_one_hand_are_alike() -> None:
    rng = np.random.default_rng(0)
    a, b = draw_digit(3, rng, "curly"), draw_digit(3, rng, "curly")

    assert a[0].shape == b[0].shape
    assert np.abs(a[0] - b[0]).max() > 0.01


def test_a_digit_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="12 is not a digit"):
        draw_digit(12, np.random.default_rng(0))


def test_an_unknown_style_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="crossed"):
        draw_digit(7, np.random.default_rng(0), "gothic")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_digit_leaves_finite_ink(kind: str) -> None:
    for seed in range(20):
        strokes = draw_not_digit(np.random.default_rng(seed), kind)
        ink = render(strokes, height_px=24, brush_px=3)

        assert all(len(stroke) >= 2 and np.isfinite(stroke).all() for stroke in strokes)
        assert ink.max() == 255


def test_an_unknown_kind_of_mark_is_refused() -> None:
    with pytest.raises(ValueError, match="scribble"):
        draw_not_digit(np.random.default_rng(0), "poem")


def test_a_curve_goes_through_its_control_points() -> None:
    part = ((0.0, 0.0), (0.3, 0.1), (0.5, 0.6), (0.2, 1.0))
    prepared = curve((part,))
    points = prepared.blend @ prepared.controls

    for control in part:
        assert np.hypot(*(points - control).T).min() < 1e-6


def test_a_closed_arc_is_round() -> None:
    prepared = curve((arc((0.5, 0.5), (0.5, 0.5), 0, -360),))
    radius = np.hypot(*(prepared.blend @ prepared.controls - 0.5).T)

    assert radius == pytest.approx(0.5, abs=0.02)


def test_parts_that_do_not_meet_are_refused() -> None:
    with pytest.raises(ValueError, match="the pen is at"):
        curve((((0.0, 0.0), (1.0, 0.0)), ((0.0, 1.0), (1.0, 1.0))))


def test_every_point_of_a_curve_is_a_weighing_of_its_controls() -> None:
    prepared = curve((((0.0, 0.0), (0.3, 0.1), (0.5, 0.6)), ((0.5, 0.6), (0.0, 1.0))))

    assert prepared.blend.sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("brush_px", [1.5, 3.0, 8.0, 20.0])
def test_ink_covers_what_a_round_brush_covers(brush_px: float) -> None:
    stroke = np.array([[12.3, 10.2], [40.7, 22.1], [18.4, 50.9]], np.float32)
    ink = trace((stroke,), size_hw=(64, 56), brush_px=brush_px)
    distance = _distance_to((stroke,), (64, 56))

    assert (ink[distance < brush_px / 2 - 1] == 255).all()
    assert (ink[distance > brush_px / 2 + 1] == 0).all()
    # As much ink as a circle swept along the line, which is what a canvas with round caps and joins paints.
    swept = np.clip(brush_px / 2 - distance + 0.5, 0, 1).sum()
    assert ink.sum() / 255 == pytest.approx(swept, rel=0.06)


def test_ink_has_smooth_edges() -> None:
    ink = render(draw_digit(8, np.random.default_rng(1)), height_px=40, brush_px=4)

    assert len(np.unique(ink)) > 10


@pytest.mark.parametrize("digit", range(10))
def test_a_rendered_digit_fills_its_picture_and_is_not_cut(digit: int) -> None:
    strokes = draw_digit(digit, np.random.default_rng(digit))
    ink = render(strokes, height_px=100, brush_px=10, margin_px=5)
    width = max(stroke[:, 0].max() for stroke in strokes) * 100 + 20

    assert ink.shape[0] == pytest.approx(120, abs=2)
    assert ink.shape[1] == pytest.approx(width, abs=2)
    assert not ink[:3].any() and not ink[-3:].any() and not ink[:, :3].any() and not ink[:, -3:].any()
    assert ink[6:-6].any(axis=1).all()


def test_no_brush_leaves_no_ink() -> None:
    with pytest.raises(ValueError, match="no ink"):
        render(draw_digit(1, np.random.default_rng(0)), height_px=20, brush_px=0)


def test_no_strokes_cannot_be_rendered() -> None:
    with pytest.raises(ValueError, match="no strokes"):
        render((), height_px=20, brush_px=2)


def test_a_dot_is_a_round_spot() -> None:
    ink = trace((np.array([[10, 10], [10, 10]], np.float32),), size_hw=(20, 20), brush_px=9)

    assert ink.sum() / 255 == pytest.approx(np.pi * 4.5**2, rel=0.1)


def test_styles_that_only_lines_hold_are_drawn_there_and_nowhere_by_chance() -> None:
    rng = np.random.default_rng(2)
    alone = {(digit, draw_style(digit, rng)) for digit in range(10) for _ in range(300)}
    in_lines = {(digit, draw_style(digit, rng, in_a_line=True)) for digit in range(10) for _ in range(300)}

    assert not alone & set(IN_LINES)
    assert alone | set(IN_LINES) == in_lines


DrawSign = Callable[[np.random.Generator, str], Strokes]
BESIDE: list[tuple[DrawSign, str]] = [
    *((draw_currency, style) for style in CURRENCIES),
    *((draw_percent, style) for style in PERCENTS),
    *((draw_slash, style) for style in SLASHES),
]


@pytest.mark.parametrize(("draw", "style"), BESIDE)
def test_a_sign_beside_digits_is_one_high_and_never_the_same_twice(draw: DrawSign, style: str) -> None:
    rng = np.random.default_rng(4)
    first, second = (np.concatenate(draw(rng, style)) for _ in range(2))

    assert np.ptp(first[:, 1]) == pytest.approx(1)
    assert first.shape != second.shape or not np.allclose(first, second)


def test_money_has_one_of_its_signs_where_none_is_named() -> None:
    rng = np.random.default_rng(5)
    strokes = {len(draw_currency(rng)) for _ in range(60)}

    assert strokes == {2, 3}  # a bar or a stroke through it, or two


def test_a_slash_rises_to_the_right_and_leans_more_than_a_1() -> None:
    rng = np.random.default_rng(6)
    for (stroke,) in (draw_slash(rng) for _ in range(100)):
        assert stroke[0, 0] - stroke[-1, 0] > 0.15  # from the top right to the bottom left
        assert stroke[0, 1] < 0.1 < 0.9 < stroke[-1, 1]


def test_parentheses_open_to_each_other() -> None:
    rng = np.random.default_rng(7)
    for (opening,), (closing,) in (draw_parentheses(rng) for _ in range(50)):
        middles = [stroke[abs(stroke[:, 1] - 0.5) < 0.2, 0].mean() for stroke in (opening, closing)]
        ends = [stroke[[0, -1], 0].mean() for stroke in (opening, closing)]
        assert middles[0] < ends[0]
        assert middles[1] > ends[1]
