"""Which pieces make up which digit: each grouping is a hypothesis, the classifier scores them, the likeliest text wins.

    hypotheses.py   a line's pieces and the parts that cuts make of them; runs of them, normalized and classified
    paths.py        the ways through a row of hypotheses and what they cost: texts, each with its odds
    agreement.py    a second witness: the line recognizer, which knows no cuts; both are weighed

A line's pieces, and the parts that cuts make of them, stand in a row. A digit is a run of neighbors in that row.
Every run that could be one is normalized and classified, all lines in one batch; then dynamic programming finds the
way through each row that explains it best (as in Matan, Burges, LeCun and Denker, "Multi-digit recognition using a
space displacement neural network", 1992, with cuts in place of windows). What is no digit is passed over at a price.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.classifier import Classifier
from core.grouping.agreement import WEIGHTS, Weights, agreed
from core.grouping.hypotheses import (
    HOPELESS_PIECES,
    Hypothesis,
    Span,
    candidates,
    classified,
    cut_row,
    hypotheses,
    looked_at,
    possible_spans,
    single_spans,
    whole_row,
)
from core.grouping.paths import PRICES, Mark, Prices, best_path, texts
from core.recognition.recognizer import LineRecognizer
from core.segmentation.lines import WritingLine

# A line of twenty touching digits has a thousand hypotheses; what has more is a table's grain, and would take seconds.
MOST_SPANS = 1500

__all__ = [
    "HOPELESS_PIECES",
    "PRICES",
    "WEIGHTS",
    "Hypothesis",
    "Mark",
    "Prices",
    "Span",
    "Weights",
    "agreed",
    "best_path",
    "candidates",
    "group",
    "hypotheses",
    "texts",
]


def group(
    lines: Sequence[WritingLine],
    classifier: Classifier,
    stroke: float,
    *,
    recognizer: LineRecognizer | None = None,
    cuts: bool = True,
) -> tuple[tuple[Mark, ...], ...]:
    """The marks of each line, left to right.

    Args:
        lines: pieces in lines.
        classifier: scores every hypothesis.
        stroke: width of the pen in pixels.
        recognizer: reads each line as a whole; None leaves the choice to the hypotheses alone.
        cuts: whether touching digits are cut and broken ones joined; else every piece is one mark.
    """
    looks = looked_at(lines, classifier)
    if not cuts:
        rows = [whole_row(line, seen) for line, seen in zip(lines, looks, strict=True)]
        single = classified(rows, [single_spans(atoms) for atoms in rows], classifier, stroke)
        return tuple(
            best_path(found, len(atoms), line.height) for found, atoms, line in zip(single, rows, lines, strict=True)
        )
    rows, spans = [], []
    for line, seen in zip(lines, looks, strict=True):
        atoms = cut_row(line, seen, stroke)
        runs = possible_spans(atoms, line.height, stroke)
        if len(runs) > MOST_SPANS:
            atoms = whole_row(line, seen)
            runs = single_spans(atoms)
        rows.append(atoms)
        spans.append(runs)
    found = classified(rows, spans, classifier, stroke)
    return tuple(
        agreed(line, hypotheses, len(atoms), recognizer)
        for line, atoms, hypotheses in zip(lines, rows, found, strict=True)
    )
