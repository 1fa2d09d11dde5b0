"""One visitor's camera, fed by hand: it never waits, reads the newest, counts what it dropped, and leaves nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import SettingsError
from core.live import LiveSettings, LiveView
from core.models import ModelStore
from core.reader import Reader
from core.synthesis.video import Pace, held_numbers
from tests.core.clutter import SHIPPED
from ui import viewer as viewer_module
from ui.viewer import Viewer
from ui.viewers import DEFAULT_LIMIT, LIMIT_VARIABLE, Viewers, limit

BLANK = np.full((480, 640, 3), 170, np.uint8)


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(ModelStore(SHIPPED).load("digitscope"))


@pytest.fixture
def quick_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads end soon after the last frame."""
    monkeypatch.setattr(viewer_module, "IDLE_S", 0.2)


def held(text: str = "407") -> NDArray[np.uint8]:
    """A frame with a number held still."""
    frames = held_numbers((text,), np.random.default_rng(8), pace=Pace(empty_s=0, moving_s=0.1, still_s=0.2))
    return next(frame.pixels for frame in frames if frame.still)


def wait_until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def live_threads() -> int:
    return sum(thread.name == "digitscope_live" for thread in threading.enumerate())


def read(viewer: Viewer, pixels: NDArray[np.uint8]) -> None:
    """Show frames until a number is known."""

    def known() -> bool:
        viewer.show(pixels)
        time.sleep(0.02)
        return bool(viewer.view().text)

    wait_until(known)


def read_slowly(viewer: Viewer, clock: Clock, pixels: NDArray[np.uint8]) -> None:
    """Show frames at a tenth of a second of the clock each until a number is known and drawn."""

    def known() -> bool:
        clock.now += 0.1
        viewer.show(pixels)
        time.sleep(0.02)
        return viewer.snapshot() is not None

    wait_until(known)


def test_a_number_that_is_held_is_read_and_drawn(reader: Reader) -> None:
    viewer, pixels = Viewer(reader), held()
    read(viewer, pixels)

    assert viewer.view().text == "407"
    assert (viewer.show(pixels) != viewer_module.draw(pixels, LiveView())).any()


class SlowReader:
    """Looks at a frame for as long as a test wants."""

    def __init__(self, _: Reader) -> None:
        self.frames: list[int] = []

    def look(self, pixels: NDArray[np.uint8], time_s: float, settings: LiveSettings) -> LiveView:
        READ.append(int(pixels[0, 0, 0]))
        GO_ON.acquire(timeout=60)
        return LiveView(milliseconds=7.0)


READ: list[int] = []
GO_ON = threading.Semaphore(0)


def test_while_one_frame_is_read_the_others_are_drawn_and_only_the_newest_is_read_next(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewer_module, "LiveReader", SlowReader)
    READ.clear()
    viewer = Viewer(reader)
    viewer.show(np.full_like(BLANK, 1))
    wait_until(lambda: READ == [1])
    pictures = [viewer.show(np.full_like(BLANK, number)) for number in range(2, 12)]
    assert READ == [1], "the first is still being read: nobody waited for it"
    GO_ON.release(2)
    wait_until(lambda: len(READ) == 2)

    assert READ == [1, 11]
    assert [int(picture[240, 320, 0]) for picture in pictures] == list(range(2, 12))
    assert viewer.figures().dropped == 9
    assert viewer.figures().frames == 11


