"""Keeps native libraries from writing between the lines of an answer."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STANDARD_ERROR = 2


@contextmanager
def without_native_messages() -> Iterator[None]:
    """Let nothing through to standard error from below Python while the block runs; errors are raised as ever.

    LiteRT announces "Created TensorFlow Lite XNNPACK delegate for CPU" there, and no setting of its own stops it. For a
    process with one thread: the whole process is silent meanwhile.
    """
    try:
        saved = os.dup(STANDARD_ERROR)
    except OSError:  # closed by whoever started the process: silent already
        yield
        return
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, STANDARD_ERROR)
        yield
    finally:
        os.dup2(saved, STANDARD_ERROR)
        os.close(saved)
        os.close(nowhere)
