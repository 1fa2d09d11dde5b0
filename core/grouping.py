"""Which pieces make up which digit: every grouping is a hypothesis, the classifier scores them, the best path wins.

A line's pieces, and the parts that cuts make of them, stand in a row. A digit is a run of neighbors in that row. Every run
that could be one is normalized and classified, all lines in one batch; then dynamic programming finds the way through
each row that explains it best (as in Matan, Burges, LeCun and Denker, "Multi-digit recognition using a space displacement
neural network", 1992, with cuts in place of windows). What is no digit is passed over at a price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.classifier import DIGITS, NOT_A_DIGIT, Classifier
from core.normalization import normalize
from core.segmentation.cuts import Cut, between, find_cuts
from core.segmentation.lines import WritingLine
from core.segmentation.pieces import Piece, together

# A piece that reads as a digit at least this surely, and is no wider than this many heights of the line, is left whole.
WHOLE_CONFIDENCE = 0.97
WHOLE_WIDTH = 0.95
# A cut crosses at most this many pen widths of ink; a digit is at most this wide and this many atoms long.
CUT_STROKES = 3.0
WIDEST = 1.5
LONGEST = 8
# A piece higher or wider than this many heights of its line is no row of digits, and not worth cutting.
TALLEST = 2.5
LONGEST_PIECE = 12.0
MOST_CUTS = 40
# A digit that shares a stroke with its neighbor is seen whole this many pen widths beyond the cut.
SHARED_STROKES = 0.6
# Prices, in natural logarithms of odds. A cut through ink costs more the more ink it crosses; joining separate pieces
# costs more the farther they are apart.
CUT_PRICE = 0.3
CUT_PRICE_PER_STROKE = 0.2
JOIN_PRICE = 0.7
JOIN_PRICE_PER_HEIGHT = 8.0
FARTHEST_JOIN = 0.3
# Marks: at this share of the line's height a mark is as likely a digit as not; so much around it decides.
MARK_HEIGHT = 0.36
MARK_SPREAD = 0.045
LEAST_PROBABILITY = 1e-4
PASSING_PRICE = 0.8


@dataclass(frozen=True, eq=False)
class Atom:
    """The smallest unit of grouping: a piece or a part of one.

    piece: its ink.
    source: which piece of the line it comes from; whole: that piece.
    left, right: the cuts that part it from its neighbors; None at the piece's own edges.
    """

    piece: Piece
    source: int
    whole: Piece
    left: Cut | None = None
    right: Cut | None = None


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """Atoms start to end (exclusive) as one mark, what the classifier says of it, and its price."""

    start: int
    end: int
    piece: Piece
    normalized: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    price: float


@dataclass(frozen=True, eq=False)
class Mark:
    """One mark of the best path: a digit, or something passed over that is none."""

    piece: Piece
    normalized: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    is_digit: bool


def group(
    lines: Sequence[WritingLine], classifier: Classifier, stroke: float, *, cuts: bool = True
) -> tuple[tuple[Mark, ...], ...]:
    """The marks of each line, left to right.

    Args:
        lines: pieces in lines.
        classifier: scores every hypothesis.
        stroke: width of the pen in pixels.
        cuts: whether touching digits are cut and broken ones joined; else every piece is one mark.
    """
    rows = [_atoms(line, classifier, stroke) if cuts else _whole(line) for line in lines]
    spans = [_spans(atoms, line.height, stroke) if cuts else _singles(atoms) for atoms, line in zip(rows, lines, strict=True)]
    scored = _scored(rows, spans, classifier, stroke)
    return tuple(_best_path(found, len(atoms), line) for found, atoms, line in zip(scored, rows, lines, strict=True))


def _whole(line: WritingLine) -> list[Atom]:
    return [Atom(piece, index, piece) for index, piece in enumerate(line.pieces)]


def _singles(atoms: Sequence[Atom]) -> list[tuple[int, int, float]]:
    return [(index, index + 1, 0.0) for index in range(len(atoms))]


def _atoms(line: WritingLine, classifier: Classifier, stroke: float) -> list[Atom]:
    """The line's pieces, cut wherever they do not plainly read as one digit."""
    images = [normalize(piece.ink) for piece in line.pieces]
    probabilities = classifier.probabilities(_stacked(images))
    atoms: list[Atom] = []
    for index, piece in enumerate(line.pieces):
        whole = piece.box.width <= WHOLE_WIDTH * line.height
        if piece.box.height < MARK_HEIGHT * line.height or (
            whole and float(probabilities[index, :DIGITS].max()) >= WHOLE_CONFIDENCE
        ):
            atoms.append(Atom(piece, index, piece))
        else:
            atoms.extend(_parts(piece, index, line.height, stroke))
    return sorted(atoms, key=lambda atom: atom.piece.box.center[0])


