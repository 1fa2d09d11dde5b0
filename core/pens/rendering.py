"""Strokes to ink, as a browser's canvas draws them: a brush of one width, round caps and joins, smooth edges."""

from __future__ import annotations

from math import ceil, floor

import cv2
import numpy as np
from numpy.typing import NDArray

from core.pens.curves import Strokes

WORKING_BRUSH = 20
"""Brushes are drawn about this wide and shrunk: OpenCV's widths go in steps of 2, and 1 of 20 is not seen."""
ENLARGEMENTS = (2, 8)
WIDTH_EXCESS = {cv2.LINE_8: 0.9, cv2.LINE_AA: 1.35}
"""How much wider than asked OpenCV 4 and 5 draw a line of an even width (odd widths come out as the next even one)."""
SUBPIXEL_BITS = 4


def render(strokes: Strokes, *, height_px: float, brush_px: float, margin_px: int = 0) -> NDArray[np.uint8]:
    """Draw strokes on a picture just large enough for their ink and a margin.

    height_px: pixels for one unit of the strokes: a digit's height between the middles of its top and bottom lines.
    brush_px: diameter of the brush.
    Returns (h, w) uint8, 255 = ink.

    Raises:
        ValueError: no strokes, or no height or brush.
    """
    if not strokes:
        raise ValueError("there are no strokes to render")
    if not (height_px > 0 and brush_px > 0):
        raise ValueError(f"a height of {height_px} px and a brush of {brush_px} px leave no ink")
    points = np.concatenate(strokes) * height_px
    border = brush_px / 2 + margin_px
    left, top = (float(v) for v in points.min(axis=0) - border)
    right, bottom = (float(v) for v in points.max(axis=0) + border)
    x, y = floor(left), floor(top)
    size_hw = (max(1, ceil(bottom) - y), max(1, ceil(right) - x))
    return trace(strokes, size_hw=size_hw, brush_px=brush_px, scale=height_px, offset=(-x, -y))


def trace(
    strokes: Strokes,
    *,
    size_hw: tuple[int, int],
    brush_px: float,
    scale: float = 1.0,
    offset: tuple[float, float] = (0.0, 0.0),
) -> NDArray[np.uint8]:
    """Draw strokes where they are on a picture of a given size: `point * scale + offset` in pixels.

    Pixel (0, 0) covers 0 to 1, as on a canvas. Returns (h, w) uint8, 255 = ink.
    """
    enlargement = int(min(ENLARGEMENTS[1], max(ENLARGEMENTS[0], ceil(WORKING_BRUSH / brush_px))))
    line_type = cv2.LINE_AA if enlargement == 2 else cv2.LINE_8
    thickness = 2 * max(1, round((brush_px * enlargement - WIDTH_EXCESS[line_type]) / 2))
    height, width = size_hw
    ink = np.zeros((height * enlargement, width * enlargement), np.uint8)
    # OpenCV counts from the middle of a pixel, a canvas from its edge.
    shift = np.array(offset, np.float32) * enlargement - 0.5
    steps = 1 << SUBPIXEL_BITS
    lines = [np.rint((s * (scale * enlargement) + shift) * steps).astype(np.int32) for s in strokes]
    cv2.polylines(ink, lines, False, 255, thickness, line_type, SUBPIXEL_BITS)
    return np.asarray(cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
