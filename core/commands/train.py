"""Train a model and store it with its card: `python -m core train`."""

from __future__ import annotations

import os
import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.card import SHIPPED, Card
from core.commands.names import names_in
from core.commands.progress import Display
from core.datasets import DATASETS
from core.errors import ModelError, SettingsError, TrainingError
from core.models import ModelStore
from core.network_plans import NETWORKS
from core.quiet import without_native_messages
from core.training_plan import OPTIMIZERS, SCHEDULES, Preparing, settings_from

if TYPE_CHECKING:
    from core.commands import Subparsers
    from core.runs.plan import RunPlan
    from core.runs.store import Run, RunStore
    from core.runs.work import Made, Worker

DESCRIPTION = """\
Train a network on handwritten digits and store it, with a card of what it is and how well it does. Without arguments
this trains the shipped model's network on all data that is there, as its teachers were; MNIST is
downloaded where no data folder has it.
"""
EPILOG = """\
Each training is a run with a folder of its own in `runs`, or in the folder that DIGITSCOPE_RUNS names. The Train page
shows it, and can pause or stop it; `--run ID` goes on with it after a crash. One run trains at a time, others wait.
"""
CHANGES = (
    *("epochs", "seed", "batch_size", "optimizer", "learning_rate", "schedule", "dropout", "start", "teachers"),
    "all_writers",
)
OPTIONS = ("network", "dataset", *CHANGES, "name", "share")


def register(subparsers: Subparsers) -> None:
    """Add `train` and its arguments."""
    parser: ArgumentParser = subparsers.add_parser(
        "train", help="train a model and store it with its card", description=DESCRIPTION, epilog=EPILOG
    )
    add = parser.add_argument
    add("--network", metavar="NAME", help=f"one of {', '.join(NETWORKS)} (digitscope)")
    add(
        "--dataset",
        metavar="NAME",
        help=f"one of {', '.join(DATASETS)}, or some joined: mnist+pens (all that is there)",
    )
    add("--epochs", metavar="N", type=int, help="passes over the data; the recipe's own if not given")
    add("--seed", metavar="N", type=int, help="for weights, data and order")
    add("--batch-size", metavar="N", type=int, help="digits per step")
    add("--optimizer", metavar="NAME", help=f"one of {', '.join(OPTIMIZERS)}; the recipe's own if not given")
    add("--learning-rate", metavar="RATE", type=float, help="at its peak")
    add("--schedule", metavar="NAME", help=f"of the learning rate: one of {', '.join(SCHEDULES)}")
    add("--dropout", metavar="SHARE", type=float, help="of units left out in training; the network's own if not given")
    add("--start", metavar="NAME", help="a stored model of this network to train on from; fresh weights if not given")
    add("--teachers", metavar="NAMES", help="stored models, parted by commas, whose answers to learn to the end")
    add(
        "--all-writers",
        action="store_true",
        default=None,
        help="learn from MNIST's validation writers, too; the calibration of --start is kept, which has not seen them",
    )
    add(
        "--name",
        metavar="NAME",
        help="the model's name in the store; NETWORK-DATASET if not given, with a number where that is taken",
    )
    add("--share", metavar="SHARE", type=float, help="of the drawn and worn pictures to make, for trials (1)")
    add("--config", metavar="FILE", type=Path, help="a run's config.json, instead of the options above")
    add("--run", metavar="ID", help="go on with a run, instead of the options above")
    add("--memory-limit", metavar="MB", type=float, help="end the run where it uses more")
    add("--time-limit", metavar="MINUTES", type=float, help="stop training after so long, and keep what is learned")
    add(
        "--replace-shipped", action="store_true", help=f"allow the name {SHIPPED!r}, that of the model that comes along"
    )


def run(arguments: Namespace) -> int:
    """Train, measure, store.

    Raises:
        SettingsError, DataError, TrainingError, ModelError, StorageError: in a sentence.
    """
    from core.runs.plan import Limits
    from core.runs.store import RunStore
    from core.runs.work import work

    limits = Limits(memory_mb=arguments.memory_limit, minutes=arguments.time_limit)
    runs = RunStore()
    chosen = _chosen(arguments, runs)
    display = Display(sys.stderr)
    make = partial(_make, chosen)
    before = _card_before(chosen)
    try:
        result = work(runs, chosen, make, limits=limits, show=display)
    except KeyboardInterrupt:
        print(f"interrupted; `python -m core train --run {chosen.id}` goes on", file=sys.stderr)
        raise
    finally:
        display.close()
    name, summary = chosen.plan.name, result.summary()
    if chosen.state().status != "finished":
        print(
            f"Stopped early: {summary}. `python -m core train --run {chosen.id}` goes on, the Train page publishes it."
        )
    elif chosen.plan.publishes:
        store = ModelStore()
        own = {card.tflite_sha256 for card in (before, result.card) if card is not None}
        if name != SHIPPED and name in store.names() and store.card(name).tflite_sha256 not in own:
            raise ModelError(
                f"there is another model {name!r} already, which stays; the Train page publishes this one under a name "
                f"of its own, or delete that one (`python -m core models delete {name}`) and go on with "
                f"`python -m core train --run {chosen.id}`"
            )
        store.publish(name, result.tflite, result.keras, result.card)
        print(f"Stored the model {name!r}: {summary}")
    else:
        print(f"Made the model {name!r}: {summary}. The Train page publishes it.")
    return 0


