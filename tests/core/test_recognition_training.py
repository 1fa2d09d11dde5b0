"""The recognizer's training: batches, a network that learns, an export that answers alike."""

from __future__ import annotations

import numpy as np
import pytest

from core.calibration import softmax
from core.datasets.strings import MOST_DIGITS, Sample
from core.errors import TrainingError
from core.recognition.ctc import OUTCOMES, plain_text
from core.recognition.image import HEIGHT
from core.recognition.recognizer import LineRecognizer

training = pytest.importorskip("core.recognition.training")


def strokes(count: int, seed: int = 0) -> list[Sample]:
    """Lines of one to three upright bars ("1") and boxes ("0"), which a few steps tell apart."""
    rng = np.random.default_rng(seed)
    samples = []
    for _ in range(count):
        text = "".join(rng.choice(["0", "1"], int(rng.integers(1, 4))))
        image = np.zeros((HEIGHT, 60), np.uint8)
        for place, digit in enumerate(text):
            left = 6 + 18 * place
            image[6:26, left : left + (12 if digit == "0" else 3)] = 255
            if digit == "0":
                image[9:23, left + 3 : left + 9] = 0
        samples.append(Sample(image, text))
    return samples


def test_a_batch_holds_lines_of_like_length_with_their_digits() -> None:
    settings = training.LineSettings(batch_size=8)

    for images, labels, lengths in training.batches(strokes(40), settings, 0):
        assert images.shape[:2] == (8, HEIGHT)
        assert images.shape[2] in training.WIDTHS
        assert 0 <= images.min() <= images.max() <= 1
        assert labels.shape == (8, MOST_DIGITS)
        assert set(lengths) <= {1, 2, 3}


def test_less_than_one_batch_is_refused() -> None:
    with pytest.raises(TrainingError, match="less than one batch"):
        training.train(training.LineSettings(batch_size=64), strokes(8), strokes(8), lambda _: None)


@pytest.mark.slow
def test_a_short_training_learns_and_its_export_answers_alike() -> None:
    settings = training.LineSettings(epochs=6, batch_size=16, warmup_steps=20, averaging=0.9, dropout=0.0)
    told: list[object] = []

    model = training.train(settings, strokes(480), strokes(60, seed=1), told.append)

    epochs = [event for event in told if isinstance(event, training.LineEpoch)]
    assert len(epochs) == 6
    assert epochs[-1].loss < epochs[0].loss / 2
    assert training.exact(model, strokes(60, seed=1)) == epochs[-1].exact
    recognizer = LineRecognizer(training.to_tflite(model))
    differences = []
    for sample in strokes(60, seed=5):
        (answer,) = next(recognizer.answers(sample.image))
        padded = np.pad(sample.image, ((0, 0), (0, 4)))[None, :, :, None] / np.float32(255)
        trained = softmax(np.asarray(model(padded))[0, 0, :30])
        assert answer.shape == (30, OUTCOMES)
        assert plain_text(answer) == plain_text(trained)
        differences.append(np.abs(np.exp(answer) - trained).mean())
    # Weights of 8 bits move a column that is half digit and half gap; none of them matters.
    assert max(differences) < 0.01
