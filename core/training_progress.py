"""How a training goes, in figures: speed, loss, and what is read wrong."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.calibration import softmax
from core.checkpoints import Position
from core.classifier import NOT_A_DIGIT
from core.datasets import Digits
from core.evaluation import measures
from core.training_plan import Mistakes, Progress, TrainingSettings

REPORT_EVERY_S = 0.5
MISTAKES_SHOWN = 24


class Meter:
    """How fast an epoch goes, and how it went since the last report.

    Speed counts from the first report on, which comes after the first batch: that one may have had to wait for the
    network to be compiled and for batches to be made.
    """

    def __init__(self, at: Position) -> None:
        self.first = self.last = self.steady = at
        self.began = self.reported = self.steady_since = time.monotonic()

    @property
    def seconds(self) -> float:
        """Spent on this epoch, also before it was interrupted, without pauses."""
        return self.first.seconds + time.monotonic() - self.began

    def leave_out(self, seconds: float) -> None:
        """Do not count a pause."""
        self.began += seconds
        self.steady_since += seconds

    def is_due(self) -> bool:
        """Whether it is time to report again."""
        return time.monotonic() - self.reported > REPORT_EVERY_S

    def read(self, at: Position, steps: int, settings: TrainingSettings, rate: float) -> Progress:
        """What to tell now, after at least one batch."""
        recent = max(1, at.step - self.last.step)
        now = time.monotonic()
        seconds_per_batch = (now - self.steady_since) / max(1, at.step - self.steady.step)
        left = (settings.epochs - at.epoch) * steps - at.step
        progress = Progress(
            epoch=at.epoch + 1,
            epochs=settings.epochs,
            step=at.step,
            steps=steps,
            loss=at.losses / at.step,
            accuracy=at.right / (at.step * settings.batch_size),
            recent_loss=(at.losses - self.last.losses) / recent,
            recent_accuracy=(at.right - self.last.right) / (recent * settings.batch_size),
            learning_rate=rate,
            digits_per_second=settings.batch_size / max(1e-6, seconds_per_batch),
            seconds_left=left * seconds_per_batch,
        )
        if self.steady is self.first:
            self.steady, self.steady_since = at, now
        self.last, self.reported = at, now
        return progress


@dataclass(frozen=True, eq=False)
class Look:
    """Digits and what the network makes of them. scores: (n, outputs)."""

    digits: Digits
    scores: NDArray[np.float32]

    @property
    def accuracy(self) -> float:
        """Share of the digits whose highest score is the right one."""
        return float((self.scores.argmax(axis=1) == self.digits.labels).mean())


def validation_figures(looks: Sequence[Look], smoothing: float) -> dict[str, Any]:
    """Loss, accuracy and confusion of all parts together, as `EpochDone` has them."""
    scores, labels = np.concatenate([look.scores for look in looks]), _labels(looks)
    return {
        "validation_loss": smoothed_loss(scores, labels, smoothing),
        "validation_accuracy": float((scores.argmax(axis=1) == labels).mean()),
        "confusion": confusion(scores, labels),
    }


def smoothed_loss(scores: NDArray[np.float32], labels: NDArray[np.int64], smoothing: float) -> float:
    """Mean cross-entropy of scores, (n, outputs), to targets smoothed as in training, so that both compare."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    logarithms = shifted - np.log(np.exp(shifted, dtype=np.float64).sum(axis=1, keepdims=True))
    right = logarithms[np.arange(len(labels)), labels]
    return float(-((1 - smoothing) * right + smoothing * logarithms.mean(axis=1)).mean())


def confusion(scores: NDArray[np.float32], labels: NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
    """10 x 10 counts of what is a digit, by its likeliest digit; scores: (n, outputs), labels: (n,)."""
    digits = labels != NOT_A_DIGIT
    counts = measures.confusion(labels[digits], scores[digits, :NOT_A_DIGIT].argmax(axis=1))
    return tuple(tuple(int(count) for count in row) for row in counts)


def mistakes(epoch: int, looks: Sequence[Look]) -> Mistakes:
    """What is read wrong of all parts, the surest first."""
    shares, labels = softmax(np.concatenate([look.scores for look in looks])), _labels(looks)
    answers, confidences = shares.argmax(axis=1), shares.max(axis=1)
    wrong = np.flatnonzero(answers != labels)
    worst = wrong[np.argsort(-confidences[wrong], kind="stable")][:MISTAKES_SHOWN]
    return Mistakes(
        epoch=epoch,
        images=np.concatenate([look.digits.images for look in looks])[worst],
        labels=labels[worst],
        answers=answers[worst],
        confidences=confidences[worst],
        wrong=len(wrong),
        count=len(labels),
    )


def _labels(looks: Sequence[Look]) -> NDArray[np.int64]:
    return np.concatenate([look.digits.labels for look in looks])
