"""Files and folders that are whole or not there: written under a temporary name beside, flushed to disk, then renamed.

A reader, a crash or a full disk never meets half a file. What a crash leaves ends in `.partial` and is never read.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from core.errors import StorageError

PARTIAL = ".partial"
REPOSITORY = Path(__file__).resolve().parents[1]
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))  # Windows knows no quota error
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)
ABANDONED_AFTER_S = 24 * 3600  # no download or training run writes one file for longer


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A binary file to write into, which becomes `path` when the block ends and vanishes when it raises.

    Missing folders above `path` are made.

    Raises:
        StorageError: the disk is full, the folder cannot be written, or the like. Any OSError of the block counts as
            one of writing, so what can fail by itself (a network) is caught inside it.
    """
    partial = partial_name(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise storage_error(path, error) from error
    finally:
        with suppress(OSError):  # the first error is the one to tell
            partial.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Make `data` the content of `path`: all of it or, with a StorageError, nothing."""
    with writing(path) as file:
        file.write(data)


def write_text(path: Path, text: str) -> None:
    """Make `text`, as UTF-8 and with its line ends as they are, the content of `path`: all of it or nothing."""
    write_bytes(path, text.encode("utf-8"))


def partial_name(path: Path) -> Path:
    """A free temporary name in the folder of `path`: on one file system a rename is atomic, across two it copies."""
    return path.with_name(f".{secrets.token_hex(8)}{PARTIAL}")


def remove_abandoned(folder: Path) -> None:
    """Delete what crashed writers left in `folder` more than a day ago; fresher ones may still be written to."""
    for partial in folder.glob(f".*{PARTIAL}"):
        try:
            if time.time() - partial.lstat().st_mtime > ABANDONED_AFTER_S:
                remove(partial)
        except OSError:
            continue  # another process was quicker, or it is not ours to delete


def remove(path: Path) -> None:
    """Delete a file, a link (never what it points to) or a whole folder; nothing there is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def move_in(partial: Path, folder: Path, previous: Path) -> None:
    """Rename a whole folder to its place; what stands there waits as `previous`, and comes back when that fails.

    Raises:
        OSError: it fails.
    """
    replaces = folder.is_dir() or folder.is_symlink()
    if replaces:
        remove(previous)
        folder.rename(previous)
    try:
        partial.rename(folder)
    except OSError:
        if replaces:
            previous.rename(folder)
        raise
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries, so that a rename survives a power cut. Windows opens no folders and needs no flush."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage_error(path: Path, error: OSError) -> StorageError:
    """The sentence for a person who wanted `path` saved."""
    if error.errno in _FULL:
        return StorageError(f"the disk is full, {path.name!r} was not saved; free some space and try again")
    if error.errno in _CLOSED:
        return StorageError(f"{path.parent} cannot be written, {path.name!r} was not saved; choose another folder")
    reason = error.strerror or str(error)
    return StorageError(f"{path.name!r} was not saved in {path.parent} ({reason}); mend that or choose another folder")


def deletion_error(path: Path, error: OSError) -> StorageError:
    """The sentence for a person who wanted `path` deleted."""
    return StorageError(f"{path} cannot be deleted ({error.strerror or error}); check its permissions")
