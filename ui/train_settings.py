"""What a visitor may set about a training: presets, every setting behind them, a sentence for each that is wrong.

Widgets hold the settings, under keys that begin with `train_`; a preset fills them.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, NamedTuple

import streamlit as st

from core.augmentation import Augmentation
from core.datasets import sources
from core.errors import DigitscopeError
from core.network_plans import network
from core.processor import has_fast_bfloat16
from core.runs.estimate import estimate
from core.runs.plan import RunPlan, free_name
from core.runs.presets import Preset, presets
from core.training_plan import TrainingSettings
from ui import resources, train_form
from ui.wording import duration, sentence

# Settings of TrainingSettings that a widget of the same name holds.
_DIRECT = (
    "network", "epochs", "batch_size", "optimizer", "learning_rate", "schedule", "dropout", "seed", "warmup_epochs",
    "weight_decay", "label_smoothing", "averaging",
)  # fmt: skip


class Draft(NamedTuple):
    """What the widgets say. plan: None where something is wrong, with a sentence for each thing in `wrong`."""

    plan: RunPlan | None
    wrong: tuple[str, ...]


def choose_settings() -> Draft:
    """Presets and settings."""
    offered = {preset.title: preset for preset in presets()}
    if "train_network" not in st.session_state:
        _fill(presets()[0])
        st.session_state["train_preset"] = presets()[0].title
    title = st.segmented_control(
        "How much time is there?",
        list(offered),
        key="train_preset",
        on_change=lambda: _fill(offered.get(st.session_state["train_preset"])),
        persist_state="session",
        help="Fills in the settings below; each of them can be changed.",
    )
    chosen = draft()
    about = "Settings of your own."
    if title in offered and (chosen.plan is None or _is_of(offered[title], chosen.plan)):
        about = offered[title].about
    st.markdown(about + (f" {_expectation(chosen.plan)}" if chosen.plan else ""))
    with st.expander("All settings", icon=":material/tune:", key="train_settings"):
        train_form.data()
        train_form.network()
        train_form.course()
        train_form.augmentation()
    return chosen


def _is_of(preset: Preset, plan: RunPlan) -> bool:
    """Whether a plan is still the preset's, but for its seed."""
    dropout = network(preset.settings.network).dropout
    settings = replace(
        preset.settings,
        seed=plan.settings.seed,
        half_precision=plan.settings.half_precision,
        dropout=dropout if preset.settings.dropout is None else preset.settings.dropout,
    )
    return (settings, preset.dataset, preset.share) == (plan.settings, plan.dataset, plan.share)


def _expectation(plan: RunPlan) -> str:
    expected = estimate(plan, resources.runs().root)
    how = "as measured in earlier runs" if expected.measured else "estimated"
    return f"It takes **about {duration(expected.seconds)}** on this machine, {how}."


def _fill(preset: Preset | None) -> None:
    """Put a preset's settings into the widgets."""
    if preset is None:
        return
    state, settings = st.session_state, preset.settings
    for name in _DIRECT:
        state[f"train_{name}"] = getattr(settings, name)
    if settings.dropout is None:
        state["train_dropout"] = network(settings.network).dropout
    state["train_dataset"] = preset.dataset
    state["train_share"] = round(100 * preset.share)
    known = (name for name, augmentation in train_form.AUGMENTATIONS.items() if augmentation == settings.augmentation)
    state["train_augmentation"] = next(known, train_form.OWN)
    for spec in fields(Augmentation):
        state[f"train_{spec.name}"] = float(getattr(settings.augmentation, spec.name))


def draft() -> Draft:
    """The plan that the widgets say; they hold what was typed before the page runs."""
    state = st.session_state
    given: dict[str, Any] = {name: state[f"train_{name}"] for name in _DIRECT}
    given["half_precision"] = has_fast_bfloat16()
    wrong = _wrong_ones(given)
    augmentation, dataset = train_form.chosen_augmentation(), state["train_dataset"]
    if "pens" in dataset and sources.find(sources.PENDIGITS) is None:
        wrong.append(
            "The recorded pens are not on this machine; choose other data, or put the file named in the README into a "
            "data folder."
        )
    stored = resources.store().names()
    if (typed := state.get("train_name")) in stored:
        wrong.append(f"There is a model '{typed}' already; choose another name.")
    if wrong:
        return Draft(None, tuple(wrong))
    taken = {*stored, *(run.plan.name for run in resources.runs().runs())}
    name = typed or free_name(f"{given['network']}-{dataset.replace('+', '-')}", taken)
    try:
        settings = TrainingSettings(**given, augmentation=augmentation)
        return Draft(RunPlan(name=name, dataset=dataset, share=state["train_share"] / 100, settings=settings), ())
    except DigitscopeError as error:
        return Draft(None, (sentence(str(error)),))


def _wrong_ones(given: dict[str, Any]) -> list[str]:
    """A sentence for each setting that cannot be."""
    sentences = []
    for name, value in given.items():
        try:
            if value is None:
                sentences.append(f"The field {name.replace('_', ' ')} is empty; fill it in.")
            else:
                TrainingSettings(**{name: value})
        except DigitscopeError as error:
            sentences.append(sentence(str(error)))
    return sentences
