"""The desk on which uploads are read, and the tray they lie in, without a page around them."""

from __future__ import annotations

import csv
import gc
import io
import json
import os
import subprocess
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import PIL.Image
import pytest
from filelock import FileLock

from core.annotation import COLORS
from core.errors import ImageError
from core.geometry import Box
from core.images import Image
from core.reader import ReadSettings
from core.reading import Digit, Line, Reading
from core.runs import process
from core.segmentation.steps import Step
from tests.core.pictures import encode, encrypted_pdf, pages, png_header, scene
from tests.ui.conftest import ROOT
from ui import desk as desks
from ui import results, uploads
from ui.desk import Desk
from ui.page_reading import UNEXPECTED
from ui.uploads import PageKey, Tray, as_code, page_label, shown_name


class WidthReader:
    """Reads the width of a picture as its number; counts how often it was asked."""

    def __init__(self, model: str = "a") -> None:
        self.classifier = SimpleNamespace(card=SimpleNamespace(tflite_sha256=model))
        self.count = 0

    def read(self, image: Image, settings: ReadSettings, *, with_steps: bool = False) -> Reading:
        """Answer without looking; a picture of 66 pixels is more than it can bear."""
        del settings
        self.count += 1
        width, height = image.original_wh
        if width == 66:
            raise ZeroDivisionError
        digits = tuple(digit(int(character), 8 * place) for place, character in enumerate(str(width)))
        line = Line(digits, str(width), 0.81, Box(0, 0, width, height))
        steps = (Step("Gray", "for a test", image.pixels[..., 0]),) if with_steps else ()
        return Reading((line,), steps, "tiny", 1.0, (width, height))


def digit(value: int, left: int) -> Digit:
    blank = np.zeros((28, 28), np.uint8)
    return Digit(value, 0.9, 3, 0.05, value != 0, Box(left, 2, 6, 10), np.full(11, 1 / 11, np.float32), blank, blank)


def picture(width: int = 48) -> bytes:
    return encode("PNG", scene(width, 40))


@pytest.fixture
def reader() -> WidthReader:
    return WidthReader()


@pytest.fixture
def desk(reader: WidthReader) -> Desk:
    desk = Desk()
    desk.use(reader, ReadSettings())  # type: ignore[arg-type]
    return desk


def read_all(desk: Desk) -> list[PageKey]:
    return list(desk.read())


def texts(desk: Desk) -> list[str | None]:
    """What was read of each page, or the reason why nothing was."""
    return [result.reading.text if result.reading else result.error for _, result in desk.results()]


# Reading


def test_every_page_of_every_file_is_read_in_order(desk: Desk) -> None:
    desk.take("a.png", picture(48))
    desk.take("b.tif", pages("TIFF", 3))
    read_all(desk)

    assert texts(desk) == ["48", "32", "40", "48"]
    assert [key for key, _ in desk.results()] == [PageKey(1, 1), PageKey(2, 1), PageKey(2, 2), PageKey(2, 3)]
    assert desk.pending() == ()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"this was never a picture", "no readable picture"),
        (picture()[:60], "cut short"),
        (png_header(60_000, 60_000), "megapixels"),
        (encrypted_pdf(), "password"),
        (encode("PDF")[:200], "cut short or damaged"),
        (encode("PNG", np.zeros((3, 3), np.uint8)), "too few"),
    ],
    ids=["empty", "text", "truncated", "bomb", "encrypted", "half a PDF", "tiny"],
)
def test_a_bad_file_says_why_and_the_others_go_on(desk: Desk, data: bytes, reason: str) -> None:
    desk.take("bad", data)
    desk.take("good.png", picture(48))
    read_all(desk)

    bad, good = texts(desk)
    assert reason in str(bad)
    assert good == "48"
    assert desk.open(PageKey(1, 1)) is None


