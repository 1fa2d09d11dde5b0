"""Pictures that must be rendered: digits of recorded and drawn pens, worn digits, and what is no digit.

Every pool draws from the writers, alphabets and classes of one split, and from a seed: the same one, the same pictures.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial

import cv2
import numpy as np
from numpy.typing import NDArray

from core.classifier import NOT_A_DIGIT
from core.datasets import sources
from core.datasets.bitmaps import kmnist, omniglot
from core.datasets.cuts import cut_samples
from core.datasets.digits import UNKNOWN_WRITER, Digits, Split, mnist, mnist_is_here
from core.datasets.pieces import PIECES
from core.datasets.strokes import PenDigit, pendigits, varied
from core.datasets.wear import wear
from core.normalization import normalize
from core.pens import Strokes, draw_digit, draw_not_digit, render

Ink = NDArray[np.uint8]
Sample = tuple[Ink, int, int]  # picture, label, writer
Chunk = tuple[list[Ink], list[int], list[int]]
Job = tuple[str, Split, int, int, int]  # pool, split, seed, number of the chunk, pictures in it

CHUNK = 2_000
"""Pictures made from one seed in one process: a second or two of work."""
BRUSHES_PX = (8.0, 28.0)
HEIGHTS_PX = (60.0, 230.0)
"""Pen and digits on the app's canvas of 280 pixels."""
PAPER_HEIGHTS_PX = (40.0, 120.0)
PAPER_PENS = (0.03, 0.12)
"""Brush as a share of the digit's height in photographs of paper."""
OFTEN = {"pair": 1.6, "narrow pair": 1.6, "half": 1.6, "with neighbor": 1.4, "blank": 0.1}
"""Pieces that segmentation makes most, more often; a blank has one look, of which a few are enough."""


