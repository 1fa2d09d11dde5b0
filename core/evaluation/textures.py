"""Clouds and blurs that corruptions of pictures are made from."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

PLASMA_SIDE = 256


def blurred(images: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """(n, h, w) float32, each picture under a bell of standard deviation `sigma` pixels; borders go on as they are."""
    return np.stack([cv2.GaussianBlur(one, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE) for one in images])


def plasma(count: int, rng: np.random.Generator, smoothness: float) -> NDArray[np.float64]:
    """(count, 256, 256) clouds, each from 0 to 1, which meet themselves at the borders.

    Midpoints are moved by chance, `smoothness` times less for each halving of their distance (Fournier, Fussell and
    Carpenter, "Computer Rendering of Stochastic Models", 1982).
    """
    clouds = np.zeros((count, PLASMA_SIDE, PLASMA_SIDE))
    step, reach = PLASMA_SIDE, 1.0

    def moved(mean: NDArray[np.float64]) -> NDArray[np.float64]:
        return mean + rng.uniform(-reach, reach, mean.shape)

    while step > 1:
        half = step // 2
        corners = clouds[:, ::step, ::step]
        beside, below = np.roll(corners, -1, axis=2), np.roll(corners, -1, axis=1)
        middles = moved((corners + beside + below + np.roll(below, -1, axis=2)) / 4)
        clouds[:, half::step, half::step] = middles
        clouds[:, ::step, half::step] = moved((corners + beside + middles + np.roll(middles, 1, axis=1)) / 4)
        clouds[:, half::step, ::step] = moved((corners + below + middles + np.roll(middles, 1, axis=2)) / 4)
        step, reach = half, reach / smoothness
    lowest, highest = clouds.min(axis=(1, 2), keepdims=True), clouds.max(axis=(1, 2), keepdims=True)
    return np.asarray((clouds - lowest) / (highest - lowest), np.float64)
