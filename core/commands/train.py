"""Train a model and store it with its card: `python -m core train`."""

from __future__ import annotations

import os
import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.card import check_name
from core.commands.progress import Display
from core.datasets import DATASETS
from core.errors import SettingsError
from core.models import ModelStore
from core.training_plan import NETWORKS, settings_from

if TYPE_CHECKING:
    from core.commands import Subparsers

DESCRIPTION = """\
Train a network on handwritten digits and store it, with a card of what it is and how well it does. Without arguments
this makes the shipped model anew under another name; MNIST is downloaded where no data folder has it.
"""


def register(subparsers: Subparsers) -> None:
    """Add `train` and its arguments."""
    parser: ArgumentParser = subparsers.add_parser(
        "train", help="train a model and store it with its card", description=DESCRIPTION
    )
    parser.add_argument("--network", metavar="NAME", default="digitscope", help=f"one of {', '.join(NETWORKS)}")
    parser.add_argument(
        "--dataset", metavar="NAME", default="all", help=f"one of {', '.join(DATASETS)}; all that is there"
    )
    parser.add_argument("--epochs", metavar="N", type=int, help="passes over the data; the recipe's own if not given")
    parser.add_argument("--seed", metavar="N", type=int, help="for weights, data and order")
    parser.add_argument("--batch-size", metavar="N", type=int, help="digits per step")
    parser.add_argument("--learning-rate", metavar="RATE", type=float, help="at its peak")
    parser.add_argument("--name", metavar="NAME", help="the model's name in the store; NETWORK-DATASET if not given")
    parser.add_argument(
        "--share", metavar="SHARE", type=float, default=1.0, help="of the drawn and worn pictures to make, for trials"
    )
    parser.add_argument(
        "--checkpoint", metavar="FILE", type=Path, help="keep the state here after every epoch, and go on from it"
    )


def run(arguments: Namespace) -> int:
    """Train, measure, store.

    Raises:
        SettingsError, DataError, TrainingError, StorageError: in a sentence.
    """
    if arguments.dataset not in DATASETS:
        raise SettingsError(f"there is no data set {arguments.dataset[:60]!r}; choose one of {', '.join(DATASETS)}")
    if not 0 < arguments.share <= 1:
        raise SettingsError(f"the share of pictures to make is {arguments.share}; choose more than 0, at most 1")
    name = check_name(arguments.name or f"{arguments.network}-{arguments.dataset}")
    given = {key: getattr(arguments, key) for key in ("epochs", "seed", "batch_size", "learning_rate")}
    settings = settings_from(arguments.network, {key: value for key, value in given.items() if value is not None})
    with _native_messages_hidden():
        # Seconds of loading that no other command, and no mistyped argument, should pay.
        from core.recipe import make_model
    display = Display(sys.stderr)
    model = make_model(
        name, settings, arguments.dataset, command=_command(arguments), report=display, share=arguments.share,
        checkpoint=arguments.checkpoint,
    )  # fmt: skip
    store = ModelStore()
    store.publish(name, model.tflite, model.keras, model.card)
    print(f"Stored the model {name!r}: {model.summary()}")
    return 0


def _command(arguments: Namespace) -> str:
    """The command that makes this model again; where it puts its checkpoint does not matter."""
    words = ["python", "-m", "core", "train"]
    for key, value in vars(arguments).items():
        if key not in ("command", "checkpoint") and value is not None:
            words += [f"--{key.replace('_', '-')}", str(value)]
    return shlex.join(words)


@contextmanager
def _native_messages_hidden() -> Iterator[None]:
    """TensorFlow's C++ side greets on file descriptor 2 while it loads, whatever its log level says."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
