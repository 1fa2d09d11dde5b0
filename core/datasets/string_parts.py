"""What a written line is made of: groups of digits by one hand, separators, signs and other marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from core.augmentation import Augmentation, augment
from core.datasets import pools
from core.datasets.digits import Split, mnist_is_here
from core.datasets.strokes import varied
from core.datasets.wear import cropped
from core.geometry import Box
from core.pens import Strokes, draw_currency, draw_digit, draw_not_digit, draw_style, render
from core.synthesis.numbers import NumberSettings, Signs, number_ink

Ink = NDArray[np.uint8]
Hand = Callable[[int, np.random.Generator], Ink]
"""(digit, rng) -> its ink, (h, w) uint8."""

HEIGHT_PX = 48.0
"""Digits are drawn this high, and shrunk by the camera afterwards."""
# Few of MNIST's writers, all from the United States, wrote these.
FOREIGN_ONES = ("flag", "long flag", "hook", "footed", "tent", "retraced", "looped")
FOREIGN_SEVENS = ("crossed", "serif crossed", "serif", "plain")
SEVEN_LIKE_ONES = ("flag", "long flag", "tent")
CROSSED_SEVENS = ("crossed", "serif crossed")
CURLED_TWOS = ("curled in", "two loops")
BELLYLESS_FIVES = ("square-root", "tick", "angular")
TWO_STROKE_NINES = ("swung past", "circle and stick", "stem inside")
BENDS = Augmentation(
    rotation_degrees=6,
    shear=0.12,
    scale=0.12,
    shift_px=0,
    elastic_px=1.4,
    elastic_share=0.5,
    stroke_share=0,
    ink_share=0,
)


class Part(NamedTuple):
    """A group of digits or another mark: ink, the row it stands on, and what it reads as ("" for a mark)."""

    ink: Ink
    baseline: int
    text: str


def even_group(
    hand: Hand, count: int, slant: tuple[float, float], rng: np.random.Generator, signs: Signs = "none"
) -> Part:
    """Digits of like size, apart or touching, leaning by `slant` degrees."""
    choice = rng.random()
    settings = NumberSettings(
        gaps=(0.0, 0.4) if choice < 0.7 else (0.1, 1.0),
        touching=float(rng.uniform(0.1, 5.0)) if choice < 0.55 else 0.0,
        slant_degrees=slant,
        size_jitter=float(rng.choice((0.04, 0.1, 0.16))),
        baseline_jitter=float(rng.choice((0.02, 0.05, 0.1))),
        broken=0.12,
        signs=signs,
    )
    # The same digit twice in a row is what cuts and joins get wrong most.
    digits = rng.integers(0, 10, count)
    if count > 1 and rng.random() < 0.25:
        at = int(rng.integers(1, count))
        digits[at:] = digits[at - 1] if rng.random() < 0.5 else 0
    text = "".join(str(digit) for digit in digits)
    number = number_ink(text, rng, height_px=HEIGHT_PX, settings=settings, source=hand)
    ink = number.ink
    if count > 1 and signs != "slashes" and rng.random() < 0.2:
        ink = _joined_by_pen(ink, number.boxes, rng)
    return Part(ink, number.baseline, text)


def _joined_by_pen(ink: Ink, boxes: Sequence[Box], rng: np.random.Generator) -> Ink:
    """The pen stays on the paper between two digits."""
    result = ink.copy()
    thickness = max(1, round(HEIGHT_PX * rng.uniform(0.03, 0.1)))
    for left, right in pairwise(boxes):
        if rng.random() < 0.6:
            y0 = left.y + left.height * rng.choice((rng.uniform(0.0, 0.3), rng.uniform(0.7, 1.0)))
            y1 = right.y + right.height * rng.uniform(0.0, 0.5)
            x0 = left.center[0] + left.width * rng.uniform(0, 0.4)
            x1 = right.center[0] - right.width * rng.uniform(0, 0.4)
            bend = rng.normal(0, 0.12) * HEIGHT_PX
            t = np.linspace(0, 1, 12)[:, None]
            middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2 + bend])
            curve = (1 - t) ** 2 * np.array([x0, y0]) + 2 * t * (1 - t) * middle + t**2 * np.array([x1, y1])
            cv2.polylines(result, [np.round(curve * 16).astype(np.int32)], False, 255, thickness, cv2.LINE_AA, 4)
    return result


def uneven_group(
    hand: Hand,
    count: int,
    slant: tuple[float, float],
    scale: float,
    rng: np.random.Generator,
) -> Part:
    """Digits of uneven size; zeros often smaller, and drawn without lifting the pen."""
    digits = rng.integers(0, 10, count)
    if rng.random() < 0.35:
        digits[int(rng.integers(0, count)) :] = 0
    text = "".join(str(digit) for digit in digits)
    zeros = rng.uniform(0.45, 0.9) if rng.random() < 0.5 else 1.0

    def sized(digit: int, rng: np.random.Generator) -> Ink:
        ink = hand(digit, rng)
        factor = (zeros if digit == 0 else 1.0) * max(0.5, rng.normal(1, 0.14))
        # Paper above it: a smaller digit stands on the line, or floats.
        room = round(len(ink) * (1 / min(1.0, factor) - 1))
        above = room if rng.random() < 0.6 else int(rng.integers(0, room + 1))
        return np.pad(ink, ((above, room - above), (0, 0)))

    settings = NumberSettings(
        gaps=(0.0, 0.35),
        touching=float(rng.uniform(0.1, 4.0)) if rng.random() < 0.4 else 0.0,
        slant_degrees=slant,
        size_jitter=0.06,
        baseline_jitter=float(rng.choice((0.03, 0.08, 0.14))),
        broken=0.1,
    )
    number = number_ink(text, rng, height_px=HEIGHT_PX * scale, settings=settings, source=sized)
    ink = number.ink
    if count > 1 and rng.random() < (0.6 if text.endswith("00") else 0.15):
        ink = _joined_by_pen(ink, number.boxes, rng)
    return Part(ink, number.baseline, text)


def separator(rng: np.random.Generator) -> Part:
    """A dot, a comma or a raised stroke between thousands."""
    ink = np.zeros((48, 48), np.uint8)
    thickness = int(rng.integers(2, 8))
    end = (24 - int(rng.integers(-3, 9)), 24 + int(rng.integers(0, 18)))
    cv2.line(ink, (24, 24), end, 255, thickness, cv2.LINE_AA)
    raised = HEIGHT_PX * (rng.uniform(0.7, 1.0) if rng.random() < 0.15 else rng.uniform(-0.15, 0.15))
    crop = cropped(ink)
    return Part(crop, len(crop) + round(raised), "")


def other_mark(split: Split, rng: np.random.Generator) -> Part:
    """Something that is no digit: a sign, a letter, a scribble, a dot, a dash."""
    choice = rng.random()
    if choice < 0.4:
        kind, height = "sign", rng.uniform(0.25, 1.1)
    elif choice < 0.75:
        kind, height = "letter", rng.uniform(0.5, 1.15)
    elif choice < 0.85:
        kind, height = ("scribble", "crossed out")[rng.integers(2)], rng.uniform(0.6, 1.2)
    else:
        return small_mark(rng)
    if choice < 0.75 and rng.random() < 0.25 and _has_letters():
        letters = pools.letters_of(split)
        ink = letters[rng.integers(len(letters))]
        scale = HEIGHT_PX * height / max(ink.shape)
        ink = np.asarray(cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    else:
        width = rng.uniform(0.04, 0.14)
        ink = render(draw_not_digit(rng, kind), height_px=HEIGHT_PX * height, brush_px=HEIGHT_PX * width)
    ink = cropped(np.asarray(ink, np.uint8))
    room = HEIGHT_PX - ink.shape[0]
    return Part(ink, ink.shape[0] + round(rng.uniform(0, max(0.0, room))), "")


def currency(rng: np.random.Generator) -> Part:
    """A sign of money, as high as the digits or a little higher."""
    width, height = rng.uniform(0.04, 0.13), rng.uniform(0.8, 1.35)
    ink = render(draw_currency(rng), height_px=HEIGHT_PX * height, brush_px=HEIGHT_PX * width)
    ink = cropped(np.asarray(ink, np.uint8))
    return Part(ink, ink.shape[0] - round(HEIGHT_PX * rng.uniform(0, 0.25)), "")


def small_mark(rng: np.random.Generator) -> Part:
    """A dot, comma, dash or double dash where they stand."""
    ink = np.zeros((64, 64), np.uint8)
    thickness = int(rng.integers(2, 8))
    kind = rng.integers(4)
    if kind == 0:
        cv2.circle(ink, (32, 32), max(2, thickness // 2 + 1), 255, -1, cv2.LINE_AA)
        baseline = 0
    elif kind == 1:
        end = (32 - int(rng.integers(0, 8)), 32 + int(rng.integers(5, 16)))
        cv2.line(ink, (32, 32), end, 255, thickness, cv2.LINE_AA)
        baseline = -6
    else:
        half = int(rng.integers(6, 26))
        tilt = int(rng.integers(-5, 6))
        cv2.line(ink, (32 - half, 32), (32 + half, 32 + tilt), 255, thickness, cv2.LINE_AA)
        if kind == 3:
            gap = thickness + int(rng.integers(5, 12))
            cv2.line(ink, (32 - half, 32 + gap), (32 + half, 32 + gap + tilt), 255, thickness, cv2.LINE_AA)
        baseline = round(HEIGHT_PX * rng.uniform(0.2, 0.6))
    crop = cropped(ink)
    return Part(crop, crop.shape[0] + baseline, "")


def any_hand(split: Split, rng: np.random.Generator) -> Hand:
    """One way to write all digits of a line: MNIST's, a recorded writer's with one pen, or our own pens'."""
    choice = rng.random()
    if choice < 0.45 and mnist_is_here():
        return _scanned_hand(split, rng)
    width = float(0.03 * (0.14 / 0.03) ** rng.random())
    if choice < 0.75 and pools.is_available("pens"):
        writers = _by_writer(split)
        own = writers[rng.integers(len(writers))]
        return lambda digit, rng: _pen(_one(own[digit], rng), width)
    return _drawn_hand(width, rng)


