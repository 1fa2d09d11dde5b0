"""Live reading with the shipped model on videos of our own making: right, soon, and silent where there is no number."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.live import DIMMED, LiveReader, LiveSettings, LiveView, draw, guide_box
from core.models import ModelStore
from core.reader import Reader
from core.recognition.store import beside
from core.synthesis.video import FRAMES_PER_SECOND, Pace, VideoFrame, held_numbers
from core.tracking import Track
from tests.core import clutter
from tests.core.steadiness import number

Pixels = NDArray[np.uint8]
QUICK = Pace(empty_s=0.3, moving_s=0.4, still_s=0.8)


@pytest.fixture(scope="module")
def reader() -> Reader:
    """As the page has it."""
    classifier = ModelStore(clutter.SHIPPED).load("digitscope")
    return Reader(classifier, beside(classifier))


def watch(reader: Reader, frames: Iterable[VideoFrame]) -> list[tuple[VideoFrame, LiveView]]:
    live = LiveReader(reader)
    return [(frame, live.look(frame.pixels, i / FRAMES_PER_SECOND)) for i, frame in enumerate(frames)]


# Reading


def test_held_numbers_are_read_right_and_soon(reader: Reader) -> None:
    texts = ("407", "52", "916 38", "7\n604")
    seen = watch(reader, held_numbers(texts, np.random.default_rng(8), pace=QUICK))

    for scene, text in enumerate(texts):
        still = [view.text for frame, view in seen if frame.scene == 2 * scene + 1 and frame.still]
        assert text in still
        assert still.index(text) / FRAMES_PER_SECOND <= 0.3
        assert set(still[still.index(text) :]) == {text}


def test_groups_of_a_number_come_and_go_together(reader: Reader) -> None:
    texts = ("12 34", "407 52")

    seen = watch(reader, held_numbers(texts, np.random.default_rng(23), pace=QUICK))

    assert {view.text for _, view in seen} == {"", *texts}


def test_nothing_wrong_is_shown_for_longer_than_a_refresh(reader: Reader) -> None:
    texts = ("407", "52", "916 38", "7\n604")
    longest = wrong = 0
    for frame, view in watch(reader, held_numbers(texts, np.random.default_rng(9), pace=QUICK)):
        wrong = wrong + 1 if view.text not in ("", frame.text) else 0
        longest = max(longest, wrong)

    assert longest / FRAMES_PER_SECOND <= 0.25


def test_nothing_is_shown_while_a_sheet_moves_fast(reader: Reader) -> None:
    seen = watch(reader, held_numbers(("407",), np.random.default_rng(8), pace=QUICK))
    moving = [view for frame, view in seen if not frame.still]

    assert {view.text for view in moving[3:10]} == {""}
    assert "moving" in {view.scene for view in moving}


def test_a_blurred_number_is_not_shown(reader: Reader) -> None:
    frame = next(f for f in held_numbers(("407",), np.random.default_rng(8), pace=QUICK) if f.still and f.text)
    blurred = np.asarray(cv2.GaussianBlur(frame.pixels, (0, 0), 6), np.uint8)
    live = LiveReader(reader)

    assert {live.look(blurred, i / 30).text for i in range(10)} == {""}


@pytest.mark.parametrize("make", clutter.SCENES, ids=lambda make: make.__name__)
def test_clutter_yields_nothing(reader: Reader, make: clutter.Scene) -> None:
    live = LiveReader(reader)
    views = [live.look(frame, i / 30) for i, frame in enumerate(clutter.film(make, frames=20))]

    assert {view.text for view in views} == {""}
    assert {view.scene for view in views} <= {"empty", "crowded", "unclear", "moving"}


@pytest.mark.parametrize("shape", [(1, 1), (4, 4), (1, 50), (17, 30), (30, 20)])
def test_a_tiny_frame_holds_nothing(reader: Reader, shape: tuple[int, int]) -> None:
    assert LiveReader(reader).look(np.zeros((*shape, 3), np.uint8), 0.0).scene == "empty"


def test_only_what_is_in_the_guide_is_read(reader: Reader) -> None:
    frame = next(f for f in held_numbers(("407",), np.random.default_rng(8), pace=QUICK) if f.still and f.text)
    live, narrow = LiveReader(reader), LiveSettings(guide_wh=(0.2, 0.2))

    assert {live.look(frame.pixels, i / 30, narrow).text for i in range(8)} == {""}
    assert live.look(frame.pixels, 9 / 30, LiveSettings()).text == ""
    assert [live.look(frame.pixels, i / 30, LiveSettings()).text for i in range(10, 20)][-1] == "407"


def test_a_frame_of_another_size_is_taken_in_stride(reader: Reader) -> None:
    live = LiveReader(reader)
    for i, size in enumerate(((480, 640), (640, 480), (720, 1280), (90, 120))):
        assert live.look(np.full((*size, 3), 180, np.uint8), float(i)).scene == "empty"


# Drawing


def view_of(*tracks: Track) -> LiveView:
    return LiveView(tracks, "numbers")


def test_what_is_not_in_the_guide_is_darker() -> None:
    pixels = np.full((480, 640, 3), 200, np.uint8)

    picture = draw(pixels, LiveView())

    assert picture[5, 5].tolist() == [round(200 * DIMMED)] * 3
    assert picture[240, 320].tolist() == [200] * 3
    assert (pixels == 200).all()


def test_a_mirror_turns_the_picture_and_not_the_digits() -> None:
    pixels = np.full((480, 640, 3), 200, np.uint8)
    pixels[:, :320] = 90
    view = view_of(Track(1, number("7", x=100, y=200).digits, 1.0))

    plain, mirrored = draw(pixels, view), draw(pixels, view, LiveSettings(mirrored=True))

    assert plain[240, 40].tolist() == [90] * 3
    assert mirrored[240, 600].tolist() == [90] * 3
    label, again = plain[150:195, 90:140], mirrored[150:195, 640 - 160 : 640 - 110 + 60]
    assert np.ptp(label) > 100
    assert any(
        np.array_equal(label[5:40, 2:28] // 128, again[5:40, x : x + 26] // 128) for x in range(again.shape[1] - 26)
    )


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 1, 3), (1, 7, 3)])
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_smallest_frames_are_drawn(shape: tuple[int, int, int], mirrored: bool) -> None:
    assert draw(np.full(shape, 200, np.uint8), LiveView(), LiveSettings(mirrored=mirrored)).shape == shape


def test_a_number_that_fades_is_fainter() -> None:
    pixels = np.full((480, 640, 3), 128, np.uint8)
    digits = number("7", y=200).digits
    strong, faint = (
        np.abs(draw(pixels, view_of(Track(1, digits, strength))).astype(int) - draw(pixels, LiveView())).sum()
        for strength in (1.0, 0.25)
    )

    assert 0.2 < faint / strong < 0.3


def test_the_guide_lies_in_the_middle() -> None:
    box = guide_box((640, 480), LiveSettings(guide_wh=(0.5, 0.25)))

    assert box == (160, 180, 320, 120)


def test_lines_and_numbers_are_parted() -> None:
    tracks = [
        Track(i, number(text, x, y).digits, 1.0)
        for i, (text, x, y) in enumerate([("12", 100, 100), ("3", 400, 105), ("45", 100, 300)])
    ]

    assert view_of(*tracks).text == "12 3\n45"
