"""Train the shipped model anew: three networks from fresh weights, then one of them taught by all three.

    python -m scripts.train_shipped          first-1, first-2, first-3, and second-1, which is the shipped model
    python -m scripts.train_shipped --all    second-2 and second-3 as well, for means over seeds

Some 25 minutes for each of the first and 20 for each of the second, on two cores. What is in the store already is not
trained again, so that it goes on after an interruption. Schedules were fixed beforehand; the second have seeds of their
own, so that they see other drawn pictures, and learn from MNIST's validation writers, too, with the calibration of the
first. To measure them:

    python -m core evaluate --model second-1 --seeds second-2,second-3
"""

from __future__ import annotations

import argparse
import sys

from core.__main__ import main as command
from core.models import ModelStore

SEEDS = (1, 2, 3)
EPOCHS, RATE = 6, 0.002


def name(stage: str, seed: int) -> str:
    """Of a model in the store."""
    return f"{stage}-{seed}"


def trainings(*, every: bool) -> list[list[str]]:
    """Arguments of `python -m core train`, in order; each with its model's name at the end."""
    first = [["train", "--seed", str(seed), "--name", name("first", seed)] for seed in SEEDS]
    teachers = ",".join(name("first", seed) for seed in SEEDS)
    second = [
        [
            *("train", "--all-writers", "--start", name("first", seed), "--teachers", teachers),
            *("--epochs", str(EPOCHS), "--learning-rate", str(RATE)),
            *("--seed", str(len(SEEDS) + seed), "--name", name("second", seed)),
        ]
        for seed in (SEEDS if every else SEEDS[:1])
    ]
    return first + second


def main() -> int:
    """Train what is missing; the first failure ends it."""
    parser = argparse.ArgumentParser(description="Train the shipped model anew, and its teachers before it.")
    parser.add_argument("--all", action="store_true", help="the second training for every seed")
    for arguments in trainings(every=parser.parse_args().all):
        if arguments[-1] in ModelStore().names():
            continue
        print(f"python -m core {' '.join(arguments)}", file=sys.stderr)
        status = command(arguments)
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
