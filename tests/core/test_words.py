"""Words beside numbers: letters that look like digits are not read, numbers between words are."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from core.grouping import Mark
from core.images import Image
from core.reader import Reader
from core.recognition.store import beside
from core.words import without_words
from tests.core.drawings import block, shipped

HEIGHT = 60.0
SPACE = " "


def row(text: str) -> list[Mark]:
    """Marks 30 pixels wide: digits surely read, letters surely none, spaces between words."""
    marks = []
    for place, character in enumerate(text):
        if character == SPACE:
            continue
        digit = int(character) if character.isdigit() else None
        probabilities = np.zeros(11, np.float32)
        probabilities[10 if digit is None else digit] = 1.0
        piece = block(36 * place, 0, 30, 60)
        alone = 0.0 if digit is None else 1.0
        marks.append(Mark(piece, np.zeros((28, 28), np.uint8), probabilities, digit, alone=alone))
    return marks


def digits(marks: tuple[Mark, ...]) -> str:
    return "".join(str(mark.digit) for mark in marks if mark.digit is not None)


def test_letters_of_words_that_look_like_digits_are_none() -> None:
    assert digits(without_words(row("l0ng w0rds 0f pr1nt"), HEIGHT)) == ""


def test_a_number_between_words_stays() -> None:
    assert digits(without_words(row("invo1ce 20391 dated"), HEIGHT)) == "20391"


def test_a_number_close_to_a_word_stays_where_the_recognizer_has_told_its_letters() -> None:
    close = row("Invoice:20391")
    told = [replace(mark, digitlike=0.0) if mark.digit is None else mark for mark in close]

    assert digits(without_words(close, HEIGHT)) == ""
    assert digits(without_words(told, HEIGHT)) == "20391"


def test_doubtful_digits_close_to_a_word_are_no_number() -> None:
    told = [replace(mark, digitlike=0.0, alone=0.5 * mark.alone) for mark in row("Invoice:20391")]

    assert digits(without_words(told, HEIGHT)) == ""


@pytest.mark.parametrize("line", ["l0ng w0rds 0f pr1nt", "g0 st1ll s0me m1les 0n", "Invoice:20x91", "Invo1ce:20391"])
def test_of_letters_and_digits_mixed_no_part_is_a_number(line: str) -> None:
    told = [replace(mark, digitlike=0.0) if mark.digit is None else mark for mark in row(line)]

    assert digits(without_words(told, HEIGHT)) == ""


def test_a_line_of_numbers_stays_with_what_cannot_be_read_in_it() -> None:
    numbers = row("5283 02?4 7716 9")

    assert without_words(numbers, HEIGHT) == tuple(numbers)


def test_a_short_line_is_never_taken_for_words() -> None:
    hard = row("5??3?")

    assert without_words(hard, HEIGHT) == tuple(hard)


def test_a_page_of_print_holds_no_numbers() -> None:
    page = np.full((700, 1200, 3), 245, np.uint8)
    for line, text in enumerate(("the quick brown fox jumps", "over seven lazy zebras", "grazing beside the fjord")):
        cv2.putText(page, text, (60, 150 + 150 * line), cv2.FONT_HERSHEY_COMPLEX, 1.8, (20, 20, 20), 3, cv2.LINE_AA)

    classifier = shipped()
    assert Reader(classifier, beside(classifier)).read(Image(page)).text == ""
