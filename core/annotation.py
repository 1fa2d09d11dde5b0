"""Boxes and digits drawn on a copy of the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.images import Image
from core.reading import Reading


def annotate(image: Image, reading: Reading) -> NDArray[np.uint8]:
    """Draw."""
    return image.pixels.copy()
