"""Where a page's digits come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from core.pens import Strokes, draw_digit, render

DigitSource = Callable[[int, np.random.Generator], NDArray[np.uint8]]
"""(digit, rng) -> (h, w) uint8, 255 = ink, cropped to its ink. Its height is the digit's; a page scales it."""

GLYPH_HEIGHT = 128
"""Pixels a pen's digit is drawn high before a page scales it: larger than on a page, so that it is never blown up."""
PEN_WIDTH = 0.085
"""Width of a stroke in digit heights: a ballpoint pen on digits 6 mm high."""


def pen_digits(pen_width: float = PEN_WIDTH) -> DigitSource:
    """Digits of our own pens, in every style, drawn with a brush of `pen_width` digit heights."""

    def source(digit: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        return _draw(draw_digit(digit, rng), pen_width)

    return source


def stroke_digits(strokes: Sequence[Strokes], labels: Sequence[int], pen_width: float = PEN_WIDTH) -> DigitSource:
    """Recorded trajectories: each time another one of the digit's.

    Raises:
        ValueError: as many strokes as labels are needed.
    """
    places = _places(len(strokes), labels)

    def source(digit: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        return _draw(strokes[rng.choice(places[digit])], pen_width)

    return source


def bitmap_digits(images: NDArray[np.uint8], labels: Sequence[int] | NDArray[np.integer]) -> DigitSource:
    """Given pictures, (n, h, w) uint8 with 255 = ink, such as MNIST's: each time another one of the digit's.

    Raises:
        ValueError: as many images as labels are needed.
    """
    places = _places(len(images), labels)

    def source(digit: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        image = images[rng.choice(places[digit])]
        x, y, width, height = cv2.boundingRect(image)
        # MNIST's digits are 20 pixels high; blown up smoothly they look written again, not printed in squares.
        scale = GLYPH_HEIGHT / max(height, width)
        size_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
        large = cv2.resize(image[y : y + height, x : x + width], size_wh, interpolation=cv2.INTER_CUBIC)
        return np.asarray(np.clip((large.astype(np.float32) - 64) * 2, 0, 255), np.uint8)

    return source


def _draw(strokes: Strokes, pen_width: float) -> NDArray[np.uint8]:
    return render(strokes, height_px=GLYPH_HEIGHT * (1 - pen_width), brush_px=GLYPH_HEIGHT * pen_width)


def _places(count: int, labels: Sequence[int] | NDArray[np.integer]) -> dict[int, NDArray[np.int64]]:
    array = np.asarray(labels)
    if len(array) != count:
        raise ValueError(f"{count} digits but {len(array)} labels")
    return {digit: np.flatnonzero(array == digit) for digit in range(10)}
