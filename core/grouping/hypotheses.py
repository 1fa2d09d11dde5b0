"""Runs of pieces and of their parts, each of which may be one digit, and what the classifier says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.classifier import DIGITS, Classifier
from core.grouping.slashes import slash_shares
from core.normalization import normalize
from core.segmentation.cuts import Cut, between, find_cuts
from core.segmentation.lines import WritingLine
from core.segmentation.pieces import Piece, together

# A piece that reads as a digit at least this surely, and is no wider than this many heights of the line, is left whole.
WHOLE_CONFIDENCE = 0.99
WHOLE_WIDTH = 1.2
# A cut crosses at most this many pen widths of ink; a digit is at most this wide, and one that was cut out at most this
# many atoms long.
CUT_STROKES = 3.0
WIDEST = 1.5
LONGEST = 8
# A piece higher or wider than this many heights of its line is no row of digits, and not worth cutting.
TALLEST = 2.5
LONGEST_PIECE = 12.0
MOST_CUTS = 40
# A digit that shares a stroke with its neighbor is seen whole this many pen widths beyond the cut.
SHARED_STROKES = 0.6
# A line of at least so many pieces, of which a smaller share than this reads as digits, is no number.
HOPELESS_PIECES = 15
HOPELESS_SHARE = 0.35
MARK_SHARE = 0.45
# A digit is at least this high, in heights of its line, and most are at least so tall; a piece that joins others is at
# most this far from them; a percent sign has so many pieces.
SHORTEST = 0.25
TALL = 0.75
FARTHEST_JOIN = 0.3
SIGN_PIECES = 3
# What looks like a 1 at least so much may be a slash.
LIKE_A_ONE = 0.5


class Look(NamedTuple):
    """What the classifier is shown of ink, (28, 28) uint8, and what it says, (11,) float32."""

    normalized: NDArray[np.uint8]
    probabilities: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Atom:
    """The smallest unit of grouping: a piece or a part of one.

    piece: its ink.
    source: which piece of the line it comes from; whole: that piece.
    left, right: the cuts that part it from its neighbors; None at the piece's own edges.
    look: where it is a whole piece, what the classifier says of it; None of a part.
    """

    piece: Piece
    source: int
    whole: Piece
    left: Cut | None = None
    right: Cut | None = None
    look: Look | None = None


class Span(NamedTuple):
    """A run of atoms, start to end (exclusive): its joins and their gaps in heights of the line, its cut edges and
    the ink they cross beyond one pen width each, in pen widths.

    a_mark: of several atoms, whether they may be something that is no digit, as each alone may: one whole piece, or
        three of which one is as high as a digit, as a percent sign's stroke between its rings. Two digits never are,
        nor is one that broke in two.
    """

    start: int
    end: int
    joins: int = 0
    gaps: float = 0.0
    cuts: int = 0
    ink: float = 0.0
    a_mark: bool = False


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """Atoms start to end (exclusive) as one mark, and what the classifier says of it.

    slash: where it looks like a 1, how likely it is a slash, by how it stands in its line, 0 to 1.
    """

    span: Span
    piece: Piece
    normalized: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    slash: float = 0.0


def hypotheses(line: WritingLine, classifier: Classifier, stroke: float) -> tuple[list[Atom], list[Hypothesis]]:
    """The atoms of one line and every hypothesis about it, for those who want to look inside."""
    (looks,) = looked_at([line], classifier)
    atoms = cut_row(line, looks, stroke)
    return atoms, classified([line], [atoms], [possible_spans(atoms, line.height, stroke)], classifier, stroke)[0]


def looked_at(lines: Sequence[WritingLine], classifier: Classifier) -> list[list[Look]]:
    """What the classifier says of each piece of each line, all in one batch."""
    pieces = [piece for line in lines for piece in line.pieces]
    images = [normalize(piece.ink) for piece in pieces]
    answers = map(Look, images, classifier.probabilities(_stacked(images)))
    return [[next(answers) for _ in line.pieces] for line in lines]


def candidates(pieces: Sequence[Piece], height: float, stroke: float) -> tuple[Piece, ...]:
    """The ink of every hypothesis about a row of pieces, all of them cut: what a classifier is asked about, right or
    wrong.
    """
    atoms = sorted(
        (atom for index, piece in enumerate(pieces) for atom in _parts(piece, index, height, stroke)),
        key=lambda atom: atom.piece.box.center[0],
    )
    margin = round(SHARED_STROKES * stroke)
    spans = possible_spans(atoms, height, stroke)
    return tuple(ink for span in spans for ink in _inks(atoms[span.start : span.end], margin))


def whole_row(line: WritingLine, looks: Sequence[Look]) -> list[Atom]:
    """The line's pieces as they are."""
    seen = zip(line.pieces, looks, strict=True)
    return [Atom(piece, index, piece, look=look) for index, (piece, look) in enumerate(seen)]


