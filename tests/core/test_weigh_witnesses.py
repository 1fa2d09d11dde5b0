"""Fitting the weights of both witnesses: what is minimized, and what counts as read."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.grouping.agreement import Evidence, Weights
from core.grouping.paths import Way
from scripts.weigh_witnesses import Case, trial


def case(truth: str, cut: dict[str, float], heard: dict[str, float]) -> Case:
    """What grouping and the recognizer hold of each text, as log-odds."""
    ways = {text: Way(total, total) for text, total in cut.items()}
    return Case(Evidence(ways, heard, np.zeros((1, 1, 11), np.float32), 1.0, 0.0), truth)


def test_the_loss_is_that_of_the_right_text() -> None:
    found = [case("4", {"4": 0.0, "11": 0.0}, {"4": math.log(0.75), "11": math.log(0.25)})]

    result = trial(found, Weights(recognizer=1.0, temperature=1.0))

    assert result.loss == pytest.approx(-math.log(0.75))
    assert result.exact == 1.0


def test_a_witness_that_is_right_is_worth_its_weight() -> None:
    found = [case("4", {"4": -1.0, "11": 0.0}, {"4": -0.8, "11": -1.2})]

    light, heavy = (trial(found, Weights(recognizer=weight, temperature=1.0)) for weight in (0.5, 5.0))

    assert (light.exact, heavy.exact) == (0.0, 1.0)
    assert heavy.loss < light.loss
