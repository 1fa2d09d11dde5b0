"""Read the numbers in pictures and documents: `python -m core read photo.jpg`."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tqdm import tqdm

from core import files
from core.commands.inputs import Inputs, Page, find, pages_of
from core.commands.names import model_named
from core.commands.pictures import Names, write_annotated, write_steps
from core.errors import StorageError
from core.images import SUFFIXES
from core.models import ModelStore
from core.quiet import without_native_messages
from core.reader import Reader
from core.recognition import store as recognition
from core.results import Result, printable, to_csv

if TYPE_CHECKING:
    from core.commands import Subparsers

Identity = tuple[int, int]
"""Device and number of a file, the same by whatever name."""

EPILOG = """\
A picture of one number gives `Predicted number: 5283`; several give a line each, `photo.webp: 5283`, lines of writing
parted by ` | `. A mark that cannot be read is `?`. Exit status: 0 everything was read, 1 something was not, 2 usage.
"""


def register(subparsers: Subparsers) -> None:
    """Add `read` and its arguments."""
    parser: ArgumentParser = subparsers.add_parser(
        "read",
        help="read the numbers in pictures, PDF files and folders of them",
        description="Read the handwritten numbers in pictures (PNG, JPEG, WebP, BMP, TIFF, GIF, HEIC), PDF files and "
        "folders of them.",
        epilog=EPILOG,
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", type=_path, help="a file, or a folder with its sub-folders")
    parser.add_argument("--json", action="store_true", help="print one JSON object per page, and nothing else")
    parser.add_argument("--csv", metavar="FILE", type=_path, help="write a table, one row per line of writing")
    parser.add_argument(
        "--steps", metavar="DIR", type=_path, help="write each step of the reading as PNG, DIR/photo/01-..."
    )
    parser.add_argument(
        "--annotated", metavar="DIR", type=_path, help="write each page with its digits marked, DIR/photo.png"
    )
    parser.add_argument("--model", metavar="NAME", help="the model to read with; the one in use if not given")


def _path(word: str) -> Path:
    if not word:  # which pathlib takes for the folder one stands in
        raise ArgumentTypeError("an empty word is no path; name a file or folder")
    return Path(word)


def run(arguments: Namespace) -> int:
    """Read everything, answer as asked; 1 where something could not be read.

    Raises:
        ModelError: there is no such model, or it is damaged.
        StorageError: a table or picture cannot be written.
    """
    if arguments.csv and arguments.csv.is_dir():
        raise StorageError(f"{printable(str(arguments.csv))} is a folder; name a file for the table")
    if arguments.csv and arguments.csv.exists() and not arguments.csv.is_file():
        # A rename, which puts the table there whole, would do away with a device or pipe such as /dev/stdout.
        raise StorageError(f"{printable(str(arguments.csv))} is no ordinary file; name one for the table")
    if arguments.csv and arguments.csv.suffix.lower() in SUFFIXES:
        # `--csv *.png`, the table's own name forgotten, names the first picture.
        raise StorageError(f"{printable(str(arguments.csv))} is the name of a picture; name a .csv file for the table")
    with without_native_messages():
        store = ModelStore()
        classifier = store.load(model_named(arguments.model, store))
        reader = Reader(classifier, recognition.beside(classifier))
    inputs = find(arguments.paths)
    if arguments.csv:
        _spare(arguments.csv, _identities(inputs))
    alone = len(inputs.files) == 1 and not inputs.refused
    rows: list[tuple[str, ...]] = []
    failed = False
    for result in _results(inputs, reader, arguments):
        failed |= result.error is not None
        rows.extend(result.rows() if arguments.csv else ())
        if arguments.json:
            _say(json.dumps(result.to_json()))
        else:
            _tell(result, alone=alone and result.page is None)
    if arguments.csv:
        files.write_text(arguments.csv.resolve(), to_csv(rows))  # a link stays one
    if inputs.passed_over:
        others = "1 other file" if inputs.passed_over == 1 else f"{inputs.passed_over} other files"
        _say(f"passed over {others} in the folders", sys.stderr)
    return 1 if failed else 0


def _results(inputs: Inputs, reader: Reader, arguments: Namespace) -> Iterator[Result]:
    """What comes of each page of each file; pictures are written on the way, and none is kept."""
    for path, reason in inputs.refused:
        yield Result(str(path), error=reason)
    names = Names()
    spared = _identities(inputs) if arguments.annotated else frozenset()
    with tqdm(total=len(inputs.files), unit="page", disable=not sys.stderr.isatty(), leave=False) as bar:
        for path in inputs.files:
            for page in pages_of(path):
                if page.number == 1:
                    bar.total += page.count - 1
                yield _result(path, page, spared, reader, names, arguments)
                bar.update()


def _result(
    path: Path, page: Page, spared: frozenset[Identity], reader: Reader, names: Names, arguments: Namespace
) -> Result:
    number = page.number if page.count > 1 else None
    if page.image is None:
        return Result(str(path), number, error=page.error)
    reading = reader.read(page.image, with_steps=arguments.steps is not None)
    if arguments.steps or arguments.annotated:
        name = names.of(path, number)
        if arguments.steps:
            write_steps(arguments.steps / name, reading)
        if arguments.annotated:
            target = arguments.annotated / f"{name}.png"
            _spare(target, spared)
            write_annotated(target, page.image, reading)
    return Result(str(path), number, reading)


def _identities(inputs: Inputs) -> frozenset[Identity]:
    """Of the files to be read, whatever they are called."""
    return frozenset(found for file in inputs.files if (found := _identity(file)) is not None)


def _identity(path: Path) -> Identity | None:
    """Of a file, links followed; None where there is none to be seen."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def _spare(target: Path, spared: frozenset[Identity]) -> None:
    """Raise StorageError where writing `target` would do away with a picture that is to be read."""
    if _identity(target) in spared:
        raise StorageError(f"{printable(str(target))} is one of the pictures to read; have it written elsewhere")


def _tell(result: Result, *, alone: bool) -> None:
    """Answer for people: a line per page, or a line per line of writing where there is but one page."""
    place = printable(result.file) + (f", page {result.page}" if result.page else "")
    if result.reading is None:
        _say(f"{place}: {result.error}", sys.stderr)
    elif not result.reading.lines:
        _say("No number found" if alone else f"{place}: no number found")
    elif alone:
        for line in result.reading.lines:
            _say(f"Predicted number: {line.text}")
    else:
        _say(f"{place}: {' | '.join(line.text for line in result.reading.lines)}")


def _say(text: str, stream: TextIO | None = None) -> None:
    """Print a line past the progress bar, at once, so that a program that reads along does not wait."""
    stream = stream or sys.stdout
    tqdm.write(text, file=stream)
    stream.flush()