def single_spans(atoms: Sequence[Atom]) -> list[Span]:
    """Every atom for itself."""
    return [Span(index, index + 1) for index in range(len(atoms))]


def cut_row(line: WritingLine, looks: Sequence[Look], stroke: float) -> list[Atom]:
    """The line's pieces, cut wherever they do not plainly read as one digit."""
    atoms: list[Atom] = []
    for atom in whole_row(line, looks):
        parts = _parts(atom.piece, atom.source, line.height, stroke) if _may_be_several(atom, line.height) else [atom]
        atoms.extend(parts if len(parts) > 1 else [atom])
    return sorted(atoms, key=lambda atom: atom.piece.box.center[0])


def cuts_wanted(line: WritingLine, looks: Sequence[Look]) -> int:
    """How many cuts `cut_row` may find at most, before it looks for them."""
    return sum(
        _most_cuts(atom.piece, line.height) for atom in whole_row(line, looks) if _may_be_several(atom, line.height)
    )


def _may_be_several(atom: Atom, height: float) -> bool:
    """Whether a whole piece is no speck, and does not plainly read as one digit."""
    box = atom.piece.box
    assert atom.look is not None
    plain = box.width <= WHOLE_WIDTH * height and _surest(atom.look) >= WHOLE_CONFIDENCE
    return not plain and box.height >= SHORTEST * height


def _surest(look: Look) -> float:
    return float(look.probabilities[:DIGITS].max())


def is_hopeless(line: WritingLine, looks: Sequence[Look]) -> bool:
    """Whether many pieces hold hardly a digit: print, noise, a pattern. Cutting them would take minutes and invent
    digits.
    """
    seen = zip(line.pieces, looks, strict=True)
    known = [_surest(look) >= 0.5 for piece, look in seen if piece.box.height >= MARK_SHARE * line.height]
    return len(known) >= HOPELESS_PIECES and sum(known) < HOPELESS_SHARE * len(known)


def _parts(piece: Piece, source: int, height: float, stroke: float) -> list[Atom]:
    """A piece cut wherever that is cheap; whole where it is far too large to hold digits of this line."""
    most = _most_cuts(piece, height)
    cuts = find_cuts(piece, CUT_STROKES * stroke, most) if most else ()
    atoms: list[Atom] = []
    left: Cut | None = None
    for right in (*cuts, None):
        part = between(piece, left, right)
        if part is not None:  # else its ink goes with the next part
            atoms.append(Atom(part, source, piece, left, right))
            left = right
    return atoms or [Atom(piece, source, piece)]


def _most_cuts(piece: Piece, height: float) -> int:
    if piece.box.height > TALLEST * height or piece.box.width > LONGEST_PIECE * height:
        return 0
    return min(MOST_CUTS, max(4, round(7 * piece.box.width / height)))


