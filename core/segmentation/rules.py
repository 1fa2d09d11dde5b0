"""Rules: ruled lines, grids, boxes and underlines are found and taken out; the strokes that crossed them stay whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from core.segmentation.pieces import Piece

# Rules are sought on a small copy, along the first slopes, or the others where the page is held askew. What leans more
# is another stroke.
SEARCH_SIDE = 480
SLOPES = np.tan(np.deg2rad(np.arange(-6.0, 6.01, 0.5)))
ASKEW = np.tan(np.deg2rad(np.concatenate((np.arange(-14.0, -6.0, 0.5), np.arange(6.5, 14.01, 0.5)))))
# A rule is longer than this many heights of the writing: the bars of 7, 5 and 4 are at most one height long ...
LEAST_HEIGHTS = 2.6
# (one askew is longer than this: strokes in a row lean, too)
LEAST_ASKEW = 3.2
# (a dash of a broken one, longer than this and as thin as a rule; a 1 is shorter) ...
DASH_HEIGHTS = 1.3
# ... or crosses the whole picture from border to border.
BORDER = 0.04
ACROSS = 0.8
# A dash of the rule may be missing or hidden for this share of the writing's height.
GAP = 0.5
# A rule has at least this share of its length inked, and is at most this thick, in heights of the writing.
INKED = 0.75
THICKEST = 0.22
# ... and at most this thick as a share of its own length, though a few pixels are always allowed.
THICKEST_OF_LENGTH = 0.05
LEAST_THICKNESS = 4.0
# Strokes only make a rule thicker where they cross it: this quantile is its own thickness.
USUAL = 0.35
# A rule is equally thick nearly everywhere; the feet of digits in a row are not. This share of its columns must have
# its usual thickness, give or take this much of it ...
EVEN_SHARE = 0.5
EVEN_WITHIN = 0.35
# ... and so many of these lie so near to its course, in pixels; the feet of round digits swing.
STRAYS_QUANTILE = 0.8
MOST_STRAY = 1.5
# Where digits stand on it along most of its length, less of it can be seen, but what can lies nearer yet.
LEAST_EVEN_SHARE, STRAIGHT = 0.3, 1.1
# All of it is judged by so many columns.
SAMPLED = 200
# Cells are this high between their rules, in heights of the writing; their corners may stick out by so many pixels.
LEAST_CELL, MOST_CELL = 0.5, 5.0
CORNER = 6
# Ink on a rule that is thicker than the rule by this factor is a stroke that crosses it.
CROSSING = 1.5
# Where dark writing keeps a faint rule from counting as ink, the rule has a hole, and what lies in it is no rule: of so
# many times its thickness (in pixels, at least) to both sides, this share must be inked.
AROUND, LEAST_AROUND = 20, 24
PRESENT = 0.6
# Paper bends, and its rules with it: less than a cubic does.
BOW_DEGREE, BOW_ROUNDS = 3, 4


@dataclass(frozen=True)
class Rule:
    """A straight line y = offset + slope * x over columns start to end (of the transposed picture where vertical)."""

    slope: float
    offset: float
    start: int
    end: int

    def at(self, x: float) -> float:
        """The line's y at a column."""
        return self.offset + self.slope * x


class Unruled(NamedTuple):
    """A page without its rules.

    ink: a copy, or the ink itself where nothing was taken out. rises: of each rule that was, how far it rises for each
    pixel to the right (a plumb one: leans, for each pixel down), and its length.
    """

    ink: NDArray[np.uint8]
    rises: tuple[tuple[float, int], ...] = ()


def without_rules(
    ink: NDArray[np.uint8], pieces: Sequence[Piece], writing_height: float, *, askew: bool = False
) -> Unruled:
    """The soft ink without horizontal and vertical rules.

    Args:
        ink: (H, W) uint8, 255 = ink.
        pieces: its connected pieces.
        writing_height: of the digits, in pixels.
        askew: seek rules of a page that is held askew, and no others.
    """
    sizes = [(piece.box.width, piece.box.height) for piece in pieces]
    upright = [(height, width) for width, height in sizes]
    level = find_rules(ink, writing_height, askew=askew) if _may_be_ruled(sizes, writing_height, ink.shape[1]) else ()
    plumb = (
        find_rules(ink.T, writing_height, askew=askew) if _may_be_ruled(upright, writing_height, ink.shape[0]) else ()
    )
    if not level and not plumb:
        return Unruled(ink)
    result = ink.copy()
    rises = [
        (sign * rule.slope, _length(rule))
        for view, rules, sign in ((result, level, -1), (result.T, plumb, 1))
        for rule in rules
        if _erase(view, rule, writing_height)
    ]
    for view, rules in ((result, level), (result.T, plumb)):
        _erase_dividers(view, rules, writing_height)
    return Unruled(result, tuple(rises))


