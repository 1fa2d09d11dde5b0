"""How long from lifting the pen to the answer on the page: `python -m tests.e2e.latency [--training]`.

Measured inside the browser: from its pointerup event to the change of the page that shows the answer. Trials write, in
turn, one digit of a single stroke on an empty sheet and a second one beside it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import cycle
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from core.pens import Strokes, draw_digit
from core.runs.plan import RunPlan
from core.runs.store import RunStore
from core.training_plan import settings_from
from tests.e2e.browser import browse, context, open_draw, serve, write

TRIALS = 20
SINGLE_STROKES = ((3, "smooth"), (6, "upright"), (0, "oval"), (2, "swan"), (8, "one stroke"))

# The time of the last pointerup, and of the first change of the answer after it.
_STOPWATCH = """
() => {
  const answer = () => document.querySelector("[data-testid=answer]")?.textContent ?? ""
  let lifted = 0, before = ""
  window.answered = null
  addEventListener("pointerup", () => { lifted = performance.now(); before = answer(); window.answered = null }, true)
  new MutationObserver(() => {
    if (lifted && window.answered === null && answer() !== before) window.answered = performance.now() - lifted
  }).observe(document.body, { childList: true, subtree: true, characterData: true })
}
"""


def measure(page: Page, address: str, trials: int) -> list[float]:
    """Milliseconds of each trial; the first drawing, which waits for the model to load, is not counted."""
    open_draw(page, address)
    page.evaluate(_STOPWATCH)
    generator = np.random.default_rng(7)
    _time(page, _stroke(3, "smooth", 20, generator))
    times: list[float] = []
    for digit, style in cycle(SINGLE_STROKES):
        page.get_by_test_id("stBaseButton-secondary").filter(has_text="Clear").click()
        page.get_by_role("heading", name="Write a number on the sheet").wait_for()
        times.append(_time(page, _stroke(digit, style, 20, generator)))
        times.append(_time(page, _stroke(digit, style, 160, generator)))
        if len(times) >= trials:
            return times[:trials]
    raise AssertionError("the cycle has no end")


@contextmanager
def training() -> Iterator[None]:
    """A run of the quickest preset's network in the background, as the Train page starts it, for as long as needed."""
    with tempfile.TemporaryDirectory() as folder:
        runs = RunStore(Path(folder))
        settings = settings_from("swift", {"epochs": 1000})
        run = runs.create(RunPlan(name="background", dataset="mnist", settings=settings))
        runs.launch(run)
        try:
            while run.state().status != "training":
                if run.state().has_ended:
                    raise RuntimeError(f"the training did not start: {run.state().sentence}")
                time.sleep(0.2)
            yield
            if run.state().status != "training":
                raise RuntimeError("the training ended before the measurement")
        finally:
            runs.discard(run.id)


def main() -> None:
    """Print median and spread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")
    parser.add_argument("--training", action="store_true", help="while a network is trained on the same machine")
    arguments = parser.parse_args()
    with (
        training() if arguments.training else nullcontext(),
        serve() as address,
        browse() as browser,
        context(browser) as visitor,
    ):
        times = measure(visitor.new_page(), address, arguments.trials)
    figures = {
        "median_ms": round(statistics.median(times)),
        "fastest_ms": round(min(times)),
        "slowest_ms": round(max(times)),
        "trials": len(times),
    }
    if arguments.json:
        print(json.dumps(figures))
    else:
        print(
            "pen up to answer: {median_ms} ms median, {fastest_ms} to {slowest_ms} ms, {trials} trials".format(
                **figures
            )
        )


def _stroke(digit: int, style: str, left: float, generator: np.random.Generator) -> Strokes:
    (stroke,) = draw_digit(digit, generator, style)
    return (stroke * 100 + np.array([left, 90], np.float32),)


def _time(page: Page, strokes: Strokes) -> float:
    write(page, strokes)
    page.wait_for_function("window.answered !== null")
    page.wait_for_timeout(300)  # the rest of the page, so that it does not slow the next stroke
    return float(page.evaluate("window.answered"))


if __name__ == "__main__":
    main()
