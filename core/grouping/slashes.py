"""Which straight strokes may be slashes: those that lean more than the digits around them and are higher.

By its shape alone, the slash of a date is a 1. In 200 written dates half of the slashes lean by 21 degrees more than
their line, one in twenty by less than 8, and half are 1.3 times as high as the digits, one in twenty less than 1.09.
Of the straight ones on 800 other pages half lean by less than 7 degrees more and one in twenty by more than 23, but
only one in twenty is higher than 1.07 (`scripts/measure_slashes.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import atan, degrees, exp
from statistics import median

import numpy as np
from numpy.typing import NDArray

from core.segmentation.pieces import Piece

INK = 96
"""Gray value above which a pixel is ink, 255 being all ink."""
# A piece at least this high, in heights of its line, tells how the writing leans.
TALL = 0.6
# A stroke is straight when the middle of no row lies farther beside it than this share of its width, but for the share
# of rows at each end ...
BEND, ENDS = 0.6, 0.08
# ... and when hardly any row is this many times as wide as the usual one: no flag, no foot, no second stroke.
FLAG, HARDLY_ANY = 1.7, 0.95
FEWEST_ROWS = 8
# What leans by so many degrees more than its line is as likely a slash as a 1 by that, and what is so many times as
# high as its digits by this; so much around it decides.
LEANING, LEAN_SPREAD = 10.0, 4.2
HIGH, HIGH_SPREAD = 1.1, 0.03
MOST = 0.8
"""So that a stroke as high as its line stays a 1, at odds of five to one, unless the line recognizer sees none."""


def slash_shares(pieces: Sequence[Piece], height: float, like_ones: Collection[int]) -> dict[int, float]:
    """How likely those pieces of a line that look like a 1 are slashes: 0 to `MOST` for each number of `like_ones`.

    A slash stands between digits: what is at an end of the line or beside a dash or dot is none. pieces: left to right.
    height: of the line, in pixels.
    """
    tall = {index: piece.box for index, piece in enumerate(pieces) if piece.box.height >= TALL * height}
    slants = {index: slant_of(pieces[index].ink) for index in tall}
    shares = dict.fromkeys(like_ones, 0.0)
    for index in like_ones:
        lean = lean_of(pieces[index].ink) if {index - 1, index, index + 1} <= tall.keys() else None
        if lean is None:
            continue
        others = [other for other in tall if other != index]
        more = lean - median(slants[other] for other in others)
        high = tall[index].height / median(tall[other].height for other in others)
        shares[index] = MOST * _share((more - LEANING) / LEAN_SPREAD) * _share((high - HIGH) / HIGH_SPREAD)
    return shares


def _share(odds: float) -> float:
    """The share that belongs to the natural logarithm of odds."""
    return 1 / (1 + exp(-max(-50.0, min(50.0, odds))))


def lean_of(ink: NDArray[np.uint8]) -> float | None:
    """By how many degrees a straight stroke leans to the right, seen by its outline; None of what is not straight.

    ink: (h, w) uint8, 255 = ink.
    """
    written = ink > INK
    rows = np.flatnonzero(written.any(axis=1))
    if len(rows) < FEWEST_ROWS:
        return None
    first = written[rows].argmax(axis=1)
    last = written.shape[1] - 1 - written[rows, ::-1].argmax(axis=1)
    middle, width = (first + last) / 2, last - first + 1
    slope, start = np.polyfit(rows, middle, 1)
    end = round(ENDS * len(rows))
    beside = np.abs(middle - slope * rows - start)[end : len(rows) - end]
    usual = float(np.median(width))
    straight = beside.max() <= BEND * usual and np.quantile(width, HARDLY_ANY) <= FLAG * usual
    return degrees(atan(-slope)) if straight else None


def slant_of(ink: NDArray[np.uint8]) -> float:
    """By how many degrees writing leans to the right: its rows' middles, by second moments of the ink.

    ink: (h, w) uint8, 255 = ink.
    """
    y, x = np.nonzero(ink > INK)
    if not y.size:
        return 0.0
    y, x = y - y.mean(), x - x.mean()
    return degrees(atan(-float(x @ y) / max(1.0, float(y @ y))))
