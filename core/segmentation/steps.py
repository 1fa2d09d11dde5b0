"""A step of the way from pixels to answer, as data: a new step appears on every page with no page change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Step:
    """One step: its name, what it is for in a sentence, and its picture.

    image: (H, W) or (H, W, 3) uint8; gray, or RGB. Ink masks are shown as dark ink on white.
    """

    name: str
    purpose: str
    image: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.image.dtype != np.uint8 or self.image.ndim not in (2, 3):
            raise ValueError(f"a step shows (H, W) or (H, W, 3) uint8, not {self.image.shape} {self.image.dtype}")
