"""A sheet to write on: the only file that knows streamlit-drawable-canvas.

    drawing = draw("draw_sheet", SQUARE, brush_px=16)     # in a fragment: it reruns when the pen is lifted
    st.button("Undo", on_click=undo, args=("draw_sheet",))

What the sheet should hold lies in the session, so Undo, Clear, samples and a visit to another page all put strokes back
onto it the same way: a new `initial_drawing`, which the canvas draws. It is read from the strokes at once: the canvas
tells of it later, or never.

Streamlit may take the canvas off the page between two runs and mount another one. That draws what was placed last, has
forgotten what was written since, and tells nothing of it; so whatever is missing on it is placed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit_drawable_canvas import CanvasResult, st_canvas

from core.geometry import Box
from core.pens import Strokes, trace

INK = "#1b2340"
PAPER = "#ffffff"
# White paper on a dark page glares; the reader sees only the ink, never the paper.
PAPER_AT_NIGHT = "#ece9e1"
HINT_COLOR = "#63687a"  # above 4.5 to 1 on both papers
HINT = "Write a number here"

CHORDS = 4  # for each of the short curves of which a stroke is made
FIRST_MARK = "#00000000"  # of an untouched sheet: a color that is not seen, all that the canvas is given and gives back
REVISIONS_KEPT = 20  # more than anybody places before the canvas tells

_companion = st.components.v2.component(
    "digitscope.canvas_companion", html="<span></span>", js=Path(__file__).with_name("canvas.js").read_text("utf-8")
)


class Sheet(NamedTuple):
    """A size of sheet in pixels. The canvas cannot shrink, so what a phone shows is at most 300 wide."""

    width: int
    height: int


SQUARE = Sheet(280, 280)
WIDE = Sheet(600, 280)


class Stroke(NamedTuple):
    """One movement of the pen: (n, 2) float32 points in pixels of the sheet, and the brush it was drawn with."""

    points: NDArray[np.float32]
    brush_px: float


@dataclass(frozen=True, eq=False)
class Drawing:
    """What lies on the sheet.

    rgba: (height, width, 4) uint8, transparent where there is no ink.
    strokes: oldest first.
    """

    rgba: NDArray[np.uint8]
    strokes: tuple[Stroke, ...]

    def strokes_in(self, box: Box) -> tuple[NDArray[np.uint8], ...]:
        """Each stroke that lies mostly in `box`, as ink of its own: (height, width) uint8 like the sheet, 255 = ink."""
        return tuple(
            trace((points,), size_hw=self.rgba.shape[:2], brush_px=brush_px)
            for points, brush_px in self.strokes
            if _share_in(points, box) > 0.5
        )


class _Revision(NamedTuple):
    """Shapes of which the canvas has told since something was placed, and how many of them were that."""

    heard: list[Any]
    placed: int


@dataclass
class _State:
    """What a session knows of one sheet.

    placed: the objects that were last put on it; mark: of that revision, which the canvas tells with all it sends.
    objects: what is on it now, in the canvas's own words.
    revisions: the last ones by their marks, oldest first; the canvas may still tell of one that was replaced.
    drawing: what is read; drawn: the shapes of which it is.
    """

    placed: list[dict[str, Any]] = field(default_factory=list)
    mark: str = FIRST_MARK
    objects: list[dict[str, Any]] = field(default_factory=list)
    revisions: dict[str, _Revision] = field(default_factory=lambda: {FIRST_MARK: _Revision([], 0)})
    drawn: list[Any] = field(default_factory=list)
    drawing: Drawing | None = None


def draw(key: str, sheet: Sheet, brush_px: int) -> Drawing | None:
    """Show the sheet; return what is on it, or None while it is empty."""
    state = _state(key)
    _listen(key)
    if key not in st.session_state and state.objects:
        _place(state, state.objects)  # from another page: the canvas is new and has forgotten all
    with st.container(key=f"{key}_paper", width="content"):
        st_canvas(
            stroke_width=brush_px,
            stroke_color=INK,
            width=sheet.width,
            height=sheet.height,
            initial_drawing={"objects": state.placed},
            background_color=state.mark,
            return_image_data=True,
            key=key,
        )
        _paint(state, sheet)
        _accompany(key, state)
    return state.drawing


def is_empty(key: str) -> bool:
    """Whether the sheet holds no stroke."""
    return not _state(key).objects


def undo(key: str) -> None:
    """Take back the last stroke."""
    _listen(key)
    _place(_state(key), _state(key).objects[:-1])


def clear(key: str) -> None:
    """Take a new sheet."""
    _listen(key)
    _place(_state(key), [])


def fit(key: str, sheet: Sheet) -> None:
    """Have what is on the sheet drawn again on `sheet`, moved or made smaller where it would reach over its edge."""
    _listen(key)
    objects = [item for item in _state(key).objects if item.get("path")]
    if not objects:
        _place(_state(key), [])
        return
    strokes = [_points(item) for item in objects]
    room = max(float(item["strokeWidth"]) for item in objects) / 2
    low = np.min([points.min(axis=0) for points in strokes], axis=0) - room
    high = np.max([points.max(axis=0) for points in strokes], axis=0) + room
    size = np.array(sheet, np.float32)
    scale = float(min(1.0, *(size / (high - low))))
    inside = np.maximum(-low, 0) + np.minimum(size - high, 0)
    shift = inside if scale == 1 else (size - scale * (low + high)) / 2
    _place(_state(key), [_moved(item, scale, shift) for item in objects] if scale < 1 or shift.any() else objects)


def put(key: str, strokes: Strokes, brush_px: int) -> None:
    """Replace what is on the sheet by `strokes`, in pixels of the sheet."""
    _listen(key)
    _place(_state(key), [_path_object(stroke, brush_px) for stroke in strokes])


def _state(key: str) -> _State:
    state: _State = st.session_state.setdefault(f"{key}_state", _State())
    return state


def _place(state: _State, objects: list[dict[str, Any]]) -> None:
    state.placed, state.objects = objects, objects
    state.mark = f"#{(int(state.mark[1:7], 16) + 1) % 0x1000000:06x}00"
    state.revisions[state.mark] = _Revision(_shapes(objects), len(objects))
    if len(state.revisions) > REVISIONS_KEPT:
        del state.revisions[next(iter(state.revisions))]


def _listen(key: str) -> None:
    """Take in what the canvas has told, before anything is done to what is on the sheet."""
    told = getattr(st.session_state.get(key), "drawing", None) or {}
    _remember(_state(key), CanvasResult(told.get("raw"), told.get("data"), return_image_data=True))


def _remember(state: _State, told: CanvasResult) -> None:
    """Keep what was written. What the canvas told last is told again in every run.

    A stroke that was written before the browser knew what was placed, or on a canvas that had forgotten some, is added
    to what should be on the sheet, and all of that placed: the canvas does not show it.
    """
    sheet = told.json_data or {}
    mark, objects = sheet.get("background", ""), list(sheet.get("objects", []))
    revision, shapes = state.revisions.get(mark), _shapes(objects)
    if revision is None or shapes == revision.heard:
        return
    state.revisions[mark] = revision._replace(heard=shapes)
    forgot = shapes[: len(revision.heard)] != revision.heard
    if forgot or mark != state.mark:
        _place(state, state.objects + objects[revision.placed if forgot else len(revision.heard) :])
    else:
        state.objects = objects
        if told.image_data is not None:
            _draw(state, told.image_data)


def _mounted(key: str) -> None:
    """Give a new canvas what the one before it showed."""
    _listen(key)
    state = _state(key)
    if len(state.placed) < len(state.objects):
        _place(state, state.objects)


def _paint(state: _State, sheet: Sheet) -> None:
    """Have what was placed for what is read, as the canvas would send it."""
    size = None if state.drawing is None else state.drawing.rgba.shape[:2]
    if state.drawn == _shapes(state.objects) and size in (None, (sheet.height, sheet.width)):
        return
    rgba = np.zeros((sheet.height, sheet.width, 4), np.uint8)
    rgba[..., :3] = [int(INK[at : at + 2], 16) for at in (1, 3, 5)]
    for points, brush_px in _strokes(state.objects):
        rgba[..., 3] = np.maximum(rgba[..., 3], trace((points,), size_hw=rgba.shape[:2], brush_px=brush_px))
    _draw(state, rgba)


def _draw(state: _State, rgba: NDArray[np.uint8]) -> None:
    strokes = _strokes(state.objects)
    state.drawn = _shapes(state.objects)
    state.drawing = Drawing(rgba, strokes) if strokes else None


def _strokes(objects: Sequence[Mapping[str, Any]]) -> tuple[Stroke, ...]:
    return tuple(Stroke(_points(item), float(item["strokeWidth"])) for item in objects if item.get("path"))


def _shapes(objects: Sequence[Mapping[str, Any]]) -> list[Any]:
    """What tells one state of the sheet from another; the canvas adds much that it was not given."""
    return [(item.get("path"), item.get("strokeWidth")) for item in objects]


def _moved(item: Mapping[str, Any], scale: float, shift: NDArray[np.float32]) -> dict[str, Any]:
    """A stroke made smaller and moved, as an object that stands where its path says."""
    path = [
        [command[0], *(round(scale * float(at) + float(shift[i % 2]), 1) for i, at in enumerate(command[1:]))]
        for command in item["path"]
    ]
    return _path(path, round(scale * float(item["strokeWidth"]), 1))


def _points(item: Mapping[str, Any]) -> NDArray[np.float32]:
    """(n, 2) points along a path of lines and quadratic curves (SVG's M, L and Q, all absolute)."""
    points: list[NDArray[np.float64]] = []
    for command in item["path"]:
        *controls, end = np.array(command[1:], float).reshape(-1, 2)
        for control in controls:
            t = np.arange(1, CHORDS)[:, np.newaxis] / CHORDS
            points.extend((1 - t) ** 2 * points[-1] + 2 * t * (1 - t) * control + t**2 * end)
        points.append(end)
    return np.array(points, np.float32).reshape(-1, 2)


def _share_in(points: NDArray[np.float32], box: Box) -> float:
    inside = (points >= (box.x, box.y)) & (points <= (box.right, box.bottom))
    return float(inside.all(axis=1).mean())


def _path_object(stroke: NDArray[np.float32], brush_px: int) -> dict[str, Any]:
    """A stroke as the canvas's own kind of object, with the round pen it draws with."""
    commands = [["M" if i == 0 else "L", round(float(x), 1), round(float(y), 1)] for i, (x, y) in enumerate(stroke)]
    return _path(commands, brush_px)


def _path(commands: list[list[Any]], brush_px: float) -> dict[str, Any]:
    return {
        "type": "Path",
        "path": commands,
        "fill": None,
        "stroke": INK,
        "strokeWidth": brush_px,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
    }


def _accompany(key: str, state: _State) -> None:
    """Send strokes at once, dress the canvas, and tell of another one: see `canvas.js`."""
    _companion(
        key=f"{key}_companion",
        on_mounted_change=lambda: _mounted(key),
        data={
            "mark": state.mark,
            "container": f"{key}_paper",
            "empty": not state.objects,
            "hint": HINT,
            "hintColor": HINT_COLOR,
            "paper": PAPER_AT_NIGHT if st.context.theme.type == "dark" else PAPER,
            "label": "Drawing area. With a keyboard, choose one of the samples instead.",
        },
    )
