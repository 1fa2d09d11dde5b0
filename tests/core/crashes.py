"""Processes killed in the middle of a run, and what must hold afterwards."""

from __future__ import annotations

import psutil

from core.models import ModelStore
from core.runs import result
from core.runs.history import read_history
from core.runs.store import Run, RunStore


def workers_of(run: Run) -> list[psutil.Process]:
    """The process that works on a run, then those it has started."""
    found = []
    for process in psutil.process_iter():
        try:
            if run.id in process.cmdline() and "core" in process.cmdline():
                found += [process, *process.children(recursive=True)]
        except psutil.Error:
            continue
    return found


def kill(processes: list[psutil.Process]) -> None:
    """End processes at once, as `kill -9` does."""
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def everything_is_whole(runs: RunStore, models: ModelStore) -> None:
    """No half of anything is ever listed, and no curve goes back."""
    assert models.problems() == ()
    assert runs.problems() == ()
    for name in models.names():
        models.load(name)
    for run in runs.runs():
        made = result.read(run)
        if made is not None:
            made.classifier()
        positions = [point.position for point in read_history(run).points]
        assert positions == sorted(positions)
