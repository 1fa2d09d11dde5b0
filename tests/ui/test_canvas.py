"""What lies on the sheet, whatever comes from the canvas and when. That it is drawn is seen in a browser: tests/e2e."""

from __future__ import annotations

import base64
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

KEY = "sheet"
TOLD = 7
"""Of what the canvas's own picture is made, which nothing else would paint."""
PNG = "data:image/png;base64," + base64.b64encode(cv2.imencode(".png", np.zeros((1, 1, 4), np.uint8))[1]).decode()


@pytest.fixture
def canvas(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, with one sheet that is kept outside of a session."""
    AppTest.from_string("import ui.canvas").run()  # streamlit-drawable-canvas can only be imported by an app
    from ui import canvas as module

    state = module._State()
    monkeypatch.setattr(module, "_state", lambda _: state)
    return module


def run(
    canvas: ModuleType, objects: list[dict[str, Any]] | None = None, *, on: str | None = None, wide: bool = False
) -> Any:
    """A run of the page after the canvas sent these objects, or, without, nothing yet; returns what is read.

    on: the mark of what they were written on, unless that is still on the sheet.
    """
    state, size = canvas._state(KEY), canvas.WIDE if wide else canvas.SQUARE
    sent = {"objects": objects, "background": on or mark(canvas)}
    rgba = np.full((size.height, size.width, 4), TOLD, np.uint8)
    canvas._remember(state, SimpleNamespace(json_data=None if objects is None else sent, image_data=rgba))
    canvas._paint(state, size)
    return state.drawing


def mark(canvas: ModuleType) -> str:
    """What the canvas tells with each stroke that is written on what is on the sheet now."""
    told: str = canvas._state(KEY).mark
    return told


def stroke(x: float, *, width: float = 16, reach: float = 60) -> dict[str, Any]:
    """An upright stroke as the canvas tells it."""
    return {"path": [["M", x, 100], ["Q", x, 120, x, 100 + reach]], "strokeWidth": width, "left": 3, "version": "6"}


def spans(canvas: ModuleType) -> list[tuple[float, float]]:
    """Where each stroke begins and ends from left to right, without the pen's width."""
    points = [np.array([command[-2:] for command in item["path"]]) for item in canvas._state(KEY).objects]
    return [(float(each[:, 0].min()), float(each[:, 0].max())) for each in points]


def test_what_is_written_is_read_from_the_canvas_s_own_picture(canvas: ModuleType) -> None:
    assert run(canvas) is None

    drawing = run(canvas, [stroke(40)])

    assert (drawing.rgba == TOLD).all()
    assert run(canvas, [stroke(40)]) is drawing, "told again in every run"


def test_what_is_placed_is_read_though_the_canvas_never_tells_of_it(canvas: ModuleType) -> None:
    strokes, on = [stroke(40), stroke(90)], mark(canvas)
    run(canvas, strokes)
    canvas.undo(KEY)

    drawing = run(canvas, strokes, on=on)

    (only,) = drawing.strokes
    assert set(only.points[:, 0]) == {40}
    ink = drawing.rgba[..., 3]
    assert ink[130, 40] == 255
    assert not ink[:, 60:].any()
    canvas.clear(KEY)
    assert run(canvas, strokes, on=on) is None


def test_what_the_canvas_tells_of_what_was_placed_is_not_read_a_second_time(canvas: ModuleType) -> None:
    run(canvas, [stroke(40), stroke(90)])
    canvas.undo(KEY)
    drawing = run(canvas)

    assert run(canvas, [stroke(40)]) is drawing


def test_a_stroke_written_before_the_browser_knew_of_undo_is_kept_and_the_one_taken_back_is_not(
    canvas: ModuleType,
) -> None:
    strokes, on = [stroke(40), stroke(90), stroke(140)], mark(canvas)
    run(canvas, strokes)
    canvas.undo(KEY)
    run(canvas)

    for _ in range(2):
        drawing = run(canvas, [*strokes, stroke(200)], on=on)
        assert spans(canvas) == [(40, 40), (90, 90), (200, 200)]
    assert len(drawing.strokes) == 3
    run(canvas, [*strokes, stroke(200), stroke(240)], on=on)

    assert spans(canvas) == [(40, 40), (90, 90), (200, 200), (240, 240)]


@pytest.mark.parametrize(
    ("press", "left"),
    [
        (lambda canvas: canvas.undo(KEY), [(40, 40)]),
        (lambda canvas: canvas.clear(KEY), []),
        (lambda canvas: canvas.put(KEY, (np.array([[200, 20], [200, 90]], np.float32),), 16), [(200, 200)]),
        (lambda canvas: canvas.fit(KEY, canvas.WIDE), [(40, 40), (90, 90)]),
    ],
    ids=["undo", "clear", "put", "fit"],
)
def test_what_was_told_together_with_a_press_was_written_before_it(
    canvas: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    press: Callable[[ModuleType], None],
    left: list[tuple[float, float]],
) -> None:
    strokes, on = [stroke(40), stroke(90)], mark(canvas)
    told = SimpleNamespace(drawing={"raw": {"objects": strokes, "background": on}, "data": PNG})
    monkeypatch.setattr(canvas.st, "session_state", {KEY: told})

    press(canvas)

    run(canvas, strokes, on=on)
    assert spans(canvas) == left


def test_a_new_canvas_is_given_what_was_written_on_the_one_before(canvas: ModuleType) -> None:
    canvas.put(KEY, (np.array([[40, 20], [40, 90]], np.float32),), 16)
    placed = canvas._state(KEY).placed
    run(canvas, [*placed, stroke(90), stroke(140)])

    canvas._mounted(KEY)

    assert len(canvas._state(KEY).placed) == 3
    before = mark(canvas)
    canvas._mounted(KEY)
    assert mark(canvas) == before, "which it has"


@pytest.mark.parametrize("noticed", [False, True])
def test_what_is_written_on_a_new_canvas_that_has_forgotten_strokes_is_added_to_them(
    canvas: ModuleType, noticed: bool
) -> None:
    canvas.put(KEY, (np.array([[40, 20], [40, 90]], np.float32),), 16)
    placed, on = canvas._state(KEY).placed, mark(canvas)
    run(canvas, [*placed, stroke(90), stroke(140)])
    if noticed:
        canvas._mounted(KEY)

    for _ in range(2):
        run(canvas, [*placed, stroke(200)], on=on)
    run(canvas, [*placed, stroke(200), stroke(240)], on=on)

    assert spans(canvas) == [(40, 40), (90, 90), (140, 140), (200, 200), (240, 240)]
    assert len(canvas._state(KEY).placed) == 5, "and all of it put on the sheet"


def test_an_answer_without_a_picture_takes_nothing_away(canvas: ModuleType) -> None:
    run(canvas, [stroke(40)])

    canvas._remember(
        canvas._state(KEY), SimpleNamespace(json_data={"objects": [], "background": mark(canvas)}, image_data=None)
    )

    assert len(run(canvas).strokes) == 1


def test_what_a_canvas_tells_of_which_this_session_knows_nothing_is_passed_over(canvas: ModuleType) -> None:
    assert run(canvas, [stroke(40)], on="#00000700") is None


def test_of_drawings_placed_in_a_hurry_the_last_is_read_whatever_is_told_late(canvas: ModuleType) -> None:
    seven, year = [stroke(40)], [stroke(90), stroke(140)]
    marks = []
    for objects in (seven, [], year, seven):
        canvas._place(canvas._state(KEY), objects)
        marks.append(mark(canvas))

    for late, on in zip((seven, [], year, seven), marks, strict=True):
        assert len(run(canvas, late, on=on).strokes) == 1
    assert len(run(canvas, [*seven, stroke(200)]).strokes) == 2, "and one that was written then"


def test_the_same_stroke_can_be_written_again_after_it_was_taken_back(canvas: ModuleType) -> None:
    for _ in range(3):
        run(canvas, [stroke(40)])
        assert spans(canvas) == [(40, 40)]
        canvas.undo(KEY)
        assert run(canvas, []) is None


def test_what_the_canvas_told_is_still_there_after_a_visit_to_another_page(canvas: ModuleType) -> None:
    told = run(canvas, [stroke(40)])

    canvas._place(canvas._state(KEY), canvas._state(KEY).objects)

    assert run(canvas) is told


def test_what_is_placed_on_a_sheet_of_another_size_is_read_in_that_size(canvas: ModuleType) -> None:
    run(canvas, [stroke(40)])
    canvas.fit(KEY, canvas.WIDE)

    drawing = run(canvas, [stroke(40)], wide=True)

    assert drawing.rgba.shape[:2] == (canvas.WIDE.height, canvas.WIDE.width)


def test_a_curve_is_painted_as_the_canvas_bends_it(canvas: ModuleType) -> None:
    bow = {"path": [["M", 40, 200], ["Q", 140, 0, 240, 200]], "strokeWidth": 10}
    canvas._place(canvas._state(KEY), [bow])

    drawing = run(canvas)

    rows = np.flatnonzero(drawing.rgba[:, 140, 3])
    assert abs(rows.mean() - 100) < 1, "halfway between its ends and its control point"


def test_what_fits_on_another_sheet_stays_as_it_is(canvas: ModuleType) -> None:
    run(canvas, [stroke(40), stroke(200)])

    canvas.fit(KEY, canvas.WIDE)

    assert spans(canvas) == [(40, 40), (200, 200)]


def test_what_stands_beyond_a_narrower_sheet_is_moved_onto_it(canvas: ModuleType) -> None:
    run(canvas, [stroke(400), stroke(500)])

    canvas.fit(KEY, canvas.SQUARE)

    (left, _), (right, _) = spans(canvas)
    assert right - left == 100
    assert right == canvas.SQUARE.width - 8
    assert canvas._state(KEY).objects[0]["strokeWidth"] == 16


def test_what_is_wider_than_the_sheet_is_made_smaller(canvas: ModuleType) -> None:
    run(canvas, [stroke(20), stroke(560)])

    canvas.fit(KEY, canvas.SQUARE)

    (left, _), (right, _) = spans(canvas)
    pen = canvas._state(KEY).objects[0]["strokeWidth"]
    assert pen < 9
    assert left - pen / 2 >= -0.1
    assert right + pen / 2 <= canvas.SQUARE.width + 0.1


def test_an_empty_sheet_fits_on_any(canvas: ModuleType) -> None:
    canvas.fit(KEY, canvas.SQUARE)

    assert canvas._state(KEY).objects == []
