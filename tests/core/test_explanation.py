"""Why a digit was read as it was: what decides it is found, what does not matter is not blamed."""

from __future__ import annotations

import numpy as np
import pytest

from core.classifier import NOT_A_DIGIT
from core.explanation import Explanation, explain, without_each_stroke
from core.normalization import normalize
from core.pens import trace
from tests.core.drawings import Judge, glyph, sheet, shipped, template


def stroke_inks(digit: int, style: str) -> list[np.ndarray]:
    """Each stroke of a template in one common frame."""
    strokes = template(digit, style)
    return [trace((stroke,), size_hw=(120, 120), brush_px=8, scale=90, offset=(20, 15)) for stroke in strokes]


def bar_over_basin() -> np.ndarray:
    """A short upright stroke above a basin: what is above is one part, what is below another."""
    ink = sheet(90, 90)
    ink[0:28, 42:50] = 255
    ink[54:90, 10:18] = ink[54:90, 74:82] = ink[82:90, 10:82] = 255
    return ink


def top_decides() -> Judge:
    """A 7 where there is ink in the upper half; without it a 1."""
    return Judge(lambda digit: (7, 0.95) if digit[:9].max() > 100 else (1, 0.9))


def test_removing_the_decisive_part_changes_the_answer() -> None:
    ink = bar_over_basin()

    found = explain(top_decides(), ink, 7)  # type: ignore[arg-type]

    first, *others = found.removals
    assert first.part == "top"
    assert first.decisive
    assert (first.outcome, first.before, first.after) == (1, pytest.approx(0.95), pytest.approx(0.01))
    assert not any(removal.decisive for removal in others)


def test_the_heatmap_is_warm_where_ink_speaks_for_the_digit_and_zero_on_paper() -> None:
    ink = bar_over_basin()

    found = explain(top_decides(), ink, 7)  # type: ignore[arg-type]

    assert found.heatmap.shape == (28, 28)
    assert found.heatmap.dtype == np.float32
    assert found.heatmap.max() == pytest.approx(1)
    assert found.heatmap.min() >= -1
    assert (found.heatmap[found.normalized == 0] == 0).all()
    assert found.heatmap[:7].sum() > 0
    assert np.abs(found.heatmap[18:]).max() < 1e-6


def test_ink_that_speaks_against_the_digit_is_cold() -> None:
    judge = Judge(lambda digit: (3, 0.6) if digit[:9].max() > 100 else (3, 0.99))
    ink = bar_over_basin()

    found = explain(judge, ink, 3)  # type: ignore[arg-type]

    assert found.heatmap.min() == pytest.approx(-1)
    assert found.heatmap.max() <= 0


def test_where_nothing_matters_nothing_is_blamed() -> None:
    found = explain(Judge(lambda _digit: (8, 0.9)), glyph(8), 8)  # type: ignore[arg-type]

    assert not found.heatmap.any()
    assert found.removals
    assert not any(removal.decisive for removal in found.removals)


@pytest.mark.parametrize("digit", [0, 3, 5, 8, 9])
def test_the_shipped_model_s_answers_are_explained(digit: int) -> None:
    found = explain(shipped(), glyph(digit), digit)

    assert found.digit == digit
    assert np.array_equal(found.normalized, normalize(glyph(digit)))
    assert np.abs(found.heatmap).max() <= 1
    assert found.heatmap.any()
    afters = [removal.after for removal in found.removals]
    assert afters == sorted(afters)
    assert 1 <= len(afters) <= 9
    assert len({removal.part for removal in found.removals}) == len(afters)
    assert all(0 <= value <= 1 for removal in found.removals for value in (removal.confidence, removal.before))


def test_a_five_without_its_body_is_no_five() -> None:
    found = without_each_stroke(shipped(), stroke_inks(5, "two strokes"), 5)

    assert [removal.part for removal in found] == ["stroke 1", "stroke 2"]
    assert min(removal.after for removal in found) < 0.5
    assert all(removal.before > 0.5 for removal in found)


def test_a_digit_of_one_stroke_has_no_strokes_to_take_away() -> None:
    assert without_each_stroke(shipped(), [], 1) == ()
    assert without_each_stroke(shipped(), [glyph(1)], 1) == ()


def test_an_empty_stroke_takes_nothing_away() -> None:
    ink = np.pad(glyph(8), 10)

    of_nothing, of_all = without_each_stroke(shipped(), [np.zeros_like(ink), ink], 8)

    assert of_nothing.after == pytest.approx(of_nothing.before, abs=1e-3)
    assert of_all.after < of_all.before


@pytest.mark.parametrize("shape", [(1, 1), (40, 30), (0, 5)])
def test_no_ink_has_nothing_to_explain(shape: tuple[int, int]) -> None:
    found = explain(shipped(), np.zeros(shape, np.uint8), 4)

    assert found.removals == ()
    assert not found.heatmap.any()


def test_what_is_left_may_be_no_digit_at_all() -> None:
    judge = Judge(lambda digit: (0, 0.9) if np.count_nonzero(digit) > 250 else (NOT_A_DIGIT, 0.9))
    ink = np.full((60, 60), 255, np.uint8)

    found = explain(judge, ink, 0)  # type: ignore[arg-type]

    assert all(removal.outcome in (0, NOT_A_DIGIT) for removal in found.removals)


def test_an_explanation_shows_28_by_28() -> None:
    with pytest.raises(ValueError, match="28x28"):
        Explanation(1, np.zeros((28, 28), np.uint8), np.zeros((20, 20), np.float32), ())
