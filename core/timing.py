"""How long something takes, told so that one interrupted run does not matter."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def median_milliseconds(call: Callable[[], object], *, runs: int, warmups: int = 3) -> float:
    """Median duration of `call` over `runs`, after `warmups` that fill caches and are not counted."""
    for _ in range(warmups):
        call()
    durations = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        durations.append(time.perf_counter() - start)
    return 1000 * statistics.median(durations)
