"""Ink: which pixels are written on, strong and faint pens in one picture alike."""

from __future__ import annotations

import math
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Strictness = Literal["faint", "normal", "strict", "broad"]

# Factors on Otsu's threshold; a strict one is at least so much higher.
FAINT, STRICT = 0.5, 1.35
# A pixel is ink from this share of the contrast of the darkest stroke nearby: half way down a stroke's blurred edge.
SHARE_OF_STROKE = 0.45
# How far around the darkest stroke counts as nearby, as a share of the shorter side.
NEARBY = 0.15
# The darkest stroke nearby is sought on a small copy.
SEARCH_SIDE = 200
# A stroke that is ink somewhere is ink wherever its contrast is above this share of the limit, if all of it is faint.
WEAKEST = 0.45
# Nowhere is anything ink below these: this many deviations of the paper's own grain, and this contrast.
GRAIN_DEVIATIONS = 6.0
LEAST_CONTRAST = 0.06
# Strokes thinner than this share of the broadest pen, which is found at this quantile of all ink, are no broad ones.
# Where they are less of the ink than the last share, nothing was drawn behind the writing.
BROAD = 0.5
BROADEST = 0.97
LEAST_THIN = 0.15
# No pen is twice as broad as so many pixels.
BROADEST_BRUSH = 99
GRAIN_LAGS = (1, 6)
# A median over so many pixels is within a hundredth of that over all.
GRAIN_PIXELS = 40_000


def threshold(contrast: NDArray[np.float32], strictness: Strictness = "normal") -> NDArray[np.float32]:
    """The contrast from which a pixel is ink, for every pixel.

    A single threshold (Otsu, "A threshold selection method from gray-level histograms", 1979) loses the faint line
    under a strong one; a purely local one (Sauvola and Pietikainen, 2000) finds ink on empty paper. So the threshold
    follows the darkest stroke nearby, and a floor is held by the paper's grain and the global threshold.

    Args:
        contrast: (H, W) float32, 0 = paper.
        strictness: "normal": Otsu's threshold is the floor; "faint": half of it; "strict": another that parts what lies
            above it, print from pen; "broad": as "normal", for `broad_strokes` to thin out.

    Returns:
        (H, W) float32.
    """
    height, width = contrast.shape
    floor = max(LEAST_CONTRAST, GRAIN_DEVIATIONS * grain(contrast), _global_threshold(contrast, strictness))
    # Shrinking with area averaging would thin a fine stroke away; the maximum of each cell keeps it.
    cell = -(-max(height, width) // SEARCH_SIDE)
    peaks = cv2.dilate(cv2.blur(contrast, (3, 3)), np.ones((cell, cell), np.uint8))[::cell, ::cell]
    side = max(3, round(NEARBY * min(peaks.shape))) | 1
    strongest = cv2.dilate(np.ascontiguousarray(peaks), np.ones((side, side), np.uint8))
    reach = max(3, side // 2) | 1
    strongest = cv2.blur(cv2.blur(strongest, (reach, reach)), (reach, reach))
    local = np.asarray(cv2.resize(strongest, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    return np.asarray(np.maximum(local * SHARE_OF_STROKE, floor), np.float32)


def soft_ink(contrast: NDArray[np.float32], limit: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Ink with the gray of its edges: 255 well above the limit, 128 on it, 0 well below.

    A faint stroke that the limit cuts to pieces is made whole again: each connected patch that holds ink at all is
    taken down to half its own darkness, but not below `WEAKEST` of the limit (hysteresis; Canny, "A computational
    approach to edge detection", 1986).

    Args:
        contrast: (H, W) float32, 0 = paper.
        limit: (H, W) float32, from `threshold`.

    Returns:
        (H, W) uint8.
    """
    relative = contrast / limit
    _, labels = cv2.connectedComponents((relative > WEAKEST).astype(np.uint8), connectivity=8)
    places = np.flatnonzero(relative > WEAKEST)
    patches, values = labels.ravel()[places], relative.ravel()[places]
    inked = values > 1
    count = np.bincount(patches, inked)
    darkness = np.bincount(patches, np.where(inked, values, 0)) / np.maximum(count, 1)
    own_limit = np.where(count > 0, np.clip(0.5 * darkness, WEAKEST, 1.0), np.inf)
    soft = np.zeros(contrast.size, np.uint8)
    soft[places] = np.clip((values / own_limit[patches] - 0.6) * (255 / 0.8), 0, 255)
    return soft.reshape(contrast.shape)


def broad_strokes(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The soft ink without strokes much thinner than its broadest pen: hatching and print as dark as the writing, which
    crosses and joins it. The ink itself where hardly any of it is thin.

    Args:
        ink: (H, W) uint8, from `soft_ink`.

    Returns:
        (H, W) uint8.
    """
    mask = (ink > 127).astype(np.uint8)
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_3)
    inside = distance[mask > 0]
    if inside.size in (0, mask.size):
        return ink
    side = max(2, round(BROAD * 2 * float(np.quantile(inside, BROADEST))))
    if side > BROADEST_BRUSH:
        return ink
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, brush, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    if cv2.countNonZero(opened) > (1 - LEAST_THIN) * inside.size:
        return ink
    near = cv2.dilate(opened, np.ones((3, 3), np.uint8))  # with the gray of their edges
    return np.asarray(ink * near, np.uint8)


def otsu(contrast: NDArray[np.float32], above: float | None = None) -> float:
    """Otsu's threshold of the contrast of all pixels, or of those above a value, 0 to 1; 0 without any."""
    some = contrast[:: _stride(contrast), :: _stride(contrast)]
    values = some if above is None else some[some > above]
    if not values.size:
        return 0.0
    levels = cv2.convertScaleAbs(values, alpha=255)
    value, _ = cv2.threshold(np.ascontiguousarray(levels), 0, 255, cv2.THRESH_OTSU)
    return float(value) / 255


def _global_threshold(contrast: NDArray[np.float32], strictness: Strictness) -> float:
    first = otsu(contrast)
    if strictness == "strict":
        return max(STRICT * first, otsu(contrast, above=first))
    return FAINT * first if strictness == "faint" else first


def grain(contrast: NDArray[np.float32]) -> float:
    """Standard deviation of the paper's grain: median distance of pixels beside each other, over 0.954 for a normal
    noise.

    Enlarging, blur and compression make the nearest neighbors alike; those some pixels apart then tell.
    """
    step = max(1, round(math.sqrt(contrast.size / GRAIN_PIXELS)))
    distances = [
        np.abs(contrast[::step, lag::step] - contrast[::step, :-lag:step])
        for lag in GRAIN_LAGS
        if contrast.shape[1] > lag
    ]
    return max((float(np.median(distance)) / 0.954 for distance in distances), default=0.0)


def _stride(contrast: NDArray[np.float32]) -> int:
    height, width = contrast.shape
    return max(1, round(max(int(height), int(width)) / 600))
