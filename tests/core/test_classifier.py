"""28x28 pixels to calibrated probabilities: their form, batches, threads, calibration, and files that are no model."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from core.card import Calibration
from core.classifier import DIGITS, NOT_A_DIGIT, OUTCOMES, Classifier
from core.errors import ModelError
from core.normalization import normalize
from tests.core.drawings import glyph, shipped
from tests.core.tiny_models import card_of, tiny_tflite


def random_weights(outputs: int = 11) -> NDArray[np.float32]:
    return np.random.default_rng(1).normal(0, 0.02, (outputs, 784)).astype(np.float32)


def classifier(outputs: int = 11, temperature: float = 1.0, weights: NDArray[np.float32] | None = None) -> Classifier:
    """A matrix as classifier; with random weights unless given."""
    tflite = tiny_tflite(outputs, weights=random_weights(outputs) if weights is None else weights)
    calibration = Calibration(temperature=temperature)
    return Classifier(tflite, card_of(tflite, outputs=outputs, calibration=calibration))


def pictures(count: int) -> NDArray[np.uint8]:
    return np.random.default_rng(2).integers(0, 256, (count, 28, 28), dtype=np.uint8)


def test_drawn_digits_are_what_they_are() -> None:
    digits = np.stack([normalize(glyph(digit)) for digit in range(DIGITS)])

    assert shipped().probabilities(digits).argmax(axis=1).tolist() == list(range(DIGITS))


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 32, 33, 75])
def test_every_picture_gets_eleven_probabilities_that_sum_to_one(count: int) -> None:
    probabilities = classifier().probabilities(pictures(count))

    assert probabilities.shape == (count, OUTCOMES)
    assert probabilities.dtype == np.float32
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(count), abs=1e-5)
    assert (probabilities >= 0).all()


@pytest.mark.parametrize("reader", [classifier, shipped])
def test_a_picture_reads_the_same_alone_and_in_any_batch(reader) -> None:  # type: ignore[no-untyped-def]
    reads, digits = reader(), pictures(43)

    together = reads.probabilities(digits)

    alone = np.concatenate([reads.probabilities(digits[i : i + 1]) for i in range(len(digits))])
    assert together == pytest.approx(alone, abs=2e-3)


def test_pixels_reach_the_network_in_place_and_from_zero_to_one() -> None:
    weights = np.zeros((11, 784), np.float32)
    weights[4, 28 * 3 + 17] = 1  # the fourth score is the pixel in row 3, column 17
    reads = classifier(weights=weights)
    lit, dark = np.zeros((2, 1, 28, 28), np.uint8)
    lit[0, 3, 17] = 255

    odds = reads.probabilities(lit)[0] / reads.probabilities(dark)[0]

    assert np.log(odds[4] / odds[0]) == pytest.approx(1, abs=1e-4)


def test_a_network_of_ten_scores_never_says_not_a_digit() -> None:
    ten, eleven = classifier(10), classifier(11)

    assert not ten.rejects
    assert eleven.rejects
    probabilities = ten.probabilities(pictures(5))
    assert (probabilities[:, NOT_A_DIGIT] == 0).all()
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert (eleven.probabilities(pictures(5))[:, NOT_A_DIGIT] > 0).all()


def test_a_higher_temperature_doubts_more_and_answers_the_same() -> None:
    digits = pictures(20)

    cool, warm = classifier(temperature=1).probabilities(digits), classifier(temperature=3).probabilities(digits)

    assert (warm.argmax(axis=1) == cool.argmax(axis=1)).all()
    assert (warm.max(axis=1) < cool.max(axis=1)).all()


def test_huge_scores_give_probabilities_all_the_same() -> None:
    probabilities = classifier(weights=random_weights() * 1e6, temperature=0.01).probabilities(pictures(9))

    assert np.isfinite(probabilities).all()
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(9), abs=1e-5)


@pytest.mark.parametrize(
    "digits",
    [
        np.zeros((28, 28), np.uint8),
        np.zeros((1, 28, 28, 1), np.uint8),
        np.zeros((1, 20, 20), np.uint8),
        np.zeros((1, 28, 28), np.float32),
    ],
)
def test_anything_but_normalized_digits_is_refused(digits: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match=r"\(n, 28, 28\) uint8"):
        classifier().probabilities(digits)


def test_eight_threads_get_the_answers_of_one() -> None:
    reads = shipped()
    batches = [np.roll(pictures(n), n, axis=1) for n in (1, 3, 8, 11, 32, 40, 2, 9)] * 3
    alone = [reads.probabilities(batch) for batch in batches]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(reads.probabilities, batches))

    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_what_is_no_model_is_refused_with_a_way_out() -> None:
    whole = tiny_tflite()

    for data in (b"", b"no model at all", whole[: len(whole) // 2], whole[:8] + bytes(64)):
        with pytest.raises(ModelError, match=r"tiny.*choose another"):
            Classifier(data, card_of(whole))


def test_a_model_for_other_pictures_is_refused() -> None:
    foreign = tiny_tflite(side=20)

    with pytest.raises(ModelError, match="choose another"):
        Classifier(foreign, card_of(foreign))


@pytest.mark.parametrize(("outputs", "promised"), [(11, 10), (10, 11), (5, 11), (1000, 10)])
def test_a_model_that_breaks_its_card_s_promise_is_refused(outputs: int, promised: int) -> None:
    tflite = tiny_tflite(outputs)

    with pytest.raises(ModelError, match=f"promises .1, {promised}"):
        Classifier(tflite, card_of(tflite, outputs=promised))
