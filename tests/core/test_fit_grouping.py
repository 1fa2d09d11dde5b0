"""Fitting the prices of grouping: what is maximized, and that a search never ends below where it began."""

from __future__ import annotations

import numpy as np
import pytest

from core.grouping import Prices
from core.synthesis.glyphs import pen_digits
from scripts import fit_grouping
from tests.core.test_grouping import hypothesis


def case(kind: str, truth: str) -> fit_grouping.Case:
    """Two atoms: as two digits 1 and 1, or as one 4."""
    found = [
        hypothesis(0, 1, 1, 0.9, cuts=1),
        hypothesis(0, 2, 4, 0.9),
        hypothesis(1, 2, 1, 0.9, cuts=1),
    ]
    return kind, found, 2, 60.0, truth


def test_the_share_of_strings_read_exactly_is_counted_by_kind() -> None:
    found = [case("apart", "4"), case("apart", "11"), case("marks", "4")]

    shares = fit_grouping.exact(found, Prices())

    assert shares == {"apart": 0.5, "marks": 1.0}


def test_numbers_whose_digits_stand_apart_count_twice() -> None:
    kinds = dict.fromkeys(fit_grouping.KINDS, 0.5)

    better = fit_grouping.value(kinds | {"apart": 1.0}) - fit_grouping.value(kinds)
    good = fit_grouping.value(kinds | {"broken": 1.0}) - fit_grouping.value(kinds)

    assert better == pytest.approx(2 * good)
    assert fit_grouping.value(kinds) == pytest.approx(0.5)


def test_fitting_never_ends_worse_than_it_began() -> None:
    found = [case("apart", "4"), case("marks", "11"), case("broken", "4")]

    fitted = fit_grouping.fit(found, rounds=15, seed=1)

    before, after = (fit_grouping.value(fit_grouping.exact(found, prices)) for prices in (Prices(), fitted))
    assert after >= before
    assert fit_grouping.fit(found, rounds=15, seed=1) == fitted


@pytest.mark.parametrize("kind", list(fit_grouping.KINDS))
def test_every_kind_is_a_picture_of_two_to_six_digits(kind: str) -> None:
    pixels, text = fit_grouping.written(kind, np.random.default_rng(1), pen_digits())

    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert pixels.shape[2] == 3
    assert 2 <= len(text) <= 6
    assert text.isdigit()
    assert pixels.min() < 150 < pixels.max()
