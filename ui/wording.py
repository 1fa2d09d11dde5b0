"""How the app says what core found: figures and verdicts in words, the same on every page."""

from __future__ import annotations

from math import prod

from core.card import Card
from core.classifier import NOT_A_DIGIT
from core.reading import Digit, Reading


def percent(share: float) -> str:
    """`share` (0 to 1) as people read it; never a certainty that no reader has."""
    if share > 0.999:
        return "over 99.9%"
    if share < 0.001:
        return "under 0.1%"
    return f"{share:.1%}" if share > 0.99 or share < 0.01 else f"{share:.0%}"


def outcome_name(outcome: int) -> str:
    """One of the eleven outcomes in words: a digit, or "not a digit"."""
    return "not a digit" if outcome == NOT_A_DIGIT else str(outcome)


def verdict_sentence(digit: Digit) -> str:
    """What the reader makes of one mark, and what else it might be."""
    rival = f"{outcome_name(digit.runner_up)} ({percent(digit.runner_up_confidence)})"
    if digit.verdict == "unreadable":
        return f"Not a digit, as far as this model can tell. If it is one, then perhaps a {_best_digit(digit)}."
    if digit.verdict == "unsure":
        return f"Not sure: a {digit.text} ({percent(digit.confidence)}), but it might be {rival}."
    return f"A {digit.text}, with {percent(digit.confidence)} confidence. The runner-up is {rival}."


def reading_sentence(reading: Reading) -> str:
    """How sure the reader is of everything it read, and where it is not."""
    digits = reading.digits
    confidence = prod(line.confidence for line in reading.lines)
    sentence = f"{percent(confidence)} confident" + ("" if len(digits) == 1 else " that all of it is right")
    unreadable = sum(digit.verdict == "unreadable" for digit in digits)
    unsure = [digit.text for digit in digits if digit.verdict == "unsure"]
    notes = []
    if unsure:
        notes.append(f"not sure about the {' and the '.join(unsure)}")
    if unreadable:
        notes.append(f"{unreadable} {'mark' if unreadable == 1 else 'marks'} that cannot be read as a digit (`?`)")
    return "; ".join([sentence, *notes]) + "."


def verdict_label(digit: Digit) -> str:
    """The verdict in two words at most, for a badge."""
    return {"sure": "sure", "unsure": "not sure", "unreadable": "not a digit"}[digit.verdict]


def probabilities_in_words(digit: Digit) -> str:
    """The bar chart as a sentence, for those who do not see it."""
    order = digit.probabilities.argsort()[::-1][:3]
    parts = [f"{outcome_name(int(outcome))} {percent(float(digit.probabilities[outcome]))}" for outcome in order]
    return f"Most likely: {', '.join(parts)}."


def model_summary(card: Card) -> str:
    """The model's size and its figure on MNIST in one line, as its card tells them."""
    parts = []
    accuracy = card.figures.get("mnist_test_accuracy")
    if isinstance(accuracy, int | float):
        parts.append(f"{accuracy:.2%} on MNIST")
    parts.append(f"{card.tflite_bytes / 1024:,.0f} KB")
    return " · ".join(parts)


def _best_digit(digit: Digit) -> str:
    return str(int(digit.probabilities[:NOT_A_DIGIT].argmax()))
