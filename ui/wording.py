"""How the app says what core found: figures and verdicts in words, the same on every page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import floor, prod

from core.card import Card
from core.classifier import NOT_A_DIGIT
from core.explanation import Removal
from core.reading import Digit, Reading

MNIST_ACCURACY = "mnist_test_accuracy"
# Figures of a model card, and what they are called on a page.
CARD_FIGURES = {
    MNIST_ACCURACY: "MNIST test digits right",
    "pens_canvas_exact": "Drawn digits right",
}
# What a card's `data` calls the parts of a training, and what they are.
_PART = re.compile(r"(?P<name>.+?)(?: train(?: and validation)?)?: (?P<count>[\d,]+) pictures")
_PARTS = {
    "MNIST": "Scanned digits (MNIST)",
    "optdigits": "Scanned digits (optdigits)",
    "worn MNIST": "Scanned digits, worn",
    "pens": "Digits recorded from pens",
    "worn pens": "Digits recorded from pens, worn",
    "synthetic": "Digits the program drew",
    "worn synthetic": "Digits the program drew, worn",
    "pieces": "Pieces, pairs and dirt, which are no digits",
    "cuts": "Cuts through touching digits",
    "drawn pieces": "Pieces of digits the program drew, which are no digits",
    "drawn cuts": "Cuts through touching digits the program drew",
    "drawn signs": "Drawn signs and letters, which are no digits",
    "characters": "Foreign characters, which are no digits",
}
_CODE = re.compile(r"(`[^`]*`)")
# What Markdown might take for emphasis, a link, a formula or a tag; between letters or figures, _ is none.
_MARKUP = re.compile(r"[\\*$~\[\]<`]|(?<![^\W_])_|_(?![^\W_])")


def percent(share: float) -> str:
    """`share` (0 to 1) as people read it; never a certainty that no reader has."""
    if share > 0.999:
        return ">99.9%"
    if share < 0.001:
        return "<0.1%"
    return f"{share:.1%}" if share > 0.99 or share < 0.01 else f"{share:.0%}"


def rounded_down(share: float) -> float:
    """`share` (0 to 1) for a column of numbers, to a tenth of a percent, down; never a certainty that no reader has."""
    return min(0.999, floor(1000 * share) / 1000)


def outcome_name(outcome: int) -> str:
    """One of the eleven outcomes in words: a digit, or "not a digit"."""
    return "not a digit" if outcome == NOT_A_DIGIT else str(outcome)


def verdict_sentence(digit: Digit) -> str:
    """What the reader makes of one mark among others, and what else it might be."""
    if digit.verdict == "unreadable":
        return runner_up_sentence(digit)
    if digit.verdict == "unsure":
        return f"Not sure: {article(digit.text)} ({percent(digit.confidence)}). {runner_up_sentence(digit)}"
    return f"{article(digit.text).capitalize()}, {percent(digit.confidence)} confident. {runner_up_sentence(digit)}"


def runner_up_sentence(digit: Digit) -> str:
    """What a mark might be instead."""
    if digit.verdict == "unreadable":
        guess = f"{article(str(digit.probabilities[:NOT_A_DIGIT].argmax()))} ({percent(digit.confidence)})"
        if _left_out(digit):
            return f"Less sure than you ask for: perhaps {guess}."
        return f"Not a digit, as far as this model can tell. If it is one, perhaps {guess}."
    doubt = float(digit.probabilities[NOT_A_DIGIT])
    if doubt > digit.runner_up_confidence:
        might = "It might be" if digit.verdict == "unsure" else "The runner-up is"
        return f"{might} no digit at all ({percent(doubt)})."
    rival = f"{article(str(digit.runner_up))} ({percent(digit.runner_up_confidence)})"
    return f"It might be {rival} instead." if digit.verdict == "unsure" else f"The runner-up is {rival}."


def article(digit: str) -> str:
    """A digit with its article: an 8, a 5."""
    return f"{'an' if digit == '8' else 'a'} {digit}"


def reading_sentence(reading: Reading) -> str:
    """How sure the reader is of everything it read, and where it is not."""
    digits = reading.digits
    left_out = sum(_left_out(digit) for digit in digits)
    unreadable = sum(digit.verdict == "unreadable" for digit in digits) - left_out
    unsure = [digit.text for digit in digits if digit.verdict == "unsure"]
    notes = confidence_in_words(digits)
    if unsure:
        notes.append(f"not sure about the {' and the '.join(unsure)}")
    if left_out:
        notes.append(f"{left_out} {'digit' if left_out == 1 else 'digits'} less sure than you ask for (`?`)")
    if unreadable:
        notes.append(f"{unreadable} {'mark' if unreadable == 1 else 'marks'} that cannot be read as a digit (`?`)")
    return sentence_of(notes)


def sentence_of(notes: Sequence[str]) -> str:
    """Parts of a sentence put together; never none."""
    return f"{notes[0][0].upper()}{'; '.join(notes)[1:]}."


def confidence_in_words(digits: Sequence[Digit]) -> list[str]:
    """How sure the reader is of what it could read of `digits`; nothing where that is none of them.

    Not begun with a ">", which Markdown takes for a quote.
    """
    read = [digit.confidence for digit in digits if digit.verdict != "unreadable"]
    if not read:
        return []
    several = len(read) > 1
    if len(read) < len(digits):
        right = f" that the {'digits' if several else 'digit'} that could be read {'are' if several else 'is'} right"
    else:
        right = " that all of it is right" if several else ""
    return [f"Confidence {percent(prod(read))}{right}"]


def verdict_label(digit: Digit) -> str:
    """The verdict in two words at most, for a badge."""
    if _left_out(digit):
        return "left out"
    return {"sure": "sure", "unsure": "not sure", "unreadable": "not a digit"}[digit.verdict]


def _left_out(digit: Digit) -> bool:
    """Whether a mark looks like a digit, and only the visitor's least confidence keeps it from being answered."""
    return digit.verdict == "unreadable" and digit.probabilities[NOT_A_DIGIT] < digit.confidence