def possible_spans(atoms: Sequence[Atom], height: float, stroke: float) -> list[Span]:
    """Runs of atoms that could be one digit, ordered by their start; every atom alone is one."""
    spans = []
    parts = Counter(atom.source for atom in atoms)
    for start in range(len(atoms)):
        joins, gaps = 0, 0.0
        inside: dict[int, Piece] = {}
        left, right = atoms[start].piece.box.x, atoms[start].piece.box.right
        for end in range(start + 1, len(atoms) + 1):
            last = atoms[end - 1]
            if end - start > 1:
                gap = max(0.0, last.piece.box.x - right) / height
                if last.source != atoms[end - 2].source:
                    joins, gaps = joins + 1, gaps + gap
                left, right = min(left, last.piece.box.x), max(right, last.piece.box.right)
                if gap > FARTHEST_JOIN or right - left > WIDEST * height:
                    break
            inside[last.source] = last.whole
            cut = [edge for edge in (atoms[start].left, last.right) if edge is not None]
            # A piece that many cuts were found in may all the same be one digit.
            if end - start <= LONGEST or not cut:
                ink = sum(max(0.0, edge.ink_crossed / stroke - 1) for edge in cut)
                whole = sum(parts[source] for source in inside) == end - start
                tall = sum(piece.box.height >= TALL * height for piece in inside.values())
                a_sign = len(inside) == SIGN_PIECES and tall == 1
                spans.append(Span(start, end, joins, gaps, len(cut), ink, whole and (len(inside) == 1 or a_sign)))
    return spans


def classified(
    lines: Sequence[WritingLine],
    rows: Sequence[Sequence[Atom]],
    spans: Sequence[Sequence[Span]],
    classifier: Classifier,
    stroke: float,
) -> list[list[Hypothesis]]:
    """Classify every span of every line in one batch; where it was cut, also with the stroke it may share."""
    drafts = [
        [
            (span, piece, atoms[span.start].look if span.end - span.start == 1 else None)
            for span in row
            for piece in _inks(atoms[span.start : span.end], round(SHARED_STROKES * stroke))
        ]
        for atoms, row in zip(rows, spans, strict=True)
    ]
    images = [normalize(piece.ink) for row in drafts for _, piece, look in row if look is None]
    answers = map(Look, images, classifier.probabilities(_stacked(images)))
    return [
        _with_slashes(line, atoms, [Hypothesis(span, piece, *(look or next(answers))) for span, piece, look in row])
        for line, atoms, row in zip(lines, rows, drafts, strict=True)
    ]


def _with_slashes(line: WritingLine, atoms: Sequence[Atom], found: Sequence[Hypothesis]) -> list[Hypothesis]:
    """The same, each whole piece that looks like a 1 with how likely it is a slash."""
    like_ones = {
        index: atoms[hypothesis.span.start].source
        for index, hypothesis in enumerate(found)
        if hypothesis.probabilities[1] >= LIKE_A_ONE
        and _is_whole_piece(atoms[hypothesis.span.start : hypothesis.span.end])
    }
    if not like_ones:
        return list(found)
    shares = slash_shares(line.pieces, line.height, set(like_ones.values()))
    return [
        replace(hypothesis, slash=shares[like_ones[index]]) if index in like_ones else hypothesis
        for index, hypothesis in enumerate(found)
    ]


def _is_whole_piece(atoms: Sequence[Atom]) -> bool:
    return atoms[0].left is None and atoms[-1].right is None and atoms[0].source == atoms[-1].source


def _inks(atoms: Sequence[Atom], margin: int) -> list[Piece]:
    """The ink of a span of atoms: as cut, and with `margin` pixels beyond the cuts at its ends."""
    plain = together([atom.piece for atom in atoms])
    if atoms[0].left is None and atoms[-1].right is None:
        return [plain]
    grown = []
    for source in dict.fromkeys(atom.source for atom in atoms):
        own = [atom for atom in atoms if atom.source == source]
        part = between(own[0].whole, own[0].left, own[-1].right, margin=margin)
        grown.append(part if part is not None else own[0].piece)
    return [plain, together(grown)]


def _stacked(images: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return np.stack(images) if images else np.zeros((0, 28, 28), np.uint8)
