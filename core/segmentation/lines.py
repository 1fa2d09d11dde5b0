"""Lines of writing: pieces whose heights overlap belong together, also where a line rises across the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.geometry import Box, union
from core.normalization import stroke_width
from core.segmentation.pieces import Piece, together

# A piece lower than this share of the writing's height is a mark (dot, dash, comma, speck) or a part of a digit.
TALL = 0.45
# Several touching digits may be this many times as wide as high; a rule is wider.
WIDEST = 6.0
# Two tall neighbors stand on one line when this share of the lower one's height lies beside the other.
OVERLAP = 0.45
# Writing of a smaller size is at least this high, in heights of the larger, and a line of it holds so many tall pieces;
# it is sought so often.
SMALLER = 0.15
FEWEST_SMALLER = 2
SMALLER_SIZES = 2
# A mark smaller than this share of the height on both sides is a speck: no dot of a pen is so small.
SPECK = 0.12
# A mark belongs to a line when its middle lies at most this far outside it, in heights of the line.
REACH = 0.25
# A piece so high, in heights of its line, is no part of a broken digit; one in the middle of the heights always is.
WHOLE = 0.7
# Parts of a broken digit are at most this far apart, in widths of the pen, lie above each other by this share of the
# narrower, and are together this high at most, in heights of the page's high pieces. More pieces than this are grain.
BRIDGE = 2.0
ABOVE = 0.3
AS_HIGH = 1.3
# Two straight upright strokes, no wider than this share of their height, are what is left of a rule.
SLIM = 0.25
MOST_BRIDGED = 400
# A half of a broken digit lies beside a whole one, this far away at most in heights of the line, with this share of it.
INSIDE = 0.8
NEIGHBOR = 3.0
# A page is tilted when so many neighbors, no farther apart and no farther above each other than this in heights of the
# writing, rise by this much to the right at the median: less than this, lines are found as they are.
NEIGHBORS = 5
BESIDE = 1.6
RISES = 0.8
TILTED_FROM = 0.08
# ... and by so many times the median deviation over the square root of their number: digits that dance are no tilt.
DEVIATIONS = 5.0
# Fewer neighbors, though not less than the first number, tell of a tilt that is plainer.
FEW, PLAINLY_TILTED = 2, 0.2


@dataclass(frozen=True, eq=False)
class WritingLine:
    """One line of writing.

    pieces: left to right by their middles, marks among them.
    height: of its tall pieces, in pixels of the working picture.
    """

    pieces: tuple[Piece, ...]
    height: float

    @property
    def box(self) -> Box:
        """Around all pieces, in pixels of the working picture."""
        return union(piece.box for piece in self.pieces)


def writing_height(pieces: Sequence[Piece]) -> float:
    """The height of the writing: the median over ink, so that many specks weigh less than few digits. 0 without ink.

    Rules and frames say nothing about it: what is far wider than high is left out where anything else is there.
    """
    pieces = [piece for piece in pieces if piece.box.width <= WIDEST * piece.box.height] or list(pieces)
    if not pieces:
        return 0.0
    heights = np.array([piece.box.height for piece in pieces], np.float64)
    weights = np.array([piece.area for piece in pieces], np.float64)
    order = np.argsort(heights)
    middle = np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)
    return float(heights[order][min(int(middle), len(heights) - 1)])


def pen_width(pieces: Sequence[Piece]) -> float:
    """Width of the pen in pixels, the median over the ink of the largest pieces; 1 without any."""
    largest = sorted(pieces, key=lambda piece: -piece.area)[:12]
    if not largest:
        return 1.0
    widths = np.array([stroke_width(piece.ink) for piece in largest])
    order = np.argsort(widths)
    ink = np.cumsum(np.array([piece.area for piece in largest])[order])
    return max(1.0, float(widths[order][np.searchsorted(ink, ink[-1] / 2)]))


def find_lines(pieces: Sequence[Piece], pen: float | None = None) -> tuple[WritingLine, ...]:
    """Put pieces into lines, top to bottom; marks that belong to no line are left out.

    Lines are first of writing of one size; what is too low for them and stands beside none is writing of a smaller one,
    under a large heading say, where there is enough of it.

    pen: its width in pixels; found out where it is not known.
    """
    found, rest = list(_lines_of_one_size(pieces, pen)), list(pieces)
    lines = found
    for _ in range(SMALLER_SIZES):
        if not lines:
            break
        taken = {id(piece) for line in lines for piece in line.pieces}
        least = SMALLER * max(line.height for line in lines)
        rest = [piece for piece in rest if id(piece) not in taken and piece.box.height >= least]
        lines = [line for line in _lines_of_one_size(rest, None) if _tall_pieces(line) >= FEWEST_SMALLER]
        found += lines
    return tuple(sorted(found, key=lambda line: line.box.center[1]))


def _tall_pieces(line: WritingLine) -> int:
    return sum(piece.box.height >= TALL * line.height for piece in line.pieces)


def _lines_of_one_size(pieces: Sequence[Piece], pen: float | None) -> tuple[WritingLine, ...]:
    bridged = _bridged(pieces, pen or pen_width(pieces))
    wholes = [together(group) for group in bridged]
    height = writing_height(wholes)
    tilt = _tilt([piece.box for piece in wholes if piece.box.height >= TALL * height], height)
    wholes = [_leveled(whole, tilt) for whole in wholes]
    tall = sorted((p for p in wholes if p.box.height >= TALL * height), key=lambda piece: piece.box.center[0])
    lines = [_line(group) for group in _merged(_linked(tall))]
    marks = [p for p in wholes if p.box.height < TALL * height and max(p.box.width, p.box.height) >= SPECK * height]
    lines = sorted(_with_marks(lines, marks), key=lambda line: line.box.center[1])
    parts = {id(whole): group for whole, group in zip(wholes, bridged, strict=True)}
    return tuple(_taken_apart(line, parts) for line in lines)


def rises_like(pieces: Sequence[Piece], rise: float) -> bool:
    """Whether the writing rises to the right about as much as something else does, rather than being level."""
    height = writing_height(pieces)
    rises = _rises([piece.box for piece in pieces if piece.box.height >= TALL * height], height)
    return len(rises) > 0 and abs(float(np.median(rises)) - rise) <= abs(rise) / 2


def tilt_of(pieces: Sequence[Piece]) -> float:
    """How far lines of writing rise for each pixel to the right, negative where they fall; 0 where they hardly do."""
    height = writing_height(pieces)
    return _tilt([piece.box for piece in pieces if piece.box.height >= TALL * height], height)


def _tilt(tall: Sequence[Box], height: float) -> float:
    """The median over neighbors: single digits stand higher or lower, or are as high as two."""
    rises = _rises(tall, height)
    if len(rises) < FEW:
        return 0.0
    tilt = float(np.median(rises))
    deviation = float(np.median(np.abs(rises - tilt)))
    least = TILTED_FROM if len(rises) >= NEIGHBORS else PLAINLY_TILTED
    certain = max(least, DEVIATIONS * deviation / np.sqrt(len(rises)))
    return tilt if abs(tilt) >= certain else 0.0


def _rises(tall: Sequence[Box], height: float) -> NDArray[np.float32]:
    """How far the next neighbor to the right stands higher, for each pixel that it is away; of each that has one."""
    if len(tall) < 2:
        return np.zeros(0, np.float32)
    x, y = np.array([box.center for box in tall], np.float32).T  # a thousand squared are some megabytes
    right, down = np.subtract.outer(x, x).T, np.subtract.outer(y, y).T
    beside = (right > 0) & (right <= BESIDE * height) & (np.abs(down) <= RISES * height)
    nearest = np.where(beside, right, np.inf).argmin(axis=1)
    rows = np.flatnonzero(beside.any(axis=1))
    return np.asarray(-down[rows, nearest[rows]] / right[rows, nearest[rows]], np.float32)


def _leveled(piece: Piece, tilt: float) -> Piece:
    """The piece where it would stand if lines did not rise."""
    if not tilt:
        return piece
    return replace(piece, box=piece.box.shifted(0, round(tilt * piece.box.center[0])))


def _bridged(pieces: Sequence[Piece], pen: float) -> list[list[Piece]]:
    """Parts of a broken digit together: one above the other, no farther apart than the pen is wide, and together no
    higher than the page's high pieces; every other piece alone.
    """
    groups = [[piece] for piece in pieces]
    if not 2 <= len(pieces) <= MOST_BRIDGED:
        return groups
    x, y, width, height = np.array([piece.box for piece in pieces], np.float64).T
    reach = BRIDGE * pen
    common = np.minimum.outer(x + width, x + width) - np.maximum.outer(x, x)
    apart = np.maximum.outer(y, y) - np.minimum.outer(y + height, y + height)
    stacked = (common >= ABOVE * np.minimum.outer(width, width)) & (apart <= reach)
    slim = width < SLIM * height
    stacked &= ~np.logical_and.outer(slim, slim)
    limit = AS_HIGH * _high(height, np.array([piece.area for piece in pieces], np.float64))
    for first, second in np.argwhere(np.triu(stacked, 1)):
        one, other = groups[first], groups[second]
        if one is other or union(piece.box for piece in (*one, *other)).height > limit:
            continue
        if _are_near(pieces[first], pieces[second], reach):
            one.extend(other)
            for index, group in enumerate(groups):
                if group is other:
                    groups[index] = one
    return list({id(group): group for group in groups}.values())


def _high(heights: NDArray[np.float64], areas: NDArray[np.float64]) -> float:
    """The height that nine tenths of the ink do not exceed."""
    order = np.argsort(heights)
    at = np.searchsorted(np.cumsum(areas[order]), 0.9 * areas.sum())
    return float(heights[order][min(int(at), len(heights) - 1)])


def _are_near(one: Piece, other: Piece, reach: float) -> bool:
    """Whether ink of one lies within `reach` pixels of ink of the other."""
    around = union((one.box, other.box))
    # Not a dilation, whose time grows with the square of the reach.
    distance = cv2.distanceTransform(1 - _on(around, one), cv2.DIST_L2, cv2.DIST_MASK_5)
    return bool((distance[_on(around, other) > 0] <= round(reach)).any())


def _on(around: Box, piece: Piece) -> NDArray[np.uint8]:
    """A piece's ink, 0 or 1, in a larger box."""
    page = np.zeros((around.height, around.width), np.uint8)
    top, left = piece.box.y - around.y, piece.box.x - around.x
    page[top : top + piece.box.height, left : left + piece.box.width] = piece.ink > 127
    return page


