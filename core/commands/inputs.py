"""From the paths on the command line to the pictures behind them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.errors import ImageError
from core.images import SUFFIXES, Image, load, open_document


@dataclass(frozen=True)
class Inputs:
    """What was found.

    files: every file named, and the pictures in every folder named, sub-folders too, sorted; nothing hidden.
    refused: path and reason of what cannot be read as a folder.
    passed_over: how many other files lie in the folders.
    """

    files: tuple[Path, ...]
    refused: tuple[tuple[Path, str], ...]
    passed_over: int


@dataclass(frozen=True, eq=False)
class Page:
    """One page of a file, or the reason why there is none.

    number: counted from 1.
    count: pages of the file, 1 where it could not be opened.
    """

    number: int
    count: int
    image: Image | None = None
    error: str | None = None


def find(paths: Sequence[Path]) -> Inputs:
    """Look into folders; a file that is named outright is taken whatever its suffix."""
    files: list[Path] = []
    refused: list[tuple[Path, str]] = []
    passed_over = 0
    for path in paths:
        if not _is_folder(path):
            files.append(path)
            continue
        found, closed = _files_below(path)
        pictures = [file for file in found if file.suffix.lower() in SUFFIXES]
        passed_over += len(found) - len(pictures)
        refused.extend((folder, "no permission to look into this folder") for folder in closed)
        if not pictures and not closed:
            refused.append((path, "no pictures in this folder; name one that holds PNG, JPEG, PDF or the like"))
        files.extend(pictures)
    return Inputs(tuple(files), tuple(refused), passed_over)


def pages_of(path: Path) -> Iterator[Page]:
    """Each page of a file in turn; one that cannot be decoded does not keep the next from it."""
    try:
        document = open_document(load(path), str(path))
    except ImageError as error:
        yield Page(1, 1, error=str(error))
        return
    with closing(document):
        for number in range(1, document.page_count + 1):
            try:
                image = document.page(number)
            except ImageError as error:
                yield Page(number, document.page_count, error=str(error))
            else:
                yield Page(number, document.page_count, image)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # a name too long or with a null character: `load` says so
        return False


def _files_below(folder: Path) -> tuple[list[Path], list[Path]]:
    """All files in a folder and its sub-folders, sorted, and the folders that may not be looked into."""
    found: list[Path] = []
    closed: list[Path] = []
    for parent, names, files in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        names[:] = sorted(name for name in names if not name.startswith("."))
        found.extend(Path(parent, name) for name in sorted(files) if not name.startswith("."))
    return found, closed
