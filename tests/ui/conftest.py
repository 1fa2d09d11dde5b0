"""A model store of one's own, with a model that answers what a test wants, and a sheet that a test draws on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.models import ROOT_VARIABLE, ModelStore
from core.pens import trace
from core.runs.store import ROOT_VARIABLE as RUNS_VARIABLE
from tests.core.tiny_models import card_of, tiny_tflite

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 30
EVERY_PAGE = """
from ui.frame import PAGES
for page in PAGES[1:]:
    app.switch_page(page.path).run()
    assert not app.exception, app.exception
"""


def loaded_after(visit: str) -> set[str]:
    """Modules that a process has loaded after these lines, in which `app` is at its home page to begin with."""
    program = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        "app = AppTest.from_file('app.py', default_timeout=60).run()\n"
        f"{visit}\n"
        "print(*sys.modules)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    return set(ended.stdout.splitlines()[-1].split())


@pytest.fixture
def store(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModelStore]:
    """An empty store that the app uses, and an empty folder of runs."""
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path_factory.mktemp("runs")))
    st.cache_resource.clear()
    st.cache_data.clear()
    yield ModelStore(tmp_path)
    st.cache_resource.clear()
    st.cache_data.clear()


def publish(store: ModelStore, outcome: int, strength: float = 12.0, **card: object) -> None:
    """Publish a model that takes every mark for `outcome`, surely or with a small strength hardly so."""
    bias = np.zeros(11, np.float32)
    bias[outcome] = strength
    tflite = tiny_tflite(bias=bias)
    store.publish("digitscope", tflite, None, card_of(tflite, "digitscope", **card))


@pytest.fixture
def app(store: ModelStore) -> AppTest:
    """The app with a model that takes every mark for a 7, at its home page and not yet run."""
    publish(store, 7, figures={"mnist_test_accuracy": 0.9876})
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT_S)


@pytest.fixture
def bar_on_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet with one upright stroke on it: the canvas itself cannot be drawn on without a browser."""
    AppTest.from_string("import ui.canvas").run()  # streamlit-drawable-canvas can only be imported by an app
    from ui import canvas

    points = np.array([[140, 60], [138, 140], [140, 220]], np.float32)
    rgba = np.zeros((280, 280, 4), np.uint8)
    rgba[..., 3] = trace((points,), size_hw=(280, 280), brush_px=16)
    drawing = canvas.Drawing(rgba, (canvas.Stroke(points, 16),))
    monkeypatch.setattr(canvas, "draw", lambda *_: drawing)
