"""What a classifier answers to labeled digits, and the figures that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.classifier import DIGITS, NOT_A_DIGIT, OUTCOMES, Classifier
from core.evaluation import measures
from core.evaluation.measures import ReliabilityBin, RiskPoint, Share

BATCH = 4096  # keeps a pass over 60,000 digits within 15 MB
SHIFT_PX = 2
_MOVES = range(-SHIFT_PX, SHIFT_PX + 1)
SHIFTS = tuple((down, right) for down in _MOVES for right in _MOVES)
"""Down and right; (0, 0) among them."""


@dataclass(frozen=True, eq=False)
class Answers:
    """The truth and a classifier's probabilities.

    labels: (n,) 0 to 9.
    probabilities: (n, 11) float32, calibrated; column 10 is "not a digit".
    """

    labels: NDArray[np.integer]
    probabilities: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.probabilities.shape != (len(self.labels), OUTCOMES):
            raise ValueError(f"{len(self.labels)} labels but probabilities {self.probabilities.shape}")

    @property
    def digits(self) -> NDArray[np.int64]:
        """(n,) the likeliest digit, also where "not a digit" is likelier."""
        return np.asarray(self.probabilities[:, :DIGITS].argmax(axis=1), np.int64)

    @property
    def confidences(self) -> NDArray[np.float32]:
        """(n,) probability of that digit: what a person is shown."""
        return np.asarray(self.probabilities[:, :DIGITS].max(axis=1), np.float32)

    @property
    def correct(self) -> NDArray[np.bool_]:
        """(n,) whether that digit is the right one."""
        return np.asarray(self.digits == self.labels, np.bool_)

    @property
    def accuracy(self) -> Share:
        """Digits that are right. Every picture is known to be a digit, so "not a digit" is not among the choices."""
        return measures.share_of(self.correct)

    @property
    def calibration_error(self) -> float:
        """Expected calibration error in 15 bins."""
        return measures.calibration_error(self.confidences, self.correct)

    @property
    def confusion(self) -> NDArray[np.int64]:
        """(10, 10): row the truth, column the answer."""
        return measures.confusion(self.labels, self.digits, DIGITS)

    def wrong_at_coverage(self, coverage: float) -> Share:
        """Wrong answers among the surest `coverage` (0 to 1)."""
        return measures.wrong_at_coverage(self.confidences, self.correct, coverage)

    @property
    def reliability(self) -> tuple[ReliabilityBin, ...]:
        """What confidences promise and keep, in 15 bins."""
        return measures.reliability(self.confidences, self.correct)

    @property
    def risk_coverage(self) -> tuple[RiskPoint, ...]:
        """Wrong answers among ever more of the surest."""
        return measures.risk_coverage(self.confidences, self.correct)

    def refused(self, above: float) -> Share:
        """Digits taken for none: their "not a digit" is above the threshold."""
        return measures.share_of(self.probabilities[:, NOT_A_DIGIT] > above)

    def worst(self, count: int) -> tuple[int, ...]:
        """Indices of the wrong answers, the surest first, at most `count`."""
        wrong = np.flatnonzero(~self.correct)
        order = np.argsort(-self.confidences[wrong], kind="stable")
        return tuple(int(index) for index in wrong[order[:count]])


def answer(classifier: Classifier, images: NDArray[np.uint8], labels: NDArray[np.integer]) -> Answers:
    """Ask a classifier about `images`, (n, 28, 28) uint8 with 255 = ink, of which `labels`, (n,), tells the truth."""
    return Answers(labels, probabilities(classifier, images))


def answer_with_shifts(classifier: Classifier, images: NDArray[np.uint8], labels: NDArray[np.integer]) -> Answers:
    """The same with 25 looks at each digit: as it is, and moved by up to two pixels; the mean of their probabilities.

    25 times the work. How far and how to average was chosen on digits of validation writers (docs/LOG.md).
    """
    looks = (probabilities(classifier, shifted(images, move)) for move in SHIFTS)
    return Answers(labels, np.asarray(sum(looks, np.zeros((), np.float64)) / len(SHIFTS), np.float32))


def shifted(images: NDArray[np.uint8], move: tuple[int, int]) -> NDArray[np.uint8]:
    """(n, h, w) pictures moved down and right by at most `SHIFT_PX` pixels, `move`; paper comes in where they were."""
    top, left = (SHIFT_PX - by for by in move)
    height, width = images.shape[1:]
    padded = np.pad(images, ((0, 0), (SHIFT_PX, SHIFT_PX), (SHIFT_PX, SHIFT_PX)))
    return padded[:, top : top + height, left : left + width]


def probabilities(classifier: Classifier, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, 11) float32 for `images`, (n, 28, 28) uint8, in bounded memory."""
    starts = range(0, len(images), BATCH)
    parts = [classifier.probabilities(images[start : start + BATCH]) for start in starts]
    return np.concatenate([np.zeros((0, OUTCOMES), np.float32), *parts])


def not_a_digit_scores(classifier: Classifier, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) how little each mark is a digit, for a threshold.

    A network of ten outputs knows no "not a digit"; what it can offer is its doubt, 1 - confidence.
    """
    if classifier.rejects:
        return probabilities[:, NOT_A_DIGIT]
    return np.asarray(1 - probabilities[:, :DIGITS].max(axis=1), np.float32)
