"""Ways through a row of hypotheses, and the texts they spell, each with its price."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.classifier import DIGITS, NOT_A_DIGIT, OUTCOMES
from core.grouping.hypotheses import MARK_SHARE, Hypothesis
from core.segmentation.pieces import Piece

LEAST_PROBABILITY = 1e-4
"""A digit less likely than this is not tried, and nothing is less likely than this."""
DOUBT = 0.02
"""Share of the answers about what was cut that is spread over all of them: cuts make shapes that no training has seen,
and one misjudged part is no proof against a whole text."""


@dataclass(frozen=True, eq=False)
class Mark:
    """One mark of the likeliest text.

    normalized: (28, 28) uint8. probabilities: (11,) float32, digits and "not a digit".
    digit: 0 to 9, or None for something passed over that is none.
    digitlike: of what was passed over, how likely a digit stands there all the same, 0 to 1.
    alone: of a digit, how likely the classifier alone holds it by the shape of its ink, 0 to 1.
    """

    piece: Piece
    normalized: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    digit: int | None
    digitlike: float = 1.0
    alone: float = 0.0

    @property
    def certainty(self) -> float:
        """Of a digit, the geometric mean of what both witnesses and the classifier alone hold; 0 of what is none."""
        return 0.0 if self.digit is None else math.sqrt(float(self.probabilities[self.digit]) * self.alone)


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
# Of what looks like a 1 and is higher than `HIGH`, so many are slashes; so much around it decides.
SLASHES, SLASH_SPREAD = 0.3, 0.04
PRICES = Prices()


@dataclass(eq=False)
class Way:
    """All ways to read a row as one text.

    total: natural logarithm of their summed odds; best: of the likeliest of them.
    before, step: the likeliest one's last step, and the way it prolongs; None at the start.
    """

    total: float = -math.inf
    best: float = -math.inf
    before: Way | None = None
    step: tuple[Hypothesis, str] | None = None

    def add(self, before: Way, step: tuple[Hypothesis, str], score: float) -> None:
        """Take in one more way, from `before` by one hypothesis."""
        more, less = before.total + score, self.total
        if more < less:
            more, less = less, more
        self.total = more + math.log1p(math.exp(less - more))
        if before.best + score > self.best:
            self.best, self.before, self.step = before.best + score, before, step

    @property
    def cuts(self) -> int:
        """Cut edges of digits and marks on the likeliest way: two for a cut between two of them."""
        count, at = 0, self
        while at.before is not None and at.step is not None:
            count, at = count + at.step[0].span.cuts, at.before
        return count

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The likeliest way, left to right."""
        at: Way | None = self
        marks: list[Mark] = []
        while at is not None and at.step is not None:
            hypothesis, character = at.step
            digit = int(character) if character else None
            alone = 0.0 if digit is None else float(hypothesis.probabilities[digit])
            marks.append(Mark(hypothesis.piece, hypothesis.normalized, hypothesis.probabilities, digit, alone=alone))
            at = at.before
        return tuple(reversed(marks))


def texts(
    hypotheses: Sequence[Hypothesis],
    count: int,
    height: float,
    prices: Prices = PRICES,
    *,
    only: Collection[str] | None = None,
) -> Mapping[str, Way]:
    """The likeliest texts of a line, each with all ways to group its atoms into it; each atom in one mark.

    A text's probability is summed over all ways to cut it out (forward scoring; LeCun, Bottou, Bengio and Haffner 1998,
    section VI): one odd cut whose parts happen to look like other digits is outvoted by its many neighbors.

    Args:
        hypotheses: about a row, ordered by their start.
        count: atoms in the row. height: of the line, in pixels.
        only: these texts and no others, as unlikely as they may be; one that no way leads to is missing.
    """
    known = None if only is None else {text[:end] for text in only for end in range(len(text) + 1)}
    reached: list[dict[str, Way]] = [{} for _ in range(count + 1)]
    reached[0][""] = Way(0.0, 0.0)
    start = -1
    scores = _scores(hypotheses, height, prices, DIGITS if only else READINGS)
    # All that begin at `start` follow each other, and what leads there is complete.
    for hypothesis, steps in zip(hypotheses, scores, strict=True):
        if hypothesis.span.start != start:
            start = hypothesis.span.start
            if known is None:
                reached[start] = _likeliest(reached[start])
        ahead = reached[hypothesis.span.end]
        for character, score in steps:
            for text, way in reached[start].items():
                longer = text + character
                if known is None or longer in known:
                    if longer not in ahead:
                        ahead[longer] = Way()
                    ahead[longer].add(way, (hypothesis, character), score)
    return _likeliest(reached[count]) if only is None else {t: w for t, w in reached[count].items() if t in only}