def _erase_dividers(ink: NDArray[np.uint8], rules: Sequence[Rule], writing_height: float) -> None:
    """Take out, in place, what runs straight from one rule to the next: sides of a box, bars between the cells of a
    form.

    A digit stands free of at least one of the two rules, so however short a bar is, reaching both tells it from a 1.
    """
    ordered = sorted(rules, key=lambda rule: rule.at((rule.start + rule.end) / 2))
    for upper, lower in pairwise(ordered):
        start, end = max(upper.start, lower.start), min(upper.end, lower.end)
        left, right = max(0, start - CORNER), min(ink.shape[1], end + CORNER)
        top = round(max(upper.at(start), upper.at(end)))
        bottom = round(min(lower.at(start), lower.at(end)))
        if end <= start or not LEAST_CELL * writing_height <= bottom - top <= MOST_CELL * writing_height:
            continue
        strip = ink[max(top, 0) : bottom, left:right].T
        for bar in find_rules(strip, float(max(ink.shape))):
            _erase(strip, bar, writing_height)


def _may_be_ruled(sizes: Sequence[tuple[int, int]], writing_height: float, extent: int) -> bool:
    """Whether any piece (length along the rule, thickness) is long enough, or so flat that it may be a dash of one."""
    return any(
        length >= min(LEAST_HEIGHTS * writing_height, ACROSS * extent)
        or (thickness <= THICKEST * writing_height and length >= DASH_HEIGHTS * writing_height)
        for length, thickness in sizes
    )


def find_rules(ink: NDArray[np.uint8], writing_height: float, *, askew: bool = False) -> tuple[Rule, ...]:
    """Rules of a page of soft ink that run across, nearly level or, of a page held askew, not; most inked first."""
    slopes, heights = (ASKEW, LEAST_ASKEW) if askew else (SLOPES, LEAST_HEIGHTS)
    return _rules_along(ink, slopes, heights * writing_height, GAP * writing_height)


def _length(rule: Rule) -> int:
    return rule.end - rule.start


def _rules_along(ink: NDArray[np.uint8], slopes: NDArray[np.float64], least: float, gap: float) -> tuple[Rule, ...]:
    """Rules along these slopes, at least so long or across the picture, holes no longer than `gap`; all in pixels."""
    height, width = ink.shape
    scale = max(1, round(max(height, width) / SEARCH_SIDE))
    mask = _shrunk(ink, scale)
    rows, columns = mask.shape
    if min(rows, columns) < 8:
        return ()
    shortest = min(least / scale, ACROSS * columns)
    sheared = np.stack([_sheared(mask, float(slope)) for slope in slopes])
    coverage = sheared.sum(axis=2, dtype=np.int32)
    found: list[Rule] = []
    for _ in range(200):
        index, row = np.unravel_index(int(coverage.argmax()), coverage.shape)
        if coverage[index, row] < INKED * shortest:
            break
        span = _longest_span(sheared[index, row], round(gap / scale))
        slope = float(slopes[index])
        if _is_rule(span, columns, shortest, sheared[index, row]):
            offset = float(row) - slope * columns / 2
            found.append(Rule(slope, (offset + 0.5) * scale, span[0] * scale, min(span[1] * scale, width)))
            coverage[:, max(row - 3, 0) : row + 4] = 0
        coverage[index, row] = 0
    return tuple(found)


def _is_rule(span: tuple[int, int], columns: int, least: float, row: NDArray[np.uint8]) -> bool:
    start, end = span
    inked = np.flatnonzero(row[start:end])
    if end - start < least or not inked.size:
        return False
    if least < ACROSS * columns:
        return inked.size >= INKED * (end - start)
    # Across the page it may have one hole, where there is writing.
    hole = int(np.diff(inked).max(initial=1)) - 1
    border = BORDER * columns
    return start <= border and end >= columns - border and inked.size >= INKED * (end - start - hole)


