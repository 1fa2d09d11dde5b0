"""What the reader answers: digits in lines, each with its evidence. Typed, complete when made, checked when made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.geometry import Box
from core.segmentation.steps import Step

UNREADABLE = "?"
Verdict = Literal["sure", "unsure", "unreadable"]


@dataclass(frozen=True, eq=False)
class Digit:
    """One mark that stands where a digit would.

    digit: 0 to 9, or None where the mark cannot be read.
    confidence: calibrated probability of `digit`; where it cannot be read, of its best guess. 0 to 1.
    sure: whether the confidence is above the model's own threshold for a plain answer.
    box: pixels of the upright original.
    probabilities: (11,) float32, 0 to 9 and "not a digit"; sums to 1.
    normalized: (28, 28) uint8, 255 = ink: what the network saw.
    glyph: (h, w) uint8, 255 = ink: the mark at working size, before normalization.
    """

    digit: int | None
    confidence: float
    runner_up: int
    runner_up_confidence: float
    sure: bool
    box: Box
    probabilities: NDArray[np.float32]
    normalized: NDArray[np.uint8]
    glyph: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.probabilities.shape != (11,):
            raise ValueError(f"a digit carries 11 probabilities, not {self.probabilities.shape}")
        if self.normalized.shape != (28, 28):
            raise ValueError(f"a digit carries 28x28 pixels, not {self.normalized.shape}")
        if self.digit is not None and not 0 <= self.digit <= 9:
            raise ValueError(f"{self.digit} is not a digit")

    @property
    def text(self) -> str:
        """The digit as a character, `?` where it cannot be read."""
        return UNREADABLE if self.digit is None else str(self.digit)

    @property
    def verdict(self) -> Verdict:
        """The answer in one word: "sure", "unsure" (a guess) or "unreadable" (`?`)."""
        if self.digit is None:
            return "unreadable"
        return "sure" if self.sure else "unsure"


@dataclass(frozen=True, eq=False)
class Line:
    """One line of writing, left to right.

    text: the digits, groups parted by one space, `?` for a mark that cannot be read.
    confidence: product of its digits' confidences: the chance that the whole line is right.
    """

    digits: tuple[Digit, ...]
    text: str
    confidence: float
    box: Box

    def __post_init__(self) -> None:
        written = "".join(digit.text for digit in self.digits)
        if self.text.replace(" ", "") != written:
            raise ValueError(f"the line says {self.text!r} but its digits say {written!r}")


@dataclass(frozen=True, eq=False)
class Reading:
    """Everything read from one picture: lines top to bottom. No writing: no lines, and an empty text.

    steps: empty unless they were asked for.
    size_wh: of the upright original, in pixels.
    """

    lines: tuple[Line, ...]
    steps: tuple[Step, ...]
    model: str
    milliseconds: float
    size_wh: tuple[int, int]

    @property
    def text(self) -> str:
        """All lines, parted by a newline."""
        return "\n".join(line.text for line in self.lines)

    @property
    def digits(self) -> tuple[Digit, ...]:
        """All digits, line by line."""
        return tuple(digit for line in self.lines for digit in line.digits)

    def to_json(self, file: str) -> dict[str, Any]:
        """The reading as the command line's JSON object; `file` names the picture."""
        return {
            "file": file,
            "text": self.text,
            "lines": [{"text": line.text, "digits": [_digit_json(d) for d in line.digits]} for line in self.lines],
            "model": self.model,
            "milliseconds": round(self.milliseconds, 1),
        }


def four_digits(confidence: float) -> float:
    """A confidence as it leaves the program; 0.9999 where four digits would round to 1: no reader is certain."""
    return min(round(confidence, 4), 0.9999)


def _digit_json(digit: Digit) -> dict[str, Any]:
    return {
        "digit": digit.digit,
        "confidence": four_digits(digit.confidence),
        "runner_up": digit.runner_up,
        "runner_up_confidence": round(digit.runner_up_confidence, 4),
        "box": list(digit.box),
    }
