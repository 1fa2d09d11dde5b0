"""`python -m core train`: what it refuses before anything is loaded, and what it plans."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.commands import train
from core.models import ModelStore
from core.runs import result
from core.runs.store import Run, RunStore
from core.runs.work import Made
from tests.core.test_runs import FIVE, SEVEN, made
from tests.core.tiny_models import card_of, tiny_tflite


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """Runs and models of their own; nothing is trained, and any model becomes a matrix."""
    monkeypatch.setenv("DIGITSCOPE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(tmp_path / "models"))

    def make(run: Run, _: object) -> Made:
        return made(run.plan.name)

    monkeypatch.setattr(train, "_make", make)
    return RunStore()


def planned(runs: RunStore) -> Run:
    (run,) = runs.runs()
    return run


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--epochs", "0"], "epochs is 0; choose 1 to 1000"),
        (["--network", "resnet"], "there is no network 'resnet'; choose one of digitscope, swift, plain, large"),
        (["--dataset", "cifar"], "there is no data set 'cifar'; choose one of all, mnist, pens, synthetic"),
        (["--dataset", "mnist+all"], "there is no data set 'mnist+all'"),
        (["--learning-rate", "nan"], "learning rate is nan; choose 1e-06 to 1"),
        (["--share", "0"], "the share of pictures to make is 0.0"),
        (["--schedule", "steps"], "there is no schedule 'steps'"),
        (["--optimizer", "sgd"], "there is no optimizer 'sgd'; choose one of adamw, muon"),
        (["--all-writers"], "learning from all writers leaves none to calibrate by; name a model to start from"),
        (["--memory-limit", "0"], "the limit of memory is 0.0"),
        (["--time-limit", "-3"], "the limit of time is -3.0"),
        (["--teachers", ""], "--teachers wants names of models parted by commas, each once, not ''"),
        (["--teachers", "digitscope, digitscope"], "--teachers wants names of models parted by commas, each once"),
        (["--name", "My model"], "'My model' cannot name a model; use 1 to 40 of a-z"),
        (["--name", "digitscope"], "choose another --name, or add --replace-shipped"),
        (["--run", "20260101-000000-abcdef", "--epochs", "3"], "--run holds all settings; leave out --epochs"),
        (["--config", "a", "--run", "b"], "--run holds all settings; leave out --config"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_makes_no_run(
    runs: RunStore, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["train", *words])

    output = capsys.readouterr()
    assert status == 2
    assert sentence in output.err
    assert output.err.count("\n") == 1
    assert runs.ids() == ()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--run", "../models"], "there is no run '../models'"),
        (["--run", ""], "there is no run ''"),
        (["--config", "missing.json"], "missing.json cannot be read"),
        (["--start", "nobody"], "there is no model 'nobody'"),
        (["--teachers", "nobody,other"], "there is no model 'nobody'"),
    ],
)
def test_what_is_not_there_is_one_sentence(
    runs: RunStore, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *words]) == 1
    assert sentence in capsys.readouterr().err
    assert runs.ids() == ()


def test_options_become_the_plan_and_its_command(runs: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--network", "plain", "--dataset", "mnist+pens", "--epochs", "3", "--seed", "7", "--dropout", "0.5"]
    words += ["--start", "one", "--teachers", "one,other", "--all-writers"]
    for name in ("one", "other"):
        ModelStore().publish(name, tiny_tflite(), None, card_of(tiny_tflite(), name))

    assert main(["train", *words]) == 0

    plan = planned(runs).plan
    assert (plan.name, plan.dataset, plan.share, plan.publishes) == ("plain-mnist-pens", "mnist+pens", 1.0, True)
    assert (plan.settings.epochs, plan.settings.dropout, plan.settings.seed) == (3, 0.5, 7)
    assert (plan.settings.start, plan.settings.teachers, plan.settings.all_writers) == ("one", ("one", "other"), True)
    assert plan.command == "python -m core train " + " ".join(words)
    assert "Stored the model 'plain-mnist-pens'" in capsys.readouterr().out


def stored(name: str, tflite: bytes) -> None:
    ModelStore().publish(name, tflite, None, card_of(tflite, name))


def answer_of(name: str) -> int:
    """The digit that a stored model takes everything for."""
    return int(ModelStore().load(name).probabilities(np.zeros((1, 28, 28), np.uint8)).argmax())


def test_a_name_that_is_taken_is_refused_before_anything(runs: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    stored("mine", FIVE)

    assert main(["train", "--network", "plain", "--dataset", "mnist", "--name", "mine"]) == 2

    said = capsys.readouterr().err
    assert "there is a model 'mine' already; choose another --name, or delete that one" in said
    assert "python -m core models delete mine" in said
    assert said.count("\n") == 1
    assert runs.ids() == ()
    assert answer_of("mine") == 5


def test_a_name_that_nobody_gave_gets_a_number_where_it_is_taken(
    runs: RunStore, capsys: pytest.CaptureFixture[str]
) -> None:
    stored("plain-mnist", FIVE)

    assert main(["train", "--network", "plain", "--dataset", "mnist"]) == 0

    assert planned(runs).plan.name == "plain-mnist-2"
    assert "Stored the model 'plain-mnist-2'" in capsys.readouterr().out
    assert ModelStore().names() == ("plain-mnist", "plain-mnist-2")
    assert (answer_of("plain-mnist"), answer_of("plain-mnist-2")) == (5, 7)


def test_a_damaged_model_does_not_keep_its_name(runs: RunStore) -> None:
    stored("mine", FIVE)
    (ModelStore().root / "mine" / "model.tflite").write_bytes(b"TFL3")

    assert main(["train", "--name", "mine"]) == 0
    assert answer_of("mine") == 7


def test_a_model_that_came_meanwhile_is_not_replaced_and_the_run_keeps_its_own(
    runs: RunStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def make(run: Run, _: object) -> Made:
        stored("mine", FIVE)  # somebody else was quicker
        return made("mine")

    monkeypatch.setattr(train, "_make", make)

    assert main(["train", "--name", "mine"]) == 1

    run, said = planned(runs), capsys.readouterr().err
    assert "there is another model 'mine' already, which stays" in said
    assert f"python -m core train --run {run.id}" in said
    assert answer_of("mine") == 5
    kept = result.read(run)
    assert kept is not None
    assert kept.tflite == SEVEN
    assert run.state().status == "finished"


def test_a_run_that_goes_on_replaces_its_own_model(runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    main(["train", "--name", "mine"])
    assert answer_of("mine") == 7
    monkeypatch.setattr(train, "_make", lambda run, _: made(run.plan.name, tflite=FIVE))

    assert main(["train", "--run", planned(runs).id]) == 0

    assert answer_of("mine") == 5


def test_a_run_that_goes_on_leaves_the_model_of_another(runs: RunStore) -> None:
    main(["train", "--name", "mine"])
    stored("mine", FIVE)

    assert main(["train", "--run", planned(runs).id]) == 1

    assert answer_of("mine") == 5


def test_the_shipped_model_is_replaced_when_that_is_asked_for(runs: RunStore) -> None:
    assert main(["train", "--name", "digitscope", "--replace-shipped"]) == 0
    assert planned(runs).plan.name == "digitscope"
    assert planned(runs).plan.command == "python -m core train --name digitscope --replace-shipped"


def test_the_settings_of_a_run_make_another(runs: RunStore, tmp_path: Path) -> None:
    main(["train", "--network", "swift", "--epochs", "2"])
    first = planned(runs)
    copy = tmp_path / "copy.json"
    copy.write_bytes((first.folder / "config.json").read_bytes())

    assert main(["train", "--config", str(copy)]) == 0

    second = runs.runs()[0] if runs.runs()[0].id != first.id else runs.runs()[1]
    assert second.plan.settings == first.plan.settings
    assert second.plan.command == f"python -m core train --config {copy}"


def test_a_run_of_the_page_is_not_published_by_itself(runs: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    main(["train", "--network", "swift"])
    run = planned(runs)
    values = json.loads((run.folder / "config.json").read_text())
    (run.folder / "config.json").write_text(json.dumps(values | {"publishes": False, "name": "from-the-page"}))
    capsys.readouterr()

    assert main(["train", "--run", run.id]) == 0

    assert "The Train page publishes it." in capsys.readouterr().out


def test_an_interrupted_training_says_how_to_go_on(
    runs: RunStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> Made:
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "_make", interrupted)

    assert main(["train", "--network", "swift"]) == 130
    assert f"python -m core train --run {planned(runs).id}" in capsys.readouterr().err
    assert planned(runs).state().status == "interrupted"


def test_a_training_that_was_stopped_early_replaces_no_model(
    runs: RunStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(train, "_make", lambda run, _: made(run.plan.name, finished=False))

    assert main(["train", "--network", "swift"]) == 0

    assert capsys.readouterr().out.startswith("Stopped early: 8,635 parameters")
    assert ModelStore().names() == ()
