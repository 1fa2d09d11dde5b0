"""Measure a model: `python -m core evaluate`."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import files
from core.card import Card
from core.classifier import Classifier
from core.commands.names import model_named, names_in
from core.errors import SettingsError
from core.models import ModelStore
from core.quiet import without_native_messages

if TYPE_CHECKING:
    from core.commands import Subparsers
    from core.evaluation import Part

PARTS = ("mnist", "shifts", "pens", "strings", "corruptions", "marks", "cost")
SHIFTS = "shifts"
"""The part that is measured only where asked for: 25 looks at a digit are no way to read a page."""

EPILOG = """\
Without files of your own it measures, on digits of people the model was not trained on: MNIST's test set, also
normalized again; recorded pens drawn on a canvas and read by the whole path; numbers of two to six digits, apart and
touching, read by the whole path; the corruptions of MNIST-C; marks that are no digits; time and size.
A part whose data set is missing is told and left out. Exit status: 0 measured, 1 nothing could be, 2 usage.
"""


def register(subparsers: Subparsers) -> None:
    """Add `evaluate` and its arguments."""
    parser: ArgumentParser = subparsers.add_parser(
        "evaluate",
        help="measure a model on MNIST's test set, pens, numbers, damaged pictures, and what is not a digit",
        description="Measure a model, with counts and 95 % intervals.",
        epilog=EPILOG,
    )
    parser.add_argument("--model", metavar="NAME", help="the model to measure; the one in use if not given")
    parser.add_argument(
        "--seeds", metavar="NAMES", help="models trained alike with other seeds, parted by commas: means of all as well"
    )
    parser.add_argument("--images", metavar="IDX", type=Path, help="pictures of 28x28 in idx format, .gz or not")
    parser.add_argument("--labels", metavar="IDX", type=Path, help="their labels in idx format, .gz or not")
    parser.add_argument("--only", metavar="PARTS", help=f"parts to measure, parted by commas: {', '.join(PARTS)}")
    parser.add_argument(
        "--shifts",
        action="store_true",
        help="also with answers averaged over shifts of MNIST's digits by up to two pixels",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")
    parser.add_argument(
        "--worst", metavar="DIR", type=Path, help="write the worst mistakes as pictures, DIR/pens.png ..."
    )
    parser.add_argument("--save", action="store_true", help="keep the figures in the model's card")


def run(arguments: Namespace) -> int:
    """Measure, and answer as asked; 1 where nothing could be measured.

    Raises:
        ModelError: there is no such model, or it is damaged.
        DataError: a file named is missing, damaged, or no pair of pictures and labels.
        SettingsError: arguments that do not go together.
        StorageError: a sheet or card cannot be written.
    """
    from core import evaluation

    chosen = _chosen_parts(arguments)
    store = ModelStore()
    with without_native_messages():
        classifier, *others = (store.load(name) for name in _names(arguments, store))
    _check_alike([classifier.card, *(other.card for other in others)], store)
    parts = tuple(_measured(arguments, chosen, classifier))
    if others:
        measured = [parts, *(tuple(_measured(arguments, chosen, one)) for one in others)]
        parts = (*parts, evaluation.means([classifier.name, *(other.name for other in others)], measured))
    if arguments.worst:
        _write_sheets(arguments.worst, parts)
    if arguments.save:
        store.record(classifier.name, evaluation.figures(parts))
    if arguments.json:
        print(json.dumps(_as_json(classifier.card, parts), allow_nan=False))
    else:
        _print(classifier.card, parts)
    return 0 if any(part.rows for part in parts) else 1


def _chosen_parts(arguments: Namespace) -> tuple[str, ...]:
    if (arguments.images is None) != (arguments.labels is None):
        raise SettingsError("pictures and labels go together; give both --images and --labels")
    if arguments.images is not None and (arguments.only or arguments.save or arguments.shifts):
        raise SettingsError(
            "--only, --shifts and --save are for the model's own measurement; leave out --images and --labels"
        )
    usual = [part for part in PARTS if part != SHIFTS]
    named = usual if arguments.only is None else [word.strip() for word in arguments.only.split(",")]
    for word in named:
        if word not in PARTS:
            raise SettingsError(f"there is no part {word!r}; choose from {', '.join(PARTS)}")
    return tuple(part for part in PARTS if part in named or (part == SHIFTS and arguments.shifts))


def _names(arguments: Namespace, store: ModelStore) -> tuple[str, ...]:
    """The model to measure, then those trained alike."""
    name = model_named(arguments.model, store)
    others = () if arguments.seeds is None else names_in(arguments.seeds, "--seeds")
    if name in others:
        raise SettingsError(f"--seeds names the model {name!r} that is measured anyway; name others")
    return name, *others


def _check_alike(cards: Sequence[Card], store: ModelStore) -> None:
    """Refuse means of models that differ in more than their seed, or began with models that do."""
    first, *others = (_history(card, store) for card in cards)
    for card, settings in zip(cards[1:], others, strict=True):
        if settings != first:
            raise SettingsError(f"{card.name!r} was trained otherwise than {cards[0].name!r}; a mean says nothing")


def _history(card: Card, store: ModelStore, depth: int = 8) -> dict[str, Any]:
    """All that a training was told but its seed; of the model that it began with the same, where that is there."""
    start = card.settings.get("start")
    if isinstance(start, str) and start in store.names() and depth:
        start = _history(store.card(start), store, depth - 1)
    return {**card.settings, "seed": None, "start": start, "network": card.network}


def _measured(arguments: Namespace, chosen: Sequence[str], classifier: Classifier) -> Iterator[Part]:
    from core import evaluation
    from core.datasets import idx

    if arguments.images is not None:
        yield evaluation.pair_of_files(classifier, *idx.read_digits(arguments.images, arguments.labels))
        return
    for name in chosen:
        print(f"{classifier.name}: measuring {name} ...", file=sys.stderr)
        yield evaluation.PARTS[name](classifier)


def _write_sheets(folder: Path, parts: Sequence[Part]) -> None:
    from core import evaluation
    from core.commands.pictures import png

    for part in parts:
        for sheet in part.sheets:
            if sheet.cells:
                files.write_bytes(folder / f"{sheet.name}.png", png(evaluation.contact_sheet(sheet.cells)))


def _print(card: Card, parts: Sequence[Part]) -> None:
    from core import evaluation

    print(f"{card.name}: {card.network}, {card.parameters:,} parameters, made {card.created[:10]}\n")
    print(evaluation.table(parts))
    for part in parts:
        if "confusion" in part.details:
            of = part.title.partition(", through")[0]
            print(f"\nConfusion by the network alone, {of}\n{evaluation.matrix(part.details['confusion'])}")


def _as_json(card: Card, parts: Sequence[Part]) -> dict[str, Any]:
    """`accuracy` and `count` are those of the first part that has an accuracy: MNIST's test set, or the given files."""
    rows = [row for part in parts for row in part.rows]
    first = next((row.share for row in rows if row.key.endswith("_accuracy")), None)
    return {
        "model": card.name,
        "accuracy": first.value if first else None,
        "count": first.count if first else 0,
        "figures": {row.key: row.to_json() for row in rows},
        "curves": {key: columns for part in parts for key, columns in part.curves.items()},
        "parts": {part.title: part.details for part in parts},
        "missing": [why for part in parts for why in part.missing],
    }
