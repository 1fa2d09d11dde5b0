"""The benchmark measures what it says it does; how fast that is, no test asks."""

import json
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from core import benchmark
from core.__main__ import main
from core.benchmark import Figure, ProcessError, live, pictures, processes, reading, table
from core.classifier import Classifier
from core.files import REPOSITORY
from core.images import decode
from core.models import ModelStore
from core.reader import Reader
from core.synthesis import PageSettings
from core.timing import median_milliseconds
from tests.core.tiny_models import card_of, tiny_tflite

SEVEN = tiny_tflite(bias=12 * np.eye(11, dtype=np.float32)[7])


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """A store whose model takes every mark for a 7, and has no Keras file."""
    store = ModelStore(tmp_path / "models")
    store.publish("digitscope", SEVEN, None, card_of(SEVEN, "digitscope"))
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(store.root))
    return store


# Timing and the table


def test_the_median_leaves_one_interrupted_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, 0.001, 1.0, 1.002, 2.0, 9.0])
    monkeypatch.setattr("core.timing.time.perf_counter", lambda: next(ticks))
    calls: list[int] = []

    milliseconds = median_milliseconds(lambda: calls.append(1), runs=3, warmups=2)

    assert milliseconds == pytest.approx(2.0)
    assert len(calls) == 5


@pytest.mark.parametrize(("value", "met"), [(4.9, True), (5.0, True), (5.1, False)])
def test_a_target_is_met_up_to_its_value(value: float, met: bool) -> None:
    assert Figure("drawing", "a drawing", value, "ms", 5).met is met
    assert Figure("drawing", "a drawing", value, "ms").met is None


def test_the_table_tells_figure_target_and_verdict() -> None:
    figures = [
        Figure("alone", "a digit", 0.0932, "ms", 0.15),
        Figure("photo", "a photo", 317.6, "ms", 300, "read '1' for '7'"),
        Figure("keras", "  through Keras", 46.02, "ms"),
        Figure("memory", "the app", 1234.5, "MB", 350),
    ]

    lines = [" ".join(line.split()) for line in table(figures).splitlines()]

    assert lines == [
        "median target",
        "a digit 0.093 ms 0.15 ms met",
        "a photo 318 ms 300 ms missed read '1' for '7'",
        "through Keras 46 ms",
        "the app 1,234 MB 350 MB missed",
    ]


# What is read


def test_pictures_are_as_large_and_as_full_as_their_names_say() -> None:
    assert np.prod(pictures.PHOTO.size_wh) == 12_000_000
    assert np.prod(pictures.SCAN.size_wh) == pytest.approx(1_000_000, rel=0.05)
    assert pictures.FRAME.size_wh == (640, 480)
    assert len("".join(pictures.TWENTY_DIGITS)) == 20
    assert len("".join(pictures.SIX_DIGITS)) == 6


def test_a_page_is_the_same_every_time() -> None:
    first, again = (pictures.page(pictures.SIX_DIGITS, pictures.FRAME) for _ in range(2))

    assert first.image.pixels.shape == (480, 640, 3)
    assert np.array_equal(first.image.pixels, again.image.pixels)


def test_a_page_survives_its_jpeg() -> None:
    page = pictures.page(pictures.SIX_DIGITS, pictures.FRAME)

    decoded = decode(pictures.jpeg(page.image.pixels))

    difference = np.abs(decoded.pixels.astype(int) - page.image.pixels)
    assert difference.mean() < 4


def test_drawings_lie_wholly_on_the_canvas() -> None:
    for digit in range(10):
        rgba = pictures.drawing(digit)
        x, y, width, height = cv2.boundingRect(rgba[..., 3])

        assert rgba.shape == (280, 280, 4)
        assert min(x, y, 280 - x - width, 280 - y - height) > 0
        assert height > 140


# What is measured


def test_digits_are_measured_alone_and_in_company() -> None:
    figures = benchmark.digit_figures(Classifier(SEVEN, card_of(SEVEN)), runs=2)

    assert [(figure.key, figure.target) for figure in figures] == [("digit_alone", 0.15), ("digit_of_32", 0.1)]
    assert all(figure.value > 0 for figure in figures)


def test_pictures_that_are_read_wrong_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PHOTO", "SCAN", "FRAME"):
        monkeypatch.setattr(reading, name, PageSettings(size_wh=(240, 160)))
    monkeypatch.setattr(reading, "TWENTY_DIGITS", ("40",))
    monkeypatch.setattr(reading, "SIX_DIGITS", ("77",))

    figures = {
        figure.key: figure for figure in benchmark.picture_figures(Reader(Classifier(SEVEN, card_of(SEVEN))), runs=1)
    }

    assert list(figures) == ["drawing", "photo_12_megapixels", "scan_1_megapixel", "frame_640x480"]
    assert figures["frame_640x480"].note == ""
    assert figures["scan_1_megapixel"].note == "read '77' for '40'"


