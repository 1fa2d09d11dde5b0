"""What a run tells, as JSON lines: `events.jsonl` in its folder. One process appends, any number read along.

A line counts when it is whole: a crash may leave half of the last one, which readers pass over and the next process to
append cuts off.
"""

from __future__ import annotations

import errno
import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from core import files
from core.training_plan import Begun, EpochDone, Event, Measuring, Note, Preparing, Progress

EVENTS_FILE = "events.jsonl"
KINDS: dict[str, type[Any]] = {
    "preparing": Preparing, "begun": Begun, "progress": Progress, "epoch": EpochDone, "note": Note,
    "measuring": Measuring,
}  # fmt: skip
_NAMES = {kind: name for name, kind in KINDS.items()}


@dataclass(frozen=True)
class Told:
    """An event and when it was told, in seconds since 1970."""

    at: float
    event: Event


class EventWriter:
    """Appends events to a file that no other process appends to.

    Raises:
        StorageError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("a+b", buffering=0)
            self._file.seek(0)
            self._end = _whole_lines(self._file.read())
            self._file.truncate(self._end)
        except OSError as error:
            raise files.storage_error(path, error) from error

    def write(self, event: Event) -> None:
        """Append an event, whole or not at all; it is there for readers at once."""
        told = {"kind": _NAMES[type(event)], "at": round(time.time(), 3), **asdict(event)}
        line = json.dumps(told, allow_nan=False).encode() + b"\n"
        try:
            if self._file.write(line) < len(line):
                raise OSError(errno.ENOSPC, "half a line was written")
        except OSError as error:
            with suppress(OSError):
                self._file.truncate(self._end)
            raise files.storage_error(self.path, error) from error
        self._end += len(line)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class EventReader:
    """Reads what was appended since it was asked last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0

    def new(self) -> tuple[Told, ...]:
        """Whole lines since the last call, damaged and unknown ones left out; nothing where there is no file."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except OSError:
            return ()
        whole = _whole_lines(data)
        self._offset += whole
        parsed = (_parsed(line) for line in data[:whole].splitlines())
        return tuple(told for told in parsed if told is not None)


def _whole_lines(data: bytes) -> int:
    """Bytes up to the end of the last whole line."""
    return data.rfind(b"\n") + 1


def _parsed(line: bytes) -> Told | None:
    try:
        values = json.loads(line)
        kind, at = KINDS[values.pop("kind")], float(values.pop("at"))
        if kind is EpochDone:
            values["confusion"] = tuple(tuple(int(count) for count in row) for row in values["confusion"])
        if not all(_is_of(spec.type, values[spec.name]) for spec in fields(kind)):
            return None
        return Told(at, kind(**values))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _is_of(kind: object, value: object) -> bool:
    """Whether a value is of a field's type, which stands there as text."""
    if kind in ("int", "float"):
        return isinstance(value, int if kind == "int" else int | float) and not isinstance(value, bool)
    return not isinstance(value, int | float) if kind == "str" else True
