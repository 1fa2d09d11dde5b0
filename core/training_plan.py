"""What a training is told and what it tells: settings, the recipe of each network, events. No TensorFlow here."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core import network_plans
from core.augmentation import LIGHT, NONE, Augmentation
from core.card import check_name
from core.errors import SettingsError
from core.processor import has_fast_bfloat16

Schedule = Literal["cosine", "linear", "constant"]
SCHEDULES: tuple[Schedule, ...] = get_args(Schedule)
Optimizer = Literal["adamw", "muon"]
OPTIMIZERS: tuple[Optimizer, ...] = get_args(Optimizer)
Wish = Literal["go", "pause", "stop"]
"""What whoever started a training wants of it; asked before every batch."""


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How a network is trained; `RECIPES` has what each of them wants.

    optimizer: what makes steps of gradients (`core.optimizers`).
    learning_rate: at its peak. warmup_epochs: to reach it. schedule: how it goes on from there. weight_decay: how much
    weights shrink toward zero, times the rate, at each step.
    label_smoothing: share of the target spread over all answers. averaging: how much of the averaged weights each step
    keeps. dropout: the network's own when None.
    start: name of a stored model of the same network whose weights it begins with; fresh ones when None.
    teachers: names of stored models whose answers are learned beside the labels; needed until the training ends.
    all_writers: learn from MNIST's validation writers, too. Nobody is left then to say how sure an answer may be: the
    calibration of `start`, which has not seen them, is taken over.
    half_precision: bfloat16 arithmetic, up to twice as fast where the processor has units for it.

    Raises:
        SettingsError: a value outside its range, `start` or a teacher cannot name a model, or `all_writers` without
            `start`.
    """

    network: str = "digitscope"
    epochs: int = 26
    batch_size: int = 256
    optimizer: Optimizer = "adamw"
    learning_rate: float = 3e-3
    warmup_epochs: float = 1.0
    schedule: Schedule = "cosine"
    weight_decay: float = 0.02
    label_smoothing: float = 0.0
    averaging: float = 0.999
    dropout: float | None = None
    seed: int = 1
    start: str | None = None
    teachers: tuple[str, ...] = ()
    all_writers: bool = False
    half_precision: bool = False
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        network_plans.network(self.network)
        _check_known("schedule", self.schedule, SCHEDULES)
        _check_known("optimizer", self.optimizer, OPTIMIZERS)
        for name in ("epochs", "batch_size", "seed"):
            if type(getattr(self, name)) is not int:  # True is an int, too
                raise SettingsError(f"{name.replace('_', ' ')} is {getattr(self, name)!r}; choose a whole number")
        for name in ("half_precision", "all_writers"):
            if not isinstance(getattr(self, name), bool):
                raise SettingsError(f"{name.replace('_', ' ')} is {getattr(self, name)!r}; choose true or false")
        ranges: dict[str, tuple[float, float]] = {
            "epochs": (1, 1000),
            "batch_size": (8, 4096),
            "learning_rate": (1e-6, 1.0),
            "warmup_epochs": (0, 100),
            "weight_decay": (0, 1),
            "label_smoothing": (0, 0.5),
            "averaging": (0, 0.99999),
            "seed": (0, 2**31),
        }
        for name, (low, high) in ranges.items():
            if not low <= getattr(self, name) <= high:  # also false for NaN
                limits = f"{low:.12g} to {high:.12g}"  # a seed's without an exponent
                raise SettingsError(f"{name.replace('_', ' ')} is {getattr(self, name)}; choose {limits}")
        if self.dropout is not None and not 0 <= self.dropout < 1:
            raise SettingsError(f"dropout is {self.dropout}; choose 0 to less than 1")
        self._check_models()

    def _check_models(self) -> None:
        if len(set(self.teachers)) < len(self.teachers):
            raise SettingsError(f"teachers are {', '.join(self.teachers)}; name each of them once")
        for name in (*self.teachers, *([] if self.start is None else [self.start])):
            check_name(name)
        if self.all_writers and self.start is None:
            raise SettingsError("learning from all writers leaves none to calibrate by; name a model to start from")

    def rate_at(self, position: float) -> float:
        """The learning rate at a position in epochs: linear warm-up, then a cosine or a line to zero, or as it is."""
        warmup = min(self.warmup_epochs, self.epochs / 4)
        if position < warmup:
            return self.learning_rate * (position / warmup + 0.01)
        done = (position - warmup) / (self.epochs - warmup)
        falls = {"cosine": 0.5 * (1 + math.cos(math.pi * done)), "linear": 1 - done, "constant": 1.0}
        return self.learning_rate * falls[self.schedule]


