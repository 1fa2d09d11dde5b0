"""What happens to a written line between pen and segmentation: other pens, rules, print, coarse pixels, thresholds."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.datasets.string_parts import HEIGHT_PX

Ink = NDArray[np.uint8]

INK = 96
"""Gray value above which a pixel belongs to the writing."""


def worn_line(page: Ink, rng: np.random.Generator) -> Ink:
    """What happens between pen and segmentation: other pens, remnants of rules, gaps, coarse pixels, thresholds."""
    side = HEIGHT_PX
    if rng.random() < 0.35:
        width = max(2, round(side * rng.uniform(0.02, 0.06)))
        brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
        if rng.random() < 0.55:
            page = np.asarray(cv2.dilate(page, brush), np.uint8)
        else:
            thin = np.asarray(cv2.erode(page, brush), np.uint8)
            page = thin if cv2.countNonZero(thin) > 0.45 * cv2.countNonZero(page) else page
    if rng.random() < 0.5:
        page = _bent(page, rng)
    if rng.random() < 0.15:  # a rule was taken out, and took what it crossed
        y = int(rng.integers(0, page.shape[0]))
        page = page.copy()
        rise = int(rng.integers(-3, 4))
        cv2.line(page, (0, y), (page.shape[1], y + rise), 0, int(rng.integers(1, 4)))
    if rng.random() < 0.12:  # ... or stayed in part
        page = page.copy()
        y, x = int(rng.integers(0, page.shape[0])), int(rng.integers(0, page.shape[1]))
        length = int(rng.integers(10, 90))
        cv2.line(page, (x, y), (x + length, y + int(rng.integers(-2, 3))), 255, int(rng.integers(1, 4)), cv2.LINE_AA)
    if rng.random() < 0.15:
        page = page.copy()
        for _ in range(rng.integers(1, 8)):
            center = (int(rng.integers(page.shape[1])), int(rng.integers(page.shape[0])))
            cv2.circle(page, center, int(rng.integers(1, 4)), 255, -1)
    return _cut_off(page, rng) if rng.random() < 0.1 else page


def _cut_off(page: Ink, rng: np.random.Generator) -> Ink:
    """The picture ends before the writing does: up to a fifth of the line's height is lost, mostly its feet."""
    rows = np.flatnonzero(page.max(axis=1) > INK)
    if not len(rows):
        return page
    lost = round(rng.uniform(0.03, 0.2) * (rows[-1] - rows[0]))
    page = page.copy()
    if rng.random() < 0.75:
        page[rows[-1] - lost :] = 0
    else:
        page[: rows[0] + lost] = 0
    return page


def _bent(page: Ink, rng: np.random.Generator) -> Ink:
    """Leaning, wider or narrower, rising: one map for the whole line."""
    height, width = page.shape
    shear, aspect, rise = rng.uniform(-0.2, 0.2), rng.uniform(0.75, 1.35), rng.normal(0, 0.02)
    extra = abs(shear) * height
    matrix = np.array([[aspect, -shear, shear * height if shear > 0 else 0.0], [rise, 1.0, -rise * width / 2]])
    size_wh = (int(width * aspect + extra) + 4, height)
    return np.asarray(cv2.warpAffine(page, matrix, size_wh, flags=cv2.INTER_LINEAR), np.uint8)


def on_print(page: Ink, rng: np.random.Generator) -> Ink:
    """What is left of a printed background: fragments of many fine lines, behind the writing and across it."""
    height, width = page.shape
    pattern = np.zeros((height, width), np.uint8)
    for _ in range(int(rng.choice((1, 1, 2)))):
        angle = rng.normal(0, 0.08) if rng.random() < 0.6 else rng.uniform(-1.2, 1.2)
        pitch, wave = rng.uniform(5, 14), rng.uniform(0, 3)
        across = np.arange(-width, width + 1, 6)
        for offset in np.arange(-width, height + width, pitch / max(0.3, np.cos(angle))):
            rows = offset + np.tan(angle) * across + wave * np.sin(across / rng.uniform(8, 30))
            points = np.stack([across, rows], axis=1).astype(np.int32)
            cv2.polylines(
                pattern, [points], False, int(rng.integers(70, 190)), int(rng.choice((1, 1, 1, 2))), cv2.LINE_AA
            )
    # Where the writing is, its threshold is high and the print falls below it; elsewhere fragments stay.
    coarse = rng.uniform(0, 1, (max(2, height // 14), max(2, width // 20))).astype(np.float32)
    left = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) > rng.uniform(0.55, 0.95)
    near = cv2.dilate(page, np.ones((25, 25), np.uint8)) > INK
    return np.asarray(np.maximum(page, np.where(left & near, pattern, 0)), np.uint8)


def photographed(page: Ink, rng: np.random.Generator) -> Ink:
    """As a camera and a threshold leave it: fewer pixels, blur, noise, uneven pressure, soft edges."""
    factor = rng.uniform(0.35, 1.0)
    if factor < 0.9:
        page = np.asarray(cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
    cover = page.astype(np.float32) * np.float32(1 / 255)
    if rng.random() < 0.3:  # uneven pressure
        pressure = rng.uniform(0.5, 1.0, (3, max(2, page.shape[1] // 24))).astype(np.float32)
        cover *= cv2.resize(pressure, page.shape[::-1], interpolation=cv2.INTER_CUBIC)
    cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), rng.uniform(0.3, 1.1)), np.float32)
    cover += rng.standard_normal(cover.shape, np.float32) * np.float32(rng.uniform(0, 0.08))
    level = rng.uniform(0.2, 0.45)
    soft = np.clip((cover - level) / np.float32(rng.uniform(0.1, 0.5)) + 0.5, 0, 1)
    return np.asarray(np.where(soft > 0.12, soft, 0) * 255, np.uint8)
