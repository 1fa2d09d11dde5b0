"""Rectangles in pixels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Box(NamedTuple):
    """An upright rectangle in pixels: left edge, top edge, width, height."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column to the right of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row below the box."""
        return self.y + self.height

    @property
    def center(self) -> tuple[float, float]:
        """Middle of the box as (x, y)."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def area(self) -> int:
        """Its pixels."""
        return self.width * self.height

    def shifted(self, right: int, down: int) -> Box:
        """The box so many pixels further right and down."""
        return Box(self.x + right, self.y + down, self.width, self.height)


def turned_back(box: Box, quarters: int, size_wh: tuple[int, int]) -> Box:
    """Where a box of a picture that was turned counterclockwise by so many quarters lies in it as it was.

    size_wh: width and height of the picture as it was.
    """
    width, height = size_wh
    x, y, wide, high = box
    match quarters % 4:
        case 1:
            return Box(width - y - high, x, high, wide)
        case 2:
            return Box(width - x - wide, height - y - high, wide, high)
        case 3:
            return Box(y, height - x - wide, high, wide)
    return box


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around all `boxes`.

    Raises:
        ValueError: there is no box.
    """
    boxes = tuple(boxes)
    if not boxes:
        raise ValueError("the union of no boxes has no place")
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left, top, right - left, bottom - top)


def common_area(one: Box, other: Box) -> int:
    """Pixels that lie in both."""
    width = min(one.right, other.right) - max(one.x, other.x)
    height = min(one.bottom, other.bottom) - max(one.y, other.y)
    return max(0, width) * max(0, height)
