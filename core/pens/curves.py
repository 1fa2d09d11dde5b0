"""Smooth strokes through control points.

A stroke is written as parts; each part is a smooth curve through its points, and where two parts meet the pen turns a
corner. The curve is a cubic Hermite spline over centripetal knots, which keep it from cusps and loops of its own
(Yuksel, Schaefer, Keyser, "Parameterization and applications of Catmull-Rom curves", 2011). With knots taken from the
template, every point of the curve is a fixed blend of the control points, so a stroke is one matrix product however its
control points were shaken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, hypot, pi, sin

import numpy as np
from numpy.typing import NDArray

Strokes = tuple[NDArray[np.float32], ...]
Point = tuple[float, float]
Part = tuple[Point, ...]
StrokeParts = tuple[Part, ...]

POINT_SPACING = 0.045
"""Distance between the points of a finished stroke, in digit heights: such a chord lies within 0.002 of a bowl."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A stroke ready to be drawn: `blend @ (controls + any shake)` is its trajectory.

    controls: (k, 2) float32, each control point once.
    blend: (n, k) float32, rows sum to 1.
    """

    controls: NDArray[np.float32]
    blend: NDArray[np.float32]


def arc(center: Point, radii: Point, start: float, end: float) -> Part:
    """Points on an ellipse from angle `start` to `end` in degrees; 0 is right, 90 down, falling angles turn left."""
    count = max(3, round(abs(end - start) / 45) + 1)
    angles = [(start + (end - start) * i / (count - 1)) * pi / 180 for i in range(count)]
    return tuple((center[0] + radii[0] * cos(angle), center[1] + radii[1] * sin(angle)) for angle in angles)


def curve(parts: StrokeParts) -> Curve:
    """Prepare a stroke: parts follow each other, each beginning where the last one ended."""
    controls: list[Point] = list(parts[0][:1])
    blocks: list[tuple[int, NDArray[np.float64]]] = []
    for part in parts:
        if part[0] != controls[-1]:
            raise ValueError(f"a part begins at {part[0]}, but the pen is at {controls[-1]}")
        blocks.append((len(controls) - 1, _part_blend(part)))
        controls.extend(part[1:])
    rows = sum(len(block) for _, block in blocks)
    blend = np.zeros((rows, len(controls)), np.float32)
    row = 0
    for first, block in blocks:
        blend[row : row + len(block), first : first + block.shape[1]] = block
        row += len(block)
    return Curve(np.array(controls, np.float32), blend)


def _part_blend(part: Sequence[Point]) -> NDArray[np.float64]:
    """Weights of the part's points in each point of its curve."""
    count = len(part)
    lengths = [max(1e-3, hypot(b[0] - a[0], b[1] - a[1])) for a, b in pairwise(part)]
    knots = np.concatenate([[0.0], np.cumsum(np.sqrt(lengths))])
    tangents = _tangents(knots)
    identity = np.eye(count)
    rows = [identity[:1]]
    for i, length in enumerate(lengths):
        # A straight part needs few points; they are there so that tremor can bend it.
        steps = max(2, round(length / POINT_SPACING))
        t = (np.arange(1, steps + 1) / steps)[:, None]
        span = knots[i + 1] - knots[i]
        start, end = identity[i], identity[i + 1]
        rows.append(
            (2 * t**3 - 3 * t**2 + 1) * start
            + (t**3 - 2 * t**2 + t) * span * tangents[i]
            + (3 * t**2 - 2 * t**3) * end
            + (t**3 - t**2) * span * tangents[i + 1]
        )
    return np.concatenate(rows)


def _tangents(knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of the points in the derivative at each: a parabola through three neighbors, a chord through two."""
    count = len(knots)
    weights = np.zeros((count, count))
    if count == 2:
        weights[:] = np.array([-1.0, 1.0]) / (knots[1] - knots[0])
        return weights
    for i in range(count):
        middle = min(max(i, 1), count - 2)
        before, at, after = knots[middle - 1 : middle + 2]
        x = knots[i]
        weights[i, middle - 1] = (2 * x - at - after) / ((before - at) * (before - after))
        weights[i, middle] = (2 * x - before - after) / ((at - before) * (at - after))
        weights[i, middle + 1] = (2 * x - before - at) / ((after - before) * (after - at))
    return weights