def test_what_nobody_foresaw_costs_one_page_and_says_so(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.take("a.png", picture(66))
    desk.take("b.png", picture(48))
    read_all(desk)

    assert texts(desk) == [UNEXPECTED, "48"]
    assert "ZeroDivisionError" in caplog.text


def test_a_file_that_failed_is_tried_anew_when_it_is_added_again(desk: Desk) -> None:
    desk.take("a.png", picture(66))
    read_all(desk)
    desk.remove(1)
    key = desk.take("a.png", picture(66))

    assert desk.pending() == (key,)


def test_a_second_click_on_remove_finds_the_file_gone(desk: Desk) -> None:
    desk.take("a.png", picture())
    desk.take("b.png", picture(48))
    for _ in range(2):
        desk.remove(1)

    assert [upload.name for upload in desk.tray.uploads] == ["b.png"]


def test_a_long_document_can_be_left_and_gone_on_with(desk: Desk, reader: WidthReader) -> None:
    desk.take("long.pdf", pages("PDF", 20))
    for done, _ in enumerate(desk.read()):
        if done == 5:
            break

    assert len(desk.pending()) == 15
    read_all(desk)
    assert desk.pending() == ()
    assert reader.count == 20


def test_pages_do_not_pile_up_in_memory(desk: Desk) -> None:
    sheets = [PIL.Image.fromarray(scene(900 + width, 700)) for width in range(30)]
    data = encode("TIFF", sheets[0], save_all=True, append_images=sheets[1:], compression="tiff_deflate")
    desk.take("long.tif", data)
    tracemalloc.start()
    try:
        read_all(desk)
        gc.collect()
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    one_page = 900 * 700 * 3
    assert kept < one_page
    assert peak < 6 * one_page


def test_two_equal_files_are_read_once_and_stand_in_the_list_twice(desk: Desk, reader: WidthReader) -> None:
    for _ in range(2):
        desk.take("same.png", picture(48))
    read_all(desk)

    assert texts(desk) == ["48", "48"]
    assert reader.count == 1
    labels = {page_label(upload, upload.pages[0]) for upload in desk.tray.uploads}
    assert labels == {"1. same.png", "2. same.png"}


def test_other_settings_and_other_models_read_anew_and_old_results_come_back(desk: Desk, reader: WidthReader) -> None:
    desk.take("a.png", picture())
    read_all(desk)
    for chosen, settings in ((reader, ReadSettings(minimum_confidence=0.5)), (WidthReader("b"), ReadSettings())):
        desk.use(chosen, settings)  # type: ignore[arg-type]
        assert desk.pending() == (PageKey(1, 1),)
    desk.use(reader, ReadSettings())  # type: ignore[arg-type]

    assert desk.pending() == ()
    assert reader.count == 1


def test_a_file_taken_away_while_it_is_read_harms_nothing(desk: Desk) -> None:
    desk.take("a.tif", pages("TIFF", 3))
    desk.take("b.png", picture(48))
    begun = []
    for key in desk.read():
        begun.append(key)
        desk.clear()

    assert begun == [PageKey(1, 1)]  # of what is gone, no other page is begun
    assert desk.results() == ()
    desk.take("b.png", picture(48))
    read_all(desk)
    assert texts(desk) == ["48"]


# Looking


def test_steps_are_made_only_for_the_page_that_is_looked_at(desk: Desk, reader: WidthReader) -> None:
    desk.take("a.png", picture())
    read_all(desk)

    plain, with_steps = desk.open(PageKey(1, 1)), desk.open(PageKey(1, 1), with_steps=True)

    assert plain is not None
    assert with_steps is not None
    assert plain.steps == ()
    assert [(step.name, step.purpose) for step in with_steps.steps] == [("Gray", "for a test")]
    assert reader.count == 2
    assert desk.open(PageKey(1, 1), with_steps=True) is with_steps


def test_opening_a_page_reads_it_once_and_for_good(desk: Desk, reader: WidthReader) -> None:
    desk.take("a.png", picture())
    desk.open(PageKey(1, 1))
    desk.open(PageKey(1, 1))
    read_all(desk)

    assert reader.count == 1


def test_few_opened_pages_are_kept(desk: Desk) -> None:
    desk.take("long.pdf", pages("PDF", 9))
    for key in desk.tray.pages:
        desk.open(key)

    assert len(desk._views) == desks.VIEWS_KEPT


def test_a_sound_file_is_opened_before_a_broken_one(desk: Desk) -> None:
    desk.show_first([desk.take("bad", b""), desk.take("good.png", picture())])

    assert desk.shown == PageKey(2, 1)


def test_taking_the_open_file_away_opens_its_neighbor(desk: Desk) -> None:
    for name in ("a.png", "b.png", "c.png"):
        desk.take(name, picture())

    desk.remove(2)
    assert desk.shown == PageKey(3, 1)
    desk.remove(3)
    assert desk.shown == PageKey(1, 1)
    desk.remove(1)
    assert desk.shown is None


# Taking away


def test_the_table_and_the_objects_are_those_of_the_command_line(desk: Desk) -> None:
    desk.take("=cmd.png", picture(40))
    desk.take("bad", b"")
    read_all(desk)

    table = list(csv.reader(io.StringIO(results.csv_file(desk.results()).decode("utf-8-sig"))))
    objects = json.loads(results.json_file(desk.results()))

    assert table[1] == ["'=cmd.png", "1", "1", "40", "0.8100", ""]
    assert [(found["file"], found.get("text")) for found in objects] == [("=cmd.png", "40"), ("bad", None)]
    assert objects[0]["lines"][0]["digits"][0]["box"] == [0, 2, 6, 10]
    assert "empty" in objects[1]["error"]


def test_marked_pages_come_as_png_under_safe_names_of_their_own(desk: Desk) -> None:
    for name in ("../../x.png", "../../x.png"):
        desk.take(name, picture(48))
    desk.take("b.tif", pages("TIFF", 2))
    read_all(desk)

    with zipfile.ZipFile(io.BytesIO(results.archive(desk, desk.tray.pages))) as packed:
        assert packed.namelist() == ["x.png", "x-2.png", "b-page-001.png", "b-page-002.png"]
        with PIL.Image.open(packed.open("x.png")) as marked:
            assert marked.size[0] == 480  # enlarged, or no label could be read
            assert any((np.asarray(marked) == color).all(axis=2).any() for color, _ in COLORS.values())


def test_a_page_that_was_not_read_cannot_be_marked(desk: Desk) -> None:
    desk.take("a.png", picture())

    with pytest.raises(ImageError, match="not read"):
        desk.annotated_png(PageKey(1, 1))


def test_doubtful_digits_are_named(desk: Desk) -> None:
    desk.take("a.png", picture(40))
    read_all(desk)
    reading = desk.results()[0][1].reading

    assert reading is not None
    assert results.doubts(reading.lines[0]) == "not sure about 0"


# The tray


def test_the_folder_goes_when_the_session_does() -> None:
    tray = Tray()
    tray.add("a.png", picture())
    folder = tray._folder
    assert len(list(folder.iterdir())) == 1

    del tray
    gc.collect()
    assert not folder.exists()


# An app that has taken a file in, and can be killed.
APP = """
import sys, time
from ui.uploads import Tray
tray = Tray()
tray.add("a.png", sys.stdin.buffer.read())
assert tray.uploads[0].error is None
print(tray._folder, flush=True)
time.sleep(60)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of one's own, in which this process has no trays yet."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(uploads, "_rooms", [])
    return tmp_path


@contextmanager
def another_app(temporary: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A process with a file in its tray, and the folder of that tray."""
    app = subprocess.Popen(
        [sys.executable, "-c", APP], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(temporary), "TEMP": str(temporary)},
    )  # fmt: skip
    assert app.stdin is not None
    assert app.stdout is not None
    try:
        app.stdin.write(picture())
        app.stdin.close()
        folder = Path(app.stdout.readline().decode().strip())
        assert len(list(folder.iterdir())) == 1
        yield app, folder
    finally:
        app.kill()
        app.wait()
        app.stdout.close()


