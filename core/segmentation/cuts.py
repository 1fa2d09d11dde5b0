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
    left_of = np.pad(np.cumsum(piece.ink > 127, axis=1, dtype=np.int32), ((0, 0), (1, 0)))
    ways = np.empty((most_cuts, len(piece.ink)), np.intp)
    chosen: list[Cut] = []
    for cut in candidates:
        if len(chosen) == most_cuts or cut.ink_crossed > most_ink:
            break
        # The same cut in other words: nowhere far from one that is cheaper.
        far = np.abs(ways[: len(chosen)] - cut.columns).mean(axis=1) >= nearest
        if far.all() and _parts_ink(piece, cut, left_of):
            ways[len(chosen)] = cut.columns
            chosen.append(cut)
    return tuple(sorted(chosen, key=lambda cut: float(cut.columns.mean())))


def _parts_ink(piece: Piece, cut: Cut, left_of: NDArray[np.int32]) -> bool:
    """Whether a cut leaves ink worth speaking of on both sides; `left_of`: each row's ink pixels left of a column."""
    left = int(left_of[np.arange(len(left_of)), cut.columns].sum())
    return LEAST_SHARE * piece.area <= left <= (1 - LEAST_SHARE) * piece.area


def _winding(ink: NDArray[np.uint8]) -> list[Cut]:
    """Cheapest ways through each column of the middle row, where that cost is a valley."""
    cost = ink.astype(np.float32) / np.float32(255) + np.float32(0.01)
    down, from_above = _cheapest(cost)
    up, from_below = _cheapest(cost[::-1])
    middle = len(cost) // 2
    total = down[middle] + up[::-1][middle] - cost[middle]
    valleys = _valleys(total)
    ways = _paths(from_above, from_below, middle, np.array(valleys, np.intp))
    return [Cut(way, float(total[column])) for way, column in zip(ways, valleys, strict=True)]


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
    steps = np.flatnonzero(np.diff(total)) + 1
    starts, ends = np.concatenate(([0], steps)), np.concatenate((steps, [len(total)]))
    falls = np.diff(total[starts]) < 0
    valley = np.concatenate(([True], falls)) & np.concatenate((~falls, [True]))
    middles = (starts + ends - 1)[valley] // 2
    return [int(column) for column in middles[np.argsort(total[middles], kind="stable")]]


def _cheapest(cost: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Least cost of reaching each pixel from the first row, and the side step (-1, 0, 1) it was reached by."""
    rows, width = cost.shape
    walled = np.full((rows, width + 2), np.inf, np.float32)  # nothing comes from beyond the sides
    sums, from_left, from_right = walled[:, 1:-1], walled[:, :-2], walled[:, 2:]
    sums[0] = cost[0]
    for row in range(1, rows):
        aside = np.minimum(from_left[row - 1], from_right[row - 1])
        aside += SIDESTEP
        np.minimum(aside, sums[row - 1], out=aside)
        np.add(aside, cost[row], out=sums[row])
    left, right = from_left[:-1] + np.float32(SIDESTEP), from_right[:-1] + np.float32(SIDESTEP)
    steps = np.zeros(cost.shape, np.int8)
    # Straight on wins a tie.
    steps[1:] = np.where(sums[:-1] <= np.minimum(left, right), 0, np.where(left < right, -1, 1))
    return sums, steps


def _paths(
    from_above: NDArray[np.int8], from_below: NDArray[np.int8], middle: int, through: NDArray[np.intp]
) -> NDArray[np.intp]:
    """The columns of the cheapest cuts through the row `middle`, (n, rows), one for each of its n columns `through`."""
    rows = len(from_above)
    columns = np.empty((len(through), rows), np.intp)
    columns[:, middle] = at = through
    for row in range(middle, 0, -1):
        columns[:, row - 1] = at = at + from_above[row, at]
    at = through
    for row in range(rows - 1 - middle, 0, -1):
        columns[:, rows - row] = at = at + from_below[row, at]
    return columns


def between(piece: Piece, left: Cut | None, right: Cut | None, margin: int = 0) -> Piece | None:
    """The part of a piece between two cuts (None: its own edge), or None where no ink lies there.

    margin: columns beyond either cut that are taken along. Two digits that share a stroke are parted beside it, and the
    one that lost it looks open; with a margin of the pen's width it is whole.
    """
    first = 0 if left is None else max(0, int(left.columns.min()) - margin)
    last = piece.box.width if right is None else min(piece.box.width, int(right.columns.max()) + margin)
    if first >= last:
        return None
    ink = piece.ink[:, first:last].copy()
    across = np.arange(first, last)[np.newaxis, :]
    if left is not None:
        ink[across < left.columns[:, np.newaxis] - margin] = 0
    if right is not None:
        ink[across >= right.columns[:, np.newaxis] + margin] = 0
    area = cv2.countNonZero(cv2.inRange(ink, 128, 255))
    if area < SMALLEST_AREA:
        return None
    x, y, width, height = cv2.boundingRect(ink)
    box = Box(piece.box.x + first + x, piece.box.y + y, width, height)
    return Piece(box, ink[y : y + height, x : x + width], area)
