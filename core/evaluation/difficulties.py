"""What the reader makes of written pages, one kind of difficulty at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.datasets.digits import mnist
from core.datasets.strokes import PenDigit, pendigits
from core.evaluation.measures import Share
from core.reader import Reader
from core.synthesis import DigitSource, Page, bitmap_digits, kind_named, kind_page, stroke_digits

Hands = Literal["pens", "held-out", "mnist"]
"""Who writes the pages: our own pens, recorded writers that no training has seen, MNIST's test digits."""

PageSource = Callable[[str, int], DigitSource | None]
"""(kind, index) -> the hand that writes that page; None for our own pens, a new hand for each digit."""


@dataclass(frozen=True, eq=False)
class PageAnswer:
    """One page and what was read. errors: edit distance over all digits of the page, lines joined."""

    page: Page
    text: str
    errors: int
    milliseconds: float

    @property
    def exact(self) -> bool:
        """Whether all lines are right; spaces between groups do not count."""
        return _bare_lines(self.text) == _bare_lines(self.page.text)


@dataclass(frozen=True, eq=False)
class KindFigures:
    """One kind's figures.

    exact: pages on which every line was read exactly. digit_errors: edit distance over all digits; may exceed `digits`.
    milliseconds: median of the reader, without making the page.
    worst: wrong pages, most errors first.
    """

    name: str
    exact: Share
    digit_errors: int
    digits: int
    milliseconds: float
    worst: tuple[PageAnswer, ...]

    @property
    def digit_error_rate(self) -> float:
        """Digit errors per digit written."""
        return self.digit_errors / max(1, self.digits)


def measure_kind(
    reader: Reader, name: str, *, count: int, seed: int, source: PageSource, worst: int = 0
) -> KindFigures:
    """Read `count` pages of a kind and keep the `worst` wrong ones."""
    exact = errors = digits = 0
    times: list[float] = []
    wrong: list[PageAnswer] = []
    for answer in answers(reader, name, count=count, seed=seed, source=source):
        exact += answer.exact
        errors += answer.errors
        digits += len("".join(_bare_lines(answer.page.text)))
        times.append(answer.milliseconds)
        if not answer.exact and worst:
            wrong = sorted([*wrong, answer], key=lambda one: -one.errors)[:worst]
    return KindFigures(name, Share(exact, count), errors, digits, float(np.median(times or [0.0])), tuple(wrong))


def answers(reader: Reader, name: str, *, count: int, seed: int, source: PageSource) -> Iterator[PageAnswer]:
    """Write page after page of a kind, and read it."""
    for index in range(count):
        page = kind_page(name, seed, index, source(name, index))
        reading = reader.read(page.image)
        truth, answer = ("".join(_bare_lines(text)) for text in (page.text, reading.text))
        yield PageAnswer(page, reading.text, edit_distance(truth, answer), reading.milliseconds)


def page_source(hands: Hands, seed: int) -> PageSource:
    """The hand that writes each page; each page of `held-out` is by one writer with one pen.

    Raises:
        DataError: the data set lies nowhere and cannot be fetched, or is damaged.
    """
    if hands == "pens":
        return lambda _kind, _index: None
    if hands == "mnist":
        digits = mnist("test")
        everyone = bitmap_digits(digits.images, digits.labels)
        return lambda _kind, _index: everyone
    writers = _whole_hands(pendigits("test"))
    names = sorted(writers)

    def one_writer(kind: str, index: int) -> DigitSource:
        rng = np.random.default_rng([seed, index])
        pens = writers[names[rng.integers(len(names))]]
        width = rng.uniform(*kind_named(kind).settings.pen_width)
        return stroke_digits([pen.strokes for pen in pens], [pen.digit for pen in pens], width)

    return one_writer


def edit_distance(truth: str, answer: str) -> int:
    """Fewest insertions, deletions and substitutions from one text to the other (Levenshtein 1966)."""
    row = list(range(len(answer) + 1))
    for i, expected in enumerate(truth, 1):
        diagonal, row[0] = row[0], i
        for j, given in enumerate(answer, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (expected != given))
    return row[-1]


def _whole_hands(pens: tuple[PenDigit, ...]) -> dict[int, list[PenDigit]]:
    """Recorded digits by writer; only writers of whom all ten digits are there."""
    writers: dict[int, list[PenDigit]] = {}
    for pen in pens:
        writers.setdefault(pen.writer, []).append(pen)
    return {writer: own for writer, own in writers.items() if {pen.digit for pen in own} == set(range(10))}


def _bare_lines(text: str) -> list[str]:
    return [line.replace(" ", "") for line in text.split("\n") if line.strip()]