def _check_known(name: str, chosen: str, known: tuple[str, ...]) -> None:
    if chosen not in known:
        raise SettingsError(f"there is no {name} {chosen[:60]!r}; choose one of {', '.join(known)}")


@dataclass(frozen=True, kw_only=True)
class Preparing:
    """Something is being made or fetched before training begins: `done` of `count`, both 0 where nobody knows."""

    what: str
    done: int = 0
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A process begins to train after whole `epoch`s and `step` batches, both 0 where nothing was kept; what was told
    beyond did not last.
    """

    epoch: int
    step: int


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Somewhere in an epoch, counted from 1.

    loss, accuracy: of the training digits since the epoch began; recent_...: since the event before.
    seconds_left: of training, at this speed.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    accuracy: float
    recent_loss: float
    recent_accuracy: float
    learning_rate: float
    digits_per_second: float
    seconds_left: float


@dataclass(frozen=True, kw_only=True)
class EpochDone:
    """An epoch is over; what is measured on validation digits is measured with the averaged weights.

    validation: accuracy by part, 0 to 1. validation_loss, validation_accuracy: of all parts that calibrate.
    confusion: 10 x 10 counts of validation digits, row the truth, column the likeliest digit.
    """

    epoch: int
    epochs: int
    loss: float
    accuracy: float
    validation: dict[str, float]
    validation_loss: float
    validation_accuracy: float
    confusion: tuple[tuple[int, ...], ...]
    seconds: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Mistakes:
    """Validation digits that are read wrong after an epoch, the surest first.

    images: (n, 28, 28) uint8. labels, answers: (n,) 0 to 10, 10 for "not a digit". confidences: (n,) of the answers.
    wrong, count: how many of how many digits looked at.
    """

    epoch: int
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    answers: NDArray[np.int64]
    confidences: NDArray[np.float64]
    wrong: int
    count: int


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something worth a line."""

    text: str


@dataclass(frozen=True)
class Measuring:
    """Training is over; the network is exported and measured."""


Event = Preparing | Begun | Progress | EpochDone | Mistakes | Note | Measuring


# The classic small network on digits as they are, as its source trains it; the shipped one as its teachers.
RECIPES: dict[str, TrainingSettings] = {
    "digitscope": TrainingSettings(epochs=16, optimizer="muon", learning_rate=5e-3),
    "large": TrainingSettings(network="large", epochs=16, batch_size=128, learning_rate=2e-3),
    "swift": TrainingSettings(
        network="swift",
        epochs=6,
        batch_size=128,
        warmup_epochs=0.5,
        label_smoothing=0.02,
        averaging=0.99,
        augmentation=LIGHT,
    ),
    "plain": TrainingSettings(
        network="plain",
        epochs=12,
        batch_size=128,
        learning_rate=1e-3,
        weight_decay=0.0,
        averaging=0.99,
        augmentation=NONE,
    ),
}


def settings_from(network: str, changes: dict[str, Any]) -> TrainingSettings:
    """A network's recipe with some settings changed; bfloat16 where this processor is fast at it.

    Raises:
        SettingsError: no such network, or a value outside its range.
    """
    network_plans.network(network)
    return replace(RECIPES[network], half_precision=has_fast_bfloat16(), **changes)
