"""What segmentation makes that is no digit: pieces of digits, several digits in one box, rules, dirt, noise, nothing.

Every kind is a function of a source of digits, `draw() -> (ink, label)`, and a random generator, and returns ink:
(h, w) uint8, 255 = ink. A lone upright stroke is a 1 and a ring a 0 whoever made them, so such pieces are not cut here.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from core.datasets.wear import cropped

Ink = NDArray[np.uint8]
Draw = Callable[[], tuple[Ink, int]]
Kind = Callable[[Draw, np.random.Generator], Ink]

# The piece of this digit on this side is a digit to anyone who sees it alone: the upper half of a 9 is a 0, that of a 6
# a 1, the right half of an 8 a 3, and that of a 2, cut where its bow begins, still a 2. docs/LOG.md tells who looked.
READS_AS_DIGIT: dict[str, frozenset[int]] = {
    "left": frozenset({1, 4, 5, 6, 7, 8, 9}),
    "right": frozenset({1, 2, 3, 4, 7, 8, 9}),
    "top": frozenset({1, 2, 3, 4, 6, 7, 8, 9}),
    "bottom": frozenset({1, 3, 4, 5, 6, 7, 8, 9}),
}
SIDES = tuple(READS_AS_DIGIT)


def half(draw: Draw, rng: np.random.Generator) -> Ink:
    """A digit cut near its middle, the other half lost."""
    while True:
        ink, label = draw()
        side = SIDES[rng.integers(4)]
        if label not in READS_AS_DIGIT[side]:
            return part(ink, side, rng.uniform(0.36, 0.56))


def part(ink: Ink, side: str, share: float) -> Ink:
    """The `share` of a digit's extent that lies on one side: left, right, top or bottom."""
    crop = cropped(ink)
    height, width = crop.shape
    columns, rows = max(1, round(width * share)), max(1, round(height * share))
    return {"left": crop[:, :columns], "right": crop[:, -columns:], "top": crop[:rows], "bottom": crop[-rows:]}[side]


def pair(draw: Draw, rng: np.random.Generator) -> Ink:
    """Two digits in one box, touching or not."""
    return _beside((draw()[0], draw()[0]), rng, (-0.08, 0.3))


def narrow_pair(draw: Draw, rng: np.random.Generator) -> Ink:
    """Two digits of which one at least is a 1: as narrow as a single wide digit."""
    one = _drawn(draw, 1)
    other = _drawn(draw, 1) if rng.random() < 0.35 else _drawn(draw, 0) if rng.random() < 0.3 else draw()[0]
    both = (one, other) if rng.random() < 0.5 else (other, one)
    return _beside(both, rng, (0.0, 0.3))


def several(draw: Draw, rng: np.random.Generator) -> Ink:
    """Three or four digits that were not parted."""
    return _beside(tuple(draw()[0] for _ in range(rng.integers(3, 5))), rng, (-0.06, 0.2))


def stacked(draw: Draw, rng: np.random.Generator) -> Ink:
    """Two digits of two lines in one box."""
    return np.ascontiguousarray(_beside((draw()[0].T, draw()[0].T), rng, (-0.06, 0.25)).T)


def with_neighbor(draw: Draw, rng: np.random.Generator) -> Ink:
    """A digit and a good part of the next one."""
    side = "left" if rng.random() < 0.5 else "right"
    while True:
        piece = part(draw()[0], side, rng.uniform(0.4, 0.65))
        # Less would be a remnant, beside which the digit is still one.
        if cropped(piece).shape[0] > 0.5 * len(piece) and piece.shape[1] > 0.2 * len(piece):
            inks = (draw()[0], piece) if side == "left" else (piece, draw()[0])
            return _beside(inks, rng, (-0.04, 0.12))


def two_halves(draw: Draw, rng: np.random.Generator) -> Ink:
    """The end of one digit and the beginning of the next: both cuts wrong."""
    left, right = part(draw()[0], "right", rng.uniform(0.35, 0.6)), part(draw()[0], "left", rng.uniform(0.35, 0.6))
    return _beside((left, right), rng, (0.02, 0.2))