def probabilities_in_words(digit: Digit) -> str:
    """The bar chart as a sentence, for those who do not see it."""
    order = digit.probabilities.argsort()[::-1][:3]
    parts = [f"{outcome_name(int(outcome))} ({percent(float(digit.probabilities[outcome]))})" for outcome in order]
    return f"Most likely: {', '.join(parts)}."


def removal_sentence(removal: Removal, digit: int) -> str:
    """What the model makes of a digit without one of its parts."""
    reading = article(str(digit))
    part = removal.part if removal.part.startswith("stroke") else f"its {removal.part}"
    if removal.decisive and removal.outcome == NOT_A_DIGIT:
        return f"Without {part}, it would not be taken for a digit ({percent(removal.confidence)})."
    if removal.decisive:
        return f"Without {part}, it would be read as {article(str(removal.outcome))} ({percent(removal.confidence)})."
    if removal.before - removal.after < 0.01:
        return f"Without {part}, it would still be {reading} ({percent(removal.after)})."
    return f"Without {part}, it would be {reading} with {percent(removal.after)} instead of {percent(removal.before)}."


def model_summary(card: Card) -> str:
    """The model's figure on MNIST and its size in one line."""
    accuracy = _share(card, MNIST_ACCURACY)
    size = f"{card.tflite_bytes / 1024:,.0f} KB"
    return size if accuracy is None else f"{accuracy:.2%} on MNIST · {size}"


def model_figures(card: Card) -> dict[str, str]:
    """What the card tells about a model, as labels and figures; what was not measured is left out."""
    shares = {label: _share(card, key) for key, label in CARD_FIGURES.items()}
    return {label: f"{share:.2%}" for label, share in shares.items() if share is not None} | {
        "Parameters": f"{card.parameters:,}",
        "Size of the file": f"{card.tflite_bytes / 1024:,.0f} KB",
    }


def learned_from(card: Card) -> dict[str, int | None]:
    """What a model was trained on in words, with the number of pictures, None where the card tells none."""
    parts = {entry: _PART.fullmatch(entry) for entry in card.data}
    return {
        _PARTS.get(part["name"], part["name"]) if part else entry: int(part["count"].replace(",", "")) if part else None
        for entry, part in parts.items()
    }


def _share(card: Card, key: str) -> float | None:
    value = card.figures.get(key)
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else None


def duration(seconds: float) -> str:
    """How long something takes, as one would say it."""
    if seconds < 90:
        return f"{max(5, 5 * round(seconds / 5))} seconds" if seconds < 55 else "a minute"
    minutes = seconds / 60
    if minutes < 90:
        return f"{round(minutes)} minutes"
    return f"{minutes / 60:.1f} hours"


def sentence(text: str) -> str:
    """What core says, as a sentence of its own, in Markdown: code stays code, all else is what it was typed as."""
    whole = f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
    parts = _CODE.split(whole)
    return "".join(part if _CODE.fullmatch(part) else _MARKUP.sub(r"\\\g<0>", part) for part in parts)