def _taken_apart(line: WritingLine, parts: Mapping[int, list[Piece]]) -> WritingLine:
    """The line with the pieces that there are: whether they make one digit is for grouping to say."""
    pieces = [piece for whole in line.pieces for piece in parts[id(whole)]]
    return WritingLine(tuple(sorted(pieces, key=lambda piece: piece.box.center[0])), line.height)


def _linked(tall: Sequence[Piece]) -> list[list[Piece]]:
    """Each piece joins the line whose last piece it overlaps most, going from left to right."""
    groups: list[list[Piece]] = []
    ends = np.empty((len(tall), 2))  # top and bottom of each line's end
    for piece in tall:
        top, bottom = piece.box.y, piece.box.bottom
        tops, bottoms = ends[: len(groups)].T
        common = np.minimum(bottoms, bottom) - np.maximum(tops, top)
        shares = common / np.maximum(1, np.minimum(bottoms - tops, bottom - top))
        best = int(np.argmax(shares)) if groups else 0
        if groups and shares[best] >= OVERLAP:
            groups[best].append(piece)
        else:
            best = len(groups)
            groups.append([piece])
        ends[best] = _end(groups[best])
    return groups


def _end(group: Sequence[Piece]) -> tuple[int, int]:
    """Top and bottom of a line's end: the tallest of its last three, else a part of a broken digit would speak for
    it.
    """
    last = max(group[-3:], key=lambda member: member.box.height).box
    return last.y, last.bottom


