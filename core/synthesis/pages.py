"""Lines of text to a picture of the page they were written on, with its truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, radians, tan

import cv2
import numpy as np
from numpy.typing import NDArray

from core.geometry import Box
from core.images import Image
from core.synthesis.camera import photograph, viewpoint
from core.synthesis.glyphs import DigitSource, pen_digits
from core.synthesis.numbers import Number, number_ink
from core.synthesis.paper import Planes, blank_sheet, lay_ink, mark_ink, rule_sheet
from core.synthesis.settings import PageSettings

LINE_DISTANCE = 1.75
"""From line to line, in digit heights."""
GROUP_GAP = (1.1, 1.6)
"""Between the groups of a line, in digit heights: plainly more than between digits."""
MARGIN = 0.09
"""Share of the page that stays free on each side; the table takes some of it."""


@dataclass(frozen=True, eq=False)
class Page:
    """A picture of a written page and what stands on it.

    lines: the text of each line, groups parted by one space, top to bottom.
    boxes: per line a box per digit, in pixels of the picture.
    """

    image: Image
    lines: tuple[str, ...]
    boxes: tuple[tuple[Box, ...], ...]

    def __post_init__(self) -> None:
        digits = [len(line.replace(" ", "")) for line in self.lines]
        if digits != [len(boxes) for boxes in self.boxes]:
            raise ValueError(f"lines of {digits} digits do not fit boxes of {[len(boxes) for boxes in self.boxes]}")

    @property
    def text(self) -> str:
        """All lines, parted by a newline."""
        return "\n".join(self.lines)


@dataclass(frozen=True, eq=False)
class _Writing:
    """Ink on a sheet, before it is laid: where each digit is, where each line stands."""

    ink: NDArray[np.uint8]
    boxes: tuple[tuple[Box, ...], ...]
    baselines: tuple[int, ...]


def written_page(
    lines: Sequence[str],
    settings: PageSettings,
    rng: np.random.Generator,
    *,
    source: DigitSource | None = None,
    name: str = "page",
) -> Page:
    """Write lines of digits (groups parted by spaces) on a page and take its picture.

    source: where the digits come from; our own pens when None.

    Raises:
        ValueError: a line without digits or with something else than digits and spaces.
    """
    texts = tuple(" ".join(line.split()) for line in lines)
    source = source or pen_digits(rng.uniform(*settings.pen_width))
    digit_height = rng.uniform(*settings.digit_height)
    numbers = _fitting(texts, settings, digit_height, rng, source)
    writing = _written(numbers, settings, rng)
    height_px = float(np.median([box.height for boxes in writing.boxes for box in boxes])) if texts else digit_height
    sheet = _filled_sheet(writing, settings, height_px, rng)
    view = viewpoint(settings, rng)
    pixels = photograph(sheet, view, settings, rng)
    boxes = tuple(tuple(_seen(box, view, settings.size_wh) for box in line) for line in writing.boxes)
    return Page(Image(pixels, name), texts, boxes)


def _filled_sheet(writing: _Writing, settings: PageSettings, digit_height: float, rng: np.random.Generator) -> Planes:
    """Paper, then the back's writing, the print, other marks, and the numbers on top."""
    sheet = blank_sheet(settings, rng)
    if settings.bleed_through > 0:
        back = cv2.GaussianBlur(np.roll(writing.ink[:, ::-1], round(0.9 * digit_height), axis=0), (0, 0), 1.5)
        sheet = lay_ink(sheet, np.asarray(back, np.uint8), settings.ink, settings.bleed_through, 0.0, rng)
    sheet = rule_sheet(sheet, settings, writing.baselines, writing.boxes, digit_height)
    strength = rng.uniform(*settings.strength)
    ink = writing.ink
    if settings.marks:
        taken = [box for line in writing.boxes for box in line]
        ink = np.maximum(ink, mark_ink(ink.shape, settings.marks, taken, digit_height, rng))
    return lay_ink(sheet, ink, settings.ink, strength, settings.grain, rng)


