"""What a webcam sees when nobody holds a number before it: drawn anew, lit unevenly and noisy like the videos."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.synthesis.video import held_numbers

Pixels = NDArray[np.uint8]
Scene = Callable[[np.random.Generator], Pixels]
SHIPPED = Path(__file__).parents[2] / "models"
WORDS = ("Invoice", "total", "delivery", "quantity", "please", "sign", "below", "return", "this", "sheet", "Friday")


def film(make: Scene, frames: int, seed: int = 3) -> Iterator[Pixels]:
    """A scene as a camera sees it, frame by frame."""
    rng = np.random.default_rng(seed)
    for count, frame in enumerate(held_numbers(("0",), rng, background=make(rng))):
        if count == frames:
            return
        yield frame.pixels


def empty_table(rng: np.random.Generator) -> Pixels:
    """Wood with a strong grain."""
    grain = cv2.resize(rng.normal(0, 18, (480, 40)).astype(np.float32), (640, 480))
    return np.clip(grain[..., None] + np.array([120, 85, 60], np.float32), 0, 255).astype(np.uint8)


def plain_wall(rng: np.random.Generator) -> Pixels:
    """Nothing at all."""
    return np.full((480, 640, 3), int(rng.integers(150, 220)), np.uint8)


def printed_text(rng: np.random.Generator) -> Pixels:
    """A page of small print."""
    return _text(rng, size=0.6, distance=26, thickness=1)


def large_print(rng: np.random.Generator) -> Pixels:
    """A page of print as high as small handwriting."""
    return _text(rng, size=1.2, distance=52, thickness=2)


def keyboard(rng: np.random.Generator) -> Pixels:
    """Dark keys with light letters."""
    picture = np.full((480, 640, 3), 60, np.uint8)
    for row, keys in enumerate(("QWERTYUIOP", "ASDFGHJKL;", "ZXCVBNM,./", "    [    ]")):
        for column, key in enumerate(keys):
            x, y = 20 + 60 * column + 8 * row, 60 + 80 * row
            cv2.rectangle(picture, (x, y), (x + 50, y + 65), (25, 25, 28), -1)
            cv2.putText(picture, key, (x + 10, y + 30), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (225,) * 3, 2, cv2.LINE_AA)
    return picture


def face(rng: np.random.Generator) -> Pixels:
    """Somebody before the camera."""
    picture = np.full((480, 640, 3), (150, 160, 150), np.uint8)
    cv2.ellipse(picture, (320, 560), (260, 170), 0, 180, 360, (50, 60, 90), -1)
    cv2.ellipse(picture, (320, 260), (120, 160), 0, 0, 360, (205, 165, 140), -1)
    cv2.ellipse(picture, (320, 150), (130, 90), 0, 180, 360, (60, 40, 30), -1)
    for x in (270, 370):
        cv2.ellipse(picture, (x, 230), (24, 12), 0, 0, 360, (245, 245, 245), -1)
        cv2.circle(picture, (x, 230), 10, (50, 40, 30), -1)
        cv2.ellipse(picture, (x, 205), (30, 8), 0, 180, 360, (60, 40, 30), 4)
    cv2.line(picture, (322, 240), (312, 300), (170, 130, 110), 4)
    cv2.ellipse(picture, (320, 340), (40, 14), 0, 0, 180, (150, 70, 70), 5)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.5), np.uint8)


def room(rng: np.random.Generator) -> Pixels:
    """Shelves, a picture frame, a lamp and its cable."""
    picture = np.full((480, 640, 3), (182, 176, 165), np.uint8)
    cv2.rectangle(picture, (60, 100), (200, 300), (90, 70, 50), -1)
    cv2.rectangle(picture, (80, 120), (180, 280), (200, 210, 220), -1)
    cv2.rectangle(picture, (300, 150), (310, 400), (60, 60, 60), -1)
    cv2.rectangle(picture, (400, 200), (560, 232), (70, 50, 40), -1)
    for x in range(410, 550, 18):
        cv2.rectangle(
            picture, (x, 130 + int(rng.integers(0, 20))), (x + 14, 199), rng.integers(40, 200, 3).tolist(), -1
        )
    cv2.ellipse(picture, (260, 330), (40, 90), 20, 0, 250, (40, 40, 40), 4, cv2.LINE_AA)
    return picture


SCENES: tuple[Scene, ...] = (empty_table, plain_wall, printed_text, large_print, keyboard, face, room)


def _text(rng: np.random.Generator, size: float, distance: int, thickness: int) -> Pixels:
    picture = np.full((480, 640, 3), 235, np.uint8)
    for y in range(distance, 480, distance):
        x = 10
        while x < 620:
            word = WORDS[int(rng.integers(len(WORDS)))]
            cv2.putText(picture, word, (x, y), cv2.FONT_HERSHEY_COMPLEX, size, (30, 30, 35), thickness, cv2.LINE_AA)
            x += cv2.getTextSize(word, cv2.FONT_HERSHEY_COMPLEX, size, thickness)[0][0] + round(20 * size)
    return picture
