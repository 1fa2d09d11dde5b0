"""From a picture to lines of writing, one named step after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from core.geometry import Box
from core.normalization import stroke_width
from core.segmentation import ink as inking
from core.segmentation import light
from core.segmentation.frames import height_beside_tables, rise_of, without_frames, without_rings
from core.segmentation.lines import TALL, WritingLine, find_lines, pen_width, rises_like, tilt_of, writing_height
from core.segmentation.pieces import SMALLEST_WRITING, Piece, connected
from core.segmentation.rules import LEAST_ASKEW, SLOPES, without_rules
from core.segmentation.sheet import Sheet, is_turned
from core.segmentation.steps import Step

# Writing leaves most of a page empty; an attempt that finds more ink than this took the paper for it.
MOST_INK = 0.45
# Writing at least this high, as a share of the picture's height, was cut out of its page.
TIGHT = 0.3
# A piece that touches the picture's border belongs to a line when it is so high, in heights of the line's other pieces.
FITS = (0.7, 1.4)
# A slim piece is no wider than this share of its height, or no higher than this share of its width.
SLIVER = 0.3
# On ruled paper, a slim stroke drawn with less than this share of the page's pen is what is left of a rule or a cell.
# Elsewhere, a pen drawn quickly leaves such ones.
PRINTED = 0.65
# Where frames and rules rise by so much for each pixel to the right, and the writing with them, the page is turned
# level. What leans more is not held askew but another thing.
LEAST_RISE, MOST_RISE = 0.05, 0.36
# Where there are none, so is one whose lines rise by more than a hand would let them.
LEAST_TILT, MOST_TILT = 0.2, 0.75
# The steepest rules of a level page may be parts of one that is not.
STEEPEST = float(SLOPES.max()) - 0.001
# A row of so many slim pieces whose ends lie on two levels, give or take this share of their height, is a barcode.
BARS = 8
LEVEL = 0.04


@dataclass(frozen=True, eq=False)
class Attempt:
    """One way to take a picture apart: which side is ink, and how dark or broad a stroke must be.

    level: turn a page level that is held askew; else only its lines are found as if it were.
    """

    polarity: light.Polarity = "dark"
    strictness: inking.Strictness = "normal"
    level: bool = True


@dataclass(frozen=True, eq=False)
class Segmentation:
    """A picture taken apart.

    lines: top to bottom, in pixels of the working picture.
    steps: how it came about; empty unless asked for.
    scale: pixels of the given picture per pixel of the working picture.
    stroke: width of the pen in working pixels.
    to_picture: as of the `Sheet`.
    """

    lines: tuple[WritingLine, ...]
    steps: tuple[Step, ...]
    scale: float
    stroke: float
    to_picture: NDArray[np.float64]

    @property
    def was_turned(self) -> bool:
        """Whether the working picture was turned level."""
        return is_turned(self.to_picture)

    def box_of(self, piece: Piece) -> Box:
        """Around a piece, in pixels of the given picture."""
        if not self.was_turned:
            return Box(*(round(value * self.scale) for value in piece.box))
        y, x = np.nonzero(piece.ink > 127)
        corners = np.stack([x + piece.box.x, y + piece.box.y, np.ones(len(x))]) if len(x) else np.zeros((3, 1))
        across, down = self.to_picture @ corners
        left, top = round(float(across.min())), round(float(down.min()))
        return Box(left, top, max(1, round(float(across.max())) - left + 1), max(1, round(float(down.max())) - top + 1))


def segment(sheet: Sheet, attempt: Attempt, *, rules: bool = True, with_steps: bool = False) -> Segmentation:
    """Take a sheet apart into lines of writing.

    Args:
        sheet: the picture, upright.
        attempt: which side is ink, and how dark or broad a stroke must be.
        rules: take out ruled lines and grids.
        with_steps: keep a picture of every step.
    """
    contrast = sheet.contrast(attempt.polarity)
    limit = inking.threshold(contrast, attempt.strictness)
    ink = inking.soft_ink(contrast, limit)
    share = cv2.countNonZero(cv2.inRange(ink, 128, 255)) / ink.size
    if attempt.strictness == "broad" and share <= MOST_INK:
        ink = inking.broad_strokes(ink)
    pieces = connected(ink) if share <= MOST_INK else ()
    edge = sheet.table(attempt.polarity) if rules else None
    found = _without_drawn(ink, pieces, edge, rules=rules)
    if rules and attempt.level and not sheet.is_turned:
        rise = _rise(found)
        if not rise and _may_hold_askew_rules(pieces, found):
            rise = _rise(_without_drawn(ink, pieces, edge, rules=True, askew=True))
        if rise and sheet.can_level(rise):
            return segment(sheet.level(rise), attempt, rules=rules, with_steps=with_steps)
    ruled, written = found.ink, found.written
    pen = pen_width(written)
    lines = _without_border(find_lines(written, pen), ink.shape[1], ink.shape[0])
    lines = _without_bars(lines) if rules else lines
    lines = _without_slivers(lines, pen) if ruled is not ink else lines
    lines = tuple(line for line in lines if line.height * min(1.0, sheet.scale) >= SMALLEST_WRITING)
    steps: tuple[Step, ...] = ()
    if with_steps:
        steps = _steps(sheet, attempt.polarity, contrast, ink, ruled, lines)
    return Segmentation(lines, steps, sheet.scale, pen, sheet.to_picture)


class _Writing(NamedTuple):
    """What is left without rules and frames: soft ink, its pieces; of each rule and frame, how far it rises for each
    pixel to the right, and its length.
    """

    ink: NDArray[np.uint8]
    written: tuple[Piece, ...]
    rises: tuple[tuple[float, int], ...]


def _without_drawn(
    ink: NDArray[np.uint8],
    found: tuple[Piece, ...],
    table: NDArray[np.bool_] | None,
    *,
    rules: bool,
    askew: bool = False,
) -> _Writing:
    """Leave out frames, rules (askew: those of a page held askew), rings, and what lies around the sheet."""
    pieces = without_frames(found)
    framing = {id(piece) for piece in found} - {id(piece) for piece in pieces}
    rises = [(rise_of(piece), piece.box.width) for piece in found if id(piece) in framing]
    ruled = ink
    if rules and pieces:
        # Rules across the page first: as long as digits hang on them, the height of the writing is not known.
        for height in (float(max(ink.shape)), None):
            unruled = without_rules(ruled, pieces, height or height_beside_tables(pieces), askew=askew)
            rises += unruled.rises
            if unruled.ink is not ruled:
                ruled = unruled.ink
                pieces = without_frames(connected(ruled))
    pieces = without_rings(pieces) if rules else pieces
    written = _without_edges(pieces, ink.shape[1], ink.shape[0])
    return _Writing(ruled, without_sheet_edge(written, table, ink.shape), tuple(rises))


def _may_hold_askew_rules(pieces: Sequence[Piece], level: _Writing) -> bool:
    """Whether something is long, and no rule nearly level was found but at most parts of one that is not."""
    least = LEAST_ASKEW * writing_height(pieces)
    return any(max(piece.box[2:]) >= least for piece in pieces) and all(
        abs(rise) >= STEEPEST for rise, _ in level.rises
    )


def _rise(page: _Writing) -> float:
    """How far a page held askew rises for each pixel to the right; 0 where it is level, or hands may rise so."""
    if page.rises:
        amounts, lengths = np.array(sorted(page.rises), np.float64).T
        rise = float(amounts[np.searchsorted(np.cumsum(lengths), lengths.sum() / 2)])
        if LEAST_RISE <= abs(rise) <= MOST_RISE and rises_like(page.written, rise):
            return rise
    tilt = tilt_of(page.written)
    return tilt if LEAST_TILT <= abs(tilt) <= MOST_TILT else 0.0


def _without_edges(pieces: tuple[Piece, ...], width: int, height: int) -> tuple[Piece, ...]:
    """Leave out the table beside the sheet, its edge and shadows at the border: large, or long and thin along it.

    Where large pieces are all there is, digits fill the picture, and stay; the table lies in its corners.
    """
    kept, large = [], []
    for piece in pieces:
        box = piece.box
        sides = (box.x <= 1) + (box.y <= 1) + (box.right >= width - 1) + (box.bottom >= height - 1)
        spans = box.width > 0.7 * width or box.height > 0.9 * height
        sliver = sides and min(box.width, box.height) < 0.08 * max(box.width, box.height)
        if sliver:
            continue
        # In a picture cut tightly around a number, a digit reaches from border to border, the first and the last one to
        # three of them; a table is no stroke.
        written = 2 <= sides <= 3 and box.width <= 0.5 * width and stroke_width(piece.ink) <= 0.2 * box.height
        if sides < 2 or not spans or written:
            kept.append(piece)
        elif not _lies_in_corners(piece, width, height):
            large.append(piece)
    return tuple(kept or large)


def without_sheet_edge(
    pieces: tuple[Piece, ...], table: NDArray[np.bool_] | None, shape: tuple[int, ...]
) -> tuple[Piece, ...]:
    """Leave out slim pieces at the table: what is left of the sheet's edge reads as ones."""
    if table is None:
        return pieces
    down, across = table.shape[0] / shape[0], table.shape[1] / shape[1]
    kept = []
    for piece in pieces:
        box = piece.box
        if min(box.width, box.height) > SLIVER * max(box.width, box.height):
            kept.append(piece)
            continue
        y, x = np.nonzero(piece.ink > 127)
        if not table[((y + box.y) * down).astype(int), ((x + box.x) * across).astype(int)].any():
            kept.append(piece)
    return tuple(kept)


