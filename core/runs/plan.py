"""What a run is to do, and what it may use: `config.json` in its folder."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from core.augmentation import Augmentation
from core.card import check_name
from core.datasets import check_dataset
from core.errors import DigitscopeError, SettingsError, TrainingError
from core.training_plan import TrainingSettings

FORMAT = 1
BYTES_LIMIT = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a run may use. memory_mb: of all its processes. minutes: of training; then it stops and keeps what it knows.

    Raises:
        SettingsError: a limit that leaves nothing.
    """

    memory_mb: float | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("memory", self.memory_mb), ("time", self.minutes)):
            if value is not None and not 0 < value < 1e9:  # also false for NaN
                raise SettingsError(f"the limit of {name} is {value}; choose more than 0, or none")


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """One training: its settings and data.

    name: of the model it makes. share: of the drawn pictures to make.
    publishes: whether its model goes to the store by itself, as on the command line, or when someone says so.

    Raises:
        SettingsError: something that cannot be trained.
    """

    name: str
    dataset: str
    settings: TrainingSettings
    share: float = 1.0
    publishes: bool = False
    command: str = "python -m core train --config config.json"
    created: str = ""

    def __post_init__(self) -> None:
        check_name(self.name)
        check_dataset(self.dataset)
        if not 0 < self.share <= 1:
            raise SettingsError(f"the share of pictures to make is {self.share}; choose more than 0, at most 1")
        if self.settings.all_writers and self.dataset != "all" and not {"mnist"} < set(self.dataset.split("+")):
            raise SettingsError(
                f"all writers of MNIST are learned from with the data set all, or mnist+pens, not with {self.dataset!r}"
            )
        if not self.created:
            object.__setattr__(self, "created", datetime.now(UTC).isoformat(timespec="seconds"))
        datetime.fromisoformat(self.created)

    def to_json(self) -> str:
        """The plan as indented JSON text, ending with a newline."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: bytes | str) -> RunPlan:
        """The plan in `text`.

        Raises:
            TrainingError: it is none, or not one of this program's.
        """
        try:
            values = json.loads(text)
            if values.pop("format") != FORMAT:
                raise ValueError("another format")
            settings: dict[str, Any] = values.pop("settings")
            augmentation = Augmentation(**settings.pop("augmentation"))
            teachers, start = settings.pop("teachers"), settings["start"]
            names = [*teachers, start or ""]
            if not isinstance(teachers, list) or not all(isinstance(name, str) for name in names):
                raise TypeError("models are known by their names")
            texts = [values.get(name, "") for name in ("name", "dataset", "command", "created")]
            if not all(isinstance(text, str) for text in texts) or not isinstance(values.get("publishes", True), bool):
                raise TypeError("a text or a choice is none")
            kept = TrainingSettings(**settings, teachers=tuple(teachers), augmentation=augmentation)
            return cls(settings=kept, **values)
        except DigitscopeError as error:
            raise TrainingError(f"the run's settings do not make sense ({error}); begin a new one") from error
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise TrainingError("the run's settings are damaged or of another version; begin a new one") from error


def free_name(wanted: str, taken: set[str]) -> str:
    """`wanted`, or with the first number at its end that makes it a name not taken."""
    if wanted not in taken:
        return wanted
    stem = re.sub(r"-\d+$", "", wanted)[:36]
    return next(name for number in range(2, len(taken) + 3) if (name := f"{stem}-{number}") not in taken)
