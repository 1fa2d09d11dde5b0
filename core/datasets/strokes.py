"""Recorded pen trajectories: the UCI pendigits as strokes and writers."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.datasets import sources
from core.datasets.digits import Split
from core.errors import DataError
from core.pens import Strokes

# A permutation of the 30 writers with seed 2026, cut at 20 and 24 before anything was trained.
PEN_WRITERS: dict[Split, tuple[int, ...]] = {
    "train": (4, 17, 27, 21, 22, 24, 10, 13, 18, 19, 25, 29, 26, 7, 2, 12, 1, 14, 3, 16),
    "validation": (15, 23, 9, 28),
    "test": (20, 6, 30, 8, 5, 11),
}


@dataclass(frozen=True, eq=False)
class PenDigit:
    """A recorded digit: its strokes (1 high, y down, top left corner at (0, 0)), the digit 0 to 9, who wrote it."""

    strokes: Strokes
    digit: int
    writer: int


def pendigits(split: Split) -> tuple[PenDigit, ...]:
    """Digits that people wrote on a tablet; a few lost strokes in recording.

    Raises:
        DataError: the file lies nowhere or is damaged.
    """
    text = sources.content(sources.PENDIGITS).decode("ascii", "replace")
    return tuple(pen for pen in parse_unipen(text) if pen.writer in PEN_WRITERS[split])


def parse_unipen(text: str) -> tuple[PenDigit, ...]:
    """Digits in UNIPEN text: `.COMMENT digit writer sample`, then `x y` lines between .PEN_DOWN and .PEN_UP, y upwards.

    Raises:
        DataError: a line that belongs to no pen position, or a digit without ink.
    """
    return tuple(_pen_digit(block) for block in re.split(r"^\.SEGMENT DIGIT.*$", text, flags=re.MULTILINE)[1:])


def _pen_digit(block: str) -> PenDigit:
    head = re.search(r"^\.COMMENT\s+(\d)\s+(\d+)\s", block, re.MULTILINE)
    traces = re.findall(r"^\.PEN_DOWN\s*$(.*?)^\.PEN_UP", block, re.MULTILINE | re.DOTALL)
    if head is None or not traces:
        raise DataError("the UNIPEN text holds a segment without its digit, its writer or its ink; fetch it again")
    try:
        raw = [np.array([line.split() for line in trace.strip().splitlines()], np.float32) for trace in traces]
    except ValueError as error:
        raise DataError(f"the UNIPEN text holds a pen position that is none ({error}); fetch it again") from error
    if any(stroke.ndim != 2 or stroke.shape[1] != 2 for stroke in raw):
        raise DataError("the UNIPEN text holds a pen position without x and y; fetch it again")
    return PenDigit(_upright(raw), int(head[1]), int(head[2]))


def _upright(raw: list[NDArray[np.float32]]) -> Strokes:
    """Turn y downwards and scale to a height of 1; a flat digit (its other strokes were lost) keeps a width of 1."""
    points = np.concatenate(raw)
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float(high[1] - low[1]) or float(high[0] - low[0]) or 1.0
    corner = np.array([low[0], high[1]], np.float32)
    return tuple(((stroke - corner) * np.array([1, -1], np.float32) / extent).astype(np.float32) for stroke in raw)


def varied(strokes: Strokes, rng: np.random.Generator) -> Strokes:
    """The same hand on another day: other slant, width and turn, and a bend of the whole; the digit stays what it is.

    Twenty people wrote all recorded digits that are trained on: changes that only a pen makes, and no warp of pixels
    can, stand in for other people. Strokes come back unscaled.
    """
    slant, turn, aspect = rng.normal(0, 0.14), rng.normal(0, 0.07), np.exp(rng.normal(0, 0.14))
    cosine, sine = np.cos(turn), np.sin(turn)
    linear = np.array([[aspect, 0.0], [-slant, 1.0]]) @ np.array([[cosine, sine], [-sine, cosine]])
    phases, strengths, waves = (
        rng.uniform(0, 2 * np.pi, (2, 2)),
        rng.normal(0, 0.035, (2, 2)),
        rng.uniform(2.5, 6, (2, 2)),
    )
    changed = []
    for stroke in strokes:
        points = stroke.astype(np.float64)
        # Each axis is bent by both: neighbors move alike, so no stroke tears from another.
        bend = sum(strengths[axis] * np.sin(waves[axis] * points[:, axis : axis + 1] + phases[axis]) for axis in (0, 1))
        changed.append(((points + bend) @ linear).astype(np.float32))
    return tuple(changed)
