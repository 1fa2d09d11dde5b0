"""Digits side by side: apart, touching or broken, slanted, dancing on their line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, radians, tan
from typing import Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from core.geometry import Box, union
from core.pens import Strokes, draw_currency, draw_parentheses, draw_percent, draw_slash, render
from core.synthesis.glyphs import DigitSource, pen_digits
from core.synthesis.labels import label_text, printed_label, written_label

Signs = Literal["none", "money", "percent", "parentheses", "slashes", "label"]
"""What stands with the digits of a number: a dollar, pound or euro before or behind it, a percent sign behind it,
parentheses around it, slashes between the parts of a date, a word before or behind it."""

INK = 96
"""Gray value above which a pixel counts as ink when digits are moved together."""
MNIST_GLYPH = 20
"""Digits are 20 pixels high in MNIST's 28; touching is counted in those pixels."""
DEEPEST = 0.4
"""Share of a wide digit that may lie in its neighbor."""
NARROW, WIDE = 0.25, 0.6
"""Width over height of a 1 and of a round digit. A 1 only touches: no one can read it once it lies in a 6."""
NESTING = 0.3
"""Share of the narrower digit that may reach over its neighbor, as the bar of a 7 over a 4."""


class _Room(NamedTuple):
    """Least and most height of a sign, and distance to its neighbors, in digit heights."""

    heights: tuple[float, float]
    gaps: tuple[float, float] = (0.02, 0.35)


ROOMS: dict[Signs, _Room] = {
    "money": _Room((0.9, 1.35), (0.02, 0.4)),
    "percent": _Room((0.6, 1.1)),
    "parentheses": _Room((1.0, 1.5)),
    "slashes": _Room((1.0, 1.55)),
    "label": _Room((0.35, 1.0), (0.08, 1.0)),
}


@dataclass(frozen=True, kw_only=True)
class NumberSettings:
    """How the digits of a number stand beside each other.

    gaps: least and most distance of neighboring ink, in digit heights; not used when they touch.
    pitch: distance from middle to middle in digit heights, as in a form's cells; 0: as wide as they are.
    touching: how far neighbors reach into each other, in pixels of a 20-pixel digit; 0 keeps them apart.
        Narrow digits less: see `DEEPEST`.
    broken: share of digits with a gap in a stroke, as a failing pen or a scan leaves it.
    slant_degrees: least and most lean to the right; one value for the whole number.
    size_jitter, baseline_jitter: standard deviations in digit heights.
    signs: what stands with its digits, by the same pen but for words in print; nothing where there is a pitch.
    """

    gaps: tuple[float, float] = (0.12, 0.35)
    pitch: float = 0.0
    touching: float = 0.0
    broken: float = 0.0
    slant_degrees: tuple[float, float] = (0.0, 0.0)
    size_jitter: float = 0.04
    baseline_jitter: float = 0.025
    signs: Signs = "none"


@dataclass(frozen=True, eq=False)
class Number:
    """A written number: (h, w) uint8 ink with 255 = ink, cropped; a box per digit; the row its digits stand on.

    glyphs: each digit's own ink, as large as its box, also where digits lie over each other.
    """

    text: str
    ink: NDArray[np.uint8]
    boxes: tuple[Box, ...]
    baseline: int
    glyphs: tuple[NDArray[np.uint8], ...]

    def __post_init__(self) -> None:
        if len(self.boxes) != len(self.text):
            raise ValueError(f"{len(self.text)} digits but {len(self.boxes)} boxes")


def number_ink(
    text: str,
    rng: np.random.Generator,
    *,
    height_px: float = 64.0,
    settings: NumberSettings = NumberSettings(),
    source: DigitSource | None = None,
) -> Number:
    """Write a number, `text` of digits 0 to 9, about `height_px` high.

    Raises:
        ValueError: no digits, or something else among them.
    """
    if not text or not all("0" <= character <= "9" for character in text):
        raise ValueError(f"a number is made of digits 0 to 9, not {text!r}")
    source = source or pen_digits()
    slant = rng.uniform(*settings.slant_degrees)
    glyphs = []
    for character in text:
        glyph = _sized(source(int(character), rng), height_px * max(0.6, rng.normal(1, settings.size_jitter)))
        glyph = _slanted(glyph, slant) if slant else glyph
        glyphs.append(_broken(glyph, rng) if rng.random() < settings.broken else glyph)
    tops = [round(height_px * (1 + rng.normal(0, settings.baseline_jitter))) - len(glyph) for glyph in glyphs]
    if settings.pitch > 0:
        lefts = [round((i + 0.5) * settings.pitch * height_px - glyph.shape[1] / 2) for i, glyph in enumerate(glyphs)]
        return _joined(text, glyphs, lefts, tops, round(height_px))
    distances = [_distance(rng, height_px, settings) for _ in text]
    signs = _signs(settings.signs, glyphs, height_px, slant, rng)
    for sign in reversed(signs):
        glyphs.insert(sign.place, sign.ink)
        tops.insert(sign.place, sign.top)
        # A sign touches no digit, and neither does the digit behind it.
        apart = [max(1.0, rng.uniform(*ROOMS[settings.signs].gaps) * height_px) for _ in range(2)]
        distances[sign.place : sign.place + 1] = apart if sign.place < len(text) else apart[:1]
    places = [sign.place + before for before, sign in enumerate(signs)]
    return _joined(text, glyphs, _lefts(glyphs, tops, distances), tops, round(height_px), signs=places)


