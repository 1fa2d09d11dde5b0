"""What a run made: a model with its card, whole or not there; published to the store and taken back.

result/model.tflite, model.keras, card.json, tensorboard.tfevents
published.json       which model was published under which name, and which one was in use before
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from core import files
from core.card import CARD_BYTES_LIMIT, SHIPPED, TFLITE_BYTES_LIMIT, Card, check_name
from core.classifier import Classifier
from core.errors import ModelError, TrainingError
from core.models import CARD_FILE, KERAS_FILE, TFLITE_FILE, ModelStore
from core.runs.store import Run

TENSORBOARD_FILE = "tensorboard.tfevents"
PUBLISHED_FILE = "published.json"
KERAS_BYTES_LIMIT = 1 << 30


@dataclass(frozen=True, eq=False)
class Result:
    """A model as a run keeps it. tensorboard: an event file."""

    card: Card
    tflite: bytes
    keras: bytes
    tensorboard: bytes

    def classifier(self) -> Classifier:
        """The model, ready to read.

        Raises:
            ModelError: it is damaged.
        """
        return Classifier(self.tflite, self.card)

    def summary(self) -> str:
        """The most telling figures in one line."""
        card = self.card
        said = f"{card.parameters:,} parameters, {card.tflite_bytes / 1024:.0f} KB"
        accuracy = card.figures.get("mnist_test_accuracy")
        return said if accuracy is None else f"{said}, MNIST's test set {accuracy:.2%}"


class Published(NamedTuple):
    """A model's name in the store, and the one that was in use before.

    was_stored: it was there under that name. tflite_sha256: of the model; a run that trains on makes another.
    """

    name: str
    before: str
    was_stored: bool = False
    tflite_sha256: str = ""


def write(run: Run, result: Result) -> None:
    """Keep a result in place of the one before.

    Raises:
        StorageError: it cannot be written.
    """
    folder = run.folder / "result"
    partial, previous = files.partial_name(folder), files.partial_name(folder)
    try:
        partial.mkdir()
        for name, data in (
            (TFLITE_FILE, result.tflite),
            (KERAS_FILE, result.keras),
            (TENSORBOARD_FILE, result.tensorboard),
            (CARD_FILE, result.card.to_json().encode()),
        ):
            files.write_bytes(partial / name, data)
        files.move_in(partial, folder, previous)
    except OSError as error:
        raise files.storage_error(folder, error) from error
    finally:
        for left in (partial, previous):
            with suppress(OSError):
                files.remove(left)


def exists(run: Run) -> bool:
    """Whether the run has made a model."""
    return (run.folder / "result" / CARD_FILE).is_file()


def card_of(run: Run) -> Card | None:
    """What the run's model says of itself; None where it made none yet.

    Raises:
        ModelError: the card is damaged.
    """
    if not exists(run):
        return None
    return Card.from_json(_bytes(run.folder / "result" / CARD_FILE, CARD_BYTES_LIMIT))


def read(run: Run) -> Result | None:
    """What the run made; None where it made nothing yet.

    Raises:
        ModelError: what lies there is damaged.
    """
    folder, card = run.folder / "result", card_of(run)
    if card is None:
        return None
    result = Result(
        card,
        _bytes(folder / TFLITE_FILE, TFLITE_BYTES_LIMIT),
        _bytes(folder / KERAS_FILE, KERAS_BYTES_LIMIT),
        _bytes(folder / TENSORBOARD_FILE, KERAS_BYTES_LIMIT),
    )
    card.check_content(result.tflite)
    return result


def publish(run: Run, store: ModelStore, name: str) -> Published:
    """Put the run's model into the store under `name`, and use it everywhere from now on.

    Raises:
        TrainingError: the run was discarded.
        ModelError: it has no sound model, or the store has a model of that name that is not this run's.
        StorageError: it cannot be written.
    """
    run.check_exists()
    result = read(run)
    if result is None:
        raise ModelError("this run has made no model yet; let it train on")
    earlier, in_use = still_published(run, store), store.current()
    is_own = earlier is not None and earlier.name == name  # a second click, or the run has trained on since
    stored = check_name(name) in store.names()
    sha256 = result.card.tflite_sha256
    if stored and not is_own and store.card(name).tflite_sha256 != sha256:
        raise ModelError(f"there is another model {name!r} already; choose another name")
    store.publish(name, result.tflite, result.keras, replace(result.card, name=name))
    if earlier is not None and is_own:
        done = earlier._replace(before=earlier.before if in_use == name else in_use, tflite_sha256=sha256)
    else:
        done = Published(name, SHIPPED if in_use == name else in_use, stored, sha256)
    files.write_text(run.folder / PUBLISHED_FILE, json.dumps(done._asdict()))
    store.choose(name)
    return done


def published(run: Run) -> Published | None:
    """Where the run's model was published; None where it was not, or nobody can tell."""
    try:
        values = json.loads((run.folder / PUBLISHED_FILE).read_bytes())
        done = Published(**values)
        return Published(
            check_name(done.name), check_name(done.before), done.was_stored is True, str(done.tflite_sha256)
        )
    except (OSError, ValueError, TypeError, ModelError):
        return None


def still_published(run: Run, store: ModelStore) -> Published | None:
    """The same where that very model is still in the store: it may have been deleted since, or replaced."""
    done = published(run)
    there = done is not None and done.name in store.names()
    return done if done is not None and there and store.card(done.name).tflite_sha256 == done.tflite_sha256 else None


def take_back(run: Run, store: ModelStore) -> str:
    """Undo `publish`: the model in use before is in use again, the run's leaves the store if it came there so.

    Returns:
        The name of the model that is in use then.

    Raises:
        TrainingError: it was not published, or is no longer there. StorageError: it cannot be written.
    """
    done = still_published(run, store)
    if done is None:
        raise TrainingError("this run's model was not published, or that was taken back already")
    if store.current() == done.name:
        store.choose(comes_back(done, store))
    if not done.was_stored:
        store.delete(done.name)
    files.remove(run.folder / PUBLISHED_FILE)
    return store.current()


def comes_back(done: Published, store: ModelStore) -> str:
    """The model that takes over where a published one in use is taken back: the one before, if it is still there."""
    return done.before if done.before in store.names() else SHIPPED


def _bytes(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise ModelError(f"the run's {path.name} cannot be read ({error.strerror}); train again") from error
    if len(data) > limit:
        raise ModelError(f"the run's {path.name} has more than {limit} bytes; train again")
    return data
