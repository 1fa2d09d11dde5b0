"""Which pieces make up which digit: whole ones are preferred, marks passed over, parts joined, touching ones cut."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.classifier import DIGITS, NOT_A_DIGIT
from core.geometry import Box
from core.grouping import HOPELESS_PIECES, Hypothesis, Mark, Span, best_path, candidates, group, hypotheses
from core.grouping.hypotheses import Atom, possible_spans
from core.normalization import normalize, stroke_width
from core.segmentation.lines import WritingLine, find_lines
from core.segmentation.pieces import Piece
from tests.core.drawings import Ink, Judge, block, glyph, knowing, pieces_of, put, sheet, shipped, write

ALL_DIGITS = [normalize(glyph(digit)) for digit in range(DIGITS)]


def knows_digits() -> Judge:
    return knowing(ALL_DIGITS, least=0.85)


def bridged_pair(page: Ink) -> tuple[Box, Box]:
    """A 0 and an 8 with a bridge between them, 3 pixels high."""
    left = put(page, glyph(0), 20, 20)
    right = put(page, glyph(8), left.right + 4, 20)
    page[50:53, left.right - 3 : right.x + 12] = 255
    return left, right


def text(marks: tuple[Mark, ...]) -> str:
    return "".join(str(mark.digit) for mark in marks if mark.digit is not None)


def read(page: Ink, judge: Judge | None = None, **options: bool) -> list[tuple[Mark, ...]]:
    lines = find_lines(pieces_of(page))
    return list(group(lines, judge or knows_digits(), stroke_width(page), **options))  # type: ignore[arg-type]


def hypothesis(start: int, end: int, digit: int, confidence: float, *, height: int = 60, **span: float) -> Hypothesis:
    """A digit (or none), as sure as said, of a run of atoms 20 pixels wide each."""
    probabilities = np.full(11, (1 - confidence) / 10, np.float32)
    probabilities[digit] = confidence
    piece = block(20 * start, 0, 20 * (end - start), height)
    return Hypothesis(Span(start, end, **span), piece, np.zeros((28, 28), np.uint8), probabilities)  # type: ignore[arg-type]


def test_digits_apart_are_read_in_order() -> None:
    page = sheet(120, 620)
    write(page, "0123456789", 20, 20)

    (marks,) = read(page)

    assert text(marks) == "0123456789"
    assert all(mark.digit is not None for mark in marks)


def test_the_best_path_prefers_a_whole_digit_to_its_doubtful_halves() -> None:
    found = [
        hypothesis(0, 1, 1, 0.6),
        hypothesis(0, 2, 4, 0.98, cuts=0),
        hypothesis(1, 2, 1, 0.6),
    ]

    (mark,) = best_path(found, 2, 60.0)

    assert mark.digit == 4


def test_the_best_path_prefers_two_sure_digits_to_one_that_is_none() -> None:
    found = [
        hypothesis(0, 1, 5, 0.97, cuts=1),
        hypothesis(0, 2, NOT_A_DIGIT, 0.97, a_mark=True),
        hypothesis(1, 2, 2, 0.97, cuts=1),
    ]

    assert text(best_path(found, 2, 60.0)) == "52"


def test_what_is_surely_no_digit_is_passed_over() -> None:
    found = [hypothesis(0, 1, 5, 0.97), hypothesis(1, 2, NOT_A_DIGIT, 0.97), hypothesis(2, 3, 2, 0.97)]

    marks = best_path(found, 3, 60.0)

    assert [mark.digit for mark in marks] == [5, None, 2]


@pytest.mark.parametrize(("a_mark", "expected"), [(True, [None]), (False, [0, 1, 0])])
def test_several_pieces_are_passed_over_as_one_where_they_may_be_a_mark(
    a_mark: bool, expected: list[int | None]
) -> None:
    found = [
        hypothesis(0, 1, 0, 0.6, height=30),
        hypothesis(0, 3, NOT_A_DIGIT, 0.97, joins=2, a_mark=a_mark),
        hypothesis(1, 2, 1, 0.6),
        hypothesis(2, 3, 0, 0.6, height=30),
    ]

    assert [mark.digit for mark in best_path(found, 3, 60.0)] == expected


@pytest.mark.parametrize(
    ("pieces", "mark"),
    [
        pytest.param([(0, 0, 15, 15), (14, 0, 15, 60), (28, 40, 15, 15)], True, id="a percent sign"),
        pytest.param([(0, 0, 30, 60), (34, 0, 30, 60)], False, id="two digits"),
        pytest.param([(0, 0, 30, 20), (2, 24, 30, 46)], False, id="a digit that broke in two"),
        pytest.param([(0, 0, 28, 60), (30, 50, 6, 6), (40, 0, 28, 60)], False, id="two digits and a dot"),
        pytest.param([(0, 0, 15, 15), (16, 0, 15, 15), (32, 0, 15, 15)], False, id="three low pieces"),
    ],
)
def test_of_several_pieces_only_three_with_one_as_high_as_a_digit_may_be_a_mark(
    pieces: list[tuple[int, int, int, int]], mark: bool
) -> None:
    atoms = [Atom(block(*place), index, block(*place)) for index, place in enumerate(pieces)]

    found = {(span.start, span.end) for span in possible_spans(atoms, 60.0, 5.0) if span.a_mark}

    assert found - {(place, place + 1) for place in range(3)} == ({(0, 3)} if mark else set())


def test_a_mark_is_made_of_whole_pieces() -> None:
    page = sheet(120, 520)
    left = write(page, "52", 20, 20)[-1].right + 10
    cv2.circle(page, (left + 10, 36), 9, 255, 4)
    cv2.line(page, (left + 38, 22), (left + 14, 80), 255, 4)
    cv2.circle(page, (left + 42, 68), 9, 255, 4)
    (line,) = find_lines(pieces_of(page))

    atoms, found = hypotheses(line, knows_digits(), stroke_width(page))  # type: ignore[arg-type]

    # What a classifier does not know is cut; parts of neighbors that overlap stand between each other in the row.
    sources = [atom.source for atom in atoms]
    assert len(line.pieces) == 5
    assert sources != sorted(sources)
    marks = {tuple(sources[one.span.start : one.span.end]) for one in found if one.span.a_mark}
    for inside in marks:
        assert all(inside.count(source) == sources.count(source) for source in inside)
    assert {frozenset(inside) for inside in marks} >= {frozenset({0}), frozenset({1}), frozenset({2, 3, 4})}


def test_a_cut_through_much_ink_loses_to_one_through_little() -> None:
    cheap = [hypothesis(0, 1, 5, 0.9, cuts=1, ink=0.0), hypothesis(1, 3, 2, 0.9, cuts=1, ink=0.0)]
    dear = [hypothesis(0, 2, 6, 0.9, cuts=1, ink=9.0), hypothesis(2, 3, 3, 0.9, cuts=1, ink=9.0)]
    found = sorted(
        [*cheap, *dear, *(hypothesis(i, i + 1, NOT_A_DIGIT, 0.9, cuts=2) for i in range(3))], key=lambda h: h.span
    )

    assert text(best_path(found, 3, 60.0)) == "52"


def test_no_atoms_are_no_marks() -> None:
    assert best_path([], 0, 60.0) == ()
    assert group((), knows_digits(), 4.0) == ()  # type: ignore[arg-type]


def test_dots_and_dashes_are_no_digits() -> None:
    page = sheet(120, 520)
    boxes = write(page, "5283", 20, 20, gap=0.8)
    page[72:80, boxes[0].right + 16 : boxes[0].right + 24] = 255
    page[48:53, boxes[2].right + 10 : boxes[2].right + 34] = 255

    (marks,) = read(page)

    assert text(marks) == "5283"
    assert [mark.digit for mark in marks] == [5, None, 2, 8, None, 3]


def test_a_broken_digit_is_joined() -> None:
    page = sheet(120, 300)
    boxes = write(page, "7258", 20, 20)
    page[62:65, : boxes[0].right] = 0  # a failing pen across the stem of the first

    (line,) = find_lines(pieces_of(page))
    (marks,) = read(page, knowing(ALL_DIGITS, least=0.75))

    assert len(line.pieces) == 5
    assert text(marks) == "7258"


def test_touching_digits_are_cut() -> None:
    page = sheet(120, 300)
    bridged_pair(page)

    (marks,) = read(page)

    assert text(marks) == "08"


def test_without_cuts_every_piece_is_one_mark() -> None:
    page = sheet(120, 300)
    bridged_pair(page)
    write(page, "52", 180, 20)
    page[45:48, 170:] = 0

    rows = read(page, cuts=False)

    assert sum(len(row) for row in rows) == sum(len(line.pieces) for line in find_lines(pieces_of(page)))


def test_the_shipped_model_parts_and_passes_over_too() -> None:
    page = sheet(120, 420)
    right = put(page, glyph(8), put(page, glyph(3), 20, 20).right - 2, 20).right
    page[72:80, right + 20 : right + 28] = 255
    write(page, "52", right + 60, 20)

    (marks,) = group(find_lines(pieces_of(page)), shipped(), stroke_width(page))

    assert text(marks) == "3852"


def test_every_mark_s_picture_is_what_the_classifier_saw() -> None:
    page = sheet(120, 300)
    write(page, "528", 20, 20)

    for mark in read(page)[0]:
        assert np.array_equal(mark.normalized, normalize(mark.piece.ink))


def test_each_line_gets_its_own_marks() -> None:
    page = sheet(320, 300)
    write(page, "528", 20, 20)
    write(page, "06", 20, 120)
    write(page, "3714", 20, 220)

    assert [text(marks) for marks in read(page)] == ["528", "06", "3714"]


def test_a_page_of_marks_that_are_no_digits_is_not_cut_to_pieces() -> None:
    count = 2 * HOPELESS_PIECES
    line = WritingLine(tuple(block(60 * index, 0, 50, 60) for index in range(count)), 60.0)
    judge = Judge(lambda _digit: (NOT_A_DIGIT, 0.99))

    (marks,) = group((line,), judge, 5.0)  # type: ignore[arg-type]

    assert all(mark.digit is None for mark in marks)
    assert judge.asked < 12 * count


def test_a_piece_far_too_large_for_its_line_stays_whole() -> None:
    giant = Piece(Box(0, 0, 300, 300), glyph_frame(300), int(np.count_nonzero(glyph_frame(300))))
    line = WritingLine((giant, block(320, 0, 10, 60)), 60.0)

    atoms, _ = hypotheses(line, Judge(lambda _digit: (NOT_A_DIGIT, 0.9)), 5.0)  # type: ignore[arg-type]

    assert sum(atom.whole is giant for atom in atoms) == 1


def glyph_frame(side: int) -> Ink:
    frame = sheet(side, side)
    frame[:4] = frame[-4:] = frame[:, :4] = frame[:, -4:] = 255
    return frame


def test_hypotheses_cover_every_atom_alone_and_stand_in_order() -> None:
    page = sheet(120, 300)
    bridged_pair(page)
    (line,) = find_lines(pieces_of(page))

    atoms, found = hypotheses(line, knows_digits(), stroke_width(page))  # type: ignore[arg-type]

    spans = [each.span[:2] for each in found]
    assert spans == sorted(spans)
    assert {(index, index + 1) for index in range(len(atoms))} <= set(spans)
    assert len(atoms) > 1


def test_candidates_hold_each_of_two_touching_digits_nearly_whole() -> None:
    page = sheet(120, 300)
    left, right = bridged_pair(page)

    found = candidates(pieces_of(page), 60.0, stroke_width(page))

    for box in (left, right):
        distances = [abs(piece.box.x - box.x) + abs(piece.box.right - box.right) for piece in found]
        assert min(distances) <= 8


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1)])
def test_slivers_are_marks_like_any_other(shape: tuple[int, int]) -> None:
    line = WritingLine((block(0, 0, shape[1], shape[0]),), float(shape[0]))

    (marks,) = group((line,), Judge(lambda _digit: (NOT_A_DIGIT, 0.9)), 1.0)  # type: ignore[arg-type]

    assert len(marks) >= 1
