"""Pieces of ink: connected, in place, with their gray edges, and never too many."""

from __future__ import annotations

import numpy as np
import pytest

from core.geometry import Box
from core.segmentation.pieces import MOST_PIECES, SMALLEST_AREA, Piece, connected, together
from tests.core.drawings import block, glyph, put, sheet, write


def test_digits_apart_are_one_piece_each_from_left_to_right() -> None:
    page = sheet(100, 400)
    boxes = write(page, "0368", 20, 20)

    pieces = connected(page)

    assert len(pieces) == 4
    for piece, box in zip(pieces, boxes, strict=True):
        assert piece.box == pytest.approx(box, abs=3)
        assert np.array_equal(
            piece.ink > 127, page[piece.box.y : piece.box.bottom, piece.box.x : piece.box.right] > 127
        )
        assert piece.area == np.count_nonzero(piece.ink > 127)


def test_a_piece_holds_no_ink_of_another_inside_its_box() -> None:
    page = sheet(60, 60)
    page[5:55, 5:10] = page[50:55, 5:55] = 255  # an L ...
    page[10:20, 30:40] = 255  # ... and a block in its arms

    corner, inner = connected(page)

    assert corner.area + inner.area == np.count_nonzero(page)
    assert not corner.ink[0:20, 20:40].any()


def test_gray_edges_go_with_their_piece() -> None:
    page = sheet(30, 30)
    page[10:20, 10:20] = 100
    page[11:19, 11:19] = 255

    (piece,) = connected(page)

    assert piece.box == Box(10, 10, 10, 10)
    assert (piece.ink == 100).sum() == 36


def test_diagonal_neighbors_are_connected() -> None:
    assert len(connected(np.eye(20, dtype=np.uint8) * 255)) == 1


def test_grain_is_left_out() -> None:
    page = sheet(40, 40)
    page[3, 3 : 3 + SMALLEST_AREA - 1] = 255
    page[20, 3 : 3 + SMALLEST_AREA] = 255

    assert [piece.area for piece in connected(page)] == [SMALLEST_AREA]


def test_a_page_of_noise_gives_a_bounded_number_of_pieces_the_largest() -> None:
    page = sheet(800, 800)
    for index in range(6400):
        y, x = divmod(index, 80)
        page[10 * y : 10 * y + (6 if index % 3 else 3), 10 * x : 10 * x + 3] = 255

    pieces = connected(page)

    assert len(pieces) == MOST_PIECES
    assert {piece.area for piece in pieces} == {18}


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1)])
def test_no_ink_and_all_ink(shape: tuple[int, int]) -> None:
    assert connected(np.zeros(shape, np.uint8)) == ()
    assert sum(piece.area for piece in connected(np.full(shape, 255, np.uint8))) in (0, shape[0] * shape[1])


def test_together_lays_pieces_where_they_were() -> None:
    whole = together([block(10, 10, 5, 20), block(30, 5, 4, 6)])

    assert whole.box == Box(10, 5, 24, 25)
    assert whole.area == 124
    assert (whole.ink[5:, :5] == 255).all()
    assert (whole.ink[:6, 20:] == 255).all()
    assert np.count_nonzero(whole.ink) == 124


def test_pieces_in_each_other_s_box_keep_both_inks() -> None:
    page = sheet(80, 80)
    put(page, glyph(0, 70), 4, 4)
    page[36:40, 24:28] = 255

    whole = together(connected(page))

    assert np.array_equal(whole.ink, page[whole.box.y : whole.box.bottom, whole.box.x : whole.box.right])


def test_one_piece_together_is_itself() -> None:
    piece = block(1, 2, 3, 4)

    assert together([piece]) is piece


def test_ink_must_fit_its_box() -> None:
    with pytest.raises(ValueError, match="box of 3 x 4"):
        Piece(Box(0, 0, 4, 3), np.zeros((4, 3), np.uint8), 12)
