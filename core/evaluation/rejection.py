"""Marks that are no digits, by kind; but for the blank, none is a picture that a network was trained on.

Pieces come from held-out writers' digits, letters and kana from held-out alphabets and classes. Drawn letters, signs,
scribbles, rules, specks and noise come anew from the generators that training draws from.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.datasets import bitmaps
from core.datasets.pieces import PIECES, Draw, Ink
from core.datasets.strokes import PenDigit
from core.evaluation.measures import Share, share_of
from core.normalization import normalize
from core.pens import draw_not_digit, render

FALSE_REJECTION = 0.01
MARKS_PER_KIND = 500
SEED = 43
BRUSH_SHARES = (0.05, 0.14)  # of the height: from a ballpoint to a marker

# Kinds of `core.datasets.pieces`, cut from held-out writers' digits, and of `core.pens`, drawn anew, as a person would
# group them.
FROM_PIECES: dict[str, tuple[str, ...]] = {
    "halves": ("half", "two halves"),
    "pairs": ("pair", "narrow pair", "several", "stacked"),
    "with a neighbor": ("with neighbor",),
    "struck through": ("struck through",),
    "rules and dashes": ("rule",),
    "specks and blobs": ("specks", "blob"),
    "noise": ("noise", "texture"),
}
FROM_PENS: dict[str, tuple[str, ...]] = {
    "scribbles": ("scribble", "zigzag", "spiral", "crossed out"),
    "drawn letters": ("letter",),
    "drawn signs": ("sign",),
}


def marks(pens: Sequence[PenDigit], count: int = MARKS_PER_KIND, seed: int = SEED) -> dict[str, NDArray[np.uint8]]:
    """(count, 28, 28) uint8 normalized marks per kind; pieces are cut from `pens`, which hold all ten digits.

    Of blanks there is one.
    """
    made: dict[str, NDArray[np.uint8]] = {"a blank": np.zeros((1, 28, 28), np.uint8)}
    for name, kinds in FROM_PIECES.items():
        rng = randomness(name, seed)
        made[name] = _several(_pieces(kinds, partial(_drawn, pens, rng), rng), count)
    for name, kinds in FROM_PENS.items():
        made[name] = _several(_signs(kinds, randomness(name, seed)), count)
    return made


def foreign_characters(count: int = MARKS_PER_KIND, seed: int = SEED) -> dict[str, NDArray[np.uint8]]:
    """At most `count` characters of each alphabet or class held out of training that resemble no digit, normalized.

    Raises:
        DataError: the data sets lie nowhere or are damaged.
    """
    letters = np.stack([normalize(ink) for ink in bitmaps.omniglot("test")])
    sets = {"held-out letters (Greek)": letters, "held-out kana (KMNIST)": bitmaps.kmnist("test").images}
    chosen = {name: randomness(name, seed).permutation(len(images))[:count] for name, images in sets.items()}
    return {name: images[chosen[name]] for name, images in sets.items()}


def rejected(scores: Mapping[str, NDArray[np.floating]], threshold: float) -> dict[str, Share]:
    """Marks whose score is above the threshold, by kind."""
    return {kind: share_of(values > threshold) for kind, values in scores.items()}


def randomness(name: str, seed: int = SEED) -> np.random.Generator:
    """Randomness of a kind's own, so that more of one kind changes no other."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _several(source: Iterator[Ink], count: int) -> NDArray[np.uint8]:
    return np.stack([normalize(next(source)) for _ in range(count)])


def _pieces(kinds: tuple[str, ...], draw: Draw, rng: np.random.Generator) -> Iterator[Ink]:
    makers: list[Callable[[Draw, np.random.Generator], Ink]] = [PIECES[kind] for kind in kinds]
    while True:
        yield makers[rng.integers(len(makers))](draw, rng)


def _signs(kinds: tuple[str, ...], rng: np.random.Generator) -> Iterator[Ink]:
    while True:
        strokes = draw_not_digit(rng, kinds[rng.integers(len(kinds))])
        yield render(strokes, height_px=80, brush_px=80 * rng.uniform(*BRUSH_SHARES))


def _drawn(pens: Sequence[PenDigit], rng: np.random.Generator) -> tuple[Ink, int]:
    pen = pens[int(rng.integers(len(pens)))]
    return render(pen.strokes, height_px=80, brush_px=80 * rng.uniform(*BRUSH_SHARES)), pen.digit
