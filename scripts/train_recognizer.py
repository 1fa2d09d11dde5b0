"""Make the line recognizer in `models/lines`: `python -m scripts.train_recognizer`.

Lines are written with hands that training knows: MNIST's and pendigits' training writers, our own pens. Six passes over
130,000 plain ones teach the digits; three over half of them and 60,000 rough ones teach what stands between digits on
printed paper. Each line is changed a little every time. An hour or two on two cores. Lines by validation writers say
how well it goes and choose nothing.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from core.card import SHIPPED
from core.datasets.strings import strings
from core.models import ModelStore
from core.processor import has_fast_bfloat16
from core.recognition import store

PLAIN, ROUGH, VALIDATION = 130_000, 60_000, 4_000
SECOND_EPOCHS, SECOND_RATE = 3, 1.2e-3


def main() -> None:
    """Make lines, train, export, store with a card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the lines to make, for trials (1)")
    parser.add_argument("--folder", type=Path, default=store.FOLDER, help="where to store it (models/lines)")
    arguments = parser.parse_args()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as executor:
        plain = strings("train", "plain", round(PLAIN * arguments.share), executor=executor)
        rough = strings("train", "rough", round(ROUGH * arguments.share), executor=executor)
        count = round(VALIDATION * arguments.share)
        unseen = {manner: strings("validation", manner, count, executor=executor) for manner in ("plain", "rough")}
    from core.recognition import training  # TensorFlow, which the processes above need not load

    history: list[training.LineEpoch] = []

    def report(event: training.LineEpoch | str) -> None:
        print(event, flush=True)
        if isinstance(event, training.LineEpoch):
            history.append(event)

    first = training.LineSettings(half_precision=has_fast_bfloat16())
    second = replace(first, epochs=SECOND_EPOCHS, learning_rate=SECOND_RATE)
    model = training.train(first, plain, unseen["plain"], report)
    model = training.train(second, plain[: len(plain) // 2] + rough, unseen["rough"], report, start=model)
    card = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": f"python -m scripts.train_recognizer --share {arguments.share:g}",
        "settings": {"first": asdict(first), "second": asdict(second)},
        "parameters": model.count_params(),
        "lines": {"plain": len(plain), "rough": len(rough)},
        "validation_exact": {manner: round(training.exact(model, lines), 4) for manner, lines in unseen.items()},
        "loss_by_epoch": [round(epoch.loss, 4) for epoch in history],
        "license": "MIT",
    }
    store.save(training.to_tflite(model), card, ModelStore().load(SHIPPED), arguments.folder)
    print(f"stored in {arguments.folder}; read exactly: {card['validation_exact']}")


if __name__ == "__main__":
    main()
