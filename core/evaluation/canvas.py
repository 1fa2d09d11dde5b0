"""Recorded pens drawn on the app's canvas and read by the whole path, as if the person sat before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.datasets.strokes import PenDigit
from core.evaluation.measures import Share
from core.images import from_rgba
from core.normalization import normalize
from core.pens import Strokes, draw_not_digit, trace
from core.reader import CANVAS_SETTINGS, Reader

CANVAS_SIDE_PX = 280
INK_RGB = (27, 35, 64)  # the canvas's own ink; its paper is transparent
BRUSHES_PX = (8.0, 28.0)
HEIGHTS_PX = (60.0, 230.0)
BANDS = 3
THUMBNAIL_PX = 70
SEED = 41


@dataclass(frozen=True, eq=False)
class CanvasDrawing:
    """One digit on the canvas.

    rgba: (280, 280, 4) uint8, straight alpha. height_px: of the trajectory, without the brush.
    """

    rgba: NDArray[np.uint8]
    digit: int
    brush_px: float
    height_px: float


@dataclass(frozen=True, eq=False)
class CanvasAnswer:
    """What the reader made of one drawing, without its 300 KB of pixels.

    text: all that was read with the canvas's settings, "" for nothing. automatic_text: with everything automatic, as
        the picture of such a drawing is read.
    normalized: (28, 28) uint8, 255 = ink: the drawing as one digit. thumbnail: (70, 70) uint8, 255 = ink.
    """

    digit: int
    text: str
    automatic_text: str
    brush_px: float
    height_px: float
    normalized: NDArray[np.uint8]
    thumbnail: NDArray[np.uint8]

    @property
    def exact(self) -> bool:
        """Whether the text is the one digit that was drawn."""
        return self.text == str(self.digit)

    @property
    def automatic_exact(self) -> bool:
        """The same with everything automatic."""
        return self.automatic_text == str(self.digit)


@dataclass(frozen=True)
class Band:
    """How many were read exactly from `low` to `high` pixels."""

    low: float
    high: float
    exact: Share


def draw(strokes: Strokes, rng: np.random.Generator, *, brush_px: float, height_px: float) -> NDArray[np.uint8]:
    """Strokes, 1 high, at a random place that holds them wholly: (280, 280, 4) uint8, straight alpha.

    A digit too wide for the canvas at that height is drawn as large as fits.
    """
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    room = CANVAS_SIDE_PX - brush_px - 2
    scale = min(height_px, room / max(float((high - low).max()), 1e-6))
    margin = brush_px / 2 + 1
    spare = CANVAS_SIDE_PX - 2 * margin - (high - low) * scale
    corner = margin + rng.uniform(0, 1, 2) * np.maximum(spare, 0)
    offset = corner - low * scale
    ink = trace(
        strokes,
        size_hw=(CANVAS_SIDE_PX, CANVAS_SIDE_PX),
        brush_px=brush_px,
        scale=scale,
        offset=(float(offset[0]), float(offset[1])),
    )
    rgba = np.zeros((CANVAS_SIDE_PX, CANVAS_SIDE_PX, 4), np.uint8)
    rgba[ink > 0, :3] = INK_RGB
    rgba[..., 3] = ink
    return rgba


def drawings(pens: Iterable[PenDigit], seed: int = SEED) -> Iterator[CanvasDrawing]:
    """Each pen digit once, with a random brush, height and place; the same for the same seed."""
    rng = np.random.default_rng(seed)
    for pen in pens:
        brush_px, height_px = float(rng.uniform(*BRUSHES_PX)), float(rng.uniform(*HEIGHTS_PX))
        rgba = draw(pen.strokes, rng, brush_px=brush_px, height_px=height_px)
        yield CanvasDrawing(rgba, pen.digit, brush_px, height_px)


def without_number(reader: Reader, kinds: Sequence[str], rng: np.random.Generator, count: int) -> Share:
    """Of `count` lone marks of `core.pens` kinds, each drawn on a canvas of its own as the pens are, those in which no
    digit is read.
    """
    hits = 0
    for _ in range(count):
        strokes = draw_not_digit(rng, kinds[int(rng.integers(len(kinds)))])
        brush_px, height_px = float(rng.uniform(*BRUSHES_PX)), float(rng.uniform(*HEIGHTS_PX))
        image = from_rgba(draw(strokes, rng, brush_px=brush_px, height_px=height_px))
        hits += not any(character.isdigit() for character in reader.read(image, CANVAS_SETTINGS).text)
    return Share(hits, count)


def read(reader: Reader, pictures: Iterable[CanvasDrawing]) -> tuple[CanvasAnswer, ...]:
    """Read each drawing by the one path that the app takes."""
    return tuple(_answer(reader, picture) for picture in pictures)


def _answer(reader: Reader, picture: CanvasDrawing) -> CanvasAnswer:
    ink, image = np.ascontiguousarray(picture.rgba[..., 3]), from_rgba(picture.rgba)
    return CanvasAnswer(
        digit=picture.digit,
        text=reader.read(image, CANVAS_SETTINGS).text,
        automatic_text=reader.read(image).text,
        brush_px=picture.brush_px,
        height_px=picture.height_px,
        normalized=normalize(ink),
        thumbnail=np.asarray(cv2.resize(ink, (THUMBNAIL_PX, THUMBNAIL_PX), interpolation=cv2.INTER_AREA), np.uint8),
    )


def exact(answers: Sequence[CanvasAnswer]) -> Share:
    """Drawings whose whole text is the one digit."""
    return Share(sum(answer.exact for answer in answers), len(answers))


def bands(answers: Sequence[CanvasAnswer], values: Sequence[float], limits: tuple[float, float]) -> tuple[Band, ...]:
    """Exactness in three equal bands of a value (one per answer, brush or height) between `limits`."""
    edges = np.linspace(*limits, BANDS + 1)
    places = np.clip(np.digitize(values, edges) - 1, 0, BANDS - 1)
    return tuple(
        Band(float(edges[i]), float(edges[i + 1]), exact([a for a, p in zip(answers, places, strict=True) if p == i]))
        for i in range(BANDS)
    )
