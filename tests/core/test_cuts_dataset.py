"""The reader's own cuts as training data: whole digits keep their label, pieces and mixtures are none."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import numpy as np
import pytest

from core.classifier import NOT_A_DIGIT
from core.datasets.cuts import cut_samples
from tests.core.drawings import Ink, glyph


def drawing(seed: int, digits: str = "0123456789") -> Callable[[], tuple[Ink, int]]:
    rng = np.random.default_rng(seed)

    def draw() -> tuple[Ink, int]:
        digit = int(rng.choice(list(digits)))
        return glyph(digit), digit

    return draw


@pytest.fixture(scope="module")
def samples() -> list[tuple[Ink, int]]:
    return list(islice(cut_samples(drawing(1), np.random.default_rng(1)), 90))


def test_samples_are_normalized_pictures_with_a_label(samples: list[tuple[Ink, int]]) -> None:
    for picture, label in samples:
        assert picture.shape == (28, 28)
        assert picture.dtype == np.uint8
        assert picture.any()
        assert 0 <= label <= NOT_A_DIGIT


def test_right_cuts_and_wrong_ones_are_both_among_them(samples: list[tuple[Ink, int]]) -> None:
    share = np.mean([label == NOT_A_DIGIT for _, label in samples])

    assert 0.1 < share < 0.7
    assert len({label for _, label in samples}) > 6


def test_only_digits_that_were_drawn_are_labels() -> None:
    found = list(islice(cut_samples(drawing(2, "38"), np.random.default_rng(2)), 30))

    assert {label for _, label in found} == {3, 8, NOT_A_DIGIT}


def test_the_same_seeds_give_the_same_samples() -> None:
    first, again = (list(islice(cut_samples(drawing(3), np.random.default_rng(3)), 12)) for _ in range(2))

    assert [label for _, label in first] == [label for _, label in again]
    assert all(np.array_equal(one, other) for (one, _), (other, _) in zip(first, again, strict=True))


def test_a_digit_s_own_cuts_look_more_like_it_than_like_others() -> None:
    found = [s for s in islice(cut_samples(drawing(4, "08"), np.random.default_rng(4)), 80) if s[1] != NOT_A_DIGIT]
    holes = {
        label: np.mean([picture[12:16, 12:16].mean() for picture, own in found if own == label]) for label in (0, 8)
    }

    assert holes[0] < 60 < holes[8]
