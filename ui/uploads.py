"""What a visitor brought: files on disk for as long as the session lives, each opened once to see what it is.

Nothing is kept in memory but names and counts, so a hundred photos or a document of two hundred pages cost none of it.

    <temporary folder>/digitscope-*/process.lock    held for as long as the process lives
                                    <session>/*     its files, by their SHA-256

A process that is killed cannot clear up; the next one that takes files in finds the lock free, and does.
"""

from __future__ import annotations

import hashlib
import shutil
import stat
import tempfile
import threading
import weakref
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from core.errors import DigitscopeError, ImageError, StorageError
from core.images import open_document
from core.results import printable
from core.runs import process

MOST_FILES = 300
MOST_PAGES = 1_000  # as many as one document may have
MOST_BYTES = 1_000_000_000
SHOWN_LETTERS = 48
SHOWN_AT_END = 14
PREFIX = "digitscope-"
LOCK_FILE = "process.lock"


class PageKey(NamedTuple):
    """One page on the desk: the number of its file, and the page, both counted from 1."""

    file: int
    page: int


@dataclass(frozen=True)
class Upload:
    """One file.

    number: counted from 1 in the order of arrival, given again only after all files were taken out.
    name: as the visitor's computer calls it: any characters, any length.
    page_count: 1 where it cannot be opened.
    error: why it cannot be opened; such a file is not kept.
    """

    number: int
    name: str
    sha256: str
    size_bytes: int
    page_count: int = 1
    error: str | None = None

    @property
    def pages(self) -> tuple[PageKey, ...]:
        """Its pages in order."""
        return tuple(PageKey(self.number, page) for page in range(1, self.page_count + 1))


class Tray:
    """The files of one session, in a folder of their own that goes when the session does.

    left_out: how many files were not even looked at, since there were too many.
    """

    def __init__(self) -> None:
        self.left_out = 0
        self._given = 0
        self._uploads: dict[int, Upload] = {}
        self._room = _room()
        self._folder = Path(tempfile.mkdtemp(dir=self._room.folder))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """All files in the order of arrival."""
        return tuple(self._uploads.values())

    @property
    def pages(self) -> tuple[PageKey, ...]:
        """All pages of all files, in order."""
        return tuple(key for upload in self.uploads for key in upload.pages)

    @property
    def page_count(self) -> int:
        """Pages of the files that could be opened."""
        return sum(upload.page_count for upload in self.uploads if upload.error is None)

    def upload(self, number: int) -> Upload:
        """The file with this number."""
        return self._uploads[number]

    def add(self, name: str, data: bytes) -> None:
        """Take a file in; one that is no picture, or for which there is no room, is noted with the reason."""
        if len(self._uploads) >= MOST_FILES:
            self.left_out += 1
            return
        self._given += 1
        digest = hashlib.sha256(data).hexdigest()
        page_count, error = 1, None
        try:
            page_count = self._look_at(data, name)
            self._keep(digest, data)
        except DigitscopeError as refusal:
            page_count, error = 1, str(refusal)
        self._uploads[self._given] = Upload(self._given, name, digest, len(data), page_count, error)

    def remove(self, number: int) -> None:
        """Take a file out again; one that is out already, by a click before this one, stays out."""
        gone = self._uploads.pop(number, None)
        if gone is None:
            return
        if not any(upload.sha256 == gone.sha256 for upload in self._uploads.values()):
            (self._folder / gone.sha256).unlink(missing_ok=True)
        self.left_out = 0  # there is room again

    def clear(self) -> None:
        """Take all files out."""
        for upload in self.uploads:
            self.remove(upload.number)
        self.left_out = self._given = 0

    def data(self, upload: Upload) -> bytes:
        """The bytes of a file.

        Raises:
            ImageError: they are gone.
        """
        try:
            return (self._folder / upload.sha256).read_bytes()
        except OSError as error:
            raise ImageError("the file is no longer there; add it again") from error

    def _keep(self, digest: str, data: bytes) -> None:
        path = self._folder / digest
        try:
            path.write_bytes(data)
        except OSError as error:
            path.unlink(missing_ok=True)  # half of a file is none
            raise StorageError("there is no room for it on the server's disk; remove some files first") from error

    def _look_at(self, data: bytes, name: str) -> int:
        """The number of pages. Raises ImageError where it cannot be opened or would be too much."""
        with closing(open_document(data, name)) as document:
            page_count = document.page_count
        kept = [upload for upload in self.uploads if upload.error is None]
        if self.page_count + page_count > MOST_PAGES:
            raise ImageError(f"no room for it: {MOST_PAGES:,} pages at a time are the limit; remove some files first")
        if sum(upload.size_bytes for upload in kept) + len(data) > MOST_BYTES:
            raise ImageError(
                f"no room for it: {MOST_BYTES // 10**6:,} MB at a time are the limit; remove some files first"
            )
        return page_count


class _Room:
    """The folder in which this process keeps those of its sessions. It goes when the process ends."""

    def __init__(self) -> None:
        while True:
            self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
            held = process.lock(self.folder / LOCK_FILE)
            if process.acquired(held):
                break  # else another process took it for an abandoned one before it was locked, and removes it
        weakref.finalize(self, _remove, held, self.folder)

    def remove_abandoned(self) -> None:
        """Remove the folders of processes that ended without doing so: ours by owner and lock file, held by nobody."""
        owner = self.folder.stat().st_uid
        for folder in {*self.folder.parent.glob(f"{PREFIX}*")} - {self.folder}:
            with suppress(OSError, StorageError):  # not ours to open, or another process was quicker
                status = folder.lstat()
                if stat.S_ISDIR(status.st_mode) and status.st_uid == owner and (folder / LOCK_FILE).is_file():
                    held = process.lock(folder / LOCK_FILE)
                    if process.acquired(held):
                        _remove(held, folder)


_rooms: list[_Room] = []
_opening = threading.Lock()


def _room() -> _Room:
    """That of this process: made for its first session, and anew where somebody cleared the temporary folder."""
    with _opening:
        if not _rooms or not (_rooms[-1].folder / LOCK_FILE).is_file():
            _rooms[:] = [_Room()]
            _rooms[-1].remove_abandoned()
        return _rooms[-1]


def _remove(held: FileLock, folder: Path) -> None:
    """Remove a folder whose lock is ours, and let go of the lock."""
    shutil.rmtree(folder, ignore_errors=True)
    held.release()
    shutil.rmtree(folder, ignore_errors=True)  # Windows removes no file that is open


def shown_name(name: str) -> str:
    """A file's name for people: one line, no more than 48 letters, its suffix kept, control characters written out."""
    line = printable(name).strip() or "no name"
    if len(line) <= SHOWN_LETTERS:
        return line
    return f"{line[: SHOWN_LETTERS - SHOWN_AT_END - 1]}…{line[-SHOWN_AT_END:]}"


def as_code(text: str) -> str:
    """`text` as a code span, in which nothing is Markdown, an icon or a formula."""
    return f"`{text.replace('`', chr(39))}`"


def file_label(upload: Upload) -> str:
    """A file among others; the number tells two of one name apart."""
    return f"{upload.number}. {shown_name(upload.name)}"


def page_label(upload: Upload, key: PageKey) -> str:
    """A page among others."""
    return file_label(upload) + (f", page {key.page} of {upload.page_count}" if upload.page_count > 1 else "")