def test_a_frame_that_cannot_be_read_does_not_end_the_stream(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(SlowReader):
        def look(self, pixels: NDArray[np.uint8], time_s: float, settings: LiveSettings) -> LiveView:
            READ.append(0)
            raise RuntimeError("no luck")

    monkeypatch.setattr(viewer_module, "LiveReader", Broken)
    READ.clear()
    viewer = Viewer(reader)

    def twice() -> bool:
        viewer.show(BLANK)
        return len(READ) >= 2

    wait_until(twice)
    assert "a frame could not be read" in caplog.text


@pytest.mark.usefixtures("quick_end")
def test_ten_starts_leave_no_thread(reader: Reader) -> None:
    viewer = Viewer(reader)
    wait_until(lambda: live_threads() == 0)  # those of the tests before
    for _ in range(10):
        viewer.reset()
        viewer.show(BLANK)
        assert live_threads() == 1
    wait_until(lambda: live_threads() == 0)

    viewer.show(BLANK)
    assert live_threads() == 1
    wait_until(lambda: live_threads() == 0)


def test_what_is_frozen_before_there_is_a_picture_is_the_first_one(reader: Reader) -> None:
    viewer = Viewer(reader)
    viewer.freeze(True)
    first = viewer.show(BLANK)

    assert np.array_equal(viewer.show(held("52")), first)


def test_what_is_frozen_stays_whatever_comes(reader: Reader) -> None:
    viewer = Viewer(reader)
    read(viewer, held("52"))
    viewer.freeze(True)
    frozen = viewer.show(held("52"))
    for _ in range(10):
        assert np.array_equal(viewer.show(BLANK), frozen)
        time.sleep(0.02)
    assert viewer.view().text == "52"
    kept = viewer.snapshot()
    assert kept is not None
    assert kept.view.text == "52"
    viewer.freeze(False)

    def gone() -> bool:
        viewer.show(BLANK)
        return not viewer.view().text

    wait_until(gone)


def test_a_number_can_be_kept_and_frozen_for_a_moment_after_it_is_gone(reader: Reader) -> None:
    viewer = Viewer(reader)
    read(viewer, held("52"))
    viewer.show(held("52"))

    def gone() -> bool:
        viewer.show(BLANK)
        return not viewer.view().text

    wait_until(gone)
    kept = viewer.snapshot()
    assert kept is not None
    assert kept.view.text == "52"
    assert np.array_equal(kept.picture, viewer_module.draw(held("52"), kept.view)), "of the frame it was read from"
    viewer.freeze(True)
    assert viewer.view().text == "52"
    assert np.array_equal(viewer.show(BLANK), kept.picture)


def test_what_is_long_gone_cannot_be_kept(reader: Reader) -> None:
    clock = Clock()
    viewer = Viewer(reader, clock)
    read_slowly(viewer, clock, held("52"))
    assert viewer.snapshot() is not None
    clock.now += viewer_module.LATELY_S

    assert viewer.snapshot() is None


def test_nothing_is_known_before_the_first_frame_nor_after_the_last(reader: Reader) -> None:
    clock = Clock()
    viewer = Viewer(reader, clock)
    assert viewer.snapshot() is None
    assert not viewer.figures().running

    viewer.show(BLANK)
    assert viewer.figures().running
    clock.now += 10

    assert viewer.view().scene == "empty"
    assert not viewer.figures().running
    assert viewer.figures().frames_per_second == 0


def test_frames_a_second_are_counted_over_the_last_two_seconds(reader: Reader) -> None:
    clock = Clock()
    viewer = Viewer(reader, clock)
    for _ in range(60):
        viewer.show(BLANK)
        clock.now += 0.05

    assert viewer.figures().frames_per_second == pytest.approx(20, abs=1)


def test_settings_reach_the_next_frame(reader: Reader) -> None:
    viewer = Viewer(reader)
    viewer.use(reader, LiveSettings(guide_wh=(0.5, 0.5)))

    picture = viewer.show(BLANK)

    assert picture[240, 320, 0] == 170
    assert picture[240, 100, 0] < 100


# Several visitors


def test_a_place_is_taken_until_its_frames_end(reader: Reader) -> None:
    clock = Clock()
    viewers = Viewers(clock)
    first, second = Viewer(reader, clock), Viewer(reader, clock)
    assert viewers.claim(first, 1)
    assert viewers.claim(first, 1)
    assert not viewers.claim(second, 1)
    first.show(BLANK)
    clock.now += 100  # the frames have ended

    assert viewers.claim(second, 1)
    assert not viewers.claim(first, 1)


def test_who_waits_for_permission_keeps_the_place_for_a_while(reader: Reader) -> None:
    clock = Clock()
    viewers = Viewers(clock)
    first, second = Viewer(reader, clock), Viewer(reader, clock)
    viewers.claim(first, 1)
    clock.now += 30
    assert not viewers.claim(second, 1)
    clock.now += 30

    assert viewers.claim(second, 1)


def test_a_visitor_who_is_gone_holds_no_place(reader: Reader) -> None:
    viewers, second = Viewers(), Viewer(reader)
    viewers.claim(Viewer(reader), 1)

    assert viewers.claim(second, 1)


def test_a_place_that_is_given_back_is_free(reader: Reader) -> None:
    viewers = Viewers()
    first, second = Viewer(reader), Viewer(reader)
    viewers.claim(first, 1)
    viewers.release(first)

    assert viewers.claim(second, 1)


def test_the_limit_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LIMIT_VARIABLE, raising=False)
    assert limit() == DEFAULT_LIMIT
    monkeypatch.setenv(LIMIT_VARIABLE, "7")
    assert limit() == 7
    monkeypatch.setenv(LIMIT_VARIABLE, "many")
    with pytest.raises(SettingsError, match="set it to how many"):
        limit()
