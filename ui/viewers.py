"""How many visitors may use the camera at once: each takes a part of the server's processor and network."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Callable

from core.errors import SettingsError
from ui.viewer import Viewer

LIMIT_VARIABLE = "DIGITSCOPE_LIVE_VIEWERS"
# Two cores read and draw for four at about ten frames a second each.
DEFAULT_LIMIT = 4
# So long a visitor who has pressed start and is asked for permission keeps the place without a frame.
CLAIM_S = 45.0


class Viewers:
    """Who uses the camera now. A place is free again as soon as its frames end or its visitor is gone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._claims: weakref.WeakKeyDictionary[Viewer, float] = weakref.WeakKeyDictionary()

    def claim(self, viewer: Viewer, limit: int) -> bool:
        """Take a place for a visitor who starts the camera; False where all are taken."""
        with self._lock:
            others = (other for other in self._claims if other is not viewer)
            if sum(self._active(other) for other in others) >= limit:
                return False
            self._claims[viewer] = self._clock()
            return True

    def release(self, viewer: Viewer) -> None:
        """Give a place back."""
        with self._lock:
            self._claims.pop(viewer, None)

    def _active(self, viewer: Viewer) -> bool:
        figures = viewer.figures()
        return figures.running or (figures.frames == 0 and self._clock() - self._claims[viewer] < CLAIM_S)


def limit() -> int:
    """How many may use the camera at once: what the environment says, else four.

    Raises:
        SettingsError: the environment says something that is no number of visitors.
    """
    said = os.environ.get(LIMIT_VARIABLE, str(DEFAULT_LIMIT))
    if not said.isdecimal():
        raise SettingsError(f"{LIMIT_VARIABLE} is {said!r}; set it to how many may use the camera at once, as in 4")
    return int(said)