def test_a_model_without_its_keras_file_is_not_compared(store: ModelStore) -> None:
    assert benchmark.keras_figures(store, "digitscope") == ()


def test_the_command_line_reads_without_tensorflow(store: ModelStore) -> None:
    start, imported, *memory = benchmark.start_figures(store, "digitscope", runs=1)

    assert start.note == "without TensorFlow"
    assert start.value > 0
    assert imported.value > 0
    assert all(30 < figure.value < 2000 for figure in memory)


@pytest.mark.slow
def test_the_app_is_measured_with_all_pages_visited(store: ModelStore) -> None:
    start, *memory = benchmark.app_figures(store, runs=1)

    pages = len(list((REPOSITORY / "pages").glob("*.py"))) + 1
    assert start.value > 0
    assert [figure.note for figure in memory] == [f"{pages} pages and a camera, without TensorFlow"]


def test_memory_is_the_processs_own_not_its_parents(store: ModelStore) -> None:
    ballast = np.ones(300 * 2**20, np.uint8)

    told = processes.run_program("print(json.dumps({'peak_mb': peak_mb()}))", store)

    assert told["peak_mb"] is None or told["peak_mb"] < ballast.nbytes / 2**20 / 2


def test_a_process_that_fails_says_why(store: ModelStore) -> None:
    with pytest.raises(ProcessError, match="no luck"):
        processes.run_program("raise SystemExit('no luck')", store)


def test_a_process_that_hangs_is_ended(store: ModelStore) -> None:
    with pytest.raises(ProcessError, match=r"no answer in 0.5 s"):
        processes.run_program("import time; time.sleep(60)", store, timeout_s=0.5)


# The command


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures without measuring, and an app that does not start."""

    def broken(*_: object) -> None:
        raise ProcessError("no module named streamlit")

    for name in ("digit_figures", "keras_figures", "picture_figures", "live_figures", "start_figures"):
        figure = Figure(name, f"figure of {name}", 1.0, "ms", 2.0)
        monkeypatch.setattr(benchmark, name, lambda *_, figure=figure: (figure,))
    monkeypatch.setattr(benchmark, "app_figures", broken)


@pytest.mark.usefixtures("measured", "store")
def test_what_cannot_be_measured_does_not_keep_the_rest_from_it(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["benchmark"])

    output = capsys.readouterr()
    assert status == 0
    assert output.out.startswith("digitscope on ")
    assert "figure of start_figures" in output.out
    assert "not measured: no module named streamlit" in output.err


@pytest.mark.usefixtures("measured", "store")
def test_json_holds_every_figure_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["benchmark", "--json"])

    answer = json.loads(capsys.readouterr().out)
    assert status == 0
    assert answer["model"] == "digitscope"
    assert answer["figures"]["digit_figures"] == {
        "name": "figure of digit_figures",
        "value": 1.0,
        "unit": "ms",
        "target": 2.0,
        "met": True,
        "note": "",
    }


@pytest.mark.usefixtures("measured", "store")
@pytest.mark.parametrize(
    ("words", "told"), [(["training", "--model", "digitscope"], "leave --model out"), (["--seed", "4"], "leave --seed")]
)
def test_an_option_that_nothing_measured_has_is_told(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["benchmark", *words]) != 0
    assert told in capsys.readouterr().err


def test_a_video_is_replayed_as_it_comes_and_late_frames_are_counted() -> None:
    figures = {figure.key: figure for figure in benchmark.live_figures(Reader(Classifier(SEVEN, card_of(SEVEN))), 4)}

    assert figures["live_frame"].value > 0
    assert figures["live_late"].note == "of 120"
    assert 0 <= figures["live_late"].value < 120


def test_a_frame_whose_time_has_passed_is_left_out() -> None:
    video = [live._Shot(pictures.jpeg(np.full((48, 64, 3), 200, np.uint8)), True)]
    numbers: list[int] = []

    def slow(_: object, time_s: float) -> None:
        numbers.append(round(time_s * 30))
        time.sleep(0.08)

    replay = live._replay(video, slow, seconds=1.0)

    assert numbers == sorted(set(numbers))
    assert replay.late == 30 - len(numbers)
    assert replay.late >= 15
    assert replay.held_ms >= 80
