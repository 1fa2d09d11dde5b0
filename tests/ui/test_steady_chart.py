"""Two sheets for one chart. That no frame is blank is seen in a browser: tests/e2e, test_train.py, test_draw.py."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest

from ui import steady_chart


def _page() -> None:
    import plotly.graph_objects as go
    import streamlit as st

    from ui import steady_chart

    height = st.number_input("Height", value=1)
    plant = st.text_input("Plant", value="bean")
    if st.checkbox("Show", value=True):
        figure = go.Figure(go.Scatter(y=[0, height, float("nan")]))
        steady_chart.steady_chart(figure, key="growth", about=plant, alt=f"Grown to {height}.")
    else:
        steady_chart.forget("growth")


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


def grown() -> AppTest:
    """With a chart that was changed once."""
    app = AppTest.from_function(_page).run()
    app.number_input[0].set_value(2).run()
    assert len(sheets(app)) == 2
    return app


def test_a_chart_about_something_else_has_no_sheet_of_what_was_before() -> None:
    app = grown()

    app.text_input[0].set_value("pea")
    app.number_input[0].set_value(3).run()

    assert sheets(app) == [(3, "Grown to 3.")]


def test_a_chart_that_was_not_shown_for_a_while_comes_back_without_what_it_showed() -> None:
    app = grown()

    app.checkbox[0].uncheck().run()
    app.number_input[0].set_value(3)
    app.checkbox[0].check().run()

    assert sheets(app) == [(3, "Grown to 3.")]


def test_a_chart_on_a_page_that_was_left_begins_anew() -> None:
    app = grown()

    app.session_state[steady_chart.VISIT] = 1
    app.number_input[0].set_value(3).run()

    assert sheets(app) == [(3, "Grown to 3.")]
