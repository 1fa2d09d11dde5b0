"""What a written page looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.synthesis.numbers import NumberSettings

Color = tuple[int, int, int]
Ruling = Literal["none", "lines", "grid", "underline", "box", "cells"]

WHITE_PAPER: Color = (240, 239, 235)
BLACK_PEN: Color = (38, 38, 44)
RULE_BLUE: Color = (150, 172, 205)


@dataclass(frozen=True, kw_only=True)
class PageSettings:
    """Paper, ink, light and camera of one page. Defaults give a sheet of white paper in a good scanner.

    size_wh: pixels of the picture.
    digit_height: least and most height of a digit in pixels; smaller where a line would not fit.
    number: how digits stand beside each other.
    rising_degrees: least and most rise of the lines to the right.
    paper, ink: RGB. Light ink on dark paper is a blackboard.
    strength: least and most cover of the ink, 0 to 1; a hard pencil has about 0.3.
    grain: how much the paper's tooth shows in the ink, 0 to 1; about 0.5 for a pencil, 0.8 for chalk.
    pen_width: least and most width of a stroke in digit heights, for our own pens.
    texture: standard deviation of the paper's fibers in gray values.
    ruling: what is printed on the sheet, in the color `rule`.
    bleed_through: cover of the writing on the back, 0 to 1.
    marks: how many other things lie beside the numbers: letters, dashes, doodles, specks.
    shadow: share of the light that a hand or phone takes, 0 to 1.
    vignette: share of the light lost in the corners, 0 to 1.
    tint: color of the light, RGB factors.
    perspective: how far corners move, as a share of the page; turns it a little too.
    turned_degrees: least and most turn of the whole sheet, print and all, counterclockwise; it is seen squarely then.
    table: whether the sheet lies on a dark table with its edges in the picture.
    blur: standard deviation in pixels. noise: standard deviation in gray values.
    jpeg_quality: 1 to 100; 100 leaves the picture as it is.
    """

    size_wh: tuple[int, int] = (900, 560)
    digit_height: tuple[float, float] = (48.0, 110.0)
    number: NumberSettings = NumberSettings()
    rising_degrees: tuple[float, float] = (-0.8, 0.8)
    paper: Color = WHITE_PAPER
    ink: Color = BLACK_PEN
    strength: tuple[float, float] = (0.88, 1.0)
    grain: float = 0.08
    pen_width: tuple[float, float] = (0.055, 0.12)
    texture: float = 1.2
    ruling: Ruling = "none"
    rule: Color = RULE_BLUE
    bleed_through: float = 0.0
    marks: int = 0
    shadow: float = 0.0
    vignette: float = 0.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    perspective: float = 0.0
    turned_degrees: tuple[float, float] = (0.0, 0.0)
    table: bool = False
    blur: float = 0.5
    noise: float = 1.5
    jpeg_quality: int = 92
