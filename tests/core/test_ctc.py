"""Connectionist temporal classification, held against the sum over every path, written out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from core.recognition.ctc import BLANK, LOWEST, OUTCOMES, likely_texts, plain_text, text_log_probabilities


def answers(columns: int, seed: int, spread: float = 2.0) -> NDArray[np.float32]:
    """Random answers of some columns in which only 0, 1 and "nothing" are possible, so that all paths can be walked."""
    scores = np.full((columns, OUTCOMES), -60.0)
    scores[:, [0, 1, BLANK]] = np.random.default_rng(seed).normal(0, spread, (columns, 3))
    return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)), np.float32)


def saying(*outcomes: int, surely: float = 0.9) -> NDArray[np.float32]:
    """Each column says one outcome."""
    shares = np.full((len(outcomes), OUTCOMES), (1 - surely) / (OUTCOMES - 1))
    shares[np.arange(len(outcomes)), outcomes] = surely
    return np.asarray(np.log(shares), np.float32)


def collapsed(path: tuple[int, ...]) -> str:
    return "".join(
        str(one) for one, before in zip(path, (BLANK, *path[:-1]), strict=True) if one not in (BLANK, before)
    )


def by_all_paths(said: NDArray[np.float32]) -> dict[str, float]:
    totals: dict[str, float] = {}
    for path in product((0, 1, BLANK), repeat=len(said)):
        text = collapsed(path)
        share = float(np.exp(sum(said[column, outcome] for column, outcome in enumerate(path))))
        totals[text] = totals.get(text, 0.0) + share
    return totals


@pytest.mark.parametrize("seed", range(4))
def test_a_text_s_probability_is_the_sum_over_all_its_paths(seed: int) -> None:
    said = answers(5, seed)
    expected = by_all_paths(said)

    found = text_log_probabilities(said[np.newaxis], tuple(expected))

    assert np.exp(found) == pytest.approx(list(expected.values()), rel=1e-5, abs=1e-12)


def test_columns_that_plainly_say_nothing_change_nothing() -> None:
    said = saying(BLANK, 5, 5, BLANK, BLANK, BLANK, 2, BLANK, surely=0.99999)

    assert plain_text(said) == "52"
    assert np.exp(text_log_probabilities(said[np.newaxis], ("52",))) == pytest.approx([1.0], abs=1e-3)


def test_repeats_are_one_digit_unless_nothing_parts_them() -> None:
    assert plain_text(saying(7, 7, 7)) == "7"
    assert plain_text(saying(7, BLANK, 7)) == "77"


@pytest.mark.parametrize("seed", range(4))
def test_prefix_search_finds_the_likeliest_text(seed: int) -> None:
    said = answers(6, seed)
    expected = by_all_paths(said)

    assert likely_texts(said, 8)[0] == max(expected, key=lambda text: expected[text])


def test_an_impossible_text_is_told_apart_from_no_other() -> None:
    said = saying(BLANK, BLANK, surely=0.999999)

    assert text_log_probabilities(said[np.newaxis], ("12345",)) == pytest.approx([LOWEST])
    assert text_log_probabilities(said[np.newaxis], ()).shape == (0,)


def test_several_answers_count_alike_though_their_digits_stand_in_other_columns() -> None:
    one = saying(BLANK, 5, BLANK, BLANK, 2, BLANK, surely=0.99999)
    other = saying(5, BLANK, BLANK, 2, BLANK, BLANK, surely=0.99999)
    doubtful = saying(BLANK, 5, BLANK, 7, BLANK, BLANK, surely=0.8)
    texts = ("52", "57", "")

    together = text_log_probabilities(np.stack([one, other, doubtful]), texts)

    alone = [text_log_probabilities(said[np.newaxis], texts) for said in (one, other, doubtful)]
    assert together == pytest.approx(np.mean(alone, axis=0), abs=1e-3)
    assert texts[int(together.argmax())] == "52"
