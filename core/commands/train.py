"""Train a model and store it with its card: `python -m core train`."""

from __future__ import annotations

import os
import shlex
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from core.card import check_name
from core.errors import SettingsError
from core.models import ModelStore

if TYPE_CHECKING:
    from core.commands import Subparsers

# Known here too, so that `--help` and a mistyped name need no TensorFlow; a test holds both lists together.
NETWORKS = ("digitscope", "plain")
DATASETS = ("all", "mnist", "pens", "synthetic")

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
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's own messages help nobody here
    if arguments.network not in NETWORKS:
        raise SettingsError(f"there is no network {arguments.network[:60]!r}; choose one of {', '.join(NETWORKS)}")
    if arguments.dataset not in DATASETS:
        raise SettingsError(f"there is no data set {arguments.dataset[:60]!r}; choose one of {', '.join(DATASETS)}")
    if not 0 < arguments.share <= 1:
        raise SettingsError(f"the share of pictures to make is {arguments.share}; choose more than 0, at most 1")
    name = check_name(arguments.name or f"{arguments.network}-{arguments.dataset}")
    # Two seconds of loading that no other command should pay.
    from core.commands.progress import Display
    from core.recipe import make_model, settings_from

    given = {key: getattr(arguments, key) for key in ("epochs", "seed", "batch_size", "learning_rate")}
    settings = settings_from(arguments.network, {key: value for key, value in given.items() if value is not None})
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