class _Sign(NamedTuple):
    """What is no digit: behind how many digits it stands, its ink, its first row, where digits stand on `height_px`."""

    place: int
    ink: NDArray[np.uint8]
    top: int


def _signs(
    signs: Signs, glyphs: Sequence[NDArray[np.uint8]], height_px: float, slant: float, rng: np.random.Generator
) -> list[_Sign]:
    """Signs, most of them by the pen that wrote the digits and about as high as they, from left to right."""
    if signs == "none":
        return []
    pen = float(np.median([_stroke_width(glyph) for glyph in glyphs])) * rng.uniform(0.85, 1.15)
    share, result = rng.uniform(*ROOMS[signs].heights), []
    if signs == "label":
        ink, baseline = _label(height_px * share, max(1.0, pen), rng)
        place = 0 if rng.random() < 0.75 else len(glyphs)
        return [_Sign(place, ink, round(height_px * (1 + rng.normal(0, 0.06))) - baseline)]
    for place, strokes in _drawn_signs(signs, len(glyphs), rng):
        height = height_px * share * rng.uniform(0.92, 1.08)
        ink = np.asarray(render(strokes, height_px=height, brush_px=max(1.0, pen)), np.uint8)
        ink = _slanted(ink, slant) if slant else ink
        result.append(_Sign(place, ink, round(height_px * rng.normal(0.5, 0.06) - len(ink) / 2)))
    return result


def _label(height_px: float, pen_px: float, rng: np.random.Generator) -> tuple[NDArray[np.uint8], int]:
    """A word, two of three times in print, and the row that it stands on."""
    if rng.random() < 2 / 3:
        return printed_label(label_text(rng), height_px, rng)
    ink = written_label(height_px, pen_px, rng)
    return ink, len(ink)


def _drawn_signs(signs: Signs, count: int, rng: np.random.Generator) -> list[tuple[int, Strokes]]:
    """Where signs stand among `count` digits, and their strokes."""
    if signs == "money":
        return [(int(rng.integers(2)) * count, draw_currency(rng))]
    if signs == "percent":
        return [(count, draw_percent(rng))]
    if signs == "parentheses":
        opening, closing = draw_parentheses(rng)
        return [(0, opening), (count, closing)]
    day = int(rng.integers(1, 3))
    month = day + int(rng.integers(1, 3))
    return [(place, draw_slash(rng)) for place in (day, month) if place < count]


def _stroke_width(glyph: NDArray[np.uint8]) -> float:
    """Pixels across a digit's strokes: twice the depth of the ink where it is deep."""
    depth = cv2.distanceTransform((np.pad(glyph, 1) > INK).astype(np.uint8), cv2.DIST_L2, 3)
    return 2 * float(np.percentile(depth[depth > 0], 90)) if depth.any() else 1.0


def _distance(rng: np.random.Generator, height_px: float, settings: NumberSettings) -> float:
    """Pixels between two neighbors; below 0 they overlap."""
    if settings.touching > 0:
        return -settings.touching * height_px / MNIST_GLYPH
    return max(1.0, rng.uniform(*settings.gaps) * height_px)


def _lefts(glyphs: Sequence[NDArray[np.uint8]], tops: Sequence[int], distances: Sequence[float]) -> list[int]:
    """First column of each digit; `distances[i]` is from digit i - 1 to digit i."""
    lefts = [0]
    highest, lowest = min(tops), max(top + len(glyph) for top, glyph in zip(tops, glyphs, strict=True))
    standing = [
        cv2.copyMakeBorder(glyph, top - highest, lowest - top - len(glyph), 0, 0, cv2.BORDER_CONSTANT)
        for top, glyph in zip(tops, glyphs, strict=True)
    ]
    for last, glyph, distance in zip(standing[:-1], standing[1:], distances[1:], strict=True):
        lefts.append(lefts[-1] + _step(np.asarray(last, np.uint8), np.asarray(glyph, np.uint8), distance))
    return lefts


def _joined(
    text: str,
    glyphs: Sequence[NDArray[np.uint8]],
    lefts: Sequence[int],
    tops: Sequence[int],
    baseline: int,
    *,
    signs: Sequence[int] = (),
) -> Number:
    """All digits and signs on one picture, cropped; the glyphs at the indices `signs` are no digits."""
    boxes = [Box(x, y, glyph.shape[1], len(glyph)) for x, y, glyph in zip(lefts, tops, glyphs, strict=True)]
    whole = union(boxes)
    ink = np.zeros((whole.height, whole.width), np.uint8)
    moved = tuple(Box(box.x - whole.x, box.y - whole.y, box.width, box.height) for box in boxes)
    for glyph, box in zip(glyphs, moved, strict=True):
        region = ink[box.y : box.bottom, box.x : box.right]
        np.maximum(region, glyph, out=region)
    digits = [index for index in range(len(glyphs)) if index not in signs]
    return Number(text, ink, tuple(moved[i] for i in digits), baseline - whole.y, tuple(glyphs[i] for i in digits))


