"""The idx format of MNIST: a magic number, a big-endian length per axis, the values (LeCun, Cortes and Burges)."""

from __future__ import annotations

import gzip
import io
import zlib
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError

BYTES_LIMIT = 2**30
"""No idx file of digits is larger: MNIST's 60,000 have 47 MB. A longer one would only fill the memory."""

_TYPES: dict[int, np.dtype[np.integer]] = {
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
}


def read_bytes(path: Path) -> bytes:
    """The content of a file, decompressed where it is gzip, whatever its name says.

    Raises:
        DataError: missing, unreadable, cut off, or larger than `BYTES_LIMIT`.
    """
    try:
        with path.open("rb") as file:
            stored = file.read(BYTES_LIMIT + 1)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); check the file and its permissions") from error
    return decompressed(stored, str(path))


def decompressed(stored: bytes, name: str) -> bytes:
    """`stored`, decompressed where it is gzip; `name` is for error messages.

    Raises:
        DataError: damaged, cut off, or larger than `BYTES_LIMIT`.
    """
    content = stored
    if stored[:2] == b"\x1f\x8b":
        try:
            with gzip.open(io.BytesIO(stored)) as file:
                content = file.read(BYTES_LIMIT + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"{name} is damaged or cut off ({error}); fetch it again") from error
    if len(content) > BYTES_LIMIT:
        raise DataError(f"{name} has more than {BYTES_LIMIT} bytes; no idx file of digits is that large")
    return content


def parse(content: bytes, name: str) -> NDArray[np.integer]:
    """The array in an idx file; `name` is for error messages.

    Returns an array of native byte order, read-only.

    Raises:
        DataError: not idx, an unknown type of values, or more or fewer bytes than the header promises.
    """
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _TYPES or not 1 <= content[3] <= 4:
        raise DataError(
            f"{name} is not an idx file of whole numbers; an idx file begins with 0 0, its type and its axes"
        )
    dtype, axes = _TYPES[content[2]], content[3]
    start = 4 + 4 * axes
    if len(content) < start:
        raise DataError(f"{name} ends inside its header; fetch it again")
    shape = tuple(int(length) for length in np.frombuffer(content, ">u4", axes, 4))
    promised = prod(shape) * dtype.itemsize
    if len(content) - start != promised:
        raise DataError(
            f"{name} holds {len(content) - start} bytes of values where its header promises {promised}; fetch it again"
        )
    values = np.frombuffer(content, dtype, offset=start).reshape(shape)
    native: NDArray[np.integer] = values.astype(dtype.newbyteorder("="), copy=False)
    native.flags.writeable = False
    return native


def compose(values: NDArray[np.integer]) -> bytes:
    """The idx file of an array of one of the known types.

    Raises:
        ValueError: a type that idx does not know.
    """
    for code, dtype in _TYPES.items():
        if values.dtype == dtype.newbyteorder("="):
            header = bytes((0, 0, code, values.ndim)) + np.array(values.shape, ">u4").tobytes()
            return header + values.astype(dtype).tobytes()
    raise ValueError(f"idx has no code for {values.dtype}")


def read(path: Path) -> NDArray[np.integer]:
    """The array in an idx file, compressed or not.

    Raises:
        DataError: missing, damaged, or not idx.
    """
    return parse(read_bytes(path), path.name)


def read_digits(images: Path, labels: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Labeled pictures from a pair of idx files: (n, 28, 28) uint8 with 255 = ink, and (n,) int64 of 0 to 9.

    Raises:
        DataError: a file that is missing or damaged, or files that do not fit together.
    """
    pictures, answers = read(images), read(labels)
    if pictures.dtype != np.uint8 or pictures.ndim != 3 or pictures.shape[1:] != (28, 28):
        raise DataError(f"{images} holds {pictures.shape} values where pictures of 28x28 bytes are read")
    if not len(pictures):
        raise DataError(f"{images} holds no picture; choose a file that has some")
    if answers.shape != (len(pictures),):
        raise DataError(f"{images} holds {len(pictures)} pictures but {labels} {answers.shape} labels; choose a pair")
    if not 0 <= answers.min() <= answers.max() <= 9:
        raise DataError(f"{labels} holds labels from {answers.min()} to {answers.max()} where 0 to 9 are digits")
    return np.asarray(pictures, np.uint8), answers.astype(np.int64)
