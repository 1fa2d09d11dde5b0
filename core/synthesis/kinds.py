"""The difficulties that are measured, one by one: what each kind of page looks like, and how long its numbers are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.synthesis.glyphs import DigitSource
from core.synthesis.numbers import NumberSettings, Signs
from core.synthesis.pages import Page, written_page
from core.synthesis.settings import PageSettings


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One difficulty.

    digits: least and most digits of a number. lines: how many lines a page has. groups: how many numbers on a line.
    touching: whether its digits are in each other, which is hard for every reader.
    """

    description: str
    settings: PageSettings
    digits: tuple[int, int] = (3, 6)
    lines: int = 1
    groups: int = 1

    @property
    def touching(self) -> bool:
        """Whether digits reach into each other."""
        return self.settings.number.touching > 0


PLAIN = PageSettings()
PHONE = PageSettings(
    shadow=0.18, vignette=0.12, tint=(1.0, 0.975, 0.93), texture=2.0, noise=3.0, blur=0.8, jpeg_quality=85
)
"""A phone's picture in a lit room: the base of all kinds that come from a camera."""

CELLS = replace(PHONE, ruling="cells", rule=(90, 90, 98), number=NumberSettings(pitch=1.25))
BLUE_PEN = (42, 62, 150)
RED_PEN = (178, 42, 48)
PENCIL = (92, 92, 96)
BOARD = (44, 56, 52)
CHALK = (232, 232, 222)


def _touching(pixels: float) -> Kind:
    return Kind(
        description=f"neighbors reach {pixels:g} twentieths of their height into each other",
        settings=replace(PLAIN, number=NumberSettings(touching=pixels)),
        digits=(2, 4),
    )


def _signed(signs: Signs, description: str, digits: tuple[int, int] = (3, 6)) -> Kind:
    settings = replace(PHONE, number=NumberSettings(signs=signs))
    return Kind(description=description, settings=settings, digits=digits)


