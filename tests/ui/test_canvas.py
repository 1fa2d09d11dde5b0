"""What lies on the sheet, whatever comes from the canvas and when. That it is drawn is seen in a browser: tests/e2e."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

KEY = "sheet"


@pytest.fixture
def canvas(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, with one sheet that is kept outside of a session."""
    AppTest.from_string("import ui.canvas").run()  # streamlit-drawable-canvas can only be imported by an app
    from ui import canvas as module

    state = module._State()
    monkeypatch.setattr(module, "_state", lambda _: state)
    return module


def sent(objects: list[dict[str, Any]], name: str) -> Any:
    """What the canvas sends of these objects, as a picture of this name."""
    rgba = np.zeros((280, 280, 4), np.uint8)
    return SimpleNamespace(image_bytes=name.encode(), json_data={"objects": list(objects)}, image_data=rgba)


def stroke(x: float, *, width: float = 16, reach: float = 60) -> dict[str, Any]:
    """An upright stroke as the canvas tells it."""
    return {"path": [["M", x, 100], ["Q", x, 120, x, 100 + reach]], "strokeWidth": width, "left": 3, "version": "6"}


def spans(canvas: ModuleType) -> list[tuple[float, float]]:
    """Where each stroke begins and ends from left to right, without the pen's width."""
    points = [np.array([command[-2:] for command in item["path"]]) for item in canvas._state(KEY).objects]
    return [(float(each[:, 0].min()), float(each[:, 0].max())) for each in points]


def test_what_the_canvas_tells_of_a_state_that_was_replaced_since_is_passed_over(canvas: ModuleType) -> None:
    state, strokes = canvas._state(KEY), [stroke(40), stroke(90), stroke(140)]
    canvas._remember(state, sent(strokes, "three"))
    canvas.undo(KEY)
    canvas.undo(KEY)

    canvas._remember(state, sent(strokes[:2], "two, late"))
    assert spans(canvas) == [(40, 40)]
    canvas._remember(state, sent(strokes[:1], "one"))
    canvas._remember(state, sent([strokes[0], stroke(200)], "one more"))
    assert spans(canvas) == [(40, 40), (200, 200)]


def test_what_is_placed_anew_is_taken_though_it_looks_like_what_came_too_late(canvas: ModuleType) -> None:
    state, seven, year = canvas._state(KEY), [stroke(40)], [stroke(90), stroke(140)]
    for objects in (seven, year):
        canvas._place(state, objects)
    canvas._remember(state, sent(seven, "seven"))
    assert state.drawing is None

    canvas._place(state, seven)
    canvas._remember(state, sent(seven, "seven"))

    assert len(state.drawing.strokes) == 1


def test_who_left_before_the_canvas_told_finds_what_is_on_the_sheet(canvas: ModuleType) -> None:
    state = canvas._state(KEY)
    canvas._remember(state, sent([stroke(40), stroke(90)], "two"))
    canvas.undo(KEY)
    assert len(state.drawing.strokes) == 2

    canvas._come_back(state, canvas.SQUARE)

    (only,) = state.drawing.strokes
    assert only.points[:, 0].tolist() == [40, 40]
    ink = state.drawing.rgba[..., 3]
    assert ink[130, 40] == 255
    assert not ink[:, 60:].any()
    canvas.clear(KEY)
    canvas._come_back(state, canvas.SQUARE)
    assert state.drawing is None


def test_what_the_canvas_told_is_still_there_after_a_visit_to_another_page(canvas: ModuleType) -> None:
    state = canvas._state(KEY)
    canvas._remember(state, sent([stroke(40)], "one"))
    told = state.drawing

    canvas._come_back(state, canvas.SQUARE)
    canvas._come_back(state, canvas.SQUARE)

    assert state.drawing is told


def test_a_stroke_that_was_written_meanwhile_stays(canvas: ModuleType) -> None:
    state, strokes = canvas._state(KEY), [stroke(40), stroke(90)]
    canvas._remember(state, sent(strokes, "two"))
    canvas.undo(KEY)

    canvas._remember(state, sent([*strokes, stroke(140)], "three"))

    assert len(spans(canvas)) == 3


def test_what_fits_on_another_sheet_stays_as_it_is(canvas: ModuleType) -> None:
    canvas._remember(canvas._state(KEY), sent([stroke(40), stroke(200)], "two"))

    canvas.fit(KEY, canvas.WIDE)

    assert spans(canvas) == [(40, 40), (200, 200)]


def test_what_stands_beyond_a_narrower_sheet_is_moved_onto_it(canvas: ModuleType) -> None:
    canvas._remember(canvas._state(KEY), sent([stroke(400), stroke(500)], "two"))

    canvas.fit(KEY, canvas.SQUARE)

    (left, _), (right, _) = spans(canvas)
    assert right - left == 100
    assert right == canvas.SQUARE.width - 8
    assert canvas._state(KEY).objects[0]["strokeWidth"] == 16


def test_what_is_wider_than_the_sheet_is_made_smaller(canvas: ModuleType) -> None:
    canvas._remember(canvas._state(KEY), sent([stroke(20), stroke(560)], "two"))

    canvas.fit(KEY, canvas.SQUARE)

    (left, _), (right, _) = spans(canvas)
    pen = canvas._state(KEY).objects[0]["strokeWidth"]
    assert pen < 9
    assert left - pen / 2 >= -0.1
    assert right + pen / 2 <= canvas.SQUARE.width + 0.1


def test_an_empty_sheet_fits_on_any(canvas: ModuleType) -> None:
    canvas.fit(KEY, canvas.SQUARE)

    assert canvas._state(KEY).objects == []
