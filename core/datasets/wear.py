"""What happens to a digit on its way from the pen to segmentation: coarse pixels, hard thresholds, gaps, remnants.

Each function takes and returns ink: (h, w) uint8, 255 = ink, any size. The digit stays readable: labels are kept.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.uint8]

SLANT = 0.36
"""Tangent of 20 degrees: as far as people lean, after which segmentation straightens."""
ASPECTS = (0.72, 1.4)
LOWEST_LEVEL = 0.25
LOWEST_HEIGHT = 11
"""Pixels: below it even people guess."""


def wear(ink: Ink, rng: np.random.Generator) -> Ink:
    """One random history of a digit: its shape, then up to two accidents, then coarse pixels."""
    ink = lean(cropped(ink), rng) if rng.random() < 0.5 else cropped(ink)
    accidents = (with_gap, with_remnant, with_specks, trimmed, with_other_pen)
    for index in rng.choice(len(accidents), rng.choice(3, p=(0.35, 0.45, 0.2)), replace=False):
        ink = accidents[index](ink, rng)
    return coarse(ink, rng) if rng.random() < 0.65 else ink


def cropped(ink: Ink) -> Ink:
    """The ink without its margins; a blank stays as it is."""
    x, y, width, height = cv2.boundingRect(ink)
    return ink[y : y + height, x : x + width] if width else ink


def lean(ink: Ink, rng: np.random.Generator) -> Ink:
    """Shear to both sides and stretch."""
    slant = rng.uniform(-SLANT, SLANT)
    aspect = ASPECTS[0] * (ASPECTS[1] / ASPECTS[0]) ** rng.random()
    height, width = ink.shape
    matrix = np.array([[aspect, -slant, slant * height if slant > 0 else 0.0], [0.0, 1.0, 0.0]])
    size_wh = (int(width * aspect + abs(slant) * height) + 2, height)
    return np.asarray(cv2.warpAffine(ink, matrix, size_wh, flags=cv2.INTER_LINEAR), np.uint8)


def coarse(ink: Ink, rng: np.random.Generator) -> Ink:
    """As a scan or a photograph from afar: few pixels, blurred, noisy, then cut at a threshold or left gray."""
    height = rng.integers(LOWEST_HEIGHT, 40)
    ink = cropped(ink)
    factor = height / max(ink.shape)
    size_wh = (max(2, round(ink.shape[1] * factor)), max(2, round(ink.shape[0] * factor)))
    shrunk = cv2.resize(ink, size_wh, interpolation=cv2.INTER_AREA) if factor < 1 else ink
    blurred = cv2.GaussianBlur(np.pad(shrunk, 2).astype(np.float32), (0, 0), rng.uniform(0.3, 0.9))
    grain = rng.normal(0, rng.uniform(0.0, 0.08), blurred.shape)
    small = np.asarray(blurred / max(float(blurred.max()), 1.0) + grain, np.float32)
    # The threshold follows the darkest ink, as Otsu's and Sauvola's do; one that loses faint strokes is lowered.
    level = rng.uniform(0.25, 0.55)
    if np.count_nonzero(small > level) < 0.5 * np.count_nonzero(small > LOWEST_LEVEL):
        level = LOWEST_LEVEL
    if rng.random() < 0.6:
        return np.asarray((small > level) * np.uint8(255), np.uint8)
    gray = np.clip((small - level / 2) / (1 - level / 2), 0, 1)
    return np.asarray(np.where(small > level, np.maximum(gray, 0.4), 0) * 255, np.uint8)


def with_gap(ink: Ink, rng: np.random.Generator) -> Ink:
    """A line through the digit where the pen gave no ink, or where a removed rule took it along."""
    ys, xs = np.nonzero(ink)
    if len(ys) == 0:
        return ink
    at = rng.integers(len(ys))
    angle = rng.uniform(0, np.pi) if rng.random() < 0.5 else rng.normal(0, 0.05)
    step = max(ink.shape) * np.array([np.cos(angle), np.sin(angle)])
    center = np.array([xs[at], ys[at]])
    start, end = (center - step).astype(int).tolist(), (center + step).astype(int).tolist()
    width = max(1, round(max(ink.shape) * rng.uniform(0.02, 0.07)))
    # Through the whole digit only where thin: otherwise one bowl is enough.
    if width > 0.04 * max(ink.shape):
        start = center.tolist()
    result = ink.copy()
    cv2.line(result, start, end, 0, width)
    return result if cv2.countNonZero(result) > 0.75 * cv2.countNonZero(ink) else ink


def with_remnant(ink: Ink, rng: np.random.Generator) -> Ink:
    """A short piece of a rule, or of a neighbor's stroke, at one edge; sometimes touching."""
    side = max(ink.shape)
    margin = max(2, round(side * 0.1))
    result = np.pad(ink, margin)
    height, width = result.shape
    length = side * rng.uniform(0.06, 0.22)
    thickness = max(1, round(side * rng.uniform(0.02, 0.07)))
    if rng.random() < 0.5:
        x, y = rng.uniform(0, width - length), rng.choice([margin / 2, height - margin / 2])
        ends = ((x, y), (x + length, y + rng.normal(0, 0.02) * side))
    else:
        x, y = rng.choice([margin / 2, width - margin / 2]), rng.uniform(0, height - length)
        ends = ((x, y), (x + rng.normal(0, 0.3) * margin, y + length))
    (x0, y0), (x1, y1) = ends
    cv2.line(result, (round(x0), round(y0)), (round(x1), round(y1)), 255, thickness, cv2.LINE_AA)
    return result


def with_specks(ink: Ink, rng: np.random.Generator) -> Ink:
    """One to four specks of dirt, inside or a little outside."""
    side = max(ink.shape)
    result = np.pad(ink, max(2, round(side * 0.08)))
    for _ in range(rng.integers(1, 5)):
        center = (int(rng.integers(result.shape[1])), int(rng.integers(result.shape[0])))
        cv2.circle(result, center, max(1, round(side * rng.uniform(0.008, 0.025))), 255, -1)
    return result


def trimmed(ink: Ink, rng: np.random.Generator) -> Ink:
    """A cut a little too early: up to 8 % of one side is missing."""
    crop = cropped(ink)
    height, width = crop.shape
    share = rng.uniform(0.02, 0.08)
    if rng.random() < 0.5:
        cut = round(height * share)
        return crop[cut:] if rng.random() < 0.5 else crop[: height - cut]
    cut = round(width * share)
    return crop[:, cut:] if rng.random() < 0.5 else crop[:, : width - cut]


def with_other_pen(ink: Ink, rng: np.random.Generator) -> Ink:
    """Thinner or broader strokes."""
    side = max(ink.shape)
    width = max(2, round(side * rng.uniform(0.02, 0.06)))
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    if rng.random() < 0.5:
        return np.asarray(cv2.dilate(np.pad(ink, width), brush), np.uint8)
    thinned = np.asarray(cv2.erode(ink, brush), np.uint8)
    # A pen that would vanish was thin already.
    return thinned if cv2.countNonZero(thinned) > 0.45 * cv2.countNonZero(ink) else ink
