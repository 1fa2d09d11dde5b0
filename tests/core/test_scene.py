"""What a camera's picture is like: motion, blur, and where something is written, each on pictures of known truth."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.geometry import Box
from core.scene import MOST_MARKS, Motion, edge_width, find_writing, reduced
from core.segmentation.light import grayscale
from core.synthesis import PageSettings, written_page
from core.synthesis.paper import white_noise

Gray = NDArray[np.uint8]
EVERYTHING = Box(0, 0, 640, 320)


def sheet(*lines: str, noise: float = 2.0, marks: int = 0) -> Gray:
    """A page of numbers 90 pixels high, as gray values: (320, 640)."""
    settings = PageSettings(size_wh=(640, 320), digit_height=(90.0, 90.0), noise=noise, marks=marks)
    return grayscale(written_page(lines, settings, np.random.default_rng(4)).image.pixels)


def moved(gray: Gray, right: float) -> Gray:
    matrix = np.array([[1, 0, right], [0, 1, 0]], np.float64)
    size_wh = (gray.shape[1], gray.shape[0])
    return np.asarray(cv2.warpAffine(gray, matrix, size_wh, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def noisy(gray: Gray, seed: int, strength: float = 3.0) -> Gray:
    noise = white_noise(gray.shape, np.random.default_rng(seed)) * strength
    return np.clip(gray + noise, 0, 255).astype(np.uint8)


# Motion


@pytest.mark.parametrize("right", [2.0, 4.0, 6.0])
def test_displacement_is_about_the_way_a_sheet_has_moved(right: float) -> None:
    before = sheet("407")

    told = Motion(reduced(before), reduced(moved(before, right))).displacement(EVERYTHING)

    assert 0.4 * right <= told <= 1.2 * right


def test_a_changed_picture_has_moved_by_a_stroke_at_least() -> None:
    assert Motion(reduced(sheet("407")), reduced(sheet("16"))).displacement(EVERYTHING) > 5


def test_noise_and_a_change_of_light_are_no_motion() -> None:
    gray = sheet("407")
    brighter = np.clip(gray.astype(int) + 12, 0, 255).astype(np.uint8)

    assert Motion(reduced(noisy(gray, 1)), reduced(noisy(gray, 2))).displacement(EVERYTHING) < 0.5
    assert Motion(reduced(gray), reduced(brighter)).displacement(EVERYTHING) < 0.5
    assert Motion(reduced(gray), reduced(gray)).displacement(EVERYTHING) == 0


def test_motion_elsewhere_is_not_motion_here() -> None:
    before = np.hstack([sheet("4"), sheet("5")])
    after = np.hstack([sheet("4"), moved(sheet("5"), 12)])

    assert Motion(reduced(before), reduced(after)).displacement(Box(0, 0, 640, 320)) < 0.5
    assert Motion(reduced(before), reduced(after)).displacement(Box(640, 0, 640, 320)) > 4


def test_a_box_outside_of_the_picture_has_not_moved() -> None:
    small = reduced(sheet("4"))

    assert Motion(small, small).displacement(Box(9000, 0, 40, 40)) == 0


# Blur


def test_edges_grow_with_blur() -> None:
    gray = sheet("407", noise=0.0)
    ink = Box(*cv2.boundingRect((gray < 128).astype(np.uint8)))
    widths = [edge_width(np.asarray(cv2.GaussianBlur(gray, (0, 0), blur)), ink) for blur in (0.6, 2, 4, 8)]

    assert widths == sorted(widths)
    assert widths[0] < 5
    assert widths[3] > 9


def test_where_nothing_is_written_nothing_is_sharp() -> None:
    assert edge_width(np.full((60, 60), 200, np.uint8), Box(0, 0, 60, 60)) == float("inf")
    assert edge_width(np.full((60, 60), 200, np.uint8), Box(90, 90, 5, 5)) == float("inf")


# Where something is written


def test_a_number_is_one_region_that_holds_all_its_ink() -> None:
    gray = sheet("407")
    ink = cv2.boundingRect((gray < 128).astype(np.uint8))

    writing = find_writing(gray)

    ((region, height),) = writing.regions
    assert height == pytest.approx(90, rel=0.15)
    assert (writing.polarity, writing.crowded) == ("dark", False)
    assert region.x < ink[0]
    assert region.y < ink[1]
    assert region.right > ink[0] + ink[2]
    assert region.bottom > ink[1] + ink[3]
    assert region.width < ink[2] + 120


def test_light_writing_on_a_dark_ground_is_found_too() -> None:
    assert find_writing(255 - sheet("407")).polarity == "light"
    assert len(find_writing(255 - sheet("407")).regions) == 1


@pytest.mark.parametrize("seed", range(3))
def test_an_empty_ground_holds_nothing(seed: int) -> None:
    assert find_writing(noisy(np.full((320, 640), 150, np.uint8), seed, 5.0)).regions == ()


def test_the_edges_of_a_sheet_are_not_writing() -> None:
    table = np.full((320, 640), 60, np.uint8)
    table[60:260, 80:560] = cv2.resize(sheet(), (480, 200))
    table[:, 600:] = 200  # and something that runs through the picture

    assert find_writing(noisy(table, 1)).regions == ()


def test_a_number_that_is_not_all_in_the_picture_is_left_alone() -> None:
    gray = sheet("407")
    first = cv2.boundingRect((gray < 128).astype(np.uint8))[0]

    assert find_writing(np.ascontiguousarray(gray[:, first + 12 :])).regions == ()


def test_a_page_full_of_marks_is_too_much() -> None:
    gray = np.full((480, 640), 220, np.uint8)
    for count in range(MOST_MARKS + 4):
        x, y = 20 + 60 * (count % 10), 40 + 62 * (count // 10)
        cv2.putText(gray, "K", (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 30, 3)

    assert find_writing(gray).crowded
