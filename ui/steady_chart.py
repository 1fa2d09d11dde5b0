"""A chart that changes while it is looked at and is never blank.

Streamlit 1.67 takes a chart whose figure has changed off the page and builds another, measured only after the browser
may have painted: now and then a frame has no chart, and a chart that blinks is hard to watch. Here two sheets lie on
each other. A changed figure goes to the one below, which comes to the top once its curves are drawn.
"""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from ui import charts

# What of a sheet tells that its figure is drawn: the chart before it is kept for a while, and a new one waits unseen
# for its width.
_DRAWN = '.stElementContainer:not([data-retained="true"]) .js-plotly-plot:not([style*="visibility"]) .trace'
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


def steady_chart(figure: go.Figure, *, key: str, alt: str) -> None:
    """Draw `figure` over what stood under this key before, which stays until the new one is there.

    Args:
        figure: With one trace at least, by which the browser knows that it is drawn.
        key: Of this chart in the session.
        alt: What it shows, for those who do not see it.
    """
    kept = f"steady_sheets_{key}"
    sheets, newest = st.session_state.get(kept, ([(figure, alt)], 0))
    if sheets[newest] != (figure, alt):
        newest = 1 - newest
        sheets = [*sheets[:newest], (figure, alt), *sheets[newest + 1 :]]
    st.session_state[kept] = sheets, newest
    with st.container(key=f"steady_{key}"):
        for number, (drawn, says) in enumerate(sheets):
            with st.container(key=f"sheet_{number}_{key}"):
                st.plotly_chart(drawn, key=f"{key}_{number}", config=charts.CONFIG, alt=says)
        # Markdown is changed where it stands; of `st.html` the old one would stay beside the new one for a while.
        st.markdown(f'<span class="newest-{newest}"></span>', unsafe_allow_html=True)
