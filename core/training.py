"""Training: a network, a mixture of digits and settings, to weights and a calibration. Nothing is chosen on a test set.

Muon or AdamW (`core.optimizers`), a warm-up and a cosine to zero, label smoothing, and an exponential average of the
weights, which is what is validated and kept. Teachers where there are any: `core.teaching`. Imports TensorFlow.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core import checkpoints, network_plans, networks, optimizers, teaching
from core.batches import epoch_batches, steps_per_epoch
from core.calibration import fit, softmax
from core.card import Calibration
from core.checkpoints import Position
from core.classifier import NOT_A_DIGIT
from core.datasets import Digits, Mixture
from core.errors import TrainingError
from core.models import ModelStore
from core.teaching import Teachers
from core.training_plan import Begun, EpochDone, Event, Note, TrainingSettings, Wish
from core.training_progress import Look, Meter, mistakes, validation_figures

Parts = tuple[tuple[Digits, float], ...]
CHECKPOINT_EVERY_S = 30.0
"""A crash costs half a minute at most; writing a checkpoint costs some 50 ms."""
PAUSE_S = 0.1
DIVERGED_LOSS = 50.0
"""Guessing costs 2.4; a network that comes to this has been thrown far off, and does not come back."""
GLANCE = 2_000
"""Digits of each validation part that are looked at after an epoch: enough to see where it goes, in two seconds."""
DOUBTFUL_FROM = 0.5
"""A piece that the half-trained network takes for a digit with this confidence may well be one, and is left out."""
CLEANING_SHARE = 0.2


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training ends with. model: the averaged weights, float32. finished: False where it was stopped early."""

    model: keras.Model
    calibration: Calibration
    history: tuple[EpochDone, ...]
    counts: dict[str, int]
    finished: bool
    batches: int


def train(
    settings: TrainingSettings,
    data: Mixture,
    report: Callable[[Event], None],
    wish: Callable[[], Wish] = lambda: "go",
    checkpoint: Path | None = None,
    epoch_over: Callable[[keras.Model], None] = lambda _: None,
) -> Trained:
    """Train a network.

    report: told of progress about twice a second and after every epoch.
    wish: asked before every batch. "stop" ends with what is learned so far, "pause" waits until it is another.
    checkpoint: a file that holds the state, written twice a minute, after every epoch, and before a pause or stop. A
    run with the same settings goes on from there, with the batches that would have come next.
    epoch_over: given the averaged network after every epoch, for measurements.

    Raises:
        TrainingError: no digits to train on, a loss that is no number, too little memory, or no weights to begin with.
        ModelError: the model to begin with, or a teacher, is not there.
    """
    return _Run(settings, data, report, wish, checkpoint, epoch_over).result()


def wake_up() -> None:
    """Let TensorFlow look for devices now, and say on standard error what it found, not in the middle of a training."""
    tf.config.list_logical_devices()


