"""A line of ink, column by column, to what each says: a digit or nothing. By LiteRT, as `core.classifier`.

One network looks at the line; where its answer leaves a doubt, several do, each at several heights: trained on other
lines, they err differently, and a network that halves the rows thrice answers a little otherwise when the line stands a
pixel higher.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from core.errors import ModelError
from core.recognition.ctc import OUTCOMES
from core.recognition.image import COLUMN, HEIGHT

WIDTH_STEP = 64
"""Pictures are widened to a multiple of this many columns: each width needs a layout of its own in memory."""
KEPT_COLUMNS = 1024
"""Layouts are kept for each thread as long as they are no wider together; each network's take one and a half megabytes,
and a third of one for a hundred columns.
"""


SHIFTS_PX = (0, -1, 1)
"""How far down each network sees the line moved, of 32 rows; at first only as it stands."""
FARTHEST = max(map(abs, SHIFTS_PX))

_Ready = tuple[Interpreter, int, int]
"""An interpreter, the places of its picture and its answer."""


class LineRecognizer:
    """Trained networks that read a whole line. Safe to share between threads: interpreters for each.

    Raises:
        ModelError: there is no network, or one of `models` is no LiteRT model, or not one that maps (1, 32, W, 1) to
            (1, 1, W / 2, 11) scores.
    """

    def __init__(self, models: Sequence[bytes]) -> None:
        self._models = tuple(models)
        self._local = threading.local()
        try:
            list(self.answers(np.zeros((HEIGHT, WIDTH_STEP), np.uint8)))
        except (ValueError, RuntimeError, TypeError, IndexError) as error:
            raise ModelError("the line recognizer is damaged; take it from its source or train it again") from error

    def answers(self, image: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
        """What each column of a line says: first one answer, then, for who asks on, all there are.

        Args:
            image: (32, W) uint8, 255 = ink, W even, as `core.recognition.image.line_image` makes it.

        Yields:
            (1, W / 2, 11) and (A, W / 2, 11) float32 natural logarithms, rows sum to 1 when raised: digits, then
            "nothing". The first is by the first network; then A are by every network at every height.
        """
        width = image.shape[1]
        padded = np.zeros((HEIGHT + 2 * FARTHEST, -(-width // WIDTH_STEP) * WIDTH_STEP), np.float32)
        padded[FARTHEST : FARTHEST + HEIGHT, :width] = image * np.float32(1 / 255)

        def said(network: int, shift: int) -> NDArray[np.float32]:
            scores = _run(self._interpreter(network, padded.shape[1]), padded[FARTHEST - shift :][:HEIGHT])
            return _log_softmax(scores[: width // COLUMN])

        first = said(0, SHIFTS_PX[0])
        yield first[np.newaxis]
        others = [said(network, shift) for network in range(len(self._models)) for shift in SHIFTS_PX][1:]
        yield np.stack([first, *others])

    def _interpreter(self, network: int, width: int) -> _Ready:
        """Of this thread, for pictures of this width; made when it is first needed."""
        kept: dict[int, dict[int, _Ready]] = self._local.__dict__.setdefault("interpreters", {})
        if width not in kept:
            while kept and sum(kept) + width > KEPT_COLUMNS:
                kept.pop(next(iter(kept)))
            kept[width] = {}
        if network not in kept[width]:
            kept[width][network] = _interpreter(self._models[network], width)
        return kept[width][network]


def _interpreter(model: bytes, width: int) -> _Ready:
    interpreter = Interpreter(model_content=model, num_threads=1)
    place = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(place, (1, HEIGHT, width, 1))
    interpreter.allocate_tensors()
    return interpreter, place, interpreter.get_output_details()[0]["index"]


def _run(ready: _Ready, picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """(32, W) in 0 to 1 to the network's scores, (W / 2, 11)."""
    interpreter, place, answer = ready
    interpreter.set_tensor(place, picture[np.newaxis, :, :, np.newaxis])
    interpreter.invoke()
    return np.asarray(interpreter.get_tensor(answer), np.float32).reshape(-1, OUTCOMES)


def _log_softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    scores = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)), np.float32)
