"""Runs beside each other: their figures, their curves, and the settings in which they differ."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import streamlit as st

from core.errors import DigitscopeError
from core.runs import result
from core.runs.comparison import settings_side_by_side
from core.runs.store import Run
from ui import charts, resources, training_charts
from ui.train_live import WORDS
from ui.visitor import by_their_clock
from ui.wording import MNIST_ACCURACY, duration

REFRESH_S = 3.0
ROWS = 20
"""Of the table: as many as are followed without reading their events from the beginning each time."""


def label(run: Run) -> str:
    """A run among others: its model's name and when it was begun, by the visitor's clock."""
    began = by_their_clock(datetime.fromisoformat(run.plan.created))
    return f"{run.plan.name} · {began:%b} {began.day}, {began:%H:%M:%S}"


def compare(runs: tuple[Run, ...], *, busy: bool) -> None:
    """A table of the latest runs, or of those chosen, with their curves and settings; again while one is at work."""
    st.fragment(_compare, run_every=REFRESH_S if busy else None)(runs)


def _compare(runs: tuple[Run, ...]) -> None:
    st.header("Compare runs", anchor=False)
    chosen = st.multiselect(
        "Runs", runs, [], format_func=label, key="train_compared", persist_state="session",
        placeholder="Choose two or more", help="Their curves are laid over each other.",
    )  # fmt: skip
    shown = chosen or runs[:ROWS]
    st.dataframe([_row(run) for run in shown], hide_index=True, alt="A row for each run with its figures.")
    if len(runs) > ROWS and not chosen:
        st.caption(f"The latest {ROWS} of {len(runs)}; choose others above.")
    if len(chosen) < 2:
        return
    histories = {label(run): resources.follower(run).history() for run in chosen}
    left, right = st.columns(2, gap="medium")
    for place, what in ((left, "validation_accuracy"), (right, "validation_loss")):
        with place:
            st.plotly_chart(
                training_charts.overlaid(histories, what), key=f"train_overlaid_{what}", config=charts.CONFIG,
                alt=f"{what.replace('_', ' ')} of each chosen run over epochs.",
            )  # fmt: skip
    _settings(chosen)


def _row(run: Run) -> dict[str, Any]:
    history = resources.follower(run).history()
    epochs = history.epochs
    return {
        "Run": label(run),
        "State": WORDS[run.state().status][0],
        "Network": run.plan.settings.network,
        "Data": run.plan.dataset,
        "Epochs": f"{epochs[-1].done.epoch if epochs else 0} of {run.plan.settings.epochs}",
        "Validation": f"{max(epoch.done.validation_accuracy for epoch in epochs):.2%}" if epochs else "",
        "MNIST's test set": _tested(run),
        "Training time": duration(sum(epoch.done.seconds for epoch in epochs)) if epochs else "",
    }


def _tested(run: Run) -> str:
    try:
        card = result.card_of(run)
    except DigitscopeError:
        return "damaged"
    figure = card.figures.get(MNIST_ACCURACY) if card else None
    return f"{figure:.2%}" if isinstance(figure, float) else ""


def _settings(chosen: list[Run]) -> None:
    differences = settings_side_by_side([run.plan for run in chosen])
    only = st.toggle("Only settings that differ", True, key="train_only_differences")
    rows = [
        {"": "≠" if one.differs else "", "Setting": one.name}
        | {label(run): _shown(value) for run, value in zip(chosen, one.values, strict=True)}
        for one in differences
        if one.differs or not only
    ]
    if rows:
        st.dataframe(rows, hide_index=True, alt="Settings of the chosen runs; those that differ are marked.")
    else:
        st.caption("They have the same settings.")


def _shown(value: object) -> str:
    return (", ".join(value) or "none") if isinstance(value, tuple) else str(value)
