"""Pictures that the command line writes: each step of a reading, and the page with its digits marked."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from core import files
from core.annotation import annotate
from core.images import Image
from core.reading import Reading

LONGEST_NAME = 80  # leaves room for the folders above, where a path may have 260 characters
UNSAFE = re.compile(r"[^\w.-]+")


class Names:
    """A safe name of its own for each picture, made from its file's: `scan.pdf`, page 2 becomes `scan-page-002`."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, path: Path, page: int | None) -> str:
        """A name not given before, of letters, digits, `_`, `-` and `.` only."""
        stem = UNSAFE.sub("_", path.stem).strip("._")[:LONGEST_NAME] or "picture"
        wanted = stem if page is None else f"{stem}-page-{page:03d}"
        name, copy = wanted, 1
        while name.casefold() in self._taken:  # some disks hold `a` and `A` to be one
            copy += 1
            name = f"{wanted}-{copy}"
        self._taken.add(name.casefold())
        return name


def write_steps(folder: Path, reading: Reading) -> None:
    """Write every step of a reading as `01-even-light.png` and so on.

    Raises:
        StorageError: the folder cannot be written.
    """
    for number, step in enumerate(reading.steps, 1):
        name = UNSAFE.sub("-", step.name.lower()).strip("-")
        files.write_bytes(folder / f"{number:02d}-{name}.png", png(step.image))


def write_annotated(path: Path, image: Image, reading: Reading) -> None:
    """Write the page with boxes and digits drawn on it.

    Raises:
        StorageError: it cannot be written.
    """
    files.write_bytes(path, png(annotate(image, reading)))


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Gray (H, W) or RGB (H, W, 3) uint8 as a PNG file."""
    buffer = BytesIO()
    PIL.Image.fromarray(pixels).save(
        buffer, "PNG", compress_level=1
    )  # level 6 takes five times as long for a tenth less
    return buffer.getvalue()
