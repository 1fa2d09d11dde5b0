"""The Upload page, walked with Streamlit's own test client: what comes in, what is read, what is said of the rest."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.models import ModelStore
from tests.core.pictures import encode, encrypted_pdf, pages, png_header, scene
from tests.ui.conftest import publish
from ui import camera_check, intake, page_view, results
from ui.desk import Desk
from ui.uploads import PageKey

PAGE = "pages/upload.py"
FORMULA = "=HYPERLINK('x').png"


def written(bars: int = 2, *, lines: int = 1) -> bytes:
    """A picture of upright strokes, each of which the test's model takes for a 7."""
    pixels = np.full((60 + 80 * lines, 240, 3), 240, np.uint8)
    for line in range(lines):
        for bar in range(bars):
            pixels[40 + 80 * line : 90 + 80 * line, 40 + 40 * bar : 47 + 40 * bar] = 30
    return encode("PNG", pixels)


def nothing() -> bytes:
    return encode("PNG", np.full((100, 120, 3), 235, np.uint8))


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Go to the page where the app is not there yet, and drop files."""
    if not app.title or app.title[0].value != "Upload":
        app.switch_page(PAGE).run()
    app.file_uploader[0].set_value([(name, data, "application/octet-stream") for name, data in files])
    return app.run()


def said(app: AppTest) -> str:
    """Everything the page says."""
    elements = (*app.title, *app.header, *app.subheader, *app.markdown, *app.caption, *app.error, *app.code)
    return "\n".join(element.value for element in elements)


def column(app: AppTest, name: str) -> list[object]:
    """A column of the table of results."""
    return [None if value != value else value for value in app.dataframe[0].value[name]]


def list_of_pages(app: AppTest) -> Any:
    return next(box for box in app.selectbox if box.label == "Look at")


def labels(app: AppTest, kind: str) -> list[str]:
    return [element.proto.label for element in app.get(kind)]


# Nothing yet


def test_an_empty_desk_invites_with_samples_and_asks_for_no_camera(app: AppTest) -> None:
    app.switch_page(PAGE).run()

    assert not app.exception
    assert "Or try one of these pages" in said(app)
    assert len([button for button in app.button if button.key.startswith("upload_sample_")]) == 6
    assert not app.get("camera_input")
    assert not app.dataframe


def test_the_camera_is_there_once_it_is_asked_for(app: AppTest) -> None:
    app.switch_page(PAGE).run()
    app.toggle(key="upload_camera").set_value(True).run()

    assert not app.exception
    assert app.get("camera_input")


def test_what_keeps_a_camera_from_being_used_is_said(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "problem", lambda *_: camera_check.PROBLEMS["missing"])
    app.switch_page(PAGE).run()
    app.toggle(key="upload_camera").set_value(True).run()

    assert "Your browser finds no camera" in app.warning[0].value


# What is read


def test_a_picture_is_read_and_can_be_taken_away(app: AppTest) -> None:
    upload(app, ("photo.png", written(2)))

    assert not app.exception
    assert not app.error
    assert app.code[0].value == "77"
    assert "that all of it is right" in said(app)
    assert labels(app, "download_button") == ["Picture (PNG)", "CSV", "JSON", "Pictures (ZIP)"]
    assert column(app, "text") == ["77"]


def test_several_lines_have_a_confidence_each(app: AppTest) -> None:
    upload(app, ("photo.png", written(3, lines=2)))

    assert app.code[0].value == "777\n777"
    assert column(app, "line") == [1, 2]
    assert app.selectbox(key="upload_1_1_line_of_2").options == ["1: 777", "2: 777"]
    assert len(app.get("plotly_chart")) == 1


def test_a_digit_is_chosen_and_explained(app: AppTest) -> None:
    upload(app, ("photo.png", written(3)))
    app.toggle(key="upload_explain").set_value(True).run()

    assert not app.exception
    assert "runner-up" in said(app)
    assert "speaks for a 7" in said(app)


def test_the_steps_are_shown_in_order_when_they_are_opened(app: AppTest) -> None:
    upload(app, ("photo.png", written(2)))
    closed = said(app)
    app.session_state["upload_steps"] = True
    app.run()

    assert "**1. Upright**" not in closed
    names = [word.value.split("**")[1] for word in app.markdown if word.value.startswith("**")]
    assert [name.split(". ")[0] for name in names] == [str(number) for number in range(1, len(names) + 1)]
    assert names[0] == "1. Upright"
    assert names[-1].endswith("Lines")


def test_a_sample_is_read_with_one_click(app: AppTest) -> None:
    app.switch_page(PAGE).run()
    app.button(key="upload_sample_Form").click().run()

    assert not app.exception
    assert column(app, "file")[0] == "1. Form.png"
    assert app.code


def test_a_browser_that_has_not_heard_of_the_new_page_does_not_choose_the_old_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session: dict[str, object] = {}
    monkeypatch.setattr(page_view, "st", SimpleNamespace(session_state=session))
    first, second, third = (PageKey(1, number) for number in (1, 2, 3))
    desk = Desk()
    before = page_view._list_of_pages(first)
    desk.shown = second  # by Next
    now = page_view._list_of_pages(second)

    session[before] = first
    page_view._choose(desk, before)
    assert desk.shown == second

    session[now] = third
    page_view._choose(desk, now)
    assert desk.shown == third
    assert page_view._list_of_pages(third) == now


def test_every_page_of_a_document_can_be_looked_at(app: AppTest) -> None:
    upload(app, ("scan.tif", pages("TIFF", 3, height=60)))
    page = list_of_pages(app)
    assert page.options == [f"1. scan.tif, page {number} of 3" for number in (1, 2, 3)]

    app.button(key="upload_Next").click().run()
    assert list_of_pages(app).value == (1, 2)
    app.button(key="upload_Next").click().run()
    assert app.button(key="upload_Next").disabled
    list_of_pages(app).select_index(0).run()
    assert app.button(key="upload_Previous").disabled
    assert not app.exception


def test_files_come_one_after_the_other_and_the_newest_is_open(app: AppTest) -> None:
    upload(app, ("a.png", written(1)))
    upload(app, ("b.png", written(3)))

    assert column(app, "text") == ["7", "777"]
    assert app.code[0].value == "777"


def test_two_equal_files_stand_side_by_side(app: AppTest) -> None:
    upload(app, ("same.png", written(2)), ("same.png", written(2)))
    list_of_pages(app).select_index(1).run()

    assert not app.exception
    assert column(app, "file") == ["1. same.png", "2. same.png"]
    assert list_of_pages(app).value == (2, 1)
    app.button(key="upload_remove").click().run()
    assert column(app, "file") == ["1. same.png"]


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "BMP", "GIF", "HEIF", "PDF", "TIFF"])
def test_every_format_comes_in(app: AppTest, form: str) -> None:
    upload(app, (f"picture.{form.lower()}", encode(form, scene(120, 90))))

    assert not app.exception
    assert not app.error
    assert len(column(app, "file")) == 1


# What cannot be read


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"this was never a picture", "no readable picture"),
        (written()[:200], "cut short"),
        (png_header(60_000, 60_000), "60,000 x 60,000 pixels, more than"),
        (encrypted_pdf(), "locked with a password"),
        (encode("PDF")[:200], "cut short or damaged"),
    ],
    ids=["empty", "text", "truncated", "bomb", "encrypted", "half a PDF"],
)
def test_a_bad_file_gets_its_own_line_and_the_others_go_on(app: AppTest, data: bytes, reason: str) -> None:
    upload(app, ("bad.png", data), ("good.png", written(2)))

    assert not app.exception
    assert len(app.error) == 1
    assert "`1. bad.png`: " in app.error[0].value
    assert reason in app.error[0].value
    assert app.code[0].value == "77"
    assert reason in str(column(app, "note")[0])
    assert column(app, "text")[1] == "77"


def test_a_bad_file_alone_leaves_a_page_to_go_on_from(app: AppTest) -> None:
    upload(app, ("bad.png", b""))

    assert not app.exception
    assert said(app).count("the file is empty") == 1
    assert "1 file that cannot be read." in said(app)
    assert not app.dataframe
    assert not app.get("download_button")
    app.button(key="upload_clear").click().run()
    assert "Or try one of these pages" in said(app)


def test_a_page_that_fails_later_counts_as_one_that_cannot_be_read(app: AppTest) -> None:
    upload(app, ("bad.png", b""), ("half.png", written()[:200]), ("good.png", written()))

    assert "3 files, 2 of them cannot be read: " in said(app)


def test_a_file_that_cannot_be_read_can_be_removed_by_itself(app: AppTest) -> None:
    upload(app, ("bad.png", b""), ("good.png", written()))
    list_of_pages(app).select_index(0).run()
    assert "There is no picture to show" in said(app)

    app.button(key="upload_remove").click().run()

    assert "1 file: " in said(app)
    assert not app.error


def test_what_cannot_be_opened_is_no_page(app: AppTest) -> None:
    upload(app, ("bad.png", b""), ("scan.tif", pages("TIFF", 3, height=60)))

    assert "2 files, 1 of them cannot be read, 3 pages: " in said(app)


def test_a_picture_of_nothing_says_so(app: AppTest) -> None:
    upload(app, ("blank.png", nothing()))

    assert not app.exception
    assert "No number found" in said(app)
    assert column(app, "note") == ["no number found"]


def test_a_hundred_files_at_once_are_all_read(app: AppTest) -> None:
    files = [(f"photo {number}.png", written(1 + number % 3)) for number in range(90)]
    upload(app, *files, *((f"bad {number}.png", b"no") for number in range(10)))

    assert not app.exception
    assert column(app, "text")[:3] == ["7", "77", "777"]
    assert len(column(app, "file")) == 100
    assert app.error[0].value.count("no readable picture") == 10


@pytest.mark.parametrize(
    "name",
    ["<img src=x onerror=alert(1)>.png", "two\nlines.png", "n" * 300 + ".png", "**bold** :red[x] $x$ `y`.png", FORMULA],
    ids=["HTML", "newline", "300 letters", "Markdown", "formula"],
)
def test_a_strange_name_is_shown_as_plain_text(app: AppTest, name: str) -> None:
    upload(app, (name, written(1)), (name, b""))

    assert not app.exception
    assert column(app, "text")[0] == "7"
    line = app.error[0].value.splitlines()[1]
    assert line.startswith("- `2. ")
    assert line.count("`") == 2
    assert len(line) < 160
    for place in (*app.get("html"), *app.markdown, *app.caption):
        assert "onerror" not in str(place.proto.body)


def test_more_files_than_there_is_room_for_are_counted(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui import uploads

    monkeypatch.setattr(uploads, "MOST_FILES", 2)
    upload(app, *((f"{number}.png", written(1)) for number in range(5)))

    assert not app.exception
    assert "3 more files left out" in app.error[0].value
    assert column(app, "text") == ["7", "7"]


# Settings, stopping, staying


def test_a_changed_setting_shows_at_once_and_can_be_taken_back(app: AppTest, store: ModelStore) -> None:
    publish(store, 7, strength=3.0)
    upload(app, ("photo.png", written(2)))
    automatic = app.code[0].value
    assert [expander.label for expander in app.expander[:2]] == ["Sample pages", "Settings: automatic"]

    app.slider(key="upload_minimum").set_value(99).run()
    assert not app.exception
    assert set(app.code[0].value) == {"?"}
    assert "that cannot be read" in str(column(app, "note")[0])
    assert app.expander[1].label == "Settings: changed"
    app.button(key="upload_automatic").click().run()
    assert app.code[0].value == automatic


def test_reading_that_was_stopped_goes_on_when_wanted(app: AppTest) -> None:
    upload(app, ("a.png", written(1)))
    desk = app.session_state["upload_desk"]
    desk.take("b.tif", pages("TIFF", 3, height=60))
    desk.stopped = True
    app.run()
    assert "Stopped with 3 of 4 pages not read." in said(app)

    app.button(key="upload_go_on").click().run()
    assert not app.exception
    assert "not read" not in said(app)
    assert len(set(column(app, "page"))) == 3


def test_results_and_settings_survive_a_visit_to_another_page(app: AppTest) -> None:
    upload(app, ("a.png", written(2)), ("bad.png", b""))
    app.toggle(key="upload_cuts").set_value(False).run()
    app.switch_page("app.py").run()
    app.switch_page(PAGE).run()

    assert not app.exception
    assert app.code[0].value == "77"
    assert "the file is empty" in app.error[0].value
    assert app.toggle(key="upload_cuts").value is False


def test_a_model_published_meanwhile_reads_all_files_anew(app: AppTest, store: ModelStore) -> None:
    upload(app, ("a.png", written(2)), ("b.png", written(1)))
    publish(store, 3)
    app.run()

    assert column(app, "text") == ["33", "3"]


def test_a_model_that_goes_missing_is_a_sentence_and_the_files_stay(app: AppTest, store: ModelStore) -> None:
    upload(app, ("a.png", written(2)))
    for file in (store.root / "digitscope").iterdir():
        file.unlink()
    app.run()
    assert not app.exception
    assert "has no card.json" in app.error[0].value

    publish(store, 7)
    app.run()
    assert app.code[0].value == "77"


def test_all_files_can_be_removed(app: AppTest) -> None:
    upload(app, ("a.png", written(2)), ("b.png", written(1)))
    app.button(key="upload_clear").click().run()

    assert not app.exception
    assert not app.dataframe
    assert "Or try one of these pages" in said(app)


def test_the_formats_that_are_named_are_those_that_are_read() -> None:
    from core.images import SUFFIXES

    named = {word.strip().lower() for word in intake.FORMATS.split(",")}
    assert {suffix.removeprefix(".") for suffix in SUFFIXES} - named == {"jpg", "tif", "heif"}


def test_the_results_so_far_are_shown_while_more_is_read(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """However slowly a file is opened, each run reads a page at least, and the next goes on."""
    rows: list[int] = []
    shown = results.show_table

    def show(desk: Desk) -> None:
        rows.append(len(desk.results()))
        shown(desk)

    monkeypatch.setattr(results, "show_table", show)
    monkeypatch.setattr(results, "SHOWN_EVERY_S", 0.0)
    monkeypatch.setattr(results, "SHOWN_LATER_S", 0.0)

    upload(app, *((f"{bars}.png", written(bars)) for bars in range(1, 6)))

    assert rows == [2, 3, 4, 5]
    assert column(app, "text") == ["7" * bars for bars in range(1, 6)]
