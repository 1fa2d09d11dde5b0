"""What a run may use, watched while it works."""

from __future__ import annotations

import time

from core.errors import TrainingError
from core.runs import process
from core.runs.plan import Limits

LOOK_EVERY_S = 0.5


class Watch:
    """Looks at what a run uses: at its memory twice a second, where that has a limit."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._looked = 0.0
        self._trained_s = 0.0
        self._going_since: float | None = None

    def check_memory(self) -> None:
        """Look, where that is due.

        Raises:
            TrainingError: the run uses more memory than it may.
        """
        limit, now = self.limits.memory_mb, time.monotonic()
        if limit is None or now - self._looked < LOOK_EVERY_S:
            return
        self._looked = now
        used = process.memory_mb()
        if used > limit:
            raise TrainingError(
                f"the run uses {used:,.0f} MB of memory, more than its limit of {limit:,.0f} MB; "
                "choose a smaller network, smaller batches or less data, or raise the limit"
            )

    def go(self) -> None:
        """Training goes on: its time counts."""
        if self._going_since is None:
            self._going_since = time.monotonic()

    def rest(self) -> None:
        """Training pauses."""
        self._trained_s = self.trained_s
        self._going_since = None

    @property
    def trained_s(self) -> float:
        """Seconds of training in this process, without pauses."""
        going = 0.0 if self._going_since is None else time.monotonic() - self._going_since
        return self._trained_s + going

    @property
    def time_is_over(self) -> bool:
        """Whether the run has trained for as long as it may."""
        return self.limits.minutes is not None and self.trained_s > 60 * self.limits.minutes
