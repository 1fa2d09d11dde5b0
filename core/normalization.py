"""The one way from a glyph to the network's input: MNIST's own recipe, after the pen's width has been evened.

MNIST's digits were cropped to their ink, scaled with their aspect kept into a 20x20 box, and pasted into 28x28 pixels
with their center of mass in the middle (LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document
recognition", 1998; the recipe was rebuilt by Yadav and Bottou, "Cold Case: The Lost MNIST Digits", 2019). Drawings,
photographs and training data of our own making all pass through here, so that a network sees one kind of picture.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 28
GLYPH_SIDE = 20

# Strokes are measured and evened at four times the glyph's size: fine enough for a quarter of a pixel of pen width,
# small enough that a huge glyph costs no more than a small one.
WORKING_SIDE = 4 * GLYPH_SIDE

# Pen width in pixels of the 20-pixel glyph: MNIST's own strokes from the 5th to the 98th percentile, as `stroke_width`
# measures them. Digits between them leave `normalize` exactly as MNIST has them.
THINNEST_STROKE = 1.5
THICKEST_STROKE = 4.2


def normalize(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bring one glyph into the form of MNIST's digits.

    Args:
        ink: (h, w) uint8, 255 = ink, 0 = paper; any size. Everything above 0 belongs to the glyph.

    Returns:
        (28, 28) uint8, 255 = ink: longer side of the ink 20 pixels, center of mass in the middle. All zero without ink.
    """
    glyph = _cropped(ink)
    if glyph.size == 0:
        return np.zeros((SIDE, SIDE), np.uint8)
    if max(glyph.shape) != GLYPH_SIDE or not _has_even_stroke(glyph):
        glyph = _cropped(_with_even_stroke(_scaled(glyph, WORKING_SIDE)))
    return _centered(_scaled(glyph, GLYPH_SIDE))


def stroke_width(ink: NDArray[np.uint8]) -> float:
    """Mean width of the strokes in pixels, from the mean distance of ink to paper; 0 without ink.

    Across a stroke of width w the distances to its edges average (w + 2) / 4 when the outermost ink counts as 1.
    """
    _, mask = cv2.threshold(_padded(ink, 1), 127, 1, cv2.THRESH_BINARY)
    area = cv2.countNonZero(mask)
    if area == 0:
        return 0.0
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    return max(4.0 * cv2.sumElems(distance)[0] / area - 2.0, 1.0)


def _padded(ink: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """`ink` with paper around it; numpy's own padding takes ten times as long."""
    return np.asarray(cv2.copyMakeBorder(ink, width, width, width, width, cv2.BORDER_CONSTANT), np.uint8)


def _cropped(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    x, y, width, height = cv2.boundingRect(ink)
    return ink[y : y + height, x : x + width]


def _scaled(ink: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """`ink` with its longer side `side` pixels long and its aspect kept, never thinner than one pixel."""
    height, width = ink.shape
    if max(height, width) == side:
        return ink
    factor = side / max(height, width)
    size_wh = max(1, round(width * factor)), max(1, round(height * factor))
    # Area averaging keeps the gray of the edges, as MNIST's own anti-aliasing did; it cannot enlarge.
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(ink, size_wh, interpolation=interpolation), np.uint8)


def _has_even_stroke(glyph: NDArray[np.uint8]) -> bool:
    """Whether a glyph that already has its final size needs no change of pen width."""
    enlarged = stroke_width(_scaled(glyph, WORKING_SIDE)) * GLYPH_SIDE / WORKING_SIDE
    return THINNEST_STROKE <= enlarged <= THICKEST_STROKE


def _with_even_stroke(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Thicken strokes of thin pens and thin those of broad ones, so that every pen looks like one of MNIST's."""
    # A hairline averaged over larger pixels has turned gray; it is as black as any other stroke.
    ink = np.asarray(cv2.convertScaleAbs(ink, alpha=255 / max(1, int(ink.max()))), np.uint8)
    unit = WORKING_SIDE / GLYPH_SIDE
    width = stroke_width(ink)
    missing = round(THINNEST_STROKE * unit - width)
    if missing > 0:
        return np.asarray(cv2.dilate(_padded(ink, missing), _disc(missing + 1)), np.uint8)
    surplus = round(width - THICKEST_STROKE * unit)
    if surplus > 0:
        thinned = np.asarray(cv2.erode(_padded(ink, 1), _disc(surplus + 1)), np.uint8)
        # A blot that erosion would swallow stays what it is.
        return thinned if cv2.countNonZero(thinned) > 0 else ink
    return ink


def _disc(diameter: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter, diameter)), np.uint8)


def _centered(glyph: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Paste a glyph of at most 20x20 into 28x28 with its center of mass in the middle."""
    moments = cv2.moments(glyph)
    center_x, center_y = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]
    # MNIST puts the center on the index 14, not on 13.5. Whole pixels: a fractional shift would blur one-pixel strokes
    # to half their ink. The clamp keeps all ink inside.
    left = min(max(round(SIDE / 2 - center_x), 0), SIDE - glyph.shape[1])
    top = min(max(round(SIDE / 2 - center_y), 0), SIDE - glyph.shape[0])
    result = np.zeros((SIDE, SIDE), np.uint8)
    result[top : top + glyph.shape[0], left : left + glyph.shape[1]] = glyph
    return result
