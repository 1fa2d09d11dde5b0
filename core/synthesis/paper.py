"""The sheet before anyone photographs it: paper, ruling, ink on it, and marks that are no digits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from core.geometry import Box
from core.pens import draw_not_digit, render
from core.synthesis.settings import Color, PageSettings

Plane = NDArray[np.float32]
"""(H, W) float32."""
Planes = NDArray[np.float32]
"""(3, H, W) float32 RGB, 0 to 255: plane by plane, as mixing in a color is four times faster so."""

NOISE_TILE = 1024
"""Side of the noise that is drawn once, in pixels."""
DOODLES = ("letter", "sign", "scribble", "spiral", "crossed out")


@cache
def _noise_tile() -> Plane:
    return np.random.default_rng(0).standard_normal((NOISE_TILE, NOISE_TILE), dtype=np.float32)


def white_noise(size_hw: tuple[int, int], rng: np.random.Generator) -> Plane:
    """(H, W) float32 standard normal noise: a random cutting of one fixed tile, ten times faster."""
    height, width = size_hw
    y, x = (int(start) for start in rng.integers(0, NOISE_TILE, 2))
    rolled = np.roll(_noise_tile(), (-y, -x), (0, 1))[:height, :width]
    below, beside = height - rolled.shape[0], width - rolled.shape[1]
    return np.asarray(np.pad(rolled, ((0, below), (0, beside)), mode="wrap") if below or beside else rolled, np.float32)


def smooth_noise(size_hw: tuple[int, int], cell_px: float, rng: np.random.Generator) -> Plane:
    """(H, W) float32 noise with standard deviation about 1 that changes over `cell_px` pixels."""
    height, width = size_hw
    cells = (max(2, round(height / cell_px) + 1), max(2, round(width / cell_px) + 1))
    coarse = rng.standard_normal(cells, dtype=np.float32)
    # Interpolation flattens noise between its knots; 1.4 gives back what it takes.
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) * 1.4, np.float32)


def blank_sheet(settings: PageSettings, rng: np.random.Generator) -> Planes:
    """Paper with fibers and a slight unevenness."""
    width, height = settings.size_wh
    fibers = white_noise((height, width), rng)
    fibers = cv2.GaussianBlur(fibers, (3, 3), 0.8) * (settings.texture * 1.8)
    fibers += smooth_noise((height, width), 90, rng) * (settings.texture * 0.8)
    return np.asarray(fibers + np.array(settings.paper, np.float32)[:, None, None], np.float32)


def lay_ink(
    sheet: Planes, ink: NDArray[np.uint8], color: Color, strength: float, grain: float, rng: np.random.Generator
) -> Planes:
    """Ink on paper: cover by strength, uneven pressure along the strokes, the paper's tooth in them."""
    x, y, width, height = cv2.boundingRect(ink)
    if width == 0:
        return sheet
    cover = ink[y : y + height, x : x + width].astype(np.float32) * np.float32(strength / 255)
    cover *= 1 - np.clip(0.1 * np.abs(smooth_noise((height, width), 24, rng)), 0, 0.35)
    if grain > 0:
        tooth = cv2.GaussianBlur(white_noise((height, width), rng), (0, 0), 0.7) * 2.4
        cover *= 1 - grain * np.clip(0.35 + 0.6 * tooth, 0, 1)
    _mix(sheet[:, y : y + height, x : x + width], color, cover)
    return sheet


def rule_sheet(
    sheet: Planes, settings: PageSettings, baselines: Sequence[int], lines: Sequence[Sequence[Box]], digit_height: float
) -> Planes:
    """Print the ruling: rules and grids over the whole sheet, underlines and boxes where the numbers are."""
    if settings.ruling == "none":
        return sheet
    printed = np.zeros(sheet.shape[1:], np.uint8)
    if settings.ruling == "lines":
        _print_rules(printed, baselines, 1.45 * digit_height)
    elif settings.ruling == "grid":
        _print_grid(printed, round(0.62 * digit_height))
    else:
        for boxes in lines:
            _print_form(printed, boxes, settings.ruling, digit_height)
    _mix(sheet, settings.rule, cv2.GaussianBlur(printed, (0, 0), 0.6).astype(np.float32) * np.float32(0.85 / 255))
    return sheet