KINDS: dict[str, Kind] = {
    "clean": Kind(description="a black pen on white paper in a scanner", settings=PLAIN),
    "phone": Kind(description="a phone's picture in a lit room", settings=PHONE),
    "shadow": Kind(
        description="the shadow of hand and phone across the page", settings=replace(PHONE, shadow=0.55, vignette=0.3)
    ),
    "rules": Kind(description="ruled paper, digits standing on the rules", settings=replace(PHONE, ruling="lines")),
    "grid": Kind(description="squared paper", settings=replace(PHONE, ruling="grid")),
    "underlined": Kind(
        description="a line drawn under the number", settings=replace(PHONE, ruling="underline", rule=(60, 60, 70))
    ),
    "boxed": Kind(
        description="a form's box around the number", settings=replace(PHONE, ruling="box", rule=(70, 70, 78))
    ),
    "cells": Kind(
        description="a form with a cell for each digit",
        settings=CELLS,
    ),
    "askew": Kind(
        description="the same form, held askew by up to 12 degrees",
        settings=replace(CELLS, turned_degrees=(-12, 12)),
    ),
    "faint": Kind(
        description="a hard pencil, hardly pressed",
        settings=replace(PHONE, ink=PENCIL, strength=(0.3, 0.55), grain=0.4, pen_width=(0.05, 0.08)),
    ),
    "blue": Kind(
        description="a blue ballpoint pen", settings=replace(PHONE, ink=BLUE_PEN, strength=(0.7, 0.95), grain=0.2)
    ),
    "red": Kind(description="a red pen", settings=replace(PHONE, ink=RED_PEN, strength=(0.65, 0.95), grain=0.15)),
    "touching 1 px": _touching(1),
    "touching 2 px": _touching(2),
    "touching 3 px": _touching(3),
    "touching 4 px": _touching(4),
    "broken": Kind(
        description="strokes with gaps",
        settings=replace(PLAIN, number=NumberSettings(broken=0.8, gaps=(0.18, 0.4))),
    ),
    "two digits": Kind(description="numbers of two digits", settings=PLAIN, digits=(2, 2)),
    "eight digits": Kind(description="numbers of eight digits", settings=PLAIN, digits=(8, 8)),
    "several lines": Kind(
        description="four lines of one or two numbers", settings=PHONE, digits=(2, 5), lines=4, groups=2
    ),
    "rising": Kind(
        description="two lines that rise or fall by up to 8 degrees",
        settings=replace(PHONE, rising_degrees=(-8, 8)),
        lines=2,
    ),
    "tilted": Kind(
        description="four lines of one or two numbers that rise or fall by up to 15 degrees",
        settings=replace(PHONE, rising_degrees=(-15, 15)),
        digits=(2, 5),
        lines=4,
        groups=2,
    ),
    "turned": Kind(
        description="two lines in a picture turned by up to 30 degrees",
        settings=replace(PHONE, turned_degrees=(-30, 30)),
        digits=(2, 5),
        lines=2,
    ),
    "slant": Kind(
        description="writing that leans by 15 degrees either way",
        settings=replace(PLAIN, number=NumberSettings(slant_degrees=(-15, 15))),
    ),
    "noise": Kind(
        description="a dim picture: noise, blur and strong compression",
        settings=replace(PHONE, noise=14, blur=1.6, jpeg_quality=45, tint=(0.7, 0.67, 0.6)),
    ),
    "perspective": Kind(description="seen from the side", settings=replace(PHONE, perspective=0.16)),
    "table": Kind(
        description="a sheet on a dark table, its edges in the picture",
        settings=replace(PHONE, table=True, perspective=0.08, digit_height=(44, 64)),
    ),
    "chalk": Kind(
        description="light chalk on a dark board",
        settings=replace(
            PHONE, paper=BOARD, ink=CHALK, strength=(0.75, 0.95), grain=0.5, texture=4, pen_width=(0.09, 0.14)
        ),
    ),
    "bleed-through": Kind(description="the writing on the back shows", settings=replace(PHONE, bleed_through=0.16)),
    "money": _signed("money", "a dollar, pound or euro before the number or behind it"),
    "percent": _signed("percent", "a percent sign behind the number"),
    "parentheses": _signed("parentheses", "parentheses around the number"),
    "label": _signed("label", "a word before the number or behind it, in print or by hand"),
    "dates": _signed("slashes", "slashes between the parts of a date", digits=(4, 8)),
    "other marks": Kind(
        description="letters, signs, doodles and specks beside the number",
        settings=replace(PHONE, marks=6, digit_height=(48, 64)),
    ),
}
"""Kinds by name, from easy to hard within a family."""


STRIP = replace(PLAIN, size_wh=(760, 300))
"""One line of up to six digits on a strip of paper."""
STRINGS: dict[str, Kind] = {
    "string apart": Kind(description="two to six digits apart", settings=STRIP, digits=(2, 6))
} | {
    f"string touching {pixels} px": Kind(
        description=f"two to six digits, neighbors reach {pixels} twentieths of their height into each other",
        settings=replace(STRIP, number=NumberSettings(touching=pixels)),
        digits=(2, 6),
    )
    for pixels in (1, 2, 3, 4)
}
"""Numbers alone, by how far their digits reach into each other: what `python -m core evaluate` measures."""


def kind_named(name: str) -> Kind:
    """One of `KINDS` or `STRINGS`.

    Raises:
        ValueError: no such kind.
    """
    kinds = KINDS | STRINGS
    if name not in kinds:
        raise ValueError(f"no kind of page {name!r}; there are {', '.join(kinds)}")
    return kinds[name]


def kind_page(name: str, seed: int, index: int, source: DigitSource | None = None) -> Page:
    """The `index`-th page of a kind: the same for the same seed.

    Raises:
        ValueError: no such kind.
    """
    kind = kind_named(name)
    rng = np.random.default_rng([seed, index, *name.encode()])
    lines = [
        " ".join(_number(kind, rng) for _ in range(int(rng.integers(1, kind.groups + 1)))) for _ in range(kind.lines)
    ]
    return written_page(lines, kind.settings, rng, source=source, name=f"{name} {index}")


def _number(kind: Kind, rng: np.random.Generator) -> str:
    length = int(rng.integers(kind.digits[0], kind.digits[1] + 1))
    return "".join(str(digit) for digit in rng.integers(0, 10, length))
