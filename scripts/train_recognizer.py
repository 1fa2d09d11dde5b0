"""Make the line recognizer in `models/lines`: `python -m scripts.train_recognizer`.

Lines are written with hands that training knows: MNIST's and pendigits' training writers, our own pens. Plain ones
teach the digits, rough ones what stands between digits on printed paper; each line is changed a little every time. An
hour and a quarter on two cores. Lines by validation writers say how well it goes and choose nothing.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from core.card import SHIPPED
from core.datasets.strings import Manner, strings
from core.models import ModelStore
from core.processor import has_fast_bfloat16
from core.recognition import store

LINES: dict[Manner, int] = {"plain": 130_000, "rough": 170_000}
SEED = 21
VALIDATION = 4_000


def main() -> None:
    """Make lines, train, export, store with a card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the lines to make, for trials (1)")
    parser.add_argument("--folder", type=Path, default=store.FOLDER, help="where to store it (models/lines)")
    arguments = parser.parse_args()
    counts: dict[str, int] = {manner: round(count * arguments.share) for manner, count in LINES.items()}
    unseen_count = round(VALIDATION * arguments.share)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as executor:
        unseen = {manner: strings("validation", manner, unseen_count, executor=executor) for manner in LINES}
        lines = [
            line for manner in LINES for line in strings("train", manner, counts[manner], seed=SEED, executor=executor)
        ]
    from core.recognition import training  # TensorFlow, which the processes above need not load

    history: list[training.LineEpoch] = []

    def report(event: training.LineEpoch | str) -> None:
        print(event, flush=True)
        if isinstance(event, training.LineEpoch):
            history.append(event)

    settings = training.LineSettings(half_precision=has_fast_bfloat16())
    model = training.train(settings, lines, unseen["rough"], report)
    card = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": f"python -m scripts.train_recognizer --share {arguments.share:g}",
        "settings": asdict(settings),
        "lines": counts | {"seed": SEED},
        "parameters": model.count_params(),
        "validation_exact": {manner: round(training.exact(model, found), 4) for manner, found in unseen.items()},
        "loss_by_epoch": [round(epoch.loss, 4) for epoch in history],
        "license": "MIT",
    }
    store.save(training.to_tflite(model), card, ModelStore().load(SHIPPED), arguments.folder)
    print(f"stored in {arguments.folder}; read exactly: {card['validation_exact']}")


if __name__ == "__main__":
    main()
