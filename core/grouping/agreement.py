"""Two witnesses to a line: the hypotheses about its pieces, and the line recognizer, which knows nothing of pieces.

They err differently. Grouping finds no right cut where digits share a stroke; the recognizer sees no pieces and misses
rare shapes. So texts that either holds likely are weighed by both, and what is left of doubt is told digit by digit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.classifier import NOT_A_DIGIT, OUTCOMES
from core.grouping.hypotheses import Hypothesis
from core.grouping.paths import Mark, Way, best_path, texts
from core.recognition.ctc import BLANK, likely_texts, text_log_probabilities
from core.recognition.image import COLUMN, line_image
from core.recognition.recognizer import LineRecognizer
from core.segmentation.lines import WritingLine

# So many texts of each of the recognizer's looks are weighed.
PROPOSED = 6
# Where both witnesses hold a text so likely, and grouping has a way to the recognizer's likeliest one, its first look
# is enough.
ENOUGH = 0.99


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each witness counts; `scripts/weigh_witnesses.py` tells what others would do.

    recognizer: factor on its log-probability; grouping's has the factor 1 as long as nothing is cut.
    cuts: with each cut edge of its likeliest text, grouping counts less: its factor is 1 / (1 + cuts * edges).
    temperature: divides both before they become probabilities, as the two are no independent witnesses.
    """

    recognizer: float = 1.0
    cuts: float = 1.0
    temperature: float = 1.5


WEIGHTS = Weights()


@dataclass(frozen=True, eq=False)
class Evidence:
    """What both witnesses say of one line.

    ways: to each text that one of them proposes and grouping has a way to. heard: the recognizer's log-probability of
        each of these texts.
    said: its answers, (A, T, 11) log-probabilities, with the scale and the left edge of their columns in the working
        picture.
    """

    ways: Mapping[str, Way]
    heard: Mapping[str, float]
    said: NDArray[np.float32]
    scale: float
    left: float

    def probabilities(self, weights: Weights = WEIGHTS) -> dict[str, float]:
        """How likely each text is, by both together; they sum to 1."""
        likeliest = max(self.ways.values(), key=lambda way: way.total)
        factor = 1 / (1 + weights.cuts * likeliest.cuts)
        scores = [factor * way.total + weights.recognizer * self.heard[text] for text, way in self.ways.items()]
        odds = np.array(scores) / weights.temperature
        shares = np.exp(odds - odds.max())
        return dict(zip(self.ways, (shares / shares.sum()).tolist(), strict=True))


def agreed(
    line: WritingLine,
    hypotheses: Sequence[Hypothesis],
    count: int,
    recognizer: LineRecognizer | None,
    weights: Weights = WEIGHTS,
) -> tuple[Mark, ...]:
    """The marks of the text that both witnesses together hold likeliest; `count` atoms stand in the row.

    A digit's probabilities are those of the texts that have it in this place, not the classifier's alone.
    """
    if recognizer is None or count == 0:
        return best_path(hypotheses, count, line.height)
    evidence = gather(line, hypotheses, count, recognizer, weights)
    shares = evidence.probabilities(weights)
    best = max(shares, key=lambda text: shares[text])
    places = iter(_by_place(best, shares))
    return tuple(
        replace(mark, probabilities=next(places).astype(np.float32))
        if mark.digit is not None
        else replace(mark, digitlike=_digitlike(mark, best, evidence))
        for mark in evidence.ways[best].marks
    )


def gather(
    line: WritingLine,
    hypotheses: Sequence[Hypothesis],
    count: int,
    recognizer: LineRecognizer,
    weights: Weights = WEIGHTS,
    enough: float = ENOUGH,
) -> Evidence:
    """What both witnesses say of a line whose row has `count` atoms, at least one.

    enough: the recognizer is not asked further where one text is at least so likely, by these weights, and there is a
        way to the one that it holds likeliest.
    """
    ways = dict(texts(hypotheses, count, line.height))
    image, scale, left = line_image(line)
    for said in recognizer.answers(image):
        proposed = [likely_texts(answer, PROPOSED) for answer in said]
        new = {text for some in proposed for text in some} - set(ways)
        if new:
            ways |= texts(hypotheses, count, line.height, only=new)
        heard = dict(zip(ways, text_log_probabilities(said, tuple(ways)).tolist(), strict=True))
        evidence = Evidence(ways, heard, said, scale, left)
        if proposed[0][0] in ways and max(evidence.probabilities(weights).values()) >= enough:
            break
    return evidence


def _by_place(best: str, shares: Mapping[str, float]) -> NDArray[np.float64]:
    """For each digit of the best text, (n, 11), how likely which digit stands there, or none."""
    places = np.zeros((len(best), OUTCOMES))
    for text, share in shares.items():
        for place, digit in enumerate(_aligned(best, text)):
            places[place, NOT_A_DIGIT if digit is None else digit] += share
    return places


def _aligned(best: str, other: str) -> list[int | None]:
    """Which digit of another text stands where the best one has each of its own (edit distance; Levenshtein 1966)."""
    if len(best) == len(other):
        return [int(digit) for digit in other]
    costs = np.zeros((len(best) + 1, len(other) + 1), int)
    costs[:, 0], costs[0] = np.arange(len(best) + 1), np.arange(len(other) + 1)
    for i, expected in enumerate(best, 1):
        for j, given in enumerate(other, 1):
            costs[i, j] = min(costs[i - 1, j - 1] + (expected != given), costs[i - 1, j] + 1, costs[i, j - 1] + 1)
    i, j = len(best), len(other)
    found: list[int | None] = [None] * i
    while i and j:
        if costs[i, j] == costs[i - 1, j - 1] + (best[i - 1] != other[j - 1]):
            i, j = i - 1, j - 1
            found[i] = int(other[j])
        elif costs[i, j] == costs[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return found


def _digitlike(mark: Mark, best: str, evidence: Evidence) -> float:
    """How likely the recognizer sees any digit where a mark stands that was passed over, 0 to 1.

    Where a slash leans over its neighbors it sees theirs; but one more digit is no likelier than all other texts.
    """
    sides = mark.piece.box.x, mark.piece.box.right
    first, last = (max(0, round((side - evidence.left) * evidence.scale / COLUMN)) for side in sides)
    nothing = evidence.said[:, first : last + 1, BLANK]
    seen = float(1 - np.exp(nothing.min(axis=1)).mean()) if nothing.size else 0.0
    return min(seen, 1 - math.exp(evidence.heard[best]))
