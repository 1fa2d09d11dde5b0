"""Recorded pens whose label nobody reads: three readers, each alone, were shown the drawings without their labels.

The readers were general vision models asked what a person would read; no people were at hand. They saw, as the canvas
shows them, the drawings that one of two models had misread or doubted (22 of 1,499) among 60 that neither had. Listed
is what none of the three took for its label at first sight; of the other 60 that was none. The pens are known by the
checksum of their file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Unread(NamedTuple):
    """A label and what all three read instead."""

    label: int
    read: int


UNREAD: dict[int, Unread] = {
    4: Unread(4, 9),
    9: Unread(3, 7),
    295: Unread(3, 2),
    545: Unread(3, 2),
    722: Unread(3, 2),
    756: Unread(3, 9),
    827: Unread(0, 6),
    835: Unread(4, 9),
    1357: Unread(0, 8),
    1440: Unread(3, 9),
}
"""By their place among the test pens of `core.datasets.strokes.pendigits`, drawn with `core.evaluation.canvas.SEED`."""


def unread_among(labels: Sequence[int]) -> dict[int, Unread]:
    """What of the list is there, among pens with these labels."""
    return {place: one for place, one in UNREAD.items() if place < len(labels) and labels[place] == one.label}
