"""What all sessions share: the model store, and a reader for the model in use."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.card import Card
from core.models import ModelStore, default_root
from core.reader import Reader
from core.recognition import store as recognition
from core.runs.history import Follower
from core.runs.store import Run, RunStore

# Enough to compare models; a reader holds its network and one interpreter per thread and batch size.
READERS_KEPT = 4
# More than a page shows side by side; a run of an hour has told a megabyte.
FOLLOWERS_KEPT = 32


def store() -> ModelStore:
    """The models on disk; what others publish into it is seen at once."""
    return _store(default_root())


def card() -> Card:
    """The card of the model in use.

    Raises:
        ModelError: it is missing or damaged.
    """
    models = store()
    return models.card(models.current())


def reader() -> Reader:
    """A reader with the model in use.

    Raises:
        ModelError: it is missing or damaged.
    """
    models, current = store(), card()
    return _reader(models.root, current.name, current.tflite_sha256)


def runs() -> RunStore:
    """The training runs on disk."""
    return RunStore()


def follower(run: Run) -> Follower:
    """Reads a run's events along, for all who watch it."""
    return _follower(run.folder, run)


@st.cache_resource(max_entries=FOLLOWERS_KEPT, show_spinner=False)
def _follower(folder: Path, _run: Run) -> Follower:  # noqa: ARG001 - the cache's key; a run's plan never changes
    return Follower(_run)


@st.cache_resource(show_spinner=False)
def _store(root: Path) -> ModelStore:
    """One store per folder: it remembers what it found whole, so that a card is not hashed on every rerun."""
    return ModelStore(root)


@st.cache_resource(max_entries=READERS_KEPT, show_spinner=False)
def _reader(root: Path, name: str, tflite_sha256: str) -> Reader:  # noqa: ARG001 - part of the cache's key
    """One reader per file of weights: the hash is part of the key, so a model published anew under its name shows."""
    classifier = _store(root).load(name)
    return Reader(classifier, recognition.beside(classifier))
