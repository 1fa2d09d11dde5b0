"""Words beside a number: printed ones as on forms, with the fonts that OpenCV has, and letters by our own pens."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from core.pens import draw_not_digit, render

Ink = NDArray[np.uint8]

FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)
WORDS = (
    *("Total", "Sum", "Date", "No", "Nr", "Amount", "Name", "Price", "Qty", "Tel", "Room", "Code", "Year", "Page"),
    *("Order", "Score", "Table", "Weight", "Due", "Paid", "Cash", "Item", "Hours", "Age", "Meter", "Unit", "Phone"),
    *("Datum", "Betrag", "Summe", "Preis", "Menge", "Seite", "Konto", "Kunde", "Anzahl", "Gewicht", "Zimmer"),
    *("Montant", "Prix", "Nom", "Fecha", "Importe", "Numero", "Codice", "Totale", "Cena", "Suma", "Kwota"),
)
CLEAR = "ACEFHKLMNPRTUVWXacdefkmnpuvwx"
"""No one takes these for a digit."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ENDINGS = ("", "", ":", ":", ".")
DRAWN_PX = 64
"""Capitals are drawn this high and made smaller afterwards."""


def label_text(rng: np.random.Generator) -> str:
    """A word, or letters like one, nearly always with one that is like no digit. Now and then all capitals."""
    if rng.random() < 0.4:
        word = str(rng.choice(WORDS))
    else:
        count = int(rng.integers(2, 8))
        letters = rng.choice(list(LETTERS), count)
        letters[rng.integers(count)] = rng.choice(list(CLEAR)).lower()
        word = "".join(letters)
        word = word.capitalize() if rng.random() < 0.6 else word
    return (word.upper() if rng.random() < 0.25 else word) + ENDINGS[rng.integers(len(ENDINGS))]


def printed_label(text: str, height_px: float, rng: np.random.Generator) -> tuple[Ink, int]:
    """A word in print, capitals `height_px` high: (h, w) uint8 ink, cropped, and the row that it stands on."""
    font = int(rng.choice(FONTS)) | (cv2.FONT_ITALIC if rng.random() < 0.2 else 0)
    thickness = int(rng.integers(3, 11))
    scale = DRAWN_PX / _capital_height(font)
    (width, height), below = cv2.getTextSize(text, font, scale, thickness)
    pad = DRAWN_PX
    page = np.zeros((height + below + 2 * pad, width + 2 * pad), np.uint8)
    cv2.putText(page, text, (pad, pad + height), font, scale, 255, thickness, cv2.LINE_AA)
    down = height_px / DRAWN_PX
    across = down * rng.uniform(0.75, 1.25)
    size_wh = (max(1, round(page.shape[1] * across)), max(1, round(page.shape[0] * down)))
    small = np.asarray(cv2.resize(page, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
    x, y, ink_width, ink_height = cv2.boundingRect(small)
    return small[y : y + ink_height, x : x + ink_width], round((pad + height) * down) - y


@cache
def _capital_height(font: int) -> float:
    """Pixels of a capital at scale 1, measured, since OpenCV's own answer is that of other fonts than it draws."""
    page = np.zeros((400, 400), np.uint8)
    cv2.putText(page, "H", (100, 300), font, 5, 255, 1)
    return cv2.boundingRect(page)[3] / 5


def written_label(height_px: float, pen_px: float, rng: np.random.Generator) -> Ink:
    """Two to five letters by our own pens, `height_px` high, that are like no digit: (h, w) uint8 ink."""
    letters = [
        np.asarray(
            render(draw_not_digit(rng, "letter"), height_px=height_px * rng.uniform(0.85, 1.1), brush_px=pen_px),
            np.uint8,
        )
        for _ in range(int(rng.integers(2, 6)))
    ]
    gap, height = max(1, round(height_px * rng.uniform(0.05, 0.25))), max(len(letter) for letter in letters)
    return np.hstack([np.pad(letter, ((height - len(letter), 0), (0, gap))) for letter in letters])[:, :-gap]
