"""A line as one picture, the recognizer that reads it, and where it is stored."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.classifier import Classifier
from core.errors import ModelError
from core.recognition import store
from core.recognition.ctc import plain_text
from core.recognition.image import DIGIT_HEIGHT, HEIGHT, WIDEST, line_image
from core.recognition.recognizer import SHIFTS_PX, LineRecognizer
from core.segmentation.lines import WritingLine, find_lines
from tests.core.drawings import Ink, pieces_of, sheet, shipped, write
from tests.core.tiny_models import card_of, tiny_tflite

needs_the_shipped = pytest.mark.skipif(not store.FOLDER.exists(), reason="no recognizer is shipped")


def line_of(page: Ink) -> WritingLine:
    (line,) = find_lines(pieces_of(page))
    return line


def rows_of(image: Ink, columns: slice) -> tuple[int, int]:
    """First and last inked row."""
    rows = np.flatnonzero((image[:, columns] > 127).any(axis=1))
    return int(rows[0]), int(rows[-1])


@pytest.mark.parametrize("height", [16.0, 60.0, 150.0])
def test_digits_come_out_equally_high_and_in_the_middle(height: float) -> None:
    page = sheet(260, 900)
    write(page, "528", 20, 40, height=height)

    image, _, _ = line_image(line_of(page))

    top, bottom = rows_of(image, slice(None))
    assert image.shape[0] == HEIGHT
    assert image.shape[1] % 2 == 0
    assert bottom - top + 1 == pytest.approx(DIGIT_HEIGHT, abs=3)
    assert (top + bottom) / 2 == pytest.approx(HEIGHT / 2, abs=1.5)


def test_a_rising_line_is_straightened() -> None:
    page = sheet(300, 900)
    write(page, "80808080", 20, 200, rise=0.2)

    image, _, _ = line_image(line_of(page))

    first, last = rows_of(image, slice(8, 24)), rows_of(image, slice(-24, -8))
    assert abs(sum(first) - sum(last)) / 2 <= 2.5


def test_a_column_of_the_page_is_found_in_the_picture() -> None:
    page = sheet(120, 620)
    boxes = write(page, "111", 20, 20, gap=1.0)

    image, scale, left = line_image(line_of(page))

    middles = [(box.center[0] - left) * scale for box in boxes]
    assert all(image[:, round(middle) - 1 : round(middle) + 2].max() > 200 for middle in middles)


def test_an_endless_line_stays_within_bounds() -> None:
    page = sheet(60, 6000)
    write(page, "5" * 120, 5, 15, height=26.0)

    image, scale, _ = line_image(line_of(page))

    assert image.shape[1] <= WIDEST
    assert scale < DIGIT_HEIGHT / 26


def test_what_reads_no_lines_is_refused() -> None:
    for model in (b"", b"no model at all", tiny_tflite()):
        with pytest.raises(ModelError, match="line recognizer"):
            LineRecognizer(model)


def test_without_a_recognizer_lines_are_read_by_grouping_alone(tmp_path: Path) -> None:
    assert store.load(tmp_path / "nowhere") is None


@pytest.mark.parametrize("damage", ["no card", "no model", "another model", "half a card", "a card that is a list"])
def test_a_damaged_recognizer_is_never_loaded(tmp_path: Path, damage: str) -> None:
    (tmp_path / store.TFLITE_FILE).write_bytes(b"a model")
    (tmp_path / store.CARD_FILE).write_text(json.dumps({"tflite_sha256": "0" * 64}))
    if damage == "no card":
        (tmp_path / store.CARD_FILE).unlink()
    elif damage == "no model":
        (tmp_path / store.TFLITE_FILE).unlink()
    elif damage == "half a card":
        (tmp_path / store.CARD_FILE).write_text('{"tflite_sha256": "00')
    elif damage == "a card that is a list":
        (tmp_path / store.CARD_FILE).write_text("[1, 2]")

    with pytest.raises(ModelError, match="take it from its source again"):
        store.load(tmp_path)


def test_what_does_not_read_is_not_stored(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        store.save(b"no model", {}, shipped(), tmp_path / "lines")

    assert not (tmp_path / "lines").exists()


@needs_the_shipped
def test_the_shipped_recognizer_reads_a_number_on_its_own_at_each_look() -> None:
    recognizer = store.beside(shipped())
    page = sheet(120, 620)
    write(page, "5283", 20, 20)

    assert recognizer is not None
    _, looks = recognizer.answers(line_image(line_of(page))[0])
    assert [plain_text(said) for said in looks] == ["5283"] * 3


@needs_the_shipped
def test_a_look_is_at_the_line_moved_down_by_its_shift() -> None:
    recognizer = store.load()
    assert recognizer is not None
    line = np.zeros((HEIGHT, 64), np.uint8)
    cv2.line(line, (30, 8), (30, 24), 255, 3)

    (unmoved,), looks = recognizer.answers(line)

    for shift, look in zip(SHIFTS_PX, looks, strict=True):
        (moved,) = next(recognizer.answers(np.roll(line, shift, axis=0)))
        assert np.array_equal(look, moved)
        assert np.array_equal(look, unmoved) == (shift == 0)


def test_a_model_of_one_s_own_reads_alone() -> None:
    tflite = tiny_tflite()

    assert store.beside(Classifier(tflite, card_of(tflite, name="digitscope"))) is None


@needs_the_shipped
def test_the_answer_does_not_depend_on_what_was_read_before() -> None:
    recognizer = store.load()
    assert recognizer is not None
    narrow, wide = np.zeros((HEIGHT, 60), np.uint8), np.zeros((HEIGHT, 200), np.uint8)
    cv2.line(narrow, (30, 6), (30, 26), 255, 3)
    wide[:, :60] = narrow

    before = list(recognizer.answers(narrow))
    list(recognizer.answers(wide))

    assert all(np.array_equal(*pair) for pair in zip(recognizer.answers(narrow), before, strict=True))


@needs_the_shipped
def test_threads_share_a_recognizer_and_many_widths_push_each_other_out() -> None:
    recognizer = store.load()
    assert recognizer is not None
    rng = np.random.default_rng(3)
    images = [rng.integers(0, 256, (HEIGHT, width), np.uint8) for width in (60, 200, 500, 900, 1100, 64)]
    alone = [list(recognizer.answers(image))[-1] for image in images]

    with ThreadPoolExecutor(4) as executor:
        together = list(executor.map(lambda image: list(recognizer.answers(image))[-1], images * 3))

    assert all(np.array_equal(*pair) for pair in zip(together, alone * 3, strict=True))
