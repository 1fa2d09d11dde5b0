"""What each step of reading is worth: `python -m scripts.ablate FOLDER ...`.

Each FOLDER holds `labels.csv` (columns file and text, lines parted by "|") and the pictures it names. Every step is
switched off in turn; printed is the share of pictures read exactly and the digit error rate.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from unittest.mock import patch

from core import images
from core.evaluation.difficulties import edit_distance
from core.images import Image
from core.models import ModelStore
from core.reader import Reader, ReadSettings
from core.recognition import store as recognition
from core.segmentation.settings import SegmentationSettings

PAGE = "core.segmentation.page"
Case = tuple[Image, list[str]]


def steps() -> dict[str, tuple[ReadSettings, Callable[[], AbstractContextManager[object]]]]:
    """By name: settings to read with, and what is patched meanwhile."""
    automatic = ReadSettings()

    def chosen(**changes: object) -> ReadSettings:
        return ReadSettings(segmentation=SegmentationSettings(**changes))  # type: ignore[arg-type]

    def without(name: str, replacement: object) -> Callable[[], AbstractContextManager[object]]:
        return lambda: patch(name, replacement)

    return {
        "nothing": (automatic, nullcontext),
        "even light": (chosen(even_light=False), nullcontext),
        "light ink on dark paper": (chosen(polarity="dark"), nullcontext),
        "stricter and fainter ink": (chosen(ink="normal"), nullcontext),
        "rules": (chosen(rules=False), nullcontext),
        "remnants of rules": (automatic, without(f"{PAGE}._without_slivers", lambda lines, _: lines)),
        "frames": (automatic, without(f"{PAGE}.without_frames", lambda pieces: pieces)),
        "rings": (automatic, without(f"{PAGE}.without_rings", lambda pieces: pieces)),
        "barcodes": (automatic, without(f"{PAGE}._without_bars", lambda lines: lines)),
        "sheets on a desk": (automatic, without("core.reader.cut_out_sheets", lambda _: ())),
        "the table and the sheet's edge": (automatic, without(f"{PAGE}._without_edges", lambda pieces, *_: pieces)),
        "the picture's border": (automatic, without(f"{PAGE}._without_border", lambda lines, *_: lines)),
        "cuts and joins": (chosen(cuts=False), nullcontext),
        "lone ones and guesses beside numbers": (automatic, without("core.reader._numbers", lambda lines, _: lines)),
    }


def cases(folder: Path) -> list[Case]:
    """The pictures of a folder, each with its lines of digits."""
    found = []
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            path = next(path for path in (folder / row["file"], folder / "images" / row["file"]) if path.is_file())
            lines = [line.replace(" ", "") for line in row["text"].split("|") if line.strip()]
            found.append((images.decode(path.read_bytes(), path.name), lines))
    return found


def score(reader: Reader, settings: ReadSettings, found: list[Case]) -> tuple[int, float]:
    """Pictures read exactly, and the digit error rate."""
    exact = errors = digits = 0
    for image, truth in found:
        answer = [line.replace(" ", "") for line in reader.read(image, settings).text.split("\n") if line.strip()]
        exact += answer == truth
        errors += edit_distance("".join(truth), "".join(answer))
        digits += len("".join(truth))
    return exact, errors / max(1, digits)


def main() -> None:
    """Print a table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th picture, for trials (1)")
    arguments = parser.parse_args()
    models = ModelStore()
    classifier = models.load(models.current())
    recognizer = recognition.beside(classifier)
    sets = [cases(folder)[:: arguments.every] for folder in arguments.folders]
    names = [f"{folder.name} ({len(one)})" for folder, one in zip(arguments.folders, sets, strict=True)]
    print("| switched off |", " | ".join(names), "|")
    print("|---" * (len(sets) + 1) + "|")
    variants = {name: (Reader(classifier, recognizer), *how) for name, how in steps().items()}
    variants["the line recognizer"] = (Reader(classifier), ReadSettings(), nullcontext)
    for name, (reader, settings, patched) in variants.items():
        with patched():
            results = [score(reader, settings, one) for one in sets]
        cells = [f"{exact} exact, {100 * errors:.1f} % digit errors" for exact, errors in results]
        print(f"| {name} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
