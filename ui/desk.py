"""The desk on which uploaded pages are read: one after the other, so that a visitor sees them come and may stop them.

    desk = Desk()
    desk.tray.add("photo.jpg", data)
    desk.use(reader, ReadSettings())
    for key in desk.read():
        ...                                     # about to read this page; leave whenever you like and go on later

Of each page only its reading and a thumbnail are kept; the picture and its steps are made again when a page is opened.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TypeVar

from core.annotation import annotate
from core.commands.pictures import png
from core.errors import DigitscopeError, ImageError
from core.images import Document, Image, open_document
from core.reader import Reader, ReadSettings
from core.reading import Line, Reading
from core.results import Result
from core.segmentation.steps import Step
from ui.picture_files import fitted, jpeg, thumbnail_url
from ui.uploads import MOST_PAGES, PageKey, Tray

# Results under the settings before are kept too, so that a change can be taken back at once.
RESULTS_KEPT = 2 * MOST_PAGES
VIEWS_KEPT = 4
# A picture is shown about 650 wide, twice that on a fine screen, and a little more in full screen.
VIEW_PX = 1600
STEP_PX = 1200
THUMBNAIL_PX = 144
UNEXPECTED = "reading this page failed in a way that was not foreseen; the server's log has the details"

_log = logging.getLogger(__name__)
_Place = tuple[str, int, ReadSettings, str]
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


class Desk:
    """Reads the files of a tray and keeps the results.

    stopped: whether the visitor wants no more pages read for now.
    shown: the page that is open; None where there is none.
    """

    def __init__(self) -> None:
        self.tray = Tray()
        self.stopped = False
        self.shown: PageKey | None = None
        self._reader: Reader | None = None
        self._settings = ReadSettings()
        self._outcomes: OrderedDict[_Place, Outcome] = OrderedDict()
        self._views: OrderedDict[_Place, View] = OrderedDict()

    def use(self, reader: Reader, settings: ReadSettings) -> None:
        """Read with this model and these settings from now on; what was read with others does not count."""
        self._reader, self._settings = reader, settings

    def take(self, name: str, data: bytes) -> PageKey | None:
        """Put a file into the tray, to be read; gives its first page, or None where the tray is full."""
        self.stopped = False
        before = self.tray.uploads
        self.tray.add(name, data)
        added = self.tray.uploads[len(before) :]
        return added[0].pages[0] if added else None

    def show_first(self, keys: Sequence[PageKey | None]) -> None:
        """Open the first of these pages that is one; a file that cannot be opened only where there is no other."""
        there = [key for key in keys if key is not None]
        sound = [key for key in there if self.tray.upload(key.file).error is None]
        self.shown = next(iter([*sound, *there]), self.shown)

    def remove(self, number: int) -> None:
        """Take a file off the desk, and open the one that comes after it."""
        self.tray.remove(number)
        pages = self.tray.pages
        self.shown = next((key for key in pages if key.file > number), pages[-1] if pages else None)

    def clear(self) -> None:
        """Take everything off the desk."""
        self.tray.clear()
        self.shown, self.stopped = None, False

    def outcome(self, key: PageKey) -> Outcome | None:
        """What came of a page; None while it is not read."""
        error = self.tray.upload(key.file).error
        return self._outcomes.get(self._place(key)) if error is None else Outcome(error=error)

    def result(self, key: PageKey) -> Result | None:
        """What came of a page, in the form in which it leaves the program; None while it is not read."""
        outcome, upload = self.outcome(key), self.tray.upload(key.file)
        if outcome is None:
            return None
        return Result(upload.name, key.page if upload.page_count > 1 else None, outcome.reading, outcome.error)

    def results(self) -> tuple[tuple[PageKey, Result], ...]:
        """All pages that were read, or tried, in order."""
        found = ((key, self.result(key)) for key in self.tray.pages)
        return tuple((key, result) for key, result in found if result is not None)

    def pending(self) -> tuple[PageKey, ...]:
        """The pages that are not read yet, in order."""
        return tuple(key for key in self.tray.pages if self.outcome(key) is None)

    def read(self) -> Iterator[PageKey]:
        """Read what is pending, and yield each page just before it is read; one page is in memory at a time."""
        for upload in self.tray.uploads:
            pages = [key for key in upload.pages if self.outcome(key) is None]
            if not pages:
                continue
            document = _guarded(lambda key=pages[0]: self._document(key))  # type: ignore[misc]
            if isinstance(document, str):
                for key in pages:
                    self._note(key, Outcome(error=document))
                continue
            with closing(document):
                for key in pages:
                    yield key
                    self._read_page(key, document)

    def open(self, key: PageKey, *, with_steps: bool = False) -> View | None:
        """The page as a picture; it is read first where need be. None where it cannot be read: `outcome` says why."""
        outcome, view = self.outcome(key), self._views.get(self._place(key))
        if outcome is not None and outcome.error is not None:
            return None
        if outcome is not None and view is not None and (view.steps or not with_steps):
            return view
        document = _guarded(lambda: self._document(key))
        if isinstance(document, str):
            self._note(key, Outcome(error=document))
            return None
        with closing(document):
            return self._read_page(key, document, looked_at=True, with_steps=with_steps)

    def annotated_png(self, key: PageKey) -> bytes:
        """A PNG file of the page with its digits marked, in the size in which it was read.

        Raises:
            ImageError: the page was not read.
        """
        outcome = self.outcome(key)
        if outcome is None or outcome.reading is None:
            raise ImageError("this page was not read; there is nothing to mark on it")
        with closing(self._document(key)) as document:
            return png(annotate(document.page(key.page), outcome.reading))

    def _place(self, key: PageKey) -> _Place:
        """What a result depends on, so that two equal files share it."""
        assert self._reader is not None, "a desk needs a reader before it is read from"
        model = self._reader.classifier.card.tflite_sha256
        return self.tray.upload(key.file).sha256, key.page, self._settings, model

    def _document(self, key: PageKey) -> Document:
        upload = self.tray.upload(key.file)
        return open_document(self.tray.data(upload), upload.name)

    def _read_page(
        self, key: PageKey, document: Document, *, looked_at: bool = False, with_steps: bool = False
    ) -> View | None:
        """Read one page and keep the outcome; where it is looked at, its picture too."""
        found = _guarded(lambda: self._look(document.page(key.page), key, looked_at, with_steps))
        if isinstance(found, str):
            self._note(key, Outcome(error=found))
            return None
        outcome, view = found
        self._note(key, outcome)
        if view is not None:
            _keep(self._views, self._place(key), view, VIEWS_KEPT)
        return view

    def _look(self, image: Image, key: PageKey, looked_at: bool, with_steps: bool) -> tuple[Outcome, View | None]:
        assert self._reader is not None
        outcome = self.outcome(key)
        steps: tuple[ShownStep, ...] = ()
        # The steps are made by the reading alone, so whoever wants them reads once more.
        if outcome is None or outcome.reading is None or with_steps:
            reading = self._reader.read(image, self._settings, with_steps=with_steps)
            steps = tuple(_shown(step) for step in reading.steps)
            outcome = Outcome(_compact(reading), thumbnail=thumbnail_url(image.pixels, THUMBNAIL_PX))
        if not looked_at or outcome.reading is None:
            return outcome, None
        return outcome, View(jpeg(fitted(annotate(image, outcome.reading), VIEW_PX)), steps)

    def _note(self, key: PageKey, outcome: Outcome) -> None:
        _keep(self._outcomes, self._place(key), outcome, RESULTS_KEPT)


def _guarded(work: Callable[[], _Value]) -> _Value | str:
    """What `work` gives, or in a sentence why it gives nothing: one page must not take the others' results away."""
    try:
        return work()
    except DigitscopeError as error:
        return str(error)
    except Exception:  # noqa: BLE001 - hostile bytes meet many libraries; the log has what happened
        _log.exception("a page could not be read")
        return UNEXPECTED


def _keep(kept: OrderedDict[_Place, _Value], place: _Place, value: _Value, most: int) -> None:
    """Put a value in, and let go of the oldest ones beyond `most`."""
    kept[place] = value
    kept.move_to_end(place)
    while len(kept) > most:
        kept.popitem(last=False)


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