def _chosen(arguments: Namespace, runs: RunStore) -> Run:
    """The run to work on: one that there is, or a new one."""
    from core.runs.plan import free_name

    ways = [name for name in ("run", "config") if getattr(arguments, name) is not None]
    given = [name for name in OPTIONS if getattr(arguments, name) is not None]
    if len(ways) > 1 or (ways and given):
        first, second = (f"--{name.replace('_', '-')}" for name in (*ways, *given)[:2])
        raise SettingsError(f"{first} holds all settings; leave out {second}")
    if arguments.run is not None:
        return runs.run(arguments.run)
    plan = _configured(arguments.config) if arguments.config is not None else _planned(arguments)
    if plan.name == SHIPPED and not arguments.replace_shipped:
        raise SettingsError(
            f"{SHIPPED!r} is the model that comes along; choose another --name, or add --replace-shipped to replace it"
        )
    with without_native_messages():  # trying each model once
        taken = set(ModelStore().names()) - {SHIPPED}
    if arguments.name in taken:
        raise SettingsError(
            f"there is a model {plan.name!r} already; choose another --name, or delete that one "
            f"(`python -m core models delete {plan.name}`)"
        )
    return runs.create(replace(plan, name=free_name(plan.name, taken)))


def _card_before(run: Run) -> Card | None:
    """Of the model that the run has made already, by which one in the store is known as its own."""
    from core.runs.result import card_of

    with suppress(ModelError):  # damaged: it is made anew now
        return card_of(run)
    return None


def _planned(arguments: Namespace) -> RunPlan:
    """The plan that the options say."""
    from core.runs.plan import RunPlan

    network, dataset = arguments.network or "digitscope", arguments.dataset or "all"
    changes = {name: getattr(arguments, name) for name in CHANGES if getattr(arguments, name) is not None}
    if "teachers" in changes:
        changes["teachers"] = names_in(changes["teachers"], "--teachers")
    settings = settings_from(network, changes)
    with without_native_messages():
        for name in (*settings.teachers, *([settings.start] if settings.start else [])):
            ModelStore().card(name)  # a wrong name is said before a run is made
    words = ["python", "-m", "core", "train"]
    for name in OPTIONS:
        value = getattr(arguments, name)
        if value is not None:
            words += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    if arguments.replace_shipped:
        words.append("--replace-shipped")
    return RunPlan(
        name=arguments.name or f"{network}-{dataset.replace('+', '-')}",
        dataset=dataset,
        share=1.0 if arguments.share is None else arguments.share,
        settings=settings,
        publishes=True,
        command=shlex.join(words),
    )


def _configured(path: Path) -> RunPlan:
    """The plan in a file, as a new one."""
    from core.runs.plan import BYTES_LIMIT, RunPlan

    try:
        with path.open("rb") as file:
            plan = RunPlan.from_json(file.read(BYTES_LIMIT))
    except OSError as error:
        raise TrainingError(f"{path} cannot be read ({error.strerror}); name a run's config.json") from error
    return replace(
        plan, publishes=True, created="", command=shlex.join(["python", "-m", "core", "train", "--config", str(path)])
    )


def _make(run: Run, worker: Worker) -> Made:
    """Train as a run plans. What trains is loaded here, when it is the run's turn: it takes seconds and much memory."""
    from core.runs.history import read_history, rows
    from core.runs.result import Result
    from core.runs.work import Made

    worker.report(Preparing(what="loading TensorFlow"))
    with _native_messages_hidden():
        from core.export import to_tensorboard
        from core.recipe import make_model
        from core.training import wake_up

        wake_up()
    plan = run.plan
    model = make_model(
        plan.name,
        plan.settings,
        plan.dataset,
        command=plan.command,
        report=worker.report,
        wish=worker.wish,
        share=plan.share,
        checkpoint=run.checkpoint,
    )
    curves = ((at, round(1000 * position), figures) for at, position, figures in rows(read_history(run)))
    result = Result(model.card, model.tflite, model.keras, to_tensorboard(curves))
    return Made(result, finished=model.finished)


@contextmanager
def _native_messages_hidden() -> Iterator[None]:
    """TensorFlow's C++ side greets on file descriptor 2 while it loads, whatever its log level says."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with without_native_messages():
        yield
