"""Connectionist temporal classification: from what each column says to whole texts and their probabilities.

A text can be spread over the columns in many ways, digits longer or shorter with nothing between them; its probability
is the sum over all of them (Graves, Fernandez, Gomez and Schmidhuber, "Connectionist Temporal Classification", 2006).
An answer is (T, 11) float32 natural logarithms, a row for each column: the digits, then "nothing". Those of several
looks at a line are (A, T, 11).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BLANK = 10
OUTCOMES = 11
# A column that says "nothing" so surely cannot begin or end a digit in any text worth following.
PLAINLY_BLANK = 0.999
LOWEST = -30.0
"""Log-probability below which a text is not told apart from any other impossible one."""
LEAST_PROBABILITY = 1e-4
"""A digit less likely than this in a column does not prolong a text there."""


def plain_text(log_probabilities: NDArray[np.float32]) -> str:
    """What the likeliest outcome of each column spells: repeats are one digit, "nothing" parts them."""
    best = log_probabilities.argmax(axis=1)
    begins = (best != BLANK) & (best != np.concatenate(([BLANK], best[:-1])))
    return "".join(str(digit) for digit in best[begins])


def likely_texts(log_probabilities: NDArray[np.float32], count: int) -> tuple[str, ...]:
    """At most `count` texts, likeliest first, by prefix search (Graves 2012, chapter 7) over `count` prefixes."""
    beam: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}  # ending in nothing, ending in its last digit
    for row in np.exp(_without_plain_blanks(log_probabilities[np.newaxis])[0].astype(np.float64)).tolist():
        grown = {
            text: ((blank + last) * row[BLANK], last * row[int(text[-1])] if text else 0.0)
            for text, (blank, last) in beam.items()
        }
        # As many texts as are kept are at least so likely already: what begins below that never gets there.
        least = min(map(sum, grown.values())) if len(beam) == count else 0.0
        digits = [(str(digit), row[digit]) for digit in range(BLANK) if row[digit] > LEAST_PROBABILITY]
        for text, (blank, last) in beam.items():
            for digit, share in digits:
                added = (blank if text[-1:] == digit else blank + last) * share
                longer = text + digit
                if added >= least or longer in beam:
                    own = grown.get(longer, (0.0, 0.0))
                    grown[longer] = (own[0], own[1] + added)
        likeliest = sorted(((sum(ways), text) for text, ways in grown.items()), reverse=True)[:count]
        beam = {text: grown[text] for _, text in likeliest}
    return tuple(beam)


def text_log_probabilities(answers: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float64]:
    """The logarithm of each text's probability, summed over all ways to spread it over the columns.

    Args:
        answers: (A, T, 11), the columns' answers at each of A looks.
        texts: of digits; "" is a line that holds none.

    Returns:
        (n,) float64, not lower than `LOWEST`: the mean over the looks, each of them not lower than that.
    """
    if not texts:
        return np.zeros(0)
    columns = np.exp(_without_plain_blanks(answers).astype(np.float64)).swapaxes(0, 1)
    states = 2 * max(len(text) for text in texts) + 1
    symbols = np.full((len(texts), states), BLANK)
    skips = np.zeros((len(texts), states))
    for index, text in enumerate(texts):
        for place, digit in enumerate(text):
            symbols[index, 2 * place + 1] = int(digit)
            skips[index, 2 * place + 1] = float(place > 0 and text[place - 1] != digit)
    forward = np.zeros((len(answers), len(texts), states))
    forward[..., 0] = 1.0
    logarithm = np.zeros((len(answers), len(texts)))
    for said in columns:
        moved = forward.copy()
        moved[..., 1:] += forward[..., :-1]
        moved[..., 2:] += skips[:, 2:] * forward[..., :-2]
        forward = moved * said[:, symbols]
        size = np.maximum(forward.max(axis=-1), 1e-300)
        logarithm += np.log(size)
        forward /= size[..., np.newaxis]
    lengths = np.array([len(text) for text in texts])
    all_texts = np.arange(len(texts))
    last = np.where(lengths > 0, forward[:, all_texts, np.maximum(2 * lengths - 1, 0)], 0.0)
    ends = forward[:, all_texts, 2 * lengths] + last
    return np.asarray(np.maximum(logarithm + np.log(np.maximum(ends, 1e-300)), LOWEST).mean(axis=0))


def _without_plain_blanks(answers: NDArray[np.float32]) -> NDArray[np.float32]:
    """(A, T, 11) with fewer columns: of neighboring ones that plainly say "nothing" in all A, one is enough."""
    plain = (answers[..., BLANK] > np.log(PLAINLY_BLANK)).all(axis=0)
    repeated = plain & np.concatenate(([False], plain[:-1]))
    return np.asarray(answers[:, ~repeated], np.float32)
