"""A line of writing as one picture, digits always equally high: what the line recognizer reads and learns from."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.segmentation.lines import WritingLine

HEIGHT = 32
"""Pixels of the picture. Digits are two thirds of it: what reaches above and below its line is still seen."""
DIGIT_HEIGHT = 21.0
MARGIN = 8
"""Columns of paper on both sides: a digit at the edge is seen as one in the middle."""
WIDEST = 1536
"""Columns; beyond it, a line of seventy digits, the picture is narrowed."""
# A piece so high, in heights of its line, tells where the line runs; a dot or a dash does not.
TALL = 0.7
# A line rises by at most this much: what rises more are two pieces, one above the other.
STEEPEST = 0.35
COLUMN = 2
"""Columns of the picture that become one answer of the recognizer."""


def line_image(line: WritingLine) -> tuple[NDArray[np.uint8], float, float]:
    """A line's ink as one picture, straightened.

    Returns:
        (32, W) uint8, 255 = ink, W a multiple of 2; then `scale` and `left`: the working picture's column x is column
        `(x - left) * scale` of it.
    """
    box = line.box
    scale = min(DIGIT_HEIGHT / max(1.0, line.height), (WIDEST - 2 * MARGIN) / max(1, box.width))
    slope, middle = _baseline(line)
    left = box.x - MARGIN / scale
    width = -(-round(box.width * scale + 2 * MARGIN) // COLUMN) * COLUMN
    # Each piece is moved up or down as a whole, so that a rising line comes out straight and its digits stay upright.
    reach = round(HEIGHT / 2 / scale)
    page = np.zeros((2 * reach, box.width), np.uint8)
    for piece in line.pieces:
        below = middle + slope * (piece.box.center[0] - box.center[0])
        top = round(piece.box.y - below + reach)
        _paste(page, piece.ink, piece.box.x - box.x, top)
    size_wh = max(1, round(box.width * scale)), HEIGHT
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(page, size_wh, interpolation=method)
    image = np.zeros((HEIGHT, width), np.uint8)
    end = min(width, MARGIN + small.shape[1])
    image[:, MARGIN:end] = small[:, : end - MARGIN]
    return image, scale, left


def _baseline(line: WritingLine) -> tuple[float, float]:
    """How much the line falls per column, and the row of its middle, judged by its tall pieces."""
    tall = [piece.box for piece in line.pieces if piece.box.height >= TALL * line.height]
    boxes = tall or [piece.box for piece in line.pieces]
    middles = np.array([box.center for box in boxes], np.float64)
    slope = 0.0
    spread = middles[:, 0] - middles[:, 0].mean()
    if len(boxes) >= 3 and np.ptp(middles[:, 0]) > 2 * line.height:
        slope = float(np.clip((spread * middles[:, 1]).sum() / (spread**2).sum(), -STEEPEST, STEEPEST))
    offsets = middles[:, 1] - slope * (middles[:, 0] - line.box.center[0])
    return slope, float(np.median(offsets))


def _paste(page: NDArray[np.uint8], ink: NDArray[np.uint8], x: int, y: int) -> None:
    """Lay a piece's ink on the page; what lies beyond it is left out."""
    top, bottom = max(0, y), min(page.shape[0], y + ink.shape[0])
    if bottom > top:
        window = page[top:bottom, x : x + ink.shape[1]]
        np.maximum(window, ink[top - y : bottom - y, : window.shape[1]], out=window)
