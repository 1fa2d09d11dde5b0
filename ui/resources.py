"""What all sessions share: the model store, and a reader for the model in use."""

from __future__ import annotations

import streamlit as st

from core.card import Card
from core.models import ModelStore
from core.reader import Reader

# Enough for people who compare models side by side; a reader holds its network and one interpreter per thread and batch size.
READERS_KEPT = 4


def store() -> ModelStore:
    """The models on disk. Made anew each time: it holds nothing, and what others publish is seen at once."""
    return ModelStore()


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
    current = card()
    return _reader(current.name, current.tflite_sha256)


@st.cache_resource(max_entries=READERS_KEPT, show_spinner=False)
def _reader(name: str, tflite_sha256: str) -> Reader:
    """One reader per file of weights: the hash is part of the key, so a model published anew under its old name shows."""
    return Reader(store().load(name))
