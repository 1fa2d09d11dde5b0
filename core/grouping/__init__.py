"""Which pieces make up which digit: each grouping is a hypothesis, the classifier scores them, the likeliest text wins.

    hypotheses.py   a line's pieces and the parts that cuts make of them; runs of them, normalized and classified
    slashes.py      which ones may be slashes, as they lean and rise above their line
    paths.py        the ways through a row of hypotheses and what they cost: texts, each with its odds
    agreement.py    a second witness: the line recognizer, which knows no cuts; both are weighed

A line's pieces, and the parts that cuts make of them, stand in a row. A digit is a run of neighbors in that row.
Every run that could be one is normalized and classified, all lines in one batch; then dynamic programming finds the
way through each row that explains it best (as in Matan, Burges, LeCun and Denker, "Multi-digit recognition using a
space displacement neural network", 1992, with cuts in place of windows). What is no digit is passed over at a price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.classifier import Classifier
from core.grouping.agreement import WEIGHTS, Weights, agreed
from core.grouping.hypotheses import (
    HOPELESS_PIECES,
    Hypothesis,
    Span,
    candidates,
    classified,
    cut_row,
    cuts_wanted,
    hypotheses,
    is_hopeless,
    looked_at,
    possible_spans,
    single_spans,
    whole_row,
)
from core.grouping.paths import PRICES, Mark, Prices, best_path, texts
from core.recognition.recognizer import LineRecognizer
from core.segmentation.lines import WritingLine

# So much ink, pieces and hypotheses together, is classified for one picture. A page of handwriting needs some hundred,
# a line of twenty touching digits four hundred; noise, print and the grain of a table would take minutes.
MOST_LOOKS = 2000

__all__ = [
    "HOPELESS_PIECES",
    "MOST_LOOKS",
    "PRICES",
    "WEIGHTS",
    "Effort",
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


@dataclass
class Effort:
    """What may still be spent on one picture or sheet, one way up, however often it is attempted.

    left: pieces and hypotheses that may still be classified; below 0 where more pieces were found than that.
    """

    left: int = MOST_LOOKS


def group(
    lines: Sequence[WritingLine],
    classifier: Classifier,
    stroke: float,
    *,
    recognizer: LineRecognizer | None = None,
    cuts: bool = True,
    effort: Effort | None = None,
) -> tuple[tuple[Mark, ...], ...]:
    """The marks of each line, left to right.

    Args:
        lines: pieces in lines.
        classifier: scores every hypothesis.
        stroke: width of the pen in pixels.
        recognizer: reads each line as a whole; None leaves the choice to the hypotheses alone.
        cuts: whether touching digits are cut and broken ones joined; else every piece is one mark.
        effort: what may be spent, of which half of what the pieces leave goes into cuts and joins; then less is left.
    """
    effort = Effort() if effort is None else effort
    looks = looked_at(lines, classifier)
    effort.left -= sum(len(line.pieces) for line in lines)
    rows = [whole_row(line, seen) for line, seen in zip(lines, looks, strict=True)]
    spans = [single_spans(atoms) for atoms in rows]
    complete: set[int] = set()
    if cuts:
        wanted = {
            index: cuts_wanted(line, seen)
            for index, (line, seen) in enumerate(zip(lines, looks, strict=True))
            if not is_hopeless(line, seen)
        }
        share = effort.left // 2
        # Those that want least first: so most lines get all they want, and a pattern gets what is left.
        for index in sorted(wanted, key=lambda index: wanted[index]):
            if wanted[index] > share:
                break
            atoms = cut_row(lines[index], looks[index], stroke)
            runs = possible_spans(atoms, lines[index].height, stroke)
            if len(runs) <= share:
                rows[index], spans[index] = atoms, runs
                complete.add(index)
            spent = min(share, len(runs))
            share, effort.left = share - spent, effort.left - spent
    found = classified(lines, rows, spans, classifier, stroke)
    return tuple(
        agreed(line, found[index], len(rows[index]), recognizer if index in complete else None)
        for index, line in enumerate(lines)
    )
