"""The shipped line recognizer: two files beside the digit models, whole and true to their card, or not used."""

from __future__ import annotations

import hashlib
import json
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
TFLITE_FILE = "model.tflite"
CARD_FILE = "card.json"
BYTES_LIMIT = 16 * 1024 * 1024


def load(folder: Path = FOLDER) -> LineRecognizer | None:
    """The recognizer in `folder`; None where there is no such folder, and every line is read by grouping alone.

    Raises:
        ModelError: a file is missing, damaged or not the one the card describes.
    """
    if not folder.exists():
        return None
    card = read_card(folder)
    try:
        with (folder / TFLITE_FILE).open("rb") as file:
            model = file.read(BYTES_LIMIT + 1)
    except OSError as error:
        raise _damaged(folder, f"has no {TFLITE_FILE} that can be read") from error
    if hashlib.sha256(model).hexdigest() != card.get("tflite_sha256"):
        raise _damaged(folder, "is not the one its card describes")
    return LineRecognizer(model)


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


def save(model: bytes, card: Mapping[str, Any], classifier: Classifier, folder: Path = FOLDER) -> None:
    """Store a recognizer that reads, with its card; the card last, so that a crash between leaves a pair that differs.

    classifier: the model it is to read beside.

    Raises:
        ModelError: `model` does not read lines. StorageError: it cannot be written.
    """
    LineRecognizer(model)
    told = dict(card) | {
        "beside": classifier.card.tflite_sha256,
        "tflite_sha256": hashlib.sha256(model).hexdigest(),
        "tflite_bytes": len(model),
    }
    files.write_bytes(folder / TFLITE_FILE, model)
    files.write_text(folder / CARD_FILE, json.dumps(told, indent=2, allow_nan=False) + "\n")


def _damaged(folder: Path, fact: str) -> ModelError:
    return ModelError(
        f"the line recognizer in {folder} {fact}; take it from its source again, or remove the folder to read without"
    )
