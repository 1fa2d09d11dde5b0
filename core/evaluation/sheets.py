"""Contact sheets: the worst mistakes side by side, for a person to judge."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

PICTURE_PX = 84  # three pixels for each of a normalized digit's
CAPTION_PX = 18
GAP_PX = 6
COLUMNS = 12


class Cell(NamedTuple):
    """One picture, (h, w) uint8 with 255 = ink, and what to write below it, in ASCII."""

    ink: NDArray[np.uint8]
    caption: str


class Sheet(NamedTuple):
    """Pictures that belong together; `name` becomes the file's."""

    name: str
    cells: tuple[Cell, ...]


def contact_sheet(cells: Sequence[Cell]) -> NDArray[np.uint8]:
    """Dark ink on white, twelve in a row, captions below: (H, W) uint8.

    Raises:
        ValueError: there is nothing to show.
    """
    if not cells:
        raise ValueError("a sheet without pictures")
    step_x, step_y = PICTURE_PX + GAP_PX, PICTURE_PX + CAPTION_PX + GAP_PX
    columns = min(COLUMNS, len(cells))
    sheet = np.full((ceil(len(cells) / columns) * step_y + GAP_PX, columns * step_x + GAP_PX), 255, np.uint8)
    for place, cell in enumerate(cells):
        x, y = GAP_PX + place % columns * step_x, GAP_PX + place // columns * step_y
        enlarged = cv2.resize(cell.ink, (PICTURE_PX, PICTURE_PX), interpolation=cv2.INTER_NEAREST)
        sheet[y : y + PICTURE_PX, x : x + PICTURE_PX] = 255 - np.asarray(enlarged, np.uint8)
        cv2.rectangle(sheet, (x - 1, y - 1), (x + PICTURE_PX, y + PICTURE_PX), 200, 1)
        below = (x, y + PICTURE_PX + CAPTION_PX - 5)
        cv2.putText(sheet, cell.caption, below, cv2.FONT_HERSHEY_SIMPLEX, 0.38, 0, 1, cv2.LINE_AA)
    return sheet
