"""Runs beside each other, and a model beside another on the same digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import comb
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.classifier import Classifier
from core.datasets import Digits, make, mnist, mnist_is_here
from core.evaluation import Answers, Share, answer
from core.runs.plan import RunPlan

TestSet = Literal["mnist", "synthetic"]
SYNTHETIC_TEST_DIGITS = 2_000


class Difference(NamedTuple):
    """One setting, and its value in each of several runs, in their order."""

    name: str
    values: tuple[Any, ...]

    @property
    def differs(self) -> bool:
        """Whether any two runs differ in it."""
        return len({repr(value) for value in self.values}) > 1


def settings_side_by_side(plans: Sequence[RunPlan]) -> tuple[Difference, ...]:
    """Every setting of these plans, those of the augmentation by names of their own."""
    flat = [_flat(plan) for plan in plans]
    return tuple(Difference(name, tuple(values[name] for values in flat)) for name in flat[0]) if flat else ()


def _flat(plan: RunPlan) -> dict[str, Any]:
    settings = asdict(plan.settings)
    augmentation = settings.pop("augmentation")
    return {"data set": plan.dataset, "share of drawn pictures": plan.share} | {
        name.replace("_", " "): value for name, value in (settings | augmentation).items()
    }


@dataclass(frozen=True)
class McNemar:
    """Two models on the same digits (McNemar 1947): `ours` only the one has right, `theirs` only the other.

    p: how likely so uneven a split is where both are equally good, exact and two-sided, 0 to 1.
    """

    ours: int
    theirs: int

    @property
    def p(self) -> float:
        """See above."""
        count = self.ours + self.theirs
        tail = sum(comb(count, few) for few in range(min(self.ours, self.theirs) + 1))
        return min(1.0, float(2 * tail / 2**count))


@dataclass(frozen=True, eq=False)
class Examination:
    """What a model answers to test digits. name: which ones."""

    name: str
    images: NDArray[np.uint8]
    answers: Answers

    @property
    def accuracy(self) -> Share:
        """Digits that are right."""
        return self.answers.accuracy

    def beside(self, other: Examination) -> McNemar:
        """This model beside another on the same digits."""
        ours, theirs = self.answers.correct, other.answers.correct
        return McNemar(int((ours & ~theirs).sum()), int((theirs & ~ours).sum()))


def tested_on() -> TestSet:
    """What finished models are compared on: MNIST's test set where it lies on this machine, else drawn digits."""
    return "mnist" if mnist_is_here("test") else "synthetic"


def test_digits(chosen: TestSet) -> Digits:
    """Digits that no model was trained on.

    Raises:
        DataError: MNIST's files are missing or damaged.
    """
    return mnist("test") if chosen == "mnist" else make("synthetic", "test", SYNTHETIC_TEST_DIGITS)


def examine(classifier: Classifier, digits: Digits) -> Examination:
    """Ask a model about test digits."""
    return Examination(digits.name, digits.images, answer(classifier, digits.images, digits.labels))
