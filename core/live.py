"""A camera's frames to numbers that stand still: what is in the guide is found, read and followed; then drawn.

live = LiveReader(reader)
view = live.look(pixels, time_s, settings)        # as often as there is time
picture = draw(pixels, view, settings)            # on every frame
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from core.annotation import mark
from core.geometry import Box
from core.images import Image
from core.reader import Reader, ReadSettings
from core.reading import Digit
from core.scene import Motion, Region, Writing, edge_width, find_writing, reduced
from core.segmentation.light import grayscale
from core.segmentation.settings import SegmentationSettings
from core.tracking import Sighting, Track, Tracker, TrackSettings, in_lines, sightings_of

# A number moves when it goes further than this between two frames, and is blurred when its edges are wider, both in
# heights of its digits. Measured on the program's own videos: a trembling hand stays below a third of the first; from
# twice the second on digits are taken for others.
MOVES_FROM = 0.05
BLURRED_FROM = 0.1
# Nothing is read in a guide of fewer pixels a side.
LEAST_SIDE = 16
# A frame in which fewer of the digits are sure shows something else: print, keys, a pattern.
SURE_SHARE = 0.5
# Digits of so many pixels are read as well as larger ones, and sooner.
LARGE_ENOUGH = 56
# Any edge looks like a 1, and a shelf of books like a row of them; nobody holds up so many.
MOST_ONES = 3
# Outside of the guide the picture is so much darker.
DIMMED = 0.45
GUIDE_COLOR = (255, 255, 255)

Scene = Literal["empty", "moving", "crowded", "unclear", "numbers"]


@dataclass(frozen=True, kw_only=True)
class LiveSettings:
    """What a viewer may set.

    guide_wh: width and height of the guide as shares of the picture, 0 to 1; nothing outside of it is read.
    mirrored: show the picture as a mirror would; it is read as the camera has it.
    minimum_confidence: a digit below it is shown as `?`.
    """

    guide_wh: tuple[float, float] = (0.9, 0.6)
    mirrored: bool = False
    minimum_confidence: float = 0.6


@dataclass(frozen=True, eq=False)
class LiveView:
    """What is known after a frame.

    tracks: the numbers to show, in the order of reading; boxes in pixels of the frame.
    scene: "empty": nothing stands out in the guide; "moving"; "crowded": too much does; "unclear": there is something,
        but nothing that is surely a number; "numbers".
    milliseconds: what the frame took, reading and all.
    """

    tracks: tuple[Track, ...] = ()
    scene: Scene = "empty"
    milliseconds: float = 0.0

    @property
    def text(self) -> str:
        """The numbers, parted by a space on a line, lines by a newline."""
        return "\n".join(" ".join(track.text for track in line) for line in in_lines(self.tracks))

    @property
    def digits(self) -> tuple[Digit, ...]:
        """All digits in the order of reading."""
        return tuple(digit for track in self.tracks for digit in track.digits)

    @property
    def confidence(self) -> float:
        """The chance that all of it is right."""
        return float(np.prod([track.confidence for track in self.tracks]))


class LiveReader:
    """Reads the frames of one camera, in their order. Not to be shared between threads; the reader may be."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._tracker = Tracker()
        self._before: NDArray[np.float32] | None = None

    def look(self, pixels: NDArray[np.uint8], time_s: float, settings: LiveSettings = LiveSettings()) -> LiveView:
        """Read one frame.

        Args:
            pixels: (H, W, 3) uint8 RGB.
            time_s: when it was taken, on any clock that does not go back.
            settings: may change from frame to frame.
        """
        start = time.perf_counter()
        guide = guide_box((pixels.shape[1], pixels.shape[0]), settings)
        if min(guide.width, guide.height) < LEAST_SIDE:
            return LiveView()
        inside = np.ascontiguousarray(pixels[guide.y : guide.bottom, guide.x : guide.right])
        gray = grayscale(inside)
        small = reduced(gray)
        motion = Motion(small if self._before is None or self._before.shape != small.shape else self._before, small)
        self._before = small
        writing = find_writing(gray)

        def moved(box: Box) -> bool:
            here = box.shifted(-guide.x, -guide.y)
            moves = motion.displacement(here) > MOVES_FROM * box.height
            return moves or edge_width(gray, here) > BLURRED_FROM * box.height

        # What moves is not believed, so it need not be read; on blurred strokes the reader takes longest.
        resting = [one for one in writing.regions if motion.displacement(one.box) <= MOVES_FROM * one.box.height]
        sightings = self._sightings(inside, replace(writing, regions=tuple(resting)), guide)
        tracks = self._tracker.update(sightings, time_s, self._track_settings(settings), moved=moved)
        everything = Box(0, 0, guide.width, guide.height)
        moving = motion.displacement(everything) > MOVES_FROM * guide.height
        scene = _scene(tracks, writing, moving=moving)
        return LiveView(tracks, scene, 1000 * (time.perf_counter() - start))

    def _sightings(self, inside: NDArray[np.uint8], writing: Writing, guide: Box) -> list[Sighting]:
        """The numbers in the guide, in pixels of the frame; none where most of what was read is not sure."""
        if writing.crowded:
            return []
        # Enlarging thin pens takes a third of the time again and mends nothing here.
        segmentation = SegmentationSettings(polarity=writing.polarity, ink="normal", enlarge=False)
        chosen = ReadSettings(segmentation=segmentation, any_way_up=False)
        found = []
        for region in writing.regions:
            reading = self._reader.read(_cut_out(inside, region), chosen)
            x, y = region.box.x + guide.x, region.box.y + guide.y
            found += [_placed(sighting, x, y) for sighting in sightings_of(reading)]
        digits = [digit for sighting in found for digit in sighting.digits]
        sure = sum(digit.verdict == "sure" for digit in digits)
        if sure < SURE_SHARE * len(digits):
            return []
        return [sighting for sighting in found if len(sighting.digits) <= MOST_ONES or set(sighting.text) != {"1"}]

    def _track_settings(self, settings: LiveSettings) -> TrackSettings:
        sure_from = self._reader.classifier.card.calibration.unsure_below
        return TrackSettings(minimum_confidence=settings.minimum_confidence, sure_from=sure_from)


