"""Pieces of ink: connected strokes with their place, the smallest things that grouping puts together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.geometry import Box, union

# A connected patch of fewer pixels is grain, at the working size at which strokes are some four pixels wide.
SMALLEST_AREA = 6
# Writing lower than this many pixels of the given picture, or of the working picture where that is smaller, is grain.
SMALLEST_WRITING = 10.0
# A page of noise or print falls into tens of thousands of patches; the largest so many are looked at, so that time and
# memory stay bounded. A dense page of handwriting has a thousand.
MOST_PIECES = 2_000


@dataclass(frozen=True, eq=False)
class Piece:
    """Ink that stays together.

    box: pixels of the working picture.
    ink: (box.height, box.width) uint8, 255 = ink; 0 where other pieces lie.
    area: pixels above half ink.
    """

    box: Box
    ink: NDArray[np.uint8]
    area: int

    def __post_init__(self) -> None:
        if self.ink.shape != (self.box.height, self.box.width):
            raise ValueError(f"{self.ink.shape} ink in a box of {self.box.height} x {self.box.width}")


def connected(ink: NDArray[np.uint8]) -> tuple[Piece, ...]:
    """The connected patches of a page of soft ink, from left to right, grain left out.

    Args:
        ink: (H, W) uint8; above 127 belongs to a patch, the softer edge around it goes with it.
    """
    _, found, stats, _ = cv2.connectedComponentsWithStats((ink > 127).astype(np.uint8), connectivity=8)
    labels = np.asarray(found, np.int32)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0  # the paper
    largest = np.argsort(-areas, kind="stable")[:MOST_PIECES]
    order = sorted((k for k in largest if areas[k] >= SMALLEST_AREA), key=lambda k: int(stats[k, cv2.CC_STAT_LEFT]))
    return tuple(_piece(ink, labels, int(label), stats[label]) for label in order)


def _piece(ink: NDArray[np.uint8], labels: NDArray[np.int32], label: int, stat: NDArray[np.int32]) -> Piece:
    left, top, width, height, area = (int(value) for value in stat)
    # One pixel more on every side: the gray edge that anti-aliasing lives in.
    x, y = max(left - 1, 0), max(top - 1, 0)
    right, bottom = min(left + width + 1, ink.shape[1]), min(top + height + 1, ink.shape[0])
    window = labels[y:bottom, x:right]
    near = cv2.dilate((window == label).astype(np.uint8), np.ones((3, 3), np.uint8))
    own = (near > 0) & ((window == label) | (window == 0))
    return Piece(Box(x, y, right - x, bottom - y), np.where(own, ink[y:bottom, x:right], 0).astype(np.uint8), area)


def together(pieces: Sequence[Piece]) -> Piece:
    """Several pieces as one, in the box around them."""
    if len(pieces) == 1:
        return pieces[0]
    box = union(piece.box for piece in pieces)
    ink = np.zeros((box.height, box.width), np.uint8)
    for piece in pieces:
        top, left = piece.box.y - box.y, piece.box.x - box.x
        window = ink[top : top + piece.box.height, left : left + piece.box.width]
        np.maximum(window, piece.ink, out=window)
    return Piece(box, ink, sum(piece.area for piece in pieces))
