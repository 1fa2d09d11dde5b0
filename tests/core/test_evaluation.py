"""Measures agree with values worked out by hand, and the parts of the table say what they measured."""

import gzip
import hashlib
import json
from dataclasses import replace
from math import isnan
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from core import evaluation
from core.__main__ import main
from core.classifier import Classifier
from core.datasets import idx, sources
from core.datasets.strokes import PenDigit, pendigits
from core.errors import StorageError
from core.evaluation import Cell, Share, canvas, contact_sheet, figures, matrix, measures, rejection, table
from core.evaluation.answers import BATCH, Answers, answer, answer_with_shifts, not_a_digit_scores, shifted
from core.evaluation.report import Part, Row, needs_data, share_row
from core.evaluation.strings import on_strings
from core.evaluation.unread import UNREAD, unread_among
from core.images import Image, from_rgba
from core.models import ModelStore
from core.normalization import normalize
from core.pens import Strokes, draw_digit
from core.reader import CANVAS_SETTINGS, Reader, ReadSettings
from tests.core.tiny_models import card_of, tiny_tflite

RIGHT = [True, True, False, True]


def rows(part: Part) -> dict[str, Row]:
    return {row.key: row for row in part.rows}


# Shares


def test_wilsons_interval_is_the_published_one() -> None:
    # Worked example of Newcombe 1998 (Statistics in Medicine 17, table I): 81 of 263 gives 0.2553 to 0.3662.
    assert Share(81, 263).interval == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert Share(15, 148).interval == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_none_and_all_have_intervals_inside_0_to_1() -> None:
    assert Share(0, 20).interval == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert Share(20, 20).interval == pytest.approx((0.8389, 1.0), abs=5e-5)
    assert Share(0, 0).interval == (0.0, 1.0)


def test_a_share_of_nothing_is_no_number() -> None:
    assert isnan(Share(0, 0).value)
    assert Share(1, 4).value == 0.25


@pytest.mark.parametrize(("hits", "count"), [(2, 1), (-1, 1)])
def test_more_hits_than_tries_are_refused(hits: int, count: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        Share(hits, count)


# Confusion, calibration, risk, rejection


def test_confusion_counts_truth_by_row_and_answer_by_column() -> None:
    counts = measures.confusion(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0]), classes=3)

    assert counts.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]


def test_calibration_error_is_the_weighted_gap_of_the_bins() -> None:
    # Two bins: 0.4 promised and nothing kept (1 of 4); 0.8 promised on average and 2 of 3 kept.
    confidences, correct = np.array([0.4, 0.7, 0.8, 0.9]), np.array([False, True, False, True])

    error = measures.calibration_error(confidences, correct, bins=2)

    assert error == pytest.approx(1 / 4 * 0.4 + 3 / 4 * (0.8 - 2 / 3))


def test_who_promises_what_he_keeps_has_no_calibration_error() -> None:
    confidences = np.full(10, 0.7)

    assert measures.calibration_error(confidences, np.arange(10) < 7) == pytest.approx(0)
    assert measures.calibration_error(confidences, np.arange(10) < 4) == pytest.approx(0.3)
    assert measures.calibration_error(np.zeros(0), np.zeros(0, bool)) == 0


def test_each_confidence_has_one_bin_the_ends_included() -> None:
    bins = measures.reliability(np.array([0.0, 0.1, 0.5, 0.51, 1.0]), np.array([False, True, True, True, True]), bins=2)

    assert [(b.low, b.high, b.count) for b in bins] == [(0.0, 0.5, 3), (0.5, 1.0, 2)]
    assert bins[0].confidence == pytest.approx(0.2)
    assert bins[0].accuracy == pytest.approx(2 / 3)


def test_the_least_sure_answers_are_left_out_first() -> None:
    confidences, correct = np.array([0.9, 0.2, 0.6, 0.8]), np.array([True, False, False, True])

    assert measures.wrong_at_coverage(confidences, correct, 1.0) == Share(2, 4)
    assert measures.wrong_at_coverage(confidences, correct, 0.75) == Share(1, 3)
    assert measures.wrong_at_coverage(confidences, correct, 0.5) == Share(0, 2)


def test_among_equally_sure_answers_the_wrong_count_first() -> None:
    assert measures.wrong_at_coverage(np.ones(4), np.array(RIGHT), 0.25) == Share(1, 1)


