"""The shipped model's recipe as a script: what it would train, in which order, and that it goes on where it was."""

from __future__ import annotations

import sys

import pytest

from core.models import ModelStore
from scripts import train_shipped
from tests.core.drawings import shipped


def test_the_shipped_model_is_what_the_script_makes() -> None:
    words = train_shipped.trainings(every=False)[-1]
    told = dict(zip(words[1::2], words[2::2], strict=True))
    settings = shipped().card.settings

    assert told["--name"] == "second-1"
    assert settings["start"] == told["--start"]
    assert ",".join(settings["teachers"]) == told["--teachers"]
    assert (settings["epochs"], settings["learning_rate"]) == (int(told["--epochs"]), float(told["--learning-rate"]))
    assert settings["seed"] == int(told["--seed"])


@pytest.mark.parametrize(("every", "count"), [(False, 4), (True, 6)])
def test_every_teacher_is_trained_before_it_teaches(every: bool, count: int) -> None:
    made: list[str] = []
    for words in train_shipped.trainings(every=every):
        told = dict(zip(words[1::2], words[2::2], strict=True))
        assert set(told.get("--teachers", "").split(",")) - {""} <= set(made)
        made.append(told["--name"])

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
