"""What training does to a digit, anew in every epoch: turn, lean, size, place, elastic bends, stroke width, ink.

Everything works on uint8 pictures with OpenCV: 60,000 digits cost a few seconds, spent in threads beside the network.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import SettingsError

SIDE = 28
STILL_SHARE = 0.1
"""Of pictures that stay where they are: they alone are as sharp as those to be read."""
Pictures = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How far a digit is changed; each range is used to both sides.

    rotation_degrees, shear (tangent of the lean), scale (share of the size, each axis for itself), shift_px: the affine
    map.
    elastic_px: how far points move at most when the picture is bent; elastic_share: how many pictures are bent.
    stroke_share: how many get strokes broader or thinner by up to a pixel; ink_share: how many get fainter or stronger
    ink.

    Raises:
        SettingsError: a value outside its range.
    """

    rotation_degrees: float = 12.0
    shear: float = 0.18
    scale: float = 0.12
    shift_px: float = 1.6
    elastic_px: float = 1.4
    elastic_share: float = 0.4
    stroke_share: float = 0.2
    ink_share: float = 0.2

    def __post_init__(self) -> None:
        limits = {"rotation_degrees": 45.0, "shear": 1.0, "scale": 0.5, "shift_px": 8.0, "elastic_px": 6.0}
        shares = {"elastic_share": 1.0, "stroke_share": 1.0, "ink_share": 1.0}
        for name, limit in (limits | shares).items():
            if not 0 <= getattr(self, name) <= limit:  # also false for NaN
                raise SettingsError(f"the augmentation's {name} is {getattr(self, name)}; choose 0 to {limit:g}")


NONE = Augmentation(
    rotation_degrees=0, shear=0, scale=0, shift_px=0, elastic_px=0, elastic_share=0, stroke_share=0, ink_share=0
)
"""Digits as they are."""
LIGHT = Augmentation(
    rotation_degrees=8, shear=0.1, scale=0.08, shift_px=1, elastic_px=0, elastic_share=0, stroke_share=0, ink_share=0
)
"""Turned, leaned, sized and moved a little: what a short training can take in."""


def augment(images: Pictures, settings: Augmentation, rng: np.random.Generator) -> Pictures:
    """Change every picture of a batch in its own way.

    Args:
        images: (n, 28, 28) uint8, 255 = ink; left as it is.

    Returns:
        (n, 28, 28) uint8.
    """
    if settings == NONE:
        return images.copy()
    maps = _affine_maps(len(images), settings, rng)
    still, bent, thickened, inked = (
        rng.random(len(images)) < share
        for share in (STILL_SHARE, settings.elastic_share, settings.stroke_share, settings.ink_share)
    )
    result = np.empty_like(images)
    for i, image in enumerate(images):
        if thickened[i]:
            image = _with_other_stroke(image, rng)
        if not still[i]:
            places = _GRID + _bends(settings.elastic_px, rng) if bent[i] else _GRID
            # All moves in one, and cubic: each linear one would blur, and the digits to be read are sharp.
            places = np.asarray(places @ maps[i, :, :2].T + maps[i, :, 2], np.float32)
            image = np.asarray(cv2.remap(image, places[..., 0], places[..., 1], cv2.INTER_CUBIC), np.uint8)
        result[i] = _with_other_ink(image, rng) if inked[i] else image
    return result


def _affine_maps(count: int, settings: Augmentation, rng: np.random.Generator) -> NDArray[np.float64]:
    """(count, 2, 3): matrices around the picture's middle, from a place in the new picture to one in the old."""
    angle = np.radians(rng.uniform(-1, 1, count) * settings.rotation_degrees)
    shear = rng.uniform(-1, 1, count) * settings.shear
    size = 1 + rng.uniform(-1, 1, (count, 2)) * settings.scale
    cosine, sine = np.cos(angle), np.sin(angle)
    linear = np.empty((count, 2, 2))
    linear[:, 0, 0], linear[:, 0, 1] = cosine * size[:, 0], (cosine * shear - sine) * size[:, 1]
    linear[:, 1, 0], linear[:, 1, 1] = sine * size[:, 0], (sine * shear + cosine) * size[:, 1]
    middle = np.full(2, SIDE / 2 - 0.5)
    shift = rng.uniform(-1, 1, (count, 2)) * settings.shift_px
    return np.concatenate([linear, (middle + shift - linear @ middle)[..., None]], axis=2)


def _bends(reach_px: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """(28, 28, 2) moves in pixels, x and y: elastic bends, a coarse grid of random ones made smooth.

    Simard, Steinkraus and Platt, "Best practices for convolutional neural networks", 2003.
    """
    moves = cv2.resize(
        rng.uniform(-reach_px, reach_px, (5, 5, 2)).astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC
    )
    return np.asarray(moves, np.float32)


def _with_other_stroke(image: Pictures, rng: np.random.Generator) -> Pictures:
    """Up to two thirds of a pixel broader or thinner on each side: a blend with the fully dilated or eroded picture."""
    changed = cv2.dilate(image, _CROSS) if rng.random() < 0.5 else cv2.erode(image, _CROSS)
    share = rng.uniform(0.2, 0.7)
    return np.asarray(cv2.addWeighted(image, 1 - share, changed, share, 0), np.uint8)


def _with_other_ink(image: Pictures, rng: np.random.Generator) -> Pictures:
    """Edges softer or harder, ink a little fainter."""
    return _TONES[rng.integers(len(_TONES))][image]


def _tone(gamma: float, strength: float) -> Pictures:
    return np.asarray(255 * strength * np.linspace(0, 1, 256) ** gamma, np.uint8)


_GRID = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1).astype(np.float32)
_CROSS = np.asarray(cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)), np.uint8)
_TONES = tuple(
    _tone(math.exp(gamma), strength) for gamma in (-0.6, -0.3, 0.0, 0.3, 0.6) for strength in (0.75, 0.9, 1.0)
)