def test_risk_falls_with_coverage_and_tells_its_threshold() -> None:
    confidences, correct = np.array([0.9, 0.2, 0.6, 0.8]), np.array([True, False, False, True])

    points = measures.risk_coverage(confidences, correct, (0.5, 0.75, 1.0))

    assert [(one.coverage, one.threshold, one.wrong) for one in points] == [
        (0.5, 0.8, Share(0, 2)),
        (0.75, 0.6, Share(1, 3)),
        (1.0, 0.2, Share(2, 4)),
    ]
    assert measures.risk_coverage(np.zeros(0), np.zeros(0, bool)) == ()


def test_a_threshold_lets_at_most_its_share_pass() -> None:
    scores = np.arange(200) / 200

    threshold = measures.threshold_passed_by(scores, 0.01)

    assert np.count_nonzero(scores > threshold) == 2
    assert np.count_nonzero(scores > threshold - 0.005) == 3


def test_a_threshold_holds_where_scores_are_equal() -> None:
    scores = np.array([0.0] * 90 + [1.0] * 10)

    assert np.count_nonzero(scores > measures.threshold_passed_by(scores, 0.05)) == 0
    assert np.count_nonzero(scores > measures.threshold_passed_by(scores, 0.1)) == 10
    assert np.count_nonzero(scores > measures.threshold_passed_by(scores, 1.0)) == 100


# Answers


def answers_of(*likeliest: tuple[int, int, float]) -> Answers:
    """Answers from (truth, answer, its confidence); the rest of each row is "not a digit"."""
    probabilities = np.zeros((len(likeliest), 11), np.float32)
    for row, (_, digit, confidence) in enumerate(likeliest):
        probabilities[row, digit], probabilities[row, 10] = confidence, 1 - confidence
    return Answers(np.array([truth for truth, _, _ in likeliest]), probabilities)


def test_a_digit_thought_to_be_none_still_has_a_likeliest_digit() -> None:
    answers = answers_of((3, 3, 0.2), (4, 4, 0.9), (5, 6, 0.7))

    assert answers.digits.tolist() == [3, 4, 6]
    assert answers.accuracy == Share(2, 3)
    assert answers.refused(0.5) == Share(1, 3)
    assert answers.confidences.tolist() == pytest.approx([0.2, 0.9, 0.7])


def test_the_worst_mistakes_are_the_surest() -> None:
    answers = answers_of((1, 7, 0.6), (2, 2, 1.0), (3, 8, 0.9), (4, 9, 0.7))

    assert answers.worst(2) == (2, 3)
    assert answers.worst(10) == (2, 3, 0)


def test_labels_and_probabilities_must_go_together() -> None:
    with pytest.raises(ValueError, match="2 labels but probabilities"):
        Answers(np.zeros(2, np.int64), np.zeros((3, 11), np.float32))


def brightness_reader(outputs: int = 11) -> Classifier:
    """Answers 1 to a picture with a bright first pixel, 0 to any other."""
    weights, bias = np.zeros((outputs, 784), np.float32), np.full(outputs, -20, np.float32)
    bias[0], weights[1, 0] = 0, 40
    tflite = tiny_tflite(outputs, weights=weights, bias=bias)
    return Classifier(tflite, card_of(tflite, outputs=outputs))


def test_every_picture_is_answered_across_batches() -> None:
    labels = np.random.default_rng(1).integers(0, 2, BATCH + 37)
    images = np.zeros((len(labels), 28, 28), np.uint8)
    images[labels == 1, 0, 0] = 255

    assert answer(brightness_reader(), images, labels).accuracy == Share(len(labels), len(labels))
    assert answer(brightness_reader(), images[:0], labels[:0]).accuracy == Share(0, 0)


def test_pictures_are_moved_by_up_to_two_pixels_and_paper_comes_in() -> None:
    images = np.arange(1, 785).reshape(1, 28, 28).astype(np.uint8)

    down, left = shifted(images, (2, 0)), shifted(images, (0, -1))

    assert np.array_equal(down[:, 2:], images[:, :-2])
    assert not down[:, :2].any()
    assert np.array_equal(left[..., :-1], images[..., 1:])
    assert not left[..., -1].any()


