"""Boxes and digits drawn on a copy of the picture, to be told apart at any size, on dark and light, by every eye.

Colors are of the palette of Okabe and Ito ("Color Universal Design", 2008), which color-blind people tell apart too;
the verdict also shows without color: a sure digit has a whole box, an unsure one a dashed box, an unreadable one a `?`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
from numpy.typing import NDArray

from core.geometry import Box, union
from core.images import Image
from core.reading import Digit, Reading, Verdict

Color = tuple[int, int, int]

WHITE: Color = (255, 255, 255)
BLACK: Color = (0, 0, 0)
# Verdict -> color of box and label, color of the digit on it.
COLORS: dict[Verdict, tuple[Color, Color]] = {
    "sure": ((0, 114, 178), WHITE),
    "unsure": ((230, 159, 0), BLACK),
    "unreadable": ((213, 94, 0), WHITE),
}

LABEL_OF_DIGIT = 0.5  # a label is half as tall as the digits are, ...
LABEL_OF_PICTURE = 0.022  # ... but not so small that it is lost where a large photo is shown 800 pixels wide, ...
LABEL_OVER_DIGITS = 0.8  # ... unless that would cover the neighbors, ...
LABEL_AT_MOST = 1 / 4  # ... nor so large that it hides a small picture.
LABEL_WIDTH = 0.8  # in heights of a label
LABEL_AT_LEAST = 0.45  # Where there is less room above a digit a label is smaller, down to this share of itself.
CROWDED = 0.25  # Labels are as small as this share of them must be, so that most are of one size.
PEN_OF_LABEL = 1 / 9
# Pictures whose longer side is below the first are drawn on enlarged, to at least the second: else no label could be
# read.
TINY, LEGIBLE = 200, 480


class _Look(NamedTuple):
    """Sizes in pixels: height of a label, width of a line, width of the white edge around both."""

    label: int
    pen: int
    edge: int


def annotate(image: Image, reading: Reading) -> NDArray[np.uint8]:
    """The picture with a box around every digit and the answer above it.

    Args:
        image: the picture that was read, which stays as it is.
        reading: its boxes are in pixels of the original.

    Returns:
        (H, W, 3) uint8 RGB: `image.pixels`, enlarged by a whole number where they are tiny, with a strip above where a
        digit stands too near to the edge for its label.
    """
    height, width = image.pixels.shape[:2]
    times = -(-LEGIBLE // max(height, width)) if reading.digits and max(height, width) < TINY else 1
    pixels = image.pixels.repeat(times, axis=0).repeat(times, axis=1) if times > 1 else image.pixels
    boxes = [_scaled(digit.box, image.scale / times) for digit in reading.digits]
    if not boxes:
        return pixels.copy()
    look = _look(boxes, (pixels.shape[1], pixels.shape[0]))
    missing = max(0, look.label + look.pen + 2 * look.edge - min(box.y for box in boxes))
    ground = [float(value) for value in np.median(pixels[0], axis=0)]
    pixels = np.asarray(cv2.copyMakeBorder(pixels, missing, 0, 0, 0, cv2.BORDER_CONSTANT, value=ground), np.uint8)
    return mark(pixels, reading.digits, [box.shifted(0, missing) for box in boxes])


def mark(pixels: NDArray[np.uint8], digits: Sequence[Digit], boxes: Sequence[Box]) -> NDArray[np.uint8]:
    """A copy of `pixels`, (H, W, 3) uint8 RGB, with a box around every digit and the answer above it.

    Args:
        pixels: the picture, which stays as it is.
        digits: their own boxes do not count.
        boxes: where each of them stands in `pixels`.
    """
    marked = pixels.copy()
    if not digits:
        return marked
    size_wh = pixels.shape[1], pixels.shape[0]
    look = _look(boxes, size_wh)
    window = _around(boxes, look, size_wh)
    rows, columns = slice(window.y, window.bottom), slice(window.x, window.right)
    picture = PIL.Image.fromarray(pixels[rows, columns])  # a copy
    draw = PIL.ImageDraw.Draw(picture)
    placed = [box.shifted(-window.x, -window.y) for box in boxes]
    for digit, box in zip(digits, placed, strict=True):
        _draw_box(draw, box, digit.verdict, look)
    heights = _label_heights(placed, look)
    for digit, box, height in zip(digits, placed, heights, strict=True):  # above all boxes: none strikes one through
        _draw_label(draw, box, digit, look._replace(label=height), picture.size)
    marked[rows, columns] = np.asarray(picture)
    return marked


def _scaled(box: Box, scale: float) -> Box:
    return Box(*(round(value / scale) for value in box))


def _look(boxes: Sequence[Box], size_wh: tuple[int, int]) -> _Look:
    digit_height = median(box.height for box in boxes)
    visible = min(LABEL_OF_PICTURE * max(size_wh), LABEL_OVER_DIGITS * digit_height)
    label = max(7, round(min(max(LABEL_OF_DIGIT * digit_height, visible), LABEL_AT_MOST * min(size_wh))))
    pen = max(1, round(PEN_OF_LABEL * label))
    return _Look(label, pen, max(1, pen // 3))


def _label_heights(boxes: Sequence[Box], look: _Look) -> list[int]:
    """How high each label is: where it would reach over the picture's edge or the digit above, lower if that helps."""
    gap = look.pen + 2 * look.edge
    least = max(7, round(LABEL_AT_LEAST * look.label))
    rooms = []
    for box in boxes:
        left, right = box.x - gap, box.x - gap + max(LABEL_WIDTH * look.label, box.width)
        above = [one.bottom + gap for one in boxes if one.bottom <= box.y and one.x < right and left < one.right]
        rooms.append(box.y - gap + look.edge - max(above, default=0))
    enough = [min(room, look.label) for room in rooms if room >= least]
    common = round(float(np.quantile(enough, CROWDED))) if enough else look.label
    return [max(least, min(room, common)) for room in rooms]


