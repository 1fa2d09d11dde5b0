"""Cuts through touching digits: the cheapest ways from top to bottom through the ink.

A cut is a path that moves down one row at a time and at most one column aside, and pays for the ink it crosses. This is
the classical over-segmentation by optimal paths (Casey and Lecolinet, "A survey of methods and strategies in character
segmentation", 1996) with dynamic programming in place of hand-made rules. Which cuts are right is not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.geometry import Box
from core.segmentation.pieces import Piece, connected, together

# A step aside costs this share of a fully inked pixel, so that cuts go straight where nothing speaks against it.
SIDESTEP = 0.12
# Two cuts closer than this share of the piece's height are one.
LEAST_DISTANCE = 0.12
# What a cut leaves on either side must have this share of the piece's ink.
LEAST_SHARE = 0.04


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
    cost = piece.ink.astype(np.float32) / np.float32(255) + np.float32(0.01)
    down, from_above = _cheapest(cost)
    up, from_below = _cheapest(cost[::-1])
    # Every path crosses the middle third somewhere; the row with the least summed cost through it would do, the middle is as
    # good and keeps the order of cuts that of their columns.
    middle = len(cost) // 2
    total = down[middle] + up[::-1][middle] - cost[middle]
    chosen: list[int] = []
    distance = max(2, round(LEAST_DISTANCE * len(cost)))
    for column in _valleys(total):
        if len(chosen) == most_cuts or total[column] > most_ink:
            break
        if all(abs(column - other) >= distance for other in chosen):
            chosen.append(column)
    return tuple(
        Cut(_path(from_above, from_below, middle, column), float(total[column])) for column in sorted(chosen)
    )


def _valleys(total: NDArray[np.float32]) -> list[int]:
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


def _path(
    from_above: NDArray[np.int8], from_below: NDArray[np.int8], middle: int, column: int
) -> NDArray[np.intp]:
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


def split(piece: Piece, cuts: tuple[Cut, ...]) -> tuple[Piece, ...]:
    """The parts of a piece between its cuts, left to right; crumbs go to the part beside them."""
    across = np.arange(piece.box.width)[np.newaxis, :]
    part = np.zeros(piece.ink.shape, np.intp)
    border = np.zeros(len(piece.ink), np.intp)
    for cut in cuts:
        border = np.maximum(border, cut.columns)
        part += across >= border[:, np.newaxis]
    parts = [_part(piece, np.where(part == index, piece.ink, 0).astype(np.uint8)) for index in range(len(cuts) + 1)]
    return _without_crumbs([found for found in parts if found is not None], piece.area)


def _part(piece: Piece, ink: NDArray[np.uint8]) -> Piece | None:
    found = connected(ink)
    if not found:
        return None
    whole = together(found)
    return Piece(
        Box(piece.box.x + whole.box.x, piece.box.y + whole.box.y, whole.box.width, whole.box.height),
        whole.ink,
        whole.area,
    )


def _without_crumbs(parts: list[Piece], area: int) -> tuple[Piece, ...]:
    result: list[Piece] = []
    for part in parts:
        if result and min(part.area, result[-1].area) < LEAST_SHARE * area:
            result[-1] = together([result[-1], part])
        else:
            result.append(part)
    return tuple(result)
