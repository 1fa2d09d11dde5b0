"""Cuts: through the bridge of touching digits, around what need not be cut, and nothing lost beside them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.segmentation.cuts import Cut, between, find_cuts
from core.segmentation.pieces import Piece, connected
from tests.core.drawings import block, glyph, put, sheet


def bridged() -> Piece:
    """Two rings with a bridge 3 pixels high over columns 45 to 54."""
    page = sheet(64, 104)
    for x in (25, 75):
        cv2.ellipse(page, (x, 32), (18, 26), 0, 0, 360, 255, 5)
    page[31:34, 43:58] = 255
    (piece,) = connected(page)
    return piece


def straight(column: int, rows: int) -> Cut:
    return Cut(np.full(rows, column, np.intp), 0.0)


def test_the_cheapest_cut_between_two_rings_crosses_their_bridge() -> None:
    piece = bridged()

    (cut,) = find_cuts(piece, most_ink=6, most_cuts=1)

    middle = piece.box.width / 2
    assert cut.columns[len(cut.columns) // 2] == pytest.approx(middle, abs=8)
    assert cut.ink_crossed == pytest.approx(3, abs=1)


def test_the_parts_beside_that_cut_are_the_rings() -> None:
    piece = bridged()
    (cut,) = find_cuts(piece, most_ink=6, most_cuts=1)

    left, right = between(piece, None, cut), between(piece, cut, None)

    assert left is not None
    assert right is not None
    assert left.box.width == pytest.approx(right.box.width, abs=18)
    assert left.area + right.area == piece.area
    assert left.box.right <= right.box.x + 2


def test_a_cut_never_steps_further_aside_than_down_where_it_winds() -> None:
    page = sheet(80, 200)
    put(page, glyph(3, 70), 5, 5)
    put(page, glyph(6, 70), 3 + glyph(3, 70).shape[1], 5)
    piece = max(connected(page), key=lambda found: found.area)

    for cut in find_cuts(piece, most_ink=30, most_cuts=20):
        assert len(cut.columns) == piece.box.height
        assert (cut.columns >= 0).all()
        assert (cut.columns <= piece.box.width).all()
        assert np.abs(np.diff(cut.columns)).max() <= 1


def test_cuts_stand_from_left_to_right_each_far_from_the_others() -> None:
    piece = bridged()

    cuts = find_cuts(piece, most_ink=40, most_cuts=10)

    places = [float(cut.columns.mean()) for cut in cuts]
    assert len(cuts) > 2
    assert places == sorted(places)
    for index, cut in enumerate(cuts):
        for other in cuts[index + 1 :]:
            assert np.abs(cut.columns - other.columns).mean() >= 2


@pytest.mark.parametrize("most_ink", [0.5, 4.0, 12.0])
def test_no_cut_crosses_more_ink_than_allowed(most_ink: float) -> None:
    cuts = find_cuts(bridged(), most_ink=most_ink, most_cuts=20)

    assert all(cut.ink_crossed <= most_ink for cut in cuts)


def test_no_more_cuts_than_asked_for() -> None:
    assert len(find_cuts(bridged(), most_ink=60, most_cuts=2)) == 2
    assert find_cuts(bridged(), most_ink=60, most_cuts=0) == ()


def test_solid_ink_is_not_cut_cheaply() -> None:
    assert find_cuts(block(0, 0, 60, 60), most_ink=20, most_cuts=10) == ()


def test_every_cut_leaves_ink_on_both_sides() -> None:
    piece = bridged()

    for cut in find_cuts(piece, most_ink=60, most_cuts=20):
        assert between(piece, None, cut) is not None
        assert between(piece, cut, None) is not None


def test_two_digits_that_overlap_in_columns_but_touch_once_are_parted_around_their_strokes() -> None:
    page = sheet(120, 120)
    cv2.line(page, (20, 10), (60, 10), 255, 4)  # two strokes like slashes side by side ...
    cv2.line(page, (60, 10), (20, 100), 255, 4)
    cv2.line(page, (80, 10), (40, 100), 255, 4)
    page[54:57, 38:62] = 255  # ... joined in the middle
    (piece,) = connected(page)

    cheapest = min(find_cuts(piece, most_ink=8, most_cuts=8), key=lambda cut: cut.ink_crossed)

    assert cheapest.ink_crossed < 6
    assert cheapest.columns[5] > cheapest.columns[-5]


def test_between_no_cuts_is_the_whole_piece() -> None:
    piece = bridged()

    whole = between(piece, None, None)

    assert whole is not None
    assert whole.area == piece.area
    assert whole.box.width <= piece.box.width


def test_between_places_its_part_on_the_page() -> None:
    piece = block(100, 50, 40, 20)

    part = between(piece, straight(10, 20), straight(25, 20))

    assert part is not None
    assert part.box == (110, 50, 15, 20)
    assert part.area == 300


def test_a_margin_keeps_the_stroke_that_both_sides_share() -> None:
    piece = block(0, 0, 40, 20)
    cut = straight(20, 20)

    left, right = between(piece, None, cut, margin=4), between(piece, cut, None, margin=4)

    assert left is not None
    assert right is not None
    assert (left.box.right, right.box.x) == (24, 16)


def test_between_two_cuts_without_ink_there_is_nothing() -> None:
    page = sheet(40, 80)
    page[:, :20] = page[:, 60:] = page[20, :] = 255
    (piece,) = connected(page)

    assert between(piece, straight(30, 40), straight(32, 40)) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 60), (60, 1), (2, 2)])
def test_slivers_are_no_trouble(shape: tuple[int, int]) -> None:
    find_cuts(block(0, 0, shape[1], shape[0]), most_ink=100, most_cuts=10)