def _fitting(
    texts: Sequence[str], settings: PageSettings, digit_height: float, rng: np.random.Generator, source: DigitSource
) -> list[list[Number]]:
    """The numbers of each line, written as large as asked or as fits on the page."""
    width, height = settings.size_wh
    room_wh = (width * (1 - 2 * MARGIN), height * (1 - 2 * MARGIN))
    digit_height = min(digit_height, room_wh[1] / (LINE_DISTANCE * max(1, len(texts)) + 0.4))
    while True:
        state = rng.bit_generator.state
        numbers = [
            [
                number_ink(group, rng, height_px=digit_height, settings=settings.number, source=source)
                for group in text.split()
            ]
            for text in texts
        ]
        widths = [sum(n.ink.shape[1] for n in line) + (len(line) - 1) * GROUP_GAP[1] * digit_height for line in numbers]
        if not widths or max(widths) <= room_wh[0]:
            return numbers
        digit_height *= min(0.95, room_wh[0] / max(widths))
        rng.bit_generator.state = state


def _written(numbers: Sequence[Sequence[Number]], settings: PageSettings, rng: np.random.Generator) -> _Writing:
    """Put the numbers on the sheet, line by line, each line rising a little."""
    width, height = settings.size_wh
    ink = np.zeros((height, width), np.uint8)
    rise = tan(radians(rng.uniform(*settings.rising_degrees)))
    digit_height = float(np.median([number.baseline for line in numbers for number in line])) if numbers else 1.0
    distance = LINE_DISTANCE * digit_height
    spare = height * (1 - 2 * MARGIN) - distance * len(numbers)
    y = height * MARGIN + digit_height * 1.2 + max(0.0, spare) * rng.uniform(0.2, 0.8)
    boxes, baselines = [], []
    for line in numbers:
        gap = rng.uniform(*GROUP_GAP) * digit_height
        line_width = sum(number.ink.shape[1] for number in line) + gap * (len(line) - 1)
        x = width * MARGIN + max(0.0, width * (1 - 2 * MARGIN) - line_width) * rng.uniform(0.05, 0.6)
        placed: list[Box] = []
        for number in line:
            placed.extend(_place(ink, number, x, y - rise * (x - width / 2), rise))
            x += number.ink.shape[1] + gap
        boxes.append(tuple(placed))
        baselines.append(round(y))
        y += distance
    return _Writing(ink, tuple(boxes), tuple(baselines))


def _place(ink: NDArray[np.uint8], number: Number, x: float, y: float, rise: float) -> list[Box]:
    """Add a number's ink with its baseline's left end at (x, y), rising by `rise`; returns its digits' boxes."""
    height, width = number.ink.shape
    lift = abs(rise) * width + 2
    left, top = floor(x), floor(y - number.baseline - lift)
    matrix = np.array([[1, 0, x - left], [-rise, 1, y - number.baseline - top]], np.float64)
    laid = cv2.warpAffine(number.ink, matrix, (width + 2, height + ceil(2 * lift)), flags=cv2.INTER_LINEAR)
    rows = slice(max(0, top), max(0, min(ink.shape[0], top + laid.shape[0])))
    columns = slice(max(0, left), max(0, min(ink.shape[1], left + laid.shape[1])))
    region = ink[rows, columns]
    np.maximum(region, laid[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left], out=region)
    boxes = []
    for box in number.boxes:
        top = y - number.baseline + box.y - rise * box.center[0]
        tilt = abs(rise) * box.width / 2
        boxes.append(_outer(x + box.x, top - tilt, x + box.right, top + box.height + tilt))
    return boxes


def _seen(box: Box, view: NDArray[np.float64], size_wh: tuple[int, int]) -> Box:
    """A box of the sheet as the camera sees it, cut to the picture."""
    corners = np.array([[[box.x, box.y], [box.right, box.y], [box.right, box.bottom], [box.x, box.bottom]]], np.float64)
    moved = cv2.perspectiveTransform(corners, view)[0]
    low = np.clip(moved.min(axis=0), 0, size_wh)
    high = np.clip(moved.max(axis=0), 0, size_wh)
    return _outer(low[0], low[1], high[0], high[1])


def _outer(left: float, top: float, right: float, bottom: float) -> Box:
    x, y = floor(left + 1e-6), floor(top + 1e-6)
    return Box(x, y, ceil(right - 1e-6) - x, ceil(bottom - 1e-6) - y)
