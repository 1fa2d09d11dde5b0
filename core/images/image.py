"""A decoded picture, what may come in, and what a canvas hands over."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import ImageError

SMALLEST_SIDE = 8  # a digit of fewer pixels cannot be told from a speck
WHITE = 255


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much may come in, checked on the header before a pixel is decoded, so that memory and time stay bounded.

    bytes: of the file. A 40-megapixel photo has 10 to 30 million, a long scanned PDF 50 to 90.
    pixels: of one picture. Phones take 12 to 64 million; 80 million take up to 500 MB while a PNG is decoded.
    side: the longest side in pixels, which is also as far as JPEG itself goes.
    pages: of a document.
    enough_pixels: a larger picture is halved, at most three times, as long as this many remain. A number that fills a
        twentieth of a 12-megapixel photo's height is still 70 pixels tall then, and decoding takes a third of the time.
    """

    bytes: int = 100_000_000
    pixels: int = 80_000_000
    side: int = 65_535
    pages: int = 1_000
    enough_pixels: int = 3_000_000

    def check_bytes(self, count: int) -> None:
        """Raise ImageError where a file of `count` bytes is empty or too large."""
        if count == 0:
            raise ImageError("the file is empty (0 bytes); send the picture again")
        if count > self.bytes:
            raise ImageError(
                f"the file has {count / 1e6:,.0f} MB, more than the {self.bytes / 1e6:,.0f} MB that are read; "
                "save it smaller or in parts"
            )

    def check_size(self, width: int, height: int) -> None:
        """Raise ImageError where a picture of `width` x `height` pixels is too small or too large."""
        if min(width, height) < SMALLEST_SIDE:
            raise ImageError(
                f"the picture has {width:,} x {height:,} pixels, too few to hold a digit; "
                f"send one of at least {SMALLEST_SIDE} x {SMALLEST_SIDE}"
            )
        limits = [f"{self.pixels / 1e6:,.0f} megapixels"] if width * height > self.pixels else []
        limits += [f"{self.side:,} pixels a side"] if max(width, height) > self.side else []
        if limits:
            raise ImageError(
                f"the picture has {width:,} x {height:,} pixels, more than the {' and '.join(limits)} that are read; "
                "scale it down"
            )

    def check_pages(self, count: int) -> None:
        """Raise ImageError where a document has more than the pages allowed."""
        if count > self.pages:
            raise ImageError(f"the document has more than {self.pages:,} pages; split it into parts")

    def reduction(self, width: int, height: int) -> int:
        """By how much a picture of `width` x `height` pixels is scaled down while it is decoded: 1, 2, 4 or 8."""
        factor = 1
        while factor < 8 and width * height >= self.enough_pixels * (2 * factor) ** 2:
            factor *= 2
        return factor


@dataclass(frozen=True, eq=False)
class Image:
    """One upright picture or page.

    pixels: (H, W, 3) uint8 RGB, not to be written to.
    name: the file it came from, or what it is.
    page, page_count: place in its document, counted from 1.
    scale: pixels of the original per pixel here; above 1 where a large picture was scaled down while it was decoded.
    full_wh: width and height of the upright original; None where that is the size of `pixels`.
    """

    pixels: NDArray[np.uint8]
    name: str = "picture"
    page: int = 1
    page_count: int = 1
    scale: float = 1.0
    full_wh: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 3 or self.pixels.dtype != np.uint8:
            raise ValueError(f"a picture is (H, W, 3) uint8, not {self.pixels.shape} {self.pixels.dtype}")
        if not 1 <= self.page <= self.page_count:
            raise ValueError(f"page {self.page} of {self.page_count} does not exist")
        if self.scale < 1:
            raise ValueError(f"a scale of {self.scale} would make pixels up")

    @property
    def original_wh(self) -> tuple[int, int]:
        """Width and height of the upright original: the pixels that boxes are given in."""
        height, width = self.pixels.shape[:2]
        return self.full_wh or (width, height)


def from_rgba(rgba: NDArray[np.uint8], name: str = "drawing") -> Image:
    """Lay a drawing, (H, W, 4) uint8 with straight alpha, over white paper.

    Raises:
        ImageError: there are no pixels to lay down.
    """
    if rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.dtype != np.uint8:
        raise ValueError(f"a drawing is (H, W, 4) uint8, not {rgba.shape} {rgba.dtype}")
    if rgba.size == 0:
        raise ImageError("the drawing has no pixels; draw on a larger canvas")
    rgba = np.ascontiguousarray(rgba)
    alpha = cv2.cvtColor(cv2.extractChannel(rgba, 3), cv2.COLOR_GRAY2RGB)
    darkness = cv2.bitwise_not(cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB))
    return Image(np.asarray(cv2.bitwise_not(cv2.multiply(darkness, alpha, scale=1 / WHITE)), np.uint8), name)
