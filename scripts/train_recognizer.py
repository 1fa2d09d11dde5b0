"""Make the line recognizer in `models/lines`: `python -m scripts.train_recognizer`.

Lines are written with hands that training knows: MNIST's and pendigits' training writers, our own pens. Six phases:
plain lines teach the digits; rough ones, mixed with plain ones, what stands between digits on printed paper; more and
other lines of both, four times, make it sure. Each line is changed a little every time. Some three hours on two
cores. Lines by validation writers say how well it goes and choose nothing.
"""

from __future__ import annotations

import argparse
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from core.card import SHIPPED
from core.datasets.strings import Sample, strings
from core.models import ModelStore
from core.processor import has_fast_bfloat16
from core.recognition import store

VALIDATION = 4_000


class Phase(NamedTuple):
    """What to train on, how many times, how fast. plain, rough: lines of each manner; seed: theirs."""

    plain: int
    rough: int
    seed: int
    epochs: int
    learning_rate: float

    def lines(self, share: float, executor: Executor) -> list[Sample]:
        """The lines by training hands."""
        return [
            *strings("train", "plain", round(self.plain * share), seed=self.seed, executor=executor),
            *strings("train", "rough", round(self.rough * share), seed=self.seed, executor=executor),
        ]


PHASES = (
    Phase(plain=130_000, rough=0, seed=7, epochs=6, learning_rate=2e-3),
    Phase(plain=65_000, rough=60_000, seed=7, epochs=3, learning_rate=1.2e-3),
    Phase(plain=40_000, rough=60_000, seed=8, epochs=4, learning_rate=1e-3),
    Phase(plain=40_000, rough=60_000, seed=9, epochs=3, learning_rate=8e-4),
    Phase(plain=70_000, rough=80_000, seed=10, epochs=4, learning_rate=1e-3),
    Phase(plain=35_000, rough=65_000, seed=11, epochs=3, learning_rate=7e-4),
)


def main() -> None:
    """Make lines, train phase by phase, export, store with a card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the lines to make, for trials (1)")
    parser.add_argument("--folder", type=Path, default=store.FOLDER, help="where to store it (models/lines)")
    parser.add_argument(
        "--weights", type=Path, default=Path("runs/lines"), help="weights after each phase (runs/lines)"
    )
    parser.add_argument(
        "--from-phase", type=int, default=1, help="go on after the phase before it, from its weights (1)"
    )
    arguments = parser.parse_args()
    begun, share = arguments.from_phase - 1, arguments.share
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as executor:
        unseen = {
            "plain": strings("validation", "plain", round(VALIDATION * share), executor=executor),
            "rough": strings("validation", "rough", round(VALIDATION * share), executor=executor),
        }
        phases = [(phase, phase.lines(share, executor)) for phase in PHASES[begun:]]
    from core.recognition import training  # TensorFlow, which the processes above need not load

    history: list[training.LineEpoch] = []

    def report(event: training.LineEpoch | str) -> None:
        print(event, flush=True)
        if isinstance(event, training.LineEpoch):
            history.append(event)

    arguments.weights.mkdir(parents=True, exist_ok=True)
    model: Any = training.load(arguments.weights / f"{begun}.keras") if begun else None  # Keras has no types
    basis = training.LineSettings(half_precision=has_fast_bfloat16())
    for number, (phase, lines) in enumerate(phases, begun + 1):
        settings = replace(basis, epochs=phase.epochs, learning_rate=phase.learning_rate)
        model = training.train(settings, lines, unseen["rough" if phase.rough else "plain"], report, start=model)
        model.save(arguments.weights / f"{number}.keras")
    card = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": f"python -m scripts.train_recognizer --share {share:g}",
        "settings": asdict(basis),
        "phases": [phase._asdict() for phase in PHASES],
        "parameters": model.count_params(),
        "validation_exact": {manner: round(training.exact(model, lines), 4) for manner, lines in unseen.items()},
        "loss_by_epoch": [round(epoch.loss, 4) for epoch in history],
        "license": "MIT",
    }
    store.save(training.to_tflite(model), card, ModelStore().load(SHIPPED), arguments.folder)
    print(f"stored in {arguments.folder}; read exactly: {card['validation_exact']}")


if __name__ == "__main__":
    main()
