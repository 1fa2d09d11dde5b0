"""How long reading takes in this process."""

from __future__ import annotations

import numpy as np

from core.benchmark.figures import Figure
from core.benchmark.pictures import FRAME, PHOTO, SCAN, SIX_DIGITS, TWENTY_DIGITS, drawing, jpeg, page
from core.classifier import Classifier
from core.images import Image, decode, from_rgba
from core.normalization import normalize
from core.reader import CANVAS_SETTINGS, Reader
from core.reading import Reading
from core.synthesis import Page
from core.timing import median_milliseconds

BATCH = 32


def digit_figures(classifier: Classifier, runs: int = 1000) -> tuple[Figure, ...]:
    """One normalized digit, alone and among 32; LiteRT runs on one core."""
    digits = np.stack([normalize(drawing(digit % 10)[..., 3]) for digit in range(BATCH)])
    alone = median_milliseconds(lambda: classifier.probabilities(digits[:1]), runs=runs)
    among = median_milliseconds(lambda: classifier.probabilities(digits), runs=max(1, runs // 10)) / BATCH
    return (
        Figure("digit_alone", "a normalized digit alone, one core", alone, "ms", 0.15),
        Figure("digit_of_32", "a normalized digit among 32, one core", among, "ms", 0.1),
    )


def picture_figures(reader: Reader, runs: int = 15) -> tuple[Figure, ...]:
    """A drawing, a photo, a scan and a webcam frame, each to its numbers; a note tells of mistakes."""
    sheets = [drawing(digit) for digit in range(10)]
    photo, scan = page(TWENTY_DIGITS, PHOTO), page(TWENTY_DIGITS, SCAN)
    frame = page(SIX_DIGITS, FRAME)
    photo_file, scan_file = jpeg(photo.image.pixels), jpeg(scan.image.pixels)

    def read_drawings() -> None:
        for sheet in sheets:
            reader.read(from_rgba(sheet), CANVAS_SETTINGS)

    def read_photo() -> Reading:
        return reader.read(decode(photo_file))

    def read_scan() -> Reading:
        return reader.read(decode(scan_file))

    def read_frame() -> Reading:
        return reader.read(Image(frame.image.pixels, "frame"))

    each = median_milliseconds(read_drawings, runs=runs) / len(sheets)
    return (
        Figure("drawing", "a canvas drawing, pixels to answer", each, "ms", 5),
        Figure(
            "photo_12_megapixels",
            "a 12-megapixel photo with 20 digits, bytes to numbers",
            median_milliseconds(read_photo, runs=runs),
            "ms",
            300,
            _mistake(read_photo(), photo),
        ),
        Figure(
            "scan_1_megapixel",
            "a 1-megapixel scan with 20 digits, bytes to numbers",
            median_milliseconds(read_scan, runs=runs),
            "ms",
            60,
            _mistake(read_scan(), scan),
        ),
        Figure(
            "frame_640x480",
            "a 640x480 webcam frame with 6 digits",
            median_milliseconds(read_frame, runs=runs),
            "ms",
            15,
            _mistake(read_frame(), frame),
        ),
    )


def _mistake(reading: Reading, page: Page) -> str:
    """What was not read right, if anything: speed at the price of a wrong answer would be none."""
    right = reading.text.replace(" ", "") == page.text.replace(" ", "")
    return "" if right else f"read {reading.text!r} for {page.text!r}"
