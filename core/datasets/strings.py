"""Numbers as a line of ink, to train the line recognizer on: touching, joined, broken, with other marks, worn.

Strings are written with digits of one split; segmentation finds their pieces and lines, as it does when reading.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from typing import Literal, NamedTuple, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from core.datasets.digits import Split
from core.datasets.string_parts import (
    HEIGHT_PX,
    Part,
    any_hand,
    currency,
    even_group,
    other_mark,
    separator,
    small_mark,
    uneven_group,
)
from core.datasets.string_wear import INK, on_print, photographed, worn_line
from core.recognition.image import line_image
from core.segmentation.lines import WritingLine, find_lines
from core.segmentation.pieces import connected
from core.synthesis.numbers import Signs

Ink = NDArray[np.uint8]
Manner = Literal["plain", "rough"]
"""How lines are written: side by side, or as amounts on printed paper, with separators, small zeros and all."""

MOST_DIGITS = 8
SIGNS: tuple[Signs, ...] = get_args(Signs)
SIGN_SHARES = (0.63, 0.04, 0.05, 0.05, 0.11, 0.12)
"""How often plain lines hold each."""
CHUNK = 4_000
"""Strings made from one seed in one process: some twenty seconds of work."""
WHOLE = 0.97
"""Share of a rough line's ink that segmentation finds on one line; else its small digits are lost to another."""
KEPT = 0.8
"""Share of a line's ink that must be left of it."""
WIDEST = 288
"""Columns of a training picture; longer lines are left out, since the network slides along a line of any length."""


class Sample(NamedTuple):
    """image: (32, W) uint8, 255 = ink; text: its digits, in order."""

    image: Ink
    text: str


def strings(
    split: Split, manner: Manner, count: int, *, seed: int = 7, executor: Executor | None = None
) -> list[Sample]:
    """`count` lines by the hands of one split. The same seed, the same lines, however many processes make them.

    Raises:
        DataError: a file of the data sets is damaged.
    """
    jobs = [(split, manner, seed, index, min(CHUNK, count - index * CHUNK)) for index in range(-(-count // CHUNK))]
    chunks: Iterable[list[Sample]] = executor.map(_chunk, jobs) if executor else map(_chunk, jobs)
    return [sample for chunk in chunks for sample in chunk]


def _chunk(job: tuple[Split, Manner, int, int, int]) -> list[Sample]:
    split, manner, seed, index, count = job
    cv2.setNumThreads(1)
    words = [zlib.crc32(split.encode())] + ([zlib.crc32(manner.encode())] if manner != "plain" else [])
    samples = string_samples(split, manner, np.random.default_rng([seed, *words, index]))
    return [next(samples) for _ in range(count)]


def string_samples(split: Split, manner: Manner, rng: np.random.Generator) -> Iterator[Sample]:
    """Endless lines of digits by the hands of one split, as pictures."""
    for line, text in string_lines(split, manner, rng):
        image, _, _ = line_image(line)
        if image.shape[1] <= WIDEST:
            yield Sample(image, text)


def string_lines(split: Split, manner: Manner, rng: np.random.Generator) -> Iterator[tuple[WritingLine, str]]:
    """Endless lines of digits by the hands of one split, as segmentation finds them, with their text."""
    while True:
        ink, text = _written(split, rng) if manner == "plain" else _amount(split, rng)
        worn = worn_line(ink, rng)
        if manner == "rough" and not _is_one_line(worn):
            continue
        printed = on_print(worn, rng) if manner == "rough" and rng.random() < 0.4 else worn
        page = photographed(printed, rng)
        lines = find_lines(connected(page))
        if not lines:
            continue
        line = max(lines, key=lambda found: sum(piece.area for piece in found.pieces))
        # What fell into several lines, or faded away, no longer says what was written.
        if sum(piece.area for piece in line.pieces) / page.size < KEPT * np.count_nonzero(worn > INK) / worn.size:
            continue
        yield line, text


def _is_one_line(page: Ink) -> bool:
    """Whether small and raised digits still count as one line with the others."""
    lines = find_lines(connected(page))
    areas = [sum(piece.area for piece in line.pieces) for line in lines]
    return bool(areas) and max(areas) >= WHOLE * int(np.count_nonzero(page > 127))


def _written(split: Split, rng: np.random.Generator) -> tuple[Ink, str]:
    """One line: groups of digits that stand alike, with marks before, between and behind them; some dates."""
    hand = any_hand(split, rng)
    count = int(rng.integers(1, MOST_DIGITS + 1))
    marked = rng.random() < 0.35
    slant = (rng.uniform(-15, 22),) * 2 if rng.random() < 0.5 else (0.0, 0.0)
    signs = SIGNS[rng.choice(len(SIGNS), p=SIGN_SHARES)]
    parts: list[Part] = []
    while count > 0:
        if marked and rng.random() < 0.45:
            parts.append(other_mark(split, rng))
        group = count if signs == "slashes" else min(count, int(rng.integers(1, 5)))
        parts.append(even_group(hand, group, slant, rng, signs))
        signs = "none" if signs == "label" else signs
        count -= group
    if marked and (rng.random() < 0.45 or all(part.text for part in parts)):
        parts.append(other_mark(split, rng))
    return _laid(parts, rng), "".join(part.text for part in parts)


def _amount(split: Split, rng: np.random.Generator) -> tuple[Ink, str]:
    """A sum of money as people write it: groups of three, dots between, small or joined zeros, signs at both ends."""
    hand = any_hand(split, rng)
    count = int(rng.integers(2, MOST_DIGITS + 1))
    slant = (rng.uniform(-10, 32),) * 2 if rng.random() < 0.6 else (0.0, 0.0)
    money, marked = rng.random(2)
    parts = [currency(rng)] if money < 0.12 else [other_mark(split, rng)] if marked < 0.25 else []
    separated = rng.random() < 0.6
    first = (count - 1) % 3 + 1
    sizes = [first] + [3] * ((count - first) // 3) if rng.random() < 0.75 else [count]
    for place, size in enumerate(sizes):
        scale = rng.uniform(0.85, 1.15) if place == 0 else rng.uniform(0.55, 1.1)
        part = uneven_group(hand, size, slant, scale, rng)
        if place and separated:
            parts.append(separator(rng))
        parts.append(part)
    behind = int(rng.choice(3, p=(0.6, 0.3, 0.1)))
    parts.extend(other_mark(split, rng) if rng.random() < 0.4 else small_mark(rng) for _ in range(behind))
    parts.extend([currency(rng)] if money > 0.95 else [])
    return _laid(parts, rng), "".join(part.text for part in parts)


def _laid(parts: list[Part], rng: np.random.Generator) -> Ink:
    """The parts side by side on one line, most apart, some touching."""
    pad = round(HEIGHT_PX)
    top = max(part.baseline for part in parts)
    bottom = max(part.ink.shape[0] - part.baseline for part in parts)
    width = sum(part.ink.shape[1] for part in parts) + len(parts) * 2 * pad
    page = np.zeros((top + bottom + 2 * pad, width + 2 * pad), np.uint8)
    x = pad
    for part in parts:
        y = pad + top - part.baseline
        region = page[y : y + part.ink.shape[0], x : x + part.ink.shape[1]]
        np.maximum(region, part.ink[:, : region.shape[1]], out=region)
        gap = rng.uniform(-0.06, 0.5) if rng.random() < 0.8 else rng.uniform(0.4, 1.3)
        x += max(1, part.ink.shape[1] + round(gap * HEIGHT_PX))
    return page[:, : min(width, x + part.ink.shape[1] + pad)]
