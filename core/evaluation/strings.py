"""Numbers of two to six digits by writers that no training has seen, read by the whole path: apart and touching."""

from __future__ import annotations

from tqdm import tqdm

from core.classifier import Classifier
from core.evaluation.difficulties import KindFigures, measure_kind, page_source
from core.evaluation.report import Part, Row, needs_data, share_row, slug
from core.reader import Reader
from core.recognition import store as recognition
from core.synthesis import STRINGS

STRINGS_PER_KIND = 100
SEED = 53


@needs_data("Numbers of 2 to 6 digits by held-out writers, through the whole path (px: a 20th of a digit's height)")
def on_strings(classifier: Classifier, count: int = STRINGS_PER_KIND) -> Part:
    """`count` numbers of each kind, every one by one writer's hand and pen: read exactly, and errors by digit."""
    source = page_source("held-out", SEED)
    reader = Reader(classifier, recognition.beside(classifier))
    rows: list[Row] = []
    for kind in tqdm(STRINGS, desc="strings", leave=False, disable=None):
        rows.extend(_rows(measure_kind(reader, kind, count=count, seed=SEED, source=source)))
    return Part(rows=tuple(rows))


def _rows(figures: KindFigures) -> tuple[Row, Row]:
    name = figures.name.removeprefix("string ")
    key = f"strings_{slug(name)}"
    errors = f"{figures.digit_errors:,} wrong, lost or added of {figures.digits:,} digits"
    return (
        share_row(f"{key}_exact", f"{name}: read exactly", figures.exact),
        Row(f"{key}_digit_errors", "  digit errors", figures.digit_error_rate, "share", note=errors),
    )
