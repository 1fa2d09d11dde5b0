"""What the reader itself asks about touching digits: its own cuts through written strings, right ones and wrong ones.

Digits are written so that they touch, the reader's own over-segmentation takes them apart, and each hypothesis is
labeled by how much of which digit it holds. So the network learns the very shapes that it must tell apart later: a
digit with a scar, which still is one, and half a digit or one and a half, which is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from core.classifier import NOT_A_DIGIT
from core.grouping import candidates
from core.normalization import normalize, stroke_width
from core.segmentation.pieces import Piece, connected
from core.synthesis.numbers import Number, NumberSettings, number_ink

Ink = NDArray[np.uint8]
Draw = Callable[[], tuple[Ink, int]]

HEIGHTS_PX = (26.0, 60.0)
# Neighbors reach into each other by up to this many pixels of a 20-pixel digit; below 0 they stay apart.
DEEPEST = 4.5
# A hypothesis is a digit when it holds this share of its ink and little of others' ...
WHOLE, FOREIGN = 0.87, 0.1
# ... and none when it holds less than this share of every digit, or this much that is foreign. Between, nobody knows.
BROKEN, MIXED = 0.6, 0.25
PER_STRING = (4, 2)
"""Digits and non-digits taken from one string, so that no string fills the set."""


def cut_samples(draw: Draw, rng: np.random.Generator) -> Iterator[tuple[Ink, int]]:
    """Endless (28, 28) uint8 pictures with their label, 0 to 9 or "not a digit".

    draw: gives the ink of any digit and what it is.
    """
    while True:
        number = _touching(draw, rng)
        found = _labeled(number, rng)
        for wanted, count in ((True, PER_STRING[0]), (False, PER_STRING[1])):
            known = [(piece, label) for piece, label in found if (label != NOT_A_DIGIT) == wanted]
            for index in rng.permutation(len(known))[:count]:
                piece, label = known[index]
                yield normalize(piece.ink), label


def _touching(draw: Draw, rng: np.random.Generator) -> Number:
    digits = [draw() for _ in range(rng.choice((2, 2, 3)))]
    waiting = iter([ink for ink, _ in digits])
    settings = NumberSettings(
        touching=float(rng.uniform(0.1, DEEPEST)),
        slant_degrees=(-5.0, 15.0) if rng.random() < 0.3 else (0.0, 0.0),
        size_jitter=0.1,
        baseline_jitter=0.06,
        broken=0.1,
    )
    text = "".join(str(label) for _, label in digits)
    height = float(rng.uniform(*HEIGHTS_PX))
    return number_ink(text, rng, height_px=height, settings=settings, source=lambda _digit, _rng: next(waiting))


def _labeled(number: Number, rng: np.random.Generator) -> list[tuple[Piece, int]]:
    """Every hypothesis about the string whose label is beyond doubt."""
    page = np.pad(number.ink, 2)
    ink = cv2.GaussianBlur(page, (0, 0), rng.uniform(0.4, 1.1)) if rng.random() < 0.7 else page
    pieces = connected(np.asarray(ink, np.uint8))
    if not pieces:
        return []
    height = float(np.median([box.height for box in number.boxes]))
    stroke = stroke_width(np.asarray(ink, np.uint8))
    masks = [
        _mask(page.shape, box.x + 2, box.y + 2, glyph) for box, glyph in zip(number.boxes, number.glyphs, strict=True)
    ]
    found = []
    for piece in candidates(pieces, height, stroke):
        label = _label(_mask(page.shape, piece.box.x, piece.box.y, piece.ink), masks, number.text)
        if label is not None and piece.box.height > height / 3:
            found.append((piece, label))
    return found


def _mask(shape: tuple[int, ...], x: int, y: int, ink: Ink) -> NDArray[np.bool_]:
    mask = np.zeros(shape, bool)
    mask[y : y + ink.shape[0], x : x + ink.shape[1]] = ink > 127
    return mask


def _label(piece: NDArray[np.bool_], digits: list[NDArray[np.bool_]], text: str) -> int | None:
    """What a hypothesis is, or None where that is a matter of taste."""
    area = max(1, int(np.count_nonzero(piece)))
    held = [float(np.count_nonzero(piece & digit)) / max(1, int(np.count_nonzero(digit))) for digit in digits]
    best = int(np.argmax(held))
    foreign = float(np.count_nonzero(piece & ~digits[best])) / area
    if held[best] >= WHOLE and foreign <= FOREIGN:
        return int(text[best])
    if held[best] < BROKEN or foreign > MIXED:
        return NOT_A_DIGIT
    return None
