"""How far a training has come, in one file: whole or not there, and only for a run with the same settings."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import files
from core.errors import TrainingError
from core.training_plan import EpochDone, TrainingSettings


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a training stands.

    epoch: whole epochs done; step: batches done of the next one. taken: batches done in all.
    losses, right: summed over the batches of the epoch that is not over.
    """

    epoch: int = 0
    step: int = 0
    taken: int = 0
    losses: float = 0.0
    right: float = 0.0
    seconds: float = 0.0
    history: tuple[EpochDone, ...] = ()


def save(path: Path, settings: TrainingSettings, position: Position, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Write a checkpoint in place of the one before.

    Raises:
        StorageError: it cannot be written.
    """
    told = {"settings": _told(settings), **asdict(position)}
    with files.writing(path) as file:
        np.savez(file, told=np.array(json.dumps(told)), **arrays)  # type: ignore[arg-type]  # the stub wants no names


def load(path: Path, settings: TrainingSettings) -> tuple[Position, dict[str, NDArray[np.generic]]] | None:
    """Position and arrays of a checkpoint; None where there is none.

    Raises:
        TrainingError: it belongs to other settings, or is damaged.
    """
    if not path.is_file():
        return None
    try:
        # Opened here: of a damaged file, np.load would leave its own open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            told = json.loads(str(stored["told"]))
            arrays = {name: stored[name] for name in stored.files if name != "told"}
        own = told.pop("settings")
        # A setting that came after the run began is as it was before it could be set.
        if not isinstance(own, dict) or _told(TrainingSettings()) | own != _told(settings):
            raise TrainingError(f"{path} belongs to a run with other settings; delete it or choose another")
        history = tuple(EpochDone(**done) for done in told.pop("history"))
        return Position(history=history, **told), arrays
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise TrainingError(f"{path} is damaged ({error}); delete it to begin anew") from error


def _told(settings: TrainingSettings) -> dict[str, object]:
    """Settings as JSON gives them back."""
    return dict(json.loads(json.dumps(asdict(settings))))