def test_what_a_killed_process_left_goes_with_the_first_file_of_the_next(temporary: Path) -> None:
    with another_app(temporary) as (app, folder):
        app.kill()  # SIGKILL: it can do nothing more
        app.wait()
        assert len(list(folder.iterdir())) == 1

        tray = Tray()

    assert not folder.parent.exists()
    assert [path.name for path in temporary.iterdir()] == [tray._folder.parent.name]


def test_a_process_that_ends_leaves_nothing(temporary: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", APP.replace("time.sleep(60)", "")], cwd=ROOT, input=picture(), check=True,
        env=os.environ | {"TMPDIR": str(temporary), "TEMP": str(temporary)}, stdout=subprocess.DEVNULL,
    )  # fmt: skip

    assert list(temporary.iterdir()) == []


def test_files_of_a_process_that_lives_stay(temporary: Path) -> None:
    with another_app(temporary) as (_, folder):
        Tray()

        assert len(list(folder.iterdir())) == 1


def test_folders_that_only_look_like_ours_stay(temporary: Path) -> None:
    theirs, elsewhere = temporary / "digitscope-theirs", temporary / "elsewhere"
    for folder in (theirs, elsewhere):
        folder.mkdir()
        (folder / "thesis.txt").write_text("years of work")
    (elsewhere / uploads.LOCK_FILE).touch()
    (temporary / "digitscope-link").symlink_to(elsewhere, target_is_directory=True)
    (temporary / "digitscope-file").touch()

    Tray()

    assert (theirs / "thesis.txt").exists()
    assert (elsewhere / "thesis.txt").exists()
    assert (temporary / "digitscope-file").exists()


