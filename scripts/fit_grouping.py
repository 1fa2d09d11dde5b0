"""Fit the prices of `core.grouping` on written strings: `python -m scripts.fit_grouping --model NAME`.

Strings of digits are written with hands that measuring does not know (MNIST's validation writers, our own pens):
apart, slanted, broken, touching by 1 to 4 pixels of 28, and with dots, dashes and commas between them. Every hypothesis
is classified once; then random search changes one price after the other and keeps what reads more strings exactly. No
picture of a test set is looked at. Takes some minutes, prints the prices to put into `Prices`.

The shipped model has learned from these writers in its later stages, and would flatter itself: fit with the one of the
first stage (`--model first-1`, made by `scripts.train_shipped`).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core import datasets, grouping
from core.grouping import Hypothesis, Prices
from core.models import ModelStore
from core.segmentation.page import Attempt, segment
from core.segmentation.sheet import Sheet
from core.synthesis.glyphs import DigitSource, bitmap_digits, pen_digits
from core.synthesis.numbers import NumberSettings, number_ink

HEIGHT_PX = 52
PIXEL = 20 / 28  # touching is told in pixels of 28, written in pixels of a 20-pixel digit
KINDS = {
    "apart": NumberSettings(),
    "slant": NumberSettings(slant_degrees=(8, 18)),
    "broken": NumberSettings(broken=0.5),
    "touching 1": NumberSettings(touching=1 * PIXEL),
    "touching 2": NumberSettings(touching=2 * PIXEL),
    "touching 4": NumberSettings(touching=4 * PIXEL),
    "marks": NumberSettings(gaps=(0.25, 0.5)),
}
# One line: hypotheses, number of atoms, height, and what is written.
Case = tuple[str, list[Hypothesis], int, float, str]


def sources() -> tuple[DigitSource, ...]:
    """Hands to write with, none of them held out for measuring."""
    digits = datasets.mnist("validation")
    return bitmap_digits(digits.images, digits.labels), pen_digits(0.09), pen_digits(0.05)


def written(kind: str, rng: np.random.Generator, source: DigitSource) -> tuple[NDArray[np.uint8], str]:
    """A picture, (H, W, 3) uint8 RGB, of a number and its text."""
    text = "".join(rng.choice(list("0123456789"), int(rng.integers(2, 7))))
    number = number_ink(text, rng, height_px=HEIGHT_PX, settings=KINDS[kind], source=source)
    ink = np.pad(number.ink, 40)
    if kind == "marks":
        boxes = number.boxes
        for left, right in zip(boxes, (*boxes[1:], None), strict=True):
            middle = left.right + 40 + (8 if right is None else (right.x - left.right) // 2)
            _mark(ink, middle, number.baseline + 40, rng)
    paper = cv2.GaussianBlur(255 - (ink * rng.uniform(0.5, 0.9)).astype(np.uint8), (0, 0), 0.7)
    noisy = np.clip(paper + rng.normal(0, 3, paper.shape), 0, 255).astype(np.uint8)
    return np.repeat(noisy[..., np.newaxis], 3, axis=2), text


def _mark(ink: NDArray[np.uint8], x: int, baseline: int, rng: np.random.Generator) -> None:
    kind = rng.integers(5)
    if kind == 0:
        cv2.circle(ink, (x, baseline - 2), int(rng.integers(2, 5)), 255, -1, cv2.LINE_AA)
    elif kind == 1:
        cv2.line(ink, (x, baseline - 3), (x - 3, baseline + int(rng.integers(4, 12))), 255, 4, cv2.LINE_AA)
    elif kind == 2:
        y, half = baseline - HEIGHT_PX // 2, int(rng.integers(5, 10))
        cv2.line(ink, (x - half, y), (x + half, y + int(rng.integers(-3, 4))), 255, 4, cv2.LINE_AA)


def cases(count: int, seed: int, model: str) -> Iterator[Case]:
    """`count` strings of each kind, taken apart and classified. A string that fell into several lines is left out."""
    classifier = ModelStore().load(model)
    rng = np.random.default_rng(seed)
    hands = sources()
    for kind in KINDS:
        for index in range(count):
            pixels, text = written(kind, rng, hands[index % len(hands)])
            found = segment(Sheet(pixels), Attempt())
            if len(found.lines) != 1:
                continue
            line = found.lines[0]
            atoms, hypotheses = grouping.hypotheses(line, classifier, found.stroke)
            yield kind, hypotheses, len(atoms), line.height, text


def exact(found: list[Case], prices: Prices) -> dict[str, float]:
    """Share of strings read exactly, by kind."""
    hits: dict[str, list[bool]] = {}
    for kind, hypotheses, count, height, text in found:
        marks = grouping.best_path(hypotheses, count, height, prices)
        read = "".join(str(mark.digit) for mark in marks if mark.digit is not None)
        hits.setdefault(kind, []).append(read == text)
    return {kind: float(np.mean(hit)) for kind, hit in hits.items()}


def value(shares: dict[str, float]) -> float:
    """What is maximized: the mean over kinds, separated numbers counted twice since most numbers are."""
    return float(np.mean([*shares.values(), shares["apart"], shares["marks"]]))


def fit(found: list[Case], rounds: int, seed: int) -> Prices:
    """Random search, one price at a time, with steps that shrink."""
    rng = np.random.default_rng(seed)
    best, top = Prices(), value(exact(found, Prices()))
    names = list(asdict(best))
    for index in range(rounds):
        name = names[int(rng.integers(len(names)))]
        spread = 0.7 * (1 - index / rounds) + 0.1
        old = getattr(best, name)
        tried = replace(best, **{name: round(float(old * np.exp(rng.normal(0, spread)) + rng.normal(0, 0.05)), 3)})
        if tried.mark_spread <= 0.005:
            continue
        reached = value(exact(found, tried))
        if reached >= top:
            best, top = tried, reached
    return best


def main() -> None:
    """Fit, and show shares before and after, also on strings that were not fitted on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="strings of each kind (100)")
    parser.add_argument("--rounds", type=int, default=400, help="changes tried (400)")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--model", required=True, help="a stored model that has not learned from these writers")
    arguments = parser.parse_args()
    found = list(cases(arguments.count, arguments.seed, arguments.model))
    prices = fit(found, arguments.rounds, arguments.seed)
    fresh = list(cases(arguments.count // 2, arguments.seed + 1, arguments.model))
    for name, sample in (("fitted on", found), ("fresh", fresh)):
        for label, choice in (("before", Prices()), ("after", prices)):
            shares = exact(sample, choice)
            print(
                f"{name} {label}: {value(shares):.3f}  " + "  ".join(f"{k} {100 * v:.0f} %" for k, v in shares.items())
            )
    print(prices)


if __name__ == "__main__":
    main()
