"""The numbers a visitor kept: each with its time and its picture, as a list to look at and to take away."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.reading import four_digits
from ui.picture_files import fitted, jpeg, thumbnail_url
from ui.visitor import by_their_clock
from ui.wording import rounded_down

# A picture has about 60 kilobytes.
MOST_KEPT = 100
PICTURE_PX = 960
THUMBNAIL_PX = 160
ROW_PX = 56
DOUBLE_CLICK = timedelta(seconds=2)
COLUMNS = ("time", "text", "confidence")


@dataclass(frozen=True)
class Kept:
    """One number that was kept.

    time: when, with its zone.
    text: what was read, lines parted by newlines.
    confidence: the chance that all of it is right, 0 to 1.
    picture: a JPEG file, with the digits marked. thumbnail: a small one, inside its own address.
    """

    time: datetime
    text: str
    confidence: float
    picture: bytes
    thumbnail: str


def keep(text: str, confidence: float, picture: NDArray[np.uint8]) -> None:
    """Put a number on the list, unless it is full, and say so.

    Args:
        text: what was read.
        confidence: 0 to 1.
        picture: (H, W, 3) uint8 RGB with its digits marked.
    """
    kept = _list()
    if len(kept) >= MOST_KEPT:
        st.toast(f"The list is full: {MOST_KEPT} numbers. Clear it first.", icon=":material/error:")
        return
    now = by_their_clock(datetime.now(UTC))
    if kept and kept[-1].text == text and now - kept[-1].time < DOUBLE_CLICK:
        return  # the second click of two
    kept.append(Kept(now, text, confidence, jpeg(fitted(picture, PICTURE_PX)), thumbnail_url(picture, THUMBNAIL_PX)))
    st.toast(f"Kept {text}", icon=":material/bookmark_added:")


def show_kept() -> None:
    """The list, newest first, and what there is to take away; nothing while it is empty."""
    kept = _list()
    if not kept:
        return
    st.header("Kept numbers", anchor=False)
    newest_first = kept[::-1]
    table = st.dataframe(
        pd.DataFrame(
            {
                "picture": [one.thumbnail for one in newest_first],
                "time": [f"{one.time:%H:%M:%S}" for one in newest_first],
                "text": [one.text for one in newest_first],
                "confidence": [rounded_down(one.confidence) for one in newest_first],
            }
        ),
        key=f"live_kept_{len(kept)}",
        hide_index=True,
        row_height=ROW_PX,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "picture": st.column_config.ImageColumn("Picture", width=90),
            "time": st.column_config.TextColumn("Time", width=90),
            "text": st.column_config.TextColumn("Number", width=160),
            "confidence": st.column_config.NumberColumn("Confidence", format="percent", width=110),
        },
        alt="A row for each number that was kept: its picture, time, text and confidence.",
    )
    with st.container(horizontal=True, gap="small"):
        _download("CSV", "digitscope-live.csv", "text/csv", csv_file(kept))
        _download("JSON", "digitscope-live.json", "application/json", json_file(kept))
        st.button("Clear the list", icon=":material/delete_sweep:", key="live_clear", on_click=kept.clear)
    rows = table.selection.rows
    if rows and rows[0] < len(newest_first):
        _show_one(newest_first[rows[0]])
    else:
        st.caption("Tick a row to see its picture.")


def csv_file(kept: list[Kept]) -> bytes:
    """A row for each number, oldest first; the mark in front tells spreadsheets that it is UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows((_stamp(one), one.text, f"{four_digits(one.confidence):.4f}") for one in kept)
    return text.getvalue().encode("utf-8-sig")


def json_file(kept: list[Kept]) -> bytes:
    """An object for each number, oldest first."""
    objects = [{"time": _stamp(one), "text": one.text, "confidence": four_digits(one.confidence)} for one in kept]
    return (json.dumps(objects, indent=1) + "\n").encode()


def _list() -> list[Kept]:
    kept: list[Kept] = st.session_state.setdefault("live_kept", [])
    return kept


def _show_one(one: Kept) -> None:
    st.image(one.picture, width=480, alt=f"The picture in which {one.text} was read, with a box around each digit.")
    name = f"digitscope-{one.time:%Y%m%d-%H%M%S}.jpg"
    with st.container(horizontal=True, gap="small"):
        _download("Picture", name, "image/jpeg", one.picture)
        st.button("Remove", icon=":material/delete:", key="live_remove", on_click=_remove, args=(one,))


def _remove(gone: Kept) -> None:
    """Take a number off the list; the second click of two finds it gone."""
    kept = _list()
    kept[:] = [one for one in kept if one is not gone]


def _download(label: str, name: str, kind: str, data: bytes) -> None:
    # Made beforehand: the page runs again while a file made on demand is on its way, and would take it back.
    st.download_button(
        label, data, name, kind, key=f"live_download_{label}", on_click="ignore", icon=":material/download:"
    )


def _stamp(one: Kept) -> str:
    return one.time.isoformat(timespec="milliseconds")
