"""From a network's raw scores on validation data to an honest answer: one temperature and two thresholds.

Temperature scaling: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", 2017.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.card import Calibration
from core.classifier import NOT_A_DIGIT

ERRORS_AMONG_SURE = 0.0015
"""Share of wrong answers among those shown without a doubt."""
FALSE_REJECTIONS = 0.005
"""Share of true digits that may be called "not a digit": half of what is allowed: strangers' are harder."""
REJECTION_RANGE = (0.1, 0.5)
"""Below, a careless digit of a stranger would be lost; above, the network itself thinks a digit more likely."""


def fit(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> Calibration:
    """The calibration for a network whose validation scores are `logits`.

    Args:
        logits: (n, 10) or (n, 11) float32.
        labels: (n,) int64, 0 to 10; 10 only with 11 scores.
    """
    digits = labels != NOT_A_DIGIT
    # On digits alone: theirs is the confidence that people see; made-up marks are as hard as one cares to make them.
    temperature = fit_temperature(logits[digits], labels[digits])
    shares = softmax(logits / temperature)
    rejection = _rejection_threshold(shares[digits]) if logits.shape[1] > NOT_A_DIGIT else 0.5
    return Calibration(
        temperature=round(temperature, 4),
        unsure_below=round(_sure_threshold(shares[digits], labels[digits]), 4),
        not_digit_above=round(rejection, 4),
    )


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The temperature under which the labels are most likely, by golden section on its logarithm (0.2 to 5)."""
    low, high = np.log(0.2), np.log(5.0)
    ratio = (np.sqrt(5) - 1) / 2
    for _ in range(40):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if _surprise(logits, labels, np.exp(left)) < _surprise(logits, labels, np.exp(right)):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def softmax(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Rows of scores to rows of shares that sum to 1."""
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True), dtype=np.float64)
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def _surprise(logits: NDArray[np.float32], labels: NDArray[np.int64], temperature: float) -> float:
    """Mean negative log-likelihood."""
    shares = softmax(logits / temperature)
    return float(-np.log(shares[np.arange(len(labels)), labels] + 1e-12).mean())


def _sure_threshold(shares: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The lowest confidence from which on at most `ERRORS_AMONG_SURE` of the digits above it are wrong."""
    answers = shares[:, :NOT_A_DIGIT]
    confidence, wrong = answers.max(axis=1), answers.argmax(axis=1) != labels
    order = np.argsort(-confidence)
    errors = np.cumsum(wrong[order]) / np.arange(1, len(order) + 1)
    fine = np.flatnonzero(errors <= ERRORS_AMONG_SURE)
    lowest = float(confidence[order][fine[-1]]) if len(fine) else 1.0
    return min(max(lowest, 0.5), 0.999)


def _rejection_threshold(shares: NDArray[np.float64]) -> float:
    threshold = float(np.quantile(shares[:, NOT_A_DIGIT], 1 - FALSE_REJECTIONS))
    return min(max(threshold, REJECTION_RANGE[0]), REJECTION_RANGE[1])
