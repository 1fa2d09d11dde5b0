"""Runs as real processes: started, paused, stopped, killed at random moments, and gone on with."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from core.models import ModelStore
from core.runs import result
from core.runs.history import read_history
from core.runs.plan import Limits, RunPlan
from core.runs.store import Run, RunStore
from core.training_plan import settings_from
from tests.core.crashes import everything_is_whole, kill, workers_of

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.slow

KILLS = 10
LONGEST_LIFE_S = 16.0
"""Loading takes five to ten seconds, drawing the data three, the rest is training."""
PATIENCE_S = 180.0

# What an app does with runs, as a process that can be killed: it starts one, and looks on.
APP = """
import sys, time
from core.runs.history import Follower
from core.runs.store import RunStore
runs = RunStore()
run = runs.run(sys.argv[1])
runs.launch(run)
follower = Follower(run)
print("launched", flush=True)
while True:
    follower.history(), run.state(), runs.at_work()
    time.sleep(0.05)
"""


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    """Runs and models of their own; what still works at the end is ended."""
    monkeypatch.setenv("DIGITSCOPE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("DIGITSCOPE_DATA", str(tmp_path / "no-data"))
    runs = RunStore()
    yield runs
    for run in runs.runs():
        runs.discard(run.id)


def tiny(epochs: int = 60, **changes: object) -> RunPlan:
    """A training on a few drawn digits: an epoch is a fraction of a second."""
    settings = settings_from("plain", {"epochs": epochs, "batch_size": 16, "seed": 5})
    plan = RunPlan(name="tiny", dataset="synthetic", share=0.005, settings=settings)
    return replace(plan, **changes)  # type: ignore[arg-type]


def wait_for(what: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def status_is(run: Run, *statuses: str) -> Callable[[], bool]:
    return lambda: run.state().status in statuses


def test_ten_kills_at_random_moments_lose_nothing_but_time(runs: RunStore) -> None:
    generator = random.Random(2026)
    run, models = runs.create(tiny(publishes=True)), ModelStore()
    reached = []

    for number in range(KILLS):
        if run.state().status == "finished":
            break
        app = subprocess.Popen([sys.executable, "-c", APP, run.id], stdout=subprocess.PIPE, text=True)
        assert app.stdout is not None
        assert app.stdout.readline() == "launched\n"
        time.sleep(generator.uniform(0.0, LONGEST_LIFE_S))
        if number % 2:
            app.kill()  # the run goes on without it
            app.wait()
            assert run.state().status in ("starting", "preparing", "training", "measuring", "finished")
        # The process alone: the ones that draw its data must end by themselves.
        helpers = workers_of(run)
        kill(helpers[:1])
        wait_for(lambda: run.state().has_ended, 40.0)
        assert run.state().status in ("interrupted", "finished")
        wait_for(lambda helpers=helpers: not any(_lives(process) for process in helpers), 10.0)  # type: ignore[misc]
        everything_is_whole(runs, models)
        reached.append(read_history(run).share_done)
        app.kill()
        app.wait()
        app.stdout.close()

    one_epoch = 1 / run.plan.settings.epochs
    lost = [before - after for before, after in pairwise(reached)]
    assert max(lost) <= one_epoch + 1e-9, "a crash lost more than the epoch that ran"
    if run.state().status != "finished":
        runs.launch(run)
    wait_for(status_is(run, "finished"))
    everything_is_whole(runs, models)
    history = read_history(run)
    assert [epoch.done.epoch for epoch in history.epochs] == list(range(1, 61))
    wait_for(lambda: models.names() == ("tiny",), 10.0)


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_run_is_paused_resumed_stopped_and_trains_on(runs: RunStore) -> None:
    run = runs.create(tiny(epochs=400))
    runs.launch(run)
    wait_for(lambda: len(read_history(run).points) > 2)

    run.ask("pause")
    wait_for(status_is(run, "paused"), 5.0)
    paused = read_history(run).points[-1]
    time.sleep(1.5)
    assert read_history(run).points[-1] == paused
    run.ask("go")
    wait_for(lambda: read_history(run).points[-1].position > paused.position, 5.0)

    run.ask("stop")
    wait_for(status_is(run, "measuring", "stopped"), 5.0)
    wait_for(status_is(run, "stopped"))
    made = result.read(run)
    assert made is not None
    assert made.card.settings["finished"] is False
    stopped = read_history(run).points[-1].position

    runs.launch(run)
    wait_for(status_is(run, "training"))
    wait_for(lambda: read_history(run).points[-1].position > stopped)
    assert run.state().status == "training"
    runs.discard(run.id)
    wait_for(lambda: not workers_of(run), 10.0)
    assert runs.ids() == ()


def test_of_two_that_start_at_once_one_trains_and_the_other_waits(runs: RunStore) -> None:
    pair = [runs.create(tiny(epochs=400, name=f"tiny-{number}")) for number in range(2)]
    for run in pair:
        runs.launch(run)

    wait_for(lambda: sorted(run.state().status for run in pair) in (["preparing", "waiting"], ["training", "waiting"]))
    trains, waits = sorted(pair, key=lambda run: run.state().status == "waiting")
    assert "begins by itself" in waits.state().sentence
    kill(workers_of(trains)[:1])
    wait_for(status_is(waits, "preparing", "training"))
    assert trains.state().status == "interrupted"


def test_a_run_that_needs_more_memory_than_it_may_says_so(runs: RunStore) -> None:
    run = runs.create(tiny())

    runs.launch(run, Limits(memory_mb=150))
    wait_for(lambda: run.state().has_ended)

    assert run.state().status == "failed"
    assert "more than its limit of 150 MB" in run.state().sentence


def test_a_run_gives_way_to_everything_else(runs: RunStore) -> None:
    run = runs.create(tiny(epochs=400))
    runs.launch(run)
    wait_for(status_is(run, "preparing"))

    niceness = {process.nice() for process in workers_of(run) if _lives(process)}
    assert niceness == {10} or os.name == "nt"


def test_by_hand_a_run_is_made_stored_and_leaves_no_line_of_tensorflow(runs: RunStore) -> None:
    words = ["--network", "plain", "--dataset", "synthetic", "--share", "0.005", "--epochs", "2", "--batch-size", "16"]

    ended = subprocess.run(
        [sys.executable, "-m", "core", "train", *words], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )

    (run,) = runs.runs()
    assert ended.stdout.startswith("Stored the model 'plain-synthetic': 34,826 parameters")
    assert ModelStore().names() == ("plain-synthetic",)
    assert run.state().status == "finished"
    lines = ended.stderr.splitlines()
    assert [line.split()[0] for line in lines] == ["epoch", "epoch", "exporting"]