def test_25_looks_are_averaged() -> None:
    images = np.zeros((1, 28, 28), np.uint8)
    images[0, 1, 2] = 255  # seen as a 1 in the one look of the 25 that moves this pixel to the corner

    alone, averaged = (ask(brightness_reader(), images, np.array([0])) for ask in (answer, answer_with_shifts))

    assert averaged.probabilities[0, :2] == pytest.approx((24 * alone.probabilities[0, :2] + [0, 1]) / 25, abs=1e-6)
    assert averaged.probabilities.sum() == pytest.approx(1)
    assert averaged.accuracy == Share(1, 1)


def test_a_network_without_not_a_digit_offers_its_doubt() -> None:
    probabilities = np.zeros((1, 11), np.float32)
    probabilities[0, :2] = 0.7, 0.3

    assert not_a_digit_scores(brightness_reader(10), probabilities) == pytest.approx([0.3])
    assert not_a_digit_scores(brightness_reader(11), probabilities) == pytest.approx([0.0])


# The canvas path


def pens(count: int = 20) -> tuple[PenDigit, ...]:
    """Digits of our own pens, as if they had been recorded."""
    rng = np.random.default_rng(5)
    return tuple(PenDigit(draw_digit(n % 10, rng), n % 10, n % 3) for n in range(count))


def test_drawings_vary_as_promised_and_lie_wholly_on_the_canvas() -> None:
    drawn = list(canvas.drawings(pens(60)))

    for one in drawn:
        assert 8 <= one.brush_px <= 28
        assert 60 <= one.height_px <= 230
        alpha = one.rgba[..., 3]
        assert alpha.shape == (280, 280)
        assert alpha.max() == 255
        assert not alpha[[0, -1]].any()
        assert not alpha[:, [0, -1]].any()
    assert max(one.brush_px for one in drawn) > 24
    assert min(one.height_px for one in drawn) < 80


def test_a_digit_is_as_tall_as_asked() -> None:
    upright: Strokes = (np.array([[0, 0], [0, 1]], np.float32),)

    rgba = canvas.draw(upright, np.random.default_rng(1), brush_px=10, height_px=150)

    assert cv2.boundingRect(rgba[..., 3])[2:] == pytest.approx((10, 160), abs=2)


def test_a_digit_wider_than_the_canvas_is_drawn_as_large_as_fits() -> None:
    level: Strokes = (np.array([[0, 0], [3, 0.5]], np.float32),)

    rgba = canvas.draw(level, np.random.default_rng(1), brush_px=20, height_px=200)

    width = cv2.boundingRect(rgba[..., 3])[2]
    assert width == pytest.approx(278, abs=2)


def test_the_same_seed_draws_the_same() -> None:
    first, again = (next(canvas.drawings(pens(1))) for _ in range(2))

    assert np.array_equal(first.rgba, again.rgba)


class _Echo:
    """A reader that says what it was told to say, once as the canvas has it read and once automatically."""

    def __init__(self, *texts: str) -> None:
        self.texts, self.seen = list(texts), list[np.ndarray]()

    def read(self, image: Image, settings: ReadSettings = ReadSettings()) -> SimpleNamespace:
        self.seen.append(image.pixels)
        automatic = settings != CANVAS_SETTINGS
        return SimpleNamespace(text=self.texts.pop(0) if automatic else self.texts[0])


def test_only_the_one_digit_and_nothing_else_is_exact() -> None:
    drawn = list(canvas.drawings(pens(4)))
    reader = _Echo("0", "11", "", "3")

    answers = canvas.read(reader, drawn)  # type: ignore[arg-type]

    assert [one.exact for one in answers] == [True, False, False, True]
    assert [one.automatic_exact for one in answers] == [True, False, False, True]
    assert canvas.exact(answers) == Share(2, 4)
    assert np.array_equal(reader.seen[0], from_rgba(drawn[0].rgba).pixels)
    assert np.array_equal(answers[0].normalized, normalize(drawn[0].rgba[..., 3]))


def test_bands_share_out_all_drawings() -> None:
    answers = canvas.read(_Echo("0", "x", "2", "3"), canvas.drawings(pens(4)))  # type: ignore[arg-type]

    bands = canvas.bands(answers, [8.0, 14.9, 21.0, 28.0], (8, 29))

    assert [(band.low, band.high, band.exact) for band in bands] == [
        (8, 15, Share(1, 2)),
        (15, 22, Share(1, 1)),
        (22, 29, Share(1, 1)),
    ]


# Not a digit


