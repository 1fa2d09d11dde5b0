"""Cuts through touching digits: the cheapest ways from top to bottom through the ink.

A cut is a path that moves down one row at a time and at most one column aside, and pays for the ink it crosses. This is
the classical over-segmentation by optimal paths (Casey and Lecolinet, "A survey of methods and strategies in character
segmentation", 1996) with dynamic programming in place of hand-made rules. Which cuts are right is not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.geometry import Box
from core.segmentation.pieces import SMALLEST_AREA, Piece

# A step aside costs this share of a fully inked pixel, so that cuts go straight where nothing speaks against it.
SIDESTEP = 0.12
# Cuts closer than this share of the piece's height on average are one.
LEAST_DISTANCE = 0.07
# Either side of a cut keeps at least this share of the ink.
LEAST_SHARE = 0.03
# Straight cuts are tried at these slants, columns to the right per row upwards: handwriting leans to the right.
SLANTS = (-0.2, 0.0, 0.2, 0.45)


@dataclass(frozen=True, eq=False)
class Cut:
    """A way through a piece: one column per row, and the ink it crosses in full pixels."""

    columns: NDArray[np.intp]
    ink_crossed: float


def find_cuts(piece: Piece, most_ink: float, most_cuts: int) -> tuple[Cut, ...]:
    """The cheapest cuts of a piece, left to right, each at a place where the cost is least among its neighbors.

    Args:
        piece: what to cut.
        most_ink: pixels of ink a cut may cross.
        most_cuts: how many to return at most, cheapest first chosen.
    """
    candidates = sorted([*_winding(piece.ink), *_straight(piece.ink)], key=lambda cut: cut.ink_crossed)
    nearest = max(2.0, LEAST_DISTANCE * len(piece.ink))
    chosen: list[Cut] = []
    for cut in candidates:
        if len(chosen) == most_cuts or cut.ink_crossed > most_ink:
            break
        # The same cut in other words: nowhere far from one that is cheaper.
        if all(np.abs(cut.columns - other.columns).mean() >= nearest for other in chosen) and _parts_ink(piece, cut):
            chosen.append(cut)
    return tuple(sorted(chosen, key=lambda cut: float(cut.columns.mean())))


def _parts_ink(piece: Piece, cut: Cut) -> bool:
    """Whether a cut leaves ink worth speaking of on both its sides."""
    left = (np.arange(piece.box.width)[np.newaxis, :] < cut.columns[:, np.newaxis]) & (piece.ink > 127)
    return bool(LEAST_SHARE * piece.area <= np.count_nonzero(left) <= (1 - LEAST_SHARE) * piece.area)


def _winding(ink: NDArray[np.uint8]) -> list[Cut]:
    """Cheapest ways through each column of the middle row, where that cost is a valley."""
    cost = ink.astype(np.float32) / np.float32(255) + np.float32(0.01)
    down, from_above = _cheapest(cost)
    up, from_below = _cheapest(cost[::-1])
    middle = len(cost) // 2
    total = down[middle] + up[::-1][middle] - cost[middle]
    return [Cut(_path(from_above, from_below, middle, column), float(total[column])) for column in _valleys(total)]


def _straight(ink: NDArray[np.uint8]) -> list[Cut]:
    """Straight cuts of several slants: where two strokes run into each other lengthwise, a winding cut finds a
    cheaper way through a neighbor's arc.
    """
    rows, width = ink.shape
    cuts = []
    for slant in SLANTS:
        lean = np.rint(slant * (rows / 2 - np.arange(rows))).astype(np.intp)
        reach = int(np.abs(lean).max())
        padded = np.pad(ink, ((0, 0), (reach, reach))).astype(np.float32) / 255
        across = reach + np.arange(width)[np.newaxis, :] + lean[:, np.newaxis]
        total = np.take_along_axis(padded, across, axis=1).sum(axis=0)
        smooth = np.convolve(np.pad(total, 1), (0.25, 0.5, 0.25), mode="valid")
        cuts += [Cut((column + lean).clip(0, width), float(total[column])) for column in _valleys(smooth)]
    return cuts


def _valleys(total: NDArray[np.floating]) -> list[int]:
    """Columns that cost no more than their neighbors, cheapest first; of a flat valley its middle."""
    valleys: list[int] = []
    start = 0
    for end in range(1, len(total) + 1):
        if end < len(total) and total[end] == total[start]:
            continue
        lower_left = start == 0 or total[start - 1] > total[start]
        lower_right = end == len(total) or total[end] > total[start]
        if lower_left and lower_right:
            valleys.append((start + end - 1) // 2)
        start = end
    return sorted(valleys, key=lambda column: float(total[column]))


def _cheapest(cost: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Least cost of reaching each pixel from the first row, and the side step (-1, 0, 1) it was reached by."""
    sums = np.empty_like(cost)
    steps = np.zeros(cost.shape, np.int8)
    sums[0] = cost[0]
    width = cost.shape[1]
    choices = np.empty((3, width), np.float32)
    for row in range(1, len(cost)):
        before = sums[row - 1]
        choices[0, 0], choices[0, 1:] = np.inf, before[:-1] + SIDESTEP
        choices[1] = before
        choices[2, -1], choices[2, :-1] = np.inf, before[1:] + SIDESTEP
        # Straight on wins a tie.
        best = np.where(choices[1] <= np.minimum(choices[0], choices[2]), 1, np.where(choices[0] < choices[2], 0, 2))
        sums[row] = cost[row] + np.take_along_axis(choices, best[np.newaxis], axis=0)[0]
        steps[row] = best - 1
    return sums, steps


def _path(from_above: NDArray[np.int8], from_below: NDArray[np.int8], middle: int, column: int) -> NDArray[np.intp]:
    """The columns of the cheapest cut through (`middle`, `column`), one per row."""
    rows = len(from_above)
    columns = np.empty(rows, np.intp)
    columns[middle] = column
    at = column
    for row in range(middle, 0, -1):
        at += int(from_above[row, at])
        columns[row - 1] = at
    at = column
    for row in range(rows - 1 - middle, 0, -1):
        at += int(from_below[row, at])
        columns[rows - row] = at
    return columns


def between(piece: Piece, left: Cut | None, right: Cut | None, margin: int = 0) -> Piece | None:
    """The part of a piece between two cuts (None: its own edge), or None where no ink lies there.

    margin: columns beyond either cut that are taken along. Two digits that share a stroke are parted beside it, and the
    one that lost it looks open; with a margin of the pen's width it is whole.
    """
    across = np.arange(piece.box.width)[np.newaxis, :]
    inside = np.ones(piece.ink.shape, bool)
    if left is not None:
        inside &= across >= left.columns[:, np.newaxis] - margin
    if right is not None:
        inside &= across < right.columns[:, np.newaxis] + margin
    ink = np.where(inside, piece.ink, 0).astype(np.uint8)
    area = cv2.countNonZero(cv2.inRange(ink, 128, 255))
    if area < SMALLEST_AREA:
        return None
    x, y, width, height = cv2.boundingRect(ink)
    return Piece(Box(piece.box.x + x, piece.box.y + y, width, height), ink[y : y + height, x : x + width], area)
