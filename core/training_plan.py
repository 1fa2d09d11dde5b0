"""What a training is told and what it tells: settings, the recipe of each network, events. No TensorFlow here."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

from core.augmentation import NONE, Augmentation
from core.errors import SettingsError
from core.processor import has_fast_bfloat16

NETWORKS = ("digitscope", "plain")
"""The networks that `core.networks` builds."""


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How a network is trained; the defaults are the shipped model's.

    learning_rate: at its peak. warmup_epochs: to reach it. weight_decay: of AdamW. label_smoothing: share of the target
    spread over all answers. averaging: how much of the averaged weights each step keeps. dropout: the network's own
    when None.
    half_precision: bfloat16 arithmetic, 1.7 times as fast where the processor has matrix units for it.

    Raises:
        SettingsError: a value outside its range.
    """

    network: str = "digitscope"
    epochs: int = 16
    batch_size: int = 128
    learning_rate: float = 2e-3
    warmup_epochs: float = 1.0
    weight_decay: float = 0.02
    label_smoothing: float = 0.02
    averaging: float = 0.999
    dropout: float | None = None
    seed: int = 1
    half_precision: bool = False
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        if self.network not in NETWORKS:
            raise SettingsError(f"there is no network {self.network[:60]!r}; choose one of {', '.join(NETWORKS)}")
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

    def rate_at(self, position: float) -> float:
        """The learning rate at a position in epochs: linear warm-up, then a cosine to zero."""
        warmup = min(self.warmup_epochs, self.epochs / 4)
        if position < warmup:
            return self.learning_rate * (position / warmup + 0.01)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * (position - warmup) / (self.epochs - warmup)))


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Somewhere in an epoch; loss and accuracy are of the training digits since it began."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    accuracy: float
    learning_rate: float
    digits_per_second: float


@dataclass(frozen=True, kw_only=True)
class EpochDone:
    """An epoch is over. validation: accuracy of the averaged weights by part, 0 to 1."""

    epoch: int
    epochs: int
    loss: float
    accuracy: float
    validation: dict[str, float]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something worth a line."""

    text: str


Event = Progress | EpochDone | Note


# The classic small network on digits as they are, as its source trains it; the shipped one with the defaults.
RECIPES: dict[str, TrainingSettings] = {
    "digitscope": TrainingSettings(),
    "plain": TrainingSettings(
        network="plain",
        epochs=12,
        learning_rate=1e-3,
        weight_decay=0.0,
        label_smoothing=0.0,
        averaging=0.99,
        augmentation=NONE,
    ),
}


def settings_from(network: str, changes: dict[str, Any]) -> TrainingSettings:
    """A network's recipe with some settings changed; bfloat16 where this processor is fast at it.

    Raises:
        SettingsError: no such network, or a value outside its range.
    """
    if network not in RECIPES:
        raise SettingsError(f"there is no network {network[:60]!r}; choose one of {', '.join(NETWORKS)}")
    return replace(RECIPES[network], half_precision=has_fast_bfloat16(), **changes)
