"""Drawings and pages to try in the app, of our own making."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from core.pens import Strokes, draw_digit, draw_not_digit
from core.synthesis.kinds import BLUE_PEN, BOARD, CHALK, KINDS, PENCIL, PHONE
from core.synthesis.numbers import NumberSettings
from core.synthesis.pages import Page, written_page
from core.synthesis.settings import PageSettings

CANVAS_SIDE = 280
"""Side of the canvas the drawings are made for, in pixels."""


class SamplePage(NamedTuple):
    """A page of the gallery: its name, what is hard about it, and the page."""

    name: str
    description: str
    page: Page


def sample_drawings() -> dict[str, Strokes]:
    """Drawings by name, as strokes in pixels of a canvas of 280 by 280, for a brush of about 14."""
    return {
        "Crossed seven": _on_canvas(((7, "crossed"),), seed=3),
        "Open four": _on_canvas(((4, "open"),), seed=1),
        "Looped two": _on_canvas(((2, "looped"),), seed=2),
        "Footed one": _on_canvas(((1, "footed"),), seed=4),
        "Three digits": _on_canvas(((3, "flat-topped"), (0, "oval"), (8, "one stroke")), seed=5),
        "Year": _on_canvas(((2, "curly"), (0, "narrow"), (2, "rising tail"), (6, "curled")), seed=6),
        "Not a digit": _centered(draw_not_digit(np.random.default_rng(6), "spiral"), 150),
    }


_GALLERY: tuple[tuple[str, str, tuple[str, ...], PageSettings], ...] = (
    (
        "Shopping sums",
        "Four lines in blue ballpoint on ruled paper, with the phone's shadow.",
        ("1240 85", "367", "9052 16", "48"),
        replace(PHONE, ruling="lines", ink=BLUE_PEN, strength=(0.85, 0.9), shadow=0.35, size_wh=(1000, 720)),
    ),
    (
        "Touching digits",
        "Neighbors run into each other and must be cut apart.",
        ("5283", "7064"),
        replace(PHONE, number=NumberSettings(touching=0.5)),
    ),
    (
        "Pencil on squares",
        "Faint pencil on squared paper: ink little darker than the print.",
        ("31415", "926"),
        replace(PHONE, ruling="grid", ink=PENCIL, strength=(0.85, 0.9), grain=0.4, shadow=0.15),
    ),
    (
        "Form",
        "A cell for each digit, to be told from ones.",
        ("20260417",),
        replace(KINDS["cells"].settings, digit_height=(58, 62)),
    ),
    (
        "Blackboard",
        "Light chalk on a dark board.",
        ("1789", "42"),
        replace(KINDS["chalk"].settings, paper=BOARD, ink=CHALK, digit_height=(84, 96)),
    ),
    (
        "Sheet on the table",
        "Seen from the side, with the table around it and marks that are no digits.",
        ("6038", "1597"),
        replace(KINDS["table"].settings, marks=4, size_wh=(1000, 720), digit_height=(66, 72)),
    ),
)


def sample_pages() -> Iterator[SamplePage]:
    """The gallery, page by page: each is made when it is asked for."""
    for seed, (name, description, lines, settings) in enumerate(_GALLERY):
        page = written_page(lines, settings, np.random.default_rng([2026, seed]), name=name)
        yield SamplePage(name, description, page)


def _on_canvas(digits: tuple[tuple[int, str], ...], seed: int) -> Strokes:
    """A number across the canvas, as large as fits."""
    rng = np.random.default_rng(seed)
    strokes: list[np.ndarray] = []
    x = 0.0
    for digit, style in digits:
        written = draw_digit(digit, rng, style)
        strokes.extend(stroke + np.array([x, rng.normal(0, 0.02)], np.float32) for stroke in written)
        x += max(float(stroke[:, 0].max()) for stroke in written) + 0.35
    return _centered(tuple(strokes), 170)


def _centered(strokes: Strokes, height: float) -> Strokes:
    """Scaled to a height, or to the canvas's width where that is less, and put in its middle."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = min(height / float(high[1] - low[1]), 0.86 * CANVAS_SIDE / max(1e-6, float(high[0] - low[0])))
    middle = (low + high) / 2
    return tuple(((stroke - middle) * scale + CANVAS_SIDE / 2).astype(np.float32) for stroke in strokes)
