"""How long from lifting the pen to the answer on the page: `python -m tests.e2e.latency [--training]`.

Measured inside the browser: from its pointerup event to the change of the page that shows the answer. Trials write, in
turn, one digit of a single stroke on an empty sheet and a second one beside it.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from core.pens import Strokes, draw_digit
from core.runs.store import RunStore
from tests.e2e.browser import browse, context, open_draw, serve, write
from tests.e2e.training import start, wait_until, workshop

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
def beside_a_training() -> Iterator[str]:
    """Where an app is served while a network is trained, as its Train page starts it, for as long as that takes."""
    with workshop() as environment:
        run = start(RunStore(Path(environment["DIGITSCOPE_RUNS"])), epochs=1000)
        wait_until(run, "training")
        with serve(**environment) as address:
            yield address
        if run.state().status != "training":
            raise RuntimeError("the training ended before the measurement")


def main() -> None:
    """Print median and spread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")
    parser.add_argument("--training", action="store_true", help="while a network is trained on the same machine")
    arguments = parser.parse_args()
    served = beside_a_training() if arguments.training else serve()
    with served as address, browse() as browser, context(browser) as visitor:
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
