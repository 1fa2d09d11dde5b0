"""A reading drawn on its picture: where it belongs, in its verdict's color, and nowhere outside."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.annotation import COLORS, annotate
from core.geometry import Box
from core.images import Image
from core.reading import Digit, Line, Reading, Verdict

PAPER = 200


def blank(width: int, height: int, *, paper: int = PAPER, scale: float = 1.0) -> Image:
    pixels = np.full((height, width, 3), paper, np.uint8)
    return Image(pixels, scale=scale, full_wh=(round(width * scale), round(height * scale)))


def reading_of(*digits: tuple[Box, Verdict]) -> Reading:
    blank = np.zeros((28, 28), np.uint8)
    made = tuple(
        Digit(
            None if verdict == "unreadable" else 5,
            0.9,
            3,
            0.05,
            verdict == "sure",
            box,
            np.full(11, 1 / 11, np.float32),
            blank,
            blank,
        )
        for box, verdict in digits
    )
    lines = (Line(made, "".join(digit.text for digit in made), 0.9, made[0].box),) if made else ()
    return Reading(lines, (), "tiny", 1.0, (1, 1))


def where(picture: NDArray[np.uint8], color: tuple[int, int, int]) -> NDArray[np.bool_]:
    return (picture == color).all(axis=2)


def extent(mask: NDArray[np.bool_]) -> Box:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return Box(int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)


def test_a_picture_without_digits_stays_as_it_is() -> None:
    image = blank(60, 40)

    annotated = annotate(image, reading_of())

    assert np.array_equal(annotated, image.pixels)
    assert annotated is not image.pixels


def test_the_picture_that_was_read_is_not_drawn_on() -> None:
    image = blank(200, 100)

    annotate(image, reading_of((Box(80, 30, 30, 50), "sure")))

    assert (image.pixels == PAPER).all()


@pytest.mark.parametrize("verdict", ["sure", "unsure", "unreadable"])
def test_a_digit_is_framed_in_the_color_of_its_verdict(verdict: Verdict) -> None:
    annotated = annotate(blank(300, 200), reading_of((Box(100, 80, 40, 60), verdict)))

    drawn = {name for name, (color, _) in COLORS.items() if where(annotated, color).any()}
    assert drawn == {verdict}
    frame = extent(where(annotated, COLORS[verdict][0]))
    assert frame.x == pytest.approx(97, abs=4)
    assert frame.right == pytest.approx(143, abs=4)
    assert frame.bottom == pytest.approx(143, abs=4)


def test_verdicts_differ_without_color_too() -> None:
    frames = {
        verdict: where(annotate(blank(300, 200), reading_of((Box(100, 80, 40, 60), verdict))), COLORS[verdict][0])
        for verdict in ("sure", "unsure")
    }

    assert frames["unsure"].sum() < 0.8 * frames["sure"].sum()


def test_no_ink_is_covered() -> None:
    box = Box(100, 80, 40, 60)

    annotated = annotate(blank(300, 200), reading_of((box, "sure")))

    assert (annotated[box.y : box.bottom, box.x : box.right] == PAPER).all()


def test_boxes_of_the_original_land_on_a_picture_scaled_down() -> None:
    box, small = Box(400, 320, 160, 240), Box(100, 80, 40, 60)

    annotated = annotate(blank(300, 200, scale=4), reading_of((box, "sure")))

    assert np.array_equal(annotated, annotate(blank(300, 200), reading_of((small, "sure"))))


@pytest.mark.parametrize("place", [(0, 0), (260, 0), (0, 140), (260, 140), (130, 70)])
def test_a_label_never_leaves_the_picture(place: tuple[int, int]) -> None:
    inside = annotate(blank(300, 200), reading_of((Box(130, 70, 40, 60), "sure")))
    annotated = annotate(blank(300, 200), reading_of((Box(*place, 40, 60), "sure")))

    def plate(picture: NDArray[np.uint8]) -> int:
        """White pixels that are the digit's own: those on the plate, which is the one solid patch of color."""
        blue = where(picture, COLORS["sure"][0]).astype(np.uint8)
        return int(max((blue[y : y + 20, x : x + 12].sum() for y in range(181) for x in range(289)), default=0))

    assert plate(annotated) >= 0.9 * plate(inside)


@pytest.mark.parametrize("paper", [0, 255, 30])
def test_a_frame_stands_out_from_any_paper(paper: int) -> None:
    annotated = annotate(blank(300, 200, paper=paper), reading_of((Box(100, 80, 40, 60), "sure")))

    row = annotated[110, 80:100].astype(int).sum(axis=1)
    assert np.ptp(row) > 300


@pytest.mark.parametrize(("width", "height"), [(8, 8), (28, 28), (199, 40), (200, 200), (20_000, 60), (640, 480)])
def test_pictures_of_any_size_can_be_drawn_on(width: int, height: int) -> None:
    box = Box(width // 4, height // 4, width // 2, height // 2)

    annotated = annotate(blank(width, height), reading_of((box, "sure"), (box, "unreadable"), (box, "unsure")))

    times = annotated.shape[1] // width
    assert annotated.shape[1:] == (times * width, 3)
    assert annotated.shape[0] >= times * height
    assert (times > 1) == (max(width, height) < 200)
    assert annotated.dtype == np.uint8


def test_a_box_beyond_the_edge_does_no_harm() -> None:
    annotated = annotate(blank(250, 250), reading_of((Box(240, 240, 30, 30), "unsure"), (Box(200, 90, 0, 0), "sure")))

    assert annotated.shape == (250, 250, 3)


def test_a_label_has_room_above_a_digit_at_the_picture_s_edge() -> None:
    box = Box(100, 2, 40, 60)

    annotated = annotate(blank(300, 200), reading_of((box, "sure")))

    above = annotated.shape[0] - 200
    assert above > 20
    assert (annotated[box.y + above : box.bottom + above, box.x : box.right] == PAPER).all()


def test_a_label_is_smaller_where_there_is_little_room_above_a_digit() -> None:
    upper, lower = Box(100, 60, 60, 80), Box(100, 180, 60, 80)

    annotated = annotate(blank(300, 300), reading_of((upper, "sure"), (lower, "unsure")))

    assert (annotated[upper.y : upper.bottom, upper.x : upper.right] == PAPER).all()
    assert where(annotated, COLORS["unsure"][0])[upper.bottom : lower.y - 8, upper.x : upper.right].sum() > 50


def test_lines_and_labels_grow_with_the_picture() -> None:
    def thickness(factor: int) -> int:
        image, box = blank(200 * factor, 100 * factor), Box(80 * factor, 30 * factor, 30 * factor, 50 * factor)
        annotated = annotate(image, reading_of((box, "sure")))
        return int(where(annotated, COLORS["sure"][0])[box.y + box.height // 2, : box.x].sum())

    assert thickness(8) == pytest.approx(8 * thickness(1), rel=0.5)
