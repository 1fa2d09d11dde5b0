"""Models named in arguments."""

from __future__ import annotations

from core.errors import SettingsError
from core.models import ModelStore


def model_named(name: str | None, store: ModelStore) -> str:
    """The model that `--model` names, the one in use without it; an empty word is a name like any other, and wrong."""
    return store.current() if name is None else name


def names_in(text: str, option: str) -> tuple[str, ...]:
    """The names in "one, other".

    Raises:
        SettingsError: there is none, an empty one, or one twice.
    """
    names = tuple(name.strip() for name in text.split(","))
    if not all(names) or len(set(names)) < len(names):
        raise SettingsError(f"{option} wants names of models parted by commas, each once, not {text[:60]!r}")
    return names
