"""Which pieces make up which digit: every grouping is a hypothesis, the classifier scores them, the best path wins.

A line's pieces, and the parts that cuts make of them, stand in a row. A digit is a run of neighbors in that row.
Every run that could be one is normalized and classified, all lines in one batch; then dynamic programming finds the
way through each row that explains it best (as in Matan, Burges, LeCun and Denker, "Multi-digit recognition using a
space displacement neural network", 1992, with cuts in place of windows). What is no digit is passed over at a price.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.classifier import DIGITS, NOT_A_DIGIT, Classifier
from core.normalization import normalize
from core.segmentation.cuts import Cut, between, find_cuts
from core.segmentation.lines import WritingLine
from core.segmentation.pieces import Piece, together

# A piece that reads as a digit at least this surely, and is no wider than this many heights of the line, is left whole.
WHOLE_CONFIDENCE = 0.97
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
# A digit is at least this high, in heights of its line; a piece that joins others is at most this far from them.
SHORTEST = 0.25
FARTHEST_JOIN = 0.3
LEAST_PROBABILITY = 1e-4


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What a grouping costs, in natural logarithms of odds; lengths in heights of the line, ink in pen widths.

    cut, cut_ink: of each cut at an edge of a digit, and for each pen width of ink it crosses beyond the first.
    join, join_gap: of each join of separate pieces, and for their distance.
    low, high, wide: of a digit lower than `LOW`, higher than `HIGH`, wider than `WIDE`, for what is missing or beyond.
    digit: of every digit, whatever it is: few digits explain a line better than many.
    passing, passing_high: of passing over a mark, and for its height, or its width where it is as tall as a digit.
    evidence: how much the classifier's log-probabilities count: neighboring cuts are not independent witnesses.
    mark_height, mark_spread: at this height a mark is as likely a digit as not; so much around it decides.
    """

    cut: float = 1.0
    cut_ink: float = 0.2
    join: float = 0.3
    join_gap: float = 8.0
    low: float = 4.0
    high: float = 0.6
    wide: float = 1.5
    digit: float = 0.0
    passing: float = 0.0
    passing_high: float = 3.0
    evidence: float = 1.0
    mark_height: float = 0.36
    mark_spread: float = 0.045


# So many texts of a line are followed, and so many readings of each hypothesis.
BEAM = 8
READINGS = 2
LOW, HIGH, WIDE = 0.85, 1.2, 0.85
PRICES = Prices()


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


class Span(NamedTuple):
    """A run of atoms, start to end (exclusive): its joins and their gaps in heights of the line, its cut edges and
    the ink they cross beyond one pen width each, in pen widths.
    """

    start: int
    end: int
    joins: int = 0
    gaps: float = 0.0
    cuts: int = 0
    ink: float = 0.0


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """Atoms start to end (exclusive) as one mark, and what the classifier says of it."""

    span: Span
    piece: Piece
    normalized: NDArray[np.uint8]
    probabilities: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Mark:
    """One mark of the likeliest text: a digit, 0 to 9, or None for something passed over that is none."""

    piece: Piece
    normalized: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    digit: int | None


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
    spans = [
        _spans(atoms, line.height, stroke) if cuts else _singles(atoms) for atoms, line in zip(rows, lines, strict=True)
    ]
    scored = _scored(rows, spans, classifier, stroke)
    return tuple(
        best_path(found, len(atoms), line.height) for found, atoms, line in zip(scored, rows, lines, strict=True)
    )


def hypotheses(line: WritingLine, classifier: Classifier, stroke: float) -> tuple[list[Atom], list[Hypothesis]]:
    """The atoms of one line and every hypothesis about it, for those who want to look inside."""
    atoms = _atoms(line, classifier, stroke)
    return atoms, _scored([atoms], [_spans(atoms, line.height, stroke)], classifier, stroke)[0]


def candidates(pieces: Sequence[Piece], height: float, stroke: float) -> tuple[Piece, ...]:
    """The ink of every hypothesis about a row of pieces, all of them cut: what a classifier is asked about, right or
    wrong.
    """
    atoms = sorted(
        (atom for index, piece in enumerate(pieces) for atom in _parts(piece, index, height, stroke)),
        key=lambda atom: atom.piece.box.center[0],
    )
    margin = round(SHARED_STROKES * stroke)
    spans = _spans(atoms, height, stroke)
    return tuple(ink for span in spans for ink in _inks(atoms[span.start : span.end], margin))


def _whole(line: WritingLine) -> list[Atom]:
    return [Atom(piece, index, piece) for index, piece in enumerate(line.pieces)]


def _singles(atoms: Sequence[Atom]) -> list[Span]:
    return [Span(index, index + 1) for index in range(len(atoms))]


def _atoms(line: WritingLine, classifier: Classifier, stroke: float) -> list[Atom]:
    """The line's pieces, cut wherever they do not plainly read as one digit."""
    images = [normalize(piece.ink) for piece in line.pieces]
    probabilities = classifier.probabilities(_stacked(images))
    if _is_hopeless(line, probabilities):
        return _whole(line)
    atoms: list[Atom] = []
    for index, piece in enumerate(line.pieces):
        whole = piece.box.width <= WHOLE_WIDTH * line.height
        if piece.box.height < SHORTEST * line.height or (
            whole and float(probabilities[index, :DIGITS].max()) >= WHOLE_CONFIDENCE
        ):
            atoms.append(Atom(piece, index, piece))
        else:
            atoms.extend(_parts(piece, index, line.height, stroke))
    return sorted(atoms, key=lambda atom: atom.piece.box.center[0])


