"""Fit how much each witness to a line counts: `python -m scripts.weigh_witnesses --model NAME`.

Lines of the kinds that the prices of grouping were fitted on, by MNIST's validation writers and our own pens, drawn
anew, are taken apart and heard once; then every combination of weights is tried. Lines as the recognizer was trained on
would flatter it: on those, more weight is always better. Printed are the right text's mean log-loss and how many lines
are read exactly; lines whose text no way leads to say nothing of the weights and are counted apart. No picture of a
test set is looked at. Takes a minute. The model of the first stage stands for the shipped one, which has learned from
these writers in its later stages: `--model first-1`, made by `scripts.train_shipped`.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from core import grouping
from core.errors import ModelError
from core.grouping.agreement import Evidence, Weights, gather
from core.models import ModelStore
from core.recognition import store
from core.segmentation.lines import WritingLine, pen_width
from core.segmentation.page import Attempt, segment
from core.segmentation.sheet import Sheet
from scripts import fit_grouping

RECOGNIZER = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
CUTS = (0.0, 0.5, 1.0, 2.0, 4.0)
TEMPERATURES = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
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


def lines(count: int, seed: int) -> Iterator[tuple[WritingLine, str]]:
    """At most `count` lines of all kinds in turn, and their texts; what fell into several lines is left out."""
    rng, hands, kinds = np.random.default_rng(seed), fit_grouping.sources(), list(fit_grouping.KINDS)
    for index in range(count):
        pixels, text = fit_grouping.written(kinds[index % len(kinds)], rng, hands[index % len(hands)])
        found = segment(Sheet(pixels), Attempt()).lines
        if len(found) == 1:
            yield found[0], text


def cases(count: int, seed: int, model: str) -> Iterator[Case]:
    """What both witnesses say of each line."""
    classifier, recognizer = ModelStore().load(model), store.load()
    if recognizer is None:
        raise ModelError(
            f"there is no line recognizer in {store.FOLDER}; train one: python -m scripts.train_recognizer"
        )
    for line, text in lines(count, seed):
        atoms, hypotheses = grouping.hypotheses(line, classifier, pen_width(line.pieces))
        if atoms:
            yield Case(gather(line, hypotheses, len(atoms), recognizer, enough=math.inf), text)


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
    parser.add_argument("--count", type=int, default=1000, help="lines to write (1000)")
    parser.add_argument("--seed", type=int, default=99)
    parser.add_argument("--model", required=True, help="a stored model that has not learned from these writers")
    arguments = parser.parse_args()
    every = list(cases(arguments.count, arguments.seed, arguments.model))
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
