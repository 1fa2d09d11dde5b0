"""How a training goes, in words."""

from __future__ import annotations

from typing import Literal, NamedTuple

from core.runs.history import History

Tendency = Literal["too early", "not learning", "still learning", "leveling off", "overfitting"]
CHANCE = 0.2
"""Ten digits guessed are right a tenth of the time."""
FALLING = 0.97
"""Below this share of the lowest validation loss before the last two epochs, it still falls."""
RISEN = 1.08
"""Above this share of its lowest it has risen, and not by chance."""


class Verdict(NamedTuple):
    """One word for how a training goes, and a sentence."""

    tendency: Tendency
    sentence: str


def verdict(history: History, *, ended: bool = False) -> Verdict:
    """What the validation digits say about a training so far, or about one that has ended."""
    losses = [epoch.done.validation_loss for epoch in history.epochs]
    if not losses:
        return Verdict("too early", "Too early to tell: the first look at validation digits comes after an epoch.")
    last = history.epochs[-1].done
    if last.validation_accuracy < CHANCE:
        return Verdict(
            "not learning",
            f"Not learning: {last.validation_accuracy:.0%} of validation digits are right, hardly more than by chance. "
            "Try a lower learning rate.",
        )
    best = min(range(len(losses)), key=losses.__getitem__)
    training_falls = last.loss < history.epochs[best].done.loss
    if losses[-1] > RISEN * losses[best] and len(losses) - best > 2 and training_falls:
        return Verdict(
            "overfitting",
            f"Overfitting: validation was best after epoch {best + 1} and has become worse since, while training "
            "digits go better. Use more data, more augmentation or more dropout, or fewer epochs.",
        )
    if len(losses) < 3 or min(losses[-2:]) < FALLING * min(losses[:-2]):
        start = "It was still learning when it ended" if ended else "Still learning"
        right = f"{last.validation_accuracy:.2%} of validation digits {'were right' if ended else 'are right so far'}"
        return Verdict("still learning", f"{start}: {right}{'; more epochs help' if len(losses) > 2 else ''}.")
    return Verdict(
        "leveling off",
        f"Leveling off at {last.validation_accuracy:.2%} of validation digits: more epochs alone will hardly help.",
    )
