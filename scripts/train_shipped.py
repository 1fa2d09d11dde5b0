"""Train the shipped model anew: three networks from fresh weights, trained on twice, each time taught by all three.

    python -m scripts.train_shipped          first-1 to first-3, second-1 to second-3, and third-1: the shipped model
    python -m scripts.train_shipped --all    third-2 and third-3 as well, for means over seeds

Some 25 minutes for each of the first and 20 for each of the others, on two cores. What is in the store already is not
trained again, so that it goes on after an interruption. Schedules were fixed beforehand; each training has a seed of
its own, so that it sees other drawn pictures. After the first they learn from MNIST's validation writers, too, and keep
the calibration of the first. To measure them:

    python -m core evaluate --model third-1 --seeds third-2,third-3
"""

from __future__ import annotations

import argparse
import sys
from itertools import pairwise

from core.__main__ import main as command
from core.models import ModelStore

SEEDS = (1, 2, 3)
STAGES = ("first", "second", "third")
EPOCHS, RATE = 6, 0.002


def name(stage: str, seed: int) -> str:
    """Of a model in the store."""
    return f"{stage}-{seed}"


def trainings(*, every: bool) -> list[list[str]]:
    """Arguments of `python -m core train`, in order; each with its model's name at the end."""
    found = [["train", "--seed", str(seed), "--name", name(STAGES[0], seed)] for seed in SEEDS]
    for number, (before, stage) in enumerate(pairwise(STAGES), 1):
        teachers = ",".join(name(before, seed) for seed in SEEDS)
        found += [
            [
                *("train", "--all-writers", "--start", name(before, seed), "--teachers", teachers),
                *("--epochs", str(EPOCHS), "--learning-rate", str(RATE)),
                *("--seed", str(number * len(SEEDS) + seed), "--name", name(stage, seed)),
            ]
            for seed in (SEEDS if every or stage != STAGES[-1] else SEEDS[:1])
        ]
    return found


def main() -> int:
    """Train what is missing; the first failure ends it."""
    parser = argparse.ArgumentParser(description="Train the shipped model anew, and its teachers before it.")
    parser.add_argument("--all", action="store_true", help="the last training for every seed")
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