def best_path(hypotheses: Sequence[Hypothesis], count: int, height: float, prices: Prices = PRICES) -> tuple[Mark, ...]:
    """The marks of the likeliest text."""
    return max(texts(hypotheses, count, height, prices).values(), key=lambda way: way.total).marks


def _likeliest(ways: Mapping[str, Way]) -> dict[str, Way]:
    return dict(sorted(ways.items(), key=lambda item: -item[1].total)[:BEAM])


def _scores(
    hypotheses: Sequence[Hypothesis], height: float, prices: Prices, readings: int
) -> list[list[tuple[str, float]]]:
    """What each span may add to the text, and its log-odds: its likeliest digits, and for an atom and for what may be
    a mark nothing, when it is passed over.
    """
    if not hypotheses:
        return []
    answers = np.stack([hypothesis.probabilities for hypothesis in hypotheses]).astype(np.float64)
    doubts = np.array([[DOUBT if hypothesis.span.cuts else 0.0] for hypothesis in hypotheses])
    probabilities = (1 - doubts) * answers + doubts / OUTCOMES
    likeliest = np.argsort(probabilities[:, :DIGITS], axis=1)[:, -readings:].tolist()
    shares = probabilities.tolist()
    return [
        _scores_of(hypothesis, height, prices, [(digit, share[digit]) for digit in digits], share[NOT_A_DIGIT])
        for hypothesis, digits, share in zip(hypotheses, likeliest, shares, strict=True)
    ]


def _scores_of(
    hypothesis: Hypothesis, height: float, prices: Prices, digits: Sequence[tuple[int, float]], none: float
) -> list[tuple[str, float]]:
    """The same of one span, from the probabilities of its likeliest digits and of there being none."""
    span, box = hypothesis.span, hypothesis.piece.box
    high, wide = box.height / height, box.width / height
    tall = 1 / (1 + math.exp((prices.mark_height - high) / prices.mark_spread))
    edges = prices.cut * span.cuts + prices.cut_ink * span.ink
    shape = (
        prices.low * max(0.0, LOW - high) + prices.high * max(0.0, high - HIGH) + prices.wide * max(0.0, wide - WIDE)
    )
    joins = prices.join * span.joins + prices.join_gap * span.gaps
    price = edges + shape + joins + prices.digit
    found = [
        (str(digit), prices.evidence * math.log(share * tall) - price)
        for digit, share in digits
        if share * tall > LEAST_PROBABILITY
    ]
    if span.end - span.start == 1 or span.a_mark:
        long = 1 / (1 + math.exp((HIGH - high) / SLASH_SPREAD))
        # The odds of a slash rise; those of a 1 stay, so that its halves are no likelier to be ones.
        odds = hypothesis.slash / (1 - hypothesis.slash)
        slash = max(SLASHES * long, odds) * float(hypothesis.probabilities[1])
        other = max(none, 1 - tall, slash, LEAST_PROBABILITY)
        passing = prices.passing + prices.passing_high * max(min(1.0, high), wide if high >= MARK_SHARE else 0.0)
        found.append(("", prices.evidence * math.log(other) - edges - joins - passing))
    return found
