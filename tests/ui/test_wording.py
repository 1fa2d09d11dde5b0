"""Sentences and pictures that pages share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.geometry import Box
from core.models import ModelStore
from core.reading import Digit, Line, Reading
from tests.core.clutter import SHIPPED
from tests.core.tiny_models import card_of, tiny_tflite
from ui import charts, pictures, wording


def digit_of(shares: dict[int, float], *, sure: bool = True) -> Digit:
    """A digit with these probabilities; the largest is the answer."""
    probabilities = np.zeros(11, np.float32)
    for outcome, share in shares.items():
        probabilities[outcome] = share
    best = int(probabilities.argmax())
    among = probabilities[:10].argsort()[::-1]
    return Digit(
        digit=None if best == 10 else best,
        confidence=float(probabilities[among[0]]),
        runner_up=int(among[1]),
        runner_up_confidence=float(probabilities[among[1]]),
        sure=sure,
        box=Box(0, 0, 10, 20),
        probabilities=probabilities,
        normalized=np.zeros((28, 28), np.uint8),
        glyph=np.zeros((20, 10), np.uint8),
    )


def reading_of(*digits: Digit) -> Reading:
    """A line of digits."""
    line = Line(digits, "".join(digit.text for digit in digits), 0.5, Box(0, 0, 9, 9))
    return Reading((line,), (), "digitscope", 12.3, (640, 480))


@pytest.mark.parametrize(("share", "number"), [(1.0, 0.999), (0.99996, 0.999), (0.6239, 0.623), (0.0, 0.0)])
def test_a_column_of_numbers_rounds_down(share: float, number: float) -> None:
    assert wording.rounded_down(share) == pytest.approx(number)


@pytest.mark.parametrize(
    ("share", "text"), [(1.0, ">99.9%"), (0.9971, "99.7%"), (0.62, "62%"), (0.004, "0.4%"), (0.0, "<0.1%")]
)
def test_a_share_is_never_said_to_be_certain(share: float, text: str) -> None:
    assert wording.percent(share) == text


def test_a_sure_digit_names_its_runner_up() -> None:
    sentence = wording.verdict_sentence(digit_of({8: 0.95, 3: 0.04}))

    assert sentence == "An 8, 95% confident. The runner-up is a 3 (4%)."


def test_an_unsure_digit_says_so_first() -> None:
    sentence = wording.verdict_sentence(digit_of({1: 0.55, 7: 0.4}, sure=False))

    assert sentence.startswith("Not sure: a 1 (55%)")
    assert "a 7 (40%)" in sentence


def test_an_unsure_digit_that_is_rather_none_is_said_to_be_so() -> None:
    sentence = wording.verdict_sentence(replace(digit_of({5: 0.07, 6: 0.01, 10: 0.92}, sure=False), digit=5))

    assert sentence == "Not sure: a 5 (7%). It might be no digit at all (92%)."


def test_no_confidence_begins_with_a_mark_that_markdown_takes_for_a_quote() -> None:
    assert wording.confidence_in_words([digit_of({8: 1.0})] * 3) == ["Confidence >99.9% that all of it is right"]
    assert wording.confidence_in_words([digit_of({8: 0.91, 3: 0.09})]) == ["Confidence 91%"]


def test_confidence_is_that_of_what_could_be_read() -> None:
    eight, none = digit_of({8: 0.95, 3: 0.05}), digit_of({10: 0.9, 4: 0.1})

    sentence = wording.reading_sentence(reading_of(eight, none, eight))

    assert sentence == (
        "Confidence 90% that the digits that could be read are right; 1 mark that cannot be read as a digit (`?`)."
    )
    assert wording.reading_sentence(reading_of(none)) == "1 mark that cannot be read as a digit (`?`)."


def test_the_runner_up_of_a_sure_digit_may_be_none() -> None:
    sentence = wording.verdict_sentence(digit_of({8: 0.95, 10: 0.04, 3: 0.01}))

    assert sentence == "An 8, 95% confident. The runner-up is no digit at all (4%)."


def test_a_mark_that_is_no_digit_is_called_so_in_words() -> None:
    assert wording.verdict_sentence(digit_of({10: 0.9, 4: 0.1})).startswith("Not a digit")


def test_a_digit_below_the_least_confidence_asked_for_is_not_called_none() -> None:
    digit = replace(digit_of({5: 0.9, 6: 0.06, 10: 0.04}), digit=None)

    assert wording.verdict_sentence(digit) == "Less sure than you ask for: perhaps a 5 (90%)."
    assert wording.verdict_label(digit) == "left out"


def test_the_chart_has_a_bar_for_every_outcome_and_marks_two_without_color() -> None:
    figure = charts.probability_bars(digit_of({2: 0.7, 7: 0.2, 10: 0.1}))

    bars = {label: height for trace in figure.data for label, height in zip(trace.x, trace.y, strict=True)}
    hatched = [trace.x for trace in figure.data if trace.marker.pattern.shape == "/"]
    assert len(bars) == 11
    assert bars["2"] == pytest.approx(0.7)
    assert bars["not a<br>digit"] == pytest.approx(0.1)
    assert hatched == [("7",)]


def test_the_chart_in_words_names_the_three_most_likely() -> None:
    words = wording.probabilities_in_words(digit_of({2: 0.7, 7: 0.2, 10: 0.1}))

    assert words == "Most likely: 2 (70%), 7 (20%), not a digit (10%)."


def test_an_enlarged_picture_keeps_its_pixels_crisp() -> None:
    pixels = np.array([[0, 255], [100, 7]], np.uint8)

    large = pictures.enlarged(pixels, 3)

    assert large.shape == (6, 6)
    assert (large[:3, 3:] == 255).all()
    assert (large[3:, :3] == 100).all()


def test_ink_that_speaks_against_the_answer_is_marked_without_color_too() -> None:
    normalized = np.zeros((28, 28), np.uint8)
    normalized[10, 10] = normalized[10, 20] = 255
    heatmap = np.zeros((28, 28), np.float32)
    heatmap[10, 10], heatmap[10, 20] = 1.0, -1.0

    picture = pictures.evidence_picture(normalized, heatmap, 6)

    supports, opposes = picture[60:66, 60:66], picture[60:66, 120:126]
    assert (supports == supports[0, 0]).all()
    assert supports[0, 0, 2] > supports[0, 0, 0]
    assert opposes[0, 0, 0] > opposes[0, 0, 2]
    assert (opposes[3, 3] == 0).all()


def test_a_card_without_figures_claims_none() -> None:
    tflite = tiny_tflite()

    figures = wording.model_figures(card_of(tflite, figures={"mnist_test_accuracy": "excellent"}))

    assert set(figures) == {"Parameters", "Size of the file"}
    assert "MNIST" not in wording.model_summary(card_of(tflite, figures={}))


def test_what_a_model_learned_from_is_told_in_words() -> None:
    told = ("MNIST train: 53,914 pictures", "worn pens train: 20,000 pictures", "synthetic: 200 pictures", "my own")

    assert wording.learned_from(card_of(tiny_tflite(), data=told)) == {
        "Scanned digits (MNIST)": 53_914,
        "Digits recorded from pens, worn": 20_000,
        "Digits the program drew": 200,
        "my own": None,
    }


def test_every_part_of_the_shipped_training_has_words() -> None:
    card = ModelStore(SHIPPED).card("digitscope")

    learned = wording.learned_from(card)

    assert len(learned) == len(card.data)
    assert not any("train" in name for name in learned)
    assert all(name[0].isupper() and count for name, count in learned.items())


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("there is no model", "There is no model."),
        ("it has trained to the end.", "It has trained to the end."),
        ("a*b* is no name", r"A\*b\* is no name."),
        ("it costs $5 or $6", r"It costs \$5 or \$6."),
        ("see [here](there)", r"See \[here\](there)."),
        ("<b>bold</b> and ~~gone~~", r"\<b>bold\</b> and \~\~gone\~\~."),
        (r"C:\digits is no folder", r"C:\\digits is no folder."),
        ("a lone ` begins no code", r"A lone \` begins no code."),
        ("_this_ and __init__ and that_", r"\_this\_ and \_\_init\_\_ and that\_."),
    ],
)
def test_a_sentence_of_core_is_shown_as_it_was_typed(said: str, shown: str) -> None:
    assert wording.sentence(said) == shown


@pytest.mark.parametrize(
    "said",
    ["Set DIGITSCOPE_DATA or put it there.", "Delete it (`python -m core models delete my_*[1]_$x$`) and go on."],
)
def test_words_with_underscores_and_code_stay_as_they_are(said: str) -> None:
    assert wording.sentence(said) == said