class _Run:
    """One training: the network, its averaged twin, the optimizer, and how far it has come."""

    def __init__(
        self,
        settings: TrainingSettings,
        data: Mixture,
        report: Callable[[Event], None],
        wish: Callable[[], Wish],
        checkpoint: Path | None,
        epoch_over: Callable[[keras.Model], None],
    ) -> None:
        self.settings, self.report, self.wish, self.checkpoint = settings, report, wish, checkpoint
        self.epoch_over = epoch_over
        self.rejects = network_plans.network(settings.network).outputs > NOT_A_DIGIT
        known = [(_known(digits, self.rejects), share) for digits, share in data.parts]
        self.certain = data.certain
        self.parts: Parts = tuple((digits, share) for digits, share in known if len(digits))
        self.validation, self.observed = (
            tuple(digits for digits in (_known(part, self.rejects) for part in parts) if len(digits))
            for parts in (data.validation, data.observed)
        )
        self.steps = steps_per_epoch(self.parts, settings.batch_size)
        if self.steps == 0:
            raise TrainingError(
                f"there is not one batch of {settings.batch_size} digits; choose smaller batches or more data"
            )
        keras.utils.set_random_seed(settings.seed)
        self.model = networks.build(
            settings.network, dropout=settings.dropout, half_precision=settings.half_precision, fused=True
        )
        self.averaged = networks.build(settings.network, dropout=settings.dropout)
        self.averaged.set_weights(self.model.get_weights())
        self.teachers: Teachers | None = None
        self.calibration: Calibration | None = None  # fitted in the end, except where nobody is left to fit it on
        if settings.all_writers and settings.start is not None:
            self.calibration = ModelStore().card(settings.start).calibration
        self.optimizer = optimizers.build(
            settings.optimizer,
            settings.learning_rate,
            settings.weight_decay,
            half_precision=settings.half_precision,
        )
        self.optimizer.build(self.model.trainable_variables)
        self.step = tf.function(self._step, autograph=False, reduce_retracing=True)
        self.scores = tf.function(
            lambda pixels: self.averaged(pixels, training=False), autograph=False, reduce_retracing=True
        )
        self.kept = [np.ones(len(digits), np.bool_) for digits, _ in self.parts]
        self.position = Position()
        self.meter = Meter(self.position)
        self.saved = time.monotonic()

    def result(self) -> Trained:
        """Train to the end, or until it should stop."""
        if not self._restore() and self.settings.start is not None:
            for model in (self.model, self.averaged):
                model.set_weights(networks.stored_weights(self.settings.start, self.settings.network))
        self.report(Begun(epoch=self.position.epoch, step=self.position.step))
        if self.settings.teachers and self.position.epoch < self.settings.epochs:
            half = self.settings.half_precision
            self.teachers = Teachers(self.settings.teachers, self.settings.network, half_precision=half)
        finished = True
        while finished and self.position.epoch < self.settings.epochs:
            finished = self._epoch()
        counts = {digits.name: len(digits) for digits, _ in self.parts}
        done = self.position
        return Trained(self.averaged, self._calibration(), done.history, counts, finished, done.taken)

    def _calibration(self) -> Calibration:
        """Fitted on validation digits; that of the model it began with where their writers were learned from."""
        if self.calibration is not None:
            return self.calibration
        images, labels = (
            np.concatenate([getattr(part, name) for part in self.validation]) for name in ("images", "labels")
        )
        return fit(self.logits(images), labels)

    def logits(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Scores of the averaged network for (n, 28, 28) uint8: (n, outputs) float32."""
        batches = [self.scores(_pixels(images[start : start + 500])).numpy() for start in range(0, len(images), 500)]
        return np.concatenate(batches)

    def _epoch(self) -> bool:
        """One pass, or the rest of one; False where it was stopped."""
        settings, epoch = self.settings, self.position.epoch
        batches = epoch_batches(
            self.parts,
            settings.augmentation,
            batch_size=settings.batch_size,
            seed=settings.seed,
            epoch=epoch,
            skip=self.position.step,
        )
        self.meter = Meter(self.position)
        for images, labels in batches:
            if not self._may_go_on():
                return False
            rate = settings.rate_at(epoch + self.position.step / self.steps)
            self._learn(images, labels, rate)
            if self.meter.is_due() or self.position.step == self.steps:
                self.report(self.meter.read(self.position, self.steps, settings, rate))
            if time.monotonic() - self.saved > CHECKPOINT_EVERY_S:
                self._save()
        self._finish_epoch()
        return True

    def _may_go_on(self) -> bool:
        """Do what is wished before a batch; False where the training is to end."""
        wish = self.wish()
        if wish == "go":
            return True
        self._save()
        began = time.monotonic()
        while wish == "pause":
            time.sleep(PAUSE_S)
            wish = self.wish()
        self.meter.leave_out(time.monotonic() - began)
        return wish == "go"

    def _learn(self, images: NDArray[np.uint8], labels: NDArray[np.int64], rate: float) -> None:
        """One batch."""
        at = self.position
        self.optimizer.learning_rate.assign(rate)
        averaging = min(self.settings.averaging, (1 + at.taken) / (10 + at.taken))
        try:
            loss, correct = self.step(_pixels(images), labels, tf.constant(averaging, tf.float32))
        except tf.errors.ResourceExhaustedError as error:
            raise TrainingError(
                f"there is not enough memory for batches of {self.settings.batch_size} digits; choose smaller ones"
            ) from error
        losses, right = at.losses + float(loss), at.right + float(correct)
        if not (math.isfinite(losses) and float(loss) < DIVERGED_LOSS):
            fact = f"has grown to {float(loss):,.0f}" if math.isfinite(losses) else "is no number any more"
            raise TrainingError(
                f"the loss {fact} in epoch {at.epoch + 1}; choose a learning rate below {self.settings.learning_rate:g}"
            )
        self.position = replace(at, step=at.step + 1, taken=at.taken + 1, losses=losses, right=right)

    def _finish_epoch(self) -> None:
        """Look at validation digits, tell, and keep the state."""
        glances = [part.where(np.arange(min(len(part), GLANCE))) for part in (*self.validation, *self.observed)]
        looks = [Look(glance, self.logits(glance.images)) for glance in glances]
        calibrating = looks[: len(self.validation)]
        at = self.position
        done = EpochDone(
            epoch=at.epoch + 1,
            epochs=self.settings.epochs,
            loss=at.losses / self.steps,
            accuracy=at.right / (self.steps * self.settings.batch_size),
            validation={look.digits.name: round(look.accuracy, 5) for look in looks},
            seconds=self.meter.seconds,
            **validation_figures(calibrating, self.settings.label_smoothing),
        )
        self.position = Position(epoch=at.epoch + 1, taken=at.taken, history=(*at.history, done))
        self.report(done)
        self.report(mistakes(done.epoch, calibrating))
        if self.rejects and done.epoch == max(2, round(done.epochs * CLEANING_SHARE)) < done.epochs:
            self._drop_doubtful()
        self._save()
        self.epoch_over(self.averaged)

    def _step(self, pixels: tf.Tensor, labels: tf.Tensor, averaging: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Learn from a batch: its loss by labels, also where teachers are learned from, and how many are right."""
        with tf.GradientTape() as tape:
            logits = self.model(pixels, training=True)
            outputs = logits.shape[-1]
            smoothing = self.settings.label_smoothing
            target = tf.one_hot(labels, outputs) * (1 - smoothing) + smoothing / outputs
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(target, logits))
            learned = loss
            if self.teachers is not None:
                learned = (1 - teaching.SHARE) * loss + teaching.SHARE * self.teachers.loss(pixels, logits)
        gradients = tape.gradient(learned, self.model.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.model.trainable_variables, strict=True))
        for average, weight in zip(self.averaged.weights, self.model.weights, strict=True):
            average.assign(average * averaging + weight * (1 - averaging))
        return loss, tf.reduce_sum(tf.cast(tf.argmax(logits, axis=1) == labels, tf.float32))

    def _drop_doubtful(self) -> None:
        """Leave out what is labeled "not a digit", not for certain, and looks like one: halves of digits often do."""
        kept = []
        for digits, _ in self.parts:
            if digits.name in self.certain:
                kept.append(np.ones(len(digits), np.bool_))
                continue
            doubtful = digits.labels == NOT_A_DIGIT
            if doubtful.any():
                shares = softmax(self.logits(digits.images[doubtful]))
                doubtful[doubtful] = shares[:, :NOT_A_DIGIT].max(axis=1) > DOUBTFUL_FROM
            if doubtful.any():
                self.report(
                    Note(
                        text=f"Left out of {digits.name}: {doubtful.sum():,} of {len(digits):,} that look like digits."
                    )
                )
            kept.append(~doubtful)
        self._keep_only(kept)

    def _keep_only(self, kept: list[NDArray[np.bool_]]) -> None:
        """Train on what the masks, one per part, leave; an epoch stays as long as it was where that is possible."""
        self.kept = kept
        self.parts = tuple(
            (digits.where(mask), min(1.0, share * len(mask) / max(1, mask.sum())))
            for (digits, share), mask in zip(self.parts, kept, strict=True)
        )
        self.steps = steps_per_epoch(self.parts, self.settings.batch_size)

    def _save(self) -> None:
        """Keep everything that going on needs."""
        self.saved = time.monotonic()
        if self.checkpoint is None:
            return
        arrays = {f"weight{i:03}": value.numpy() for i, value in enumerate(self._variables())}
        arrays |= {f"kept{i}": mask for i, mask in enumerate(self.kept)}
        seconds = self.meter.seconds if self.position.step else 0.0
        checkpoints.save(self.checkpoint, self.settings, replace(self.position, seconds=seconds), arrays)

    def _restore(self) -> bool:
        """Go on where a run with the same settings left off; False where there was none."""
        stored = self.checkpoint and checkpoints.load(self.checkpoint, self.settings)
        if not stored:
            return False
        self.position, arrays = stored
        try:
            for i, variable in enumerate(self._variables()):
                variable.assign(arrays[f"weight{i:03}"])
            self._keep_only([arrays[f"kept{i}"].astype(np.bool_) for i in range(len(self.parts))])
        except (KeyError, ValueError, IndexError) as error:
            raise TrainingError(f"{self.checkpoint} is damaged or of other data; delete it to begin anew") from error
        return True

    def _variables(self) -> list[keras.Variable]:
        """Weights, their average, the optimizer's memory, and the state of the random numbers of dropout."""
        weights = {id(weight) for weight in self.model.weights}  # variables do not compare as objects
        dropout = [variable for variable in self.model.variables if id(variable) not in weights]
        return [*self.model.weights, *self.averaged.weights, *self.optimizer.variables, *dropout]


def _known(digits: Digits, rejects: bool) -> Digits:
    """What a network can answer: without an output for "not a digit", digits only."""
    return digits if rejects else digits.where(digits.labels != NOT_A_DIGIT)


def _pixels(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return images[..., np.newaxis].astype(np.float32) / np.float32(255)
