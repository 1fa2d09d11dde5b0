"""Real trainings for browser tests, measurements and pictures, with models and runs of their own."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect

from core.runs.plan import RunPlan
from core.runs.state import Status
from core.runs.store import Run, RunStore
from core.training_plan import settings_from
from tests.e2e.browser import ROOT, at_rest

PATIENCE_S = 600.0
TRAINING_MS = 1000 * PATIENCE_S
"""A minute on an idle machine; a training gives way to everything else, and waits on a busy one."""


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
    return runs.start(RunPlan(name=name, dataset="mnist", settings=settings))


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


def choose(page: Page, label: str, option: str) -> None:
    """Choose from a list."""
    at_rest(page)  # what is made anew while a list is open closes it
    page.get_by_role("combobox", name=re.compile(label)).click()
    page.get_by_role("option", name=option, exact=True).click()


def set_number(page: Page, label: str, value: str) -> None:
    """Type a number and leave the field."""
    field = page.get_by_role("spinbutton", name=label, exact=True)
    field.fill(value)
    field.press("Enter")


def status(page: Page, word: str, timeout: float = TRAINING_MS) -> None:
    """Wait until the page says that a run stands so."""
    expect(page.get_by_text(re.compile(rf"^{word}\.")).first).to_be_visible(timeout=timeout)


def start_drawn_training(page: Page, epochs: int, name: str) -> None:
    """A training on a few thousand drawn digits, of which any machine has as many as it likes."""
    page.get_by_text("All settings").click()
    choose(page, "Data", "Drawn: digits and marks of our own making")
    slider = page.get_by_role("slider", name="Drawn pictures")
    expect(slider).to_be_enabled(timeout=TRAINING_MS)
    slider.focus()
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "5%")
    set_number(page, "Epochs", str(epochs))
    field = page.get_by_role("textbox", name="Name of the model")
    field.fill(name)
    field.press("Enter")
    page.get_by_role("button", name="Start training").click()
