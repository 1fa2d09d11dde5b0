"""What the benchmark reads, of our own making and the same every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.pens import draw_digit, trace
from core.synthesis import Page, PageSettings, written_page
from core.synthesis.kinds import PHONE

CANVAS_PX = 280
TWENTY_DIGITS = ("40719", "26385", "90142", "57836")
SIX_DIGITS = ("407", "163")

PHOTO = replace(PHONE, size_wh=(4000, 3000), digit_height=(220.0, 260.0))
SCAN = PageSettings(size_wh=(1200, 840), digit_height=(70.0, 90.0))
FRAME = replace(PHONE, size_wh=(640, 480), digit_height=(80.0, 100.0))


def drawing(digit: int) -> NDArray[np.uint8]:
    """A digit on the canvas: (280, 280, 4) uint8, straight alpha."""
    strokes = draw_digit(digit, np.random.default_rng(digit))
    ink = trace(strokes, size_hw=(CANVAS_PX, CANVAS_PX), brush_px=16, scale=150, offset=(80, 65))
    rgba = np.zeros((CANVAS_PX, CANVAS_PX, 4), np.uint8)
    rgba[..., 3] = ink
    return rgba


def page(lines: Sequence[str], settings: PageSettings) -> Page:
    """A written page, the same every time."""
    return written_page(lines, settings, np.random.default_rng(3))


def jpeg(pixels: NDArray[np.uint8], quality: int = 92) -> bytes:
    """(H, W, 3) RGB uint8 as a JPEG file, at a phone's quality."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()
