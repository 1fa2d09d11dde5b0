"""Measure speed and memory: `python -m core benchmark`."""

from __future__ import annotations

import json
import os
import platform
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from core.commands.names import model_named
from core.errors import SettingsError, TrainingError
from core.models import ModelStore
from core.quiet import without_native_messages

if TYPE_CHECKING:
    from core.benchmark import Figure
    from core.commands import Subparsers


SEEDS = (1, 2, 3)


def register(subparsers: Subparsers) -> None:
    """Add `benchmark` and its arguments."""
    parser: ArgumentParser = subparsers.add_parser(
        "benchmark",
        help="measure speed and memory beside their targets",
        description="Measure speed and memory beside their targets, in a few minutes. Medians of many runs; "
        "pictures and drawings are of the program's own making. An otherwise idle machine gives figures that compare.",
    )
    parser.add_argument(
        "what",
        nargs="?",
        choices=("reading", "training"),
        default="reading",
        help="reading, or training: time to 99 %% on MNIST beside Keras's own example, in some ten minutes (reading)",
    )
    parser.add_argument("--model", metavar="NAME", help="the model to read with; the one in use if not given")
    parser.add_argument(
        "--seed", metavar="S", type=int, action="append", help="of a training; may be repeated (1, 2, 3)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")


def run(arguments: Namespace) -> int:
    """Measure everything; 0 whether targets are met or not, since that depends on the machine.

    Raises:
        ModelError: there is no such model, or it is damaged. SettingsError: an option that what is measured has not.
    """
    if arguments.what == "training":
        if arguments.model:
            raise SettingsError("benchmark training trains its own models; leave --model out")
        return _training(arguments)
    if arguments.seed:
        raise SettingsError("only trainings have seeds; leave --seed out, or choose benchmark training")
    from core.benchmark import table

    store = ModelStore()
    name = model_named(arguments.model, store)
    figures = tuple(_measured(store, name))
    machine = _machine()
    if arguments.json:
        told = {figure.key: figure.to_json() for figure in figures}
        print(json.dumps({"model": name, "machine": machine, "figures": told}))
    else:
        print(f"{name} on {machine}\n\n{table(figures)}")
    return 0


def _training(arguments: Namespace) -> int:
    """A pair of trainings for each seed."""
    from core.benchmark import ProcessError, training

    pairs = []
    for seed in arguments.seed or SEEDS:
        print(f"training both with seed {seed} ...", file=sys.stderr)
        try:
            pairs.append(training.pair(seed))
        except ProcessError as error:
            raise TrainingError(f"a training failed ({error}); mend that and measure again") from error
    print(json.dumps(training.to_json(pairs)) if arguments.json else f"{_machine()}\n\n{training.table(pairs)}")
    return 0


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _measured(store: ModelStore, name: str) -> Iterator[Figure]:
    from core import benchmark
    from core.reader import Reader
    from core.recognition import store as recognition

    with without_native_messages():
        classifier = store.load(name)
    measurements: dict[str, Callable[[], Sequence[Figure]]] = {
        "digits": lambda: benchmark.digit_figures(classifier),
        "Keras": lambda: benchmark.keras_figures(store, name),
        "pictures": lambda: benchmark.picture_figures(Reader(classifier, recognition.beside(classifier))),
        "a minute of live video": lambda: benchmark.live_figures(Reader(classifier, recognition.beside(classifier))),
        "the command line's start": lambda: benchmark.start_figures(store, name),
        "the app": lambda: benchmark.app_figures(store),
    }
    for what, measure in measurements.items():
        print(f"measuring {what} ...", file=sys.stderr)
        try:
            yield from measure()
        except benchmark.ProcessError as error:
            print(f"not measured: {error}", file=sys.stderr)
