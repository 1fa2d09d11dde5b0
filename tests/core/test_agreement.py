"""Two witnesses to a line: each alone, in agreement, in conflict."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.classifier import NOT_A_DIGIT
from core.grouping import Hypothesis, Span
from core.grouping.agreement import ENOUGH, Evidence, Weights, agreed, gather
from core.grouping.paths import Mark, texts
from core.recognition.ctc import BLANK, OUTCOMES
from core.segmentation.lines import WritingLine
from tests.core.drawings import block

WEIGHTS = Weights(recognizer=1.0, cuts=1.0, temperature=1.5)
ATOM = 20


class Witness:
    """A recognizer whose looks each say the same of every line: one outcome for each atom, each as surely."""

    def __init__(self, *texts: str, surely: float = 0.95) -> None:
        self.texts, self.surely, self.asked = texts, surely, 0

    def answers(self, image: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
        said = np.stack([self._answer(text, image) for text in self.texts])
        for count in (1, len(said)):
            self.asked = count
            yield said[:count]

    def _answer(self, text: str, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        columns = image.shape[1] // 2
        shares = np.full((columns, OUTCOMES), 1e-5)
        shares[:, BLANK] = 1.0
        for place, character in enumerate(text):
            column = round((place + 0.5) * columns / len(text))
            shares[column] = (1 - self.surely) / (OUTCOMES - 1)
            shares[column, BLANK if character == " " else int(character)] = self.surely
        return np.asarray(np.log(shares / shares.sum(axis=1, keepdims=True)), np.float32)


def hypothesis(start: int, end: int, shares: dict[int, float], **span: float) -> Hypothesis:
    probabilities = np.full(11, (1 - sum(shares.values())) / (11 - len(shares)), np.float32)
    for digit, share in shares.items():
        probabilities[digit] = share
    piece = block(ATOM * start, 0, ATOM * (end - start), 60)
    return Hypothesis(Span(start, end, **span), piece, np.zeros((28, 28), np.uint8), probabilities)  # type: ignore[arg-type]


def read(found: list[Hypothesis], count: int, witness: Witness | None) -> tuple[Mark, ...]:
    line = WritingLine(tuple(block(ATOM * place, 0, ATOM, 60) for place in range(count)), 60.0)
    return agreed(line, found, count, witness, WEIGHTS)  # type: ignore[arg-type]


def evidence(found: list[Hypothesis], witness: Witness, weights: Weights = WEIGHTS, enough: float = ENOUGH) -> Evidence:
    line = WritingLine(tuple(block(ATOM * place, 0, ATOM, 60) for place in range(2)), 60.0)
    return gather(line, found, 2, witness, weights, enough)  # type: ignore[arg-type]


def text(marks: tuple[Mark, ...]) -> str:
    return "".join(str(mark.digit) for mark in marks if mark.digit is not None)


CUT = [
    hypothesis(0, 1, {1: 0.8, 7: 0.15}, cuts=1),
    hypothesis(0, 2, {4: 0.5, NOT_A_DIGIT: 0.45}, a_mark=True),
    hypothesis(1, 2, {1: 0.8, 9: 0.15}, cuts=1),
]
WHOLE = [hypothesis(0, 1, {4: 0.97, 9: 0.02}), hypothesis(1, 2, {5: 0.97, 6: 0.02})]


def test_without_a_recognizer_the_hypotheses_decide() -> None:
    assert text(read(WHOLE, 2, None)) == "45"


def test_where_digits_touch_the_recognizer_decides_what_the_cuts_leave_open() -> None:
    assert text(read(CUT, 2, Witness("11"))) == "11"
    assert text(read(CUT, 2, Witness(" 4"))) == "4"


def test_looks_that_differ_leave_more_doubt_than_those_that_agree() -> None:
    (alike,) = read([CUT[1]], 2, Witness(" 4", " 4"))
    (differing,) = read([CUT[1]], 2, Witness(" 4", " 9"))

    assert alike.digit == differing.digit == 4
    assert alike.probabilities[4] > differing.probabilities[4]


def test_a_line_is_looked_at_again_only_where_the_first_look_leaves_a_doubt() -> None:
    plain, doubtful = Witness("45", "45"), Witness(" 4", " 4")

    read(WHOLE, 2, plain)
    read([CUT[1]], 2, doubtful)

    assert (plain.asked, doubtful.asked) == (1, 2)


def test_a_line_is_looked_at_again_where_no_way_leads_to_what_the_first_look_says() -> None:
    sure = [hypothesis(0, 1, {4: 0.99999}), hypothesis(1, 2, {5: 0.99999})]
    elsewhere, there = Witness("456", "45"), Witness("45", "45")

    assert max(evidence(sure, elsewhere, enough=0.0).probabilities(WEIGHTS).values()) > 0.99
    evidence(sure, there)

    assert (elsewhere.asked, there.asked) == (2, 1)


def test_each_look_proposes_texts() -> None:
    assert "75" in evidence(WHOLE, Witness("46", "75", surely=0.8)).ways
    assert "75" not in evidence(WHOLE, Witness("46", "46", surely=0.8)).ways


def test_who_asks_for_all_looks_gets_them() -> None:
    assert len(evidence(WHOLE, Witness("45", "45")).said) == 1
    assert len(evidence(WHOLE, Witness("45", "45"), enough=math.inf).said) == 2


def test_the_weights_say_what_is_a_doubt() -> None:
    assert len(evidence(WHOLE, Witness("45", "45"), Weights(temperature=100.0)).said) == 2


def test_a_doubtful_witness_does_not_overrule_plain_digits() -> None:
    marks = read(WHOLE, 2, Witness("95", surely=0.6))

    assert text(marks) == "45"
    assert marks[0].probabilities[4] < 0.97


def test_agreement_makes_sure() -> None:
    (first, _) = read(WHOLE, 2, Witness("45"))

    assert first.probabilities[4] > 0.99


@pytest.mark.parametrize("said", ["45", "95", "4 ", "  "])
def test_a_digit_s_probabilities_sum_to_one(said: str) -> None:
    for mark in read(WHOLE, 2, Witness(said)):
        assert float(mark.probabilities.sum()) == pytest.approx(1.0, abs=1e-4)


def test_a_text_that_no_grouping_leads_to_is_not_read() -> None:
    assert len(text(read(WHOLE, 2, Witness("123")))) <= 2


def test_what_both_pass_over_is_no_digit_and_what_one_sees_may_be() -> None:
    mark = [hypothesis(0, 1, {5: 0.97}), hypothesis(1, 2, {NOT_A_DIGIT: 0.99})]

    quiet, loud = read(mark, 2, Witness("5 ")), read(mark, 2, Witness("53", surely=0.8))

    assert [one.digit for one in quiet] == [5, None]
    assert quiet[1].digitlike < 0.2
    assert text(loud) == "5"
    assert loud[1].digitlike > 0.5


def test_looks_that_differ_over_a_mark_leave_it_half_a_digit() -> None:
    mark = [hypothesis(0, 1, {5: 0.97}), hypothesis(1, 2, {NOT_A_DIGIT: 0.99})]

    alike, differing = read(mark, 2, Witness("53", "53"))[1], read(mark, 2, Witness("53", "5 "))[1]

    assert alike.digitlike > 0.9
    assert 0.3 < differing.digitlike < 0.7


@pytest.mark.parametrize(("height", "expected"), [(60, "512"), (84, "52")])
def test_a_one_longer_than_its_line_may_be_a_slash(height: int, expected: str) -> None:
    long = replace(hypothesis(1, 2, {1: 0.995}), piece=block(ATOM, 0, ATOM, height))
    found = [hypothesis(0, 1, {5: 0.97}), long, hypothesis(2, 3, {2: 0.97})]

    assert text(read(found, 3, None)) == "512"
    assert text(read(found, 3, Witness("5 2", surely=0.9935))) == expected


@pytest.mark.parametrize(("slash", "expected"), [(0.0, "512"), (0.8, "52")])
def test_a_one_that_leans_is_a_slash_where_the_recognizer_sees_none(slash: float, expected: str) -> None:
    leaning = replace(hypothesis(1, 2, {1: 0.995}), slash=slash)
    found = [hypothesis(0, 1, {5: 0.97}), leaning, hypothesis(2, 3, {2: 0.97})]

    assert text(read(found, 3, None)) == "512"
    assert text(read(found, 3, Witness("512"))) == "512"
    assert text(read(found, 3, Witness("5 2", surely=0.9935))) == expected


def test_the_halves_of_a_one_that_leans_are_no_likelier_to_be_ones() -> None:
    def odds(slash: float) -> float:
        whole = replace(hypothesis(1, 3, {1: 0.995}, a_mark=True), slash=slash)
        halves = [hypothesis(1, 2, {1: 0.9}, cuts=1), hypothesis(2, 3, {1: 0.9}, cuts=1)]
        found = [hypothesis(0, 1, {5: 0.97}), halves[0], whole, halves[1], hypothesis(3, 4, {2: 0.97})]
        ways = texts(found, 4, 60.0, only=("512", "5112"))
        return ways["512"].total - ways["5112"].total

    assert odds(0.8) == pytest.approx(odds(0.0))


def test_what_leans_over_a_digit_is_not_taken_for_it() -> None:
    slash = replace(hypothesis(1, 2, {NOT_A_DIGIT: 0.99}), piece=block(0, 0, 2 * ATOM, 60))

    marks = read([hypothesis(0, 1, {5: 0.97}), slash], 2, Witness("5 "))

    assert [mark.digit for mark in marks] == [5, None]
    assert marks[1].digitlike < 0.2


def test_no_atoms_are_no_marks() -> None:
    assert agreed(WritingLine((block(0, 0, 5, 9),), 9.0), [], 0, Witness("5")) == ()  # type: ignore[arg-type]
