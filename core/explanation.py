"""Why a digit was read as it was: parts of it are covered, and what then changes is shown.

Occlusion (Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014) asks the shipped model
itself and needs no gradients. Ink is covered with paper, so only ink can matter: that something is absent is not
explained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.classifier import OUTCOMES, Classifier
from core.normalization import SIDE, normalize

# A patch about as wide as two strokes, moved by half a stroke: smaller ones change nothing, larger ones everything.
PATCH_SIDE = 6
PATCH_STEP = 2
# Changes of log-odds beyond this are as good as complete; without a limit one patch would drown all others.
MOST_EVIDENCE = 6.0

REGIONS = (
    ("top left", "top", "top right"),
    ("left", "middle", "right"),
    ("bottom left", "bottom", "bottom right"),
)


@dataclass(frozen=True)
class Removal:
    """What is read when one part is gone.

    part: its name, such as "top left" or "stroke 2".
    outcome: 0 to 9, or `NOT_A_DIGIT`, the most probable reading without it.
    confidence: of that outcome; before, after: probability of the explained digit with and without the part. 0 to 1.
    """

    part: str
    outcome: int
    confidence: float
    before: float
    after: float

    @property
    def decisive(self) -> bool:
        """Whether the answer hangs on this part: without it another outcome is more probable."""
        return self.after < self.confidence


@dataclass(frozen=True, eq=False)
class Explanation:
    """Which parts of a digit speak for its reading.

    digit: the reading that is explained.
    normalized: (28, 28) uint8, 255 = ink: what the network saw.
    heatmap: (28, 28) float32, -1 to 1; above 0 the ink speaks for the digit, below 0 against it.
    removals: one per region that holds ink, most important first.
    """

    digit: int
    normalized: NDArray[np.uint8]
    heatmap: NDArray[np.float32]
    removals: tuple[Removal, ...]

    def __post_init__(self) -> None:
        if self.heatmap.shape != (SIDE, SIDE) or self.normalized.shape != (SIDE, SIDE):
            raise ValueError(f"an explanation shows 28x28, not {self.heatmap.shape} and {self.normalized.shape}")


def explain(classifier: Classifier, glyph: NDArray[np.uint8], digit: int) -> Explanation:
    """Cover each part of a glyph in turn and see what the classifier makes of the rest.

    Args:
        classifier: the model that read it.
        glyph: (h, w) uint8, 255 = ink, as `Digit.glyph`.
        digit: 0 to 9, the reading to explain.
    """
    normalized = normalize(glyph)
    patches = [(y, x) for y in range(0, SIDE, PATCH_STEP) for x in range(0, SIDE, PATCH_STEP)]
    covered = [_covered(normalized, y, y + PATCH_SIDE, x, x + PATCH_SIDE) for y, x in patches]
    regions = list(_regions(normalized))
    covered += [_covered(normalized, *place) for _, place in regions]
    probabilities = classifier.probabilities(np.stack([normalized, *covered]))
    evidence = _evidence(probabilities[0], digit) - np.array([_evidence(row, digit) for row in probabilities[1:]])
    removals = [
        _removal(name, probabilities[0], row, digit)
        for (name, _), row in zip(regions, probabilities[1 + len(patches) :], strict=True)
    ]
    heatmap = _heatmap(patches, evidence[: len(patches)], normalized)
    return Explanation(digit, normalized, heatmap, tuple(sorted(removals, key=lambda removal: removal.after)))


def without_each_stroke(
    classifier: Classifier, strokes: Sequence[NDArray[np.uint8]], digit: int
) -> tuple[Removal, ...]:
    """What is read without each stroke of a drawn digit, in the order drawn; empty for a digit of one stroke.

    Args:
        classifier: the model that read it.
        strokes: each (h, w) uint8, 255 = ink, all in one common frame.
        digit: 0 to 9, the reading to explain.
    """
    if len(strokes) < 2:
        return ()
    whole = np.maximum.reduce(list(strokes))
    rest = [np.maximum.reduce([*strokes[:index], *strokes[index + 1 :]]) for index in range(len(strokes))]
    probabilities = classifier.probabilities(np.stack([normalize(ink) for ink in (whole, *rest)]))
    return tuple(
        _removal(f"stroke {index + 1}", probabilities[0], row, digit) for index, row in enumerate(probabilities[1:])
    )


def _covered(digit: NDArray[np.uint8], top: int, bottom: int, left: int, right: int) -> NDArray[np.uint8]:
    result = digit.copy()
    result[top:bottom, left:right] = 0
    return result


def _regions(digit: NDArray[np.uint8]) -> list[tuple[str, tuple[int, int, int, int]]]:
    """The thirds of the ink's own box that hold ink: (name, (top, bottom, left, right))."""
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    if rows.size == 0:
        return []
    ys = np.rint(np.linspace(rows[0], rows[-1] + 1, 4)).astype(int)
    xs = np.rint(np.linspace(columns[0], columns[-1] + 1, 4)).astype(int)
    found = []
    for row in range(3):
        for column in range(3):
            place = int(ys[row]), int(ys[row + 1]), int(xs[column]), int(xs[column + 1])
            if digit[place[0] : place[1], place[2] : place[3]].any():
                found.append((REGIONS[row][column], place))
    return found


def _evidence(probabilities: NDArray[np.float32], digit: int) -> float:
    """Log-odds of the digit, limited to what can be told apart."""
    share = float(np.clip(probabilities[digit], 1e-6, 1 - 1e-6))
    return float(np.clip(np.log(share / (1 - share)), -MOST_EVIDENCE, MOST_EVIDENCE))


def _removal(part: str, before: NDArray[np.float32], after: NDArray[np.float32], digit: int) -> Removal:
    if len(after) != OUTCOMES:
        raise ValueError(f"{len(after)} probabilities where there are {OUTCOMES} outcomes")
    outcome = int(after.argmax())
    return Removal(part, outcome, float(after[outcome]), float(before[digit]), float(after[digit]))


def _heatmap(
    patches: Sequence[tuple[int, int]], evidence: NDArray[np.float64], digit: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Each inked pixel's mean evidence over the patches that covered it, scaled to -1 to 1."""
    total = np.zeros((SIDE, SIDE))
    count = np.zeros((SIDE, SIDE))
    for (y, x), value in zip(patches, evidence, strict=True):
        total[y : y + PATCH_SIDE, x : x + PATCH_SIDE] += value
        count[y : y + PATCH_SIDE, x : x + PATCH_SIDE] += 1
    mean = total / np.maximum(count, 1) * (digit > 0)
    return (mean / max(float(np.abs(mean).max()), 1e-6)).astype(np.float32)