def test_sessions_of_one_process_share_a_folder_and_none_removes_another(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Tray(), Tray()
    first.add("a.png", picture())
    monkeypatch.setattr(uploads, "_rooms", [])  # as when Streamlit loads changed code anew
    Tray()

    assert first._folder.parent == second._folder.parent
    assert first.data(first.upload(1)) == picture()


def test_a_temporary_folder_that_somebody_cleared_is_made_anew(temporary: Path) -> None:
    (Tray()._folder.parent / uploads.LOCK_FILE).unlink()

    tray = Tray()
    tray.add("a.png", picture())

    assert tray.data(tray.upload(1)) == picture()


def test_a_folder_that_was_swept_away_before_it_was_locked_is_made_again(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_acquired = process.acquired

    def quicker(held: FileLock) -> bool:
        monkeypatch.setattr(process, "acquired", really_acquired)
        Path(held.lock_file).parent.rmdir()
        return False

    monkeypatch.setattr(process, "acquired", quicker)

    tray = Tray()
    tray.add("a.png", picture())

    assert tray.data(tray.upload(1)) == picture()


def test_a_file_goes_when_it_is_removed_unless_an_equal_one_stays() -> None:
    tray = Tray()
    for name in ("a.png", "b.png"):
        tray.add(name, picture())

    tray.remove(1)
    assert tray.data(tray.upload(2)) == picture()
    tray.remove(2)
    assert list(tray._folder.iterdir()) == []


@pytest.mark.parametrize(("limit", "value", "reason"), [("MOST_PAGES", 4, "4 pages"), ("MOST_BYTES", 100, "no room")])
def test_what_does_not_fit_is_refused_with_the_limit(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int, reason: str
) -> None:
    monkeypatch.setattr(uploads, limit, value)
    tray = Tray()
    tray.add("a.tif", pages("TIFF", 3))
    tray.add("b.tif", pages("TIFF", 3))

    assert reason in str(tray.upload(2).error)


def test_files_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_FILES", 2)
    tray = Tray()
    for _ in range(5):
        tray.add("a.png", picture())

    assert len(tray.uploads) == 2
    assert tray.left_out == 3
    tray.remove(1)
    assert tray.left_out == 0, "there is room again"
    tray.clear()
    tray.add("b.png", picture())
    assert tray.uploads[0].number == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("photo.jpg", "photo.jpg"),
        ("two\nlines\t.png", "two\\nlines\\t.png"),
        ("turned\u202egnp.exe", "turned\\u202egnp.exe"),
        ("", "no name"),
        ("<script>alert(1)</script>.png", "<script>alert(1)</script>.png"),
    ],
)
def test_a_name_is_shown_on_one_line(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_a_long_name_is_shortened_and_keeps_its_suffix() -> None:
    shown = shown_name("n" * 296 + ".png")

    assert len(shown) == uploads.SHOWN_LETTERS
    assert shown.endswith("n.png")
    assert "…" in shown


def test_nothing_breaks_out_of_a_code_span() -> None:
    assert as_code("a`b``<i>") == "`a'b''<i>`"
