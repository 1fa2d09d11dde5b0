"""Two sheets for one chart. That no frame is blank is seen in a browser: tests/e2e, test_train.py, test_draw.py."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest


def _page() -> None:
    import plotly.graph_objects as go
    import streamlit as st

    from ui.steady_chart import steady_chart

    height = st.number_input("Height", value=1)
    steady_chart(go.Figure(go.Scatter(y=[0, height])), key="growth", alt=f"Grown to {height}.")


def on_top(app: AppTest) -> str:
    return str(app.markdown[0].value)


def sheets(app: AppTest) -> list[tuple[float, str]]:
    charts = [chart.proto for chart in app.get("plotly_chart")]
    return [(json.loads(chart.spec)["data"][0]["y"][1], chart.alt) for chart in charts]


def test_a_changed_figure_is_drawn_on_the_sheet_below_and_the_one_seen_so_far_stays_as_it_is() -> None:
    app = AppTest.from_function(_page).run()
    assert sheets(app) == [(1, "Grown to 1.")]
    first = on_top(app)

    app.number_input[0].set_value(2).run()
    assert sheets(app) == [(1, "Grown to 1."), (2, "Grown to 2.")]
    second = on_top(app)
    assert second != first

    app.number_input[0].set_value(3).run()
    assert sheets(app) == [(3, "Grown to 3."), (2, "Grown to 2.")]
    assert on_top(app) == first


def test_an_unchanged_figure_stays_on_its_sheet() -> None:
    app = AppTest.from_function(_page).run()
    app.number_input[0].set_value(2).run()
    before = sheets(app), on_top(app)

    app.run()

    assert (sheets(app), on_top(app)) == before