def _shrunk(ink: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """(H / scale, W / scale) uint8, 1 where a cell or the one above or below it holds ink."""
    mask = (ink > 127).astype(np.uint8)
    if scale > 1:
        mask = np.asarray(cv2.dilate(mask, np.ones((scale, scale), np.uint8)), np.uint8)[::scale, ::scale]
    return np.asarray(cv2.dilate(np.ascontiguousarray(mask), np.ones((2, 1), np.uint8)), np.uint8)


def _sheared(mask: NDArray[np.uint8], slope: float) -> NDArray[np.uint8]:
    """`mask` with lines of `slope` made horizontal, turned about its middle column."""
    rows, columns = mask.shape
    matrix = np.array([[1, 0, 0], [slope, 1, -slope * columns / 2]], np.float64)
    return np.asarray(
        cv2.warpAffine(mask, matrix, (columns, rows), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP), np.uint8
    )


def _longest_span(row: NDArray[np.uint8], gap: int) -> tuple[int, int]:
    """The longest stretch of a row whose gaps are no longer than `gap`, as (start, end)."""
    inked = np.flatnonzero(row)
    if inked.size == 0:
        return 0, 0
    breaks = np.flatnonzero(np.diff(inked) > gap + 1)
    starts = np.concatenate(([inked[0]], inked[breaks + 1]))
    ends = np.concatenate((inked[breaks], [inked[-1]])) + 1
    best = int(np.argmax(ends - starts))
    return int(starts[best]), int(ends[best])


def _erase(ink: NDArray[np.uint8], rule: Rule, writing_height: float) -> bool:
    """Take one rule out of `ink`, in place; where ink is thicker than the rule, a stroke crosses and stays.

    Returns whether it was a rule.
    """
    columns = np.arange(rule.start, rule.end)
    followed = _followed(ink, rule, columns, writing_height)
    if followed is None:
        return False
    rows, usual = followed
    tops, bottoms = _runs(ink, columns, rows, max(3, round(2 * usual)))
    thickness = bottoms - tops
    around = 2 * round(max(LEAST_AROUND, AROUND * usual)) + 1
    share = cv2.blur((thickness > 0).astype(np.float32)[:, np.newaxis], (1, around), borderType=cv2.BORDER_REFLECT)
    erased = (share[:, 0] >= PRESENT) & (thickness > 0) & (thickness <= CROSSING * usual + 1)
    for column, top, bottom in zip(columns[erased], tops[erased], bottoms[erased], strict=True):
        ink[max(top - 1, 0) : bottom + 1, column] = 0
    return True


def _followed(
    ink: NDArray[np.uint8], rule: Rule, columns: NDArray[np.intp], writing_height: float
) -> tuple[NDArray[np.intp], float] | None:
    """A rule's row in every column and its own thickness; None where it is none."""
    thickest = min(THICKEST * writing_height, max(LEAST_THICKNESS, THICKEST_OF_LENGTH * len(columns)))
    rows = np.rint(rule.offset + rule.slope * columns).astype(np.intp)
    # A sample tells: of a scribble, hundreds of lines are asked for that are none.
    some = slice(None, None, max(1, len(columns) // SAMPLED))
    tops, bottoms = _runs(ink, columns[some], rows[some], max(3, round(thickest)))
    thickness = bottoms - tops
    if not thickness.any():
        return None
    usual = float(np.quantile(thickness[thickness > 0], USUAL))
    even = (thickness > 0) & (np.abs(thickness - usual) <= max(1.5, EVEN_WITHIN * usual))
    if usual > thickest or even.mean() < LEAST_EVEN_SHARE:
        return None
    offsets = ((tops + bottoms) / 2 - rows[some])[even]
    bow = _bow(columns[some][even], offsets)
    strays = float(np.quantile(np.abs(offsets - bow(columns[some][even])), STRAYS_QUANTILE))
    if strays > (MOST_STRAY if even.mean() >= EVEN_SHARE else STRAIGHT):
        return None
    return rows + np.rint(bow(columns)).astype(np.intp), usual


def _bow(columns: NDArray[np.intp], offsets: NDArray[np.float64]) -> Polynomial:
    """How far a rule on bent paper lies from the straight line, by column; strokes near it do not bend it."""
    bow = Polynomial([0.0])
    kept = np.ones(len(columns), np.bool_)
    for _ in range(BOW_ROUNDS):
        if kept.sum() <= 2 * BOW_DEGREE:
            break
        bow = Polynomial.fit(columns[kept], offsets[kept], BOW_DEGREE)
        distance = np.abs(offsets - bow(columns))
        kept = distance <= 1 + 2 * np.median(distance)
    return bow


def _runs(
    ink: NDArray[np.uint8], columns: NDArray[np.intp], rows: NDArray[np.intp], reach: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Per column the stretch of ink at, or else nearest to, the given row: first row and the row after its last.

    A stretch is followed for twice `reach` to either side; empty (equal) where no ink lies within `reach`/2.
    """
    offsets = np.arange(-2 * reach, 2 * reach + 1)
    window = rows[:, np.newaxis] + offsets[np.newaxis, :]
    inside = (window >= 0) & (window < ink.shape[0])
    inked = (ink[window.clip(0, ink.shape[0] - 1), columns[:, np.newaxis]] > 60) & inside
    distance = np.where(inked, np.abs(offsets), 10 * reach)
    seed = distance.argmin(axis=1)[:, np.newaxis]
    near = distance.min(axis=1) <= max(2, reach // 2)
    # The stretch ends at the last gap before the seed and at the first one after it.
    places = np.arange(len(offsets))
    gap_before = np.maximum.accumulate(np.where(inked, -1, places), axis=1)
    gap_after = np.minimum.accumulate(np.where(inked, len(offsets), places)[:, ::-1], axis=1)[:, ::-1]
    first = np.take_along_axis(gap_before, seed, axis=1)[:, 0] + 1
    last = np.take_along_axis(gap_after, seed, axis=1)[:, 0]
    tops = np.where(near, rows + first - 2 * reach, rows)
    bottoms = np.where(near, rows + last - 2 * reach, rows)
    return tops, bottoms
