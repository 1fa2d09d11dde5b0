"""Readings of many frames to numbers that stand still: each place where a number was seen is a track.

A track gathers what the last frames said of each of its digits. A number is believed once enough of them agree, and
shown together with the others that came with it. It stays through a frame or two that say something else, fades where
it is no longer seen, and goes at once where the picture moves. No clock of its own: times come in, so that recorded
frames give the same answers every time.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import dist

import numpy as np
from numpy.typing import NDArray

from core.classifier import DIGITS
from core.geometry import Box, common_area, union
from core.reading import Digit, Reading
from core.scene import near

LEAST_PROBABILITY = 1e-4


@dataclass(frozen=True, kw_only=True)
class TrackSettings:
    """When a number is believed.

    window: so many sightings at most count, none of them older than `memory_s`.
    agreeing: so many of them must say the same before a number is believed, ...
    keeping: ... and so many for it to stay. Fewer than `agreeing`, or it would flicker.
    fading_s: so long a number that is no longer seen takes to go.
    calm_s: so long nothing may have moved before a sighting counts.
    together_s: so long at most a believed number waits for others that came in the meantime and are not believed yet,
        so that what was written in groups or lines appears whole.
    minimum_confidence: a digit below it is shown as `?`; a number of mostly such digits is not shown.
    sure_from: a digit from this confidence on is sure.
    """

    window: int = 5
    agreeing: int = 3
    keeping: int = 2
    memory_s: float = 1.5
    fading_s: float = 0.6
    calm_s: float = 0.1
    together_s: float = 0.5
    minimum_confidence: float = 0.0
    sure_from: float = 0.95

    def __post_init__(self) -> None:
        if not 1 <= self.keeping <= self.agreeing <= self.window:
            raise ValueError(f"{self.keeping} of {self.agreeing} of {self.window} sightings cannot agree")


@dataclass(frozen=True, eq=False)
class Sighting:
    """A number in one frame: digits that stand together on a line, left to right."""

    digits: tuple[Digit, ...]

    @property
    def text(self) -> str:
        """The digits, `?` for one that cannot be read."""
        return "".join(digit.text for digit in self.digits)

    @property
    def box(self) -> Box:
        """Around all digits."""
        return union(digit.box for digit in self.digits)


@dataclass(frozen=True, eq=False)
class Track:
    """A number that is shown.

    number: counts tracks; the same as long as it is the same number at the same place.
    digits: where they were last seen, with the evidence of all frames that count.
    strength: 1 while it is seen, falling to 0 after that.
    """

    number: int
    digits: tuple[Digit, ...]
    strength: float

    @property
    def text(self) -> str:
        """The digits, `?` for one that cannot be read."""
        return "".join(digit.text for digit in self.digits)

    @property
    def box(self) -> Box:
        """Around all digits."""
        return union(digit.box for digit in self.digits)

    @property
    def confidence(self) -> float:
        """The chance that the whole number is right."""
        return float(np.prod([digit.confidence for digit in self.digits]))


@dataclass(eq=False)
class _Place:
    """What is known of one place.

    moved_at: when something moved there last.
    since: when something came there: it was seen first, or came to rest, or what was believed moved.
    evidence: what was seen lately.
    believed: its digits, also where they are shown as `?`.
    grouped_at: when its digits were last seen as one group without help.
    """

    number: int
    box: Box
    seen_at: float
    moved_at: float
    since: float
    evidence: deque[tuple[float, Sighting]] = field(default_factory=deque)
    believed: str | None = None
    believed_at: float = 0.0
    grouped_at: float = 0.0
    digits: tuple[Digit, ...] = ()
    shown: bool = False

    @property
    def agrees(self) -> bool:
        """Whether the last sighting says what is believed."""
        return bool(self.evidence) and _answers(self.evidence[-1][1].digits) == self.believed


class Tracker:
    """Follows numbers from frame to frame."""

    def __init__(self) -> None:
        self._places: list[_Place] = []
        self._count = 0

    def update(
        self,
        sightings: Sequence[Sighting],
        time_s: float,
        settings: TrackSettings = TrackSettings(),
        *,
        moved: Callable[[Box], bool] = lambda _: False,
    ) -> tuple[Track, ...]:
        """Take in what one frame shows.

        Args:
            sightings: the numbers in it.
            time_s: when it was taken; never earlier than the one before.
            settings: when a number is believed.
            moved: whether something moved, or is too blurred to be read, in a box.

        Returns:
            The numbers to show, in the order of reading.
        """
        sightings = self._regrouped(sightings, time_s, settings)
        matches = _matches(self._places, sightings)
        moving = self._moving(matches, moved)
        for place in self._places:
            sighting = matches.get(id(place))
            if id(place) in moving:
                _forget(place, time_s)
            elif sighting:
                _learn(place, sighting, time_s, settings)
            else:
                _drop_old(place, time_s, settings)
            if sighting:
                place.box, place.seen_at = sighting.box, time_s
        self._places = [place for place in self._places if time_s - place.seen_at < settings.fading_s]
        matched = {id(sighting) for sighting in matches.values()}
        for sighting in sightings:
            if id(sighting) not in matched:
                self._add(sighting, time_s, settings, moving=moved(sighting.box))
        return tuple(self._shown(time_s, settings))

    def _add(self, sighting: Sighting, time_s: float, settings: TrackSettings, *, moving: bool) -> None:
        self._count += 1
        place = _Place(self._count, sighting.box, time_s, time_s if moving else -np.inf, since=time_s)
        _learn(place, sighting, time_s, settings)
        self._places.append(place)

    def _moving(self, matches: Mapping[int, Sighting], moved: Callable[[Box], bool]) -> set[int]:
        """Ids of places that move: a number that is shown takes those beside it along, so that none stays alone."""
        boxes = {id(place): matches[id(place)].box if id(place) in matches else place.box for place in self._places}
        moving = {place for place, box in boxes.items() if moved(box)}
        leaving = [place.box for place in self._places if id(place) in moving and place.shown]
        return moving | {id(one) for one in self._places if any(near(one.box, box) for box in leaving)}

    def _regrouped(self, sightings: Iterable[Sighting], time_s: float, settings: TrackSettings) -> list[Sighting]:
        """Sightings in the groups that are believed: a narrow space is seen in one frame and not in the next.

        A grouping that has not been seen for a while holds no longer. Until then a number of as many digits that takes
        another's place without moving is in its groups.
        """
        believed = [one for one in self._places if one.believed and time_s - one.grouped_at < settings.fading_s]
        believed.sort(key=lambda place: place.box.x)
        found = [part for sighting in sightings for part in _parted(sighting, believed)]
        for place in believed:
            parts = [one for one in found if all(_holds(place.box, digit.box) for digit in one.digits)]
            digits = sorted((digit for one in parts for digit in one.digits), key=lambda digit: digit.box.x)
            if len(digits) != len(place.believed or ""):
                continue
            if len(parts) > 1:
                found = [*(one for one in found if one not in parts), Sighting(tuple(digits))]
            elif parts[0] in sightings:
                place.grouped_at = time_s
        return found

    def _shown(self, time_s: float, settings: TrackSettings) -> list[Track]:
        """What is to be seen; a place that is fading gives way to what is seen there now."""
        for place in self._places:
            place.shown = place.believed is not None and (place.shown or self._appears(place, time_s, settings))
        shown = [place for place in self._places if place.shown and not _mostly_unreadable(place.digits)]
        fresh = [place.box for place in shown if place.seen_at == time_s and place.agrees]
        tracks = [
            Track(place.number, place.digits, 1 - (time_s - place.seen_at) / settings.fading_s)
            for place in shown
            if place.seen_at == time_s or not any(common_area(place.box, box) > 0.5 * place.box.area for box in fresh)
        ]
        return [track for line in in_lines(tracks) for track in line]

    def _appears(self, place: _Place, time_s: float, settings: TrackSettings) -> bool:
        """Whether a believed number need not wait any longer for others that came in the meantime."""
        waits = any(
            other.believed is None and other.seen_at == time_s and time_s - other.since < settings.together_s
            for other in self._places
        )
        return place.seen_at == time_s and (not waits or time_s - place.believed_at >= settings.together_s)


def sightings_of(reading: Reading) -> tuple[Sighting, ...]:
    """Every group of digits of a reading; a line may hold several."""
    found = []
    for line in reading.lines:
        start = 0
        for group in line.text.split():
            found.append(Sighting(line.digits[start : start + len(group)]))
            start += len(group)
    return tuple(found)


def in_lines(tracks: Iterable[Track]) -> list[list[Track]]:
    """Numbers side by side make a line: the middle of each lies within the height of the one before."""
    lines: list[list[Track]] = []
    for track in sorted(tracks, key=lambda track: track.box.center[1]):
        last = lines[-1][-1].box if lines else None
        if last and last.y < track.box.center[1] < last.bottom:
            lines[-1].append(track)
        else:
            lines.append([track])
    return [sorted(line, key=lambda track: track.box.x) for line in lines]


def _parted(sighting: Sighting, believed: Iterable[_Place]) -> list[Sighting]:
    """A sighting in the groups that are believed where its digits stand, if there are as many digits in each."""
    parts = []
    for place in believed:
        digits = tuple(digit for digit in sighting.digits if _holds(place.box, digit.box))
        if digits and len(digits) != len(place.believed or ""):
            return [sighting]
        parts += [Sighting(digits)] if digits else []
    all_of_it = sum(len(part.digits) for part in parts) == len(sighting.digits)
    return parts if all_of_it and len(parts) > 1 else [sighting]


def _holds(box: Box, part: Box) -> bool:
    x, y = part.center
    return box.x <= x < box.right and box.y <= y < box.bottom


def _matches(places: Sequence[_Place], sightings: Sequence[Sighting]) -> dict[int, Sighting]:
    """Which sighting belongs to which place, by the place's id.

    The same text of the same size first, the nearest pair first, so that two numbers that swap sides keep their
    tracks; then whatever overlaps most.
    """
    pairs = []
    for place in places:
        for sighting in sightings:
            overlap = _overlap(place.box, sighting.box)
            same = bool(place.evidence) and place.evidence[-1][1].text == sighting.text
            size = sighting.box.height / place.box.height
            if same and 0.7 < size < 1.4:
                pairs.append((0, dist(place.box.center, sighting.box.center), place, sighting))
            elif overlap > 0.2:
                pairs.append((1, -overlap, place, sighting))
    found: dict[int, Sighting] = {}
    taken: set[int] = set()
    for _, _, place, sighting in sorted(pairs, key=lambda pair: pair[:2]):
        if id(place) not in found and id(sighting) not in taken:
            found[id(place)] = sighting
            taken.add(id(sighting))
    return found


def _forget(place: _Place, time_s: float) -> None:
    """Nothing that was seen before the picture moved counts after it."""
    if place.believed is not None or not place.evidence:
        place.since = time_s
    place.evidence.clear()
    place.believed, place.moved_at = None, time_s


def _learn(place: _Place, sighting: Sighting, time_s: float, settings: TrackSettings) -> None:
    """Count a sighting, and decide anew what is believed."""
    if time_s - place.moved_at < settings.calm_s:
        return
    place.evidence.append((time_s, sighting))
    _drop_old(place, time_s, settings)
    seen = [old for _, old in place.evidence]
    # The text is decided by evidence of one length: digits can only be compared place by place.
    lengths = Counter(len(old.digits) for old in seen)
    length = max(lengths, key=lambda n: (lengths[n], n == len(sighting.digits)))
    alike = [old for old in seen if len(old.digits) == length]
    digits = _averaged(alike, settings)
    answers = _answers(digits)
    support = _support(answers, alike)
    holds = place.believed is not None and _support(place.believed, seen) >= settings.keeping
    # What is believed stays while enough agree with it, however many agree on something else: else two would alternate.
    if answers == place.believed if holds else support >= settings.agreeing:
        if place.believed is None:
            place.believed_at = time_s
        if len(answers) != len(place.believed or ""):
            place.grouped_at = time_s
        place.believed, place.digits = answers, digits
    elif not holds:
        place.believed = None


def _support(answers: str | None, seen: Iterable[Sighting]) -> int:
    """How many sightings give these answers."""
    return sum(_answers(sighting.digits) == answers for sighting in seen)


def _drop_old(place: _Place, time_s: float, settings: TrackSettings) -> None:
    while place.evidence and (
        len(place.evidence) > settings.window or time_s - place.evidence[0][0] > settings.memory_s
    ):
        place.evidence.popleft()


def _mostly_unreadable(digits: Sequence[Digit]) -> bool:
    return 2 * sum(digit.digit is None for digit in digits) >= len(digits)


def _averaged(seen: Sequence[Sighting], settings: TrackSettings) -> tuple[Digit, ...]:
    """The digits of the last sighting, each with the mean of all sightings' log-probabilities at its place."""
    stacked = np.array([[digit.probabilities for digit in sighting.digits] for sighting in seen])
    means = np.log(np.maximum(stacked, LEAST_PROBABILITY)).mean(axis=0)
    shares = np.exp(means - means.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return tuple(
        _with_evidence(digit, share.astype(np.float32), settings)
        for digit, share in zip(seen[-1].digits, shares, strict=True)
    )


def _with_evidence(digit: Digit, shares: NDArray[np.float32], settings: TrackSettings) -> Digit:
    order = np.argsort(shares[:DIGITS])[::-1]
    best, second = int(order[0]), int(order[1])
    confidence = float(shares[best])
    readable = confidence >= settings.minimum_confidence and confidence >= shares[DIGITS]
    return replace(
        digit,
        digit=best if readable else None,
        confidence=confidence,
        runner_up=second,
        runner_up_confidence=float(shares[second]),
        sure=readable and confidence >= settings.sure_from,
        probabilities=shares,
    )


def _answers(digits: Sequence[Digit]) -> str:
    """The likeliest digits, also where they are shown as `?`."""
    return "".join(str(digit.probabilities[:DIGITS].argmax()) for digit in digits)


def _overlap(a: Box, b: Box) -> float:
    """Share of both boxes together that lies in both."""
    common = common_area(a, b)
    return common / (a.area + b.area - common)
