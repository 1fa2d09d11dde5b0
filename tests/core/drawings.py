"""Plain drawings for tests: digits as their templates have them, in no one's hand, where a test says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.card import Calibration
from core.classifier import Classifier
from core.geometry import Box
from core.images import Image
from core.models import ModelStore
from core.pens import Strokes, render
from core.pens.drawing import prepare, unit_high
from core.pens.styles import DIGITS
from core.segmentation.page import Attempt, Segmentation, segment
from core.segmentation.pieces import Piece, connected
from core.segmentation.sheet import Sheet
from tests.core.tiny_models import card_of, tiny_tflite

Ink = NDArray[np.uint8]
STYLES = ("oval", "plain", "curly", "curly", "open", "one stroke", "curled", "plain", "one stroke", "straight")
PEN = 0.09
PAPER, DARK = 240, 30


def template(digit: int, style: str | None = None) -> Strokes:
    """The strokes of a digit, 1 high, without a hand's variation."""
    curves = prepare(DIGITS[digit][style or STYLES[digit]])
    return unit_high(tuple((curve.blend @ curve.controls).astype(np.float32) for curve in curves))


@cache
def glyph(digit: int, height: float = 60.0, style: str | None = None) -> Ink:
    """(h, w) uint8 ink of one digit."""
    return render(template(digit, style), height_px=height * (1 - PEN), brush_px=height * PEN)


def sheet(height: int, width: int) -> Ink:
    """No ink yet, (height, width) uint8."""
    return np.zeros((height, width), np.uint8)


def put(page: Ink, ink: Ink, x: int, y: int) -> Box:
    """Lay ink on a page, its top left corner at (x, y)."""
    region = page[y : y + ink.shape[0], x : x + ink.shape[1]]
    np.maximum(region, ink, out=region)
    return Box(x, y, ink.shape[1], ink.shape[0])


def write(page: Ink, text: str, x: int, y: int, height: float = 60.0, gap: float = 0.3, rise: float = 0.0) -> list[Box]:
    """Write digits (a space parts groups) from (x, y), the top left corner, rising by `rise` pixels a column."""
    boxes, start = [], x
    for character in text:
        if character == " ":
            x += round(1.5 * height)
            continue
        boxes.append(put(page, glyph(int(character), height), x, round(y - rise * (x - start))))
        x = boxes[-1].right + round(gap * height)
    return boxes


def number(text: str, height: float = 60.0, gap: float = 0.3, margin: int = 30) -> Ink:
    """A page just large enough for a number and a margin."""
    page = sheet(round(height) + 2 * margin + 2, round(len(text) * 1.8 * height) + 2 * margin)
    right = write(page, text, margin, margin, height, gap)[-1].right
    return page[:, : right + margin]


def photo(ink: Ink, *, paper: float | NDArray[np.floating] = PAPER, dark: float = DARK, **fields: object) -> Image:
    """Ink on paper of one brightness, or of (H, W) many; ink takes its share of the light."""
    light = np.asarray(paper, np.float64) * np.ones(ink.shape)
    share = ink / 255
    gray = light * (1 - share * (1 - dark / 255)) if dark < np.mean(light) else light + (dark - light) * share
    gray = np.rint(gray).clip(0, 255).astype(np.uint8)
    return Image(np.repeat(gray[..., np.newaxis], 3, axis=2), **fields)  # type: ignore[arg-type]


def segmented(image: Image, attempt: Attempt = Attempt(), *, rules: bool = True) -> Segmentation:
    """A picture taken apart, in one attempt."""
    return segment(Sheet(image.pixels), attempt, rules=rules)


def block(x: int, y: int, width: int, height: int) -> Piece:
    """A piece of solid ink."""
    return Piece(Box(x, y, width, height), np.full((height, width), 255, np.uint8), width * height)


def pieces_of(ink: Ink) -> tuple[Piece, ...]:
    """The connected pieces of a page."""
    return connected(ink)


class Judge:
    """A classifier by rule: a function says what each normalized picture is, and how surely."""

    def __init__(self, judge: Callable[[Ink], tuple[int, float]]) -> None:
        self.judge = judge
        tflite = tiny_tflite()
        self.card = card_of(tflite, calibration=Calibration(unsure_below=0.8))
        self.name = "judge"
        self.asked = 0

    def probabilities(self, digits: Ink) -> NDArray[np.float32]:
        """As `Classifier.probabilities`."""
        self.asked += len(digits)
        answers = np.zeros((len(digits), 11), np.float32)
        for row, digit in zip(answers, digits, strict=True):
            outcome, confidence = self.judge(digit)
            row[:] = (1 - confidence) / 10
            row[outcome] = confidence
        return answers


def knowing(known: Sequence[Ink], least: float = 0.8) -> Judge:
    """A judge that knows pictures by heart: index of the known normalized picture that looks alike, else no digit."""
    flat = np.stack(known).reshape(len(known), -1).astype(np.float64)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)

    def judge(digit: Ink) -> tuple[int, float]:
        picture = digit.reshape(-1).astype(np.float64)
        alike = flat @ (picture / max(1.0, float(np.linalg.norm(picture))))
        best = int(alike.argmax())
        return (best, 0.99) if alike[best] >= least else (10, 0.99)

    return Judge(judge)


@cache
def shipped() -> Classifier:
    """The model of the repository, whatever it is at present."""
    store = ModelStore()
    return store.load("digitscope")
