"""A reading on the page: the number in large type, then digit by digit what the model saw and how it decided."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from core.reading import Digit, Reading, Verdict
from ui import charts, wording
from ui.pictures import data_url, enlarged
from ui.steady_chart import steady_chart

SEEN_FACTOR = 6
# Wide enough for eleven bars: on a phone it goes below the picture instead of being squeezed beside it.
BESIDE_PX = 310
WIDTH_PX = 500
VERDICT_ICONS: dict[Verdict, str] = {
    "sure": ":material/check_circle:",
    "unsure": ":material/help:",
    "unreadable": ":material/block:",
}

# One line is as large as the page allows; many digits or lines share the room. `anywhere` lets a number too long for a
# phone go on below instead of being cut off.
_NUMBER = (
    '<div role="status" aria-live="polite" data-testid="answer" style="font-size: {size}; line-height: 1.1; '
    "font-weight: 700; letter-spacing: 0.02em; font-variant-numeric: tabular-nums; "
    'overflow-wrap: anywhere;">{text}</div>'
)
_LARGE, _LONG = "clamp(4rem, 20vw, 7rem)", "clamp(2.25rem, 11vw, 4rem)"
SHORT_NUMBER = 5
BARS = "digit_bars"
"""The chart of the digit that is looked at, by its key; one on a page."""
UNSEEN = "\u200b"
"""A space without width: a label that has it looks like one that has not."""


def show_number(reading: Reading) -> None:
    """The number read, in very large type, and how sure the reader is of all of it."""
    show_large(reading.text)
    st.markdown(wording.reading_sentence(reading))


def show_large(text: str) -> None:
    """A number, or several lines of them, in very large type."""
    lines = text.split("\n")
    size = _LARGE if len(lines) == 1 and len(text) <= SHORT_NUMBER else _LONG
    st.html(_NUMBER.format(size=size, text="<br>".join(html.escape(line) for line in lines)))


def show_digits(reading: Reading, key: str) -> Digit:
    """Digit by digit: what the model saw, the probabilities, the runner-up. Returns the digit looked at."""
    # Always the same slots, filled or not: an element that moves to another place is made anew, and that flickers.
    with st.container():
        digit = reading.digits[_picked(reading.digits, key)]
    if len(reading.digits) > 1:
        st.markdown(f"{VERDICT_ICONS[digit.verdict]} {wording.verdict_sentence(digit)}")
    else:
        st.markdown(f"{VERDICT_ICONS[digit.verdict]} {wording.runner_up_sentence(digit)}")
    with st.container(horizontal=True, gap="small"):
        with st.container(width=28 * SEEN_FACTOR):
            st.image(
                data_url(enlarged(digit.normalized, SEEN_FACTOR)),
                caption="What the model saw",
                alt=f"The mark on 28 by 28 pixels, white on black: {wording.verdict_label(digit)}.",
            )
        with st.container(width=BESIDE_PX, gap="xsmall"):
            steady_chart(
                charts.probability_bars(digit),
                key=BARS,
                about=key,
                alt=f"Probabilities as bars. {wording.probabilities_in_words(digit)}",
            )
            st.caption(wording.probabilities_in_words(digit))
    return digit


def _picked(digits: Sequence[Digit], key: str) -> int:
    """The digit to look at: at first the least sure one, which is the one worth a look."""
    doubtful = min(range(len(digits)), key=lambda i: (digits[i].digit is not None, digits[i].confidence))
    if len(digits) == 1:
        return doubtful
    texts = [digit.text for digit in digits]
    # Streamlit tells choices apart by their labels alone: the second 2 of 2026 needs another one than the first.
    names = [text + UNSEEN * texts[:i].count(text) for i, text in enumerate(texts)]
    # The number of digits is part of the key: a choice among three means nothing among four.
    picked = st.segmented_control(
        "Look at a digit",
        range(len(digits)),
        default=doubtful,
        required=True,
        format_func=lambda i: names[i],
        key=f"{key}_picked_of_{len(digits)}",
    )
    return int(picked)
