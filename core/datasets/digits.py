"""Labeled digits, split so that no writer is on two sides; but optdigits tells no writers, and its validation digits
are by those who wrote its training digits.

The splits were drawn by seeded permutations before any network was trained and are written down here; nothing but the
final measurement looks at a test split.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.datasets import idx, sources
from core.errors import DataError

Split = Literal["train", "validation", "test"]

UNKNOWN_WRITER = -1
MNIST_VALIDATION_SHARE = 0.1
MNIST_SPLIT_SEED = 2026
MNIST_LAST_FOR_VALIDATION = 6_000
"""Without the list of writers the last digits validate. MNIST mixes its writers, so most of them are then on both sides
(251 of 539 writers wrote some of the last 10,000 digits and some of those before): such a figure is a little rosy."""


@dataclass(frozen=True, eq=False)
class Digits:
    """Pictures with their answers.

    name: data set and split, for people.
    images: (n, 28, 28) uint8, 255 = ink, normalized as `core.normalization` does.
    labels: (n,) int64: 0 to 9, and 10 for what is not a digit.
    writers: (n,) int64, `UNKNOWN_WRITER` where nobody knows; numbers of different data sets have nothing in common.
    """

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    writers: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.images.shape[1:] != (28, 28) or self.images.dtype != np.uint8:
            raise ValueError(f"digits are (n, 28, 28) uint8, not {self.images.shape} {self.images.dtype}")
        if not len(self.images) == len(self.labels) == len(self.writers):
            raise ValueError(f"{len(self.images)} images, {len(self.labels)} labels and {len(self.writers)} writers")

    def __len__(self) -> int:
        return len(self.images)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.integer]) -> Digits:
        """The chosen ones, by mask or index."""
        return Digits(self.name, self.images[chosen], self.labels[chosen], self.writers[chosen])


def joined(name: str, *parts: Digits) -> Digits:
    """All of them, one part after the other."""
    images, labels, writers = (
        np.concatenate([getattr(part, values) for part in parts]) for values in ("images", "labels", "writers")
    )
    return Digits(name, images, labels, writers)


def unknown_writers(count: int) -> NDArray[np.int64]:
    """Writers of pictures of which nobody knows the writer."""
    return np.full(count, UNKNOWN_WRITER, np.int64)


def mnist(split: Split, opener: sources.Opener | None = None, told: sources.Told | None = None) -> Digits:
    """MNIST: 60,000 digits parted into training and validation by writer, and its own 10,000 for testing.

    told: of a download, see `sources.fetch`.

    Raises:
        DataError: it lies nowhere and no mirror can be reached, or a copy is damaged.
        StorageError: the download cannot be kept.
    """
    images, labels = _mnist_part("test" if split == "test" else "train", opener, told)
    digits = Digits(f"MNIST {split}", images, labels, unknown_writers(len(images)))
    if split == "test":
        return digits
    if sources.find(sources.MNIST_WRITERS) is None:
        validates = np.arange(len(digits)) >= len(digits) - MNIST_LAST_FOR_VALIDATION
    else:
        table = idx.parse(sources.content(sources.MNIST_WRITERS), sources.MNIST_WRITERS.file)
        writers = table[:, 2].astype(np.int64)
        digits = Digits(digits.name, images, labels, writers)
        validates = np.isin(writers, _validation_writers(writers))
    return digits.where(validates == (split == "validation"))


def mnist_is_here(part: Literal["train", "test"] = "train") -> bool:
    """Whether one of MNIST's two parts lies in a data folder, as its two files or in Keras's `mnist.npz`."""
    return all(sources.find(source) for source in _mnist_files(part)) or _mnist_npz() is not None


def _validation_writers(writers: NDArray[np.int64]) -> NDArray[np.int64]:
    everyone = np.unique(writers)
    shuffled = np.random.default_rng(MNIST_SPLIT_SEED).permutation(everyone)
    return shuffled[: round(len(everyone) * MNIST_VALIDATION_SHARE)]


def _mnist_part(
    part: Literal["train", "test"], opener: sources.Opener | None, told: sources.Told | None
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    pair = _mnist_files(part)
    path = _mnist_npz() if sources.find(pair[0]) is None else None
    if path is None:
        images, labels = (idx.parse(sources.fetch(source, opener, told), source.file) for source in pair)
        return np.asarray(images, np.uint8), np.asarray(labels).astype(np.int64)
    pictures, answers = npz_arrays(idx.read_bytes(path), str(path), f"x_{part}", f"y_{part}")
    sources.verified(idx.compose(pictures), pair[0], path)  # known by the hash of the idx file it would make
    return pictures, answers.astype(np.int64)


def _mnist_files(part: Literal["train", "test"]) -> tuple[sources.Source, sources.Source]:
    if part == "train":
        return sources.MNIST_TRAIN_IMAGES, sources.MNIST_TRAIN_LABELS
    return sources.MNIST_TEST_IMAGES, sources.MNIST_TEST_LABELS


def _mnist_npz() -> Path | None:
    """Keras's `mnist.npz`, where a data folder has it."""
    names = ("mnist.npz", "mnist/mnist.npz")
    return next((folder / name for folder in sources.folders() for name in names if (folder / name).is_file()), None)


def npz_arrays(content: bytes, name: str, *keys: str) -> tuple[NDArray[np.uint8], ...]:
    """Arrays of bytes from an npz file.

    Raises:
        DataError: not npz, or without one of the arrays.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return tuple(arrays[key].astype(np.uint8, casting="equiv") for key in keys)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{name} is damaged or not the npz file it should be ({error}); fetch it again") from error
