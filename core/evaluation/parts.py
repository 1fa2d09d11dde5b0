"""What is measured of a model, part by part; each looks up its own data and says what it lacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from core.classifier import Classifier
from core.datasets import canvas_pens, mnist
from core.datasets.strokes import pendigits
from core.errors import DataError
from core.evaluation import canvas, rejection
from core.evaluation.answers import Answers, answer, answer_with_shifts, not_a_digit_scores, probabilities
from core.evaluation.measures import Share, share_of, threshold_passed_by
from core.evaluation.report import Columns, Part, Row, needs_data, share_row, slug
from core.evaluation.robustness import on_corruptions
from core.evaluation.sheets import Cell, Sheet
from core.evaluation.strings import on_strings
from core.evaluation.unread import unread_among
from core.normalization import normalize
from core.reader import Reader
from core.recognition import store as recognition
from core.timing import median_milliseconds

COVERAGE = 0.985
WORST = 60
"""Mistakes on a contact sheet: five rows of twelve."""


def pair_of_files(classifier: Classifier, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> Part:
    """A model on any labeled digits, `images` (n, 28, 28) uint8 with 255 = ink and `labels` (n,)."""
    return _of_digits("digits", "Digits of the given files", classifier, images, labels)


@needs_data("MNIST's test set")
def on_mnist(classifier: Classifier) -> Part:
    """MNIST's test set as it is, and once more through this program's own normalization."""
    digits = mnist("test")
    part = _of_digits("mnist_test", "", classifier, digits.images, digits.labels)
    again = np.stack([normalize(image) for image in digits.images])
    accuracy = answer(classifier, again, digits.labels).accuracy
    points = 100 * (accuracy.value - part.rows[0].value)
    row = share_row("mnist_test_normalized_accuracy", "right, normalized again", accuracy, f"{points:+.2f} points")
    return replace(part, rows=(part.rows[0], row, *part.rows[1:]))


@needs_data("MNIST's test set, 25 looks at each digit: as it is and moved by up to two pixels")
def with_shifts(classifier: Classifier) -> Part:
    """MNIST's test set once more, each answer averaged over the digit and its shifts by up to two pixels."""
    digits = mnist("test")
    accuracy = answer_with_shifts(classifier, digits.images, digits.labels).accuracy
    return Part(rows=(share_row("mnist_test_shifts_accuracy", "right, with shifts averaged", accuracy),))


@needs_data("Pens of held-out writers on a canvas of 280 x 280 pixels, through the whole path")
def on_pens(classifier: Classifier) -> Part:
    """Pens of held-out writers drawn on the canvas and read by the whole path."""
    pens = pendigits("test")
    drawn = tqdm(canvas.drawings(pens), total=len(pens), desc="pens", leave=False, disable=None)
    answers = canvas.read(Reader(classifier, recognition.beside(classifier)), drawn)
    images = np.stack([one.normalized for one in answers])
    alone = _of_digits("pens", "", classifier, images, np.array([one.digit for one in answers]))
    unread = unread_among([one.digit for one in answers])
    readable = [one for place, one in enumerate(answers) if place not in unread]
    rows = [share_row("pens_canvas_exact", "read exactly", canvas.exact(answers))]
    if unread:
        name = f"  but for {len(unread)} labels that nobody reads"
        rows.append(share_row("pens_canvas_readable_exact", name, canvas.exact(readable)))
    for key, name, limits in (("brush_px", "brush", canvas.BRUSHES_PX), ("height_px", "height", canvas.HEIGHTS_PX)):
        for band in canvas.bands(answers, [getattr(one, key) for one in answers], limits):
            between = f"{band.low:.0f} to {band.high:.0f} px"
            slug = f"pens_canvas_exact_{name}_{band.low:.0f}_{band.high:.0f}"
            rows.append(share_row(slug, f"  {name} of {between}", band.exact))
    automatic = Share(sum(one.automatic_exact for one in answers), len(answers))
    rows.append(share_row("pens_picture_exact", "read exactly from a picture of the drawing", automatic))
    wrong = [one for one in answers if not one.exact]
    cells = tuple(Cell(one.thumbnail, f"{one.digit}->{one.text or 'none'}"[:14]) for one in wrong[:WORST])
    others = tuple(Cell(answers[place].thumbnail, f"{one.label}, read {one.read}") for place, one in unread.items())
    sheets = Sheet("pens", cells), Sheet("pens-unread", others)
    named = (Row(row.key, f"alone: {row.name}", row.value, row.unit, row.share, row.note) for row in alone.rows)
    return replace(alone, rows=(*rows, *named), sheets=sheets)


