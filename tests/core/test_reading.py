"""What the reader answers: complete when made, checked when made, and as JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from core.geometry import Box
from core.reading import Digit, Line, Reading
from core.segmentation.steps import Step


def digit(value: int | None, **changes: Any) -> Digit:
    values: dict[str, Any] = {
        "digit": value,
        "confidence": 0.98765,
        "runner_up": 3,
        "runner_up_confidence": 0.00321,
        "sure": True,
        "box": Box(1, 2, 30, 40),
        "probabilities": np.full(11, 1 / 11, np.float32),
        "normalized": np.zeros((28, 28), np.uint8),
        "glyph": np.zeros((40, 30), np.uint8),
    }
    return Digit(**(values | changes))


def line(text: str, *values: int | None) -> Line:
    return Line(tuple(digit(value) for value in values), text, 0.9, Box(0, 0, 9, 9))


def reading(*lines: Line) -> Reading:
    return Reading(lines, (), "digitscope", 12.345, (640, 480))


def test_the_verdict_says_how_far_to_trust_an_answer() -> None:
    assert digit(7).verdict == "sure"
    assert digit(7, sure=False).verdict == "unsure"
    assert digit(None).verdict == "unreadable"
    assert digit(None, sure=False).verdict == "unreadable"


def test_a_mark_that_cannot_be_read_is_a_question_mark() -> None:
    assert (digit(0).text, digit(None).text) == ("0", "?")


@pytest.mark.parametrize(
    "wrong",
    [
        {"probabilities": np.zeros(10, np.float32)},
        {"normalized": np.zeros((20, 20), np.uint8)},
        {"digit": 10},
        {"digit": -1},
    ],
)
def test_a_digit_with_wrong_parts_is_not_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        digit(1, **wrong)


def test_a_line_says_what_its_digits_say() -> None:
    assert line("52 ?3", 5, 2, None, 3).text == "52 ?3"

    with pytest.raises(ValueError, match="52"):
        line("53", 5, 2)


def test_lines_are_parted_by_a_newline_and_digits_follow_line_by_line() -> None:
    found = reading(line("12", 1, 2), line("3", 3))

    assert found.text == "12\n3"
    assert [each.digit for each in found.digits] == [1, 2, 3]


def test_no_writing_is_an_empty_text() -> None:
    assert reading().text == ""
    assert reading().to_json("blank.png")["lines"] == []


def test_the_json_object_is_the_command_line_s_contract() -> None:
    answer = json.loads(json.dumps(reading(line("5 ?", 5, None)).to_json("photo.webp")))

    assert answer == {
        "file": "photo.webp",
        "text": "5 ?",
        "lines": [
            {
                "text": "5 ?",
                "digits": [
                    {
                        "digit": value,
                        "confidence": pytest.approx(0.98765, abs=1e-4),
                        "runner_up": 3,
                        "runner_up_confidence": pytest.approx(0.00321, abs=1e-4),
                        "box": [1, 2, 30, 40],
                    }
                    for value in (5, None)
                ],
            }
        ],
        "model": "digitscope",
        "milliseconds": pytest.approx(12.345, abs=0.1),
    }


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4), np.float32), np.zeros(4, np.uint8), np.zeros((1, 2, 3, 4), np.uint8)]
)
def test_a_step_shows_a_picture(image: Any) -> None:
    with pytest.raises(ValueError, match="uint8"):
        Step("Ink", "What is dark.", image)
