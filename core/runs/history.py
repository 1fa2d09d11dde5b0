"""The course of a run as its events tell it: curves, where it stands, what it gets wrong."""

from __future__ import annotations

import csv
import io
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.runs.events import EVENTS_FILE, EventReader, Told
from core.runs.store import Run
from core.training_plan import Begun, EpochDone, Event, Measuring, Note, Preparing, Progress

MISTAKES_FILE = "mistakes.npz"
COLUMNS = (
    "time", "position", "learning_rate", "digits_per_second", "training_loss", "training_accuracy", "validation_loss",
    "validation_accuracy",
)  # fmt: skip


class Point(NamedTuple):
    """The training somewhere.

    epoch: whole ones done before; step of steps: in the one that runs. at: seconds since 1970. loss, accuracy: of the
    digits since the point before.
    """

    epoch: int
    step: int
    steps: int
    at: float
    loss: float
    accuracy: float
    learning_rate: float
    digits_per_second: float
    seconds_left: float

    @property
    def position(self) -> float:
        """In epochs."""
        return self.epoch + self.step / self.steps


class EpochPoint(NamedTuple):
    """An epoch that is over, and when, in seconds since 1970."""

    at: float
    done: EpochDone


@dataclass(frozen=True)
class History:
    """What a run has told so far. notes: worth a line. latest: the last thing told that says where it stands."""

    points: tuple[Point, ...] = ()
    epochs: tuple[EpochPoint, ...] = ()
    notes: tuple[str, ...] = ()
    latest: Preparing | Progress | EpochDone | Measuring | None = None

    @property
    def share_done(self) -> float:
        """Of all epochs, 0 to 1."""
        if isinstance(self.latest, Progress):
            return min(1.0, self.points[-1].position / self.latest.epochs)
        return min(1.0, self.epochs[-1].done.epoch / self.epochs[-1].done.epochs) if self.epochs else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Of training, at the speed of late; None where nobody knows yet."""
        return self.points[-1].seconds_left if self.points else None


class Follower:
    """Reads a run's events along; cheap to ask again, from any thread."""

    def __init__(self, run: Run) -> None:
        self._lock = threading.Lock()
        self._reader = EventReader(run.folder / EVENTS_FILE)
        self._points: list[Point] = []
        self._epochs: list[EpochPoint] = []
        self._notes: list[tuple[tuple[int, int], str]] = []
        self._latest: Preparing | Progress | EpochDone | Measuring | None = None

    def history(self) -> History:
        """Everything up to now."""
        with self._lock:
            for told in self._reader.new():
                self._take(told)
            return History(
                tuple(self._points), tuple(self._epochs), tuple(text for _, text in self._notes), self._latest
            )

    def _take(self, told: Told) -> None:
        event: Event = told.event
        match event:
            case Progress():
                self._points.append(_point(told.at, event))
            case EpochDone():
                self._epochs.append(EpochPoint(told.at, event))
            case Note():
                self._notes.append((self._place, event.text))
            case Begun():
                here = event.epoch, event.step
                self._points = [point for point in self._points if (point.epoch, point.step) <= here]
                self._epochs = [epoch for epoch in self._epochs if epoch.done.epoch <= event.epoch]
                self._notes = [note for note in self._notes if note[0] <= here]
                self._latest = None
        if isinstance(event, Preparing | Progress | EpochDone | Measuring):
            self._latest = event

    @property
    def _place(self) -> tuple[int, int]:
        """Epochs and batches that have been told of."""
        batches = (self._points[-1].epoch, self._points[-1].step) if self._points else (0, 0)
        return max(batches, (self._epochs[-1].done.epoch, 0)) if self._epochs else batches


def read_history(run: Run) -> History:
    """Everything a run has told so far."""
    return Follower(run).history()


class Wrong(NamedTuple):
    """A validation digit that is read wrong. picture: (28, 28) uint8; truth, answer: 0 to 10, 10 for no digit."""

    picture: NDArray[np.uint8]
    truth: int
    answer: int
    confidence: float


class WrongDigits(NamedTuple):
    """What was read wrong after an epoch: the surest mistakes, and `wrong` of `looked_at` in all."""

    epoch: int
    wrong: int
    looked_at: int
    digits: tuple[Wrong, ...]


def read_mistakes(run: Run) -> WrongDigits | None:
    """What the run gets wrong of late; None where nobody has looked yet, or the file is damaged."""
    try:
        with (run.folder / MISTAKES_FILE).open("rb") as file, np.load(file, allow_pickle=False) as stored:
            epoch, wrong, count = (int(number) for number in stored["counts"])
            columns = (stored[name] for name in ("images", "labels", "answers", "confidences"))
            digits = tuple(
                Wrong(np.asarray(picture, np.uint8).reshape(28, 28), int(truth), int(answer), float(confidence))
                for picture, truth, answer, confidence in zip(*columns, strict=True)
            )
            return WrongDigits(epoch, wrong, count, digits)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def rows(history: History) -> Iterator[tuple[float, float, dict[str, float]]]:
    """The course in order of time: seconds since 1970, position in epochs, figures by the names in `COLUMNS`."""
    told = [
        *((point.at, point.position, _figures_of_point(point)) for point in history.points),
        *((epoch.at, float(epoch.done.epoch), _figures_of_epoch(epoch.done)) for epoch in history.epochs),
    ]
    yield from sorted(told, key=lambda row: row[:2])


def to_csv(history: History) -> str:
    """The course as a table for spreadsheets; validation figures stand in rows of their own, at the ends of epochs."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    for at, position, figures in rows(history):
        table.writerow({"time": round(at, 3), "position": round(position, 5), **figures})
    return text.getvalue()


def _point(at: float, told: Progress) -> Point:
    return Point(
        epoch=told.epoch - 1,
        step=told.step,
        steps=max(1, told.steps),
        at=at,
        loss=told.recent_loss,
        accuracy=told.recent_accuracy,
        learning_rate=told.learning_rate,
        digits_per_second=told.digits_per_second,
        seconds_left=told.seconds_left,
    )


def _figures_of_point(point: Point) -> dict[str, float]:
    return {
        "learning_rate": point.learning_rate,
        "digits_per_second": round(point.digits_per_second, 1),
        "training_loss": round(point.loss, 6),
        "training_accuracy": round(point.accuracy, 6),
    }


def _figures_of_epoch(done: EpochDone) -> dict[str, float]:
    return {
        "validation_loss": round(done.validation_loss, 6),
        "validation_accuracy": round(done.validation_accuracy, 6),
    }
