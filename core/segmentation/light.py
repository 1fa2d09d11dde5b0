"""Even light: how much darker than its paper each pixel is, whatever the shadow, vignetting or color of the paper."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Polarity = Literal["dark", "light"]

# The paper is estimated on a small copy: shadows are smooth, and a large closing on 12 megapixels would cost seconds.
PAPER_SIDE = 200
# Anything darker than its surroundings and narrower than this share of the shorter side may be a stroke. The broadest
# brush of the canvas is a tenth of it.
BROADEST_STROKE = 0.2
# The paper around a pixel, as a share of the shorter side: wide enough that ink is the minority in it.
NEIGHBORHOOD = 0.5
# Beside the paper, on a dark table say, relative contrast would turn noise into ink; brightness below this share of the
# paper's counts as this share.
DARKEST_PAPER = 0.35
# What is darker than this share of the paper's level is no paper but the table; where the paper's brightness changes
# by this factor within this share of the shorter side, the sheet ends.
TABLE = 0.3
EDGE_JUMP = 1.7
EDGE_WIDTH = 0.015
# White is so many times as bright as the brightest place of a picture, the mean of so many pixels squared, as in one
# exposed for chalk; never darker than this: what is darker all over is grain.
WHITE = 1.2
BRIGHT_PLACE = 5
LEAST_WHITE = 15.0
# A table is around the sheet when it lies along so many of the picture's sides.
SURROUNDED = 3


def grayscale(pixels: NDArray[np.uint8], polarity: Polarity = "dark") -> NDArray[np.uint8]:
    """(H, W, 3) RGB to (H, W) gray in which colored pens stand out from paper.

    Half lightness, and half the darkest channel, in which pale blue and red pens are dark; where ink is light, half the
    brightest one, in which blue and red chalk are light.
    """
    pick = cv2.min if polarity == "dark" else cv2.max
    furthest = pick(pick(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    lightness = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.addWeighted(lightness, 0.5, furthest, 0.5, 0), np.uint8)


def contrast(gray: NDArray[np.uint8], polarity: Polarity) -> NDArray[np.float32]:
    """How far each pixel lies from its paper towards ink.

    Args:
        gray: (H, W) uint8.
        polarity: "dark" ink on light paper, or "light" ink on dark.

    Returns:
        (H, W) float32, 0 = paper, 1 = black ink.
    """
    picture = _as_dark_ink(gray, polarity)
    paper = _paper(picture)
    level = float(np.percentile(paper[::4, ::4], 90))
    reference = np.maximum(paper, np.float32(max(DARKEST_PAPER * level, 1.0)))
    relative = np.clip((paper - picture) / reference, np.float32(0), np.float32(1))
    return np.where(_is_sheet(paper, level), relative, np.float32(0))


def _as_dark_ink(gray: NDArray[np.uint8], polarity: Polarity) -> NDArray[np.uint8]:
    """Light ink becomes dark: as far from white as each pixel is; in a dim picture of a board white is no 255."""
    if polarity == "dark":
        return gray
    white = WHITE * float(cv2.blur(gray, (BRIGHT_PLACE, BRIGHT_PLACE)).max())
    return np.asarray(cv2.subtract(np.full_like(gray, round(min(255.0, max(white, LEAST_WHITE)))), gray), np.uint8)


def plain_contrast(gray: NDArray[np.uint8], polarity: Polarity) -> NDArray[np.float32]:
    """The same where the paper is known: white all over, or black under light ink."""
    return np.asarray((255 - gray if polarity == "dark" else gray) / np.float32(255), np.float32)


def _is_sheet(paper: NDArray[np.float32], level: float) -> NDArray[np.bool_]:
    """(H, W) bool: neither the table beside the sheet nor its edge, where the paper's brightness jumps."""
    small = (
        cv2.resize(paper, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_NEAREST) if min(paper.shape) >= 40 else paper
    )
    side = max(3, round(EDGE_WIDTH * min(small.shape))) | 1
    kernel = np.ones((side, side), np.uint8)
    jump = cv2.dilate(small, kernel) > EDGE_JUMP * cv2.erode(small, kernel)
    outside = np.asarray(jump | (small < TABLE * level), np.uint8)
    size_wh = paper.shape[1], paper.shape[0]
    return np.asarray(cv2.resize(outside, size_wh, interpolation=cv2.INTER_NEAREST) == 0, np.bool_)


