"""Ink: strong and faint pens in one picture, none on empty paper."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.segmentation import light
from core.segmentation.ink import Strictness, broad_strokes, grain, otsu, soft_ink, threshold
from tests.core.drawings import Ink, number, put, sheet

Contrast = NDArray[np.float32]


def found_in(contrast: Contrast, strictness: Strictness = "normal") -> Ink:
    return soft_ink(contrast, threshold(contrast, strictness))


def noisy(contrast: NDArray[np.floating], deviation: float) -> Contrast:
    noise = np.random.default_rng(3).normal(0, deviation, contrast.shape)
    return np.clip(contrast + noise, 0, 1).astype(np.float32)


@pytest.mark.parametrize("strength", [0.25, 0.5, 0.95])
def test_what_was_drawn_is_ink_and_nothing_else(strength: float) -> None:
    drawn = number("5283")

    found = found_in(noisy(drawn / 255 * strength, 0.01)) > 127

    core = cv2.erode(drawn, np.ones((3, 3), np.uint8)) > 200
    near = cv2.dilate(drawn, np.ones((5, 5), np.uint8)) > 50
    assert found[core].mean() > 0.99
    assert not found[~near].any()


def test_a_faint_line_below_a_strong_one_is_found_when_faint_ink_is_asked_for() -> None:
    page = sheet(500, 420)
    strong, faint = number("5283"), number("7061")
    put(page, strong, 10, 10)
    contrast = page / 255 * 0.9
    contrast[340 : 340 + faint.shape[0], 10 : 10 + faint.shape[1]] += faint / 255 * 0.3

    found = found_in(noisy(contrast, 0.005), "faint") > 127

    assert found[340 : 340 + faint.shape[0], 10 : 10 + faint.shape[1]][faint > 200].mean() > 0.9


@pytest.mark.parametrize("deviation", [0, 1, 3, 7, 12])
def test_empty_paper_has_no_ink_however_coarse_its_grain(deviation: float) -> None:
    gray = (235 + np.random.default_rng(4).normal(0, deviation, (200, 300))).clip(0, 255).astype(np.uint8)

    found = found_in(light.contrast(gray, "dark"))

    assert (found > 127).mean() < 1e-3


def test_a_stroke_that_fades_is_made_whole_by_its_own_darkness() -> None:
    contrast = np.zeros((60, 200), np.float32)
    contrast[28:33, 20:180] = np.linspace(0.6, 0.28, 160)
    limit = np.full_like(contrast, 0.4)

    found = soft_ink(contrast, limit) > 127

    assert not (contrast > limit)[30, 120:180].any()
    assert found[30, 20:160].all()


def test_a_stroke_nowhere_above_the_limit_is_no_ink() -> None:
    contrast = np.zeros((60, 200), np.float32)
    contrast[28:33, 20:180] = 0.3

    assert not soft_ink(contrast, np.full_like(contrast, 0.4)).any()


def test_edges_keep_their_gray() -> None:
    drawn = cv2.GaussianBlur(number("8"), (0, 0), 1.0)

    found = found_in((drawn / 255).astype(np.float32))

    assert ((found > 40) & (found < 215)).any()
    assert found.dtype == np.uint8


def test_strict_demands_more_contrast_than_faint() -> None:
    contrast = noisy(number("52") / 255 * 0.5, 0.01)

    assert (threshold(contrast, "strict") >= threshold(contrast, "faint")).all()
    assert threshold(contrast, "strict").max() > threshold(contrast, "faint").min()
    assert threshold(contrast).shape == contrast.shape


def test_strict_parts_a_printed_pattern_from_the_pen() -> None:
    drawn = number("52", margin=60) / 255 * 0.8
    pattern = np.zeros_like(drawn)
    pattern[::6] = pattern[1::6] = 0.4
    contrast = noisy(np.maximum(drawn, pattern), 0.01)

    beyond = cv2.dilate((drawn > 0).astype(np.uint8), np.ones((121, 121), np.uint8)) == 0
    assert (found_in(contrast, "normal")[beyond] > 127).any()
    assert not (found_in(contrast, "strict")[beyond] > 127).any()
    assert (found_in(contrast, "strict")[drawn > 0.7] > 127).mean() > 0.95


def test_hatching_as_dark_as_the_pen_is_thinner_than_its_strokes() -> None:
    drawn = number("52", height=100, margin=40)
    hatched = drawn.copy()
    for start in range(-hatched.shape[1], hatched.shape[0], 14):
        cv2.line(hatched, (0, start), (hatched.shape[1], start + hatched.shape[1] // 6), 255, 2, cv2.LINE_AA)

    found = broad_strokes(hatched)

    beyond = cv2.dilate(drawn, np.ones((13, 13), np.uint8)) == 0
    assert (hatched[beyond] > 127).mean() > 0.1
    assert not (found[beyond] > 127).any()
    assert (found[drawn > 127] > 127).mean() > 0.97


def test_writing_alone_is_all_broad() -> None:
    drawn = number("5283", height=100)

    assert broad_strokes(drawn) is drawn
    for value in (0, 255):
        for shape in ((1, 1), (1, 9), (30, 30)):
            assert (broad_strokes(np.full(shape, value, np.uint8)) == value).all()


@pytest.mark.parametrize("deviation", [0.0, 0.01, 0.04])
def test_the_paper_s_grain_is_measured(deviation: float) -> None:
    contrast = (0.5 + np.random.default_rng(5).normal(0, deviation, (300, 300))).astype(np.float32)

    assert grain(contrast) == pytest.approx(deviation, rel=0.1, abs=1e-6)


def test_otsu_parts_two_levels() -> None:
    contrast = np.zeros((100, 100), np.float32)
    contrast[40:60] = 0.8

    assert 0 <= otsu(contrast) < 0.8


@pytest.mark.parametrize("shape", [(1, 1), (1, 90), (90, 1), (2, 2)])
def test_tiny_pictures_are_no_trouble(shape: tuple[int, int]) -> None:
    assert found_in(np.zeros(shape, np.float32)).shape == shape
    assert found_in(np.ones(shape, np.float32)).shape == shape
