"""Videos of held sheets: their truth is what they show, and stillness what it says."""

from __future__ import annotations

import numpy as np
import pytest

from core.geometry import Box
from core.scene import Motion, reduced
from core.segmentation.light import grayscale
from core.synthesis.video import FRAMES_PER_SECOND, SIZE_WH, Pace, VideoFrame, held_numbers

PACE = Pace(empty_s=0.2, moving_s=0.4, still_s=0.3)
ALL = Box(0, 0, *SIZE_WH)


@pytest.fixture(scope="module")
def frames() -> list[VideoFrame]:
    return list(held_numbers(("407", "52\n9"), np.random.default_rng(1), pace=PACE))


def test_every_frame_is_a_webcam_s(frames: list[VideoFrame]) -> None:
    assert {frame.pixels.shape for frame in frames} == {(480, 640, 3)}
    assert {frame.pixels.dtype for frame in frames} == {np.dtype(np.uint8)}
    assert len(frames) == 2 * round((0.2 + 0.4 + 0.3 + 0.4) * FRAMES_PER_SECOND)


def test_scenes_tell_what_stands_on_the_sheet(frames: list[VideoFrame]) -> None:
    told = {frame.scene: frame.text for frame in frames}

    assert told == {0: "", 1: "407", 2: "", 3: "52\n9"}


def test_still_frames_tremble_less_than_others_move(frames: list[VideoFrame]) -> None:
    small = [reduced(grayscale(frame.pixels)) for frame in frames]
    pairs = list(zip(frames, frames[1:], small, small[1:], strict=False))
    still = [Motion(a, b).displacement(ALL) for f, g, a, b in pairs if f.still and g.still and f.scene == g.scene]
    moving = [
        Motion(a, b).displacement(ALL) for f, g, a, b in pairs if not f.still and not g.still and f.text == g.text
    ]

    assert max(still) < 1
    assert np.percentile(moving, 80) > 4


def test_light_is_uneven(frames: list[VideoFrame]) -> None:
    sides = slice(40), slice(-40, None)
    corners = [frames[0].pixels[y, x].mean() for y in sides for x in sides]

    assert max(corners) > 1.15 * min(corners)


def test_a_video_is_the_same_every_time() -> None:
    first, again = (list(held_numbers(("7",), np.random.default_rng(5), pace=PACE)) for _ in range(2))

    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(first, again, strict=True))
