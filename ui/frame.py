"""What every page has around it: its title, the menu, the model in use, and a sentence instead of a traceback.

    with open_page("draw"):
        ...                      # a DigitscopeError raised here ends the page with its sentence

A page exists in the menu and on the home page when it stands in `PAGES`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from core.errors import DigitscopeError
from ui import presses, resources, steady_chart
from ui.wording import model_summary, sentence

PRODUCT = "Digitscope"
_NAMED = "model_named"
LOGO = Path(__file__).with_name("logo.svg")

# What the theme cannot say: a measure that stays readable on a large screen, less margin on a phone, and there nothing
# that only a wide screen can use; tiles that line up; no full-screen button on pictures that are buttons' faces; the
# chosen one of several buttons in the color of links, as by night the primary color is made for white text upon it.
_STYLE = """
<style>
[data-testid="stMainBlockContainer"] { max-width: 66rem; }
.st-key-tiles { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; }
[class*="st-key-tile_"] { height: 100%; }
[class*="st-key-tile_"] [data-testid="stPageLink-NavLink"] { padding-left: 0; }
[data-variant="segmented_control"][aria-checked="true"] p { color: light-dark(#2747c7, #a9baff); }
[class*="st-key-bare_pictures"] [data-testid="stElementToolbar"] { display: none; }
@media (hover: none) { /* a finger cannot hover: a table's toolbar is always there, and lies over what is above */
    [data-testid="stElementContainer"]:has([data-testid="stDataFrame"]) { margin-top: 2.5rem; }
}
@media (max-width: 640px) {
    [data-testid="stMainBlockContainer"] { padding-left: 1rem; padding-right: 1rem; }
    [class*="st-key-wide_screen_only"] { display: none; }
    .st-key-tiles { grid-template-columns: minmax(0, 1fr); }
}
</style>
"""

# On a phone the menu covers the page. Streamlit closes its own menu when a page is chosen, but not one of page links.
_CLOSE_ON_PHONE = """
<script>
{{ // of the page {page}; in braces, since all pages' scripts share one scope
    const menu = document.querySelector('[data-testid="stSidebar"][data-collapsed="false"]');
    if (menu && window.matchMedia("(max-width: 768px)").matches) {{
        menu.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
    }}
}}
</script>
"""


class Page(NamedTuple):
    """One page of the app: its file, and how menu and home page speak of it.

    invitation: what one can do there, in a sentence.
    """

    key: str
    path: str
    title: str
    icon: str
    invitation: str


PAGES = (
    Page("home", "app.py", "Home", ":material/home:", "What Digitscope does, and the model in use."),
    Page("draw", "pages/draw.py", "Draw", ":material/draw:", "Write a number with mouse, finger or pen; see it read."),
    Page(
        "upload",
        "pages/upload.py",
        "Upload",
        ":material/upload_file:",
        "Have photos, scans and documents read; see each step, take the numbers away.",
    ),
    Page(
        "live",
        "pages/live.py",
        "Live",
        ":material/videocam:",
        "Hold a number before the camera; see it read as soon as it stands still.",
    ),
    Page(
        "train",
        "pages/train.py",
        "Train",
        ":material/model_training:",
        "Teach a network to read, watch it learn, and use the model it becomes.",
    ),
)


@contextmanager
def open_page(key: str) -> Iterator[Page]:
    """Set up the page `key` of `PAGES`, draw its menu, and show a `DigitscopeError` raised inside as a sentence."""
    page = next(page for page in PAGES if page.key == key)
    title = PRODUCT if page is PAGES[0] else f"{page.title} · {PRODUCT}"
    st.set_page_config(page_title=title, page_icon=str(LOGO), layout="wide", initial_sidebar_state="auto")
    st.logo(str(LOGO), size="large")
    st.html(_STYLE + steady_chart.STYLE + presses.STYLE)
    if st.session_state.get("page_before") != key:
        st.session_state["page_before"] = key
        st.session_state[steady_chart.VISIT] = st.session_state.get(steady_chart.VISIT, 0) + 1
    with st.sidebar:
        _menu()
        st.html(_CLOSE_ON_PHONE.format(page=page.key), unsafe_allow_javascript=True)
    with sentence_instead_of_traceback():
        yield page


@contextmanager
def sentence_instead_of_traceback() -> Iterator[None]:
    """Show a `DigitscopeError` raised inside as its sentence. Fragments need their own: they run without the page."""
    try:
        yield
    except DigitscopeError as error:
        st.error(sentence(str(error)), icon=":material/error:")


def name_model(name: str) -> None:
    """Draw the page anew where its menu names another model than `name`: fragments run without it, and somebody may
    have published one since.
    """
    if st.session_state.get(_NAMED, name) != name:
        st.rerun()


def _menu() -> None:
    st.markdown(f"### {PRODUCT}")
    for page in PAGES:
        st.page_link(page.path, label=page.title, icon=page.icon, width="stretch")
    st.divider()
    _model_badge()


def _model_badge() -> None:
    """The model in use and how well it reads; a model that cannot be used says so on the page that needs it."""
    st.caption("Model in use")
    try:
        card = resources.card()
    except DigitscopeError:
        st.badge("none", icon=":material/error:", color="red")
        return
    st.session_state[_NAMED] = card.name
    st.badge(card.name, icon=":material/neurology:", color="blue")
    st.caption(model_summary(card))
    lost = resources.store().lost_choice()
    if lost is not None:
        st.caption(f":material/warning: {sentence(lost)}")
