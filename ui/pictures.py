"""Small pictures made large enough to see: what the network saw, and sketches of strokes."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from core.pens import Strokes, trace

# The sheet's own ink, on paper that stands out from a white page and does not glare on a dark one.
INK_RGB = (27, 35, 64)
PAPER_RGB = (244, 241, 233)

# Blue and orange stay apart in every common color blindness, and on black.
SUPPORT_RGB = (96, 150, 255)
OPPOSE_RGB = (255, 150, 40)
NEUTRAL_RGB = (150, 150, 150)
OPPOSES_FROM = 0.12

ROW_FACTOR = 2
_FIGURE = (
    '<figure style="margin:0;width:68px;text-align:center;font-size:0.78rem;line-height:1.25">'
    '<img src="{picture}" width="56" height="56" alt="{first}, {second}" style="border-radius:4px">'
    '<figcaption>{first}<br><span style="opacity:0.7">{second}</span></figcaption></figure>'
)


def enlarged(pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """(h, w) or (h, w, 3) uint8 with every pixel a crisp square of `factor` pixels, whatever a browser would smooth."""
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def sketch(strokes: Strokes, size_wh: tuple[int, int], brush_px: float) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 RGB: strokes in pixels of the picture, ink on paper."""
    width, height = size_wh
    ink = trace(strokes, size_hw=(height, width), brush_px=brush_px)[..., np.newaxis].astype(np.float32) / 255
    mixed = ink * np.array(INK_RGB, np.float32) + (1 - ink) * np.array(PAPER_RGB, np.float32)
    return np.rint(mixed).astype(np.uint8)


def evidence_picture(normalized: NDArray[np.uint8], heatmap: NDArray[np.float32], factor: int) -> NDArray[np.uint8]:
    """(28 * factor, 28 * factor, 3) uint8 RGB: ink that speaks for the answer blue, ink against it orange with a dot.

    The dot tells the two apart where colors do not; ink that hardly matters stays gray.

    normalized: (28, 28) uint8, 255 = ink. heatmap: (28, 28), -1 to 1.
    """
    weight = np.abs(heatmap)[..., np.newaxis]
    color = np.where(heatmap[..., np.newaxis] > 0, np.array(SUPPORT_RGB), np.array(OPPOSE_RGB))
    ink = normalized[..., np.newaxis].astype(np.float32) / 255
    pixels = ink * (weight * color + (1 - weight) * np.array(NEUTRAL_RGB))
    picture = enlarged(np.rint(pixels).astype(np.uint8), factor)
    dot = np.zeros((factor, factor), bool)
    dot[factor // 3 : -(factor // 3), factor // 3 : -(factor // 3)] = True
    opposes = (heatmap < -OPPOSES_FROM) & (normalized > 127)
    picture[np.kron(opposes, dot)] = 0
    return picture


def data_url(pixels: NDArray[np.uint8]) -> str:
    """(h, w) gray or (h, w, 3) RGB uint8 as a PNG inside its own address.

    A picture that changes with every stroke would blink while a browser fetches it; this one comes with the page.
    """
    ordered = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., ::-1])
    return "data:image/png;base64," + base64.b64encode(cv2.imencode(".png", ordered)[1].tobytes()).decode("ascii")


def picture_row(cells: Sequence[tuple[NDArray[np.uint8], str, str]]) -> str:
    """Small pictures, (28, 28) uint8, each with two short lines below, in rows as wide as there is room."""
    figures = "".join(
        _FIGURE.format(picture=data_url(enlarged(picture, ROW_FACTOR)), first=first, second=second)
        for picture, first, second in cells
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:10px 8px">{figures}</div>'
