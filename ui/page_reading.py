"""Reading one page for people: the numbers, the page with its digits marked, and every step on the way."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from core.annotation import annotate
from core.commands.pictures import png
from core.errors import DigitscopeError
from core.images import Image
from core.reader import Reader, ReadSettings
from core.reading import Line, Reading
from core.segmentation.steps import Step
from ui.picture_files import fitted, jpeg, thumbnail_url

# A picture is shown about 650 wide, twice that on a fine screen, and a little more in full screen.
VIEW_PX = 1600
STEP_PX = 1200
THUMBNAIL_PX = 144
UNEXPECTED = "reading this page failed in a way that was not foreseen; the server's log has the details"

_log = logging.getLogger(__name__)
_Value = TypeVar("_Value")


@dataclass(frozen=True, eq=False)
class Outcome:
    """What is kept of a page: the reading or, in a sentence, why there is none; and the page as a tiny picture.

    thumbnail: a JPEG inside its own address.
    """

    reading: Reading | None = None
    error: str | None = None
    thumbnail: str | None = None


@dataclass(frozen=True)
class ShownStep:
    """A step of the reading as a page shows it; `picture` is a PNG file."""

    name: str
    purpose: str
    picture: bytes


@dataclass(frozen=True)
class View:
    """A page that is open.

    picture: a JPEG file of the page with its digits marked.
    steps: empty until they are asked for.
    """

    picture: bytes
    steps: tuple[ShownStep, ...] = ()


def look(
    reader: Reader, settings: ReadSettings, image: Image, known: Outcome | None, looked_at: bool, with_steps: bool
) -> tuple[Outcome, View | None]:
    """Read a page, unless it is known already; and make its view where it is looked at."""
    steps: tuple[ShownStep, ...] = ()
    if known is None or known.reading is None:
        reading = reader.read(image, settings, with_steps=with_steps)
        steps = tuple(_shown(step) for step in reading.steps)
        known = Outcome(_compact(reading), thumbnail=thumbnail_url(image.pixels, THUMBNAIL_PX))
    if not looked_at or known.reading is None:
        return known, None
    return known, View(jpeg(fitted(annotate(image, known.reading), VIEW_PX)), steps)


def guarded(work: Callable[[], _Value]) -> _Value | str:
    """What `work` gives, or in a sentence why it gives nothing: one page must not take the others' results away."""
    try:
        return work()
    except DigitscopeError as error:
        return str(error)
    except Exception:  # noqa: BLE001 - hostile bytes meet many libraries; the log has what happened
        _log.exception("a page could not be read")
        return UNEXPECTED


def _compact(reading: Reading) -> Reading:
    """The reading without steps, its arrays cut loose from the larger ones they may be windows of."""
    return replace(reading, lines=tuple(_compact_line(line) for line in reading.lines), steps=())


def _compact_line(line: Line) -> Line:
    digits = tuple(
        replace(
            digit,
            probabilities=digit.probabilities.copy(),
            normalized=digit.normalized.copy(),
            glyph=digit.glyph.copy(),
        )
        for digit in line.digits
    )
    return replace(line, digits=digits)


def _shown(step: Step) -> ShownStep:
    return ShownStep(step.name, step.purpose, png(fitted(step.image, STEP_PX)))
