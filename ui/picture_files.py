"""Pictures made small for the browser: as JPEG files, and inside their own address."""

from __future__ import annotations

import base64

import cv2
import numpy as np
from numpy.typing import NDArray

JPEG_QUALITY = 88
THUMBNAIL_QUALITY = 70


def fitted(pixels: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    """The picture with its longer side reduced to `longest` pixels; a smaller one stays as it is."""
    height, width = pixels.shape[:2]
    factor = longest / max(height, width)
    if factor >= 1:
        return pixels
    size_wh = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(cv2.resize(pixels, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def jpeg(pixels: NDArray[np.uint8], quality: int = JPEG_QUALITY) -> bytes:
    """(h, w) gray or (h, w, 3) RGB uint8 as a JPEG file."""
    ordered = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., ::-1])
    return bytes(cv2.imencode(".jpg", ordered, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())


def thumbnail_url(pixels: NDArray[np.uint8], longest: int) -> str:
    """A small JPEG inside its own address, for a table."""
    small = jpeg(fitted(pixels, longest), THUMBNAIL_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(small).decode("ascii")
