"""The app itself killed while a run that it started goes on: `kill -9` of the real server at random moments."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.models import ModelStore
from core.runs.history import read_history
from core.runs.store import Run, RunStore
from tests.core.crashes import everything_is_whole, kill, workers_of
from tests.e2e.browser import PATIENCE_MS, context, serve_process
from tests.e2e.training import (
    PATIENCE_S,
    TRAINING_MS,
    open_train,
    start_drawn_training,
    status,
    wait_until,
    workshop,
)

expect.set_options(timeout=PATIENCE_MS)
pytestmark = [pytest.mark.e2e, pytest.mark.slow]

EPOCHS = 1000
KILLS = 3
LONGEST_LIFE_S = 4.0
"""Until the server is killed, from the moment its page is open: the run is starting, making data, or training."""
PUBLISHING_S = 0.4


@contextmanager
def app_that_is_killed(browser: Browser, environment: dict[str, str]) -> Iterator[tuple[Page, Callable[[], None]]]:
    """The Train page of a fresh server, and what kills that server at once."""
    with serve_process(**environment) as (address, pid), context(browser) as visitor:
        page = visitor.new_page()
        open_train(page, address)
        yield page, lambda: os.kill(pid, signal.SIGKILL)


def test_a_run_survives_the_app_and_the_app_tells_of_it(browser: Browser) -> None:
    moments = random.Random(2026)
    with workshop() as environment:
        runs = RunStore(Path(environment["DIGITSCOPE_RUNS"]))
        models = ModelStore(Path(environment["DIGITSCOPE_MODELS"]))

        for _ in range(KILLS):
            with app_that_is_killed(browser, environment) as (page, kill_it):
                if not runs.ids():  # the first time, or the server died before it had begun
                    start_drawn_training(page, EPOCHS, "survivor")
                else:
                    expect(page.get_by_role("heading", name="survivor")).to_be_visible()
                time.sleep(moments.uniform(0, LONGEST_LIFE_S))
                kill_it()
            everything_is_whole(runs, models)
            assert not any(run.state().has_ended for run in runs.runs())

        (run,) = runs.runs()
        wait_until(run, "training")
        goes_on(run)
        kill(workers_of(run)[:1])
        epochs = len(read_history(run).epochs)
        with app_that_is_killed(browser, environment) as (page, kill_it):
            status(page, "Interrupted")
            page.get_by_role("button", name="Train on").click()
            status(page, "Training")
            goes_on(run)
            assert len(read_history(run).epochs) >= epochs - 1
            page.get_by_role("button", name="Stop and keep").click()
            status(page, "Stopped")
            page.get_by_role("button", name="Use this model").click(timeout=TRAINING_MS)
            time.sleep(moments.uniform(0, PUBLISHING_S))
            kill_it()
        everything_is_whole(runs, models)
        with app_that_is_killed(browser, environment) as (page, _):
            it_is_published_or_can_be(page, models)


def goes_on(run: Run) -> None:
    """The run comes further by itself."""
    before = read_history(run).share_done
    deadline = time.monotonic() + PATIENCE_S
    while read_history(run).share_done <= before:
        assert time.monotonic() < deadline, "nothing is learned any more"
        time.sleep(0.1)


def it_is_published_or_can_be(page: Page, models: ModelStore) -> None:
    """The page knows whether the server that died had published the model, and both ways lead to its use."""
    status(page, "Stopped")
    use, in_use = page.get_by_role("button", name="Use this model"), page.get_by_text("is in use on every page")
    undo = page.get_by_role("button", name="Undo: back to digitscope")
    expect(use.or_(undo)).to_be_visible(timeout=TRAINING_MS)
    assert in_use.count() == (models.current() == "survivor")
    if undo.count():
        undo.click()
    use.click()
    expect(in_use).to_be_visible()
    assert models.current() == "survivor"
