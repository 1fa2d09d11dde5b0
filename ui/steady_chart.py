"""A chart that changes while it is looked at and is never blank.

Streamlit 1.67 takes a chart whose figure has changed off the page and builds another, measured only after the browser
may have painted: now and then a frame has no chart, and a chart that blinks is hard to watch. Here two sheets lie on
each other. A changed figure goes to the one below, which comes to the top once its curves are drawn.
"""

from __future__ import annotations

from typing import NamedTuple

import plotly.graph_objects as go
import streamlit as st

from ui import charts

# What of a sheet tells that its figure is drawn: the chart before it is kept for a while, and a new one waits unseen
# for its width.
_DRAWN = '.stElementContainer:not([data-retained="true"]) .js-plotly-plot:not([style*="visibility"]) .trace'
VISIT = "steady_visit"
"""In the session: how often the visitor went to another page."""
STYLE = f"""
<style>
[class*="st-key-steady_"] {{ display: grid; grid-template-columns: minmax(0, 1fr); }}
[class*="st-key-steady_"] > * {{ grid-area: 1 / 1; }}
[class*="st-key-steady_"]:has(.newest-0):has([class*="st-key-sheet_0_"] {_DRAWN}) [class*="st-key-sheet_1_"],
[class*="st-key-steady_"]:has(.newest-1):has([class*="st-key-sheet_1_"] {_DRAWN}) [class*="st-key-sheet_0_"] {{
  visibility: hidden;
}}
</style>
"""
"""For `st.html`, once on every page."""


class _Sheet(NamedTuple):
    """A figure, the same as JSON to be compared with others (one with gaps is not equal to itself), and its words."""

    figure: go.Figure
    drawn: str
    alt: str


class _Kept(NamedTuple):
    """What a session knows of a chart: what it is about, its sheets, and which of them has the latest figure."""

    about: str
    sheets: tuple[_Sheet, ...]
    newest: int


def steady_chart(figure: go.Figure, *, key: str, about: str, alt: str) -> None:
    """Draw `figure` over what stood under this key before, which stays until the new one is there.

    One that changes again before the browser has drawn it may blink.

    Args:
        figure: With one trace at least, by which the browser knows that it is drawn.
        key: Of this chart in the session.
        about: What is shown. A chart about something else begins anew, as does one on a page that was left.
        alt: What it shows, for those who do not see it.
    """
    subject = f"{about} of visit {st.session_state.get(VISIT, 0)}"
    kept: _Kept = st.session_state.get(_place(key), _Kept("", (), 0))
    sheets, newest = kept.sheets, kept.newest
    now = _Sheet(figure, figure.to_json(), alt)
    if kept.about != subject:
        sheets, newest = (now,), 0
    elif (sheets[newest].drawn, sheets[newest].alt) != (now.drawn, now.alt):
        newest = 1 - newest
        sheets = (*sheets[:newest], now, *sheets[newest + 1 :])
    with st.container(key=f"steady_{key}"):
        for number, sheet in enumerate(sheets):
            with st.container(key=f"sheet_{number}_{key}"):
                st.plotly_chart(sheet.figure, key=f"{key}_{number}", config=charts.CONFIG, alt=sheet.alt)
        # Markdown is changed where it stands; of `st.html` the old one would stay beside the new one for a while.
        st.markdown(f'<span class="newest-{newest}"></span>', unsafe_allow_html=True)
    st.session_state[_place(key)] = _Kept(subject, sheets, newest)


def forget(key: str) -> None:
    """Where the chart is not shown for now: so that it does not come back with what it showed before."""
    st.session_state.pop(_place(key), None)


def _place(key: str) -> str:
    return f"steady_sheets_{key}"