def _step(last: NDArray[np.uint8], glyph: NDArray[np.uint8], distance: float) -> int:
    """Columns from one digit's left to the next one's, so that ink comes as near to ink as asked.

    last, glyph: equally high, both on the same line.
    """
    reach = max(0, round(distance))
    edge, start = _right_edges(_spread(last, reach)), _left_edges(_spread(glyph, reach))
    both = (edge >= 0) & (start < glyph.shape[1])
    # One more column than this and no row of one digit would meet the other.
    abutting = int((edge - start)[both].max()) + 1 if both.any() else int(last.shape[1])
    if distance < 0:
        return max(1, abutting - max(1, round(min(-distance, _depth(last), _depth(glyph)))))
    return max(abutting + round(distance), round(float(last.shape[1] - NESTING * min(last.shape[1], glyph.shape[1]))))


def _depth(glyph: NDArray[np.uint8]) -> float:
    """Pixels of a digit that may lie in its neighbor and leave it legible."""
    width, height = cv2.boundingRect(glyph)[2:]
    return DEEPEST * width * min(1.0, max(0.0, (width / max(1, height) - NARROW) / (WIDE - NARROW)))


def _spread(ink: NDArray[np.uint8], rows: int) -> NDArray[np.uint8]:
    """Ink grown up and down, so that a distance holds between rows too."""
    return ink if rows == 0 else np.asarray(cv2.dilate(ink, np.ones((2 * rows + 1, 1), np.uint8)), np.uint8)


def _right_edges(ink: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Last ink column of each row, -1 where there is none."""
    is_ink = ink > INK
    return np.asarray(np.where(is_ink.any(axis=1), ink.shape[1] - 1 - is_ink[:, ::-1].argmax(axis=1), -1), np.int64)


def _left_edges(ink: NDArray[np.uint8]) -> NDArray[np.int64]:
    """First ink column of each row, the width where there is none."""
    is_ink = ink > INK
    return np.asarray(np.where(is_ink.any(axis=1), is_ink.argmax(axis=1), ink.shape[1]), np.int64)


def _sized(glyph: NDArray[np.uint8], height_px: float) -> NDArray[np.uint8]:
    """Scaled to a height; a flat glyph (recorded with strokes lost) to that width."""
    scale = height_px / max(glyph.shape)
    size_wh = (max(1, round(glyph.shape[1] * scale)), max(1, round(glyph.shape[0] * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(glyph, size_wh, interpolation=method), np.uint8)


def _slanted(glyph: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """Leaning to the right by an angle, cropped."""
    height, width = glyph.shape
    shear = tan(radians(degrees))
    extra = round(abs(shear) * height) + 2
    matrix = np.array([[1, -shear, extra / 2 + shear * height / 2], [0, 1, 0]], np.float32)
    leaning = cv2.warpAffine(glyph, matrix, (width + extra, height), flags=cv2.INTER_LINEAR)
    x, _, ink_width, _ = cv2.boundingRect(leaning)
    return np.asarray(leaning[:, x : x + ink_width], np.uint8)


def _broken(glyph: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A gap across one stroke, as wide as the stroke or a little less; away from the ends, where it would be no gap."""
    height, width = glyph.shape
    padded = cv2.copyMakeBorder(glyph, 2, 2, 2, 2, cv2.BORDER_CONSTANT)
    depth = cv2.distanceTransform((padded > INK).astype(np.uint8), cv2.DIST_L2, 3)[2:-2, 2:-2]
    if not depth.any():
        return glyph
    rows = np.arange(height)[:, None]
    middle = (depth > 0.7 * np.percentile(depth[depth > 0], 90)) & (rows > 0.15 * height) & (rows < 0.85 * height)
    places = np.argwhere(middle)
    if len(places) == 0:
        return glyph
    y, x = places[rng.integers(len(places))]
    angle = rng.uniform(0, pi)
    stroke = 2 * float(np.median(depth[middle]))
    gap = max(1.5, stroke * rng.uniform(0.6, 1.0))
    across = np.array([np.cos(angle), np.sin(angle)]) * stroke * 0.75
    wiped = np.zeros((height, width), np.uint8)
    start, end = ((np.array([x, y]) + side * across) * 16 for side in (-1, 1))
    cv2.line(wiped, start.astype(int).tolist(), end.astype(int).tolist(), 255, max(1, round(gap)), cv2.LINE_AA, 4)
    return np.asarray(cv2.subtract(glyph, wiped), np.uint8)
