"""From bytes to pages: finds out what a file is, checks its limits by its header, then decodes one page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

from core.errors import ImageError
from core.images.image import Image, Limits
from core.images.pdf import PdfDocument, looks_like_pdf
from core.images.raster import RasterDocument

SUFFIXES = (
    ".png",
    ".jpg",
    ".jpeg",
    ".webp",
    ".bmp",
    ".tif",
    ".tiff",
    ".gif",
    ".heic",
    ".heif",
    ".pdf",
)


class Document(Protocol):
    """An opened file: a picture is a document of one page."""

    @property
    def page_count(self) -> int:
        """How many pages it has, at least 1."""

    def page(self, number: int) -> Image:
        """Decode page `number`, counted from 1. Raises ImageError where this page cannot be read; others may."""

    def close(self) -> None:
        """Let go of the file."""


def open_document(data: bytes, name: str = "picture", limits: Limits = Limits()) -> Document:
    """Open a picture, a TIFF of several pages or a PDF without decoding any of it yet; close it when done.

    Raises:
        ImageError: it is empty, too large, encrypted, damaged or no picture at all.
    """
    limits.check_bytes(len(data))
    return PdfDocument(data, name, limits) if looks_like_pdf(data) else RasterDocument(data, name, limits)


def decode(data: bytes, name: str = "picture", limits: Limits = Limits()) -> Image:
    """The picture in `data`; of an animation its first frame, of a document its first page.

    Raises:
        ImageError: it is empty, too large, encrypted, cut short, damaged or no picture at all.
    """
    with closing(open_document(data, name, limits)) as document:
        return document.page(1)


def decode_pages(data: bytes, name: str = "picture", limits: Limits = Limits()) -> Iterator[Image]:
    """Every page of a document in order, decoded when asked for, so that memory holds one page however many there are.

    Raises:
        ImageError: as `decode`, at the first page that cannot be read.
    """
    with closing(open_document(data, name, limits)) as document:
        for number in range(1, document.page_count + 1):
            yield document.page(number)


def load(path: Path, limits: Limits = Limits()) -> bytes:
    """The bytes of a file.

    Raises:
        ImageError: there is no such file, it is no plain file, it may not be read, or it is empty or too large.
    """
    try:
        if path.is_dir():
            raise ImageError("this is a folder; name a picture in it")
        if not path.is_file():
            raise ImageError("not a file that can be read" if path.exists() else "no such file; check the path")
        limits.check_bytes(path.stat().st_size)  # before reading: a file of 50 GB would fill the memory
        return path.read_bytes()
    except PermissionError as error:
        raise ImageError("no permission to read this file; change its permissions") from error
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        reason = getattr(error, "strerror", None) or "not a possible file name"
        raise ImageError(f"this file cannot be read ({reason.lower()})") from error
