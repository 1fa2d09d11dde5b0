"""Rectangles in pixels."""

import numpy as np
import pytest

from core.geometry import Box, common_area, turned_back, union


def test_a_box_knows_where_it_ends_and_its_middle() -> None:
    box = Box(3, 5, 10, 4)

    assert (box.right, box.bottom) == (13, 9)
    assert box.center == (8.0, 7.0)


def test_the_union_is_the_smallest_box_around_all() -> None:
    boxes = [Box(5, 5, 2, 2), Box(0, 8, 3, 10), Box(6, -1, 1, 1)]

    around = union(boxes)

    assert around == Box(0, -1, 7, 19)
    assert all(around.x <= box.x and around.y <= box.y for box in boxes)
    assert all(around.right >= box.right and around.bottom >= box.bottom for box in boxes)


def test_one_box_is_its_own_union_also_from_an_iterator() -> None:
    assert union(iter([Box(1, 2, 3, 4)])) == Box(1, 2, 3, 4)


def test_no_boxes_have_no_union() -> None:
    with pytest.raises(ValueError, match="no boxes"):
        union([])


def test_the_common_area_is_what_lies_in_both() -> None:
    box = Box(0, 0, 10, 4)

    assert common_area(box, box) == box.area == 40
    assert common_area(box, Box(8, 2, 10, 10)) == common_area(Box(8, 2, 10, 10), box) == 4
    assert common_area(box, Box(10, 0, 5, 5)) == 0
    assert common_area(box, Box(20, 20, 5, 5)) == 0


@pytest.mark.parametrize("quarters", [0, 1, 2, 3, 4])
def test_a_box_of_a_turned_picture_lies_where_it_did(quarters: int) -> None:
    picture = np.zeros((40, 70), bool)
    picture[5:15, 20:50] = True
    rows, columns = np.nonzero(np.rot90(picture, quarters))
    seen = Box(int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)

    assert turned_back(seen, quarters, (70, 40)) == Box(20, 5, 30, 10)
