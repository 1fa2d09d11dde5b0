"""A picture at the size it is taken apart in, with what all attempts at it share; also turned level."""

from __future__ import annotations

from math import atan, degrees, sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from core.normalization import stroke_width
from core.segmentation import light

# Small pictures with thin pens are enlarged so that strokes are wide enough to be cut, large ones reduced to where
# digits still have some forty pixels: more costs time and gains nothing.
SMALL_SIDE = 500
THIN_PEN = 6.0
LARGE_SIDE = 1600
# A long strip (a till roll, a scrolled page) may be longer, of as many pixels as this.
LARGE_AREA = LARGE_SIDE * LARGE_SIDE // 2
# A strip would need a picture so many times as large to be turned in, and stays.
MOST_GROWTH = 2.5


def is_turned(to_picture: NDArray[np.float64]) -> bool:
    """Whether a mapping, (2, 3), turns."""
    return bool(to_picture[0, 1])


def working_picture(pixels: NDArray[np.uint8], *, enlarge: bool = True) -> tuple[NDArray[np.uint8], float]:
    """The picture at the size it is taken apart in, and how many given pixels one of its pixels is.

    enlarge: a small one with thin pens to twice its size.
    """
    height, width = pixels.shape[:2]
    longest = max(height, width)
    doubled = enlarge and longest < SMALL_SIDE and _has_thin_pen(pixels)
    factor = 2.0 if doubled else min(1.0, max(LARGE_SIDE / longest, sqrt(LARGE_AREA / (height * width))))
    if factor == 1.0:
        return pixels, 1.0
    size_wh = max(1, round(width * factor)), max(1, round(height * factor))
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, size_wh, interpolation=interpolation), np.uint8), 1 / factor


def _has_thin_pen(pixels: NDArray[np.uint8]) -> bool:
    """Whether strokes are thinner than `THIN_PEN` pixels, judged by what lies on the darker side of Otsu's threshold.

    Light ink on dark paper makes a broad "pen" of the paper, and the picture stays as it is.
    """
    gray = light.grayscale(pixels)
    _, mask = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    return stroke_width(np.asarray(mask, np.uint8)) < THIN_PEN


class Sheet:
    """A picture at working size, with what all attempts at it share.

    working: (H, W, 3) uint8 RGB; gray: (H, W) uint8, as where ink is dark.
    scale: pixels of the given picture per pixel of the working picture.
    even_light: whether its light must be found out, as in `SegmentationSettings`.
    to_picture: (2, 3) float64, from the working picture to the given one: scaled, and turned back where it was leveled.
    """

    def __init__(self, pixels: NDArray[np.uint8], *, enlarge: bool = True, even_light: bool = True) -> None:
        self.working, self.scale = working_picture(pixels, enlarge=enlarge)
        self.to_picture = np.array([[self.scale, 0, 0], [0, self.scale, 0]], np.float64)
        self._level: dict[float, Sheet] = {}
        self.gray = light.grayscale(self.working)
        self.even_light = even_light
        self._grays: dict[light.Polarity, NDArray[np.uint8]] = {"dark": self.gray}
        self._contrasts: dict[light.Polarity, NDArray[np.float32]] = {}
        self._tables: dict[light.Polarity, NDArray[np.bool_] | None] = {}

    @property
    def is_turned(self) -> bool:
        """Whether this is a sheet that was turned level."""
        return is_turned(self.to_picture)

    def can_level(self, rise: float) -> bool:
        """Whether the sheet, turned so that what rises so much runs level, still fits into a picture of some size."""
        _, (width, height) = self._turn(rise)
        return width * height <= MOST_GROWTH * self.gray.size

    def level(self, rise: float) -> Sheet:
        """The sheet turned so that what rises so much, to a hundredth, runs level; each made once."""
        rise = round(rise, 2)
        if rise not in self._level:
            turn, size_wh = self._turn(rise)
            pixels = cv2.warpAffine(self.working, turn, size_wh, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            sheet = Sheet(np.asarray(pixels, np.uint8), enlarge=False, even_light=self.even_light)
            back = np.asarray(cv2.invertAffineTransform(turn), np.float64)
            sheet.to_picture = self.scale * back @ np.diag([sheet.scale, sheet.scale, 1.0])
            sheet.scale *= self.scale
            self._level[rise] = sheet
        return self._level[rise]

    def _turn(self, rise: float) -> tuple[NDArray[np.float64], tuple[int, int]]:
        """(2, 3) from the sheet to the turned one, and the width and height of that."""
        height, width = self.gray.shape
        turn = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), -degrees(atan(rise)), 1), np.float64)
        cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
        size_wh = round(width * cos + height * sin), round(height * cos + width * sin)
        turn[:, 2] += np.array([(size_wh[0] - width) / 2, (size_wh[1] - height) / 2])
        return turn, size_wh

    def gray_where(self, polarity: light.Polarity) -> NDArray[np.uint8]:
        """The gray in which ink of this polarity stands out, (H, W) uint8; made once."""
        if polarity not in self._grays:
            self._grays[polarity] = light.grayscale(self.working, polarity)
        return self._grays[polarity]

    def contrast(self, polarity: light.Polarity) -> NDArray[np.float32]:
        """How far each pixel is from paper towards ink, (H, W) float32, 0 to 1; made once."""
        if polarity not in self._contrasts:
            measure = light.contrast if self.even_light else light.plain_contrast
            self._contrasts[polarity] = measure(self.gray_where(polarity), polarity)
        return self._contrasts[polarity]

    def table(self, polarity: light.Polarity) -> NDArray[np.bool_] | None:
        """`light.table_beside` the sheet, found once."""
        if polarity not in self._tables:
            self._tables[polarity] = light.table_beside(self.gray_where(polarity), polarity)
        return self._tables[polarity]