def struck_through(draw: Draw, rng: np.random.Generator) -> Ink:
    """A digit with a long line across it, reaching out on both sides; a crossed 7 is not that long."""
    ink = draw()[0]
    height, width = ink.shape
    reach = round(max(ink.shape) * rng.uniform(0.45, 0.9))
    result = np.pad(ink, ((2, 2), (reach, reach)))
    for _ in range(rng.integers(1, 3)):
        left = (int(rng.integers(reach // 3 + 1)), int(height * rng.uniform(0.25, 0.75)))
        right = (width + 2 * reach - 1 - int(rng.integers(reach // 3 + 1)), int(left[1] + height * rng.normal(0, 0.12)))
        cv2.line(result, left, right, 255, max(1, round(height * rng.uniform(0.03, 0.12))), cv2.LINE_AA)
    return result


def rule(_draw: Draw, rng: np.random.Generator) -> Ink:
    """Pieces of one to three level lines: ruled paper, a dash, an equals sign."""
    width, height = int(rng.integers(30, 140)), int(rng.integers(24, 60))
    result = np.zeros((height, width), np.uint8)
    slope = rng.normal(0, 0.1)
    for y in np.sort(rng.uniform(0.15, 0.85, rng.choice((1, 1, 2, 3)))) * height:
        ends = (0, round(y - slope * width / 2)), (width - 1, round(y + slope * width / 2))
        cv2.line(result, *ends, 255, int(rng.integers(1, 9)), cv2.LINE_AA)
    return result


def specks(_draw: Draw, rng: np.random.Generator) -> Ink:
    """One to thirty spots of dirt."""
    side = int(rng.integers(30, 90))
    result = np.zeros((side, round(side * rng.uniform(0.5, 1.5))), np.uint8)
    for _ in range(int(rng.choice((1, 2, 3, int(rng.integers(4, 30)))))):
        center = (int(rng.integers(result.shape[1])), int(rng.integers(side)))
        axes = (int(rng.integers(1, 7)), int(rng.integers(1, 7)))
        cv2.ellipse(result, center, axes, float(rng.uniform(0, 180)), 0, 360, 255, -1)
    return result


def blob(_draw: Draw, rng: np.random.Generator) -> Ink:
    """A filled spot, round, cornered or ragged; wide rather than upright, since an upright one is a thick 1."""
    side = 80
    corners = int(rng.integers(3, 14))
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False) + rng.uniform(0, 2 * np.pi)
    radii = rng.uniform(rng.uniform(0.6, 0.95), 1, corners) * 34
    stretch = np.array([rng.uniform(0.85, 1.9), 1.0])
    points = np.stack([np.cos(angles), np.sin(angles)], 1) * radii[:, None] * stretch + side
    result = np.zeros((2 * side, 2 * side), np.uint8)
    cv2.fillPoly(result, [points.astype(np.int32)], 255, cv2.LINE_AA)
    return np.asarray(cv2.dilate(result, np.ones((9, 9), np.uint8)), np.uint8) if rng.random() < 0.3 else result


def noise(_draw: Draw, rng: np.random.Generator) -> Ink:
    """Random pixels, from fine grain to clouds, black and white or gray."""
    side = int(rng.integers(16, 64))
    grain = rng.normal(0, 1, (side, round(side * rng.uniform(0.6, 1.6)))).astype(np.float32)
    field = np.asarray(cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.3, side / 9)), np.float32)
    level = float(np.quantile(field, rng.uniform(0.35, 0.95)))
    if rng.random() < 0.6:
        return np.asarray((field > level) * np.uint8(255), np.uint8)
    return np.asarray(np.clip((field - level) / (float(field.max()) - level + 1e-6), 0, 1) * 255, np.uint8)


def texture(_draw: Draw, rng: np.random.Generator) -> Ink:
    """Hatching and grids: printed patterns, squared paper."""
    side = int(rng.integers(40, 100))
    result = np.zeros((side, side), np.uint8)
    step = int(rng.integers(6, side // 3))
    thickness = int(rng.integers(1, max(2, step // 3)))
    slope = round(side * rng.uniform(-1, 1))
    for at in range(step // 2 - abs(slope), side + abs(slope), step):
        cv2.line(result, (0, at), (side, at + slope), 255, thickness, cv2.LINE_AA)
    return np.maximum(result, result.T) if rng.random() < 0.5 else result


def blank(_draw: Draw, _rng: np.random.Generator) -> Ink:
    """No ink at all."""
    return np.zeros((28, 28), np.uint8)


def _drawn(draw: Draw, wanted: int) -> Ink:
    while True:
        ink, label = draw()
        if label == wanted:
            return ink


def _beside(inks: tuple[Ink, ...], rng: np.random.Generator, gaps: tuple[float, float]) -> Ink:
    """Glyphs on one line, at nearly one height; gaps in shares of the height, negative ones overlap."""
    height = 64
    glyphs = [_cropped_to(ink, round(height * rng.uniform(0.85, 1.0))) for ink in inks]
    places, x = [], 0
    for glyph in glyphs:
        places.append(x)
        x += glyph.shape[1] + round(height * rng.uniform(*gaps))
    result = np.zeros(
        (height, max(place + glyph.shape[1] for place, glyph in zip(places, glyphs, strict=True))), np.uint8
    )
    for place, glyph in zip(places, glyphs, strict=True):
        place = max(place, 0)
        y = int(rng.integers(height - glyph.shape[0] + 1))
        window = result[y : y + glyph.shape[0], place : place + glyph.shape[1]]
        np.maximum(window, glyph[:, : window.shape[1]], out=window)
    return result


def _cropped_to(ink: Ink, height: int) -> Ink:
    """The glyph without its margins at a given height; a very wide piece keeps a width of at most two heights."""
    ink = cropped(ink)
    rows, width = ink.shape
    factor = min(height / rows, 2 * height / width)
    size_wh = (max(1, round(width * factor)), max(1, round(rows * factor)))
    return np.asarray(cv2.resize(ink, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


PIECES: dict[str, Kind] = {
    "half": half,
    "pair": pair,
    "narrow pair": narrow_pair,
    "several": several,
    "stacked": stacked,
    "with neighbor": with_neighbor,
    "two halves": two_halves,
    "struck through": struck_through,
    "rule": rule,
    "specks": specks,
    "blob": blob,
    "noise": noise,
    "texture": texture,
    "blank": blank,
}
"""The kinds of things that segmentation can make and that are no digit."""
