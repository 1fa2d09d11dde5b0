"""What a run made: a model with its card, whole or not there; published to the store and taken back.

    result/model.tflite, model.keras, card.json, tensorboard.tfevents
    published.json       under which name the model was published, and which one was in use before
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
    """The model's name in the store, and the one that was in use before. was_stored: it was there under that name."""

    name: str
    before: str
    was_stored: bool = False


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
        ModelError: the run has no sound model, or the store has another model of that name.
        StorageError: it cannot be written.
    """
    result = read(run)
    if result is None:
        raise ModelError("this run has made no model yet; let it train on")
    stored = check_name(name) in store.names()
    if stored and store.card(name).tflite_sha256 != result.card.tflite_sha256:
        raise ModelError(f"there is another model {name!r} already; choose another name")
    earlier, in_use = published(run), store.current()
    store.publish(name, result.tflite, result.keras, replace(result.card, name=name))
    if earlier is not None and earlier.name == name:  # a second click
        done = earlier if in_use == name else earlier._replace(before=in_use)
    else:
        done = Published(name, SHIPPED if in_use == name else in_use, stored)
    files.write_text(run.folder / PUBLISHED_FILE, json.dumps(done._asdict()))
    store.choose(name)
    return done


def published(run: Run) -> Published | None:
    """Where the run's model was published; None where it was not, or nobody can tell."""
    try:
        values = json.loads((run.folder / PUBLISHED_FILE).read_bytes())
        done = Published(**values)
        return Published(check_name(done.name), check_name(done.before), done.was_stored is True)
    except (OSError, ValueError, TypeError, ModelError):
        return None


def still_published(run: Run, store: ModelStore) -> Published | None:
    """The same where the model is still in the store: it may have been deleted since."""
    done = published(run)
    return done if done is not None and done.name in store.names() else None


def take_back(run: Run, store: ModelStore) -> str:
    """Undo `publish`: the model in use before is in use again, the run's leaves the store if it came there so.

    Returns:
        The name of the model that is in use then.

    Raises:
        TrainingError: it was not published. StorageError: it cannot be written.
    """
    done = published(run)
    if done is None:
        raise TrainingError("this run's model was not published, or that was taken back already")
    if store.current() == done.name:
        store.choose(comes_back(done, store))
    if done.name in store.names() and not done.was_stored:
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