def _is_hopeless(line: WritingLine, probabilities: NDArray[np.float32]) -> bool:
    """Whether many pieces hold hardly a digit: print, noise, a pattern. Cutting them would take minutes and invent
    digits.
    """
    tall = np.array([piece.box.height >= MARK_SHARE * line.height for piece in line.pieces])
    known = probabilities[:, :DIGITS].max(axis=1) >= 0.5
    return bool(tall.sum() >= HOPELESS_PIECES and known[tall].mean() < HOPELESS_SHARE)


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


def _spans(atoms: Sequence[Atom], height: float, stroke: float) -> list[Span]:
    """Runs of atoms that could be one digit, ordered by their start; every atom alone is one."""
    spans = []
    for start in range(len(atoms)):
        joins, gaps = 0, 0.0
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
            cut = [edge for edge in (atoms[start].left, last.right) if edge is not None]
            # A piece that many cuts were found in may all the same be one digit.
            if end - start <= LONGEST or not cut:
                ink = sum(max(0.0, edge.ink_crossed / stroke - 1) for edge in cut)
                spans.append(Span(start, end, joins, gaps, len(cut), ink))
    return spans


def _scored(
    rows: Sequence[Sequence[Atom]],
    spans: Sequence[Sequence[Span]],
    classifier: Classifier,
    stroke: float,
) -> list[list[Hypothesis]]:
    """Classify every span of every line in one batch; where it was cut, also with the stroke it may share."""
    drafts = [
        [(span, piece) for span in row for piece in _inks(atoms[span.start : span.end], round(SHARED_STROKES * stroke))]
        for atoms, row in zip(rows, spans, strict=True)
    ]
    images = [normalize(piece.ink) for row in drafts for _, piece in row]
    answers = iter(zip(images, classifier.probabilities(_stacked(images)), strict=True))
    return [[Hypothesis(span, piece, *next(answers)) for span, piece in row] for row in drafts]


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


@dataclass(eq=False)
class _Prefix:
    """All ways to read the atoms so far as one text: their summed probability, and the likeliest of them."""

    total: float = -math.inf
    best: float = -math.inf
    before: _Prefix | None = None
    step: tuple[Hypothesis, str] | None = None

    def add(self, before: _Prefix, step: tuple[Hypothesis, str], score: float) -> None:
        """Take in one more way, from `before` by one hypothesis."""
        self.total = float(np.logaddexp(self.total, before.total + score))
        if before.best + score > self.best:
            self.best, self.before, self.step = before.best + score, before, step


def best_path(hypotheses: Sequence[Hypothesis], count: int, height: float, prices: Prices = PRICES) -> tuple[Mark, ...]:
    """The marks of the likeliest text, by the likeliest way to group a line's atoms into it; each atom in one mark.

    A text's probability is summed over all ways to cut it out (forward scoring; LeCun, Bottou, Bengio and Haffner 1998,
    section VI): one odd cut whose parts happen to look like other digits is outvoted by its many neighbors.
    """
    prefixes: list[dict[str, _Prefix]] = [{} for _ in range(count + 1)]
    prefixes[0][""] = _Prefix(0.0, 0.0)
    start = -1
    for hypothesis in hypotheses:  # ordered by their start, which is complete before the first that begins there
        if hypothesis.span.start != start:
            start = hypothesis.span.start
            prefixes[start] = _likeliest(prefixes[start])
        for character, score in _scores(hypothesis, height, prices):
            for text, prefix in prefixes[start].items():
                reached = prefixes[hypothesis.span.end].setdefault(text + character, _Prefix())
                reached.add(prefix, (hypothesis, character), score)
    at: _Prefix | None = max(prefixes[count].values(), key=lambda prefix: prefix.total)
    marks: list[Mark] = []
    while at is not None and at.step is not None:
        hypothesis, character = at.step
        digit = int(character) if character else None
        marks.append(Mark(hypothesis.piece, hypothesis.normalized, hypothesis.probabilities, digit))
        at = at.before
    return tuple(reversed(marks))


def _likeliest(prefixes: dict[str, _Prefix]) -> dict[str, _Prefix]:
    kept = sorted(prefixes.items(), key=lambda item: -item[1].total)[:BEAM]
    return dict(kept)


def _scores(hypothesis: Hypothesis, height: float, prices: Prices) -> list[tuple[str, float]]:
    """What a span may add to the text, and its log-odds: its likeliest digits, and for an atom or a whole piece
    nothing, when it is passed over.
    """
    span = hypothesis.span
    high, wide = hypothesis.piece.box.height / height, hypothesis.piece.box.width / height
    tall = 1 / (1 + math.exp((prices.mark_height - high) / prices.mark_spread))
    edges = prices.cut * span.cuts + prices.cut_ink * span.ink
    shape = (
        prices.low * max(0.0, LOW - high) + prices.high * max(0.0, high - HIGH) + prices.wide * max(0.0, wide - WIDE)
    )
    price = edges + shape + prices.join * span.joins + prices.join_gap * span.gaps + prices.digit
    probabilities = hypothesis.probabilities
    found = []
    for digit in np.argsort(probabilities[:DIGITS])[-READINGS:]:
        share = float(probabilities[digit]) * tall
        if share > LEAST_PROBABILITY:
            found.append((str(digit), prices.evidence * math.log(share) - price))
    if span.end - span.start == 1 or (span.cuts == 0 and span.joins == 0):
        other = max(float(probabilities[NOT_A_DIGIT]), 1 - tall, LEAST_PROBABILITY)
        passing = prices.passing + prices.passing_high * max(min(1.0, high), wide if high >= MARK_SHARE else 0.0)
        found.append(("", prices.evidence * math.log(other) - edges - passing))
    return found
