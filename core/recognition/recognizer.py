"""A line of ink, column by column, to what each says: a digit or nothing. By LiteRT, as `core.classifier`.

A network that halves the rows thrice answers a little otherwise when the line stands a pixel higher or lower, so a line
in doubt is looked at where it stands, higher and lower.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from core.errors import ModelError
from core.recognition.ctc import OUTCOMES
from core.recognition.image import COLUMN, HEIGHT

WIDTH_STEP = 64
"""Pictures are widened to a multiple of this many columns: each width needs a layout of its own in memory."""
KEPT_COLUMNS = 1024
"""Layouts are kept for each thread as long as they are no wider together; a hundred columns take half a megabyte."""
SHIFTS_PX = (0, -1, 1)
"""How far down the line is moved for each look, of 32 rows; the first is as it stands."""
FARTHEST = max(map(abs, SHIFTS_PX))


class LineRecognizer:
    """A trained network that reads a whole line. Safe to share between threads: one interpreter for each.

    Raises:
        ModelError: `model` is no LiteRT model, or not one that maps (1, 32, W, 1) to (1, 1, W / 2, 11) scores.
    """

    def __init__(self, model: bytes) -> None:
        self._model = model
        self._local = threading.local()
        try:
            list(self.answers(np.zeros((HEIGHT, WIDTH_STEP), np.uint8)))
        except (ValueError, RuntimeError, TypeError, IndexError) as error:
            raise ModelError("the line recognizer is damaged; take it from its source or train it again") from error

    def answers(self, image: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
        """What each column of a line says: at the first look, then, for who asks on, at every look.

        Args:
            image: (32, W) uint8, 255 = ink, W even, as `core.recognition.image.line_image` makes it.

        Yields:
            (1, W / 2, 11) and (3, W / 2, 11) float32 natural logarithms, rows sum to 1 when raised: digits, then
            "nothing". A look for each of `SHIFTS_PX`.
        """
        height, width = image.shape
        padded = np.zeros((height + 2 * FARTHEST, -(-width // WIDTH_STEP) * WIDTH_STEP), np.float32)
        padded[FARTHEST : FARTHEST + height, :width] = image * np.float32(1 / 255)

        def look(shift: int) -> NDArray[np.float32]:
            return self._scores(padded[FARTHEST - shift :][:height])[: width // COLUMN]

        first = _log_softmax(look(SHIFTS_PX[0]))[np.newaxis]
        yield first
        yield np.concatenate([first, [_log_softmax(look(shift)) for shift in SHIFTS_PX[1:]]])

    def _scores(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        """(32, W) in 0 to 1 to (W / 2, 11)."""
        interpreter, place, answer = self._interpreter(picture.shape[1])
        interpreter.set_tensor(place, picture[np.newaxis, :, :, np.newaxis])
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(answer), np.float32).reshape(-1, OUTCOMES)

    def _interpreter(self, width: int) -> tuple[Interpreter, int, int]:
        ready: dict[int, tuple[Interpreter, int, int]] = self._local.__dict__.setdefault("interpreters", {})
        if width not in ready:
            while ready and sum(ready) + width > KEPT_COLUMNS:
                ready.pop(next(iter(ready)))
            interpreter = Interpreter(model_content=self._model, num_threads=1)
            place = interpreter.get_input_details()[0]["index"]
            interpreter.resize_tensor_input(place, (1, HEIGHT, width, 1))
            interpreter.allocate_tensors()
            ready[width] = (interpreter, place, interpreter.get_output_details()[0]["index"])
        return ready[width]


def _log_softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    scores = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)), np.float32)