@needs_data("Not a digit: refused where 1 % of held-out writers' digits are")
def on_marks(classifier: Classifier) -> Part:
    """What is no digit, at the threshold that refuses 1 % of held-out writers' digits; and alone on a canvas."""
    pens = pendigits("test")
    marks, missing = rejection.marks(pens), tuple[str, ...]()
    try:
        marks |= rejection.foreign_characters()
    except DataError as error:
        missing = (str(error),)
    digits = canvas_pens("test").images
    threshold = threshold_passed_by(_scores(classifier, digits), rejection.FALSE_REJECTION)
    scores = {kind: _scores(classifier, images) for kind, images in marks.items()}
    own = classifier.card.calibration.not_digit_above
    at_own = rejection.rejected(scores, own)
    rows = [
        share_row(f"refused_{slug(kind)}", kind, share, f"{100 * at_own[kind].value:.2f} % at the card's threshold")
        for kind, share in rejection.rejected(scores, threshold).items()
    ]
    reader = Reader(classifier, recognition.beside(classifier))
    for kind, kinds in rejection.FROM_PENS.items():
        share = canvas.without_number(reader, kinds, rejection.randomness(kind), rejection.MARKS_PER_KIND)
        rows.append(share_row(f"canvas_refused_{slug(kind)}", f"on a canvas, whole path: {kind}", share))
    lost = share_of(_scores(classifier, digits) > own)
    rows.append(share_row("marks_digits_lost", f"digits lost at the card's threshold, {own:g}", lost))
    sheets = tuple(_taken_for_digits(kind, marks[kind], scores[kind], threshold) for kind in marks)
    return Part("", tuple(rows), missing, {"threshold": threshold}, sheets)


def cost(classifier: Classifier) -> Part:
    """Size, and time on one core."""
    digits = np.random.default_rng(1).integers(0, 256, (32, 28, 28), np.uint8)
    one = median_milliseconds(lambda: classifier.probabilities(digits[:1]), runs=500)
    many = median_milliseconds(lambda: classifier.probabilities(digits), runs=100) / len(digits)
    card = classifier.card
    return Part(
        "Cost, on one core",
        (
            Row("milliseconds_alone", "a digit alone", one, "ms"),
            Row("milliseconds_of_32", "a digit among 32", many, "ms"),
            Row("tflite_kilobytes", "model.tflite", card.tflite_bytes / 1024, "KB"),
            Row("parameters", "parameters", card.parameters, "count"),
        ),
    )


PARTS: dict[str, Callable[[Classifier], Part]] = {
    "mnist": on_mnist,
    "shifts": with_shifts,
    "pens": on_pens,
    "strings": on_strings,
    "corruptions": on_corruptions,
    "marks": on_marks,
    "cost": cost,
}
"""What can be measured, in the order of the table."""


def _of_digits(
    key: str, title: str, classifier: Classifier, images: NDArray[np.uint8], labels: NDArray[np.int64]
) -> Part:
    answers = answer(classifier, images, labels)
    calibration = classifier.card.calibration
    sure = answers.confidences >= calibration.unsure_below
    wrong_and_sure = share_of(~answers.correct[sure])
    rows = (
        share_row(f"{key}_accuracy", "right", answers.accuracy),
        Row(f"{key}_calibration_error", "calibration error, 15 bins", answers.calibration_error, "share"),
        share_row(f"{key}_wrong_at_985", "wrong among the surest 98.5 %", answers.wrong_at_coverage(COVERAGE)),
        share_row(f"{key}_sure", f"answered as sure, from {calibration.unsure_below:g} on", share_of(sure)),
        share_row(f"{key}_wrong_and_sure", "wrong among these", wrong_and_sure),
        share_row(f"{key}_refused", "taken for no digit", answers.refused(calibration.not_digit_above)),
    )
    details = {
        "confusion": answers.confusion.tolist(),
        "worst": [_mistake(answers, index) for index in answers.worst(WORST)],
    }
    cells = tuple(Cell(images[index], _caption(answers, index)) for index in answers.worst(WORST))
    sheet = Sheet(key.replace("_", "-"), cells)
    return Part(title, rows, details=details, sheets=(sheet,), curves=_curves(key, answers))


def _curves(key: str, answers: Answers) -> dict[str, Columns]:
    bins, points = answers.reliability, answers.risk_coverage
    return {
        f"{key}_reliability": {
            "count": [one.count for one in bins],
            "confidence": [round(one.confidence, 5) for one in bins],
            "accuracy": [round(one.accuracy, 5) for one in bins],
        },
        f"{key}_risk_coverage": {
            "coverage": [one.coverage for one in points],
            "threshold": [round(one.threshold, 5) for one in points],
            "error": [round(one.wrong.value, 6) for one in points],
        },
    }


def _mistake(answers: Answers, index: int) -> dict[str, float]:
    confidence = round(float(answers.confidences[index]), 4)
    truth, answered = int(answers.labels[index]), int(answers.digits[index])
    return {"index": index, "truth": truth, "answer": answered, "confidence": confidence}


def _caption(answers: Answers, index: int) -> str:
    return f"{answers.labels[index]}->{answers.digits[index]} {answers.confidences[index]:.2f}"


def _scores(classifier: Classifier, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return not_a_digit_scores(classifier, probabilities(classifier, images))


def _taken_for_digits(kind: str, images: NDArray[np.uint8], scores: NDArray[np.float32], threshold: float) -> Sheet:
    taken = np.flatnonzero(scores <= threshold)
    order = taken[np.argsort(scores[taken], kind="stable")][:WORST]
    return Sheet(f"not-{slug(kind).replace('_', '-')}", tuple(Cell(images[i], f"{scores[i]:.3f}") for i in order))
