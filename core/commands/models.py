"""List, choose and delete models: `python -m core models use NAME`."""

from __future__ import annotations

import json
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from core.models import ModelStore
from core.quiet import without_native_messages

if TYPE_CHECKING:
    from core.commands import Subparsers

JSON_HELP = "print one JSON object, and nothing else"
ACCURACY = "mnist_test_accuracy"
"""The figure of a card that the list shows."""


def register(subparsers: Subparsers) -> None:
    """Add `models` and its arguments."""
    parser: ArgumentParser = subparsers.add_parser(
        "models",
        help="list the models, choose the one in use, delete one",
        description="List the models, choose the one that reads, delete one. DIGITSCOPE_MODELS names another folder.",
        epilog="A model that is damaged or foreign is told on standard error and never used.",
    )
    parser.set_defaults(action="list")
    parser.add_argument("--json", action="store_true", help=JSON_HELP)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions, `list` if not given")
    listing = actions.add_parser("list", help="list the models", description="List the models; * marks the one in use.")
    # Without a default of its own, which would hide a `--json` that stands before the action.
    listing.add_argument("--json", action="store_true", default=SUPPRESS, help=JSON_HELP)
    use = actions.add_parser("use", help="choose the model that reads", description="Choose the model that reads.")
    use.add_argument("name", metavar="NAME")
    delete = actions.add_parser("delete", help="delete a model", description="Delete a model that is not in use.")
    delete.add_argument("name", metavar="NAME")


def run(arguments: Namespace) -> int:
    """Do what was asked; 0 unless it raises.

    Raises:
        ModelError: there is no such model, it is damaged, or may not be deleted.
        StorageError: the choice or the folder cannot be written.
    """
    store = ModelStore()
    if arguments.action == "use":
        with without_native_messages():  # trying it, and for a mistyped name each that is there
            store.choose(arguments.name)
        print(f"{arguments.name} is in use")
    elif arguments.action == "delete":
        with without_native_messages():
            store.delete(arguments.name)
        print(f"{arguments.name} is deleted")
    else:
        with without_native_messages():  # trying each model once
            store.names()
        if arguments.json:
            print(json.dumps(_as_json(store)))
        else:
            _print_table(store)
    return 0


def _print_table(store: ModelStore) -> None:
    current = store.current()
    for problem in store.problems():
        print(f"warning: {problem.sentence}", file=sys.stderr)
    if not store.names():
        print(f"no model in {store.root}; make one with `python -m core train`", file=sys.stderr)
        return
    print(f"  {'name':20} {'network':16} {'parameters':>10} {'KB':>6} {'accuracy':>9}  created")
    for name in store.names():
        card = store.card(name)
        mark = "*" if name == current else " "
        size = f"{card.tflite_bytes / 1024:.0f}"
        print(
            f"{mark} {name:20} {card.network:16.16} {card.parameters:>10,} {size:>6} {_accuracy(card.figures):>9}  "
            f"{card.created[:10]}"
        )


def _accuracy(figures: Any) -> str:
    """Accuracy on MNIST's test set, where the card tells it."""
    accuracy = figures.get(ACCURACY)
    return f"{100 * accuracy:.2f} %" if isinstance(accuracy, float) else "-"


def _as_json(store: ModelStore) -> dict[str, Any]:
    return {
        "current": store.current(),
        "models": [json.loads(store.card(name).to_json()) for name in store.names()],
        "problems": [{"name": problem.name, "error": problem.sentence} for problem in store.problems()],
    }
