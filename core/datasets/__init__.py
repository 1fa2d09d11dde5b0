"""Data sets: digits of people who are held apart, pens of our own making, and what is not a digit.

idx.py       the format of MNIST's files
sources.py   where files lie, how their content is known, how MNIST is fetched
digits.py    MNIST by writer; `Digits`, the type of every set
strokes.py   recorded pen trajectories (pendigits)
bitmaps.py   optdigits; letters and kana that are no digits
wear.py      what a scan does to a digit
pieces.py    what segmentation makes that is no digit
cuts.py      the reader's own cuts through touching digits, right and wrong
pools.py     pictures that must be rendered, by kind and split
mixture.py   all of it together, for one training
strings.py   lines of digits, for the line recognizer; string_parts.py, string_wear.py: what they hold and suffer
"""

from core.datasets.digits import UNKNOWN_WRITER, Digits, Split, mnist, mnist_is_here
from core.datasets.mixture import DATASETS, Mixture, check_dataset, load, pictures_of
from core.datasets.pools import canvas_pens, make

__all__ = [
    "DATASETS",
    "UNKNOWN_WRITER",
    "Digits",
    "Mixture",
    "Split",
    "canvas_pens",
    "check_dataset",
    "load",
    "make",
    "mnist",
    "mnist_is_here",
    "pictures_of",
]
