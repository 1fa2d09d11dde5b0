"""Real trainings for browser tests, measurements and pictures, with models and runs of their own."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from core.runs.plan import RunPlan
from core.runs.state import Status
from core.runs.store import Run, RunStore
from core.training_plan import settings_from
from tests.e2e.browser import ROOT

PATIENCE_S = 600.0


@contextmanager
def workshop() -> Iterator[dict[str, str]]:
    """Environment of an app with its own models and runs; what still works at the end is ended."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "models" / "digitscope", folder / "models" / "digitscope")
        try:
            yield {"DIGITSCOPE_MODELS": str(folder / "models"), "DIGITSCOPE_RUNS": str(folder / "runs")}
        finally:
            runs = RunStore(folder / "runs")
            for run in runs.runs():
                runs.discard(run.id)


def start(runs: RunStore, *, epochs: int, name: str = "swift-mnist") -> Run:
    """A training of the quickest preset's network, as the page starts it."""
    settings = settings_from("swift", {"epochs": epochs})
    run = runs.create(RunPlan(name=name, dataset="mnist", settings=settings))
    runs.launch(run)
    return run


def wait_until(run: Run, status: Status) -> None:
    """Wait until a run stands so; what ends otherwise is an error."""
    deadline = time.monotonic() + PATIENCE_S
    while (state := run.state()).status != status:
        if state.has_ended or time.monotonic() > deadline:
            raise RuntimeError(f"the training is {state.status}, not {status}: {state.sentence}")
        time.sleep(0.2)


def open_train(page: Page, address: str) -> None:
    """Go to the Train page."""
    page.goto(f"{address}/train")
    page.get_by_role("heading", name="Train", exact=True).wait_for()
