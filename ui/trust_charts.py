"""Plotly figures of how far a model's confidence can be trusted. Colors come from the app's theme, light or dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import plotly.graph_objects as go

from ui.charts import QUIET

HEIGHT_PX = 280
LARGEST_PX = 26
LEAST_COUNT = 10
"""Of fewer answers, chance decides which share is right."""

Curve = Mapping[str, Sequence[float]]


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