def test_every_kind_of_mark_is_made_and_the_same_each_time() -> None:
    first, again = (rejection.marks(pens(40), count=3) for _ in range(2))

    assert set(first) == {"a blank", *rejection.FROM_PIECES, *rejection.FROM_PENS}
    for kind, images in first.items():
        assert images.shape == (1 if kind == "a blank" else 3, 28, 28)
        assert np.array_equal(images, again[kind])
    assert not first["a blank"].any()
    assert first["scribbles"].any(axis=(1, 2)).all()


def test_marks_above_the_threshold_are_refused() -> None:
    shares = rejection.rejected({"halves": np.array([0.1, 0.6, 0.9]), "noise": np.array([0.5])}, 0.5)

    assert shares == {"halves": Share(2, 3), "noise": Share(0, 1)}


# The table


def test_the_table_tells_figure_counts_interval_and_what_is_missing() -> None:
    parts = [
        Part("Pens", (share_row("pens", "read exactly", Share(81, 263), "by six people"),)),
        Part("Cost", (Row("alone", "a digit alone", 0.0912, "ms"), Row("size", "model.tflite", 268.9, "KB"))),
        Part("MNIST", missing=("there is no MNIST",)),
    ]

    text = table(parts)

    assert [" ".join(line.split()) for line in text.splitlines() if line.strip()] == [
        "counts 95 % interval",
        "Pens",
        "read exactly 30.80 % 81 of 263 25.53 to 36.62 by six people",
        "Cost",
        "a digit alone 0.091 ms",
        "model.tflite 269 KB",
        "MNIST",
        "not measured: there is no MNIST",
    ]
    assert figures(parts) == {"pens": 81 / 263, "alone": 0.0912, "size": 268.9}


def test_curves_are_figures_of_a_card_and_no_rows_of_the_table() -> None:
    curve = {"count": [1, 2], "accuracy": [0.5, 1.0]}
    part = Part("MNIST", (share_row("right", "right", Share(3, 4)),), curves={"reliability": curve})

    assert figures([part]) == {"right": 0.75, "reliability": curve}
    assert "reliability" not in table([part])


def test_two_figures_of_one_key_are_refused() -> None:
    parts = Part(rows=(share_row("right", "right", Share(1, 2)),)), Part(curves={"right": {"count": [1.0]}})

    with pytest.raises(ValueError, match="right"):
        figures(parts)
    assert set(figures(parts[:1])) == {"right"}


def test_every_figure_of_every_part_has_a_key_of_its_own(models: ModelStore, pen_file: None) -> None:
    classifier = models.load("digitscope")

    measured = [evaluation.PARTS[part](classifier) for part in ("pens", "marks", "cost")]

    assert set(figures(measured)) >= {"pens_refused", "marks_digits_lost", "milliseconds_alone"}


def test_data_that_cannot_be_kept_is_told_and_no_end() -> None:
    @needs_data("Some digits")
    def measure() -> Part:
        raise StorageError("the disk is full; free some space")

    assert measure() == Part("Some digits", missing=("the disk is full; free some space",))


def test_a_share_of_none_is_shown_as_such_and_is_no_figure() -> None:
    part = Part("Pens", (share_row("wrong_and_sure", "wrong among these", Share(0, 0)),))

    assert "wrong among these -" in " ".join(table([part]).split())
    assert json.loads(json.dumps(part.rows[0].to_json(), allow_nan=False))["value"] is None
    assert figures([part]) == {}


def test_a_confusion_matrix_reads_as_a_table() -> None:
    assert matrix([[98, 0], [3, 1131]]) == "truth      0     1\n    0     98     .\n    1      3  1131"


def test_a_contact_sheet_holds_every_picture() -> None:
    cells = [Cell(np.full((28, 28), 255, np.uint8), f"{n}") for n in range(13)]

    one_row, two_rows = contact_sheet(cells[:12]), contact_sheet(cells)

    assert two_rows.shape[0] > one_row.shape[0]
    assert two_rows.shape[1] == one_row.shape[1]
    # Twelve pictures of 84 x 84 pixels of ink and their captions; a thirteenth adds its own.
    assert 0 < np.count_nonzero(one_row == 0) - 12 * 84 * 84 < 12 * 200
    assert np.count_nonzero(two_rows == 0) - np.count_nonzero(one_row == 0) >= 84 * 84
    with pytest.raises(ValueError, match="without pictures"):
        contact_sheet([])


