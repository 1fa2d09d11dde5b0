"""Small picture files of every format, whole and damaged, for tests."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

import core.images  # noqa: F401 - registers HEIC with Pillow

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "HEIF", "PDF")
ORIENTATION = 274


def scene(width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """(height, width, 3): light paper with a dark L, so that every turn and mirror image of it looks different."""
    pixels = np.full((height, width, 3), 240, np.uint8)
    pixels[height // 8 : -height // 8, width // 8 : width // 4] = (20, 30, 120)
    pixels[-height // 4 : -height // 8, width // 8 : width // 2] = (20, 30, 120)
    return pixels


def encode(form: str, pixels: NDArray[Any] | PIL.Image.Image | None = None, **options: Any) -> bytes:
    """A file of format `form`, as Pillow writes it."""
    if not isinstance(pixels, PIL.Image.Image):
        pixels = PIL.Image.fromarray(scene() if pixels is None else pixels)
    buffer = BytesIO()
    pixels.save(buffer, form, **options)
    return buffer.getvalue()


def exif(orientation: int) -> bytes:
    """EXIF that says how the camera was held."""
    tags = PIL.Image.Exif()
    tags[ORIENTATION] = orientation
    return tags.tobytes()


def pages(form: str, count: int, *, height: int = 24) -> bytes:
    """A TIFF or PDF of `count` pages, each 8 pixels wider than the one before."""
    sheets = [PIL.Image.fromarray(scene(32 + 8 * page, height)) for page in range(count)]
    return encode(form, sheets[0], save_all=True, append_images=sheets[1:])


def encrypted_pdf() -> bytes:
    """A PDF whose owner and user keys fit no password, least of all none."""
    key = b"<" + b"5a" * 32 + b">"
    encryption = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O" + key + b"/U" + key + b">>/ID[<00><00>]"
    return encode("PDF").replace(b"trailer\n<<", b"trailer\n<<" + encryption)


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises `width` x `height` pixels and holds next to none: a decompression bomb's first bytes."""
    return _png(struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), b"\0" * 100)


def png_of_16_bit_color(color: tuple[int, int, int]) -> bytes:
    """An 8 x 8 PNG of one color with 16 bits per channel, which Pillow reads but does not write."""
    row = b"\0" + struct.pack(">HHH", *color) * 8
    return _png(struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0), row * 8)


def _png(header: bytes, rows: bytes) -> bytes:
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
