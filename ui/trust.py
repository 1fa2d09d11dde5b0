"""How far a model's confidence can be trusted, as its card tells it: two charts on the home page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

import streamlit as st

from core.card import Card
from ui.charts import CONFIG
from ui.trust_charts import Curve, reliability_diagram, risk_coverage_curve

# What a card calls the digits that were looked at, and what they are.
SETS = {"mnist_test": "MNIST's test digits", "pens": "digits drawn by strangers"}
RELIABILITY = "count", "confidence", "accuracy"
RISK_COVERAGE = "coverage", "error", "threshold"
# Nobody has looked at so many answers.
MOST = 1e12


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
        charts = (
            (
                "Is it right as often as it says?",
                reliability_diagram(groups),
                "Each disc is ten answers or more of like confidence, the larger, the more. On the line, it is right "
                "just as often as it says; below, it is too sure.",
            ),
            (
                "How much is wrong, if it may leave some open?",
                risk_coverage_curve(points),
                "Answers below some confidence are left to a person. The fewer digits it answers, the fewer of its "
                "answers are wrong.",
            ),
        )
        for column, (question, figure, explanation) in zip(st.columns(2, gap="medium"), charts, strict=True):
            with column:
                st.markdown(f"**{question}**")
                st.plotly_chart(figure, config=CONFIG, alt=question)
                st.caption(explanation)


def _curves(card: Card, what: str, columns: tuple[str, ...]) -> dict[str, Curve]:
    """A curve for each set of digits that was looked at; a foreign card may hold anything under its name."""
    found = {name: card.figures.get(f"{key}_{what}") for key, name in SETS.items()}
    return {name: values for name, values in found.items() if _is_curve(values, columns)}


def _is_curve(values: object, columns: tuple[str, ...]) -> TypeGuard[Curve]:
    if not isinstance(values, Mapping):
        return False
    lists = [values.get(column) for column in columns]
    lengths = {len(one) for one in lists if isinstance(one, list)}
    return (
        all(isinstance(one, list) for one in lists)
        and len(lengths) == 1
        and 0 not in lengths
        and all(_is_number(value, MOST if column == "count" else 1) for column in columns for value in values[column])
    )


def _is_number(value: object, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most
