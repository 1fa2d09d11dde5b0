"""What stands where a digit could and is none: marks, letters, scribbles, two digits in one box."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import pi

import numpy as np
from numpy.typing import NDArray

from core.pens.curves import Curve, Strokes
from core.pens.drawing import draw_digit, prepare, unit_high, vary
from core.pens.letters import CURRENCIES, LETTERS, PERCENTS, SIGNS, SLASHES
from core.pens.styles import Style

SLASH_LEAN = 0.22
"""Least width of a slash that is 1 high: it leans by 12 degrees."""


def draw_not_digit(rng: np.random.Generator, kind: str | None = None) -> Strokes:
    """Write something that is not a digit; `kind` is one of `KINDS`, any of them when None.

    Letters, scribbles and whole marks are about 1 high; dashes, dots and the like as large as beside a digit.
    """
    name = kind or tuple(KINDS)[rng.integers(len(KINDS))]
    if name not in KINDS:
        raise ValueError(f"no kind {name!r}; there are {', '.join(KINDS)}")
    return KINDS[name](rng)


def draw_currency(rng: np.random.Generator, style: str | None = None) -> Strokes:
    """Write a sign of `CURRENCIES`, any of them when None; 1 high."""
    return unit_high(_drawn(CURRENCIES, rng, style))


def draw_slash(rng: np.random.Generator, style: str | None = None) -> Strokes:
    """Write one of `SLASHES`, any of them when None; 1 high, and never as steep as a 1."""
    while True:
        strokes = unit_high(_drawn(SLASHES, rng, style))
        if float(np.ptp(strokes[0][:, 0])) >= SLASH_LEAN:
            return strokes


def draw_percent(rng: np.random.Generator, style: str | None = None) -> Strokes:
    """Write one of `PERCENTS`, any of them when None; 1 high."""
    return unit_high(_drawn(PERCENTS, rng, style))


def draw_parentheses(rng: np.random.Generator) -> tuple[Strokes, Strokes]:
    """An opening and a closing parenthesis, 1 high each."""
    opening, closing = (unit_high(_drawn(SIGNS, rng, name)) for name in ("opening parenthesis", "closing parenthesis"))
    return opening, closing


def _letter(rng: np.random.Generator) -> Strokes:
    return unit_high(_drawn(LETTERS, rng))


def _sign(rng: np.random.Generator) -> Strokes:
    return _drawn(SIGNS, rng)


def _drawn(styles: dict[str, Style], rng: np.random.Generator, name: str | None = None) -> Strokes:
    """One of the styles as a new hand would write it."""
    return vary(_curves(name or tuple(styles)[rng.integers(len(styles))]), rng)


def _scribble(rng: np.random.Generator) -> Strokes:
    """A tangle: random turning points joined smoothly, dense enough that no digit hides in it."""
    count = int(rng.integers(12, 26))
    knots = rng.uniform(0, 1, (count, 2)) * (rng.uniform(0.6, 1.4), 1.0)
    return unit_high((_smooth(knots),))


def _zigzag(rng: np.random.Generator) -> Strokes:
    """Back and forth while moving on, as one crosses something out."""
    count = int(rng.integers(7, 16))
    x = np.linspace(0, rng.uniform(0.7, 1.6), count) + rng.normal(0, 0.02, count)
    y = np.where(np.arange(count) % 2 == 0, 0.0, 1.0) + rng.normal(0, 0.08, count)
    points = np.stack([x, y], axis=1)
    return unit_high((_smooth(points) if rng.random() < 0.5 else points.astype(np.float32),))


def _spiral(rng: np.random.Generator) -> Strokes:
    turns = rng.uniform(2.2, 4.5)
    angle = np.linspace(0, turns * 2 * pi, int(turns * 16))
    radius = angle / angle[-1] * rng.uniform(0.9, 1.1) + 0.03
    start = rng.uniform(0, 2 * pi)
    points = np.stack([radius * np.cos(angle + start), radius * np.sin(angle + start) * rng.uniform(0.7, 1.2)], axis=1)
    return unit_high((points.astype(np.float32),))


def _blob(rng: np.random.Generator) -> Strokes:
    """A filled spot: a pen going over the same place."""
    points = rng.normal(0, 0.12, (30, 2)) * (rng.uniform(0.7, 1.6), 1.0)
    return (_smooth(points),)


def _pair(rng: np.random.Generator) -> Strokes:
    """Two digits in one box."""
    left, right = (draw_digit(int(rng.integers(10)), rng) for _ in range(2))
    edge = max(float(stroke[:, 0].max()) for stroke in left)
    step = np.array([edge + rng.uniform(0.03, 0.3), rng.normal(0, 0.06)], np.float32)
    return unit_high((*left, *(stroke + step for stroke in right)))


def _crossed_out(rng: np.random.Generator) -> Strokes:
    """A digit taken back: scribbled over."""
    strokes = draw_digit(int(rng.integers(10)), rng)
    width = max(0.4, *(float(stroke[:, 0].max()) for stroke in strokes))
    count = int(rng.integers(6, 11))
    x = np.where(np.arange(count) % 2 == 0, -0.1, width + 0.1) + rng.normal(0, 0.05, count)
    y = np.linspace(rng.uniform(0.0, 0.25), rng.uniform(0.75, 1.0), count)
    return unit_high((*strokes, _smooth(np.stack([x, y], axis=1))))


def _smooth(knots: NDArray[np.float64]) -> NDArray[np.float32]:
    """(n, 2) float32 through (k, 2) knots: Catmull-Rom with eight points a span."""
    padded = np.concatenate([knots[:1], knots, knots[-1:]])
    t = np.linspace(0, 1, 8, endpoint=False)[:, None, None]
    a, b, c, d = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    points = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    flat = points.transpose(1, 0, 2).reshape(-1, 2)
    return np.concatenate([flat, knots[-1:]]).astype(np.float32)


@cache
def _curves(name: str) -> tuple[Curve, ...]:
    return prepare((LETTERS | SIGNS | CURRENCIES | SLASHES | PERCENTS)[name])


KINDS: dict[str, Callable[[np.random.Generator], Strokes]] = {
    "letter": _letter,
    "sign": _sign,
    "scribble": _scribble,
    "zigzag": _zigzag,
    "spiral": _spiral,
    "blob": _blob,
    "pair": _pair,
    "crossed out": _crossed_out,
}
"""The kinds of things that are not a digit, and what writes them."""