def make(
    kind: str,
    split: Split,
    count: int,
    *,
    seed: int = 0,
    executor: ProcessPoolExecutor | None = None,
    told: sources.Told = lambda *_: None,
) -> Digits:
    """`count` pictures of one pool, from the writers, alphabets and classes of one split. Deterministic.

    told: what is made, how many pictures of it are done, and how many there will be; what it raises ends the making.

    Raises:
        DataError: a file of it is missing or damaged.
    """
    jobs: list[Job] = [
        (kind, split, seed, index, min(CHUNK, count - index * CHUNK)) for index in range(-(-count // CHUNK))
    ]
    chunks: Iterable[Chunk] = executor.map(_chunk, jobs) if executor else map(_chunk, jobs)
    images: list[Ink] = []
    labels: list[int] = []
    writers: list[int] = []
    told(f"making {kind}", 0, count)
    for chunk in chunks:
        images += chunk[0]
        labels += chunk[1]
        writers += chunk[2]
        told(f"making {kind}", len(images), count)
    return Digits(f"{kind} {split}", np.stack(images), np.array(labels, np.int64), np.array(writers, np.int64))


def canvas_pens(split: Split) -> Digits:
    """Each recorded pen digit of a split, drawn as on the canvas at a random size and brush, always the same."""
    rng = np.random.default_rng([0, 77])
    pens = pendigits(split)
    images = np.stack([normalize(canvas_ink(pen.strokes, rng)) for pen in pens])
    return Digits(f"canvas pens {split}", images, np.array([p.digit for p in pens]), np.array([p.writer for p in pens]))


def canvas_ink(strokes: Strokes, rng: np.random.Generator) -> Ink:
    """Strokes as the app's canvas would show them, at a random size and brush."""
    return render(strokes, height_px=rng.uniform(*HEIGHTS_PX), brush_px=rng.uniform(*BRUSHES_PX))


def paper_ink(strokes: Strokes, rng: np.random.Generator) -> Ink:
    """Strokes as a pen leaves them on photographed paper: smaller, and of any width from a hair to a marker."""
    height = rng.uniform(*PAPER_HEIGHTS_PX)
    low, high = PAPER_PENS
    return render(strokes, height_px=height, brush_px=height * low * (high / low) ** rng.random())


def is_available(kind: str) -> bool:
    """Whether the files that a pool needs lie in a data folder."""
    needed = {
        "pens": (sources.PENDIGITS,),
        "worn pens": (sources.PENDIGITS,),
        "characters": (sources.OMNIGLOT, sources.KMNIST_IMAGES, sources.KMNIST_LABELS),
    }
    return all(sources.find(source) is not None for source in needed.get(kind, ()))


def _chunk(job: Job) -> Chunk:
    kind, split, seed, index, count = job
    rng = np.random.default_rng([seed, zlib.crc32(f"{kind} {split}".encode()), index])
    cv2.setNumThreads(1)
    samples = _SAMPLERS[kind](split, rng)
    images, labels, writers = zip(*(next(samples) for _ in range(count)), strict=True)
    return list(images), list(labels), list(writers)


def _worn_mnist(split: Split, rng: np.random.Generator) -> Iterator[Sample]:
    digits = mnist_of(split)
    while True:
        at = rng.integers(len(digits))
        yield normalize(wear(enlarged(digits.images[at]), rng)), int(digits.labels[at]), int(digits.writers[at])


def _pens(split: Split, rng: np.random.Generator, worn: bool = False) -> Iterator[Sample]:
    pens = pens_of(split)
    while True:
        pen = pens[rng.integers(len(pens))]
        strokes = varied(pen.strokes, rng) if split == "train" and rng.random() < 0.7 else pen.strokes
        ink = canvas_ink(strokes, rng) if rng.random() < 0.65 and not worn else paper_ink(strokes, rng)
        yield normalize(wear(ink, rng) if worn else ink), pen.digit, pen.writer


def _synthetic(_split: Split, rng: np.random.Generator, worn: bool = False) -> Iterator[Sample]:
    while True:
        digit = int(rng.integers(10))
        strokes = draw_digit(digit, rng)
        ink = canvas_ink(strokes, rng) if rng.random() < 0.5 and not worn else paper_ink(strokes, rng)
        yield normalize(wear(ink, rng) if worn else ink), digit, UNKNOWN_WRITER


def _pieces(split: Split, rng: np.random.Generator, recorded: bool = True) -> Iterator[Sample]:
    kinds = tuple(PIECES)
    weights = np.array([OFTEN.get(kind, 1.0) for kind in kinds])
    draw = partial(_any_digit if recorded else _drawn_digit, split, rng)
    while True:
        ink = PIECES[kinds[rng.choice(len(kinds), p=weights / weights.sum())]](draw, rng)
        yield normalize(_sometimes_worn(ink, rng)), NOT_A_DIGIT, UNKNOWN_WRITER


def _drawn_signs(_split: Split, rng: np.random.Generator) -> Iterator[Sample]:
    while True:
        strokes = draw_not_digit(rng)
        ink = canvas_ink(strokes, rng) if rng.random() < 0.5 else paper_ink(strokes, rng)
        yield normalize(_sometimes_worn(ink, rng)), NOT_A_DIGIT, UNKNOWN_WRITER


def _characters(split: Split, rng: np.random.Generator) -> Iterator[Sample]:
    letters, kana = letters_of(split), _kana(split)
    while True:
        if rng.random() < 0.65:
            yield normalize(_sometimes_worn(letters[rng.integers(len(letters))], rng)), NOT_A_DIGIT, UNKNOWN_WRITER
        else:
            yield kana.images[rng.integers(len(kana))], NOT_A_DIGIT, UNKNOWN_WRITER


def _cuts(split: Split, rng: np.random.Generator, recorded: bool = True) -> Iterator[Sample]:
    for image, label in cut_samples(partial(_any_digit if recorded else _drawn_digit, split, rng), rng):
        yield image, label, UNKNOWN_WRITER


_SAMPLERS: dict[str, Callable[[Split, np.random.Generator], Iterator[Sample]]] = {
    "worn MNIST": _worn_mnist,
    "pens": _pens,
    "worn pens": partial(_pens, worn=True),
    "synthetic": _synthetic,
    "worn synthetic": partial(_synthetic, worn=True),
    "pieces": _pieces,
    "cuts": _cuts,
    "drawn pieces": partial(_pieces, recorded=False),
    "drawn cuts": partial(_cuts, recorded=False),
    "drawn signs": _drawn_signs,
    "characters": _characters,
}


def _any_digit(split: Split, rng: np.random.Generator) -> tuple[Ink, int]:
    """A digit to make pieces of: from MNIST, a recorded pen or a drawn one, whatever is there."""
    choice = rng.random()
    if choice < 0.45 and mnist_is_here():
        digits = mnist_of(split)
        at = rng.integers(len(digits))
        return enlarged(digits.images[at]), int(digits.labels[at])
    if choice < 0.75 and is_available("pens"):
        pens = pens_of(split)
        pen = pens[rng.integers(len(pens))]
        return paper_ink(pen.strokes, rng), pen.digit
    return _drawn_digit(split, rng)


def _drawn_digit(_split: Split, rng: np.random.Generator) -> tuple[Ink, int]:
    digit = int(rng.integers(10))
    return paper_ink(draw_digit(digit, rng), rng), digit


def _sometimes_worn(ink: Ink, rng: np.random.Generator) -> Ink:
    return wear(ink, rng) if rng.random() < 0.4 and ink.any() else ink


def enlarged(image: Ink) -> Ink:
    """MNIST's digits are enlarged before they are worn, so that gaps and pens have more than one pixel to work with."""
    return np.asarray(cv2.resize(image, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC), np.uint8)


@cache
def mnist_of(split: Split) -> Digits:
    """MNIST's digits, read once."""
    return mnist(split)


@cache
def pens_of(split: Split) -> tuple[PenDigit, ...]:
    """Recorded pens, read once."""
    return pendigits(split)


@cache
def letters_of(split: Split) -> tuple[Ink, ...]:
    """Omniglot's characters, read once."""
    return omniglot(split)


@cache
def _kana(split: Split) -> Digits:
    return kmnist(split)
