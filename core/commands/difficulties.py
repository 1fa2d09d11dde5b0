"""Measure what the reader finds hard: `python -m core difficulties`."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from core import files
from core.commands.names import model_named
from core.commands.pictures import png
from core.models import ModelStore
from core.quiet import without_native_messages
from core.reader import Reader
from core.recognition import store as recognition

if TYPE_CHECKING:
    from core.commands import Subparsers
    from core.evaluation.difficulties import KindFigures

DESCRIPTION = """\
Write pages of each kind of difficulty (shadow, rules, touching digits, ...), read them, and tell which share was read
exactly, with its 95 % interval. The same seed writes the same pages. The strings that `python -m core evaluate` reads
are kinds too, measured where asked for: --kind "string apart", --kind "string touching 1 px" to 4 px.
"""
WORST_PER_KIND = 8


def register(subparsers: Subparsers) -> None:
    """Add `difficulties` and its arguments."""
    parser: ArgumentParser = subparsers.add_parser(
        "difficulties", help="measure the reader on written pages, by kind of difficulty", description=DESCRIPTION
    )
    parser.add_argument("--count", metavar="N", type=_positive, default=100, help="pages of each kind (100)")
    parser.add_argument("--kind", metavar="KIND", action="append", help="only this kind; may be repeated")
    parser.add_argument(
        "--hands",
        choices=("pens", "held-out", "mnist"),
        default="pens",
        help="who writes: our own pens, recorded writers held out of training, or MNIST's test digits (pens)",
    )
    parser.add_argument("--seed", metavar="S", type=int, default=0, help="another seed, other pages (0)")
    parser.add_argument("--worst", metavar="DIR", type=Path, help="write the worst pages of each kind as PNG")
    parser.add_argument("--model", metavar="NAME", help="the model to read with; the one in use if not given")
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")


def run(arguments: Namespace) -> int:
    """Measure every kind asked for; 0 unless it raises.

    Raises:
        SettingsError: there is no such kind, or a seed below 0.
        ModelError: there is no such model, or it is damaged.
        DataError: the digits to write with are not there.
        StorageError: a picture cannot be written.
    """
    from core.errors import SettingsError
    from core.evaluation.difficulties import measure_kind, page_source
    from core.synthesis import KINDS, STRINGS

    kinds = arguments.kind or list(KINDS)
    known = KINDS | STRINGS
    unknown = [kind for kind in kinds if kind not in known]
    if unknown:
        raise SettingsError(f"there is no kind {unknown[0]!r}; choose among {', '.join(known)}")
    if arguments.seed < 0:
        raise SettingsError(f"the seed is {arguments.seed}; choose 0 or more")
    with without_native_messages():
        store = ModelStore()
        name = model_named(arguments.model, store)
        classifier = store.load(name)
        reader = Reader(classifier, recognition.beside(classifier))
    source = page_source(arguments.hands, arguments.seed)
    worst = WORST_PER_KIND if arguments.worst else 0
    results: list[KindFigures] = []
    for kind in tqdm(kinds, unit="kind", leave=False, disable=None):
        figures = measure_kind(reader, kind, count=arguments.count, seed=arguments.seed, source=source, worst=worst)
        results.append(figures)
        if arguments.worst:
            _write_worst(arguments.worst, figures)
        if not arguments.json:
            _tell(figures, first=len(results) == 1)
    if arguments.json:
        settings = {"hands": arguments.hands, "seed": arguments.seed, "count": arguments.count}
        print(json.dumps({"model": name, **settings, "kinds": [_as_json(figures) for figures in results]}))
    return 0


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise ArgumentTypeError(f"{text!r} is not a number of pages")
    return int(text)


def _tell(figures: KindFigures, *, first: bool) -> None:
    if first:
        tqdm.write(f"{'kind':16} {'exact':>9}   {'95 % interval':14} {'digit errors':>12} {'ms':>7}")
    low, high = figures.exact.interval
    tqdm.write(
        f"{figures.name:16} {100 * figures.exact.value:7.1f} %   {100 * low:5.1f} to {100 * high:5.1f} "
        f"{100 * figures.digit_error_rate:10.2f} % {figures.milliseconds:7.1f}"
    )


def _as_json(figures: KindFigures) -> dict[str, Any]:
    return {
        "kind": figures.name,
        "exact": figures.exact.value,
        "interval": list(figures.exact.interval),
        "count": figures.exact.count,
        "digit_error_rate": figures.digit_error_rate,
        "digits": figures.digits,
        "milliseconds": round(figures.milliseconds, 2),
    }


def _write_worst(folder: Path, figures: KindFigures) -> None:
    """`touching-2-px-1-want-52-got-5.png`, the worst first."""
    for place, answer in enumerate(figures.worst, 1):
        kind, want, got = (_for_a_name(text) for text in (figures.name, answer.page.text, answer.text or "nothing"))
        files.write_bytes(folder / f"{kind}-{place}-want-{want}-got-{got}.png", png(answer.page.image.pixels))


def _for_a_name(text: str) -> str:
    return text.replace("\n", "_").replace(" ", "-").replace("?", "x")[:60]
