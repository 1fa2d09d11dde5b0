"""Written lines to train the recognizer on."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from core.datasets.string_parts import HEIGHT_PX, currency
from core.datasets.strings import MOST_DIGITS, WIDEST, Manner, string_samples, strings
from core.recognition.image import HEIGHT


@pytest.fixture
def no_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only our own pens are there."""
    monkeypatch.setenv("DIGITSCOPE_DATA", str(tmp_path))
    for name in ("string_parts.mnist_is_here", "pools.is_available"):
        monkeypatch.setattr(f"core.datasets.{name}", lambda *_: False)


@pytest.mark.usefixtures("no_data")
@pytest.mark.parametrize("manner", ["plain", "rough"])
def test_a_line_is_a_picture_of_one_to_eight_digits(manner: Manner) -> None:
    for sample in islice(string_samples("train", manner, np.random.default_rng(1)), 40):
        assert sample.image.shape[0] == HEIGHT
        assert sample.image.shape[1] % 2 == 0
        assert sample.image.shape[1] <= WIDEST
        assert sample.image.any()
        assert sample.text.isdigit()
        assert 1 <= len(sample.text) <= MOST_DIGITS


@pytest.mark.usefixtures("no_data")
def test_the_same_seed_writes_the_same_lines() -> None:
    first, again, other = (strings("train", "plain", 6, seed=seed) for seed in (7, 7, 8))

    assert [one.text for one in first] == [one.text for one in again]
    assert all(np.array_equal(one.image, two.image) for one, two in zip(first, again, strict=True))
    assert [one.text for one in first] != [one.text for one in other]


@pytest.mark.usefixtures("no_data")
def test_training_and_validation_are_different_lines() -> None:
    train, validation = (strings(split, "plain", 6) for split in ("train", "validation"))

    assert [one.text for one in train] != [one.text for one in validation]


def test_a_sign_of_money_stands_beside_the_digits_and_reads_as_none() -> None:
    rng = np.random.default_rng(6)
    for sign in (currency(rng) for _ in range(50)):
        assert sign.text == ""
        assert 0.7 * HEIGHT_PX < sign.ink.shape[0] < 1.5 * HEIGHT_PX
        assert sign.baseline <= sign.ink.shape[0]
