"""Digits as augmentation changes them, before a training is started."""

from __future__ import annotations

from functools import cache

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.augmentation import Augmentation, augment
from core.datasets import make
from ui.pictures import data_url, enlarged

VARIANTS = 3
FACTOR = 2
GAP_PX = 4


def show_preview(augmentation: Augmentation) -> None:
    """Ten digits as they are, and below each how training may see it."""
    throw = st.session_state.setdefault("train_throw", 0)
    picture = _sheet(augmentation, throw)
    st.image(
        data_url(picture),
        width="content",
        alt="Ten digits in the first row as they are, below them three rows as training may see them.",
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("Throw the dice again", icon=":material/casino:", key="train_again", on_click=_again, type="tertiary")
        st.caption("First row: as they are. Below: as a training sees them.")


def _again() -> None:
    st.session_state["train_throw"] += 1


def _sheet(augmentation: Augmentation, seed: int) -> NDArray[np.uint8]:
    """(H, W) uint8, white on black."""
    digits = _digits()
    rng = np.random.default_rng(seed)
    rows = [digits, *(augment(digits, augmentation, rng) for _ in range(VARIANTS))]
    padded = [np.pad(row, ((0, 0), (0, GAP_PX), (0, GAP_PX))) for row in rows]
    return enlarged(np.concatenate([np.concatenate(list(row), axis=1) for row in padded]), FACTOR)


@cache
def _digits() -> NDArray[np.uint8]:
    """(10, 28, 28): one of each, drawn by our own pens."""
    drawn = make("synthetic", "validation", 200, seed=3)
    return np.stack([drawn.images[drawn.labels == digit][0] for digit in range(10)])
