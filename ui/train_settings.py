"""What a visitor may set about a training: presets, every setting behind them, a sentence for each that is wrong.

Widgets hold the settings, under keys that begin with `train_`; a preset fills them.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, NamedTuple

import streamlit as st

from core.augmentation import LIGHT, NONE, Augmentation
from core.datasets import sources
from core.errors import DigitscopeError
from core.network_plans import NETWORKS, network
from core.processor import has_fast_bfloat16
from core.runs.estimate import estimate
from core.runs.plan import RunPlan, free_name
from core.runs.presets import Preset, presets
from core.training_plan import SCHEDULES, TrainingSettings
from ui import resources
from ui.train_preview import show_preview
from ui.wording import duration, sentence

DATA_LABELS = {
    "all": "Everything there is",
    "mnist": "MNIST: scanned digits",
    "pens": "Pens: recorded strokes",
    "synthetic": "Drawn: digits and marks of our own making",
    "mnist+pens": "MNIST and pens",
    "mnist+synthetic": "MNIST and drawn",
    "pens+synthetic": "Pens and drawn",
    "mnist+pens+synthetic": "MNIST, pens and drawn",
}
AUGMENTATIONS: dict[str, Augmentation] = {"None": NONE, "Light": LIGHT, "Full": Augmentation()}
OWN = "My own"
SCHEDULE_LABELS = {"cosine": "Cosine to zero", "linear": "Line to zero", "constant": "Constant"}
# Two beside each other on a phone.
NUMBER_PX = 126
# Settings of TrainingSettings that a widget of the same name holds.
_DIRECT = (
    "network", "epochs", "batch_size", "learning_rate", "schedule", "dropout", "seed", "warmup_epochs", "weight_decay",
    "label_smoothing", "averaging",
)  # fmt: skip
_RANGES: dict[str, tuple[float, float, str]] = {
    "rotation_degrees": (0, 45, "Turn, degrees"),
    "shear": (0, 1, "Lean"),
    "scale": (0, 0.5, "Size"),
    "shift_px": (0, 8, "Move, pixels"),
    "elastic_px": (0, 6, "Bend, pixels"),
    "elastic_share": (0, 1, "Share that is bent"),
    "stroke_share": (0, 1, "Share with other strokes"),
    "ink_share": (0, 1, "Share with other ink"),
}


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
    first = draft()
    about = offered[title].about if title in offered else "Choose one, or set everything below."
    st.markdown(about + (f" {_expectation(first.plan)}" if first.plan else ""))
    with st.expander("All settings", icon=":material/tune:", key="train_settings"):
        _data()
        _network()
        _course()
        _augmentation()
    return draft()


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
    known = (name for name, augmentation in AUGMENTATIONS.items() if augmentation == settings.augmentation)
    state["train_augmentation"] = next(known, OWN)
    for spec in fields(Augmentation):
        state[f"train_{spec.name}"] = float(getattr(settings.augmentation, spec.name))


def draft() -> Draft:
    """The plan that the widgets say as they are now."""
    state = st.session_state
    given: dict[str, Any] = {name: state[f"train_{name}"] for name in _DIRECT}
    given["half_precision"] = has_fast_bfloat16()
    wrong = _wrong_ones(given)
    augmentation, dataset = _chosen_augmentation(), state["train_dataset"]
    if "pens" in dataset and sources.find(sources.PENDIGITS) is None:
        wrong.append(
            "The recorded pens are not on this machine; choose other data, or put the file named in the README into a "
            "data folder."
        )
    if wrong:
        return Draft(None, tuple(wrong))
    taken = {*resources.store().names(), *(run.plan.name for run in resources.runs().runs())}
    name = state.get("train_name") or free_name(f"{given['network']}-{dataset.replace('+', '-')}", taken)
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


def _data() -> None:
    with _row():
        st.selectbox(
            "Data", list(DATA_LABELS), format_func=DATA_LABELS.__getitem__, key="train_dataset",
            persist_state="session", width=300,
            help="What the network learns from. Digits of other people are kept apart to test it.",
        )  # fmt: skip
        st.slider(
            "Drawn pictures", 5, 100, key="train_share", format="%d%%", persist_state="session", width=220,
            disabled=st.session_state["train_dataset"] == "mnist",
            help="How many of the pens, drawn digits and marks to make. Making them takes time before each training.",
        )  # fmt: skip
    if "mnist" in st.session_state["train_dataset"] and sources.find(sources.MNIST_TRAIN_IMAGES) is None:
        st.caption("MNIST is not on this machine; it is downloaded first (11 MB).")


def _network() -> None:
    with _row():
        name = st.selectbox(
            "Network", list(NETWORKS), format_func=lambda one: NETWORKS[one].title, key="train_network",
            persist_state="session", width=300,
        )  # fmt: skip
        st.slider(
            "Dropout", 0.0, 0.9, step=0.05, key="train_dropout", persist_state="session", width=220,
            help="Share of the last layer's inputs left out in training, against learning by heart.",
        )  # fmt: skip
    chosen = NETWORKS[name]
    st.caption(chosen.about)
    with st.popover(f"Layers: {chosen.parameters:,} parameters", icon=":material/table_rows:"):
        st.dataframe(
            [
                {
                    "Layer": row.name,
                    "Output": " × ".join(map(str, row.shape)),
                    "Parameters": row.parameters,
                    "Multiplications per digit": row.multiplications,
                }
                for row in chosen.rows
            ],
            hide_index=True,
            alt="The layers of the network in order, with the shape of their output and their parameters.",
        )


def _course() -> None:
    # No limits in the widgets: a browser's silent correction explains nothing, a sentence does.
    with _row():
        _number("Epochs", "epochs", 1, "Passes over the data.")
        _number("Batch size", "batch_size", 8, "Digits per step. Larger batches go faster and learn less per pass.")
        _number("Learning rate", "learning_rate", 0.0005, "At its peak. Too high, and nothing is learned.", "%.5f")
        st.selectbox(
            "Schedule", SCHEDULES, format_func=SCHEDULE_LABELS.__getitem__, key="train_schedule",
            persist_state="session", width=160, help="How the learning rate goes on after its peak.",
        )  # fmt: skip
        _number("Seed", "seed", 1, "The same seed begins with the same weights and order.")
    with _row():
        _number("Warm-up", "warmup_epochs", 0.25, "Epochs in which the learning rate rises to its peak.", "%.2f")
        _number("Weight decay", "weight_decay", 0.01, "Pulls weights to zero (AdamW).", "%.3f")
        _number("Smoothing", "label_smoothing", 0.01, "Share of the target spread over all answers.", "%.3f")
        _number(
            "Averaging",
            "averaging",
            0.001,
            "How much of the averaged weights, which are kept, each step keeps.",
            "%.4f",
        )


def _augmentation() -> None:
    with _row():
        choice = st.selectbox(
            "Augmentation", [*AUGMENTATIONS, OWN], key="train_augmentation", persist_state="session", width=220,
            help="What is done to the digits anew in every epoch, so that the network sees more than there are.",
        )  # fmt: skip
    if choice == OWN:
        with _row():
            for name, (low, high, label) in _RANGES.items():
                st.slider(label, float(low), float(high), key=f"train_{name}", persist_state="session", width=180)
    show_preview(_chosen_augmentation())


def _chosen_augmentation() -> Augmentation:
    state = st.session_state
    known = AUGMENTATIONS.get(state["train_augmentation"])
    return known or Augmentation(**{spec.name: state[f"train_{spec.name}"] for spec in fields(Augmentation)})


def _number(label: str, name: str, step: float, explanation: str, form: str | None = None) -> None:
    st.number_input(
        label, step=step, format=form, key=f"train_{name}", help=explanation, persist_state="session", width=NUMBER_PX
    )


def _row() -> Any:
    return st.container(horizontal=True, gap="small", vertical_alignment="bottom")
