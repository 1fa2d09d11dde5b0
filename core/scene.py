"""What a camera's picture is like before it is read: whether it moves, how blurred it is, where something is written.

Reading takes ten times as long as these three together, so they decide what is read and what is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from core.geometry import Box, union
from core.segmentation.light import Polarity

# Pixels of the picture per pixel of the small copy in which motion is measured: averaging them takes most noise away.
REDUCTION = 4
# Gray values of the small copy below which a difference is noise.
NOISE = 5.0
# The share of a region's gradients that are steeper counts as edges of strokes.
EDGE_SHARE = 0.02
# Writing is searched in a copy so many times smaller.
SEARCHED = 2
# Marks are told from their ground, the mean over this share of the picture's shorter side, by this many gray values.
MARK_REACH = 0.1
MARK_CONTRAST = 16
# Lower than this share of the shorter side is a speck; higher or wider than these shares of the picture is an edge.
SPECK_SHARE = 0.06
TALLEST_SHARE = 0.8
WIDEST_SHARE = 0.6
# Marks nearer to each other than this, in heights of the smaller, are read together.
NEAR_BESIDE = 1.8
NEAR_BELOW = 0.8
# A mark at the border that is no larger than this, in heights of the number beside it, may be one of its digits.
CUT_HEIGHT = 1.3
# Room around a region, as a share of its shorter side, and in pixels.
MARGIN = 0.2
LEAST_MARGIN = 4
# More marks are print or a pattern, not numbers that someone holds up.
MOST_MARKS = 60
MOST_REGIONS = 4


class Region(NamedTuple):
    """Marks that stand together: a box with a little room around them, and the median of their heights in pixels."""

    box: Box
    height: int


@dataclass(frozen=True)
class Writing:
    """Where something is written.

    regions: the largest first.
    polarity: whether they are darker or lighter than what they stand on.
    crowded: there is too much of it to be numbers that someone holds up; `regions` do not hold all.
    """

    regions: tuple[Region, ...]
    polarity: Polarity
    crowded: bool = False


def reduced(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W) uint8 to the small copy that `Motion` compares, (H // 4, W // 4) float32."""
    height, width = gray.shape
    size_wh = max(1, width // REDUCTION), max(1, height // REDUCTION)
    return np.asarray(cv2.resize(gray, size_wh, interpolation=cv2.INTER_AREA), np.float32)


class Motion:
    """What has moved between two pictures.

    From the brightness that changed and the slopes it could have come from (Horn and Schunck, "Determining optical
    flow", 1981).

    Args:
        before, now: two small copies of one size, as `reduced` makes them.
    """

    def __init__(self, before: NDArray[np.float32], now: NDArray[np.float32]) -> None:
        difference = now - before
        # A lamp or the camera's own exposure brightens everything alike; that is no motion.
        change = np.abs(difference - np.float32(np.median(difference)))
        slopes = _slopes(now) + _slopes(before)
        self._change = np.where(change > NOISE, change, 0)
        self._slopes = np.where(slopes > NOISE, slopes, 0)

    def displacement(self, box: Box) -> float:
        """How far what is in `box`, in pixels of the full picture, has moved, in these pixels.

        Beyond a stroke's width it grows no more: that the picture changed is all it can tell then.
        """
        rows, columns = _window(box, self._change.shape)
        changed = float(self._change[rows, columns].sum())
        steep = float(self._slopes[rows, columns].sum()) / 2
        return REDUCTION * changed / max(steep, changed / REDUCTION) if changed else 0.0


def edge_width(gray: NDArray[np.uint8], box: Box) -> float:
    """How wide the edges of what is written in `box` are, in pixels: 1 to 2 where the picture is sharp, more where it
    is not; infinite where nothing is written.
    """
    region = gray[max(0, box.y) : max(0, box.bottom), max(0, box.x) : max(0, box.right)]
    if min(region.shape, default=0) < 3:
        return float("inf")
    across = np.abs(cv2.Scharr(region, cv2.CV_32F, 1, 0)) / 32
    down = np.abs(cv2.Scharr(region, cv2.CV_32F, 0, 1)) / 32
    # Every other pixel of every other row tells as much in a quarter of the time.
    steepest = float(np.quantile(np.maximum(across, down)[::2, ::2], 1 - EDGE_SHARE))
    low, high = np.quantile(region[::2, ::2], (0.02, 0.9))
    return float(high - low) / steepest if steepest > 0 else float("inf")


def find_writing(gray: NDArray[np.uint8]) -> Writing:
    """Where marks stand that could be digits, so that the edge of a sheet, a shadow or an empty table is never read.

    Whatever stands out from its surroundings, darker or lighter, whichever is more of it, is a mark. Marks that are as
    tall as a digit and near each other make a region.
    """
    # Half the size: four times as fast, with less noise, and fine enough for a pen's stroke.
    small = cv2.resize(gray, (gray.shape[1] // SEARCHED, gray.shape[0] // SEARCHED), interpolation=cv2.INTER_AREA)
    reach = max(3, round(MARK_REACH * min(small.shape))) | 1
    ground = cv2.blur(small, (reach, reach))
    dark = _marks(np.asarray(cv2.subtract(ground, small)))
    light = _marks(np.asarray(cv2.subtract(small, ground)))
    polarity: Polarity = "dark" if dark.weight >= light.weight else "light"
    marks = dark if polarity == "dark" else light
    if len(marks.whole) > MOST_MARKS:
        return Writing((), polarity, crowded=True)
    clusters = [box for box in _clusters(marks.whole) if not any(_continues(box, cut) for cut in marks.cut)]
    regions = tuple(Region(_with_margin(box, gray.shape), _height(box, marks.whole)) for box in clusters)
    return Writing(regions[:MOST_REGIONS], polarity, crowded=len(regions) > MOST_REGIONS)


def near(box: Box, other: Box) -> bool:
    """Whether two marks, or two groups of them, are near enough to be read together."""
    room = max(min(box.height, other.height), 0.4 * max(box.height, other.height))
    across = max(box.x, other.x) - min(box.right, other.right)
    down = max(box.y, other.y) - min(box.bottom, other.bottom)
    return across < NEAR_BESIDE * room and down < NEAR_BELOW * room


class _Marks(NamedTuple):
    """Marks as tall as a digit: whole ones, those that the border cuts, and how much the whole ones stand out."""

    whole: list[Box]
    cut: list[Box]
    weight: float


def _marks(contrast: NDArray[np.uint8]) -> _Marks:
    """Connected marks that are neither specks nor edges that run through the picture or out of it."""
    mask = np.asarray(contrast > MARK_CONTRAST, np.uint8)
    _, labels, found, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    height, width = mask.shape
    x, y, w, h = (found[:, column] for column in (0, 1, 2, 3))
    inside = (x > 0) & (y > 0) & (x + w < width) & (y + h < height)
    fits = (h >= SPECK_SHARE * min(mask.shape)) & (h <= TALLEST_SHARE * height) & (w <= WIDEST_SHARE * width)
    fits[0] = False  # what lies between the marks
    whole, cut = ([Box(*(int(value) for value in row[:4])) for row in found[fits & part]] for part in (inside, ~inside))
    weight = float(contrast[(fits & inside)[labels]].sum(dtype=np.float64)) if whole else 0.0
    return _Marks(whole, cut, weight)


def _clusters(boxes: Sequence[Box]) -> list[Box]:
    """Boxes around marks that stand near each other, the largest first."""
    clusters: list[Box] = []
    for box in boxes:
        joined = [other for other in clusters if near(box, other)]
        clusters = [other for other in clusters if other not in joined]
        clusters.append(union([box, *joined]))
    if len(clusters) < len(boxes):  # what has grown may touch what it did not touch before
        return _clusters(clusters)
    return sorted(clusters, key=lambda box: -box.area)


def _height(cluster: Box, marks: Sequence[Box]) -> int:
    """The median height of a cluster's marks in pixels of the full picture."""
    heights = [mark.height for mark in marks if union((cluster, mark)) == cluster]
    return round(SEARCHED * float(np.median(heights)))


def _continues(box: Box, cut: Box) -> bool:
    """Whether a mark at the border is a digit of the number in `box`, which then is not all in the picture."""
    return cut.height <= CUT_HEIGHT * box.height and cut.width <= CUT_HEIGHT * box.height and near(cut, box)


def _with_margin(found: Box, shape: tuple[int, ...]) -> Box:
    """A box of the small picture in pixels of the full one, with a little room."""
    box = Box(*(SEARCHED * value for value in found))
    margin = round(MARGIN * min(box.height, box.width) + LEAST_MARGIN)
    left, top = max(0, box.x - margin), max(0, box.y - margin)
    right, bottom = min(shape[1], box.right + margin), min(shape[0], box.bottom + margin)
    return Box(left, top, right - left, bottom - top)


def _slopes(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much brightness changes from each pixel to its neighbors."""
    down, across = np.gradient(small)
    return np.asarray(np.hypot(down, across), np.float32)


def _window(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of a small copy that hold `box`."""
    top, left = max(0, box.y // REDUCTION), max(0, box.x // REDUCTION)
    bottom, right = min(shape[0], -(-box.bottom // REDUCTION)), min(shape[1], -(-box.right // REDUCTION))
    return slice(top, max(top, bottom)), slice(left, max(left, right))
