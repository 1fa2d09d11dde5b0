"""The shipped line recognizer: its networks and one card beside the digit models, whole and true to it, or not used."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from core import files
from core.classifier import Classifier
from core.errors import ModelError
from core.recognition.recognizer import LineRecognizer

FOLDER = files.REPOSITORY / "models" / "lines"
"""Beside the digit models, and no model of theirs: `core.models` passes it over."""
CARD_FILE = "card.json"
BYTES_LIMIT = 16 * 1024 * 1024
_NAME = re.compile(r"[\w-]+\.tflite")


def load(folder: Path = FOLDER) -> LineRecognizer | None:
    """The recognizer in `folder`; None where there is no such folder, and every line is read by grouping alone.

    Raises:
        ModelError: a file is missing, damaged or not the one the card describes.
    """
    if not folder.exists():
        return None
    return LineRecognizer([_network(folder, told) for told in _networks(read_card(folder), folder)])


def _network(folder: Path, told: Mapping[str, Any]) -> bytes:
    path = folder / str(told["file"])
    try:
        if not path.is_file():  # a pipe would never end
            raise FileNotFoundError
        with path.open("rb") as file:
            model = file.read(BYTES_LIMIT + 1)
    except OSError as error:
        raise _damaged(folder, f"has no {path.name} that can be read") from error
    if hashlib.sha256(model).hexdigest() != told.get("tflite_sha256"):
        raise _damaged(folder, f"has a {path.name} that is not the one its card describes")
    return model


def beside(classifier: Classifier) -> LineRecognizer | None:
    """The shipped recognizer, where `classifier` is the model that it was weighed with; any other reads alone.

    What a model of one's own is worth would be hidden by a second one that knows better.

    Raises:
        ModelError: the recognizer is damaged.
    """
    if not FOLDER.exists() or read_card().get("beside") != classifier.card.tflite_sha256:
        return None
    return _shipped()


@cache
def _shipped() -> LineRecognizer | None:
    return load()


def read_card(folder: Path = FOLDER) -> Mapping[str, Any]:
    """What the recognizer says of itself.

    Raises:
        ModelError: the card is missing or no JSON object.
    """
    try:
        with (folder / CARD_FILE).open("rb") as file:
            card = json.loads(file.read(BYTES_LIMIT))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(folder, f"has no {CARD_FILE} that can be read") from error
    if not isinstance(card, dict):
        raise _damaged(folder, f"has a {CARD_FILE} that is not a JSON object")
    return card


def add(model: bytes, facts: Mapping[str, Any], name: str, classifier: Classifier, folder: Path = FOLDER) -> None:
    """Store one more network that reads, in place of one of the same name; the card last, so that after a crash between
    the two the card names no network, or one that differs from its file.

    facts: what the card says of it. classifier: the model the recognizer is to read beside.

    Raises:
        ModelError: `model` does not read lines, or the card in `folder` is damaged. StorageError: it cannot be written.
    """
    LineRecognizer([model])
    file = f"{name}.tflite"
    others = _networks(read_card(folder), folder) if (folder / CARD_FILE).exists() else []
    told = dict(facts) | {
        "file": file,
        "tflite_sha256": hashlib.sha256(model).hexdigest(),
        "tflite_bytes": len(model),
    }
    networks = sorted([*(other for other in others if other.get("file") != file), told], key=lambda one: one["file"])
    card = {"license": "MIT", "beside": classifier.card.tflite_sha256, "networks": networks}
    files.write_bytes(folder / file, model)
    files.write_text(folder / CARD_FILE, json.dumps(card, indent=2, allow_nan=False) + "\n")


def _networks(card: Mapping[str, Any], folder: Path) -> list[Mapping[str, Any]]:
    """What the card says of each network, at least one, each in a file of its own in the folder."""
    networks = card.get("networks")
    told = networks if isinstance(networks, list) else []
    names = [str(one.get("file")) if isinstance(one, dict) else "" for one in told]
    if not names or len(set(names)) < len(names) or not all(_NAME.fullmatch(name) for name in names):
        raise _damaged(folder, f"has a {CARD_FILE} that does not name its networks")
    return told


def _damaged(folder: Path, fact: str) -> ModelError:
    return ModelError(
        f"the line recognizer in {folder} {fact}; take it from its source again, or remove the folder to read without"
    )
