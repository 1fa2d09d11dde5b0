"""Plotly figures of trainings. Colors come from the app's theme, light or dark.

Streamlit 1.67 makes a chart anew whenever its figure changes, whatever its key and `uirevision`: what one points at
stays explained until the next point comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

import plotly.graph_objects as go

from core.runs.history import History, Point
from ui.charts import QUIET

HEIGHT_PX = 260
CONFUSION_PX = 330
CURVE_POINTS = 400
"""More than a chart has pixels to show."""
LOGARITHMIC = {"type": "log", "tickvals": [m * 10**e for e in range(-4, 3) for m in (1, 2, 5)], "tickformat": ".3~g"}


def accuracy_curves(history: History, epochs: int) -> go.Figure:
    """Training and validation accuracy over epochs."""
    figure = go.Figure()
    points = thinned(history.points)
    _line(figure, "training", points, [100 * point.accuracy for point in points], "%{y:.1f}%")
    ends = history.epochs
    _marks(figure, "validation", history, [100 * end.done.validation_accuracy for end in ends], "%{y:.2f}%")
    settled = [
        *(point.accuracy for point in points[len(points) // 4 :]),
        *(end.done.validation_accuracy for end in ends),
    ]
    low = 100 * min(settled, default=0.0)
    _lay_out(figure, epochs, {"title": "digits right, %", "range": [max(0.0, min(95.0, low - 1)), 100.5]})
    return figure


def loss_curves(history: History, epochs: int) -> go.Figure:
    """Training and validation loss over epochs, on a logarithmic scale."""
    figure = go.Figure()
    points = thinned(history.points)
    _line(figure, "training", points, [point.loss for point in points], "%{y:.3f}")
    _marks(figure, "validation", history, [end.done.validation_loss for end in history.epochs], "%{y:.3f}")
    _lay_out(figure, epochs, {"title": "loss", **LOGARITHMIC})
    return figure


def confusion(counts: Sequence[Sequence[int]]) -> go.Figure:
    """What was read for what; digits that are right are left out of the colors, or they would drown the rest."""
    digits = [str(digit) for digit in range(len(counts))]
    wrong = [[count if row != column else 0 for column, count in enumerate(line)] for row, line in enumerate(counts)]
    shown = [[str(count) if count else "" for count in line] for line in counts]
    figure = go.Figure(
        go.Heatmap(
            z=wrong,
            x=digits,
            y=digits,
            text=shown,
            colorscale=[[0, "rgba(217,130,43,0)"], [1, "rgba(217,130,43,0.65)"]],
            showscale=False,
            xgap=1,
            ygap=1,
            hovertemplate="a %{y} read as %{x}: %{text}<extra></extra>",
        )
    )
    # A heatmap would choose colors of text by itself, and too pale ones; these are the theme's.
    cells = [(column, row) for row in digits for column in digits]
    figure.add_scatter(
        x=[column for column, _ in cells],
        y=[row for _, row in cells],
        text=[text for line in shown for text in line],
        mode="text",
        hoverinfo="skip",
        showlegend=False,
    )
    figure.update_layout(
        height=CONFUSION_PX,
        margin={"l": 0, "r": 0, "t": 24, "b": 0},
        dragmode=False,
        xaxis={"title": "read as", "side": "top", "fixedrange": True, "type": "category", "showgrid": False},
        yaxis={"title": "written", "autorange": "reversed", "fixedrange": True, "type": "category", "showgrid": False},
    )
    return figure


def overlaid(histories: Mapping[str, History], what: str) -> go.Figure:
    """One curve per run by name: "validation_accuracy" or "validation_loss" at the ends of epochs."""
    figure = go.Figure()
    dashes = ("solid", "dash", "dot", "dashdot", "longdash")
    percent = 100 if what == "validation_accuracy" else 1
    for number, (name, history) in enumerate(histories.items()):
        figure.add_scatter(
            x=[end.done.epoch for end in history.epochs],
            y=[percent * getattr(end.done, what) for end in history.epochs],
            name=name,
            mode="lines+markers",
            line={"dash": dashes[number % len(dashes)]},
            hovertemplate="%{y:.3f}",
        )
    title = "validation digits right, %" if percent == 100 else "validation loss"
    axis = {"title": title} if percent == 100 else {"title": title, **LOGARITHMIC}
    _lay_out(figure, None, axis)
    return figure


def thinned(points: Sequence[Point]) -> list[Point]:
    """At most `CURVE_POINTS` of them, the last one always."""
    step = max(1, ceil((len(points) - 1) / (CURVE_POINTS - 1)))
    return [*points[:-1:step], *points[-1:]]


def _line(figure: go.Figure, name: str, points: Sequence[Point], values: list[float], hover: str) -> None:
    figure.add_scatter(
        x=[point.position for point in points],
        y=values,
        name=name,
        mode="lines",
        line={"width": 1.5},
        hovertemplate=hover,
    )


def _marks(figure: go.Figure, name: str, history: History, values: list[float], hover: str) -> None:
    figure.add_scatter(
        x=[end.done.epoch for end in history.epochs],
        y=values,
        name=name,
        mode="lines+markers",
        line={"width": 2.5, "dash": "dot"},
        marker={"size": 8, "symbol": "diamond"},
        hovertemplate=hover,
    )


def _lay_out(figure: go.Figure, epochs: int | None, axis: Mapping[str, object]) -> None:
    figure.update_layout(
        height=HEIGHT_PX,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        dragmode=False,
        hovermode="x unified",
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        xaxis={
            "title": "epoch",
            "fixedrange": True,
            "gridcolor": f"{QUIET}22",
            **({"range": [0, epochs * 1.02]} if epochs else {}),
        },
        yaxis={"fixedrange": True, "gridcolor": f"{QUIET}33", **axis},
    )
