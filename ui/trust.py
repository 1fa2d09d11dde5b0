"""How far a model's confidence can be trusted, as its card tells it: two charts on the home page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any, TypeGuard

import plotly.graph_objects as go
import streamlit as st

from core.card import Card
from ui.charts import CONFIG, QUIET

# What a card calls the digits that were looked at, and what they are.
SETS = {"mnist_test": "MNIST's test digits", "pens": "digits drawn by strangers"}
RELIABILITY = "count", "confidence", "accuracy"
RISK_COVERAGE = "coverage", "error", "threshold"
HEIGHT_PX = 280
LARGEST_PX = 26
LEAST_COUNT = 10
"""Of fewer answers, chance decides which share is right."""

Curve = Mapping[str, Sequence[float]]


def show_trust(card: Card) -> None:
    """Whether it is right as often as it says, and how many mistakes are left where it may leave digits open.

    Nothing, where the card holds no such figures.
    """
    groups, points = _curves(card, "reliability", RELIABILITY), _curves(card, "risk_coverage", RISK_COVERAGE)
    if not groups or not points:
        return
    with st.expander(
        "How far its confidence can be trusted", icon=":material/balance:", key="home_trust", on_change="rerun"
    ):
        if not st.session_state.get("home_trust"):
            return
        left, right = st.columns(2, gap="medium")
        with left:
            st.markdown("**Is it right as often as it says?**")
            st.plotly_chart(reliability_diagram(groups), config=CONFIG, key="home_reliability")
            st.caption(
                "Each disc is ten answers or more of like confidence, the larger, the more. On the line, it is right "
                "just as often as it says; below, it is too sure."
            )
        with right:
            st.markdown("**How much is wrong, if it may leave some open?**")
            st.plotly_chart(risk_coverage_curve(points), config=CONFIG, key="home_risk_coverage")
            st.caption(
                "Answers below some confidence are left to a person. The fewer digits it answers, the fewer of its "
                "answers are wrong."
            )


def reliability_diagram(sets: Mapping[str, Curve]) -> go.Figure:
    """Confidence against the share that is right, a disc for each group of `LEAST_COUNT` answers or more.

    sets: by what the digits are: `count`, `confidence` and `accuracy` (0 to 1) of the groups.
    """
    figure = go.Figure()
    for name, groups in sets.items():
        filled = [
            (count, 100 * said, 100 * right)
            for count, said, right in zip(groups["count"], groups["confidence"], groups["accuracy"], strict=True)
            if count >= LEAST_COUNT
        ]
        most = max((count for count, _, _ in filled), default=1)
        figure.add_scatter(
            name=name,
            x=[said for _, said, _ in filled],
            y=[right for _, _, right in filled],
            mode="markers",
            cliponaxis=False,
            marker={"size": [6 + (LARGEST_PX - 6) * sqrt(count / most) for count, _, _ in filled], "opacity": 0.75},
            customdata=[count for count, _, _ in filled],
            hovertemplate="says %{x:.1f}%, right %{y:.1f}% of %{customdata:,}<extra></extra>",
        )
    figure.add_scatter(
        x=[0, 100], y=[0, 100], mode="lines", line={"color": QUIET, "dash": "dot"}, hoverinfo="skip", showlegend=False
    )
    percent = {"range": [-4, 106], "fixedrange": True, "tickvals": [0, 25, 50, 75, 100]}
    _lay_out(figure, {"title": "it says, %", **percent}, {"title": "it is right, %", **percent})
    return figure


def risk_coverage_curve(sets: Mapping[str, Curve]) -> go.Figure:
    """The share of digits that are answered against the share of these that are wrong.

    sets: by what the digits are: `coverage`, `error` and `threshold` (0 to 1) of the points.
    """
    figure = go.Figure()
    for name, points in sets.items():
        figure.add_scatter(
            name=name,
            x=[100 * share for share in points["coverage"]],
            y=[100 * share for share in points["error"]],
            mode="lines+markers",
            marker={"size": 5},
            customdata=[100 * share for share in points["threshold"]],
            hovertemplate="%{x:.1f}% answered, from %{customdata:.1f}% confidence on: %{y:.2f}% wrong<extra></extra>",
        )
    _lay_out(
        figure,
        {"title": "digits that it answers, %", "fixedrange": True},
        {"title": "wrong among them, %", "rangemode": "tozero", "fixedrange": True},
    )
    return figure


def _lay_out(figure: go.Figure, x: dict[str, Any], y: dict[str, Any]) -> None:
    figure.update_layout(
        height=HEIGHT_PX,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis=x,
        yaxis=y,
    )


def _curves(card: Card, what: str, columns: tuple[str, ...]) -> dict[str, Curve]:
    """A curve for each set of digits that was looked at; a foreign card may hold anything under its name."""
    found = {name: card.figures.get(f"{key}_{what}") for key, name in SETS.items()}
    return {name: values for name, values in found.items() if _is_curve(values, columns)}


def _is_curve(values: object, columns: tuple[str, ...]) -> TypeGuard[Curve]:
    if not isinstance(values, Mapping):
        return False
    lists = [values.get(column) for column in columns]
    return (
        all(isinstance(one, list) and all(isinstance(value, int | float) for value in one) for one in lists)
        and len({len(one) for one in lists if isinstance(one, list)}) == 1
    )
