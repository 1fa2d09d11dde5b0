"""How pictures come in: dropped files, a shot with the camera, or a sample page; all of them land in the tray."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from core.commands.pictures import png
from core.synthesis.samples import sample_pages
from ui.camera_check import problem
from ui.desk import Desk
from ui.picture_files import thumbnail_url
from ui.uploads import MOST_FILES, MOST_PAGES

# Shown about 260 wide, twice that on a fine screen.
SAMPLE_PX = 520
FORMATS = "PNG, JPEG, WebP, BMP, GIF, HEIC, TIFF, PDF"


class Sample(NamedTuple):
    """A page of the gallery: its file, a small picture of it inside an address, and what is hard about it."""

    png: bytes
    thumbnail: str
    description: str


def take_files(desk: Desk) -> None:
    """The place to drop files on."""
    key = _key("files")
    st.file_uploader(
        f"Drop photos, scans and documents here: {FORMATS}",
        accept_multiple_files=True,
        key=key,
        on_change=_take_dropped,
        args=(desk, key),
        help=f"Many at once, up to {MOST_FILES} files and {MOST_PAGES:,} pages; of an animated GIF the first picture. "
        "They are read on the server that runs this page, and forgotten when you leave.",
    )


def take_shot(desk: Desk) -> None:
    """The camera, once it is asked for: a browser wants permission as soon as it is there."""
    if not st.toggle("Use the camera", key="upload_camera", help="Your browser will ask whether it may."):
        return
    hindrance = problem("upload_shot", 0)
    if hindrance:
        st.warning(hindrance, icon=":material/no_photography:")
    key = _key("shot")
    st.camera_input(
        "Hold the sheet so that it fills the picture", key=key, on_change=_take_shot, args=(desk, key), width=480
    )


def offer_samples(desk: Desk) -> None:
    """Pages of our own making to try with one click."""
    with st.container(key="bare_pictures_upload"):
        for name, sample in _samples().items():
            with st.container(gap="xsmall"):
                st.image(sample.thumbnail, width="stretch", alt="")
                st.button(
                    name,
                    on_click=_take_sample,
                    args=(desk, name),
                    key=f"upload_sample_{name}",
                    help=sample.description,
                    width="stretch",
                )


def _take_dropped(desk: Desk, key: str) -> None:
    desk.show_first([desk.take(dropped.name, dropped.getvalue()) for dropped in st.session_state[key] or ()])
    _renew("files")


def _take_shot(desk: Desk, key: str) -> None:
    shot = st.session_state[key]
    if shot is not None:
        count = sum(upload.name.startswith("Camera ") for upload in desk.tray.uploads)
        desk.show_first([desk.take(f"Camera {count + 1}.jpg", shot.getvalue())])
    _renew("shot")


def _take_sample(desk: Desk, name: str) -> None:
    desk.show_first([desk.take(f"{name}.png", _samples()[name].png)])


def _key(name: str) -> str:
    """The widget's key. A new one empties it: what it held lies in the tray then, not twice in memory."""
    return f"upload_{name}_{st.session_state.setdefault(f'upload_{name}_round', 0)}"


def _renew(name: str) -> None:
    st.session_state[f"upload_{name}_round"] += 1


@st.cache_data(show_spinner="Writing sample pages")
def _samples() -> dict[str, Sample]:
    """The gallery by name."""
    return {
        name: Sample(png(page.image.pixels), thumbnail_url(page.image.pixels, SAMPLE_PX), description)
        for name, description, page in sample_pages()
    }
