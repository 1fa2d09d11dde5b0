"""How steady a live reading is on sequences of noisy readings: `python -m tests.core.steadiness` prints the table.

Each sequence is what a reader said of four seconds of frames, thirty a second, the same every time. The table sets what
a tracker shows beside what would be shown without one: each frame's own reading.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from core.geometry import Box
from core.reading import Digit
from core.tracking import Sighting, Tracker, TrackSettings, in_lines

FRAMES_PER_SECOND = 30
SECONDS = 4
HEIGHT = 80


class Frame(NamedTuple):
    """What was read in one frame, and what is right to show of it.

    moving: whether the picture moved.
    """

    sightings: tuple[Sighting, ...]
    truth: str
    moving: bool = False


class Steadiness(NamedTuple):
    """What came of a sequence.

    changes: of the text that is shown, a second; in the best case as many as the truth has.
    delay_s: from the moment a text is there to the moment it is shown, the longest.
    wrong_s: the longest time that something wrong was shown without a break.
    right_share: of all frames in which there is something to show.
    """

    changes: float
    delay_s: float
    wrong_s: float
    right_share: float


def number(text: str, x: int = 100, y: int = 100, confidence: float = 0.97) -> Sighting:
    """A number as the reader sees it: digits of 80 pixels, 60 apart."""
    return Sighting(tuple(_digit(int(c), Box(x + 60 * i, y, 50, HEIGHT), confidence) for i, c in enumerate(text)))


def steady() -> list[Frame]:
    """Every frame is read right."""
    return [Frame((number("407"),), "407")] * (SECONDS * FRAMES_PER_SECOND)


def flicker() -> list[Frame]:
    """In a third of the frames nothing is found."""
    return [Frame(() if lost else (number("407"),), "407") for lost in _chances(1 / 3, seed=1)]


def misread() -> list[Frame]:
    """In one frame of five a digit is taken for another, almost as surely as the right one."""
    frames = []
    for count, wrong in enumerate(_chances(1 / 5, seed=2)):
        other = ("107", "401", "467")[count % 3]
        frames.append(Frame((number(other, confidence=0.9) if wrong else number("407"),), "407"))
    return frames


def split() -> list[Frame]:
    """In a quarter of the frames two digits are taken for one, so that the number is a digit shorter."""
    return [Frame((number("47") if wrong else number("407"),), "407") for wrong in _chances(1 / 4, seed=3)]


def occlusion() -> list[Frame]:
    """A hand passes before the number for half a second; while it moves there is nothing to show."""
    shown, hidden = Frame((number("407"),), "407"), Frame((), "", moving=True)
    return [hidden if 60 <= count < 75 else shown for count in range(SECONDS * FRAMES_PER_SECOND)]


def swap() -> list[Frame]:
    """Two numbers change places from one frame to the next, in the middle of the sequence."""
    before = Frame((number("12"), number("345", x=400)), "12 345")
    after = Frame((number("345"), number("12", x=400)), "345 12")
    return [before] * 60 + [after] * 60


def change() -> list[Frame]:
    """Four numbers one after the other, with a quarter of a second of moving and misreading between them."""
    frames = []
    for text in ("407", "52", "9163", "8"):
        frames += [Frame((number("77"),), "", moving=True)] * 8 + [Frame((number(text),), text)] * 22
    return frames


SEQUENCES: tuple[Callable[[], list[Frame]], ...] = (steady, flicker, misread, split, occlusion, swap, change)


def tracked(frames: Sequence[Frame], settings: TrackSettings = TrackSettings()) -> list[str]:
    """What is shown after each frame."""
    tracker = Tracker()
    shown = []
    for count, frame in enumerate(frames):
        tracks = tracker.update(
            frame.sightings, count / FRAMES_PER_SECOND, settings, moved=lambda _, frame=frame: frame.moving
        )
        shown.append(" ".join(track.text for line in in_lines(tracks) for track in line))
    return shown


def untracked(frames: Sequence[Frame]) -> list[str]:
    """Each frame's own reading."""
    return [" ".join(sighting.text for sighting in frame.sightings) for frame in frames]


def measure(frames: Sequence[Frame], shown: Sequence[str]) -> Steadiness:
    """Compare what was shown with the truth."""
    truth = [frame.truth for frame in frames]
    changes = sum(a != b for a, b in pairwise(shown))
    starts = [i for i, text in enumerate(truth) if text and (i == 0 or truth[i - 1] != text)]
    delays = [next((k for k in range(i, len(shown)) if shown[k] == truth[i]), len(shown)) - i for i in starts]
    wrong = longest = 0
    for text, right in zip(shown, truth, strict=True):
        wrong = wrong + 1 if text and text != right else 0
        longest = max(longest, wrong)
    told = [text == right for text, right in zip(shown, truth, strict=True) if right]
    seconds = len(frames) / FRAMES_PER_SECOND
    return Steadiness(
        changes / seconds, max(delays) / FRAMES_PER_SECOND, longest / FRAMES_PER_SECOND, sum(told) / len(told)
    )


def main() -> None:
    """Print the table."""
    print(f"{'':10} {'label changes a second':>24} {'delay':>8} {'wrong at most':>15} {'right':>8}")
    for make in SEQUENCES:
        frames = make()
        before, after = (measure(frames, shown) for shown in (untracked(frames), tracked(frames)))
        print(
            f"{make.__name__:10} {f'{before.changes:.1f} -> {after.changes:.1f}':>24} {after.delay_s:6.2f} s "
            f"{f'{before.wrong_s:.2f} -> {after.wrong_s:.2f} s':>15} {after.right_share:7.0%}"
        )


def _digit(answer: int, box: Box, confidence: float) -> Digit:
    probabilities = np.full(11, (1 - confidence) / 10, np.float32)
    probabilities[answer] = confidence
    second = (answer + 1) % 10
    blank = np.zeros((28, 28), np.uint8)
    return Digit(
        answer, confidence, second, float(probabilities[second]), confidence > 0.95, box, probabilities, blank, blank
    )


def _chances(share: float, seed: int) -> list[bool]:
    """For each frame whether it happens."""
    return [bool(drawn) for drawn in np.random.default_rng(seed).random(SECONDS * FRAMES_PER_SECOND) < share]


if __name__ == "__main__":
    main()
