"""One hand's version of a style: nobody writes a digit the same way twice."""

from __future__ import annotations

from functools import cache
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

from core.pens.curves import Curve, Strokes, curve
from core.pens.styles import DIGITS, IN_LINES, RARE, Style

STYLES: dict[int, tuple[str, ...]] = {digit: tuple(styles) for digit, styles in enumerate(DIGITS)}
"""The styles each digit can be written in."""

# Standard deviations and ranges, in digit heights unless said. Chosen by eye on contact sheets: the widest at which no
# digit begins to look like another one.
CONTROL_SHAKE = 0.018
STROKE_SHIFT = 0.012
ENDPOINT_SHARE = 0.05
WARP = 0.03
TREMOR = 0.006
ASPECTS = (0.78, 1.3)
SLANTS = (-0.12, 0.38)
ROTATION_DEGREES = 4.0
RARE_SHARE = 0.25


def draw_digit(digit: int, rng: np.random.Generator, style: str | None = None) -> Strokes:
    """Write a digit as a new hand would.

    digit: 0 to 9. style: one of `STYLES[digit]`; any of them when None.
    Returns strokes in the order of writing, exactly 1 high, the top left corner at (0, 0).

    Raises:
        ValueError: no such digit or style.
    """
    if digit not in STYLES:
        raise ValueError(f"{digit} is not a digit from 0 to 9")
    name = style or draw_style(digit, rng)
    if name not in DIGITS[digit]:
        raise ValueError(f"no style {name!r} for {digit}; there are {', '.join(STYLES[digit])}")
    return unit_high(vary(_digit_curves(digit, name), rng))


def draw_style(digit: int, rng: np.random.Generator, *, in_a_line: bool = False) -> str:
    """One of `STYLES[digit]`, rare ones seldom; those that only lines hold where `in_a_line`."""
    return STYLES[digit][rng.choice(len(STYLES[digit]), p=_shares(digit, in_a_line))]


def vary(curves: tuple[Curve, ...], rng: np.random.Generator) -> Strokes:
    """Shake a template: control points, places and ends of strokes, slant, aspect and turn; add the hand's tremor."""
    tremor = TREMOR * rng.random() ** 2
    turn = _random_turn(rng)
    phases, strengths = rng.uniform(0, 2 * pi, (2, 2)), rng.normal(0, WARP / 2, (2, 2))
    strokes = []
    for prepared in curves:
        controls = prepared.controls
        shake = rng.normal(0, CONTROL_SHAKE, controls.shape) + rng.normal(0, STROKE_SHIFT, 2)
        points = prepared.blend @ (controls + shake)
        # A smooth field bends the whole digit: about one wave over its height, so that neighbors move alike.
        for axis in (0, 1):
            points = points + strengths[axis] * np.sin(1.25 * pi * points[:, axis : axis + 1] + phases[axis])
        points = _move_ends(points @ turn, rng)
        strokes.append((points + _tremble(len(points), tremor, rng)).astype(np.float32))
    return tuple(strokes)


def unit_high(strokes: Strokes) -> Strokes:
    """Move strokes to (0, 0) and scale them to be 1 high; a flat stroke keeps its scale."""
    points = np.concatenate(strokes)
    top_left = points.min(axis=0)
    height = float(points[:, 1].max() - top_left[1])
    scale = 1 / height if height > 1e-3 else 1.0
    return tuple(((stroke - top_left) * scale).astype(np.float32) for stroke in strokes)


def prepare(style: Style) -> tuple[Curve, ...]:
    """A style's strokes, ready to be varied."""
    return tuple(curve(stroke) for stroke in style)


@cache
def _shares(digit: int, in_a_line: bool) -> NDArray[np.float64]:
    """How often each style of a digit is written; they sum to 1."""
    shares = dict.fromkeys(RARE, RARE_SHARE) | dict.fromkeys(IN_LINES, RARE_SHARE if in_a_line else 0.0)
    weights = np.array([shares.get((digit, style), 1.0) for style in STYLES[digit]])
    return np.asarray(weights / weights.sum(), np.float64)


@cache
def _digit_curves(digit: int, style: str) -> tuple[Curve, ...]:
    return prepare(DIGITS[digit][style])


def _random_turn(rng: np.random.Generator) -> NDArray[np.float64]:
    """Aspect, slant and rotation as one (2, 2) matrix for row vectors."""
    low, high = ASPECTS
    aspect = low * (high / low) ** rng.random()
    slant = rng.triangular(SLANTS[0], 0.08, SLANTS[1])
    angle = rng.normal(0, ROTATION_DEGREES) * pi / 180
    lean = np.array([[aspect, 0.0], [-slant, 1.0]])
    return np.asarray(lean @ np.array([[cos(angle), sin(angle)], [-sin(angle), cos(angle)]]), np.float64)


def _move_ends(points: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Start and stop a little late or early: the end glides along its direction, its neighbors with it."""
    reach = min(4, len(points) // 2)
    if reach < 2:
        return points
    fade = np.linspace(1, 0, reach + 1)[:-1, None]
    length = float(np.abs(np.diff(points, axis=0)).sum())
    start, end = rng.normal(0, ENDPOINT_SHARE * min(1.0, length) / 2, 2)
    out = points.copy()
    out[:reach] += start * fade * _direction(points[0] - points[reach])
    out[-reach:] += end * fade[::-1] * _direction(points[-1] - points[-1 - reach])
    return out


def _direction(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    length = max(1e-6, float(np.hypot(vector[0], vector[1])))
    return np.asarray(vector / length, np.float64)


def _tremble(count: int, amplitude: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """(count, 2) smooth noise: a hand trembles over several points at once, not from one to the next."""
    knots = max(2, count // 4)
    noise = rng.normal(0, amplitude, (knots, 2))
    at = np.linspace(0, knots - 1, count)
    return np.stack([np.interp(at, np.arange(knots), noise[:, axis]) for axis in (0, 1)], axis=1)
