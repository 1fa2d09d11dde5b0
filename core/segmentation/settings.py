"""What a user may set about segmentation; everything is automatic by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PolarityChoice = Literal["auto", "dark", "light"]
InkChoice = Literal["auto", "faint", "normal", "strict", "broad"]


@dataclass(frozen=True, kw_only=True)
class SegmentationSettings:
    """How a picture is taken apart.

    polarity: "dark" ink on light paper, "light" ink on dark, or whichever reads better.
    ink: how dark a stroke must be: "faint" keeps pale pencil, "strict" drops pale print, "broad" thin lines as
    dark as the pen, "auto" tries what is needed.
    rules: take out ruled lines, grids and underlines.
    cuts: cut touching digits apart and join broken ones.
    enlarge: small pictures with thin pens are taken apart at twice their size.
    even_light: find out how bright the paper is under every pixel; else it is white, or black under light ink.
    """

    polarity: PolarityChoice = "auto"
    ink: InkChoice = "auto"
    rules: bool = True
    cuts: bool = True
    enlarge: bool = True
    even_light: bool = True