def _drawn_hand(width: float, rng: np.random.Generator) -> Hand:
    """Our own pens: who writes a digit one way mostly writes it so again, and crosses sevens that ones look like."""
    habits = {digit: draw_style(digit, rng, in_a_line=True) for digit in range(10)}
    if habits[1] in SEVEN_LIKE_ONES and rng.random() < 0.7:
        habits[7] = str(rng.choice(CROSSED_SEVENS))

    def write(digit: int, rng: np.random.Generator) -> Ink:
        style = habits[digit] if rng.random() < 0.85 else draw_style(digit, rng, in_a_line=True)
        return _pen(draw_digit(digit, rng, style), width)

    return write


def _scanned_hand(split: Split, rng: np.random.Generator) -> Hand:
    """MNIST's digits, bent a little; in every third line with ones, sevens and others of other countries."""
    digits, places = pools.mnist_of(split), _by_digit(split)
    width = float(rng.uniform(0.07, 0.15))
    habits: dict[int, str] = {}
    if rng.random() < 0.35:
        habits = {1: str(rng.choice(FOREIGN_ONES)), 7: str(rng.choice(FOREIGN_SEVENS))}
        if rng.random() < 0.5:
            habits[2] = str(rng.choice(CURLED_TWOS))
        if rng.random() < 0.25:
            habits[5] = str(rng.choice(BELLYLESS_FIVES))
        if rng.random() < 0.15:
            habits[8] = "ribbon"
        if rng.random() < 0.25:
            habits[9] = str(rng.choice(TWO_STROKE_NINES))

    def write(digit: int, rng: np.random.Generator) -> Ink:
        if digit in habits:
            return _pen(draw_digit(digit, rng, habits[digit]), width)
        image = digits.images[rng.choice(places[digit])]
        return cropped(pools.enlarged(augment(image[None], BENDS, rng)[0]))

    return write


def _one(strokes: Sequence[Strokes], rng: np.random.Generator) -> Strokes:
    chosen = strokes[int(rng.integers(len(strokes)))]
    return varied(chosen, rng) if rng.random() < 0.6 else chosen


def _pen(strokes: Strokes, width: float) -> Ink:
    return cropped(render(strokes, height_px=64.0, brush_px=64.0 * width))


@cache
def _by_digit(split: Split) -> dict[int, NDArray[np.int64]]:
    labels = pools.mnist_of(split).labels
    return {digit: np.flatnonzero(labels == digit) for digit in range(10)}


@cache
def _by_writer(split: Split) -> list[dict[int, list[Strokes]]]:
    writers: dict[int, dict[int, list[Strokes]]] = {}
    for pen in pools.pens_of(split):
        writers.setdefault(pen.writer, {}).setdefault(pen.digit, []).append(pen.strokes)
    return [own for own in writers.values() if len(own) == 10]


@cache
def _has_letters() -> bool:
    return pools.is_available("characters")
