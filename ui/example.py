"""A page of handwriting that the model in use has read: the home page's picture."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.annotation import annotate
from core.reader import Reader
from core.synthesis.samples import sample_pages
from ui import resources


class Example(NamedTuple):
    """A page that was read.

    picture: (height, width, 3) uint8 RGB, with a box and the answer on each digit.
    """

    picture: NDArray[np.uint8]
    text: str


def show_example() -> None:
    """The gallery's first page with what was read on it; nothing here is painted.

    Raises:
        ModelError: the model in use is missing or damaged.
    """
    example = _read_example(resources.reader())
    numbers = example.text.replace("\n", ", ")
    alt = f"A page of handwriting with a box around each digit and the answer above it: {numbers}."
    st.image(example.picture, width="stretch", output_format="JPEG", alt=alt)
    st.caption("A page of our own making, read by the model in use.")


@st.cache_data(show_spinner="Reading a page", hash_funcs={Reader: lambda reader: reader.classifier.card.tflite_sha256})
def _read_example(reader: Reader) -> Example:
    image = next(sample_pages()).page.image
    reading = reader.read(image)
    return Example(annotate(image, reading), reading.text)