def table_beside(gray: NDArray[np.uint8], polarity: Polarity) -> NDArray[np.bool_] | None:
    """(h, w) bool, a small copy of the picture: the table beside the sheet, with the sheet's edge; None without one."""
    small = _small(_as_dark_ink(gray, polarity))
    paper = _paper(small)
    level = float(np.percentile(paper, 90))
    dark = paper < TABLE * level
    if not dark.any():
        return None
    beyond = ~_is_sheet(paper, level)
    _, labels = cv2.connectedComponents(np.asarray(beyond, np.uint8))
    return np.asarray(beyond & np.isin(labels, labels[dark & beyond]), np.bool_)


def likely_polarities(gray: NDArray[np.uint8]) -> tuple[Polarity, Polarity]:
    """Both polarities, the likelier first: ink is the minority, so gray values lean to its side of the paper's.

    The paper is the median over a wide neighborhood; the sign of the third moment about it tells which side is ink. A
    dark table around the sheet says nothing about the ink on it, nor does a white wall around a blackboard.
    """
    small = _small(gray)
    around = _surroundings(small)
    if around is not None:
        small = np.where(around, np.uint8(np.median(small[~around])), small)
    small = small[::2, ::2]
    side = min(255, max(5, round(NEIGHBORHOOD * min(small.shape))) | 1)
    distance = small.astype(np.float32) - cv2.medianBlur(np.ascontiguousarray(small), side)
    return ("dark", "light") if float(np.mean(distance**3)) <= 0 else ("light", "dark")


def _surroundings(small: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
    """(h, w) bool: a dark table around a light sheet, or what is light around a dark board; None where neither is.

    A table on one side of the sheet could as well be a board on one side of a wall.
    """
    dark = table_beside(small, "dark")
    if dark is None:
        return None
    dark_sides = sum(bool(side.mean() >= 0.5) for side in (dark[0], dark[-1], dark[:, 0], dark[:, -1]))
    height, width = dark.shape
    middle = dark[height // 4 : -(-3 * height // 4), width // 4 : -(-3 * width // 4)]
    if middle.mean() < 0.5:
        return dark if dark_sides >= SURROUNDED else None
    return ~dark if dark_sides <= 4 - SURROUNDED and not dark.all() else None


def _small(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = gray.shape
    factor = min(1.0, PAPER_SIDE / max(height, width))
    size_wh = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(cv2.resize(gray, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def _paper(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The paper's brightness under every pixel: strokes closed away on a small copy. (H, W) float32."""
    height, width = gray.shape
    small = _small(gray)
    side = max(3, round(BROADEST_STROKE * min(small.shape))) | 1
    # A square, for its closing is done in two strokes of a line each; a disc of this size costs twenty times as much.
    # The border goes on outside: a dark edge of the picture is paper in shadow, however narrow the part that is seen.
    beyond = cv2.copyMakeBorder(small, side, side, side, side, cv2.BORDER_REPLICATE)
    closed = cv2.morphologyEx(beyond, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))[side:-side, side:-side]
    closed = np.ascontiguousarray(closed)
    # A closing keeps the brightest grain and the square's corners; its own mean nearby brings both down.
    reach = max(3, side // 3) | 1
    smooth = cv2.blur(cv2.blur(closed, (reach, reach)), (reach, reach))
    paper = cv2.min(closed, smooth).astype(np.float32)
    return np.asarray(cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
