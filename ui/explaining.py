"""Why a digit was read as it was: ink colored by what it speaks for, and what is read without each part or stroke."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.classifier import DIGITS, Classifier
from core.explanation import Removal, explain, without_each_stroke
from core.reading import Digit
from ui.answer import BESIDE_PX, SEEN_FACTOR
from ui.pictures import data_url, evidence_picture
from ui.wording import article, removal_sentence

SENTENCES = 3


def show_explanation(classifier: Classifier, digit: Digit, strokes: Sequence[NDArray[np.uint8]] = ()) -> None:
    """Explain one digit.

    strokes: each stroke of a drawn digit as (h, w) uint8, 255 = ink, in one common frame; empty for a photographed one.
    """
    answer = digit.digit if digit.digit is not None else int(digit.probabilities[:DIGITS].argmax())
    explanation = explain(classifier, digit.glyph, answer)
    with st.container(horizontal=True, gap="small"):
        with st.container(width=28 * SEEN_FACTOR):
            st.image(
                data_url(evidence_picture(explanation.normalized, explanation.heatmap, SEEN_FACTOR)),
                alt=f"The digit's ink, colored by how much each part speaks for or against {article(str(answer))}.",
            )
        with st.container(width=BESIDE_PX, gap="xsmall"):
            st.markdown(
                f":blue-badge[Blue] speaks for {article(str(answer))}, :orange-badge[orange with a dot] against it; "
                "gray hardly matters. Each part was covered in turn to see what the model makes of the rest."
            )
            removals = (*without_each_stroke(classifier, strokes, answer), *explanation.removals)
            st.markdown("\n".join(f"- {removal_sentence(removal, answer)}" for removal in _telling(removals)))


def _telling(removals: Sequence[Removal]) -> Sequence[Removal]:
    """The parts that matter most: those that turn the answer, then those that cost it most confidence."""
    return sorted(removals, key=lambda removal: removal.after)[:SENTENCES]