# Parts and the command


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """A store whose model answers by the first pixel, and no data set anywhere."""
    tflite = brightness_reader()._model
    store = ModelStore(tmp_path / "models")
    store.publish("digitscope", tflite, None, card_of(tflite, "digitscope"))
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(store.root))
    monkeypatch.setenv("DIGITSCOPE_DATA", str(tmp_path / "data"))
    return store


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Four labeled pictures in idx format, of which the model knows three."""
    images = np.zeros((4, 28, 28), np.uint8)
    images[1:, 0, 0] = 255
    paths = tmp_path / "some-images", tmp_path / "some-labels.gz"
    paths[0].write_bytes(idx.compose(images))
    paths[1].write_bytes(gzip.compress(idx.compose(np.array([0, 1, 1, 7], np.uint8))))
    return paths


def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(url: str) -> None:
        raise OSError("no network")

    monkeypatch.setattr(sources, "_open", unreachable)
    monkeypatch.setattr(sources.time, "sleep", lambda seconds: None)


def test_a_pair_of_files_gives_accuracy_and_count_as_json(
    models: ModelStore, pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["evaluate", "--json", "--images", str(pair[0]), "--labels", str(pair[1])])

    answer = json.loads(capsys.readouterr().out)
    assert status == 0
    assert (answer["model"], answer["accuracy"], answer["count"]) == ("digitscope", 0.75, 4)
    details = answer["parts"]["Digits of the given files"]
    assert details["confusion"][7][1] == 1
    assert [(one["index"], one["truth"], one["answer"]) for one in details["worst"]] == [(3, 7, 1)]
    assert answer["curves"]["digits_reliability"]["count"] == [0] * 14 + [4]
    assert answer["curves"]["digits_reliability"]["accuracy"][-1] == 0.75
    assert answer["curves"]["digits_risk_coverage"]["coverage"][-1] == 1.0
    assert answer["curves"]["digits_risk_coverage"]["error"][-1] == 0.25


def test_a_pair_of_files_gives_a_table_for_people(
    models: ModelStore, pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--images", str(pair[0]), "--labels", str(pair[1]), "--worst", str(tmp_path / "worst")]

    status = main(["evaluate", *words])

    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert status == 0
    assert "right 75.00 % 3 of 4 30.06 to 95.44" in lines
    sheet = cv2.imread(str(tmp_path / "worst" / "digits.png"))
    assert sheet is not None


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["--images", "x"], 2, "give both --images and --labels"),
        (["--images", "missing", "--labels", "missing"], 1, "missing cannot be read"),
        (
            ["--only", "mnist,letters"],
            2,
            "there is no part 'letters'; choose from mnist, shifts, pens, strings, ",
        ),
        (["--only", "mnist", "--images", "a", "--labels", "b"], 2, "leave out --images and --labels"),
        (["--shifts", "--images", "a", "--labels", "b"], 2, "leave out --images and --labels"),
        (["--model", "theirs"], 1, "there is no model 'theirs'"),
        (["--model", ""], 2, "'' cannot name a model"),
    ],
)
def test_what_cannot_be_measured_is_said_in_a_sentence(
    models: ModelStore, words: list[str], status: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = main(["evaluate", *words])

    output = capsys.readouterr()
    assert ended == status
    assert sentence in output.err
    assert output.out == ""


def test_a_file_without_pictures_is_told(
    models: ModelStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images, labels = tmp_path / "images", tmp_path / "labels"
    images.write_bytes(idx.compose(np.zeros((0, 28, 28), np.uint8)))
    labels.write_bytes(idx.compose(np.zeros(0, np.uint8)))

    assert main(["evaluate", "--json", "--images", str(images), "--labels", str(labels)]) == 1
    assert "holds no picture" in capsys.readouterr().err


def test_without_data_sets_the_rest_is_still_measured(
    models: ModelStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    offline(monkeypatch)

    status = main(["evaluate", "--json"])

    answer = json.loads(capsys.readouterr().out)
    assert status == 0
    assert (answer["accuracy"], answer["count"]) == (None, 0)
    assert set(answer["figures"]) == {"milliseconds_alone", "milliseconds_of_32", "tflite_kilobytes", "parameters"}
    assert len(answer["missing"]) == 5
    assert all("connect to the internet" in why or "put it there" in why for why in answer["missing"])


def test_shifts_are_averaged_only_where_asked_for(
    models: ModelStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    offline(monkeypatch)
    measured = []

    for words in ([], ["--shifts"], ["--only", "cost", "--shifts"], ["--only", "cost"]):
        main(["evaluate", *words])
        told = capsys.readouterr().err
        measured.append([part for part in ("mnist", "shifts", "cost") if f"measuring {part} " in told])

    assert measured == [["mnist", "cost"], ["mnist", "shifts", "cost"], ["shifts", "cost"], ["cost"]]


def test_nothing_to_measure_is_a_failure(models: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    offline(monkeypatch)

    assert main(["evaluate", "--only", "mnist"]) == 1


def test_saved_figures_join_those_of_the_card(models: ModelStore, capsys: pytest.CaptureFixture[str]) -> None:
    before = models.card("digitscope")

    status = main(["evaluate", "--only", "cost", "--save"])

    figures = models.card("digitscope").figures
    assert status == 0
    assert figures["accuracy"] == before.figures["accuracy"]
    assert figures["parameters"] == 8635
    assert models.load("digitscope").name == "digitscope"


def test_several_trainings_are_told_by_their_mean_and_range():
    of_one = Part("MNIST", (share_row("right", "right", Share(98, 100)), Row("time", "time", 0.1, "ms")))
    of_other = Part("MNIST", (share_row("right", "right", Share(99, 100)), Row("time", "time", 0.2, "ms")))

    mean = evaluation.means(["one", "other"], [[of_one], [of_other, Part("more", (Row("size", "size", 9, "KB"),))]])

    assert mean.title == "Mean of 2 trainings with different seeds: one, other"
    assert figures([mean]) == pytest.approx({"right_mean": 0.985, "time_mean": 0.15})
    assert [row.note for row in mean.rows] == ["98.00 % to 99.00 %", "0.100 ms to 0.200 ms"]


def test_models_of_other_seeds_are_measured_too_and_their_means_kept(
    models: ModelStore, capsys: pytest.CaptureFixture[str]
) -> None:
    made = models.load("digitscope")
    models.publish("second", made._model, None, replace(made.card, name="second"))

    status = main(["evaluate", "--only", "cost", "--seeds", "second", "--save"])

    assert status == 0
    assert "Mean of 2 trainings with different seeds: digitscope, second" in capsys.readouterr().out
    assert models.card("digitscope").figures["parameters_mean"] == 8635
    assert "parameters_mean" not in models.card("second").figures

    assert main(["evaluate", "--only", "cost", "--save"]) == 0
    assert models.card("digitscope").figures["parameters_mean"] == 8635, "measured anew, it is the same figure"


@pytest.mark.parametrize(
    ("seeds", "status", "sentence"),
    [
        ("", 2, "--seeds wants names of models parted by commas"),
        ("second,", 2, "--seeds wants names of models parted by commas"),
        ("digitscope", 2, "--seeds names the model 'digitscope' that is measured anyway"),
        ("nobody", 1, "there is no model 'nobody'"),
        ("otherwise", 2, "'otherwise' was trained otherwise than 'digitscope'"),
    ],
)
def test_only_models_trained_alike_have_a_mean(
    models: ModelStore, capsys: pytest.CaptureFixture[str], seeds: str, status: int, sentence: str
) -> None:
    store(models, "otherwise", epochs=99)

    assert main(["evaluate", "--only", "cost", "--seeds", seeds]) == status
    assert sentence in capsys.readouterr().err


def test_models_that_began_with_models_trained_alike_have_a_mean(
    models: ModelStore, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, seed in (("first", 1), ("second", 2)):
        store(models, name, epochs=9, seed=seed)
        store(models, f"after-{name}", epochs=3, start=name)
    store(models, "longer", epochs=10)
    store(models, "after-longer", epochs=3, start="longer")

    assert main(["evaluate", "--model", "after-first", "--only", "cost", "--seeds", "after-second"]) == 0
    assert main(["evaluate", "--model", "after-first", "--only", "cost", "--seeds", "after-longer"]) == 2
    assert "'after-longer' was trained otherwise than 'after-first'" in capsys.readouterr().err


def store(models: ModelStore, name: str, **settings: object) -> None:
    made = models.load("digitscope")
    models.publish(name, made._model, None, replace(made.card, name=name, settings=settings))


@pytest.fixture
def pen_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small pendigits file of our own pens: writer 20 is held out, writer 4 is not."""
    text = "".join(_unipen(pen, writer) for writer in (20, 4) for pen in pens(10))
    folder = tmp_path / "data" / "pen"
    folder.mkdir(parents=True)
    content = text.encode()
    (folder / "pendigits-orig.tra").write_bytes(content)
    known = sources.PENDIGITS
    monkeypatch.setattr(
        sources,
        "PENDIGITS",
        sources.Source(file=known.file, sha256=hashlib.sha256(content).hexdigest(), origin=known.origin),
    )


