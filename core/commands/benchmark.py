"""Measure speed and memory: `python -m core benchmark`."""

from __future__ import annotations

import json
import os
import platform
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from core.commands.quiet import without_native_messages
from core.models import ModelStore

if TYPE_CHECKING:
    from core.benchmark import Figure
    from core.commands import Subparsers


def register(subparsers: Subparsers) -> None:
    """Add `benchmark` and its arguments."""
    parser: ArgumentParser = subparsers.add_parser(
        "benchmark",
        help="measure speed and memory beside their targets",
        description="Measure speed and memory beside their targets, in a minute or two. Medians of many runs; "
        "pictures and drawings are of the program's own making. An otherwise idle machine gives figures that compare.",
    )
    parser.add_argument("--model", metavar="NAME", help="the model to measure; the one in use if not given")
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")


def run(arguments: Namespace) -> int:
    """Measure everything; 0 whether targets are met or not, since that depends on the machine.

    Raises:
        ModelError: there is no such model, or it is damaged.
    """
    from core.benchmark import table

    store = ModelStore()
    name = arguments.model or store.current()
    figures = tuple(_measured(store, name))
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    if arguments.json:
        told = {figure.key: figure.to_json() for figure in figures}
        print(json.dumps({"model": name, "machine": machine, "figures": told}))
    else:
        print(f"{name} on {machine}\n\n{table(figures)}")
    return 0


def _measured(store: ModelStore, name: str) -> Iterator[Figure]:
    from core import benchmark
    from core.reader import Reader
    from core.recognition import store as recognition

    with without_native_messages():
        classifier = store.load(name)
    measurements: dict[str, Callable[[], Sequence[Figure]]] = {
        "digits": lambda: benchmark.digit_figures(classifier),
        "Keras": lambda: benchmark.keras_figures(store, name),
        "pictures": lambda: benchmark.picture_figures(Reader(classifier, recognition.shipped())),
        "the command line's start": lambda: benchmark.start_figures(store, name),
        "the app": lambda: benchmark.app_figures(store),
    }
    for what, measure in measurements.items():
        print(f"measuring {what} ...", file=sys.stderr)
        try:
            yield from measure()
        except benchmark.ProcessError as error:
            print(f"not measured: {error}", file=sys.stderr)
