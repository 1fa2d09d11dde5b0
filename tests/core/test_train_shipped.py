"""The shipped model's recipe as a script: what it would train, in which order, and that it goes on where it was."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

import pytest

from core.commands import train
from core.models import ModelStore
from core.training_plan import RECIPES
from scripts import train_shipped
from tests.core.drawings import shipped


def told(words: list[str]) -> Namespace:
    """What a training's arguments say."""
    parser = ArgumentParser()
    train.register(parser.add_subparsers())
    return parser.parse_args(words)


def test_the_shipped_model_is_what_the_script_makes() -> None:
    words = told(train_shipped.trainings(every=False)[-1])
    settings = shipped().card.settings

    assert words.name == "third-1"
    assert ",".join(settings["teachers"]) == words.teachers
    assert settings["optimizer"] == RECIPES["digitscope"].optimizer
    for name in ("start", "epochs", "learning_rate", "seed", "all_writers"):
        assert settings[name] == getattr(words, name), name


@pytest.mark.parametrize(("every", "count"), [(False, 7), (True, 9)])
def test_every_teacher_is_trained_before_it_teaches(every: bool, count: int) -> None:
    made: list[str] = []
    for words in train_shipped.trainings(every=every):
        needed = told(words)
        assert {needed.start, *(needed.teachers or "").split(",")} - {None, ""} <= set(made)
        made.append(needed.name)

    assert len(set(made)) == count


def test_it_goes_on_after_the_models_that_are_there_and_ends_where_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def train(words: list[str]) -> int:
        done.append(words[-1])
        return int(words[-1] == "first-3")

    monkeypatch.setattr(train_shipped, "command", train)
    monkeypatch.setattr(ModelStore, "names", lambda _self: ("digitscope", "first-1"))
    monkeypatch.setattr(sys, "argv", ["train_shipped"])

    assert train_shipped.main() == 1
    assert done == ["first-2", "first-3"]
