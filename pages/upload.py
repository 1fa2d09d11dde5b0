"""Upload: photographs, scans and documents become numbers, and every step on the way can be looked at."""

from __future__ import annotations

import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui import intake, resources, results
from ui.desk import Desk
from ui.frame import open_page
from ui.page_view import choose_page, show_page, show_way
from ui.reading_settings import choose_settings
from ui.uploads import as_code, page_label

# Numbers to copy are what the visitor came for; a long one stays in its column of the table; a place to drop files on
# is large; samples stand in rows of one height; columns with a table below each other before the table is cut off; no
# Stop of Streamlit's own beside the page's own.
STYLE = """
<style>
.st-key-upload_numbers pre, .st-key-upload_numbers code { font-size: 1.6rem; line-height: 1.35; }
.st-key-stacked_early [data-testid="stColumn"] { min-width: min(100%, 19rem); }
[data-testid="stStatusWidget"] button { display: none; }
.st-key-upload_lines :is(th, td) { padding: 0.35rem 0.45rem; }
.st-key-upload_lines td:nth-child(2) { overflow-wrap: anywhere; min-width: 5rem; }
[data-testid="stFileUploaderDropzone"] { min-height: 6.5rem; border-style: dashed; align-items: center; }
[data-testid="stFileUploaderDropzone"] > * { margin-top: 0; margin-bottom: 0; align-self: center; }
.st-key-bare_pictures_upload { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1rem; }
.st-key-bare_pictures_upload img { aspect-ratio: 3 / 2; object-fit: cover; }
@media (max-width: 640px) {
    .st-key-bare_pictures_upload { grid-template-columns: repeat(2, minmax(0, 1fr)); }
    [data-testid="stFileUploaderDropzone"] > * { align-self: flex-start; }
}
</style>
"""


def desk_of_this_session() -> Desk:
    """What this visitor brought, wherever in the app they were in between."""
    if "upload_desk" not in st.session_state:
        st.session_state["upload_desk"] = Desk()
    desk: Desk = st.session_state["upload_desk"]
    return desk


def take_in(desk: Desk) -> None:
    """The ways in; with nothing on the desk, samples invite to try."""
    intake.take_files(desk)
    intake.take_shot(desk)
    if not desk.tray.uploads:
        st.subheader("Or try one of these pages")
        intake.offer_samples(desk)
        return
    with st.expander("Sample pages", icon=":material/gallery_thumbnail:", key="upload_gallery", on_change="rerun"):
        if st.session_state.get("upload_gallery"):
            intake.offer_samples(desk)


def read_the_rest(desk: Desk, place: DeltaGenerator) -> None:
    """Read on for a while, with a bar that names the page and a button that stops; what was read stays."""
    pending = desk.pending()
    if not pending:
        return
    done = desk.tray.page_count - len(pending)
    with place.container(horizontal=True, gap="small", vertical_alignment="center"):
        if desk.stopped:
            st.markdown(f"Stopped with {len(pending):,} of {desk.tray.page_count:,} pages not read.")
            st.button("Read the rest", icon=":material/play_arrow:", key="upload_go_on", on_click=go_on, args=(desk,))
            return
        bar = st.progress(done / desk.tray.page_count)
        st.button("Stop reading", icon=":material/stop:", key="upload_stop", on_click=stop, args=(desk,))
    until = time.monotonic() + max(results.SHOWN_EVERY_S, done * results.SHOWN_LATER_S)
    for more, key in enumerate(desk.read()):
        if more and time.monotonic() > until:
            return
        label = f"Reading {as_code(page_label(desk.tray.upload(key.file), key))}"
        bar.progress((done + more) / desk.tray.page_count, label)
    place.empty()


def stop(desk: Desk) -> None:
    desk.stopped = True


def go_on(desk: Desk) -> None:
    desk.stopped = False


def show_all(desk: Desk, errors: DeltaGenerator, place: DeltaGenerator) -> None:
    """All results, what there is to take away, and the way back to an empty desk; what went wrong in a place apart."""
    with errors:
        results.show_errors(desk)
    with place:
        st.header("All results")
        st.markdown(results.summary(desk))
        results.show_table(desk)
        results.offer_downloads(desk)
        # Not above the table, whose toolbar would lie over it.
        st.button(
            "Remove all files",
            icon=":material/delete_sweep:",
            key="upload_clear",
            on_click=desk.clear,
            type="tertiary",
        )


with open_page("upload") as page:
    st.html(STYLE)
    st.title(page.title)
    reader = resources.reader()
    desk = desk_of_this_session()
    take_in(desk)
    if not desk.tray.uploads:
        st.stop()
    desk.use(reader, choose_settings())
    progress, errors, above = st.empty(), st.container(), st.container()
    key = choose_page(desk)
    view = show_page(desk, key) if key else None
    below = st.container()
    if key and view:
        show_way(desk, key, view)
    place = above if len(desk.tray.pages) > 1 else below
    # The open page first, so that a changed setting shows at once. Then what is known, which the browser gets while
    # more is read: what a run draws last may never arrive where the next one begins at once.
    reading = bool(desk.pending()) and not desk.stopped
    known = not reading or len(desk.results()) > 1
    if known:
        show_all(desk, errors, place)
    read_the_rest(desk, progress)
    if reading and (known or desk.pending()):
        st.rerun()
    if not known:
        show_all(desk, errors, place)
