"""Handwriting of our own making: digits, and what is not a digit, as pen trajectories.

    styles.py      how people write each digit: control points per style, nothing but data
    letters.py     signs and letters that no one takes for a digit; a comma alone is a thick 1
    curves.py      control points -> smooth strokes
    drawing.py     a style -> one hand's version of it: slant, aspect, tremor, overshoot
    nondigits.py   scribbles, marks, letters, pairs of digits
    rendering.py   strokes -> ink, as a browser's canvas would draw them

A stroke is an (n, 2) float32 array of x (to the right) and y (down); a digit is 1 high. Recorded trajectories have the
same type.
"""

from core.pens.curves import Strokes
from core.pens.drawing import STYLES, draw_digit, draw_style
from core.pens.nondigits import (
    KINDS,
    draw_currency,
    draw_not_digit,
    draw_parentheses,
    draw_percent,
    draw_slash,
)
from core.pens.rendering import render, trace

__all__ = [
    "KINDS",
    "STYLES",
    "Strokes",
    "draw_currency",
    "draw_digit",
    "draw_not_digit",
    "draw_parentheses",
    "draw_percent",
    "draw_slash",
    "draw_style",
    "render",
    "trace",
]
