"""Words beside or instead of numbers: of a line of letters, those that look like digits are no number.

An o is a 0 and an l a 1 wherever they stand, and no classifier can tell. The marks around them can: in a number,
digits explain nearly all ink; in a word, most of it is left over. Where a number stands close to a word, the line
recognizer parts the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from statistics import median

from core.grouping.hypotheses import MARK_SHARE
from core.grouping.paths import Mark

# A line of fewer tall marks may be a number that is hard to read.
FEWEST = 10
# A line of numbers is explained by digits to more than this share of its ink; on a line of words, a number is, too.
EXPLAINED = 0.75
NUMBER = 0.9
# Words are parted by gaps wider than this, in heights of the line, and in usual gaps between its marks.
GAP = 0.45
USUAL_GAPS = 1.8
# A mark that the recognizer holds less likely for a digit than this is a letter or a sign. A number between letters has
# so many digits: one or two may be letters, too.
DIGITLIKE = 0.3
FEWEST_DIGITS = 3


def without_words(row: Sequence[Mark], height: float) -> tuple[Mark, ...]:
    """The marks of a line, left to right, without those of words; `height`: of the line, in pixels."""
    tall = [mark for mark in row if mark.piece.box.height >= MARK_SHARE * height]
    if len(tall) < FEWEST or explained(tall) > EXPLAINED:
        return tuple(row)
    numbers = _beside_letters(row, tall) or [word for word in _words(row, height) if explained(word) > NUMBER]
    return tuple(mark for number in numbers for mark in number)


def explained(marks: Sequence[Mark]) -> float:
    """Share of the ink that digits explain, each counted by how sure it is; 0 to 1, 0 without ink."""
    ink = sum(mark.piece.area for mark in marks)
    return sum(mark.certainty * mark.piece.area for mark in marks) / ink if ink else 0.0


def _beside_letters(row: Sequence[Mark], tall: Sequence[Mark]) -> list[list[Mark]]:
    """All that is no letter, if it is numbers: where the line recognizer has told the two apart, none are left over."""
    letters = {id(mark) for mark in tall if mark.digit is None and mark.digitlike < DIGITLIKE}
    parts = [list(part) for is_letter, part in groupby(row, lambda mark: id(mark) in letters) if not is_letter]
    counts = {sum(mark.digit is not None for mark in part) for part in parts} - {0}
    rest = [mark for mark in tall if id(mark) not in letters]
    return parts if letters and counts and min(counts) >= FEWEST_DIGITS and explained(rest) > NUMBER else []


def _words(row: Sequence[Mark], height: float) -> list[list[Mark]]:
    gaps = [mark.piece.box.x - before.piece.box.right for before, mark in pairwise(row)]
    widest = max(GAP * height, USUAL_GAPS * median(gaps))
    words = [[row[0]]]
    for gap, mark in zip(gaps, row[1:], strict=True):
        if gap > widest:
            words.append([])
        words[-1].append(mark)
    return words
