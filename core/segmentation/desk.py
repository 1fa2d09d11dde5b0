"""Sheets of paper on a desk whose wood or stone is as dark as writing: found by their color, and cut out."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

# Sheets are sought on a small copy, in which the desk's pattern and the writing are smoothed by this share of its
# shorter side.
SEARCH_SIDE = 400
SMOOTHED = 0.02
# A sheet is this share of the picture, and of the smallest rectangle around it; no more of them are cut out.
LEAST_SHARE, MOST_SHARE = 0.06, 0.9
FILLS = 0.8
MOST_SHEETS = 3
# At its edge, lightness or color steps by so many of 255 levels, and by this share of what it and the desk differ by.
LEAST_STEP = 10
SHARP = 0.6
# So much is left out along its edge, as a share of its shorter side.
EDGE = 0.015


class CutOut(NamedTuple):
    """A sheet: (H, W, 3) uint8 RGB, what lies around it in its own color; its upper left corner in the picture."""

    pixels: NDArray[np.uint8]
    x: int
    y: int


def cut_out_sheets(pixels: NDArray[np.uint8]) -> tuple[CutOut, ...]:
    """The sheets in a picture, (H, W, 3) uint8 RGB, from top to bottom; none where no bright or colored patch is one.

    Lightness is asked first, then how yellow and how red it is: the first that tells sheets from a desk does.
    """
    height, width = pixels.shape[:2]
    factor = min(1.0, SEARCH_SIDE / max(height, width))
    size_wh = max(1, round(width * factor)), max(1, round(height * factor))
    small = cv2.cvtColor(cv2.resize(pixels, size_wh, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB)
    for channel in (0, 2, 1):
        patches = _patches(np.ascontiguousarray(small[..., channel]), fill=channel == 0)
        if patches:
            largest = sorted(patches, key=lambda patch: -int(patch.sum()))[:MOST_SHEETS]
            sheets = [_cut_out(pixels, patch) for patch in largest]
            return tuple(sorted((sheet for sheet in sheets if sheet), key=lambda sheet: (sheet.y, sheet.x)))
    return ()


def _patches(values: NDArray[np.uint8], *, fill: bool) -> list[NDArray[np.uint8]]:
    """Masks, (h, w) of 0 and 1, of what is high and has a sheet's shape. fill: close dark writing first."""
    side = max(3, round(SMOOTHED * min(values.shape))) | 1
    smooth = np.asarray(cv2.medianBlur(values, side), np.uint8)
    if fill:
        smooth = np.asarray(cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8)), np.uint8)
    _, high = cv2.threshold(smooth, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    high = cv2.morphologyEx(high, cv2.MORPH_OPEN, np.ones((2 * side + 1, 2 * side + 1), np.uint8))
    outlines, _ = cv2.findContours(high, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found = []
    for outline in outlines:
        area = cv2.contourArea(outline)
        sides = cv2.minAreaRect(outline)[1]
        if not LEAST_SHARE * high.size <= area <= MOST_SHARE * high.size or area < FILLS * sides[0] * sides[1]:
            continue
        mask = np.zeros(values.shape, np.uint8)
        cv2.drawContours(mask, [outline], -1, 1, cv2.FILLED)
        if _has_edge(smooth, mask, 2 * side):
            found.append(mask)
    return found


def _has_edge(values: NDArray[np.uint8], mask: NDArray[np.uint8], reach: int) -> bool:
    """Whether a patch ends in a step, as a sheet does; the light on a page changes smoothly. reach: in pixels."""
    kernel = np.ones((reach + 1, reach + 1), np.uint8)
    inside, outside = mask - cv2.erode(mask, kernel), cv2.dilate(mask, kernel) - mask
    if mask.all() or not inside.any():
        return False
    step = np.median(values[inside > 0]) - np.median(values[outside > 0])
    apart = np.median(values[mask > 0]) - np.median(values[mask == 0])
    return bool(step >= max(LEAST_STEP, SHARP * apart))


def _cut_out(pixels: NDArray[np.uint8], patch: NDArray[np.uint8]) -> CutOut | None:
    """The sheet under a mask; None where nothing of it is left without its edge."""
    mask = cv2.resize(patch, (pixels.shape[1], pixels.shape[0]), interpolation=cv2.INTER_NEAREST)
    _, _, width, height = cv2.boundingRect(mask)
    side = max(3, round(EDGE * min(width, height)))
    mask = cv2.erode(mask, np.ones((side, side), np.uint8))
    x, y, width, height = cv2.boundingRect(mask)
    if not width:
        return None
    window = np.s_[y : y + height, x : x + width]
    sheet = mask[window] > 0
    cut = pixels[window].copy()
    cut[~sheet] = np.median(cut[sheet], axis=0).astype(np.uint8)
    return CutOut(cut, x, y)
