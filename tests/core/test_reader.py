"""The one path from a picture to numbers: easy drawings are read exactly, pictures without numbers give none."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.card import Calibration
from core.classifier import NOT_A_DIGIT
from core.geometry import Box
from core.grouping import MOST_LOOKS
from core.images import Image
from core.pens import trace
from core.reader import CANVAS_SETTINGS, Reader, ReadSettings
from core.recognition.store import beside
from core.segmentation.pieces import MOST_PIECES
from core.segmentation.settings import SegmentationSettings
from core.synthesis import kind_page, sample_drawings
from tests.core.drawings import Judge, glyph, number, photo, put, sheet, shipped, write
from tests.core.test_segmentation_desk import WHITE, YELLOW, lay, oak

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(shipped())


def settings(**segmentation: object) -> ReadSettings:
    return ReadSettings(segmentation=SegmentationSettings(**segmentation))  # type: ignore[arg-type]


def overlap(one: Box, other: Box) -> float:
    """Intersection over union, 0 to 1."""
    width = min(one.right, other.right) - max(one.x, other.x)
    height = min(one.bottom, other.bottom) - max(one.y, other.y)
    common = max(0, width) * max(0, height)
    return common / (one.width * one.height + other.width * other.height - common)


@pytest.mark.parametrize("height", [30, 60, 150])
def test_a_drawn_number_is_read_at_any_size(reader: Reader, height: int) -> None:
    found = reader.read(photo(number("5283", height)))

    assert found.text == "5283"
    assert found.model == shipped().name
    assert found.milliseconds > 0


@pytest.mark.parametrize(("paper", "dark"), [(240, 30), (255, 0), (40, 230), (200, 120)])
def test_dark_and_light_ink_are_read(reader: Reader, paper: int, dark: int) -> None:
    assert reader.read(photo(number("5283"), paper=paper, dark=dark)).text == "5283"


def test_a_number_in_a_shadow_is_read(reader: Reader) -> None:
    page = number("5283", margin=60)

    assert reader.read(photo(page, paper=np.linspace(240, 90, page.shape[1])[np.newaxis, :])).text == "5283"


@pytest.mark.parametrize("degrees", [-13, -8, 8, 13])
def test_a_form_held_askew_is_turned_level_and_its_digits_are_found_where_they_stand(
    reader: Reader, degrees: float
) -> None:
    page, cells = sheet(420, 640), sheet(420, 640)
    boxes = []
    for place, digit in enumerate((5, 2, 8, 3)):
        left = 130 + 90 * place
        boxes.append(put(page, glyph(digit), left + 25, 170))
        cv2.rectangle(cells, (left, 150), (left + 90, 250), 255, 3)
    turn = cv2.getRotationMatrix2D((320, 210), degrees, 1)
    image = photo(cv2.warpAffine(np.maximum(page, cells // 2), turn, (640, 420)))

    found = reader.read(image, with_steps=True)

    assert found.text == "5283"
    for box, digit in zip(boxes, found.lines[0].digits, strict=True):
        x, y = turn @ (*box.center, 1)
        assert digit.box.center == pytest.approx((x, y), abs=4)
        assert overlap(digit.box, Box(round(x - box.width / 2), round(y - box.height / 2), *box[2:])) > 0.6
    assert found.steps[0].name == "Upright"
    assert found.steps[0].image.shape[1] > 640


@pytest.mark.parametrize("degrees", [-28, -17, 17, 28])
def test_a_picture_turned_by_much_is_read_line_by_line(reader: Reader, degrees: float) -> None:
    page = sheet(620, 620)
    write(page, "528 1", 200, 200)
    write(page, "3069", 190, 320)
    turn = cv2.getRotationMatrix2D((310, 310), degrees, 1)

    assert reader.read(photo(cv2.warpAffine(page, turn, (620, 620)))).text == "528 1\n3069"


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_picture_on_its_side_or_head_is_read_and_its_boxes_lie_on_its_digits(reader: Reader, quarters: int) -> None:
    page = sheet(360, 500)
    boxes = write(page, "52", 60, 60) + write(page, "7346", 70, 200)
    turned = np.ascontiguousarray(np.rot90(page, quarters))

    found = reader.read(photo(turned), with_steps=True)

    assert found.text == "52\n7346"
    digits = [digit for line in found.lines for digit in line.digits]
    for box, digit in zip(boxes, digits, strict=True):
        inside = np.zeros_like(page)
        inside[box.y : box.bottom, box.x : box.right] = 1
        rows, columns = np.nonzero(np.rot90(inside, quarters))
        there = Box(int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
        assert overlap(digit.box, there) > 0.8
    assert found.size_wh == turned.shape[::-1]
    assert found.steps[0].image.shape[:2] == page.shape
    assert reader.read(photo(turned), ReadSettings(any_way_up=False)).text != "52\n7346"


@pytest.mark.parametrize("text", ["6", "66", "09"])
def test_so_few_digits_stay_as_they_are_on_their_head(reader: Reader, text: str) -> None:
    assert reader.read(photo(np.ascontiguousarray(np.rot90(number(text), 2)))).text != text


@pytest.mark.parametrize("degrees", [-13, -10, 10, 13])
def test_an_arrow_under_a_level_number_is_no_digit(reader: Reader, degrees: float) -> None:
    page = sheet(460, 760)
    write(page, "3677", 80, 60, height=80)
    down = -500 * np.tan(np.deg2rad(degrees))
    cv2.arrowedLine(page, (100, round(300 - down / 2)), (600, round(300 + down / 2)), 255, 5)

    assert reader.read(photo(page)).text == "3677"


@pytest.mark.parametrize("rise", [-0.25, 0.25])
def test_a_number_written_uphill_with_upright_digits_is_read(reader: Reader, rise: float) -> None:
    page = sheet(360, 560)
    write(page, "52836", 60, 200 if rise > 0 else 60, rise=rise)

    assert reader.read(photo(page)).text == "52836"


def test_digits_among_hatching_as_dark_as_the_pen_are_read(reader: Reader) -> None:
    page = number("5283", height=100, margin=50)
    for start in range(-page.shape[1], page.shape[0], 14):
        cv2.line(page, (0, start), (page.shape[1], start + page.shape[1] // 6), 255, 2, cv2.LINE_AA)

    assert reader.read(photo(page)).text == "5283"


@pytest.mark.parametrize("margin", [0, 1, 2])
@pytest.mark.parametrize("text", ["4570", "8212", "7811"])
def test_a_picture_cut_tightly_around_a_number_keeps_its_first_and_last_digit(
    reader: Reader, text: str, margin: int
) -> None:
    page = number(text, 90)
    rows, columns = np.flatnonzero(page.any(axis=1)), np.flatnonzero(page.any(axis=0))
    tight = np.pad(page[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], margin)

    assert reader.read(photo(tight)).text == text


@pytest.mark.parametrize("rule", [1, 3, 5])
def test_a_table_is_read_however_broad_its_rules(reader: Reader, rule: int) -> None:
    page = sheet(4 * 90 + 120 + rule, 3 * 240 + 120 + rule)
    for row in range(5):
        page[60 + 90 * row : 60 + 90 * row + rule, 60 : 60 + 720 + rule] = 255
    for column in range(4):
        page[60 : 60 + 360 + rule, 60 + 240 * column : 60 + 240 * column + rule] = 255
    rows = [["407", "528", "960"], ["36", "852", "70"], ["208", "25", "864"], ["505", "608", "93"]]
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            write(page, text, 60 + 240 * column + 30, 60 + 90 * row + 24, height=44)

    assert reader.read(photo(page)).text.split("\n") == [" ".join(texts) for texts in rows]


def test_a_page_of_a_thousand_digits_loses_none(reader: Reader) -> None:
    page = sheet(1_200, 1_400)
    rows = ["".join(str((row * 7 + column * 3) % 10) for column in range(32)) for row in range(32)]
    for row, text in enumerate(rows):
        write(page, text, 40, 24 + 36 * row, height=22, gap=0.9)

    assert sum(len(line.digits) for line in reader.read(photo(page)).lines) == 32 * 32


def test_small_numbers_under_a_large_one_are_read(reader: Reader) -> None:
    page = sheet(560, 800)
    write(page, "2024", 60, 40, height=130)
    for row, text in enumerate(("852", "4570", "802", "936")):
        write(page, text, 80, 230 + 75 * row, height=42)

    assert reader.read(photo(page)).text.split("\n") == ["2024", "852", "4570", "802", "936"]


def test_a_long_strip_is_read_to_its_end(reader: Reader) -> None:
    page = sheet(9_000, 700)
    rows = [str(20_358 + 437 * row) for row in range(60)]
    for row, text in enumerate(rows):
        write(page, text, 100, 40 + 148 * row, height=44)

    assert reader.read(photo(page)).text.split("\n") == rows


@pytest.mark.parametrize("text", ["57", "5283", "8"])
def test_a_circled_number_is_read(reader: Reader, text: str) -> None:
    page = sheet(360, 640)
    right = write(page, text, 200, 150)[-1].right
    cv2.ellipse(page, ((200 + right) // 2, 180), (right // 2 - 40, 90), 0, 0, 360, 255, 5, cv2.LINE_AA)

    assert reader.read(photo(page)).text == text


def test_a_barcode_under_a_number_is_no_row_of_ones(reader: Reader) -> None:
    page = sheet(300, 600)
    write(page, "5283", 60, 40)
    x = 60
    for index in range(24):
        width = 3 + 3 * (index * 7 % 3)
        page[180:240, x : x + width] = 255
        x += width + 9 + 2 * (index % 3)

    assert reader.read(photo(page)).text == "5283"


@pytest.mark.parametrize(("x", "y"), [(200, 150), (40, 300)])
@pytest.mark.parametrize("color", [YELLOW, WHITE])
def test_a_note_on_a_wooden_desk_is_read_where_it_lies(
    reader: Reader, color: tuple[int, int, int], x: int, y: int
) -> None:
    desk = oak(760, 1000)
    lay(desk, x, y, 500, 320, color)
    ink = (number("5283", 80, margin=0) / 255)[..., np.newaxis]
    window = np.s_[y + 120 : y + 120 + ink.shape[0], x + 80 : x + 80 + ink.shape[1]]
    desk[window] = np.rint(desk[window] * (1 - 0.85 * ink)).astype(np.uint8)

    found = reader.read(Image(desk), with_steps=True)

    assert found.text == "5283"
    first, last = found.digits[0].box, found.digits[-1].box
    assert (first.x, first.y) == pytest.approx((x + 80, y + 120), abs=4)
    assert last.right == pytest.approx(x + 80 + ink.shape[1], abs=4)
    assert [step.name for step in found.steps][:2] == ["Sheet", "Gray"]


@pytest.mark.parametrize("exposure", [1.0, 0.1, 0.05])
def test_chalk_is_read_in_a_dim_picture(reader: Reader, exposure: float) -> None:
    assert reader.read(photo(number("5283"), paper=50 * exposure, dark=210 * exposure)).text == "5283"


@pytest.mark.parametrize("color", [(255, 0, 0), (0, 0, 255), (160, 20, 20)])
def test_colored_chalk_on_a_colored_board_is_read(reader: Reader, color: tuple[int, int, int]) -> None:
    share = (number("5283") / 255)[..., np.newaxis]
    pixels = np.rint(np.array((25, 60, 45)) * (1 - share) + np.array(color) * share)

    assert reader.read(Image(pixels.astype(np.uint8))).text == "5283"


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_clean_page_of_our_own_pens_is_read_exactly(reader: Reader, index: int) -> None:
    page = kind_page("clean", 1, index)

    assert reader.read(page.image).text == page.text


def test_lines_run_from_top_to_bottom_and_groups_are_parted_by_a_space(reader: Reader) -> None:
    page = sheet(340, 620)
    write(page, "528 36", 30, 30)
    write(page, "70", 300, 130)
    write(page, "94 8 62", 30, 240)

    found = reader.read(photo(page))

    assert found.text == "528 36\n70\n94 8 62"
    assert [line.text for line in found.lines] == found.text.split("\n")


@pytest.mark.parametrize(("gaps", "text"), [
    ((0.2, 0.2, 0.9, 0.2), "528 36"),
    ((0.2, 0.9, 0.2, 0.9), "52 83 6"),
    ((1.1, 1.2, 1.1, 1.3), "52836"),
    ((0.3, 0.4, 0.5, 0.4), "52836"),
    ((2.2, 2.2, 2.2, 2.2), "5 2 8 3 6"),
])  # fmt: skip
def test_a_space_is_wide_beside_the_other_gaps_of_its_line(reader: Reader, gaps: tuple[float, ...], text: str) -> None:
    height, left = 60, 30.0
    page = sheet(140, 1000)
    for digit, gap in zip("52836", (*gaps, 0.0), strict=True):
        (box,) = write(page, digit, round(left), 40, height)
        left = box.right + gap * height

    assert reader.read(photo(page)).text == text


def test_boxes_lie_where_the_digits_are(reader: Reader) -> None:
    page = sheet(240, 420)
    boxes = write(page, "5283", 40, 30) + write(page, "607", 60, 140)

    found = reader.read(photo(page))

    assert found.size_wh == (420, 240)
    assert len(found.digits) == len(boxes)
    assert all(overlap(digit.box, box) > 0.75 for digit, box in zip(found.digits, boxes, strict=True))
    for line in found.lines:
        assert all(line.box.x <= digit.box.x and digit.box.right <= line.box.right for digit in line.digits)


@pytest.mark.parametrize("scale", [2.0, 3.0])
def test_boxes_are_in_pixels_of_the_original_also_of_a_picture_scaled_down(reader: Reader, scale: float) -> None:
    page = sheet(200, 420)
    boxes = write(page, "5283", 40, 60)
    full_wh = round(420 * scale), round(200 * scale)

    found = reader.read(photo(page, scale=scale, full_wh=full_wh))

    assert found.size_wh == full_wh
    scaled = [Box(*(round(value * scale) for value in box)) for box in boxes]
    assert all(overlap(digit.box, box) > 0.75 for digit, box in zip(found.digits, scaled, strict=True))


def test_no_box_lies_beyond_a_picture_whose_sides_the_scale_does_not_divide(reader: Reader) -> None:
    page = sheet(140, 420)
    write(page, "5283", 40, 60)
    lowest = page[: np.flatnonzero(page.any(axis=1))[-1]]
    full_wh = 2 * 420 - 1, 2 * len(lowest) - 1

    found = reader.read(photo(lowest, scale=2.0, full_wh=full_wh))

    assert found.digits
    assert all(digit.box.right <= full_wh[0] and digit.box.bottom <= full_wh[1] for digit in found.digits)
    assert all(line.box.bottom <= full_wh[1] for line in found.lines)


def test_boxes_of_a_large_picture_are_not_those_of_its_working_copy(reader: Reader) -> None:
    page = sheet(700, 2600)
    boxes = write(page, "52", 1900, 200, height=300)

    found = reader.read(photo(page))

    assert all(overlap(digit.box, box) > 0.75 for digit, box in zip(found.digits, boxes, strict=True))


def test_every_digit_carries_its_evidence(reader: Reader) -> None:
    for digit in reader.read(photo(number("5283"))).digits:
        assert digit.digit == digit.probabilities.argmax()
        assert digit.confidence == pytest.approx(float(digit.probabilities.max()))
        assert digit.runner_up != digit.digit
        assert (
            digit.confidence >= digit.runner_up_confidence == pytest.approx(float(digit.probabilities[digit.runner_up]))
        )
        assert digit.normalized.any()
        assert digit.glyph.any()


def test_a_line_is_as_sure_as_all_its_digits_together(reader: Reader) -> None:
    (line,) = reader.read(photo(number("5283"))).lines

    assert line.confidence == pytest.approx(float(np.prod([digit.confidence for digit in line.digits])))


@pytest.mark.parametrize("value", [0, 3, 128, 255])
@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (8, 8), (3, 300), (300, 3), (200, 300)])
def test_plain_pictures_hold_no_number(reader: Reader, shape: tuple[int, int], value: int) -> None:
    found = reader.read(Image(np.full((*shape, 3), value, np.uint8)))

    assert found.lines == ()
    assert found.text == ""


@pytest.mark.parametrize("blur", [0, 1, 3])
def test_noise_holds_no_number_and_takes_bounded_work(blur: int) -> None:
    pixels = np.random.default_rng(7).integers(0, 256, (90, 130, 3), dtype=np.uint8)
    if blur:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), blur), np.uint8)
    judge = Judge(lambda _digit: (NOT_A_DIGIT, 0.99))

    found = Reader(judge).read(Image(pixels))  # type: ignore[arg-type]

    assert found.text == ""
    assert judge.asked < 20_000


def test_a_page_full_of_marks_that_may_be_digits_takes_bounded_work() -> None:
    clouds = cv2.GaussianBlur(np.random.default_rng(3).normal(0, 1, (900, 1200)), (0, 0), 8)
    marks = np.where(clouds > 0.05, 0, 255).astype(np.uint8)
    judge = Judge(lambda digit: (int(digit.sum()) % 10, 0.9))  # sure enough to go on, never to leave a piece whole

    Reader(judge).read(Image(cv2.merge([marks] * 3)))  # type: ignore[arg-type]

    # Each hypothesis with its cuts as they are, and with the stroke that it may share; pieces beyond the last attempt.
    assert judge.asked <= 2 * MOST_LOOKS + MOST_PIECES


def test_grainy_paper_holds_no_number(reader: Reader) -> None:
    grain = np.random.default_rng(8).normal(225, 4, (300, 400, 1)).clip(0, 255).astype(np.uint8)

    assert reader.read(Image(np.repeat(grain, 3, axis=2))).text == ""


def test_dirt_beside_a_number_is_left_out(reader: Reader) -> None:
    page = number("5283", margin=60)
    page[20:23, 100:103] = page[150:154, 40:43] = page[90:92, 30:32] = 255

    assert reader.read(photo(page)).text == "5283"


def test_a_ruled_line_under_a_number_is_no_digit(reader: Reader) -> None:
    page = number("5283", margin=60)
    page[135:137] = 255

    assert reader.read(photo(page)).text == "5283"


def test_eight_threads_read_what_one_reads(reader: Reader) -> None:
    images = [photo(number(text)) for text in ("5283", "07", "946", "1", "38", "602", "71", "55")] * 2
    alone = [reader.read(image) for image in images]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(reader.read, images))

    assert [found.text for found in together] == [found.text for found in alone]
    for one, other in zip(alone, together, strict=True):
        assert [digit.box for digit in one.digits] == [digit.box for digit in other.digits]
        assert all(
            np.array_equal(a.probabilities, b.probabilities) for a, b in zip(one.digits, other.digits, strict=True)
        )


def test_the_picture_is_never_written_to(reader: Reader) -> None:
    image = photo(number("5283"))
    before = image.pixels.copy()
    image.pixels.flags.writeable = False

    reader.read(image, with_steps=True)

    assert np.array_equal(image.pixels, before)


def test_steps_are_kept_only_when_asked_for(reader: Reader) -> None:
    image = photo(number("5283"))

    assert reader.read(image).steps == ()
    steps = reader.read(image, with_steps=True).steps
    assert len({step.name for step in steps}) == len(steps) >= 5
    assert all(step.purpose for step in steps)


def test_settings_are_automatic_unless_set() -> None:
    assert ReadSettings() == ReadSettings(segmentation=SegmentationSettings(), minimum_confidence=0.0)


def test_the_polarity_can_be_insisted_on(reader: Reader) -> None:
    chalk = photo(number("5283"), paper=40, dark=235)

    assert reader.read(chalk, settings(polarity="light")).text == "5283"
    assert reader.read(chalk, settings(polarity="dark")).text != "5283"


def test_faint_ink_below_strong_is_read_when_asked_for(reader: Reader) -> None:
    page = sheet(260, 420)
    write(page, "5283", 30, 30)
    faint = sheet(260, 420)
    write(faint, "7061", 30, 150)
    image = photo(np.maximum(page, (faint * 0.35).astype(np.uint8)))

    assert reader.read(image, settings(ink="faint")).text == "5283\n7061"
    assert "5283" in reader.read(image, settings(ink="strict")).text.split("\n")
    assert "7061" not in reader.read(image, settings(ink="strict")).text


def test_only_broad_strokes_are_read_when_asked_for(reader: Reader) -> None:
    page = sheet(420, 560)
    write(page, "5283", 50, 40, height=100)
    thin = sheet(420, 560)
    for left in range(50, 450, 60):
        cv2.line(thin, (left + 25, 230), (left, 330), 255, 2, cv2.LINE_AA)
    image = photo(np.maximum(page, thin))

    assert reader.read(image, settings(ink="broad")).text == "5283"
    assert reader.read(image, settings(ink="normal")).text != "5283"


def test_rules_can_be_left_in(reader: Reader) -> None:
    page = number("5283", margin=60)
    page[90:93, 30:-30] = 255

    taken_out = reader.read(photo(page), with_steps=True)
    left_in = reader.read(photo(page), settings(rules=False), with_steps=True)

    assert taken_out.text == "5283"
    assert "Rules" in [step.name for step in taken_out.steps]
    assert "Rules" not in [step.name for step in left_in.steps]


def test_cuts_can_be_left_out(reader: Reader) -> None:
    page = sheet(120, 200)
    put(page, glyph(8), put(page, glyph(3), 40, 30).right - 2, 30)

    assert reader.read(photo(page)).text == "38"
    assert len(reader.read(photo(page), settings(cuts=False)).digits) < 2


def test_a_digit_below_the_least_confidence_is_a_question_mark() -> None:
    reads = Reader(Judge(lambda _digit: (6, 0.7)))  # type: ignore[arg-type]
    image, whole = photo(number("52")), settings(cuts=False)

    answered, doubted = reads.read(image, whole), reads.read(image, replace(whole, minimum_confidence=0.9))

    assert answered.text == "66"
    assert doubted.text == "??"
    assert [digit.verdict for digit in doubted.digits] == ["unreadable"] * 2
    assert all(digit.confidence == pytest.approx(0.7) for digit in doubted.digits)


def test_the_least_confidence_changes_no_line_and_no_reading() -> None:
    """Lines are found and chosen as if every digit counted; then the doubtful are not answered."""
    page = sheet(300, 400)
    write(page, "52", 30, 30)
    write(page, "83", 30, 180)
    doubtful = Judge(lambda picture: (6, 0.99 if (picture > 127).sum() > 80 else 0.85))  # the 8 has most ink
    whole = settings(cuts=False)

    answered, doubted = (
        Reader(doubtful).read(photo(page), replace(whole, minimum_confidence=least))  # type: ignore[arg-type]
        for least in (0.0, 0.9)
    )

    assert [digit.box for digit in answered.digits] == [digit.box for digit in doubted.digits]
    assert "?" in doubted.text
    assert "6" in doubted.text
    assert doubted.text.replace("?", "6") == answered.text


@pytest.mark.parametrize(("confidence", "verdict"), [(0.95, "sure"), (0.7, "unsure")])
def test_the_model_s_own_threshold_says_what_is_sure(confidence: float, verdict: str) -> None:
    judge = Judge(lambda _digit: (6, confidence))
    assert judge.card.calibration == Calibration(unsure_below=0.8)

    digits = Reader(judge).read(photo(number("52")), settings(cuts=False)).digits  # type: ignore[arg-type]

    assert [digit.verdict for digit in digits] == [verdict] * 2


def test_a_mark_among_digits_that_cannot_be_read_is_a_question_mark(reader: Reader) -> None:
    page = sheet(130, 520)
    right = write(page, "528", 30, 30)[-1].right
    star = sheet(62, 62)
    for angle in np.linspace(0, np.pi, 5, endpoint=False):
        x, y = round(28 * np.cos(angle)), round(28 * np.sin(angle))
        cv2.line(star, (31 - x, 31 - y), (31 + x, 31 + y), 255, 5, cv2.LINE_AA)
    right = put(page, star, right + 18, 29).right
    write(page, "36", right + 18, 30)

    assert reader.read(photo(page)).text == "528?36"


def _of_kind(kind: str, reader: Reader, count: int = 12) -> tuple[int, str]:
    """How many of the first pages of a kind are read exactly, and everything that was read."""
    pages = [kind_page(kind, 0, index) for index in range(count)]
    texts = [reader.read(page.image).text for page in pages]
    right = sum(text.replace(" ", "") == page.text for text, page in zip(texts, pages, strict=True))
    return right, "\n".join(texts)


def test_percent_signs_are_left_out_where_the_whole_line_tells_them(reader: Reader) -> None:
    whole = Reader(reader.classifier, beside(reader.classifier))

    right, texts = _of_kind("percent", whole, count=13)

    assert right >= 12, texts


def test_slashes_of_a_date_are_left_out_where_the_whole_line_tells_them(reader: Reader) -> None:
    whole = Reader(reader.classifier, beside(reader.classifier))

    alone, together = _of_kind("dates", reader, 20), _of_kind("dates", whole, 20)

    assert alone[0] == 0  # by its shape, a slash is a 1
    assert together[0] >= 14
    assert together[1].count("1") < alone[1].count("1") - 30


@pytest.mark.parametrize(("index", "date"), [(6, "47 2 093"), (8, "9 6 83")])
def test_a_slash_that_leans_and_is_hardly_higher_than_the_digits_is_no_one(
    index: int, date: str, reader: Reader
) -> None:
    whole = Reader(reader.classifier, beside(reader.classifier))

    assert whole.read(kind_page("dates", 7777, index).image).text == date  # a slash parts numbers as a gap does


@pytest.mark.parametrize(
    ("kind", "index", "number"), [("red", 8, "91793"), ("blue", 58, "5013"), ("blue", 51, "26162")]
)
def test_a_one_that_leans_like_a_slash_is_read_where_it_is_no_higher_than_the_digits(
    kind: str, index: int, number: str, reader: Reader
) -> None:
    whole = Reader(reader.classifier, beside(reader.classifier))

    assert whole.read(kind_page(kind, 501, index).image).text == number


def test_words_beside_a_number_are_left_out_where_the_whole_line_tells_them(reader: Reader) -> None:
    whole = Reader(reader.classifier, beside(reader.classifier))

    assert _of_kind("label", whole)[0] >= 8


def test_where_hardly_anything_is_a_digit_there_is_no_number() -> None:
    judge = Judge(lambda _digit: (NOT_A_DIGIT, 0.99))

    assert Reader(judge).read(photo(number("5283"))).lines == ()  # type: ignore[arg-type]


def test_a_canvas_drawing_is_read_with_its_settings(reader: Reader) -> None:
    canvas = sheet(280, 280)
    write(canvas, "7", 90, 50, height=180)

    assert reader.read(photo(canvas, paper=255, dark=0), CANVAS_SETTINGS).text == "7"


@pytest.mark.parametrize("radius", [20, 45, 80, 120])
def test_a_blot_on_a_canvas_is_no_number(radius: int) -> None:
    """However large: nothing beside a canvas is a dark table, of which only a rim would be left as ink."""
    canvas = np.full((280, 280, 3), 255, np.uint8)
    cv2.circle(canvas, (140, 140), radius, (0, 0, 0), -1, cv2.LINE_AA)

    assert Reader(shipped(), beside(shipped())).read(Image(canvas), CANVAS_SETTINGS).lines == ()


@pytest.mark.parametrize("brush", [10, 13, 16, 20])
def test_the_samples_of_the_draw_page_are_what_their_names_say(brush: int) -> None:
    both = Reader(shipped(), beside(shipped()))
    texts = {}
    for name, strokes in sample_drawings().items():
        ink = trace(strokes, size_hw=(280, 280), brush_px=brush, scale=1.0, offset=(0.0, 0.0))
        texts[name] = both.read(Image(np.repeat(255 - ink[..., None], 3, axis=2)), CANVAS_SETTINGS).text

    assert texts == {
        "Crossed seven": "7",
        "Open four": "4",
        "Looped two": "2",
        "Footed one": "1",
        "Three digits": "308",
        "Year": "2026",
        "Not a digit": "",
    }


def test_reading_never_loads_tensorflow() -> None:
    program = (
        "import sys; from tests.core.drawings import *; from core.reader import Reader;"
        "print(Reader(shipped()).read(photo(number('52'))).text);"
        "loaded = {name.partition('.')[0] for name in sys.modules};"
        "print(sorted(loaded & {'tensorflow', 'keras', 'streamlit', 'plotly'}))"
    )

    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert found.stdout.split("\n")[:2] == ["52", "[]"]


@pytest.mark.parametrize("top", [0, 2, 4, 8])
def test_a_drawing_may_touch_the_edge_of_its_canvas(reader: Reader, top: int) -> None:
    canvas = np.full((280, 280, 3), 255, np.uint8)
    seven = np.array([(70, top), (200, top), (120, 200)], np.int32)
    cv2.polylines(canvas, [seven], False, (0, 0, 0), 16, cv2.LINE_AA)

    found = reader.read(Image(canvas), CANVAS_SETTINGS)

    assert found.text == "7"
    box = found.lines[0].digits[0].box
    assert box.y == 0
    assert box.x == pytest.approx(62, abs=3)
    assert box.bottom == pytest.approx(208, abs=3)