def _lies_in_corners(piece: Piece, width: int, height: int) -> bool:
    """Whether a piece fills three corners of the picture or more, as a table does and no digit."""
    page = np.zeros((height, width), bool)
    box = piece.box
    page[box.y : box.bottom, box.x : box.right] = piece.ink > 127
    reach = max(1, min(width, height) // 50)
    ends = slice(0, reach), slice(-reach, None)
    return sum(bool(page[rows, columns].all()) for rows in ends for columns in ends) >= 3


def _without_border(lines: tuple[WritingLine, ...], width: int, height: int) -> tuple[WritingLine, ...]:
    """Leave out what touches the picture's border and does not fit a line: edges of the sheet, shadows, cut-off
    writing.

    Where nothing but such pieces was found, they are all there is, and stay; and where the writing is large, the
    picture was cut tightly around it.
    """

    def touches(piece: Piece) -> bool:
        box = piece.box
        return box.x <= 1 or box.y <= 1 or box.right >= width - 1 or box.bottom >= height - 1

    free = [line.height for line in lines if not all(touches(piece) for piece in line.pieces)]
    if max(free, default=0.0) >= TIGHT * height:
        return lines
    kept = []
    for line in lines:
        inner = [piece for piece in line.pieces if not touches(piece)]
        own = writing_height(inner)
        if own < TALL * line.height:  # only marks stand free of the border: nothing to judge by
            kept += [line] if inner else []
            continue
        fitting = [p for p in line.pieces if not touches(p) or FITS[0] * own <= p.box.height <= FITS[1] * own]
        kept.append(WritingLine(tuple(fitting), line.height if len(fitting) == len(line.pieces) else own))
    return tuple(kept) or lines


def _without_bars(lines: tuple[WritingLine, ...]) -> tuple[WritingLine, ...]:
    """Leave out barcodes, from the first bar to the last: no hand makes so many ones so level."""
    kept = []
    for line in lines:
        slim = [piece.box for piece in line.pieces if piece.box.width <= SLIVER * piece.box.height]
        if len(slim) < BARS:
            kept.append(line)
            continue
        ends = np.array([(box.y, box.bottom) for box in slim], np.float64)
        usual = np.median(ends, axis=0)
        level = (np.abs(ends - usual) <= max(1.0, LEVEL * (usual[1] - usual[0]))).all(axis=1)
        bars = [box for box, is_level in zip(slim, level, strict=True) if is_level]
        if len(bars) < BARS:
            kept.append(line)
            continue
        start, end = min(box.x for box in bars), max(box.right for box in bars)
        beside = tuple(piece for piece in line.pieces if piece.box.x < start or piece.box.right > end)
        if beside:
            kept.append(WritingLine(beside, line.height))
    return tuple(kept)


def _without_slivers(lines: tuple[WritingLine, ...], pen: float) -> tuple[WritingLine, ...]:
    """Leave out straight strokes much thinner than the page's pen, which would read as ones; a line that is thin
    throughout was written with another pen, and stays.
    """
    kept = []
    for line in lines:
        slivers: list[Piece] = []
        others: list[Piece] = []
        for piece in line.pieces:
            slim = piece.box.width <= SLIVER * piece.box.height and stroke_width(piece.ink) < PRINTED * pen
            (slivers if slim else others).append(piece)
        tall = [piece for piece in others if piece.box.height >= TALL * line.height]
        thin = bool(tall) and float(np.median([stroke_width(piece.ink) for piece in tall])) < PRINTED * pen
        if not slivers or thin:
            kept.append(line)
        elif others:
            kept.append(WritingLine(tuple(others), line.height))
    return tuple(kept)


def _steps(
    sheet: Sheet,
    polarity: light.Polarity,
    contrast: NDArray[np.float32],
    ink: NDArray[np.uint8],
    ruled: NDArray[np.uint8],
    lines: tuple[WritingLine, ...],
) -> tuple[Step, ...]:
    even = np.asarray(255 - 255 * contrast, np.uint8)
    steps = [
        Step("Upright", "The picture, turned upright and brought to working size.", sheet.working),
        Step("Gray", _GRAY[polarity], sheet.gray_where(polarity)),
        Step("Even light", "Each pixel compared with the paper around it: shadows and vignetting are gone.", even),
        Step("Ink", "What is dark enough beside the darkest stroke nearby; gray edges are kept.", 255 - ink),
    ]
    if ruled is not ink:
        steps.append(
            Step("Rules", "Ruled lines, grids and frames taken out, crossing strokes left whole.", 255 - ruled)
        )
    steps.append(Step("Lines", "Pieces of ink put into lines of writing, one color each.", _colored(ink.shape, lines)))
    return tuple(steps)


_GRAY: dict[light.Polarity, str] = {
    "dark": "Half lightness, half darkest color, so that blue and red pens count as dark.",
    "light": "Half lightness, half brightest color, so that blue and red chalk count as light.",
}
# Okabe and Ito's palette, told apart by every kind of color vision.
_PALETTE = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (86, 180, 233), (230, 159, 0))


def _colored(shape: tuple[int, ...], lines: tuple[WritingLine, ...]) -> NDArray[np.uint8]:
    canvas = np.full((shape[0], shape[1], 3), 255, np.uint8)
    for index, line in enumerate(lines):
        color = np.array(_PALETTE[index % len(_PALETTE)], np.uint8)
        for piece in line.pieces:
            box = piece.box
            canvas[box.y : box.bottom, box.x : box.right][piece.ink > 127] = color
    return canvas
