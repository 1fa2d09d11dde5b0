"""The one path from a picture to numbers, which canvas, upload, camera and command line all take."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.classifier import DIGITS, Classifier
from core.geometry import Box, turned_back, union
from core.grouping import MOST_LOOKS, Effort, Mark, group
from core.images import Image
from core.reading import UNREADABLE, Digit, Line, Reading
from core.recognition.recognizer import LineRecognizer
from core.segmentation.desk import cut_out_sheets
from core.segmentation.ink import Strictness
from core.segmentation.light import likely_polarities
from core.segmentation.page import Attempt, Segmentation, segment
from core.segmentation.settings import SegmentationSettings
from core.segmentation.sheet import Sheet
from core.words import DIGITLIKE, without_words

# An attempt explains a picture when digits are at least this share of its ink. Where none does, or only by ones and
# doubts, sheets of paper are sought, and each is read alone.
PLAUSIBLE = 0.5
# Where digits are less of the ink than this, the picture shows something else, and what looks like one is chance.
LEAST_PLAUSIBLE = 0.12
# What ink on the unlikely side explains counts this much.
UNLIKELY = 0.5
# Kinds of ink that are tried in turn.
AUTOMATIC: tuple[Strictness, ...] = ("normal", "strict", "faint", "broad")
# Where the best attempt explains less than this, the picture may lie on its side or stand on its head: one way up,
# nearly all of it is digits then, at least so many.
UPRIGHT = 0.9
FEWEST_TURNED = 3
# Fainter ink is more ink: it is not sought where what there is was so much that less than this is left to spend.
FAINT_EFFORT = MOST_LOOKS // 2
# A gap parts two groups of digits when it is this many times as wide as the usual one of its line, which counts as at
# least so many heights. From so many heights on less is enough, and beyond so many any gap does.
SPACE = 2.5
USUAL_GAP = 0.25
WIDE_GAP = 1.5
WIDE_SPACE = 1.5
GROUP_GAP = 2.0
# Ones alone on a line are believed when they stand this far from the border, as a share of the picture's side, and are
# this high, in heights of the other digits.
BORDER_SHARE = 0.03
LIKE_OTHERS = (0.7, 1.5)
# A mark that cannot be read stands where a digit would when it is this tall, in heights of its line ...
DIGIT_HEIGHT = 0.6
# ... and this close to a digit that can be read; at either end of a line the recognizer must hold it like a digit, too,
# and so among digits where the classifier holds one this likely by its shape.
NEIGHBOR_GAP = 1.2
LOOKS_LIKE_A_DIGIT = 0.5


@dataclass(frozen=True, kw_only=True)
class ReadSettings:
    """What a user may set about reading; everything is automatic by default.

    segmentation: how a picture is taken apart.
    minimum_confidence: a digit below it is answered as `?`; 0 answers everything that looks like a digit.
    any_way_up: a picture of which not nearly all makes sense is also tried turned by quarters.
    margin: pixels of white paper put around the picture. What touches the edge of a photograph goes on outside or is
        the edge of the sheet; a drawing ends where its canvas does, and its strokes are whole.
    """

    segmentation: SegmentationSettings = SegmentationSettings()
    minimum_confidence: float = 0.0
    any_way_up: bool = True
    margin: int = 0


# On a canvas nothing has to be found out: its ink is dark on white without a shadow, so that the inside of a blot is no
# dark table; a long stroke is never a printed rule, and its narrowest brush is broad enough.
CANVAS_SETTINGS = ReadSettings(
    segmentation=SegmentationSettings(polarity="dark", ink="normal", rules=False, enlarge=False, even_light=False),
    any_way_up=False,
    margin=24,
)


@dataclass(frozen=True, eq=False)
class _Try:
    """One attempt, what was read, and how plausible that is."""

    segmentation: Segmentation
    lines: tuple[Line, ...]
    plausibility: float
    clean: bool


class _Placed(NamedTuple):
    """An attempt at the picture or a part of it, and where that begins in the picture."""

    attempt: _Try
    x: int
    y: int


class Reader:
    """Reads pictures with one model. Safe to share between threads."""

    def __init__(self, classifier: Classifier, recognizer: LineRecognizer | None = None) -> None:
        self.classifier = classifier
        self.recognizer = recognizer

    def read(self, image: Image, settings: ReadSettings = ReadSettings(), *, with_steps: bool = False) -> Reading:
        """Read every number in a picture.

        Args:
            image: upright RGB picture of any size.
            settings: automatic unless set.
            with_steps: keep a picture of every step of segmentation.

        Returns:
            The reading; without lines where the picture holds no number.
        """
        start = time.perf_counter()
        size_wh, margin = image.original_wh, round(settings.margin * image.scale)
        whole = self._best(_with_margin(image.pixels, settings.margin), image.scale, settings, Effort(), with_steps)
        quarters = 0
        found = [_Placed(whole, -margin, -margin)] if whole.plausibility >= LEAST_PLAUSIBLE else []
        turned = None
        if settings.any_way_up and whole.plausibility < UPRIGHT:
            turned = self._turned(image, settings, with_steps, whole)
        if turned:
            quarters, best = turned
            found = [_Placed(best, 0, 0)]
        elif settings.segmentation.even_light and not _makes_sense(whole):
            on_sheets = self._on_sheets(image, settings, with_steps, whole.plausibility)
            # What loses digits was cut out of the writing, not out of a desk, which looks like ones.
            if on_sheets and _sure_but_ones(on_sheets) >= _sure_but_ones(found):
                found = on_sheets
        lines = tuple(
            _with_least_confidence(_moved(line, one.x, one.y, quarters, size_wh), settings)
            for one in found
            for line in one.attempt.lines
        )
        steps = found[0].attempt.segmentation.steps if found else whole.segmentation.steps
        milliseconds = 1000 * (time.perf_counter() - start)
        return Reading(lines, steps, self.classifier.name, milliseconds, size_wh)

    def _turned(self, image: Image, settings: ReadSettings, with_steps: bool, upright: _Try) -> tuple[int, _Try] | None:
        """By how many quarters counterclockwise a picture must be turned to be read cleanly, and what is read then;
        None where no way up makes more sense than the one it has, or there is too much to look at: print, a pattern.
        """
        effort = Effort(MOST_LOOKS // 2)
        if sum(len(line.pieces) for line in upright.segmentation.lines) > effort.left:
            return None
        # A look at whole pieces tells which way up, and what is cut only takes time.
        quick = replace(settings, segmentation=replace(settings.segmentation, cuts=False))
        looks = {}
        for quarters in (1, 2, 3):
            if effort.left <= 0:
                return None
            sheet = _sheet(np.ascontiguousarray(np.rot90(image.pixels, quarters)), settings)
            looks[quarters] = sheet, next(self._tries(sheet, image.scale, quick, effort, False)).plausibility
        quarters, (sheet, plausibility) = max(looks.items(), key=lambda look: look[1][1])
        if plausibility < max(PLAUSIBLE, upright.plausibility):
            return None
        best = max(self._tries(sheet, image.scale, settings, effort, with_steps), key=lambda one: one.plausibility)
        digits = sum(len(line.digits) for line in best.lines)
        return (quarters, best) if best.clean and digits >= FEWEST_TURNED else None

    def _on_sheets(self, image: Image, settings: ReadSettings, with_steps: bool, better_than: float) -> list[_Placed]:
        """What stands on the sheets in a picture, read each alone, where that is plausible: around them is a desk
        whose pattern is as dark as writing. The steps are those of the first.
        """
        effort, found = Effort(), []
        for sheet in cut_out_sheets(image.pixels):
            best = self._best(sheet.pixels, image.scale, settings, effort, with_steps)
            if best.plausibility >= max(PLAUSIBLE, better_than):
                if with_steps:
                    best = _with_first_step(best, "Sheet", "The sheet, cut out of what lies around it.")
                found.append(_Placed(best, round(sheet.x * image.scale), round(sheet.y * image.scale)))
            if effort.left <= 0:
                break
        return found

    def _best(
        self, pixels: NDArray[np.uint8], scale: float, settings: ReadSettings, effort: Effort, with_steps: bool
    ) -> _Try:
        """The most plausible attempt. scale: pixels of the original picture per pixel."""
        sheet = _sheet(pixels, settings)
        return max(self._tries(sheet, scale, settings, effort, with_steps), key=lambda found: found.plausibility)

    def _tries(
        self, sheet: Sheet, scale: float, settings: ReadSettings, effort: Effort, with_steps: bool
    ) -> Iterator[_Try]:
        """Attempts, the likeliest first, until one reads cleanly or no effort is left; the unlikely polarity only where
        the likely one fails.
        """
        chosen = settings.segmentation
        polarities = likely_polarities(sheet.gray) if chosen.polarity == "auto" else (chosen.polarity,)
        levels: tuple[Strictness, ...] = AUTOMATIC if chosen.ink == "auto" else (chosen.ink,)
        best = 0.0
        for weight, polarity in zip((1.0, UNLIKELY), polarities, strict=False):
            for level in levels:
                if levels is AUTOMATIC and _is_in_vain(level, best, effort):
                    continue
                attempt = Attempt(polarity, level)
                found = self._try(sheet, scale, attempt, settings, effort, with_steps)
                if found.segmentation.was_turned and not found.clean and effort.left > 0:
                    # Somebody may write uphill, the digits upright.
                    as_it_is = self._try(sheet, scale, replace(attempt, level=False), settings, effort, with_steps)
                    found = max(found, as_it_is, key=lambda one: one.plausibility)
                yield (
                    found
                    if weight == 1
                    else replace(found, plausibility=weight * _sure_share(found.lines) * found.plausibility)
                )
                if found.clean or effort.left <= 0:
                    return
                best = max(best, found.plausibility)
            if best >= PLAUSIBLE:
                return

    def _try(
        self,
        sheet: Sheet,
        image_scale: float,
        attempt: Attempt,
        settings: ReadSettings,
        effort: Effort,
        with_steps: bool,
    ) -> _Try:
        chosen = settings.segmentation
        segmentation = segment(sheet, attempt, rules=chosen.rules, with_steps=with_steps)
        marks = group(
            segmentation.lines,
            self.classifier,
            segmentation.stroke,
            recognizer=self.recognizer,
            cuts=chosen.cuts,
            effort=effort,
        )
        scale = segmentation.scale * image_scale
        calibration = self.classifier.card.calibration
        lines = []
        for line, marked in zip(segmentation.lines, marks, strict=True):
            row = without_words(marked, line.height)
            boxes = [_scaled(mark.piece.box, scale) for mark in row]
            digits = [_digit(mark, box, calibration.unsure_below) for mark, box in zip(row, boxes, strict=True)]
            kept = _written(digits, row, line.height * scale)
            if kept:
                parted = _behind_slashes(digits, row, kept, line.height * scale)
                # Gaps are judged where lines are level.
                places = {
                    id(digit): _scaled(segmentation.box_of(mark.piece), image_scale)
                    for digit, mark in zip(digits, row, strict=True)
                }
                lines.append(_in_picture(_line(kept, line.height * scale, parted), places))
        height, width = sheet.gray.shape
        given = sheet.scale * image_scale
        lines = _numbers(lines, (width * given, height * given))
        sure = all(digit.verdict == "sure" for line in lines for digit in line.digits)
        plausibility = _plausibility(lines, marks)
        return _Try(segmentation, tuple(lines), plausibility, bool(lines) and sure and plausibility > 0.9)


def _makes_sense(whole: _Try) -> bool:
    """Whether digits explain a picture. A desk is explained, too, by ones for its edges and doubtful zeros."""
    sure = _sure_but_ones([_Placed(whole, 0, 0)]) > 0
    return whole.clean or (whole.plausibility >= PLAUSIBLE and sure)


def _sure_but_ones(found: Iterable[_Placed]) -> int:
    """How many sure digits other than ones were read."""
    digits = (digit for one in found for line in one.attempt.lines for digit in line.digits)
    return sum(digit.verdict == "sure" and digit.digit != 1 for digit in digits)


def _is_in_vain(level: Strictness, best: float, effort: Effort) -> bool:
    """Whether an attempt is not worth its time, the best one before being so plausible."""
    return (level == "faint" and effort.left < FAINT_EFFORT) or (level == "broad" and best >= PLAUSIBLE)


def _with_first_step(attempt: _Try, name: str, purpose: str) -> _Try:
    """The attempt, its first step named and explained otherwise."""
    first, *others = attempt.segmentation.steps
    steps = (replace(first, name=name, purpose=purpose), *others)
    return replace(attempt, segmentation=replace(attempt.segmentation, steps=steps))


def _sheet(pixels: NDArray[np.uint8], settings: ReadSettings) -> Sheet:
    return Sheet(pixels, enlarge=settings.segmentation.enlarge, even_light=settings.segmentation.even_light)


def _with_margin(pixels: NDArray[np.uint8], margin: int) -> NDArray[np.uint8]:
    return np.pad(pixels, ((margin, margin), (margin, margin), (0, 0)), constant_values=255) if margin else pixels


def _moved(line: Line, x: int, y: int, quarters: int, size_wh: tuple[int, int]) -> Line:
    """The line where it stands in the picture, no box beyond that; x, y: where what was read begins in it; quarters: by
    how many it was turned.
    """

    def moved(box: Box) -> Box:
        box = turned_back(box, quarters, size_wh)
        left, top = max(0, box.x + x), max(0, box.y + y)
        right, bottom = min(size_wh[0], box.right + x), min(size_wh[1], box.bottom + y)
        return Box(left, top, max(1, right - left), max(1, bottom - top))

    digits = tuple(replace(digit, box=moved(digit.box)) for digit in line.digits)
    return replace(line, digits=digits, box=moved(line.box))


def _with_least_confidence(line: Line, settings: ReadSettings) -> Line:
    """The line with `?` for each digit less sure than is asked for. What is read, and from what, it does not change."""
    digits = tuple(
        replace(digit, digit=None) if digit.confidence < settings.minimum_confidence else digit for digit in line.digits
    )
    answers = (digit.text for digit in digits)
    text = "".join(" " if letter == " " else next(answers) for letter in line.text)
    return replace(line, digits=digits, text=text)


def _sure_share(lines: Sequence[Line]) -> float:
    digits = [digit for line in lines for digit in line.digits]
    return sum(digit.verdict == "sure" for digit in digits) / max(1, len(digits))


def _plausibility(lines: Sequence[Line], marks: Sequence[Sequence[Mark]]) -> float:
    """Share of the ink that is explained by digits, each counted by its confidence; 0 to 1, 0 without ink.

    A sum over digits would prefer the attempt that finds most of them, and printed pattern yields hundreds. A mark
    counts by what is made of it, whatever confidence the user asks for; also by its own shape: of a table's grain, the
    likeliest text may be sure, as there is no likelier one.
    """
    ink = sum(mark.piece.area for row in marks for mark in row)
    shown = {id(digit.normalized) for line in lines for digit in line.digits}
    explained = sum(
        mark.certainty * mark.piece.area
        for row in marks
        for mark in row
        if mark.digit is not None and id(mark.normalized) in shown
    )
    return explained / ink if ink else 0.0


def _in_picture(line: Line, places: Mapping[int, Box]) -> Line:
    """The line with its digits where they stand in the picture; places: by their identity."""
    digits = tuple(replace(digit, box=places[id(digit)]) for digit in line.digits)
    return replace(line, digits=digits, box=union(digit.box for digit in digits))


def _scaled(box: Box, scale: float) -> Box:
    return box if scale == 1 else Box(*(round(value * scale) for value in box))


def _digit(mark: Mark, box: Box, unsure_below: float) -> Digit:
    order = [int(digit) for digit in np.argsort(mark.probabilities[:DIGITS])[::-1]]
    best = order[0] if mark.digit is None else mark.digit
    second = next(digit for digit in order if digit != best)
    confidence = float(mark.probabilities[best])
    return Digit(
        digit=best if mark.digit is not None else None,
        confidence=confidence,
        runner_up=second,
        runner_up_confidence=float(mark.probabilities[second]),
        sure=mark.digit is not None and confidence >= unsure_below,
        box=box,
        probabilities=mark.probabilities,
        normalized=mark.normalized,
        glyph=mark.piece.ink,
    )


def _written(digits: Sequence[Digit], marks: Sequence[Mark], height: float) -> list[Digit]:
    """The digits of a line and the unreadable marks that stand among them; a line of mostly such marks is no number.

    A mark in which the line recognizer sees no digit is a sign beside the number where it stands before the first digit
    or behind the last, and among digits where its shape alone is that of one: the slash of a date, not a blot.
    """
    known = [mark.digit is not None for mark in marks]
    read = [digit for digit, is_digit in zip(digits, known, strict=True) if is_digit]
    first, last = known.index(True) if read else 0, len(known) - 1 - known[::-1].index(True) if read else 0
    kept = [
        digit
        for place, (digit, mark) in enumerate(zip(digits, marks, strict=True))
        if known[place]
        or (
            digit.box.height >= DIGIT_HEIGHT * height
            and _near(digit.box, read, height)
            and (mark.digitlike >= DIGITLIKE or (first < place < last and not _looks_like_a_digit(mark)))
        )
    ]
    return kept if 2 * len(read) > len(kept) else []


def _behind_slashes(
    digits: Sequence[Digit], marks: Sequence[Mark], kept: Sequence[Digit], height: float
) -> frozenset[int]:
    """Places among the kept marks of a line in front of which a slash was left out: it parts numbers as a gap does."""
    shown, parted, slash = {id(digit) for digit in kept}, set(), False
    place = 0
    for digit, mark in zip(digits, marks, strict=True):
        if id(digit) in shown:
            if slash:
                parted.add(place)
            place, slash = place + 1, False
        elif digit.box.height >= DIGIT_HEIGHT * height and _looks_like_a_digit(mark):
            slash = True
    return frozenset(parted)


def _looks_like_a_digit(mark: Mark) -> bool:
    """By the shape of its ink alone, as a slash does."""
    return float(mark.probabilities[:DIGITS].max()) >= LOOKS_LIKE_A_DIGIT


def _numbers(lines: Sequence[Line], size_wh: tuple[float, float]) -> list[Line]:
    """The lines that hold a sure digit; where none does, all of them: a guess beside a number is dirt, alone it is
    news.

    Every edge and every scratch looks like a 1. So beside lines that hold other digits, a line of ones alone must be as
    high as they are and stand clear of the picture's border.
    """
    sure = [line for line in lines if any(digit.verdict == "sure" for digit in line.digits)] or list(lines)
    others = [line for line in sure if set(line.text) - {"1", " ", UNREADABLE}]
    if not others:
        return sure
    usual = float(np.median([digit.box.height for line in others for digit in line.digits]))
    return [line for line in sure if line in others or _stands_as_ones(line, usual, size_wh)]


def _stands_as_ones(line: Line, usual: float, size_wh: tuple[float, float]) -> bool:
    height = float(np.median([digit.box.height for digit in line.digits]))
    margin_x, margin_y = (BORDER_SHARE * side for side in size_wh)
    box = line.box
    clear = box.x >= margin_x and box.y >= margin_y
    clear = clear and box.right <= size_wh[0] - margin_x and box.bottom <= size_wh[1] - margin_y
    return clear and LIKE_OTHERS[0] * usual <= height <= LIKE_OTHERS[1] * usual


def _near(box: Box, read: Sequence[Digit], height: float) -> bool:
    return any(max(digit.box.x - box.right, box.x - digit.box.right, 0) <= NEIGHBOR_GAP * height for digit in read)


def _line(digits: Sequence[Digit], height: float, parted: Collection[int]) -> Line:
    """parted: places in front of which there is a space, however narrow the gap."""
    gaps = [(digit.box.x - before.box.right) / height for before, digit in pairwise(digits)]
    space = _least_space(gaps)
    text = digits[0].text
    for place, (gap, digit) in enumerate(zip(gaps, digits[1:], strict=True), 1):
        text += (" " if gap > space or place in parted else "") + digit.text
    confidence = float(np.prod([digit.confidence for digit in digits]))
    return Line(tuple(digits), text, confidence, union(digit.box for digit in digits))


def _least_space(gaps: Sequence[float]) -> float:
    """From which width on a gap is a space: who writes widely parts nothing by that. All in heights of the line."""
    if len(gaps) < 2:
        return WIDE_GAP
    usual = max(sorted(gaps)[(len(gaps) - 1) // 2], USUAL_GAP)
    return min(max(min(SPACE * usual, WIDE_GAP), WIDE_SPACE * usual), GROUP_GAP)
