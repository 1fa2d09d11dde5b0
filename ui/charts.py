"""Plotly figures made from core's results. Colors come from the app's theme, light or dark."""

from __future__ import annotations

import plotly.graph_objects as go

from core.classifier import OUTCOMES
from core.reading import Digit
from ui.wording import outcome_name, percent

BARS_HEIGHT_PX = 190
# Readable on both backgrounds; what matters is in the theme's own colors.
QUIET = "#8b8fa0"
LABELED_FROM = 0.005

CONFIG = {"displayModeBar": False, "scrollZoom": False}


def probability_bars(digit: Digit) -> go.Figure:
    """Eleven bars: how likely each digit is, and "not a digit".

    The answer is filled with the theme's first color, its runner-up hatched in the second: told apart without color
    too. A bar too small for its figure is too small for hatching.
    """
    shares = [float(share) for share in digit.probabilities]
    ranked = sorted(range(OUTCOMES), key=lambda outcome: shares[outcome], reverse=True)
    roles = {"answer": ranked[:1], "runner-up": ranked[1:2], "others": sorted(ranked[2:])}
    figure = go.Figure()
    for role, outcomes in roles.items():
        figure.add_bar(
            name=role,
            x=[_label(outcome) for outcome in outcomes],
            y=[shares[outcome] for outcome in outcomes],
            text=[percent(shares[outcome]) if shares[outcome] >= LABELED_FROM else "" for outcome in outcomes],
            marker={
                "pattern": {"shape": "/" if role == "runner-up" and shares[outcomes[0]] >= LABELED_FROM else ""},
                **({"color": QUIET} if role == "others" else {}),
            },
            textposition="outside",
            textangle=0,
            constraintext="none",
            cliponaxis=False,
            hovertemplate="%{x}: %{y:.1%}<extra></extra>",
        )
    figure.update_layout(
        height=BARS_HEIGHT_PX,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        barmode="overlay",
        bargap=0.25,
        showlegend=False,
        dragmode=False,
        uirevision="probabilities",
        xaxis={
            "type": "category",
            "categoryorder": "array",
            "categoryarray": [_label(i) for i in range(OUTCOMES)],
            "range": [-0.9, OUTCOMES - 0.4],
            "fixedrange": True,
            "tickangle": 0,
            "title": None,
        },
        yaxis={"visible": False, "range": [0, 1.15], "fixedrange": True},
    )
    return figure


def _label(outcome: int) -> str:
    return outcome_name(outcome).replace("not a digit", "not a<br>digit")
