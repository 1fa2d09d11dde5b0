"""How a camera's picture is kept up with: a minute of video, replayed as fast as a camera gives it."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import cv2
import numpy as np
import psutil
from numpy.typing import NDArray

from core.benchmark.figures import Figure
from core.benchmark.pictures import SIX_DIGITS, jpeg
from core.live import LiveReader, draw
from core.reader import Reader
from core.synthesis.video import FRAMES_PER_SECOND, held_numbers

SECONDS = 60
# Of all frames, so many may come while the one before is still being read.
LATE_SHARE = 0.01
# What Python's memory goes up and down by.
GROWTH_MB = 8


class _Shot(NamedTuple):
    """A frame of the video as a JPEG file, and whether its six digits are held still in it."""

    file: bytes
    held: bool


def live_figures(reader: Reader, seconds: float = SECONDS) -> tuple[Figure, ...]:
    """Reading and drawing of a minute of video with six digits at a time, each frame when it is due."""
    texts = ("\n".join(SIX_DIGITS), "582 940", "716309")
    video = [
        _Shot(jpeg(frame.pixels), bool(frame.text) and frame.still)
        for frame in held_numbers(texts, np.random.default_rng(4))
    ]
    live = LiveReader(reader)

    def see(pixels: NDArray[np.uint8], time_s: float) -> None:
        draw(pixels, live.look(pixels, time_s))

    replay = _replay(video, see, seconds)
    frames = round(seconds * FRAMES_PER_SECOND)
    return (
        Figure("live_frame", "a live 640x480 frame with 6 digits, read and drawn", replay.held_ms, "ms", 15),
        Figure(
            "live_late",
            f"frames not read in time, {seconds:.0f} s at {FRAMES_PER_SECOND} a second",
            replay.late,
            "frames",
            LATE_SHARE * frames,
            f"of {frames:,}",
        ),
        Figure("live_growth", "  memory gained meanwhile", replay.growth_mb, "MB", GROWTH_MB),
    )


class _Replay(NamedTuple):
    """Median milliseconds of a frame with a number held still; frames that came too soon; megabytes gained."""

    held_ms: float
    late: int
    growth_mb: float


def _replay(video: list[_Shot], see: Callable[[NDArray[np.uint8], float], None], seconds: float) -> _Replay:
    """Show each frame when it is due, and leave out those whose time has passed, as the app does."""
    held: list[float] = []
    count, seen, number = round(seconds * FRAMES_PER_SECOND), 0, 0
    before: float | None = None
    start = time.perf_counter()
    while number < count:
        time.sleep(max(0.0, start + number / FRAMES_PER_SECOND - time.perf_counter()))
        shot = video[number % len(video)]
        pixels = np.asarray(cv2.imdecode(np.frombuffer(shot.file, np.uint8), cv2.IMREAD_COLOR_RGB), np.uint8)
        began = time.perf_counter()
        see(pixels, number / FRAMES_PER_SECOND)
        done = time.perf_counter()
        if shot.held:
            held.append(1000 * (done - began))
        seen += 1
        if before is None and number >= count // 4:  # caches are full by then
            before = _megabytes()
        number = max(number + 1, int((done - start) * FRAMES_PER_SECOND))
    growth = 0.0 if before is None else max(0.0, _megabytes() - before)
    return _Replay(median(held) if held else 0.0, count - seen, growth)


def _megabytes() -> float:
    """What this process holds in memory now."""
    return float(psutil.Process().memory_info().rss) / 2**20
