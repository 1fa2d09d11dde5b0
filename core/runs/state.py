"""How a run stands: `state.json` in its folder, written by its process, and what it means when that process is gone."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, get_args

from core import files

Status = Literal[
    "starting",
    "waiting",
    "preparing",
    "training",
    "paused",
    "measuring",
    "finished",
    "stopped",
    "failed",
    "interrupted",
]
ENDED: frozenset[Status] = frozenset({"finished", "stopped", "failed", "interrupted"})
STATE_FILE = "state.json"
START_LIMIT_S = 30.0
"""A process that has not come to life after this long will not; Python alone takes a second on a busy machine."""


@dataclass(frozen=True, kw_only=True)
class State:
    """One word for how a run stands, and a sentence for people.

    at: seconds since 1970. pid, pid_started: of its process, 0 before it lives; both together name it for good.
    """

    status: Status
    sentence: str = ""
    at: float = field(default_factory=time.time)
    pid: int = 0
    pid_started: float = 0.0

    @property
    def has_ended(self) -> bool:
        """Whether no process works on the run."""
        return self.status in ENDED


LOST = State(
    status="interrupted",
    sentence="Its process ended without a word, so the machine or somebody stopped it. What is kept can be trained on.",
    at=0.0,
)


def write(folder: Path, state: State) -> None:
    """Put `state` in place of the one before.

    Raises:
        StorageError: it cannot be written.
    """
    files.write_text(folder / STATE_FILE, json.dumps(asdict(state)))


def read(folder: Path) -> State:
    """The state as its process wrote it last; `LOST` where it is missing or damaged."""
    try:
        values = json.loads((folder / STATE_FILE).read_bytes())
        state = State(**values)
        sound = state.status in get_args(Status) and isinstance(state.sentence, str)
        return state if sound and float(state.at) + float(state.pid_started) + int(state.pid) >= 0 else LOST
    except (OSError, ValueError, TypeError, RecursionError):
        return LOST


def is_starting(state: State) -> bool:
    """Whether its process may still come to life."""
    return state.status == "starting" and 0 <= time.time() - state.at < START_LIMIT_S
