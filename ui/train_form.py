"""The widgets of a training's settings, each under the key `train_` and the setting's name."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import streamlit as st

from core.augmentation import LIGHT, NONE, Augmentation
from core.datasets import sources
from core.network_plans import NETWORKS
from core.training_plan import OPTIMIZERS, SCHEDULES
from ui.train_preview import show_preview

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
OPTIMIZER_LABELS = {"muon": "Muon", "adamw": "AdamW"}
SCHEDULE_LABELS = {"cosine": "Cosine to zero", "linear": "Line to zero", "constant": "Constant"}
# Two beside each other on a phone.
NUMBER_PX = 126
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


def data() -> None:
    """What to train on."""
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
    wants_mnist = {"mnist", "all"}.intersection(st.session_state["train_dataset"].split("+"))
    if wants_mnist and sources.find(sources.MNIST_TRAIN_IMAGES) is None:
        st.caption("MNIST is not on this machine; it is downloaded first (11 MB).")


def network() -> None:
    """What to train, with its layers."""
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


def course() -> None:
    """How to train."""
    # No limits in the widgets: a browser's silent correction explains nothing, a sentence does.
    with _row():
        _number("Epochs", "epochs", 1, "Passes over the data.")
        _number("Batch size", "batch_size", 8, "Digits per step. Larger batches go faster and learn less per pass.")
        st.selectbox(
            "Optimizer", OPTIMIZERS, format_func=OPTIMIZER_LABELS.__getitem__, key="train_optimizer",
            persist_state="session", width=NUMBER_PX,
            help="What turns gradients into steps. Muon needs fewer epochs; AdamW is the usual choice.",
        )  # fmt: skip
        _number("Learning rate", "learning_rate", 0.0005, "At its peak. Too high, and nothing is learned.", "%g")
        st.selectbox(
            "Schedule", SCHEDULES, format_func=SCHEDULE_LABELS.__getitem__, key="train_schedule",
            persist_state="session", width=160, help="How the learning rate goes on after its peak.",
        )  # fmt: skip
    with _row():
        _number("Seed", "seed", 1, "The same seed begins with the same weights and order.")
        _number("Warm-up", "warmup_epochs", 0.25, "Epochs in which the learning rate rises to its peak.", "%.2f")
        _number("Weight decay", "weight_decay", 0.01, "Pulls weights to zero, a little at each step.", "%.3f")
        _number("Smoothing", "label_smoothing", 0.01, "Share of the target spread over all answers.", "%.3f")
        _number(
            "Averaging",
            "averaging",
            0.001,
            "How much of the averaged weights, which are kept, each step keeps.",
            "%.4f",
        )


def augmentation() -> None:
    """What to do to the digits, and how that looks."""
    with _row():
        choice = st.selectbox(
            "Augmentation", [*AUGMENTATIONS, OWN], key="train_augmentation", persist_state="session", width=220,
            help="What is done to the digits anew in every epoch, so that the network sees more than there are.",
        )  # fmt: skip
    if choice == OWN:
        with _row():
            for name, (low, high, label) in _RANGES.items():
                st.slider(label, float(low), float(high), key=f"train_{name}", persist_state="session", width=180)
    show_preview(chosen_augmentation())


def chosen_augmentation() -> Augmentation:
    """What the widgets say."""
    state = st.session_state
    known = AUGMENTATIONS.get(state["train_augmentation"])
    return known or Augmentation(**{spec.name: state[f"train_{spec.name}"] for spec in fields(Augmentation)})


def _number(label: str, name: str, step: float, explanation: str, form: str | None = None) -> None:
    st.number_input(
        label, step=step, format=form, key=f"train_{name}", help=explanation, persist_state="session", width=NUMBER_PX
    )


def _row() -> Any:
    return st.container(horizontal=True, gap="small", vertical_alignment="bottom")
