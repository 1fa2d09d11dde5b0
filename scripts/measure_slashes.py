"""Measure how slashes and ones stand in their lines: `python -m scripts.measure_slashes`.

Printed are percentiles of lean and height, each beside that of the line's other tall pieces, of the straight strokes
between two tall pieces on pages by our own pens: slashes on 200 dates, ones on 200 pages of each of four other kinds.
The constants of `core.grouping.slashes` were chosen by them. Takes half a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

import numpy as np

from core.grouping.slashes import TALL, lean_of, slant_of
from core.segmentation.lines import WritingLine
from core.segmentation.page import Attempt, segment
from core.segmentation.sheet import Sheet
from core.synthesis.kinds import kind_page

SLASHES, ONES = ("dates",), ("clean", "eight digits", "slant", "phone")
PAGES, SEED = 200, 21
PERCENTILES = (5, 25, 50, 75, 95)
NEAR = 0.3
"""A stroke whose middle is so many of its heights from that of a digit is that digit."""


def straight_strokes(line: WritingLine) -> Iterator[tuple[float, float, float, float]]:
    """Of each between two tall pieces: middle and height in pixels; how much more it leans, how much higher it is."""
    tall = {index: piece for index, piece in enumerate(line.pieces) if piece.box.height >= TALL * line.height}
    for index, piece in tall.items():
        lean = lean_of(piece.ink) if {index - 1, index + 1} <= tall.keys() else None
        if lean is not None:
            others = [other for place, other in tall.items() if place != index]
            more = lean - median(slant_of(other.ink) for other in others)
            high = piece.box.height / median(other.box.height for other in others)
            yield piece.box.x + piece.box.width / 2, piece.box.height, more, high


def strokes(kinds: tuple[str, ...], *, ones: bool) -> Iterator[tuple[float, float]]:
    """Lean and height of all that are ones, or of all that are no digit."""
    for kind in kinds:
        for index in range(PAGES):
            page = kind_page(kind, SEED, index)
            found = segment(Sheet(page.image.pixels), Attempt())
            scale = found.scale * page.image.scale
            digits = [
                (box.center[0] / scale, digit)
                for row, text in zip(page.boxes, page.lines, strict=True)
                for box, digit in zip(row, text.replace(" ", ""), strict=True)
            ]
            for line in found.lines:
                for middle, height, more, high in straight_strokes(line):
                    here = {digit for place, digit in digits if abs(place - middle) < NEAR * height}
                    if here == ({"1"} if ones else set()):
                        yield more, high


def main() -> None:
    """Print the percentiles of both."""
    print("percentiles".ljust(30) + "".join(f"{percent:8}" for percent in PERCENTILES))
    for name, kinds, ones in (("slashes", SLASHES, False), ("ones", ONES, True)):
        found = np.array(list(strokes(kinds, ones=ones)))
        for what, values in (("lean, degrees", found[:, 0]), ("height", found[:, 1])):
            shares = "".join(f"{value:8.2f}" for value in np.percentile(values, PERCENTILES))
            print(f"{len(found)} {name}: {what}".ljust(30) + shares)


if __name__ == "__main__":
    main()
