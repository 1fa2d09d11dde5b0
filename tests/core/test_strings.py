"""Written lines to train the recognizer on."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from core.datasets import strings as lines
from core.datasets.string_parts import HEIGHT_PX, Hand, Part, any_hand, currency, even_group
from core.datasets.strings import MOST_DIGITS, SIGN_SHARES, SIGNS, WIDEST, Manner, string_samples, strings
from core.recognition.image import HEIGHT
from core.synthesis.numbers import Signs


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


@pytest.mark.usefixtures("no_data")
@pytest.mark.parametrize("signs", [signs for signs in SIGNS if signs != "none"])
def test_signs_are_ink_beside_the_digits_and_read_as_none(signs: Signs) -> None:
    def written(chosen: Signs) -> Part:
        rng = np.random.default_rng(8)
        return even_group(any_hand("train", rng), 6, (0.0, 0.0), rng, chosen)

    plain, signed = written("none"), written(signs)

    assert signed.text == plain.text
    assert signed.ink.shape[1] > plain.ink.shape[1]


@pytest.mark.usefixtures("no_data")
def test_plain_lines_hold_signs_as_often_as_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Signs, ...]] = []

    def group(hand: Hand, count: int, slant: object, rng: np.random.Generator, signs: Signs = "none") -> Part:
        asked[-1] = (*asked[-1], signs)
        return Part(np.full((48, 30 * count), 255, np.uint8), 48, "1" * count)

    monkeypatch.setattr(lines, "even_group", group)
    rng = np.random.default_rng(9)
    for _ in range(1_000):
        asked.append(())
        lines._written("train", rng)

    for signs, share in zip(SIGNS, SIGN_SHARES, strict=True):
        assert sum(one[0] == signs for one in asked) == pytest.approx(1_000 * share, abs=60)
    assert all(len(one) == 1 for one in asked if one[0] == "slashes")  # one date in a line
    assert all(one.count("label") <= 1 for one in asked)
    assert any(one.count("percent") > 1 for one in asked)