def guide_box(size_wh: tuple[int, int], settings: LiveSettings) -> Box:
    """The guide in a frame of `size_wh` pixels, in its middle."""
    width, height = (round(side * share) for side, share in zip(size_wh, settings.guide_wh, strict=True))
    return Box((size_wh[0] - width) // 2, (size_wh[1] - height) // 2, width, height)


def draw(pixels: NDArray[np.uint8], view: LiveView, settings: LiveSettings = LiveSettings()) -> NDArray[np.uint8]:
    """A frame as a viewer sees it: what is not in the guide darker, the numbers marked, those that fade faintly.

    Args:
        pixels: (H, W, 3) uint8 RGB, which stays as it is; it may be a later frame than the one `view` is of.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    width = pixels.shape[1]
    guide = guide_box((width, pixels.shape[0]), settings)
    seen = pixels[:, ::-1] if settings.mirrored else pixels
    picture = seen.copy()
    sides = (
        picture[: guide.y],
        picture[guide.bottom :],
        picture[guide.y : guide.bottom, : guide.x],
        picture[guide.y : guide.bottom, guide.right :],
    )
    for side in sides:
        if side.size:
            side[:] = cv2.convertScaleAbs(side, alpha=DIMMED)
    cv2.rectangle(picture, (guide.x, guide.y), (guide.right - 1, guide.bottom - 1), GUIDE_COLOR, 1)
    for strength in sorted({track.strength for track in view.tracks}):
        digits = [digit for track in view.tracks if track.strength == strength for digit in track.digits]
        boxes = [_mirrored(digit.box, width) if settings.mirrored else digit.box for digit in digits]
        marked = mark(picture, digits, boxes)
        picture = np.asarray(cv2.addWeighted(marked, strength, picture, 1 - strength, 0) if strength < 1 else marked)
    return picture


def _scene(tracks: Sequence[Track], writing: Writing, *, moving: bool) -> Scene:
    if tracks:
        return "numbers"
    if moving:
        return "moving"
    if writing.crowded:
        return "crowded"
    return "unclear" if writing.regions else "empty"


def _cut_out(inside: NDArray[np.uint8], region: Region) -> Image:
    """A region as a picture of its own, large digits made smaller."""
    x, y, width, height = region.box
    cut = inside[y : y + height, x : x + width]
    scale = max(1.0, region.height / LARGE_ENOUGH)
    size_wh = max(1, round(width / scale)), max(1, round(height / scale))
    small = cv2.resize(cut, size_wh, interpolation=cv2.INTER_AREA) if scale > 1 else cut
    return Image(np.ascontiguousarray(small), "frame", scale=scale, full_wh=(width, height))


def _placed(sighting: Sighting, x: int, y: int) -> Sighting:
    """What was seen in a region whose corner is (x, y), in pixels of the frame."""
    return Sighting(tuple(replace(digit, box=digit.box.shifted(x, y)) for digit in sighting.digits))


def _mirrored(box: Box, width: int) -> Box:
    return box._replace(x=width - box.right)