def _around(boxes: Sequence[Box], look: _Look, size_wh: tuple[int, int]) -> Box:
    """The part of a picture that is drawn on: it ends where the picture does, or leaves room for frames and labels."""
    room = look.label + 2 * (look.pen + 2 * look.edge)
    all_boxes = union(boxes)
    left, top = max(0, all_boxes.x - room), max(0, all_boxes.y - room)
    right, bottom = min(size_wh[0], all_boxes.right + room), min(size_wh[1], all_boxes.bottom + room)
    return Box(left, top, max(1, right - left), max(1, bottom - top))


def _draw_box(draw: PIL.ImageDraw.ImageDraw, box: Box, verdict: Verdict, look: _Look) -> None:
    """A frame just outside the box, so that it covers no ink, with white on both sides for dark paper."""
    color = COLORS[verdict][0]
    gap = look.pen + 2 * look.edge
    left, top, right, bottom = box.x - gap, box.y - gap, box.right + gap - 1, box.bottom + gap - 1
    draw.rectangle((left, top, right, bottom), outline=WHITE, width=gap)
    inner = (left + look.edge, top + look.edge, right - look.edge, bottom - look.edge)
    if verdict == "sure":
        draw.rectangle(inner, outline=color, width=look.pen)
        return
    for dash in _dashes(inner, 4 * look.pen, look.pen):
        draw.rectangle(dash, fill=color)


def _dashes(frame: tuple[int, int, int, int], length: int, width: int) -> Iterator[tuple[int, int, int, int]]:
    """The four sides of a frame (left, top, right, bottom) as dashes, each a filled rectangle; corners are covered."""
    left, top, right, bottom = frame
    for start, end in _stretches(left, right, length):
        yield start, top, end, top + width - 1
        yield start, bottom - width + 1, end, bottom
    for start, end in _stretches(top, bottom, length):
        yield left, start, left + width - 1, end
        yield right - width + 1, start, right, end


def _stretches(first: int, last: int, length: int) -> Iterator[tuple[int, int]]:
    """An odd number of equal stretches from `first` to `last`, every other one: it begins and ends with a dash."""
    count = max(1, round((last - first + 1) / length)) | 1
    edges = np.linspace(first, last + 1, count + 1).round().astype(int).tolist()
    for start, end in list(pairwise(edges))[::2]:
        yield start, max(start, end - 1)


def _draw_label(draw: PIL.ImageDraw.ImageDraw, box: Box, digit: Digit, look: _Look, size_wh: tuple[int, int]) -> None:
    """The digit on a plate above its box; below where there is no room above, inside where there is none at all."""
    background, ink = COLORS[digit.verdict]
    width, height = round(LABEL_WIDTH * look.label), look.label
    gap = look.pen + 2 * look.edge
    above, below = box.y - gap - height + look.edge, box.bottom + gap - look.edge
    top = above if above >= -height // 3 else below if below + height <= size_wh[1] else box.y
    left = max(0, min(box.x - gap, size_wh[0] - width))
    top = max(0, min(top, size_wh[1] - height))
    plate = (left, top, left + width - 1, top + height - 1)
    draw.rounded_rectangle(plate, radius=height // 6, fill=background, outline=WHITE, width=look.edge)
    middle = (left + width / 2, top + height / 2)
    draw.text(middle, digit.text, fill=ink, font=_font(round(0.82 * height)), anchor="mm")


@lru_cache(maxsize=64)
def _font(size: int) -> PIL.ImageFont.FreeTypeFont | PIL.ImageFont.ImageFont:
    """Pillow's own font: looks the same on every system, and none must be installed."""
    return PIL.ImageFont.load_default(size)
