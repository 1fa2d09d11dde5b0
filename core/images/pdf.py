"""Pages of a PDF, rendered by PDFium one at a time."""

from __future__ import annotations

import math
from threading import RLock

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from core.errors import ImageError
from core.images.image import Image, Limits

DOTS_PER_INCH = 200  # a digit 4 mm tall gets 31 pixels; most scanners write 200 or 300
POINTS_PER_INCH = 72
MOST_PIXELS = 8_000_000  # A3 at 200 dots per inch; a poster is rendered more coarsely
SIGNATURE, SIGNATURE_WITHIN = b"%PDF-", 1024  # readers accept some bytes before it
# PDFium keeps global state and may be used by one thread at a time. Reentrant, for a document dropped half-way is
# closed by the garbage collector, on whichever thread that runs.
PDFIUM = RLock()


def looks_like_pdf(data: bytes) -> bool:
    """Whether `data` starts as a PDF does."""
    return SIGNATURE in data[:SIGNATURE_WITHIN]


class PdfDocument:
    """A PDF, which must be closed."""

    def __init__(self, data: bytes, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        with PDFIUM:
            try:
                self._pdf = pdfium.PdfDocument(data)
            except pdfium.PdfiumError as error:
                raise _opening_error(error) from error
            try:
                self._page_count = len(self._pdf)
                if self._page_count == 0:
                    raise ImageError("this PDF has no pages")
                limits.check_pages(self._page_count)
            except ImageError:
                self.close()
                raise

    @property
    def page_count(self) -> int:
        """How many pages it has, at least 1."""
        return self._page_count

    def page(self, number: int) -> Image:
        """Render page `number`, counted from 1; what is on it is the original, at 200 dots per inch or less.

        Raises:
            ImageError: the page is damaged or too small.
        """
        with PDFIUM:
            try:
                pixels = self._render(number - 1)
            except pdfium.PdfiumError as error:
                raise ImageError(f"page {number} of this PDF is damaged; print it to a new PDF") from error
        return Image(pixels, self._name, number, self._page_count)

    def close(self) -> None:
        """Let go of the bytes."""
        with PDFIUM:
            self._pdf.close()

    def _render(self, index: int) -> NDArray[np.uint8]:
        page = self._pdf[index]
        try:
            width, height = page.get_size()
            scale = min(
                DOTS_PER_INCH / POINTS_PER_INCH,
                math.sqrt(MOST_PIXELS / max(width * height, 1)),
                self._limits.side / max(width, height, 1),
            )
            self._limits.check_size(math.ceil(width * scale), math.ceil(height * scale))
            bitmap = page.render(scale=scale, rev_byteorder=True)
            try:
                return np.array(bitmap.to_numpy())
            finally:
                bitmap.close()
        finally:
            page.close()


def _opening_error(error: pdfium.PdfiumError) -> ImageError:
    if error.err_code == pdfium.raw.FPDF_ERR_PASSWORD:
        return ImageError("this PDF is locked with a password; save it without one")
    return ImageError("this PDF is cut short or damaged; print it to a new PDF")
