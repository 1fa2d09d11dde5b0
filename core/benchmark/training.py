"""How long a training takes to 99 % of MNIST's test digits, beside Keras's own example, each in a process of its own.

Both clocks start before the first batch, run through validation after each epoch, and stand still while the test digits
are read, which decides nothing but when 99 % are reached.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.benchmark.processes import run_program
from core.models import ModelStore

GOAL = 0.99
RATIO = 3.0
TIMEOUT_S = 1800.0
"""The example takes two minutes on two idle cores."""

# What both programs share: the data, and a clock that can be stopped.
_CLOCK = """
import time
born = time.perf_counter()
import keras, numpy as np
from core.datasets import mnist
test = mnist("test")
pixels = test.images[..., None].astype("float32") / 255
class Clock:
    began, left_out, course = None, 0.0, []
    def start(self):
        if self.began is None:
            self.began = time.perf_counter()
    def look(self, model):
        now = time.perf_counter()
        answers = np.asarray(model.predict(pixels, batch_size=500, verbose=0)).argmax(axis=1)
        accuracy = float((answers == test.labels).mean())
        self.course.append([now - self.began - self.left_out, now - born - self.left_out, accuracy])
        self.left_out += time.perf_counter() - now
        return accuracy
    def tell(self):
        print(json.dumps({"course": self.course, "peak_mb": peak_mb()}))
clock = Clock()
"""

# "Simple MNIST convnet" (Chollet 2015) as keras.io has it: layers, loss, optimizer, batches, validation, 15 epochs.
_EXAMPLE = """
from keras import layers
parts = mnist("train"), mnist("validation")
images = np.concatenate([part.images for part in parts])[..., None].astype("float32") / 255
labels = keras.utils.to_categorical(np.concatenate([part.labels for part in parts]), 10)
order = np.random.default_rng(int(sys.argv[1])).permutation(len(images))
keras.utils.set_random_seed(int(sys.argv[1]))
model = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(),
    layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(),
    layers.Flatten(), layers.Dropout(0.5), layers.Dense(10, activation="softmax"),
])
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="categorical_crossentropy", metrics=["accuracy"])
class Watch(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        clock.start()
    def on_epoch_end(self, epoch, logs=None):
        if clock.look(self.model) >= float(sys.argv[2]):
            self.model.stop_training = True
model.fit(images[order], labels[order], batch_size=128, epochs=15, validation_split=0.1, verbose=0, callbacks=[Watch()])
clock.tell()
"""

# Ours goes to its end: its schedule is made for all of its epochs.
_OURS = """
from core import datasets
from core.training import train
from core.training_plan import settings_from
def wish():
    clock.start()
    return "go"
train(settings_from("swift", {"seed": int(sys.argv[1])}), datasets.load("mnist"), lambda _: None, wish,
      epoch_over=clock.look)
clock.tell()
"""


@dataclass(frozen=True, kw_only=True)
class Timed:
    """One training. seconds: to 99 %, from the first batch; started: the same from the start of the process; both None
    where it never got there. final: test digits right at its end, 0 to 1; total: seconds of training to there.
    """

    seconds: float | None
    started: float | None
    final: float
    total: float
    peak_mb: float | None


@dataclass(frozen=True)
class Pair:
    """Keras's example and the quickest preset, one after the other with the same seed."""

    example: Timed
    ours: Timed

    @property
    def ratio(self) -> float:
        """How many times as long the example takes; at least, where it never gets to 99 %; 0 where ours does not."""
        if self.ours.seconds is None:
            return 0.0
        return (self.example.seconds or self.example.total) / self.ours.seconds


def pair(seed: int) -> Pair:
    """Train both.

    Raises:
        ProcessError: a training failed; without MNIST both do.
    """
    store = ModelStore()
    return Pair(*(_timed(_told(program, store, seed)) for program in (_EXAMPLE, _OURS)))


def _told(program: str, store: ModelStore, seed: int) -> dict[str, Any]:
    return run_program(_CLOCK + program, store, str(seed), str(GOAL), timeout_s=TIMEOUT_S)


def table(pairs: Sequence[Pair]) -> str:
    """All pairs, and the median of their ratios."""
    lines = [f"{'':34} {'to 99 %':>9} {'from start':>11} {'at its end':>19} {'memory':>9}"]
    for number, one in enumerate(pairs, 1):
        lines.append(f"{number}. {_line('Keras, Simple MNIST convnet', one.example)}")
        lines.append(f"   {_line('ours, One minute', one.ours)}   {one.ratio:.1f} times as fast")
    median = statistics.median(one.ratio for one in pairs)
    verdict = "met" if median >= RATIO else "missed"
    return "\n".join([*lines, f"median: {median:.1f} times as fast; at least {RATIO:g} is the target: {verdict}"])


def to_json(pairs: Sequence[Pair]) -> dict[str, Any]:
    """All pairs as a JSON object."""
    return {
        "pairs": [asdict(one) | {"ratio": one.ratio} for one in pairs],
        "median_ratio": statistics.median(one.ratio for one in pairs),
        "target": RATIO,
    }


def _line(name: str, timed: Timed) -> str:
    seconds, started = (f"{value:.1f} s" if value else "never" for value in (timed.seconds, timed.started))
    memory = f"{timed.peak_mb:,.0f} MB" if timed.peak_mb else "-"
    return f"{name:31} {seconds:>9} {started:>11} {timed.final:>8.2%} in {timed.total:5.1f} s {memory:>9}"


def _timed(told: dict[str, Any]) -> Timed:
    course = told["course"]
    reached = next((point for point in course if point[2] >= GOAL), None)
    return Timed(
        seconds=reached and reached[0],
        started=reached and reached[1],
        final=course[-1][2],
        total=course[-1][0],
        peak_mb=told["peak_mb"],
    )
