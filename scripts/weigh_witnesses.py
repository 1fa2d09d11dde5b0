"""Fit how much each witness to a line counts: `python -m scripts.weigh_witnesses`.

Lines by validation writers, plain and rough, are taken apart and heard once; then every combination of weights is
tried. The right text's mean log-loss chooses among them, and how many lines are read exactly is printed beside it.
Lines whose text no way leads to say nothing of the weights and are counted apart. No picture of a test set is looked
at. Takes some minutes, prints the weights to put into `Weights`.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import NamedTuple

import numpy as np

from core import grouping
from core.card import SHIPPED
from core.datasets.strings import Manner, string_lines
from core.errors import ModelError
from core.grouping.agreement import Evidence, Weights, gather
from core.models import ModelStore
from core.recognition import store
from core.segmentation.lines import pen_width

MANNERS: tuple[Manner, ...] = ("plain", "rough")
RECOGNIZER = (0.5, 0.7, 1.0, 1.4, 2.0)
CUTS = (0.0, 0.5, 1.0, 2.0)
TEMPERATURES = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0)
LEAST = 1e-9
"""A text less likely than this costs no more."""


class Case(NamedTuple):
    """A line: what both witnesses say, and what is written."""

    evidence: Evidence
    truth: str


class Trial(NamedTuple):
    """Weights, the mean log-loss of the right text with them, and the share of lines read exactly."""

    weights: Weights
    loss: float
    exact: float


def cases(count: int, seed: int) -> Iterator[Case]:
    """`count` lines of each manner by validation writers."""
    classifier, recognizer = ModelStore().load(SHIPPED), store.load()
    if recognizer is None:
        raise ModelError(
            f"there is no line recognizer in {store.FOLDER}; train one: python -m scripts.train_recognizer"
        )
    for manner in MANNERS:
        for line, text in islice(string_lines("validation", manner, np.random.default_rng(seed)), count):
            atoms, hypotheses = grouping.hypotheses(line, classifier, pen_width(line.pieces))
            if atoms:
                yield Case(gather(line, hypotheses, len(atoms), recognizer), text)


def trial(found: Sequence[Case], weights: Weights) -> Trial:
    """How well these weights do on lines whose text can be reached."""
    losses, right = [], []
    for evidence, truth in found:
        shares = evidence.probabilities(weights)
        losses.append(-math.log(max(LEAST, shares[truth])))
        right.append(max(shares, key=lambda text: shares[text]) == truth)
    return Trial(weights, float(np.mean(losses)), float(np.mean(right)))


def main() -> None:
    """Try every combination; print those with the least log-loss beside those in use."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="lines of each manner (500)")
    parser.add_argument("--seed", type=int, default=99)
    arguments = parser.parse_args()
    every = list(cases(arguments.count, arguments.seed))
    reachable = [case for case in every if case.truth in case.evidence.ways]
    print(f"{len(every)} lines, a way leads to the text of {len(reachable)}")
    tried = [
        trial(reachable, Weights(recognizer=recognizer, cuts=cuts, temperature=temperature))
        for recognizer, cuts, temperature in product(RECOGNIZER, CUTS, TEMPERATURES)
    ]
    in_use = trial(reachable, Weights())
    print(f"in use: {in_use.weights}: loss {in_use.loss:.4f}, exact {in_use.exact:.1%}")
    for weights, loss, exact in sorted(tried, key=lambda one: one.loss)[:10]:
        print(f"{weights}: loss {loss:.4f}, exact {exact:.1%}")


if __name__ == "__main__":
    main()