def _unipen(pen: PenDigit, writer: int) -> str:
    lines = [f'.SEGMENT DIGIT ? "{pen.digit}"', f".COMMENT {pen.digit} {writer} 0"]
    for stroke in pen.strokes:
        points = [f"{x:.0f} {y:.0f}" for x, y in np.stack([stroke[:, 0] * 300, 400 - stroke[:, 1] * 300], axis=1)]
        lines += [".PEN_DOWN", *points, ".PEN_UP"]
    return "\n".join(lines) + "\n"


@pytest.mark.usefixtures("pen_file")
def test_only_pens_of_held_out_writers_are_drawn_and_marked(models: ModelStore) -> None:
    classifier = models.load("digitscope")

    on_pens, on_marks = rows(evaluation.PARTS["pens"](classifier)), rows(evaluation.PARTS["marks"](classifier))

    exact = on_pens["pens_canvas_exact"].share
    by_brush = [row.share for key, row in on_pens.items() if key.startswith("pens_canvas_exact_brush")]
    assert exact is not None
    assert exact.count == 10
    assert sum(share.count for share in by_brush if share) == 10
    readable = on_pens["pens_canvas_readable_exact"].share
    assert readable is not None
    assert readable.count == 9, "the pen in fifth place is a 4, as the one is that nobody reads"
    assert on_marks["refused_halves"].share == Share(0, 500)
    assert on_marks["marks_digits_lost"].share == Share(0, 10)
    on_canvas = {row.share for key, row in on_marks.items() if key.startswith("canvas_refused")}
    assert on_canvas == {Share(0, 500)}, "the model takes everything for a digit"