def _merged(groups: Sequence[list[Piece]]) -> list[list[Piece]]:
    """Put halves of broken digits, which began a line of their own, back between the whole ones beside them.

    Lines with least ink are asked first; what lies between two lines, however close, is beside no whole digit.
    """
    waiting = sorted(groups, key=lambda group: sum(piece.area for piece in group))
    heights = {id(group): writing_height(group) for group in groups}
    kept: list[list[Piece]] = []
    while waiting:
        group = waiting.pop(0)
        home = next((other for other in reversed(waiting) if _belongs(group, other, heights[id(other)])), None)
        if home is None:
            kept.append(group)
        else:
            home.extend(group)
            heights[id(home)] = writing_height(home)
    return kept


def _belongs(group: Sequence[Piece], other: Sequence[Piece], height: float) -> bool:
    """Whether each piece of a group lies beside its nearest whole neighbor in another whose writing is so high."""
    whole = [piece.box for piece in other if piece.box.height >= WHOLE * height]
    if not whole:
        return False
    for piece in group:
        box = piece.box
        nearest = min(whole, key=lambda one: abs(one.center[0] - box.center[0]))
        common = min(nearest.bottom, box.bottom) - max(nearest.y, box.y)
        if common < INSIDE * box.height or abs(nearest.center[0] - box.center[0]) > NEIGHBOR * height:
            return False
    return True


def _line(pieces: Sequence[Piece]) -> WritingLine:
    return WritingLine(tuple(pieces), writing_height(pieces))


def _with_marks(lines: Sequence[WritingLine], marks: Sequence[Piece]) -> list[WritingLine]:
    """Give each mark to the line it lies in, judged by its nearest whole digit: half of a broken one says little."""
    members: list[list[Piece]] = [list(line.pieces) for line in lines]
    whole = [[piece for piece in line.pieces if piece.box.height >= WHOLE * line.height] for line in lines]
    for mark in marks:
        x, y = mark.box.center
        best, least = -1, REACH
        for index, line in enumerate(lines):
            neighbor = min(whole[index], key=lambda piece: abs(piece.box.center[0] - x))
            outside = max(neighbor.box.y - y, y - neighbor.box.bottom, 0.0) / max(line.height, 1.0)
            if outside <= least:
                best, least = index, outside
        if best >= 0:
            members[best].append(mark)
    return [
        WritingLine(tuple(sorted(group, key=lambda piece: piece.box.center[0])), line.height)
        for group, line in zip(members, lines, strict=True)
    ]
