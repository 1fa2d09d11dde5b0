"""Calibration: the fitted temperature makes confidence true, thresholds keep what they promise."""

import numpy as np
import pytest

from core import calibration
from core.calibration import fit, fit_temperature, softmax
from core.classifier import NOT_A_DIGIT


@pytest.fixture(scope="module")
def honest():
    """Scores whose softmax is the true chance of each label."""
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 3, (6000, 11)).astype(np.float32)
    labels = np.array([rng.choice(11, p=row) for row in softmax(scores)])
    return scores, labels


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.5])
def test_the_temperature_undoes_a_network_that_is_too_sure_or_too_shy(honest, factor):
    scores, labels = honest

    assert fit_temperature(scores * factor, labels) == pytest.approx(factor, rel=0.06)


def test_answers_above_the_threshold_are_wrong_no_more_often_than_promised():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 10, 20_000)
    scores = rng.normal(0, 1, (20_000, 11)).astype(np.float32)
    scores[np.arange(20_000), labels] += 6

    fitted = fit(scores, labels)
    shares = softmax(scores / fitted.temperature)
    sure = shares[:, :10].max(axis=1) >= fitted.unsure_below

    assert (shares[sure].argmax(axis=1) != labels[sure]).mean() <= calibration.ERRORS_AMONG_SURE * 1.1
    assert sure.mean() > 0.5


def test_few_digits_are_called_no_digit():
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 11, 20_000)
    scores = rng.normal(0, 1, (20_000, 11)).astype(np.float32)
    scores[np.arange(20_000), labels] += 8

    fitted = fit(scores, labels)
    refused = softmax(scores / fitted.temperature)[labels != NOT_A_DIGIT][:, NOT_A_DIGIT] > fitted.not_digit_above

    assert refused.mean() <= calibration.FALSE_REJECTIONS


def test_a_network_of_ten_outputs_is_calibrated_too(honest):
    scores, labels = honest
    digits = labels != NOT_A_DIGIT

    fitted = fit(scores[digits, :10], labels[digits])

    assert fitted.not_digit_above == 0.5


def test_shares_sum_to_one_even_for_huge_scores():
    assert np.allclose(softmax(np.array([[1e4, -1e4, 0.0]])).sum(axis=1), 1)
