"""The desk on which uploaded pages are read: one after the other, so that a visitor sees them come and may stop them.

    desk = Desk()
    desk.tray.add("photo.jpg", data)
    desk.use(reader, ReadSettings())
    for key in desk.read():
        ...                                     # about to read this page; leave whenever you like and go on later

Of each page only its reading and a thumbnail are kept; the picture and its steps are made again when a page is opened.

Streamlit starts a new run before the one that reads has noticed, so two may be at one desk for a moment: each works
with the settings it found, and knows its files by themselves, not by what lies on the desk meanwhile.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import NamedTuple, TypeVar

from core.annotation import annotate
from core.commands.pictures import png
from core.errors import ImageError
from core.images import Document, open_document
from core.reader import Reader, ReadSettings
from core.results import Result
from ui.page_reading import Outcome, View, guarded, look
from ui.uploads import MOST_PAGES, PageKey, Tray, Upload

# Results under the settings before are kept too, so that a change can be taken back at once.
OUTCOMES_KEPT = 2 * MOST_PAGES
VIEWS_KEPT = 4
_Value = TypeVar("_Value")


class _Place(NamedTuple):
    """All that a result depends on, so that two equal files share it."""

    sha256: str
    page: int
    settings: ReadSettings
    model: str


class Desk:
    """Reads the files of a tray and keeps the results.

    stopped: whether the visitor wants no more pages read for now.
    shown: the page that is open; None where there is none.
    """

    def __init__(self) -> None:
        self.tray = Tray()
        self.stopped = False
        self.shown: PageKey | None = None
        self._settled = True
        self._using: tuple[Reader, ReadSettings] | None = None
        self._outcomes: OrderedDict[_Place, Outcome] = OrderedDict()
        self._views: OrderedDict[_Place, View] = OrderedDict()

    def use(self, reader: Reader, settings: ReadSettings) -> None:
        """Read with this model and these settings from now on; what was read with others does not count."""
        self._using = reader, settings

    def take(self, name: str, data: bytes) -> PageKey | None:
        """Put a file into the tray, to be read; gives its first page, or None where the tray is full."""
        self.stopped = False
        before = self.tray.uploads
        self.tray.add(name, data)
        added = self.tray.uploads[len(before) :]
        if added:  # what failed may have had too little memory, or a file that was swept away: tried anew
            failed = [place for place, outcome in list(self._outcomes.items()) if outcome.error is not None]
            for place in failed:
                if place.sha256 == added[0].sha256:
                    del self._outcomes[place]
        return added[0].pages[0] if added else None

    def show_first(self, keys: Sequence[PageKey | None]) -> None:
        """Open the first of these pages that is one; a file that cannot be opened only where there is no other."""
        there = [key for key in keys if key is not None]
        sound = [key for key in there if self.tray.upload(key.file).error is None]
        if there:
            self.shown, self._settled = [*sound, *there][0], False

    def settle(self) -> None:
        """Where the page that `show_first` opened cannot be read, go on to the first one after it that can."""
        if self._settled or self.shown is None:
            return
        self._settled = True
        after = (key for key in self.tray.pages if key >= self.shown)
        self.shown = next((key for key in after if self.open(key) is not None), self.shown)

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
        upload = self.tray.upload(key.file)
        return Outcome(error=upload.error) if upload.error else self._outcomes.get(self._place(upload, key.page))

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
            waiting = [key for key in upload.pages if self._outcomes.get(self._place(upload, key.page)) is None]
            if upload.error or not waiting:
                continue
            document = self._opened(upload, waiting)
            if document is None:
                continue
            with closing(document):
                for key in waiting:
                    if upload not in self.tray.uploads:  # taken away meanwhile, by another run
                        break
                    yield key
                    self._read_page(upload, key.page, document)

    def open(self, key: PageKey, *, with_steps: bool = False) -> View | None:
        """The page as a picture; it is read first where need be. None where it cannot be read: `outcome` says why."""
        upload, outcome = self.tray.upload(key.file), self.outcome(key)
        if outcome is not None and outcome.error is not None:
            return None
        view = self._views.get(self._place(upload, key.page))
        if outcome is not None and view is not None and (view.steps or not with_steps):
            return view
        document = self._opened(upload, [key])
        if document is None:
            return None
        with closing(document):
            return self._read_page(upload, key.page, document, looked_at=True, with_steps=with_steps)

    def annotated_png(self, key: PageKey) -> bytes:
        """A PNG file of the page with its digits marked, as `core.annotation.annotate` draws it.

        Raises:
            ImageError: the page was not read.
        """
        outcome = self.outcome(key)
        if outcome is None or outcome.reading is None:
            raise ImageError("this page was not read; there is nothing to mark on it")
        upload = self.tray.upload(key.file)
        with closing(open_document(self.tray.data(upload), upload.name)) as document:
            return png(annotate(document.page(key.page), outcome.reading))

    def _place(self, upload: Upload, page: int) -> _Place:
        reader, settings = self._found()
        return _place(upload, page, reader, settings)

    def _found(self) -> tuple[Reader, ReadSettings]:
        """Reader and settings as they are now, both at once."""
        assert self._using is not None, "a desk needs a reader before it is read from"
        return self._using

    def _opened(self, upload: Upload, wanted: Sequence[PageKey]) -> Document | None:
        """The file, opened anew; where that fails, its pages are noted with the reason."""
        document = guarded(lambda: open_document(self.tray.data(upload), upload.name))
        if not isinstance(document, str):
            return document
        if upload in self.tray.uploads:  # else it was taken away while it was read, and may come back
            for key in wanted:
                _keep(self._outcomes, self._place(upload, key.page), Outcome(error=document), OUTCOMES_KEPT)
        return None

    def _read_page(
        self, upload: Upload, page: int, document: Document, *, looked_at: bool = False, with_steps: bool = False
    ) -> View | None:
        """Read one page and keep the outcome; where it is looked at, its picture too."""
        reader, settings = self._found()
        place = _place(upload, page, reader, settings)
        known = None if with_steps else self._outcomes.get(place)  # the steps are made by a reading alone
        found = guarded(lambda: look(reader, settings, document.page(page), known, looked_at, with_steps))
        if isinstance(found, str):
            _keep(self._outcomes, place, Outcome(error=found), OUTCOMES_KEPT)
            return None
        outcome, view = found
        _keep(self._outcomes, place, outcome, OUTCOMES_KEPT)
        if view is not None:
            _keep(self._views, place, view, VIEWS_KEPT)
        return view


def _place(upload: Upload, page: int, reader: Reader, settings: ReadSettings) -> _Place:
    return _Place(upload.sha256, page, settings, reader.classifier.card.tflite_sha256)


def _keep(kept: OrderedDict[_Place, _Value], place: _Place, value: _Value, most: int) -> None:
    """Put a value in, and let go of the oldest ones beyond `most`."""
    kept[place] = value
    kept.move_to_end(place)
    while len(kept) > most:
        kept.popitem(last=False)
