"""One visitor's camera: each frame is drawn at once with what is known, and the newest is read in a thread beside it.

    viewer = Viewer(reader)
    picture = viewer.show(pixels)       # for every frame that comes; never waits for a reading

The thread starts with the first frame and ends by itself when no more come, whatever became of page, tab or network.
No Streamlit here: frames come from threads that know nothing of sessions.
"""

from __future__ import annotations

import logging
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.live import LiveReader, LiveSettings, LiveView, draw
from core.reader import Reader

# So long after the last frame the camera counts as off, and the thread ends.
IDLE_S = 2.0
# So long a number that is gone can still be frozen or kept.
LATELY_S = 2.0
# Figures are of the frames of so many seconds.
FIGURES_S = 2.0
READINGS_KEPT = 30

_log = logging.getLogger(__name__)
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Figures:
    """How the stream does.

    frames_per_second: that came and were drawn, over the last two seconds.
    read_ms, draw_ms: medians of what a frame takes to be read and to be drawn.
    dropped: frames since the start that were not read, since newer ones had come.
    seconds_since_frame: infinite before the first one.
    """

    frames_per_second: float = 0.0
    read_ms: float = 0.0
    draw_ms: float = 0.0
    frames: int = 0
    dropped: int = 0
    seconds_since_frame: float = float("inf")

    @property
    def running(self) -> bool:
        """Whether frames come."""
        return self.seconds_since_frame < IDLE_S


class Snapshot(NamedTuple):
    """What was seen at one moment: (H, W, 3) uint8 RGB with its numbers marked, and what is known of it."""

    picture: Pixels
    view: LiveView


class Viewer:
    """Reads and draws the frames of one camera. Its methods may be called from any thread, and none of them waits."""

    def __init__(self, reader: Reader, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._reader = reader
        self._settings = LiveSettings()
        self._waiting: tuple[Pixels, float] | None = None
        self._thread: threading.Thread | None = None
        self._view = LiveView()
        self._picture: Pixels | None = None
        self._seen: tuple[Pixels, LiveView] | None = None
        self._seen_s = 0.0
        self._frozen = False
        self._arrivals: deque[float] = deque()
        self._read_ms: deque[float] = deque(maxlen=READINGS_KEPT)
        self._draw_ms: deque[float] = deque(maxlen=READINGS_KEPT)
        self._figures = Figures()

    def use(self, reader: Reader, settings: LiveSettings) -> None:
        """Read with these from the next frame on."""
        with self._changed:
            self._reader, self._settings = reader, settings

    def freeze(self, frozen: bool) -> None:
        """Hold the picture and its numbers, or let them go on."""
        with self._changed:
            if frozen and not self._frozen:
                self._picture, self._view = self._lately() or (self._picture, self._view)
            self._frozen = frozen

    def show(self, pixels: Pixels) -> Pixels:
        """Take a frame in and give what is to be seen, both (H, W, 3) uint8 RGB."""
        start = time.perf_counter()
        with self._changed:
            self._arrived()
            if self._frozen and self._picture is not None:
                return self._picture
            if self._waiting is not None:
                self._figures = replace(self._figures, dropped=self._figures.dropped + 1)
            self._waiting = pixels, self._clock()
            self._ensure_thread()
            self._changed.notify()
            view, settings = self._view, self._settings
        picture = draw(pixels, view, settings)
        with self._changed:
            if not self._frozen or self._picture is None:
                self._picture = picture
            self._draw_ms.append(1000 * (time.perf_counter() - start))
        return picture

    def view(self) -> LiveView:
        """What is known now; nothing once the camera is off, unless it is frozen."""
        with self._changed:
            return self._view if self._frozen or self._running() else LiveView()

    def snapshot(self) -> Snapshot | None:
        """The last frame that shows all its numbers, of now or a moment ago; None where there is none.

        Who reaches for a button moves the sheet in the other hand: what was shown until then is meant.
        """
        with self._changed:
            return self._lately()

    def figures(self) -> Figures:
        """How the stream does."""
        with self._changed:
            now = self._clock()
            recent = sum(now - arrival <= FIGURES_S for arrival in self._arrivals)
            since = now - self._arrivals[-1] if self._arrivals else float("inf")
            return replace(
                self._figures,
                frames_per_second=recent / FIGURES_S if since < IDLE_S else 0.0,
                read_ms=statistics.median(self._read_ms) if self._read_ms else 0.0,
                draw_ms=statistics.median(self._draw_ms) if self._draw_ms else 0.0,
                seconds_since_frame=since,
            )

    def reset(self) -> None:
        """Begin anew: nothing seen, nothing counted, nothing frozen."""
        with self._changed:
            self._view, self._picture, self._seen, self._frozen = LiveView(), None, None, False
            self._figures = Figures()
            for kept in (self._arrivals, self._read_ms, self._draw_ms):
                kept.clear()

    def _lately(self) -> Snapshot | None:
        """What is frozen, or was seen a moment ago."""
        if self._frozen and self._picture is not None and self._view.tracks:
            return Snapshot(self._picture, self._view)
        if self._seen is None or self._clock() - self._seen_s >= LATELY_S:
            return None
        pixels, view = self._seen
        return Snapshot(draw(pixels, view, self._settings), view)

    def _arrived(self) -> None:
        now = self._clock()
        self._arrivals.append(now)
        while now - self._arrivals[0] > FIGURES_S:
            self._arrivals.popleft()
        self._figures = replace(self._figures, frames=self._figures.frames + 1)

    def _running(self) -> bool:
        return bool(self._arrivals) and self._clock() - self._arrivals[-1] < IDLE_S

    def _ensure_thread(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._read_frames, name="digitscope_live", daemon=True)
            self._thread.start()

    def _read_frames(self) -> None:
        """Read the newest frame again and again, until none comes any more."""
        live: tuple[Reader, LiveReader] | None = None
        while True:
            with self._changed:
                if not self._changed.wait_for(lambda: self._waiting is not None, timeout=IDLE_S):
                    self._thread = None
                    return
                assert self._waiting is not None
                (pixels, taken_s), self._waiting = self._waiting, None
                reader, settings = self._reader, self._settings
            if live is None or live[0] is not reader:
                live = reader, LiveReader(reader)
            try:
                view = live[1].look(pixels, taken_s, settings)
            except Exception:  # noqa: BLE001 - one frame must not end the stream; the log has what happened
                _log.exception("a frame could not be read")
                view = LiveView()
            with self._changed:
                self._read_ms.append(view.milliseconds)
                if not self._frozen:
                    self._view = view
                    if view.tracks and all(track.strength == 1 for track in view.tracks):  # none that fades
                        self._seen, self._seen_s = (pixels, view), self._clock()
