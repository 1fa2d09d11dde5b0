"""Lines of writing: pieces whose heights overlap belong together, also where a line rises across the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.geometry import Box, union
from core.segmentation.pieces import Piece

# A piece lower than this share of the writing's height is a mark (dot, dash, comma, speck) or a part of a digit.
TALL = 0.45
# Several touching digits may be this many times as wide as high; a rule is wider.
WIDEST = 6.0
# Two tall neighbors stand on one line when this share of the lower one's height lies beside the other.
OVERLAP = 0.45
# A mark smaller than this share of the height on both sides is a speck: no dot of a pen is so small.
SPECK = 0.12
# A mark belongs to a line when its middle lies at most this far outside it, in heights of the line.
REACH = 0.25
# A piece so high, in heights of its line, is no part of a broken digit; one in the middle of the heights always is.
WHOLE = 0.7

# A half of a broken digit lies beside a whole one, this far away at most in heights of the line, with this share of it.
INSIDE = 0.8
NEIGHBOR = 3.0


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


def find_lines(pieces: Sequence[Piece]) -> tuple[WritingLine, ...]:
    """Put pieces into lines, top to bottom; marks that belong to no line are left out."""
    height = writing_height(pieces)
    tall = sorted((p for p in pieces if p.box.height >= TALL * height), key=lambda piece: piece.box.center[0])
    groups = _linked(tall)
    lines = [_line(group) for group in _merged(groups)]
    marks = [p for p in pieces if p.box.height < TALL * height and max(p.box.width, p.box.height) >= SPECK * height]
    return tuple(sorted(_with_marks(lines, marks), key=lambda line: line.box.center[1]))


def _linked(tall: Sequence[Piece]) -> list[list[Piece]]:
    """Each piece joins the line whose last piece it overlaps most, going from left to right."""
    groups: list[list[Piece]] = []
    for piece in tall:
        shares = [_beside(piece, group) for group in groups]
        best = int(np.argmax(shares)) if shares else -1
        if best >= 0 and shares[best] >= OVERLAP:
            groups[best].append(piece)
        else:
            groups.append([piece])
    return groups


def _merged(groups: Sequence[list[Piece]]) -> list[list[Piece]]:
    """Put halves of broken digits, which began a line of their own, back between the whole ones beside them.

    Lines with least ink are asked first; what lies between two lines, however close, is beside no whole digit.
    """
    waiting = sorted(groups, key=lambda group: sum(piece.area for piece in group))
    kept: list[list[Piece]] = []
    while waiting:
        group = waiting.pop(0)
        home = next((other for other in reversed(waiting) if _belongs(group, other)), None)
        if home is None:
            kept.append(group)
        else:
            home.extend(group)
    return kept


def _belongs(group: Sequence[Piece], other: Sequence[Piece]) -> bool:
    """Whether each piece of a group lies beside its nearest whole neighbor in another."""
    height = writing_height(other)
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


def _beside(piece: Piece, group: Sequence[Piece]) -> float:
    """Share of the lower height that lies beside the line's end: the tallest of its last three, else a part of a broken
    digit would speak for it.
    """
    last = max(group[-3:], key=lambda member: member.box.height).box
    common = min(last.bottom, piece.box.bottom) - max(last.y, piece.box.y)
    return common / max(1, min(last.height, piece.box.height))


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
