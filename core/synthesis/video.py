"""What a webcam sees: sheets with numbers that are brought before it, held still and taken away; and what is no number.

    for frame in held_numbers(("407", "52"), rng):
        ...

Every frame knows what stands on it and whether it is held still, so that a live reading can be compared with the truth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from core.synthesis.pages import written_page
from core.synthesis.paper import smooth_noise, white_noise
from core.synthesis.settings import PageSettings

SIZE_WH = (640, 480)
FRAMES_PER_SECOND = 30
DESK = (112, 96, 84)
# Each sheet lies askew by so much, and the hand that holds it trembles by so many pixels.
ASKEW_DEGREES = 4.0
TREMBLE_PX = 0.8
# Standard deviations of the lens's blur in pixels, and of the sensor's noise in gray values.
LENS_BLUR = 0.7
NOISE = 2.5
# Where a sheet comes from: so many picture heights below its place.
BELOW = 1.2

SHEET = PageSettings(size_wh=(500, 240), digit_height=(80.0, 100.0), noise=0.0, texture=1.5, jpeg_quality=100)


@dataclass(frozen=True, eq=False)
class VideoFrame:
    """One frame.

    pixels: (480, 640, 3) uint8 RGB.
    text: what is written on the sheet in it; empty where there is none.
    still: whether nothing moves but a hand's trembling.
    scene: counts sheets and the pauses between them, from 0.
    """

    pixels: NDArray[np.uint8]
    text: str
    still: bool
    scene: int


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long things take, in seconds: the empty desk, bringing a sheet or taking it away, holding it."""

    empty_s: float = 1.0
    moving_s: float = 0.6
    still_s: float = 2.4


def held_numbers(
    texts: Sequence[str],
    rng: np.random.Generator,
    *,
    pace: Pace = Pace(),
    sheet: PageSettings = SHEET,
    background: NDArray[np.uint8] | None = None,
) -> Iterator[VideoFrame]:
    """Sheets held before a camera, one after the other: an empty scene, a sheet that comes, stays and goes, and so on.

    Args:
        texts: what is written, lines parted by newlines.
        rng: decides hands, light, place and trembling.
        pace: how long things take.
        sheet: what a sheet looks like, before the camera's light and noise.
        background: (480, 640, 3) uint8 RGB; a plain desk when None.
    """
    camera = _Camera(_desk(rng) if background is None else background, rng)
    for number, text in enumerate(texts):
        page = written_page(text.split("\n"), sheet, rng).image.pixels
        askew = rng.uniform(-ASKEW_DEGREES, ASKEW_DEGREES)
        for _ in range(round(pace.empty_s * FRAMES_PER_SECOND)):
            yield VideoFrame(camera.take(), "", True, 2 * number)
        for start, end, duration_s in (
            (BELOW, 0.0, pace.moving_s),
            (0.0, 0.0, pace.still_s),
            (0.0, BELOW, pace.moving_s),
        ):
            frames = round(duration_s * FRAMES_PER_SECOND)
            for done in range(1, frames + 1):
                before, now = (start + (end - start) * _eased(step / frames) for step in (done - 1, done))
                yield VideoFrame(camera.take(page, askew, before, now), text, start == end, 2 * number + 1)


class _Camera:
    """A camera above a desk: uneven light that changes slowly, a hand that trembles, motion blur, noise."""

    def __init__(self, desk: NDArray[np.uint8], rng: np.random.Generator) -> None:
        self._desk = desk
        self._rng = rng
        self._angle = rng.uniform(0, 2 * pi)
        self._taken = 0

    def take(
        self, page: NDArray[np.uint8] | None = None, degrees: float = 0.0, before: float = 0.0, now: float = 0.0
    ) -> NDArray[np.uint8]:
        """A picture of the desk, or of a page that went from `before` to `now`, in picture heights below its place."""
        picture = self._desk
        if page is not None:
            # While the shutter is open the sheet moves on; three places are a good enough blur.
            open_for = (now - before) / 2
            places = [now - open_for * share for share in ((0.0, 0.5, 1.0) if open_for else (0.0,))]
            exposed = np.zeros(self._desk.shape, np.float32)
            for place in places:
                cv2.accumulate(self._laid(page, degrees, place), exposed)
            picture = np.asarray(cv2.convertScaleAbs(exposed, alpha=1 / len(places)), np.uint8)
        self._taken += 1
        lit = cv2.multiply(cv2.GaussianBlur(picture, (0, 0), LENS_BLUR), self._light(), dtype=cv2.CV_8U)
        # Noise of a sensor is mostly in brightness.
        noise = white_noise(lit.shape[:2], self._rng) * np.float32(NOISE)
        return np.asarray(cv2.add(lit, cv2.merge([noise] * 3), dtype=cv2.CV_8U), np.uint8)

    def _laid(self, page: NDArray[np.uint8], degrees: float, below: float) -> NDArray[np.uint8]:
        """The page on the desk."""
        width, height = SIZE_WH
        phase = 2 * pi * self._taken / FRAMES_PER_SECOND
        tremble = TREMBLE_PX * np.array([sin(2.3 * phase), cos(1.7 * phase)])
        middle = np.array([width / 2, height / 2 + below * height]) + tremble
        matrix = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), degrees, 1.0)
        matrix[:, 2] += middle - (page.shape[1] / 2, page.shape[0] / 2)
        laid = self._desk.copy()
        cv2.warpAffine(page, matrix, SIZE_WH, dst=laid, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)
        return laid

    def _light(self) -> NDArray[np.float32]:
        """(480, 640, 3) float32 factors: brighter on the lamp's side; the lamp wanders."""
        angle = self._angle + 0.1 * sin(self._taken / (2.0 * FRAMES_PER_SECOND))
        small = np.linspace(-1, 1, 9, dtype=np.float32)
        plane = 0.82 + 0.2 * (small[None, :] * np.float32(cos(angle)) + small[:, None] * np.float32(sin(angle)))
        return np.asarray(cv2.merge([cv2.resize(plane, SIZE_WH, interpolation=cv2.INTER_LINEAR)] * 3), np.float32)


def _desk(rng: np.random.Generator) -> NDArray[np.uint8]:
    """(480, 640, 3): a table with a faint grain."""
    width, height = SIZE_WH
    grain = 1 + 0.05 * cv2.resize(smooth_noise((height, width // 20), 3, rng), SIZE_WH, interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(grain[..., None] * np.array(DESK, np.float32), 0, 255), np.uint8)


def _eased(share: float) -> float:
    """0 to 1 as a hand moves: slowly at both ends."""
    return (1 - cos(pi * share)) / 2