@pytest.mark.skipif(sources.find(sources.PENDIGITS) is None, reason="pendigits lie in no data folder")
def test_labels_that_nobody_reads_are_one_in_a_hundred_at_most_and_still_there() -> None:
    labels = [pen.digit for pen in pendigits("test")]

    assert unread_among(labels) == UNREAD
    assert len(UNREAD) <= 0.01 * len(labels)


@pytest.mark.usefixtures("pen_file")
def test_strings_of_every_kind_are_read_and_their_digits_counted(models: ModelStore) -> None:
    measured = rows(on_strings(models.load("digitscope"), count=2))

    exact = {key: row.share.count for key, row in measured.items() if row.share}
    assert exact == {
        f"strings_{kind}_exact": 2
        for kind in ("apart", "touching_1_px", "touching_2_px", "touching_3_px", "touching_4_px")
    }
    assert measured["strings_apart_digit_errors"].value > 0
    assert "digits" in measured["strings_apart_digit_errors"].note


@pytest.fixture
def shipped() -> Classifier:
    """The model in the repository."""
    store = ModelStore(Path(__file__).resolve().parents[2] / "models")
    if "digitscope" not in store.names():
        pytest.skip("the repository holds no trained model yet")
    return store.load("digitscope")


@pytest.mark.mnist
def test_the_shipped_model_keeps_what_it_promises_on_mnist(shipped: Classifier) -> None:
    if sources.find(sources.MNIST_TEST_IMAGES) is None:
        pytest.skip("MNIST lies nowhere; name its folder in DIGITSCOPE_DATA")

    measured = rows(evaluation.PARTS["mnist"](shipped))

    assert measured["mnist_test_accuracy"].value >= 0.995
    drift = measured["mnist_test_normalized_accuracy"].value - measured["mnist_test_accuracy"].value
    assert abs(drift) <= 0.001


def test_the_shipped_model_reads_our_own_pens_on_the_canvas(shipped: Classifier) -> None:
    answers = canvas.read(Reader(shipped), canvas.drawings(pens(20)))

    assert canvas.exact(answers).hits >= 19