def _mix(planes: Planes, color: Color, cover: Plane) -> None:
    """Cover a sheet, in place, with a color: cover 0 leaves it, 1 hides it."""
    for plane, value in zip(planes, color, strict=True):
        plane += cover * (np.float32(value) - plane)


def _print_rules(printed: NDArray[np.uint8], baselines: Sequence[int], distance: float) -> None:
    height, width = printed.shape
    first = baselines[0] if baselines else height // 3
    # Writing stands a little above its rule or just on it.
    for step in range(-40, 41):
        y = round(first + 3 + step * distance)
        cv2.line(printed, (0, y), (width, y), 255, max(1, round(distance / 50)), cv2.LINE_AA)


def _print_grid(printed: NDArray[np.uint8], distance: int) -> None:
    height, width = printed.shape
    for y in range(distance // 2, height, distance):
        cv2.line(printed, (0, y), (width, y), 255, 1)
    for x in range(distance // 3, width, distance):
        cv2.line(printed, (x, 0), (x, height), 255, 1)


def _print_form(printed: NDArray[np.uint8], boxes: Sequence[Box], ruling: str, digit_height: float) -> None:
    """An underline, a box around a number, or one with a cell per digit."""
    left, right = min(box.x for box in boxes), max(box.right for box in boxes)
    top, bottom = min(box.y for box in boxes), max(box.bottom for box in boxes)
    room = round(0.24 * digit_height)
    thickness = max(2, round(digit_height / 28))
    if ruling == "underline":
        y = bottom + room // 3
        cv2.line(printed, (left - 2 * room, y), (right + 2 * room, y), 255, thickness, cv2.LINE_AA)
        return
    cv2.rectangle(printed, (left - room, top - room), (right + room, bottom + room), 255, thickness)
    if ruling == "cells":
        for a, b in pairwise(boxes):
            x = round((a.center[0] + b.center[0]) / 2)
            cv2.line(printed, (x, top - room), (x, bottom + room), 255, thickness)


def mark_ink(
    size_hw: tuple[int, int], count: int, taken: Sequence[Box], digit_height: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Letters, signs, doodles and specks, at a distance from the numbers; fewer where there is no room."""
    ink = np.zeros(size_hw, np.uint8)
    free = np.full(size_hw, 255, np.uint8)
    for box in taken:
        room = round(0.9 * digit_height)
        free[max(0, box.y - room) : box.bottom + room, max(0, box.x - room) : box.right + room] = 0
    for _ in range(count):
        if rng.random() < 0.35:
            mark = render(
                draw_not_digit(rng, "blob"), height_px=digit_height * 0.12, brush_px=max(1.0, digit_height * 0.03)
            )
        else:
            doodle = draw_not_digit(rng, DOODLES[rng.integers(len(DOODLES))])
            mark = render(
                doodle, height_px=digit_height * rng.uniform(0.5, 1.0), brush_px=max(1.5, digit_height * 0.07)
            )
        place = _free_place(free, mark.shape, rng)
        if place is not None:
            y, x = place
            ink[y : y + mark.shape[0], x : x + mark.shape[1]] = mark
            free[max(0, y - 10) : y + mark.shape[0] + 10, max(0, x - 10) : x + mark.shape[1] + 10] = 0
    return ink


def _free_place(free: NDArray[np.uint8], size_hw: tuple[int, ...], rng: np.random.Generator) -> tuple[int, int] | None:
    height, width = size_hw
    for _ in range(30):
        if height + 20 >= free.shape[0] or width + 20 >= free.shape[1]:
            return None
        y = int(rng.integers(10, free.shape[0] - height - 10))
        x = int(rng.integers(10, free.shape[1] - width - 10))
        if free[y : y + height, x : x + width].all():
            return y, x
    return None
