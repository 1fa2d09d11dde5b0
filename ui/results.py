"""All results together: how many, what could not be read, the table, and what there is to take away."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from core.commands.pictures import Names
from core.reading import Line
from core.results import Result, to_csv
from ui.desk import Desk
from ui.uploads import MOST_FILES, PageKey, Upload, as_code, file_label, page_label
from ui.wording import rounded_down

HEAD_PX = 38
ROW_PX = 46
# So often the results so far are shown while more is read; with every page that was read a little less often, since the
# table of all of them is sent anew each time.
SHOWN_EVERY_S = 2.0
SHOWN_LATER_S = 0.02
TICKED = "upload_ticked"
"""In the session: which row of the table is ticked."""
ROWS_SHOWN = 8
ERRORS_SHOWN = 6
ERRORS_PX = 220
# A photo with its digits marked has about six megabytes, and an archive is made in memory.
ARCHIVE_PAGES = 25
NO_NUMBER = "no number found"

Results = Sequence[tuple[PageKey, Result]]


def summary(desk: Desk) -> str:
    """What lies on the desk and what came of it, in a sentence."""
    lines = sum(len(result.reading.lines) for _, result in desk.results() if result.reading)
    failed = {key for key, result in desk.results() if result.error}
    files = len(desk.tray.uploads)
    unreadable = sum(failed.issuperset(upload.pages) for upload in desk.tray.uploads)
    if unreadable == files:
        return f"{_count(files, 'file')} that cannot be read."
    pages = len(desk.tray.pages) - len(failed)
    parts = [_count(files, "file")]
    if unreadable:
        parts.append(f"{unreadable:,} of them cannot be read")
    if pages != files - unreadable:
        parts.append(_count(pages, "page"))
    waiting = len(desk.pending())
    rest = f"; {waiting} not read yet" if waiting else ""
    return f"{', '.join(parts)}: {_count(lines, 'line')} of numbers{rest}."


def show_errors(desk: Desk) -> None:
    """A line for each file or page that could not be read, with its reason."""
    failed = [(key, result.error) for key, result in desk.results() if result.error]
    lines = [f"- {as_code(page_label(desk.tray.upload(key.file), key))}: {error}" for key, error in failed]
    if desk.tray.left_out:
        left_out = _count(desk.tray.left_out, "more file")
        lines.append(f"- {left_out} left out: {MOST_FILES} at a time are the limit; remove some first")
    if not lines:
        return
    with st.container(height=ERRORS_PX if len(lines) > ERRORS_SHOWN else "content", border=False):
        st.error("Could not be read:\n" + "\n".join(lines), icon=":material/error:")


def show_table(desk: Desk) -> None:
    """A row for each line of writing; the row that is chosen opens its line. Nothing where all was in vain."""
    table, rows = _table(desk)
    if not _read(desk.results()):
        return
    st.dataframe(
        table,
        key="upload_table",
        hide_index=True,
        row_height=ROW_PX,
        height=HEAD_PX + min(len(table), ROWS_SHOWN) * ROW_PX,
        on_select=partial(_open_chosen, desk, rows),
        selection_mode="single-row",
        placeholder="",
        column_order=("picture", "file", "text", "confidence", "page", "line", "note"),
        column_config={
            "picture": st.column_config.ImageColumn("Picture", width=70),
            "file": st.column_config.TextColumn("File", width=140),
            "page": st.column_config.NumberColumn("Page", width=60),
            "line": st.column_config.NumberColumn("Line", width=60),
            "text": st.column_config.TextColumn("Number", width=130),
            "confidence": st.column_config.NumberColumn("Confidence, at least", format="percent", width=150),
            "note": st.column_config.TextColumn("Note"),
        },
        alt="A row for each line of writing: its file, page, number and confidence.",
    )
    if len(table) > 1:
        st.caption("Tick a row to open it below.")


def offer_downloads(desk: Desk) -> None:
    """The results as CSV, as JSON and as pictures; each is made when it is asked for. Nothing where there are none."""
    results = desk.results()
    marked = _read(results)
    if not marked:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        _download("CSV", "digitscope.csv", "text/csv", partial(csv_file, results), "One row for each line of writing.")
        _download(
            "JSON",
            "digitscope.json",
            "application/json",
            partial(json_file, results),
            "One object for each page, with every digit's box and confidence.",
        )
        part = 0
        parts = range(0, len(marked), ARCHIVE_PAGES)
        if len(parts) > 1:
            part = st.selectbox(
                "Pictures",
                parts,
                format_func=lambda start: f"{start + 1} to {min(start + ARCHIVE_PAGES, len(marked))}",
                key=f"upload_archive_of_{len(marked)}",
                width=140,
            )
        _download(
            "Pictures (ZIP)",
            "digitscope.zip",
            "application/zip",
            partial(archive, desk, marked[part : part + ARCHIVE_PAGES]),
            "Each page as PNG with its digits marked.",
        )


def csv_file(results: Results) -> bytes:
    """The table as the command line writes it; the mark in front tells spreadsheets that it is UTF-8."""
    return to_csv(row for _, result in results for row in result.rows()).encode("utf-8-sig", "backslashreplace")


def json_file(results: Results) -> bytes:
    """A list of the command line's JSON objects, one on each line."""
    return ("[\n" + ",\n".join(json.dumps(result.to_json()) for _, result in results) + "\n]\n").encode()


