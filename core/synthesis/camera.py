"""From a sheet to a picture of it: light, the table below, the camera's place, its lens, its sensor, its file."""

from __future__ import annotations

from math import cos, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from core.synthesis.paper import Plane, Planes, smooth_noise, white_noise
from core.synthesis.settings import PageSettings

TABLE = (74.0, 58.0, 45.0)
"""A table of dark wood, RGB."""
SHARE_OF_TABLE = 0.07
"""How much of the picture's width and height the table takes on each side."""

SHARE_WHEN_TURNED = 0.8
"""A sheet that is turned is seen from farther away, so that all of it stays in the picture; the paper goes on."""


def viewpoint(settings: PageSettings, rng: np.random.Generator) -> NDArray[np.float64]:
    """(3, 3) homography from the sheet's pixels to the picture's: identity for a sheet seen squarely."""
    width, height = settings.size_wh
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    if any(settings.turned_degrees):
        turn = cv2.getRotationMatrix2D(
            (width / 2, height / 2), rng.uniform(*settings.turned_degrees), SHARE_WHEN_TURNED
        )
        return np.vstack([turn, (0.0, 0.0, 1.0)])
    if settings.perspective == 0 and not settings.table:
        return np.eye(3)
    # Without the table in view the sheet must reach beyond the picture, whatever its corners do.
    share = SHARE_OF_TABLE if settings.table else -settings.perspective / 2
    inward = np.sign(np.array([width, height]) / 2 - corners)
    wander = rng.uniform(-0.5, 0.5, (4, 2)) * settings.perspective
    moved = corners + (inward * share + wander) * (width, height)
    return np.asarray(cv2.getPerspectiveTransform(corners, moved.astype(np.float32)), np.float64)


def photograph(
    sheet: Planes, view: NDArray[np.float64], settings: PageSettings, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB picture of a sheet seen by the homography `view`."""
    picture = sheet
    if not np.array_equal(view, np.eye(3)):
        picture = _placed(sheet, view, rng) if settings.table or settings.perspective else _moved(sheet, view)
    light = _light(settings, rng)
    width, height = settings.size_wh
    # A sensor's noise is mostly in brightness; colors are smoothed by the camera itself.
    noise = white_noise((height, width), rng) * np.float32(settings.noise)
    planes = []
    for plane, tint in zip(picture, settings.tint, strict=True):
        lit = plane * light * np.float32(tint)
        blurred = cv2.GaussianBlur(lit, (0, 0), settings.blur) if settings.blur > 0 else lit
        planes.append(cv2.add(blurred, noise, dtype=cv2.CV_8U))
    pixels = np.asarray(cv2.merge(planes), np.uint8)
    return pixels if settings.jpeg_quality >= 100 else _compressed(pixels, settings.jpeg_quality)


def _placed(sheet: Planes, view: NDArray[np.float64], rng: np.random.Generator) -> Planes:
    """The sheet on the table, with the thin shadow of its edge."""
    height, width = sheet.shape[1:]
    wood = smooth_noise((height, max(2, width // 40)), 3, rng)
    grain = 1 + 0.1 * cv2.resize(wood, (width, height), interpolation=cv2.INTER_LINEAR)
    cover = cv2.warpPerspective(np.ones((height, width), np.float32), view, (width, height), flags=cv2.INTER_LINEAR)
    grain *= 1 - 0.5 * cv2.blur(np.roll(cover, (5, 4), (0, 1)), (11, 11))
    seen = np.empty_like(sheet)
    for plane, out, color in zip(sheet, seen, TABLE, strict=True):
        table = grain * np.float32(color)
        moved = cv2.warpPerspective(
            plane, view, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        out[:] = table + cover * (moved - table)
    return seen


def _moved(sheet: Planes, view: NDArray[np.float64]) -> Planes:
    """The sheet seen by the homography; beyond its edges the paper goes on."""
    height, width = sheet.shape[1:]
    return np.stack(
        [
            cv2.warpPerspective(plane, view, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for plane in sheet
        ]
    )


def _light(settings: PageSettings, rng: np.random.Generator) -> Plane:
    """(H, W) float32 factors: a lamp to one side, dark corners, the soft shadow of whoever holds the phone."""
    width, height = settings.size_wh
    # A sixteenth of the pixels is enough for light, which has no edges sharper than a shadow's.
    small_hw = (max(8, height // 4), max(8, width // 4))
    y = np.linspace(-1, 1, small_hw[0], dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, small_hw[1], dtype=np.float32)[None, :]
    light = np.ones(small_hw, np.float32)
    if settings.vignette > 0:
        center = rng.uniform(-0.3, 0.3, 2)
        light *= 1 - settings.vignette * np.clip(((x - center[0]) ** 2 + (y - center[1]) ** 2) / 2, 0, 1)
    if settings.shadow > 0:
        angle = rng.uniform(0, 2 * pi)
        bend = 0.25 * np.sin(2.2 * (y * cos(angle) - x * sin(angle)) + rng.uniform(0, 6))
        edge = x * cos(angle) + y * sin(angle) + bend + rng.uniform(-0.3, 0.3)
        light *= 1 - settings.shadow / (1 + np.exp(-edge / rng.uniform(0.05, 0.25)))
        light *= 1 - 0.15 * settings.shadow * (x * sin(angle) + 1)
    return np.asarray(cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _compressed(pixels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Through a JPEG and back."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)
