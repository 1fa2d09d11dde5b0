"""Measures of a classifier as pure functions: shares with intervals, confusion, calibration, risk, rejection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt

import numpy as np
from numpy.typing import NDArray

Z_95 = 1.959964
CALIBRATION_BINS = 15  # as Guo et al. 2017 have it, so that figures compare
COVERAGES = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.97, 0.975, 0.98, 0.985, 0.99, 0.995, 1.0)
"""Closer together where errors are: a good model makes all of its own among the last few in a hundred."""


@dataclass(frozen=True)
class Share:
    """`hits` out of `count`."""

    hits: int
    count: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.count:
            raise ValueError(f"{self.hits} out of {self.count} is no share")

    @property
    def value(self) -> float:
        """The share, 0 to 1; not a number of none."""
        return self.hits / self.count if self.count else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval (Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927).

        Unlike the normal one it stays inside 0 to 1 and has a width where all or none are hits.
        """
        if self.count == 0:
            return 0.0, 1.0
        squared = Z_95**2
        middle = (self.hits + squared / 2) / (self.count + squared)
        missed = self.hits * (self.count - self.hits) / self.count
        reach = Z_95 * sqrt(missed + squared / 4) / (self.count + squared)
        return max(0.0, middle - reach), min(1.0, middle + reach)


@dataclass(frozen=True)
class ReliabilityBin:
    """Answers of about one confidence: above `low`, at most `high`; how many; what they promise and what they keep.

    confidence and accuracy are means, 0 in an empty bin.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def share_of(hits: NDArray[np.bool_]) -> Share:
    """How many of `hits` are true."""
    return Share(int(np.count_nonzero(hits)), hits.size)


def confusion(truth: NDArray[np.integer], answers: NDArray[np.integer], classes: int = 10) -> NDArray[np.int64]:
    """(classes, classes) counts: row the truth, column the answer."""
    cells = truth.astype(np.int64) * classes + answers.astype(np.int64)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def reliability(
    confidences: NDArray[np.floating], correct: NDArray[np.bool_], bins: int = CALIBRATION_BINS
) -> tuple[ReliabilityBin, ...]:
    """Answers sorted into bins of equal width by their confidence, for a reliability diagram."""
    # A confidence on an edge belongs to the lower bin, so that exactly 1 has one; 0 belongs to the first.
    places = np.clip(np.ceil(confidences * bins).astype(np.int64) - 1, 0, bins - 1)
    result = []
    for place in range(bins):
        inside = places == place
        count = int(np.count_nonzero(inside))
        promised = float(confidences[inside].mean(dtype=np.float64)) if count else 0.0
        kept = float(correct[inside].mean()) if count else 0.0
        result.append(ReliabilityBin(place / bins, (place + 1) / bins, count, promised, kept))
    return tuple(result)


def calibration_error(
    confidences: NDArray[np.floating], correct: NDArray[np.bool_], bins: int = CALIBRATION_BINS
) -> float:
    """Expected calibration error: mean distance of promised and kept accuracy over bins, weighted by their count."""
    filled = reliability(confidences, correct, bins)
    return sum(b.count * abs(b.confidence - b.accuracy) for b in filled) / max(len(confidences), 1)


def wrong_at_coverage(confidences: NDArray[np.floating], correct: NDArray[np.bool_], coverage: float) -> Share:
    """Wrong answers among the surest, as many as `coverage` (0 to 1) of all asks for.

    Of equally sure ones the wrong come first: a model gains nothing by being equally sure of everything.
    """
    kept = ceil(round(coverage * len(confidences), 6))
    order = np.lexsort((correct, -confidences))
    return share_of(~correct[order[:kept]])


@dataclass(frozen=True)
class RiskPoint:
    """The surest `coverage` (0 to 1) of all answers: the least confidence among them, and how many are wrong."""

    coverage: float
    threshold: float
    wrong: Share


def risk_coverage(
    confidences: NDArray[np.floating], correct: NDArray[np.bool_], coverages: Sequence[float] = COVERAGES
) -> tuple[RiskPoint, ...]:
    """What answering less costs and gains (El-Yaniv and Wiener, "On the Foundations of Noise-free Selective
    Classification", 2010), a point for each of `coverages`; none without answers.
    """
    if not len(confidences):
        return ()
    ranked = np.sort(confidences)[::-1]
    points = []
    for coverage in coverages:
        wrong = wrong_at_coverage(confidences, correct, coverage)
        points.append(RiskPoint(coverage, float(ranked[max(wrong.count, 1) - 1]), wrong))
    return tuple(points)


def threshold_passed_by(scores: NDArray[np.floating], share: float) -> float:
    """The lowest threshold with at most `share` (0 to 1) of `scores` above it.

    Raises:
        ValueError: there are no scores.
    """
    if len(scores) == 0:
        raise ValueError("no scores, no threshold")
    allowed = floor(round(share * len(scores), 6))
    if allowed >= len(scores):
        return float(scores.min()) - 1.0
    return float(np.sort(scores)[::-1][allowed])
