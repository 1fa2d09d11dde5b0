"""From a network's name to a stored model: data, training, export, measurement, card. Imports TensorFlow."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from core import datasets, evaluation, export, network_plans, networks
from core.calibration import softmax
from core.card import Card
from core.classifier import Classifier
from core.datasets import Mixture
from core.errors import NothingLearnedError
from core.evaluation import measures
from core.models import ModelStore
from core.quiet import without_native_messages
from core.teaching import Teachers
from core.training import Trained, train
from core.training_plan import Event, Measuring, Preparing, TrainingSettings, Wish


@dataclass(frozen=True, eq=False)
class MadeModel:
    """A model ready for the store. finished: False where its training was stopped early."""

    tflite: bytes
    keras: bytes
    card: Card
    finished: bool


QUICK_PARTS = ("mnist", "cost")
"""What is measured at the end of a training, in seconds; `python -m core evaluate --save` adds the rest, in minutes."""


def make_model(
    name: str,
    settings: TrainingSettings,
    dataset: str,
    *,
    command: str,
    report: Callable[[Event], None],
    wish: Callable[[], Wish] = lambda: "go",
    share: float = 1.0,
    checkpoint: Path | None = None,
) -> MadeModel:
    """Train, export and measure; test sets are looked at once, after everything is decided.

    Raises:
        DataError: a data set is missing or damaged. TrainingError: the training failed.
        ModelError: the model to begin with, or a teacher, is missing.
        NothingLearnedError: it was stopped before its first batch.
    """
    if not (checkpoint and checkpoint.is_file()):  # what is missing is said now, not after the data was made
        with without_native_messages():
            Teachers(settings.teachers, settings.network)
            if settings.start is not None:
                networks.stored_weights(settings.start, settings.network)
    if settings.all_writers and settings.start is not None:
        ModelStore().card(settings.start)  # its calibration is needed after an interruption, too
    mixture = datasets.load(
        dataset, seed=settings.seed, scale=share, all_writers=settings.all_writers, told=_told(report)
    )
    trained = train(settings, mixture, report, wish, checkpoint)
    if not trained.batches:
        raise NothingLearnedError("it was stopped before it had learned anything; begin anew, or train on")
    report(Measuring())
    # LiteRT announces its delegate on file descriptor 2.
    with without_native_messages():
        return _finished(name, settings, trained, mixture, command=command, dataset=dataset, share=share)


def _finished(
    name: str,
    settings: TrainingSettings,
    trained: Trained,
    mixture: Mixture,
    *,
    command: str,
    dataset: str,
    share: float,
) -> MadeModel:
    """Export and measure."""
    tflite = export.to_tflite(trained.model)
    figures = _validation_figures(trained, tflite, mixture)
    card = Card(
        name=name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        network=settings.network,
        parameters=trained.model.count_params(),
        outputs=network_plans.network(settings.network).outputs,
        data=tuple(f"{part}: {count:,} pictures" for part, count in trained.counts.items()),
        command=command,
        settings=asdict(settings) | {"finished": trained.finished, "dataset": dataset, "share": share},
        figures=figures,
        calibration=trained.calibration,
        tflite_sha256=hashlib.sha256(tflite).hexdigest(),
        tflite_bytes=len(tflite),
    )
    classifier = Classifier(tflite, card)
    measured = evaluation.figures(evaluation.PARTS[part](classifier) for part in QUICK_PARTS)
    return MadeModel(
        tflite, export.to_keras(trained.model), replace(card, figures=figures | measured), trained.finished
    )


def _told(report: Callable[[Event], None]) -> Callable[[str, int, int], None]:
    """How loading data reports."""
    return lambda what, done, count: report(Preparing(what=what, done=done, count=count))


def _validation_figures(trained: Trained, tflite: bytes, mixture: Mixture) -> dict[str, Any]:
    """How the exported network does on validation, and the course of the training.

    Among all its answers, "not a digit" too; test figures are those of the likeliest digit.
    """
    outputs = trained.model.output_shape[-1]
    accuracy, agreement = {}, []
    logits, labels = [], []
    for part in (*mixture.validation, *mixture.observed):
        known = part.where(part.labels < outputs)
        if not len(known):
            continue
        exported = export.tflite_logits(tflite, known.images)
        agreement.append(export.check_agreement(export.keras_logits(trained.model, known.images), exported))
        accuracy[part.name] = round(float((exported.argmax(axis=1) == known.labels).mean()), 5)
        if part in mixture.validation:
            logits.append(exported)
            labels.append(known.labels)
    shares = softmax(np.concatenate(logits) / trained.calibration.temperature)
    correct = shares.argmax(axis=1) == np.concatenate(labels)
    return {
        "validation_accuracy": accuracy,
        "validation_calibration_error": round(measures.calibration_error(shares.max(axis=1), correct), 5),
        "agreement_of_export": round(min(agreement), 5),
        "training_minutes": round(sum(epoch.seconds for epoch in trained.history) / 60, 1),
        "loss_by_epoch": [round(epoch.loss, 4) for epoch in trained.history],
    }
