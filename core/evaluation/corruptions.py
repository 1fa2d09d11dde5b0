"""The fifteen corruptions of MNIST-C, made from their description (Mu and Gilmer, "MNIST-C: A Robustness Benchmark for
Computer Vision", 2019).

The strength of each is the published one: the constants below. The code is our own, so that single pictures differ from
the published ones, and figures from those on them by a little; they compare between models measured here.

A corruption takes and gives (n, 28, 28) float32, 0 = paper, 1 = ink; what leaves 0 to 1 is cut off by `corrupted`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from core.evaluation.textures import blurred, plasma

Batch = NDArray[np.float32]
Corruption = Callable[[Batch, np.random.Generator], Batch]

SIDE = 28
MIDDLE = (SIDE - 1) / 2
SEED = 47

PHOTONS = 3  # that full ink sends
IMPULSES = 0.17  # share of pixels
GLASS_SIGMA, GLASS_ROUNDS = 0.7, 2
MOTION_SIGMA, MOTION_REACH, MOTION_DEGREES = 3.0, 10, 45.0
LEAN = TURN = 0.4  # radians
SHRUNK = 0.7
BRIGHTER = 0.5
MOVED = 3
STRIPE = 7  # columns at each side
FOG, FOG_SMOOTHNESS = 3.0, 1.4**2
CLOUDS_AT_ONCE = 64  # 256 pixels wide: 34 MB
SPATTER_SIGMA, SPATTER_FROM, SPATTER_SOFTNESS, SPATTER_LEAST, SPATTER_INK = 1.0, 0.65, 1.5, 0.8, 63 / 255
SPATTER_MEAN, SPATTER_SPREAD = 0.65, 0.3
LINE_REACH = 2.3
ZIGZAG, ZIGZAG_RISE, ZIGZAG_COLUMNS = 2.0, 5, (2.0, 25.0)
CANNY_SIGMA, CANNY_THRESHOLDS = 1.0, (0.1, 0.2)


def corrupted(name: str, images: NDArray[np.uint8], seed: int = SEED) -> NDArray[np.uint8]:
    """Every picture of (n, 28, 28) uint8, 255 = ink, with the corruption `name`; the same for the same seed.

    Raises:
        ValueError: there is no such corruption, or the pictures have another shape.
    """
    if name not in CORRUPTIONS:
        raise ValueError(f"no corruption {name!r}; there are {', '.join(CORRUPTIONS)}")
    if images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8:
        raise ValueError(f"pictures are (n, 28, 28) uint8, not {images.shape} {images.dtype}")
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    changed = CORRUPTIONS[name](_single(images / 255), rng)
    return np.rint(255 * np.clip(changed, 0, 1)).astype(np.uint8)


def shot_noise(images: Batch, rng: np.random.Generator) -> Batch:
    """Few photons: each pixel counts as many as chance lets through."""
    return _single(rng.poisson(images * PHOTONS) / PHOTONS)


def impulse_noise(images: Batch, rng: np.random.Generator) -> Batch:
    """Dead pixels: half of them paper, half of them ink."""
    luck = rng.random(images.shape)
    return _single(np.where(luck < IMPULSES / 2, 0, np.where(luck > 1 - IMPULSES / 2, 1, images)))


def glass_blur(images: Batch, rng: np.random.Generator) -> Batch:
    """Frosted glass: neighboring pixels change places, between two blurs."""
    shuffled = blurred(images, GLASS_SIGMA)
    everyone = np.arange(len(images))
    for _ in range(GLASS_ROUNDS):
        for row, column in np.ndindex(SIDE - 2, SIDE - 2):
            moves = rng.integers(-1, 2, (2, len(images))) * rng.integers(0, 2, len(images))
            here, there = (everyone, row + 1, column + 1), (everyone, row + 1 + moves[0], column + 1 + moves[1])
            shuffled[here], shuffled[there] = shuffled[there], shuffled[here]
    return blurred(shuffled, GLASS_SIGMA)


def motion_blur(images: Batch, rng: np.random.Generator) -> Batch:
    """The hand moves while the shutter is open: a trace to one side that fades as a bell does."""
    angles = np.radians(rng.uniform(-MOTION_DEGREES, MOTION_DEGREES, len(images)))
    return np.stack([cv2.filter2D(one, -1, _trace(angle)) for one, angle in zip(images, angles, strict=True)])


def _trace(angle: float) -> NDArray[np.float32]:
    """(21, 21) weights from the middle to one side."""
    kernel = np.zeros((2 * MOTION_REACH + 1, 2 * MOTION_REACH + 1), np.float32)
    for step in range(MOTION_REACH + 1):
        column, row = round(MOTION_REACH + step * np.cos(angle)), round(MOTION_REACH + step * np.sin(angle))
        kernel[row, column] += np.exp(-0.5 * (step / MOTION_SIGMA) ** 2)
    return _single(kernel / kernel.sum())


def shear(images: Batch, rng: np.random.Generator) -> Batch:
    """Leaning to one side or the other."""
    return _mapped(images, [np.array([[1, sign * np.tan(LEAN)], [0, 1]]) for sign in _signs(rng, len(images))])


def scale(images: Batch, _rng: np.random.Generator) -> Batch:
    """Smaller."""
    return _mapped(images, [SHRUNK * np.eye(2)] * len(images))


def rotate(images: Batch, rng: np.random.Generator) -> Batch:
    """Turned to one side or the other."""
    cosine, sine = np.cos(TURN), np.sin(TURN)
    return _mapped(images, [np.array([[cosine, -s * sine], [s * sine, cosine]]) for s in _signs(rng, len(images))])


def translate(images: Batch, rng: np.random.Generator) -> Batch:
    """Moved towards one of the four corners."""
    places = MOVED * np.stack([_signs(rng, len(images)), _signs(rng, len(images))], axis=1)
    return _mapped(images, [np.eye(2)] * len(images), places)


def brightness(images: Batch, _rng: np.random.Generator) -> Batch:
    """More light on ink and paper alike."""
    return _single(np.minimum(images + BRIGHTER, 1))


def stripe(images: Batch, _rng: np.random.Generator) -> Batch:
    """Ink and paper change places but in an upright stripe in the middle."""
    changed = images.copy()
    changed[..., :STRIPE] = 1 - changed[..., :STRIPE]
    changed[..., -STRIPE:] = 1 - changed[..., -STRIPE:]
    return changed


def fog(images: Batch, rng: np.random.Generator) -> Batch:
    """A corner of clouds, nine times as wide, before the picture: three times as strong as the ink."""
    brightest = images.max(axis=(1, 2), keepdims=True)
    parts = range(0, len(images), CLOUDS_AT_ONCE)
    clouds = np.concatenate(
        [plasma(min(CLOUDS_AT_ONCE, len(images) - part), rng, FOG_SMOOTHNESS)[:, :SIDE, :SIDE] for part in parts]
    )
    return _single((images + FOG * clouds) * brightest / (brightest + FOG))


def spatter(images: Batch, rng: np.random.Generator) -> Batch:
    """Drops of mud on the lens."""
    liquid = blurred(_single(rng.normal(SPATTER_MEAN, SPATTER_SPREAD, images.shape)), SPATTER_SIGMA)
    cover = blurred(_single(liquid > SPATTER_FROM), SPATTER_SOFTNESS)
    cover[cover < SPATTER_LEAST] = 0
    return _single(images * (1 - cover) + SPATTER_INK * cover)


def dotted_line(images: Batch, rng: np.random.Generator) -> Batch:
    """A straight line across the whole picture, two columns in four."""
    rows = rng.integers(0, SIDE - 1, (2, len(images))).astype(np.float64)
    ends = [np.array([[0, first], [SIDE - 1, last]]) for first, last in rows.T]
    shown = np.arange(SIDE) % 4 >= 2
    return _single(images + shown * np.stack([_inked(path) for path in ends]))


def zigzag(images: Batch, rng: np.random.Generator) -> Batch:
    """A zigzag across the picture, rising or falling a little."""
    firsts = rng.integers(0, SIDE - 1, len(images))
    lasts = firsts + rng.integers(-ZIGZAG_RISE, ZIGZAG_RISE, len(images))
    return _single(images + np.stack([_inked(_zigzag(a, b)) for a, b in zip(firsts, lasts, strict=True)]))


def _zigzag(first: int, last: int) -> NDArray[np.float64]:
    """(k, 2) corners as (column, row), between two rows, by turns above and below the straight line."""
    start, end = np.array([ZIGZAG_COLUMNS[0], first]), np.array([ZIGZAG_COLUMNS[1], last])
    length = float(np.hypot(*(end - start)))
    along = (end - start) / length
    across = np.array([-along[1], along[0]])
    corners = np.arange(ZIGZAG, length - ZIGZAG, 2 * ZIGZAG)
    sides = np.where(np.arange(len(corners)) % 2 == 0, ZIGZAG, -ZIGZAG)
    return np.concatenate([[start], start + corners[:, None] * along + sides[:, None] * across, [end]])


def canny_edges(images: Batch, _rng: np.random.Generator) -> Batch:
    """Nothing but edges (Canny, "A Computational Approach to Edge Detection", 1986)."""
    low, high = (255 * threshold for threshold in CANNY_THRESHOLDS)
    smooth = np.rint(255 * blurred(images, CANNY_SIGMA)).astype(np.uint8)
    return _single(np.stack([cv2.Canny(one, low, high, L2gradient=True) for one in smooth]) / 255)


CORRUPTIONS: dict[str, Corruption] = {
    "shot noise": shot_noise,
    "impulse noise": impulse_noise,
    "glass blur": glass_blur,
    "motion blur": motion_blur,
    "shear": shear,
    "scale": scale,
    "rotate": rotate,
    "brightness": brightness,
    "translate": translate,
    "stripe": stripe,
    "fog": fog,
    "spatter": spatter,
    "dotted line": dotted_line,
    "zigzag": zigzag,
    "canny edges": canny_edges,
}
"""By name, in the order of the publication."""

BY_CAMERA = tuple(
    name for name in CORRUPTIONS if name not in ("stripe", "spatter", "dotted line", "zigzag", "canny edges")
)
"""Those that light, lens, hand or place of a camera make: the reader is there for them."""


def _single(values: NDArray[np.generic]) -> Batch:
    return values.astype(np.float32)


def _signs(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    return rng.choice(np.array([-1, 1]), count)


def _mapped(images: Batch, linear: list[NDArray[np.float64]], places: NDArray[np.int64] | None = None) -> Batch:
    """Each picture under its own (2, 2) map around its middle, then moved by its place, (n, 2) as (x, y)."""
    middle = np.full(2, MIDDLE)
    moves = np.zeros((len(images), 2)) if places is None else places
    maps = [np.column_stack([one, middle + move - one @ middle]) for one, move in zip(linear, moves, strict=True)]
    return _single(np.stack([cv2.warpAffine(one, by, (SIDE, SIDE)) for one, by in zip(images, maps, strict=True)]))


def _inked(path: NDArray[np.float64]) -> NDArray[np.float32]:
    """(28, 28): a pen along a path of (k, 2) corners, (column, row), from left to right: full where it goes, gone some
    pixels above and below.
    """
    places = np.arange(SIDE)
    ink = np.zeros((SIDE, SIDE))
    for (left, first), (right, last) in pairwise(path):
        rows = first + (last - first) / (right - left) * (places - left)
        share = np.minimum(np.abs(places[:, None] - rows) / LINE_REACH, 1 - 1e-9)
        reached = (places >= np.floor(left)) & (places < np.ceil(right))
        ink += reached * np.maximum(1 + np.log(1 - share), 0)
    return _single(np.minimum(ink, 1))
