"""The model store: a folder of models, each whole, true to its card's hash and able to read, or not listed at all.

    <root>/<name>/model.tflite   the network that reads
                  model.keras    the same for training on, optional
                  card.json      `core.card.Card`
    <root>/current               name of the model in use, "digitscope" where there is none

Anything here may be half written or foreign. A new model is made whole in a hidden folder and renamed into place; the
one it replaces waits as `.<name>.previous`, which is read where a crash left nothing else under the name.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from core import files
from core.card import CARD_BYTES_LIMIT, RESERVED, SHIPPED, TFLITE_BYTES_LIMIT, Card, check_name
from core.classifier import Classifier
from core.errors import ModelError

ROOT_VARIABLE = "DIGITSCOPE_MODELS"
TFLITE_FILE = "model.tflite"
KERAS_FILE = "model.keras"
CARD_FILE = "card.json"
CURRENT_FILE = "current"

_Fingerprint = tuple[int, ...]


class Problem(NamedTuple):
    """Why something in the store is not used: its name, and one sentence with the way out."""

    name: str
    sentence: str


def default_root() -> Path:
    """The folder DIGITSCOPE_MODELS names, else the repository's `models`."""
    named = os.environ.get(ROOT_VARIABLE)
    return Path(named).expanduser() if named else files.REPOSITORY / "models"


