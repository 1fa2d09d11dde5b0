"""Scanned and drawn bitmaps: the optdigits (digits), Omniglot and Kuzushiji-MNIST (characters that are no digits)."""

from __future__ import annotations

import io
import zipfile

import cv2
import numpy as np
from numpy.typing import NDArray

from core.classifier import NOT_A_DIGIT
from core.datasets import sources
from core.datasets.digits import Digits, Split, npz_arrays, unknown_writers
from core.errors import DataError
from core.normalization import normalize

# Permutations with seed 2026, cut before anything was trained. Whole alphabets and classes are held out, so that
# rejection is measured on characters that no training picture resembles.
ALPHABETS: dict[Split, tuple[str, ...]] = {
    "train": ("Korean", "Early_Aramaic", "Latin"),
    "validation": ("Balinese",),
    "test": ("Greek",),
}
KMNIST_CLASSES: dict[Split, tuple[int, ...]] = {"train": (1, 9, 0, 6, 8), "validation": (5,), "test": (2, 7, 4)}
"""Class 3, tsu, is left out: as written it is a 7 or a 2 to a reader of digits."""

# Omniglot's characters that a reader who sees them alone takes for a digit, by eye on a sheet of one example each.
LOOK_LIKE_DIGITS: dict[str, tuple[int, ...]] = {
    "Balinese": (5, 14),
    "Early_Aramaic": (1, 2, 3, 4, 6, 8, 11, 12, 13, 14, 16, 17, 20),
    "Greek": (3, 4, 6, 8, 9, 14, 15, 18, 19),
    "Korean": (5, 21, 22, 27, 33),
    "Latin": (1, 2, 7, 8, 9, 10, 12, 15, 17, 18, 19, 20, 25, 26),
}


def optdigits(split: Split) -> Digits:
    """Scanned digits of 32x32 black and white pixels, normalized; empty for "test": nothing was set apart for it.

    The digits for validation are by the thirty people who wrote those for training: they say little about strangers.

    Raises:
        DataError: the file lies nowhere or is damaged.
    """
    if split == "test":
        return Digits("optdigits test", np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.int64), unknown_writers(0))
    source = sources.OPTDIGITS_TRAIN if split == "train" else sources.OPTDIGITS_VALIDATION
    packed, labels = npz_arrays(sources.content(source), source.file, "x", "y")
    images = np.stack([normalize(bitmap) for bitmap in np.unpackbits(packed, axis=-1) * np.uint8(255)])
    return Digits(f"optdigits {split}", images, labels.astype(np.int64), unknown_writers(len(images)))


def omniglot(split: Split) -> tuple[NDArray[np.uint8], ...]:
    """Characters of the split's alphabets that do not look like a digit: ink (105, 105) uint8, 255 = ink.

    Raises:
        DataError: the file lies nowhere or is damaged.
    """
    wanted = ALPHABETS[split]
    try:
        with zipfile.ZipFile(io.BytesIO(sources.content(sources.OMNIGLOT))) as archive:
            names = [name for name in sorted(archive.namelist()) if name.endswith(".png") and _is_wanted(name, wanted)]
            return tuple(_ink(archive.read(name)) for name in names)
    except (zipfile.BadZipFile, KeyError, cv2.error) as error:
        raise DataError(f"{sources.OMNIGLOT.file} is damaged ({error}); fetch it again") from error


def kmnist(split: Split) -> Digits:
    """Cursive Japanese characters of the split's classes, normalized and labeled as no digits.

    Raises:
        DataError: a file lies nowhere or is damaged.
    """
    (images,) = npz_arrays(sources.content(sources.KMNIST_IMAGES), sources.KMNIST_IMAGES.file, "arr_0")
    (classes,) = npz_arrays(sources.content(sources.KMNIST_LABELS), sources.KMNIST_LABELS.file, "arr_0")
    chosen = np.stack([normalize(image) for image in images[np.isin(classes, KMNIST_CLASSES[split])]])
    return Digits(f"KMNIST {split}", chosen, np.full(len(chosen), NOT_A_DIGIT, np.int64), unknown_writers(len(chosen)))


def _is_wanted(name: str, alphabets: tuple[str, ...]) -> bool:
    _, alphabet, character, _ = name.split("/")
    return alphabet in alphabets and int(character.removeprefix("character")) not in LOOK_LIKE_DIGITS[alphabet]


def _ink(png: bytes) -> NDArray[np.uint8]:
    """Omniglot draws black on white."""
    gray = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    if gray is None:
        raise DataError(f"{sources.OMNIGLOT.file} holds a picture that cannot be decoded; fetch it again")
    return 255 - np.asarray(gray, np.uint8)
