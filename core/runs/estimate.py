"""How long a run will take on this machine: from runs before where there were any, else from a machine of two cores."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NamedTuple

from core import files, network_plans
from core.datasets import pictures_of
from core.errors import StorageError
from core.runs.plan import RunPlan
from core.training_plan import TrainingSettings

SPEEDS_FILE = "speeds.json"
REFERENCE_CORES = 2
# Microseconds of training per digit on two cores, with float32 and with bfloat16, there on matrix units.
REFERENCE_US: dict[str, tuple[float, float]] = {
    "plain": (120.0, 70.0),
    "swift": (110.0, 75.0),
    "digitscope": (900.0, 420.0),
    "large": (3000.0, 1100.0),
}
DRAWING_US = 400.0
"""To draw one picture of a pen, cut or sign, on two cores."""
START_S = 12.0
"""To load TensorFlow and the data."""
FINISH_S = 20.0
"""To export, measure and keep the model."""
GLANCE_SHARE = 0.04
"""Of an epoch, to look at validation digits."""


class Estimate(NamedTuple):
    """Seconds from start to result. measured: whether a run before has shown how fast this machine is."""

    seconds: float
    measured: bool


def estimate(plan: RunPlan, root: Path) -> Estimate:
    """How long a run by this plan takes, in the folder of runs `root`."""
    made, per_epoch = pictures_of(plan.dataset, plan.share)
    settings = plan.settings
    known = _speeds(root).get(_key(settings))
    if known is not None:
        each = 1 / known
    else:
        each = REFERENCE_US[settings.network][settings.half_precision] * 1e-6 * _slower()
    training = settings.epochs * per_epoch * each * (1 + GLANCE_SHARE)
    drawing = made * DRAWING_US * 1e-6 * _slower()
    return Estimate(START_S + drawing + training + FINISH_S, known is not None)


def remember_speed(root: Path, settings: TrainingSettings, digits_per_second: float) -> None:
    """Keep how fast this machine trains a network, for later estimates; a disk that is full keeps nothing."""
    if digits_per_second > 0 and not settings.teachers:  # they cost time of their own
        speeds = _speeds(root) | {_key(settings): round(digits_per_second, 1)}
        try:
            files.write_text(root / SPEEDS_FILE, json.dumps(speeds))
        except StorageError:
            return  # an estimate is no reason to end a run


def _speeds(root: Path) -> dict[str, float]:
    try:
        values = json.loads((root / SPEEDS_FILE).read_bytes())
        return {key: float(value) for key, value in values.items() if float(value) > 0}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _key(settings: TrainingSettings) -> str:
    weights = network_plans.network(settings.network).parameters
    return f"{settings.network} {weights}{' bfloat16' if settings.half_precision else ''}"


def _slower() -> float:
    return REFERENCE_CORES / max(1, min(os.cpu_count() or 1, 8))