class ModelStore:
    """The models in `root`. Cheap to ask again: a model is hashed and tried once for each change of its files."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = default_root() if root is None else root
        self._verdicts: dict[str, tuple[_Fingerprint, Card | str]] = {}
        self._lock = threading.Lock()

    def names(self) -> tuple[str, ...]:
        """The models that can be used, the shipped one first, then by name."""
        whole = (name for name in self._entries() if isinstance(self._verdict(name), Card))
        return tuple(sorted(whole, key=lambda name: (name != SHIPPED, name)))

    def problems(self) -> tuple[Problem, ...]:
        """What lies in the store but cannot be used, and a choice that could not be kept."""
        verdicts = ((name, self._verdict(name)) for name in sorted(self._entries()))
        broken = tuple(Problem(name, verdict) for name, verdict in verdicts if isinstance(verdict, str))
        note = self.lost_choice()
        return (*broken, Problem(CURRENT_FILE, note)) if note else broken

    def card(self, name: str) -> Card:
        """The card of a whole model.

        Raises:
            ModelError: there is none of that name, or it is damaged or foreign.
        """
        verdict = self._verdict(check_name(name))
        if isinstance(verdict, str):
            raise ModelError(verdict)
        return verdict

    def load(self, name: str) -> Classifier:
        """A classifier of the model `name`, from bytes that match the card's hash.

        Raises:
            ModelError: there is none of that name, or it is damaged or foreign.
        """
        try:
            return self._opened(name)
        except ModelError:
            return self._opened(name)  # a publish may have fallen between reading the card and reading the model

    def keras_file(self, name: str) -> Path | None:
        """The model to train on from, where one was stored."""
        path = self._folder(name) / KERAS_FILE
        return path if path.is_file() else None

    def publish(self, name: str, tflite: bytes, keras: bytes | None, card: Card) -> None:
        """Store a model under `name`, whole or not at all; a model it replaces stays until the new one is whole.

        Raises:
            ModelError: `card` is of another model, or the model does not read digits.
            StorageError: it cannot be written.
        """
        if card.name != check_name(name):
            raise ModelError(f"the card names {card.name!r}, the model was to be {name!r}; give both one name")
        card.check_content(tflite)
        Classifier(tflite, card)
        partial = files.partial_name(self.root / name)
        try:
            partial.mkdir(parents=True)
            files.remove_abandoned(self.root)
            files.write_bytes(partial / TFLITE_FILE, tflite)
            if keras is not None:
                files.write_bytes(partial / KERAS_FILE, keras)
            files.write_text(partial / CARD_FILE, card.to_json())
            self._move_in(partial, name)
        except OSError as error:
            raise files.storage_error(self.root / name, error) from error
        finally:
            with suppress(OSError):
                files.remove(partial)

    def record(self, name: str, figures: Mapping[str, Any]) -> None:
        """Add measured figures to a model's card, in place of those of the same name; a mean over seeds stays only
        beside the very figure that it was made with.

        Raises:
            ModelError: there is none of that name, or it is damaged.
            StorageError: the card cannot be written.
        """
        card = self.card(name)
        before = card.figures
        changed = {key for key, value in figures.items() if before.get(key) != value}
        kept = {key: value for key, value in before.items() if key.removesuffix("_mean") not in changed}
        measured = replace(card, figures=kept | dict(figures))
        files.write_text(self._folder(name) / CARD_FILE, measured.to_json())

    def choose(self, name: str) -> None:
        """Make `name` the model in use, for every process that shares the store.

        Raises:
            ModelError: there is none of that name, or it is damaged.
            StorageError: the choice cannot be written.
        """
        self.card(name)
        files.write_text(self.root / CURRENT_FILE, name + "\n")

    def current(self) -> str:
        """The model in use; the shipped one where the chosen one is gone or damaged, which `lost_choice` then says."""
        return self._chosen()[0]

    def lost_choice(self) -> str | None:
        """Why the model in use is not the chosen one, in a sentence; None where it is."""
        return self._chosen()[1]

    def delete(self, name: str) -> None:
        """Delete a model, whole or broken.

        Raises:
            ModelError: there is none of that name, it is the shipped one, or it is in use.
            StorageError: it cannot be deleted.
        """
        if check_name(name) == SHIPPED:
            raise ModelError(f"{SHIPPED!r} comes with the program and stays; delete another")
        if name == self.current():
            raise ModelError(f"the model {name!r} is in use; choose another one first")
        folder = self._folder(name)
        partial = files.partial_name(folder)
        try:
            folder.rename(partial)  # gone at once, even where deleting its files takes time or fails
            files.remove(self._previous(name))
        except OSError as error:
            raise files.deletion_error(folder, error) from error
        with suppress(OSError):
            files.remove(partial)

    def _entries(self) -> Iterator[str]:
        """Names of everything that stands where a model would."""
        try:
            paths = tuple(self.root.iterdir())
        except OSError:
            return  # no folder is an empty store; `_folder` says so when a model is asked for
        seen: set[str] = set()
        for path in paths:
            name = path.name.removeprefix(".").removesuffix(".previous") if path.match(".*.previous") else path.name
            if name not in seen | RESERVED and not name.startswith(".") and (path.is_dir() or path.is_symlink()):
                seen.add(name)
                yield name

    def _previous(self, name: str) -> Path:
        return self.root / f".{name}.previous"

    def _folder(self, name: str) -> Path:
        for folder in (self.root / check_name(name), self._previous(name)):
            if folder.is_dir() or folder.is_symlink():
                return folder
        known = ", ".join(self.names())
        way_out = f"there is {known}" if known else "make one with `python -m core train`"
        raise ModelError(f"there is no model {name!r} in {self.root}; {way_out}")

    def _verdict(self, name: str) -> Card | str:
        """The card of a whole model, else the sentence that says why it is none; remembered until a file changes."""
        try:
            fingerprint = _fingerprint(self._folder(name))
        except ModelError as error:
            return str(error)
        with self._lock:
            known = self._verdicts.get(name)
        if known is not None and known[0] == fingerprint:
            return known[1]
        try:
            verdict: Card | str = self._opened(name).card
        except ModelError as error:
            verdict = str(error)
        with self._lock:
            self._verdicts[name] = fingerprint, verdict
        return verdict

    def _opened(self, name: str) -> Classifier:
        folder = self._folder(name)
        card = Card.from_json(self._bytes(folder / CARD_FILE, CARD_BYTES_LIMIT, name))
        if card.name != name:
            raise ModelError(f"the card of the model {name!r} is that of {card.name!r}; copy or train the model again")
        tflite = self._bytes(folder / TFLITE_FILE, TFLITE_BYTES_LIMIT, name)
        card.check_content(tflite)
        return Classifier(tflite, card)

    def _bytes(self, path: Path, limit: int, name: str) -> bytes:
        """Content of one file of a model: a plain file, inside the store, of at most `limit` bytes."""
        again = "copy or train the model again"
        try:
            real = path.resolve(strict=True)
            if not real.is_relative_to(self.root.resolve()):
                raise ModelError(f"{path.name} of the model {name!r} is a link out of the store; {again}")
            if not real.is_file():
                raise ModelError(f"{path.name} of the model {name!r} is no plain file; {again}")
            with real.open("rb") as file:
                data = file.read(limit + 1)
        except FileNotFoundError as error:
            raise ModelError(f"the model {name!r} has no {path.name}; {again}") from error
        except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13
            raise ModelError(f"{path.name} of the model {name!r} cannot be read; check its permissions") from error
        if len(data) > limit:
            raise ModelError(f"{path.name} of the model {name!r} has more than {limit} bytes; {again}")
        return data

    def _move_in(self, partial: Path, name: str) -> None:
        """Rename a whole folder to its place; what stood there comes back when that fails."""
        previous = self._previous(name)
        files.move_in(partial, self.root / name, previous)
        with suppress(OSError):  # hidden by the new one, and removed with the next
            files.remove(previous)

    def _chosen(self) -> tuple[str, str | None]:
        """The model in use, and why it is not the chosen one."""
        try:
            with (self.root / CURRENT_FILE).open("rb") as file:
                chosen = check_name(file.read(100).decode("ascii").strip())
        except FileNotFoundError:
            return SHIPPED, None
        except (OSError, ModelError, ValueError):
            return SHIPPED, f"the file {CURRENT_FILE!r} names no model, {SHIPPED!r} is used; choose a model again"
        if chosen == SHIPPED or isinstance(self._verdict(chosen), Card):
            return chosen, None
        return SHIPPED, f"the chosen model {chosen!r} is missing or damaged, {SHIPPED!r} is used; choose a model again"


def _fingerprint(folder: Path) -> _Fingerprint:
    """Changes when card or model change: cheaper than a hash, and only ever trusted to repeat a verdict."""
    numbers: list[int] = []
    for path in (folder, folder / CARD_FILE, folder / TFLITE_FILE):
        try:
            status = path.stat()
            numbers += status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        except OSError:
            numbers.append(-1)
    return tuple(numbers)
