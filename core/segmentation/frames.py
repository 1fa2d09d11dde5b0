"""Frames: boxes, tables and rings drawn around writing, told from digits by what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from math import radians, tan

import cv2
import numpy as np
from numpy.typing import NDArray

from core.geometry import union
from core.normalization import stroke_width
from core.segmentation.lines import writing_height
from core.segmentation.pieces import SMALLEST_WRITING, Piece

# A frame holds a piece at least this high, in heights of its own, and one as high as digits are.
FRAMED = 0.35
LEAST_HELD = 2 * SMALLEST_WRITING
# A box has ink along this share of each of its sides, within this share of its shorter side.
SIDE_INKED = 0.8
SIDE_BAND = 0.2
# A ring may hold lower ones, the lowest where they are several; it has ink in this share of so many directions, seen
# from the middle of what it holds, and none within this share of that, where an 8 and a table have.
RING_HELD, RING_HELD_ALONE = 0.15, 0.25
DIRECTIONS = 36
AROUND = 0.85
AMONG = 0.7
# ... and is one stroke, so many times as long at most as a string tight around it.
LONGEST = 1.3
# A stroke this slim, alone in a ring of less than this size in heights of the other writing (without any, in one this
# narrow in its own), is the dash of a zero.
DASH = 0.45
AS_LARGE = 1.25
NARROW = 0.85


def without_frames(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Leave out boxes and tables: pieces that run along all four sides of their own box and hold a tall piece."""
    return tuple(piece for piece, held in _with_held(pieces, 0.0) if not _is_frame(piece, held))


def without_rings(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Leave out rings around writing, open ones and speech bubbles too; where rules are out, or digits hang on them."""
    return tuple(piece for piece, held in _with_held(pieces, RING_HELD) if not _is_ring(piece, held, pieces))


def height_beside_tables(pieces: Sequence[Piece]) -> float:
    """The height of the writing, where tables may still stand, whose rules can be more ink than all digits."""
    free = [piece for piece, held in _with_held(pieces, 0.0) if not (len(held) >= 2 and _runs_along_its_box(piece))]
    return writing_height(free or pieces)


def _with_held(pieces: Sequence[Piece], share: float) -> list[tuple[Piece, list[Piece]]]:
    """Each piece with those that lie in its box, are so high as a share of its own height, and as digits are."""
    left, top, width, height = np.array([piece.box for piece in pieces]).reshape(-1, 4).T
    right, bottom = left + width, top + height
    found = []
    for index, piece in enumerate(pieces):
        inside = (left > left[index]) & (top > top[index]) & (right < right[index]) & (bottom < bottom[index])
        inside &= (height >= share * height[index]) & (height >= LEAST_HELD)
        found.append((piece, [one for one, lies_inside in zip(pieces, inside, strict=True) if lies_inside]))
    return found


def _is_frame(piece: Piece, held: Sequence[Piece]) -> bool:
    """Whether a piece has ink along all four sides of its own box, level or leaning, and holds a tall one."""
    if not held:
        return False
    _, (_, height), _ = _rectangle(piece.ink)
    return max(one.box.height for one in held) >= FRAMED * height and _runs_along_its_box(piece)


def _runs_along_its_box(piece: Piece) -> bool:
    return _runs_along_sides(piece.ink > 127) or _runs_along_sides(_leveled(piece.ink))


def rise_of(frame: Piece) -> float:
    """How far a frame's upper and lower side rise for each pixel to the right."""
    return -tan(radians(_rectangle(frame.ink)[2]))


def _leveled(ink: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The ink turned so that the smallest rectangle around it stands level, cropped to it."""
    center, size_wh, degrees = _rectangle(ink)
    width, height = (round(side) + 1 for side in size_wh)
    turn = cv2.getRotationMatrix2D(center, degrees, 1)
    turn[:, 2] += np.array([(width - 1) / 2 - center[0], (height - 1) / 2 - center[1]])
    return np.asarray(cv2.warpAffine(ink, turn, (width, height)) > 127, np.bool_)


def _rectangle(ink: NDArray[np.uint8]) -> tuple[tuple[float, float], tuple[float, float], float]:
    """The smallest rectangle around ink: middle, width and height, and by how many degrees it falls to the right, at
    most 45 either way.
    """
    (x, y), (width, height), degrees = cv2.minAreaRect(cv2.findNonZero((ink > 127).astype(np.uint8)))
    quarters = round(degrees / 90)  # OpenCV's releases begin to count at different sides
    return (x, y), (height, width) if quarters else (width, height), degrees - 90 * quarters


def _runs_along_sides(ink: NDArray[np.bool_]) -> bool:
    band = max(2, round(SIDE_BAND * min(ink.shape)))
    sides = ink[:band].any(axis=0), ink[-band:].any(axis=0), ink[:, :band].any(axis=1), ink[:, -band:].any(axis=1)
    return all(float(side.mean()) >= SIDE_INKED for side in sides)


def _is_ring(piece: Piece, held: Sequence[Piece], pieces: Sequence[Piece]) -> bool:
    """Whether a piece runs around others; a zero with its dash is none."""
    if not held or (len(held) == 1 and held[0].box.height < RING_HELD_ALONE * piece.box.height):
        return False
    if len(held) == 1 and _is_slim(held[0]):
        others = [
            one.box.height for one in pieces if one is not piece and one is not held[0] and one.box.height >= LEAST_HELD
        ]
        if piece.box.height < AS_LARGE * np.median(others) if others else piece.box.width < NARROW * piece.box.height:
            return False
    box = union(one.box for one in held)
    if piece.area / stroke_width(piece.ink) > LONGEST * _perimeter(piece):
        return False
    y, x = np.nonzero(piece.ink > 127)
    right = (x + piece.box.x - box.center[0]) / box.width
    down = (y + piece.box.y - box.center[1]) / box.height
    if ((np.abs(right) < AMONG / 2) & (np.abs(down) < AMONG / 2)).any():
        return False
    directions = np.floor((np.arctan2(down, right) / (2 * np.pi) + 0.5) * DIRECTIONS) % DIRECTIONS
    return len(np.unique(directions)) >= AROUND * DIRECTIONS


def _perimeter(piece: Piece) -> float:
    """Length of a string tight around a piece, in pixels."""
    hull = cv2.convexHull(cv2.findNonZero((piece.ink > 127).astype(np.uint8)))
    return float(cv2.arcLength(hull, closed=True))


def _is_slim(piece: Piece) -> bool:
    """Whether a piece is a straight stroke, however it leans."""
    ink = (piece.ink > 127).astype(np.uint8)
    sides = cv2.minAreaRect(cv2.findNonZero(ink))[1]
    return min(sides) <= DASH * max(sides)
