"""28x28 pixels to calibrated probabilities, by LiteRT: no TensorFlow, 0.1 ms a digit, safe to share between threads."""

from __future__ import annotations

import threading

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from core.card import Card
from core.errors import ModelError
from core.normalization import SIDE

DIGITS = 10
NOT_A_DIGIT = 10
OUTCOMES = 11

# An interpreter is laid out for one batch size. A lone digit should not pay for 31 empty ones, and a page of hypotheses
# should not pay for being fed one by one.
BATCH_SIZES = (32, 8, 1)


class Classifier:
    """A trained network that reads single digits and says when a mark is none.

    One interpreter per thread and batch size, made when first needed: an interpreter is not thread-safe, a lock would
    make camera and page wait for each other.

    Raises:
        ModelError: `model` is no LiteRT model, or not one that maps (n, 28, 28, 1) to 10 or 11 scores.
    """

    def __init__(self, model: bytes, card: Card) -> None:
        self.card = card
        self._model = model
        self._local = threading.local()
        self._outputs = self._check()

    @property
    def name(self) -> str:
        """The model's name in the store."""
        return self.card.name

    @property
    def rejects(self) -> bool:
        """Whether the network itself knows "not a digit" (11 scores) or only the ten digits."""
        return self._outputs == OUTCOMES

    def probabilities(self, digits: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Calibrated probabilities of normalized digits.

        Args:
            digits: (n, 28, 28) uint8, 255 = ink, as `core.normalization.normalize` makes them; n may be 0.

        Returns:
            (n, 11) float32, rows sum to 1: columns 0 to 9 the digits, column 10 "not a digit" (0 where the network has
            ten outputs).
        """
        if digits.ndim != 3 or digits.shape[1:] != (SIDE, SIDE) or digits.dtype != np.uint8:
            raise ValueError(f"the classifier reads (n, 28, 28) uint8, not {digits.shape} {digits.dtype}")
        scores = np.empty((len(digits), self._outputs), np.float32)
        start = 0
        while start < len(digits):
            left = len(digits) - start
            size = next(size for size in BATCH_SIZES if size <= left)
            scores[start : start + size] = self._run(digits[start : start + size])
            start += size
        return self._calibrated(scores)

    def _calibrated(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Softmax at the card's temperature (Guo et al., "On Calibration of Modern Neural Networks", 2017)."""
        scaled = scores / np.float32(self.card.calibration.temperature)
        scaled -= scaled.max(axis=1, keepdims=True, initial=-np.inf)
        exponentials = np.exp(scaled)
        probabilities = np.zeros((len(scores), OUTCOMES), np.float32)
        probabilities[:, : self._outputs] = exponentials / exponentials.sum(axis=1, keepdims=True)
        return probabilities

    def _run(self, digits: NDArray[np.uint8]) -> NDArray[np.float32]:
        interpreter = self._interpreter(len(digits))
        pixels = (digits.astype(np.float32) * np.float32(1 / 255))[..., np.newaxis]
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels)
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]), np.float32)

    def _interpreter(self, batch: int) -> Interpreter:
        ready: dict[int, Interpreter] = self._local.__dict__.setdefault("interpreters", {})
        if batch not in ready:
            interpreter = Interpreter(model_content=self._model, num_threads=1)
            interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], (batch, SIDE, SIDE, 1))
            interpreter.allocate_tensors()
            ready[batch] = interpreter
        return ready[batch]

    def _check(self) -> int:
        """Run one blank digit: the only proof that a file from outside really reads. Returns the number of outputs."""
        try:
            scores = self._run(np.zeros((1, SIDE, SIDE), np.uint8))
        except (ValueError, RuntimeError, TypeError, IndexError) as error:
            raise ModelError(
                f"the model {self.name!r} is damaged or not a digit reader; train it again or choose another"
            ) from error
        if scores.shape not in ((1, DIGITS), (1, OUTCOMES)) or scores.shape[1] != self.card.outputs:
            raise ModelError(
                f"the model {self.name!r} gives {scores.shape} scores where its card promises "
                f"(1, {self.card.outputs}); train it again or choose another"
            )
        return int(scores.shape[1])