def _parts(piece: Piece, source: int, height: float, stroke: float) -> list[Atom]:
    """A piece cut wherever that is cheap; whole where it is far too large to hold digits of this line."""
    if piece.box.height > TALLEST * height or piece.box.width > LONGEST_PIECE * height:
        return [Atom(piece, source, piece)]
    most = min(MOST_CUTS, max(4, round(7 * piece.box.width / height)))
    cuts = find_cuts(piece, CUT_STROKES * stroke, most)
    atoms: list[Atom] = []
    left: Cut | None = None
    for right in (*cuts, None):
        part = between(piece, left, right)
        if part is not None:  # else its ink goes with the next part
            atoms.append(Atom(part, source, piece, left, right))
            left = right
    return atoms or [Atom(piece, source, piece)]


def _spans(atoms: Sequence[Atom], height: float, stroke: float) -> list[tuple[int, int, float]]:
    """Runs of atoms that could be one digit, with their price: (start, end, price)."""
    spans = []
    for start in range(len(atoms)):
        price = 0.0
        right = atoms[start].piece.box.right
        for end in range(start + 1, min(start + LONGEST, len(atoms)) + 1):
            last = atoms[end - 1]
            if end - start > 1:
                gap = max(0.0, last.piece.box.x - right) / height
                if last.source != atoms[end - 2].source:
                    price += JOIN_PRICE + JOIN_PRICE_PER_HEIGHT * gap
                right = max(right, last.piece.box.right)
                if gap > FARTHEST_JOIN or right - atoms[start].piece.box.x > WIDEST * height:
                    break
            spans.append((start, end, price + _edge_prices(atoms, start, end, stroke)))
    return spans


def _edge_prices(atoms: Sequence[Atom], start: int, end: int, stroke: float) -> float:
    """Half the price of the cut at either edge: each cut is paid by the two digits beside it."""
    edges = atoms[start].left, atoms[end - 1].right
    return sum(
        CUT_PRICE / 2 + CUT_PRICE_PER_STROKE / 2 * max(0.0, cut.ink_crossed / stroke - 1)
        for cut in edges
        if cut is not None
    )


def _scored(
    rows: Sequence[Sequence[Atom]],
    spans: Sequence[Sequence[tuple[int, int, float]]],
    classifier: Classifier,
    stroke: float,
) -> list[list[Hypothesis]]:
    """Classify every span of every line in one batch; where it was cut, also with the stroke it may share."""
    drafts: list[list[tuple[int, int, float, Piece]]] = []
    for atoms, row in zip(rows, spans, strict=True):
        found = []
        for start, end, price in row:
            found += [(start, end, price, piece) for piece in _inks(atoms[start:end], round(SHARED_STROKES * stroke))]
        drafts.append(found)
    images = [normalize(piece.ink) for found in drafts for *_, piece in found]
    probabilities = classifier.probabilities(_stacked(images))
    scored, at = [], 0
    for found in drafts:
        row_scored = []
        for start, end, price, piece in found:
            row_scored.append(Hypothesis(start, end, piece, images[at], probabilities[at], price))
            at += 1
        scored.append(row_scored)
    return scored


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


def _best_path(hypotheses: Sequence[Hypothesis], count: int, line: WritingLine) -> tuple[Mark, ...]:
    """The cheapest way through a line's atoms, each atom in one mark."""
    best = np.full(count + 1, -np.inf)
    best[0] = 0.0
    choice: list[tuple[Hypothesis, bool] | None] = [None] * (count + 1)
    for hypothesis in hypotheses:  # spans come ordered by their start
        for is_digit, score in _scores(hypothesis, line.height):
            total = best[hypothesis.start] + score
            if total > best[hypothesis.end]:
                best[hypothesis.end] = total
                choice[hypothesis.end] = (hypothesis, is_digit)
    marks: list[Mark] = []
    at = count
    while at > 0:
        chosen = choice[at]
        if chosen is None:
            raise AssertionError("every atom alone is a hypothesis, so a path always exists")
        hypothesis, is_digit = chosen
        marks.append(Mark(hypothesis.piece, hypothesis.normalized, hypothesis.probabilities, is_digit))
        at = hypothesis.start
    return tuple(reversed(marks))


def _scores(hypothesis: Hypothesis, height: float) -> tuple[tuple[bool, float], ...]:
    """Log-odds of a span as a digit and as something passed over."""
    share = hypothesis.piece.box.height / height
    tall = 1 / (1 + np.exp((MARK_HEIGHT - share) / MARK_SPREAD))
    digit = float(hypothesis.probabilities[:DIGITS].max()) * tall
    other = max(float(hypothesis.probabilities[NOT_A_DIGIT]), 1 - tall)
    as_digit = (True, float(np.log(max(digit, LEAST_PROBABILITY))) - hypothesis.price)
    if hypothesis.end - hypothesis.start > 1:
        return (as_digit,)
    price = hypothesis.price + PASSING_PRICE * min(1.0, share)
    return as_digit, (False, float(np.log(max(other, LEAST_PROBABILITY))) - price)