def archive(desk: Desk, keys: Sequence[PageKey]) -> bytes:
    """A ZIP file of pages with their digits marked."""
    names, buffer = Names(), BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as packed:  # PNG is compressed already
        for key in keys:
            packed.writestr(f"{picture_name(desk.tray.upload(key.file), key, names)}.png", desk.annotated_png(key))
    return buffer.getvalue()


def picture_name(upload: Upload, key: PageKey, names: Names) -> str:
    """A safe name for a page's picture, without its suffix."""
    return names.of(Path(upload.name), key.page if upload.page_count > 1 else None)


def doubts(line: Line) -> str:
    """Which digits of a line to look at again, in words; empty where the reader is sure of all of them."""
    unsure = ", ".join(digit.text for digit in line.digits if digit.verdict == "unsure")
    unreadable = sum(digit.verdict == "unreadable" for digit in line.digits)
    notes = [f"not sure about {unsure}"] if unsure else []
    if unreadable:
        notes.append(f"{_count(unreadable, 'mark')} that cannot be read")
    return "; ".join(notes)


def _download(label: str, name: str, kind: str, make: partial[bytes], explanation: str) -> None:
    st.download_button(
        label, make, name, kind, key=f"upload_{name}", help=explanation, on_click="ignore", icon=":material/download:"
    )


def _read(results: Results) -> list[PageKey]:
    """The pages that could be read."""
    return [key for key, result in results if result.reading]


class _Row(NamedTuple):
    """What a row of the table is about: a page, and which of its lines, from 0."""

    page: PageKey
    line: int
    lines: int


def line_choice(key: PageKey, lines: int) -> str:
    """Where the session keeps which of so many lines of a page is looked at, from 0."""
    return f"upload_{key.file}_{key.page}_line_of_{lines}"


def _table(desk: Desk) -> tuple[pd.DataFrame, list[_Row]]:
    """The rows, and what each of them is about."""
    rows: list[dict[str, Any]] = []
    about: list[_Row] = []
    for key, result in desk.results():
        outcome, upload = desk.outcome(key), desk.tray.upload(key.file)
        place = {
            "picture": outcome.thumbnail if outcome else None,
            "file": file_label(upload),
            "page": key.page,
        }
        found = _lines(result)
        rows += [place | line for line in found]
        about += [_Row(key, line, len(found)) for line in range(len(found))]
    return pd.DataFrame(rows), about


def _lines(result: Result) -> list[dict[str, Any]]:
    if result.reading is None or not result.reading.lines:
        return [{"line": None, "text": None, "confidence": None, "note": result.error or NO_NUMBER}]
    return [
        {"line": number, "text": line.text, "confidence": rounded_down(line.confidence), "note": doubts(line)}
        for number, line in enumerate(result.reading.lines, 1)
    ]


def _open_chosen(desk: Desk, rows: Sequence[_Row]) -> None:
    chosen = st.session_state["upload_table"].selection.rows
    before: int | None = st.session_state.get(TICKED)
    st.session_state[TICKED] = ticked = chosen[0] if chosen else None
    touched = before if ticked is None else ticked
    # A tick that stayed behind when another line was opened elsewhere is taken away by who wants its line again.
    if touched is not None and touched < len(rows):
        row = rows[touched]
        desk.shown = row.page
        st.session_state[line_choice(row.page, row.lines)] = row.line


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
