"""Where to begin: three trainings by how much time one has. Their schedules were fixed on validation digits."""

from __future__ import annotations

from typing import NamedTuple

from core.augmentation import Augmentation
from core.training_plan import TrainingSettings, settings_from


class Preset(NamedTuple):
    """A training that makes sense as it is. about: what one gets for the time."""

    title: str
    about: str
    dataset: str
    share: float
    settings: TrainingSettings


def presets() -> tuple[Preset, ...]:
    """All of them, the quickest first; bfloat16 where this processor is fast at it."""
    return (
        Preset(
            "One minute",
            "A swift network on MNIST's digits. Reads single digits well; has not learned what is no digit.",
            "mnist",
            1.0,
            settings_from("swift", {}),
        ),
        Preset(
            "Ten minutes",
            "The same network on everything: scanned, drawn and worn digits, and marks that are none.",
            "all",
            0.8,
            settings_from(
                "swift",
                {"epochs": 20, "warmup_epochs": 1.0, "averaging": 0.999, "augmentation": Augmentation()},
            ),
        ),
        Preset(
            "Best",
            "A deeper network on everything: that of the model that comes along, trained as its teachers were.",
            "all",
            1.0,
            settings_from("digitscope", {}),
        ),
    )
