"""Which straight strokes of a line may be slashes."""

from __future__ import annotations

from math import radians, tan

import cv2
import numpy as np
import pytest

from core.geometry import Box
from core.grouping.slashes import MOST, slash_shares
from core.segmentation.pieces import Piece
from tests.core.drawings import block

HEIGHT, DIGITS = 60, 44
PEN = 6
STROKE = HEIGHT - PEN


def drawn(*corners: tuple[float, float], at: int = 0) -> Piece:
    """A stroke through (x, y), beginning `at` pixels to the right."""
    points = np.array(corners, np.float64)
    points[:, 0] += PEN - points[:, 0].min()
    canvas = np.zeros((HEIGHT, round(points[:, 0].max()) + PEN), np.uint8)
    cv2.polylines(canvas, [np.round(points).astype(np.int32)], isClosed=False, color=255, thickness=PEN)
    rows, columns = np.flatnonzero(canvas.any(axis=1)), np.flatnonzero(canvas.any(axis=0))
    ink = np.ascontiguousarray(canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return Piece(Box(at, int(rows[0]), ink.shape[1], ink.shape[0]), ink, int((ink > 127).sum()))


def stroke(degrees: float, at: int = 0) -> Piece:
    """One straight stroke that leans to the right."""
    return drawn((HEIGHT * tan(radians(degrees)), PEN), (0, HEIGHT - PEN), at=at)


def lower(piece: Piece) -> Piece:
    """Its lower end, as high as the digits of the line."""
    cut = piece.box.height - DIGITS
    return Piece(piece.box._replace(y=piece.box.y + cut, height=DIGITS), piece.ink[cut:], piece.area)


def shares_of(*pieces: Piece, height: float = DIGITS) -> list[float]:
    """Of each piece of a line, as though all looked like ones."""
    found = slash_shares(pieces, height, range(len(pieces)))
    return [found[index] for index in range(len(pieces))]


def share(middle: Piece, left: Piece | None = None, right: Piece | None = None) -> float:
    """Of the middle one of three pieces; its neighbors are upright and a third lower where none are given."""
    return shares_of(left or digit(0), middle, right or digit(200))[1]


def digit(at: int) -> Piece:
    """Something upright, as high as the digits of the line."""
    return block(at, 8, 30, DIGITS)


def test_the_more_a_stroke_leans_the_likelier_it_is_a_slash() -> None:
    shares = [share(stroke(degrees)) for degrees in (-20, 0, 6, 10, 14, 40)]

    assert shares == sorted(shares)
    assert shares[0] < 0.01
    assert shares[1] < 0.12
    assert shares[3] == pytest.approx(MOST / 2, abs=0.15)
    assert shares[-1] == pytest.approx(MOST, abs=0.01)


def test_where_all_of_a_line_leans_alike_it_is_a_one() -> None:
    leaning = lower(stroke(25))

    assert share(stroke(25)) > 0.7
    assert share(stroke(25), leaning, leaning) < 0.12


def test_a_one_that_leans_is_no_higher_than_the_digits_around_it() -> None:
    heights = [1.0, 1.05, 1.1, 1.2, 1.35]
    shares = [share(stroke(30), *[block(at, 0, 30, round(STROKE / high)) for at in (0, 200)]) for high in heights]

    assert shares == sorted(shares)
    assert shares[0] < 0.1
    assert shares[2] == pytest.approx(MOST / 2, abs=0.15)
    assert shares[-1] == pytest.approx(MOST, abs=0.02)


def test_a_hook_where_the_pen_set_down_bends_no_stroke() -> None:
    assert share(drawn((20, PEN), (34, PEN), (0, HEIGHT - PEN))) == 0
    assert share(drawn((26, PEN), (34, PEN), (0, HEIGHT - PEN))) > 0.7


def test_a_slash_stands_between_two_digits() -> None:
    one, other, dash = digit(0), digit(200), block(100, 28, 30, PEN)

    assert shares_of(stroke(30), one, other)[0] == 0
    assert shares_of(one, other, stroke(30))[2] == 0
    assert shares_of(stroke(30)) == [0]
    assert shares_of() == []
    assert shares_of(one, dash, stroke(30), other)[2] == 0
    assert shares_of(one, stroke(30), dash, other)[1] == 0
    assert shares_of(one, stroke(30), other)[1] > 0.7


@pytest.mark.parametrize(
    "corners",
    [
        pytest.param([(0, 18), (24, PEN), (6, HEIGHT - PEN)], id="a flag"),
        pytest.param([(30, PEN), (10, HEIGHT - PEN), (28, HEIGHT - PEN)], id="a foot"),
        pytest.param([(0, PEN), (34, PEN), (8, HEIGHT - PEN)], id="a seven"),
        pytest.param([(34, PEN), (34, 30), (0, 30), (0, HEIGHT - PEN)], id="steps"),
        pytest.param([(34, PEN), (38, 22), (34, 38), (20, HEIGHT - PEN)], id="a bow"),
        pytest.param([(34, PEN), (17, 30), (29, 30), (5, 30), (17, 30), (0, HEIGHT - PEN)], id="a bar across"),
    ],
)
def test_what_is_not_one_straight_stroke_is_none(corners: list[tuple[float, float]]) -> None:
    assert share(drawn(*corners)) == 0


def test_a_stroke_much_lower_than_its_line_and_a_speck_are_none() -> None:
    assert shares_of(block(0, 0, 30, 200), stroke(30), block(200, 0, 30, 200), height=200) == [0, 0, 0]
    assert shares_of(block(0, 0, 3, 5), block(9, 0, 1, 5), block(20, 0, 3, 5), height=5) == [0, 0, 0]


def test_a_neighbor_without_ink_leans_nowhere() -> None:
    empty = Piece(Box(0, 8, 30, DIGITS), np.zeros((DIGITS, 30), np.uint8), 0)

    assert shares_of(empty, stroke(30), digit(200))[1] > 0.7
    assert shares_of(digit(0), empty, digit(200)) == [0, 0, 0]
