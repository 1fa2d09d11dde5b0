"""Training: a network, a mixture of digits and settings, to weights and a calibration. Nothing is chosen on a test set.

AdamW (Loshchilov and Hutter 2019), a warm-up and a cosine to zero, label smoothing, and an exponential average of the
weights, which is what is validated and kept. Imports TensorFlow.
"""

from __future__ import annotations

import json
import math
import time
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core import files, networks
from core.batches import epoch_batches, steps_per_epoch
from core.calibration import NOT_A_DIGIT, fit, softmax
from core.card import Calibration
from core.datasets import Digits, Mixture
from core.errors import TrainingError
from core.training_plan import EpochDone, Event, Note, Progress, TrainingSettings

Parts = tuple[tuple[Digits, float], ...]
REPORT_EVERY_S = 0.5
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


def train(
    settings: TrainingSettings,
    data: Mixture,
    report: Callable[[Event], None],
    should_stop: Callable[[], bool] = lambda: False,
    checkpoints: Path | None = None,
) -> Trained:
    """Train a network.

    report: told of progress about twice a second and after every epoch.
    should_stop: asked before every batch; what is learned so far is kept.
    checkpoints: a file that holds the state after the latest epoch. A run with the same settings goes on from there.

    Raises:
        TrainingError: no digits to train on, or a loss that is no number.
    """
    return _Run(settings, data, report, should_stop, checkpoints).result()


class _Run:
    """One training: the network, its averaged twin, the optimizer, and how far it has come."""

    def __init__(
        self,
        settings: TrainingSettings,
        data: Mixture,
        report: Callable[[Event], None],
        should_stop: Callable[[], bool],
        checkpoints: Path | None,
    ) -> None:
        self.settings, self.report, self.should_stop, self.checkpoints = settings, report, should_stop, checkpoints
        self.rejects = networks.network(settings.network).outputs > NOT_A_DIGIT
        known = [(_known(digits, self.rejects), share) for digits, share in data.parts]
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
        self.model = networks.build(settings.network, dropout=settings.dropout, half_precision=settings.half_precision)
        self.averaged = networks.build(settings.network, dropout=settings.dropout)
        self.averaged.set_weights(self.model.get_weights())
        self.optimizer = keras.optimizers.AdamW(settings.learning_rate, weight_decay=settings.weight_decay)
        self.optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self.optimizer.build(self.model.trainable_variables)
        self.step = tf.function(self._step, autograph=False, reduce_retracing=True)
        self.scores = tf.function(
            lambda pixels: self.averaged(pixels, training=False), autograph=False, reduce_retracing=True
        )
        self.taken = 0
        self.kept = [np.ones(len(digits), np.bool_) for digits, _ in self.parts]
        self.history: list[EpochDone] = []

    def result(self) -> Trained:
        """Train to the end, or until it should stop."""
        first = self._restore()
        finished = True
        for epoch in range(first, self.settings.epochs):
            finished = self._epoch(epoch)
            if not finished:
                break
            if self.rejects and epoch + 1 == max(2, round(self.settings.epochs * CLEANING_SHARE)):
                self._drop_doubtful()
            self._save(epoch + 1)
        images, labels = (
            np.concatenate([getattr(part, name) for part in self.validation]) for name in ("images", "labels")
        )
        calibration = fit(self.logits(images), labels)
        return Trained(
            self.averaged, calibration, tuple(self.history), {d.name: len(d) for d, _ in self.parts}, finished
        )

    def logits(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Scores of the averaged network for (n, 28, 28) uint8: (n, outputs) float32."""
        batches = [self.scores(_pixels(images[start : start + 500])).numpy() for start in range(0, len(images), 500)]
        return np.concatenate(batches)

    def _epoch(self, epoch: int) -> bool:
        """One pass; False where it was stopped."""
        settings = self.settings
        began = reported = time.monotonic()
        losses = right = 0.0
        batches = epoch_batches(
            self.parts, settings.augmentation, batch_size=settings.batch_size, seed=settings.seed, epoch=epoch
        )
        for number, (images, labels) in enumerate(batches, 1):
            if self.should_stop():
                return False
            rate = settings.rate_at(epoch + (number - 1) / self.steps)
            self.optimizer.learning_rate.assign(rate)
            averaging = min(settings.averaging, (1 + self.taken) / (10 + self.taken))
            loss, correct = self.step(_pixels(images), labels, tf.constant(averaging, tf.float32))
            self.taken += 1
            losses, right = losses + float(loss), right + float(correct)
            if not math.isfinite(losses):
                raise TrainingError(
                    f"the loss is no number any more in epoch {epoch + 1}; "
                    f"choose a learning rate below {settings.learning_rate:g}"
                )
            now = time.monotonic()
            if now - reported > REPORT_EVERY_S or number == self.steps:
                reported = now
                seen = number * settings.batch_size
                self.report(
                    Progress(
                        epoch=epoch + 1,
                        epochs=settings.epochs,
                        step=number,
                        steps=self.steps,
                        loss=losses / number,
                        accuracy=right / seen,
                        learning_rate=rate,
                        digits_per_second=seen / (now - began),
                    )
                )
        self._finish_epoch(epoch, losses / self.steps, right / (self.steps * settings.batch_size), began)
        return True

    def _finish_epoch(self, epoch: int, loss: float, accuracy: float, began: float) -> None:
        validation = {}
        for part in (*self.validation, *self.observed):
            glance = part.where(np.arange(min(len(part), GLANCE)))
            validation[part.name] = round(float((self.logits(glance.images).argmax(axis=1) == glance.labels).mean()), 5)
        done = EpochDone(
            epoch=epoch + 1,
            epochs=self.settings.epochs,
            loss=loss,
            accuracy=accuracy,
            validation=validation,
            seconds=time.monotonic() - began,
        )
        self.history.append(done)
        self.report(done)

    def _step(self, pixels: tf.Tensor, labels: tf.Tensor, averaging: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            logits = self.model(pixels, training=True)
            outputs = logits.shape[-1]
            smoothing = self.settings.label_smoothing
            target = tf.one_hot(labels, outputs) * (1 - smoothing) + smoothing / outputs
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(target, logits))
        gradients = tape.gradient(loss, self.model.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.model.trainable_variables, strict=True))
        for average, weight in zip(self.averaged.weights, self.model.weights, strict=True):
            average.assign(average * averaging + weight * (1 - averaging))
        return loss, tf.reduce_sum(tf.cast(tf.argmax(logits, axis=1) == labels, tf.float32))

    def _drop_doubtful(self) -> None:
        """Leave out what is labeled "not a digit" and looks like one: halves of digits often do."""
        kept = []
        for digits, _ in self.parts:
            shares = softmax(self.logits(digits.images))
            doubtful = (digits.labels == NOT_A_DIGIT) & (shares[:, :NOT_A_DIGIT].max(axis=1) > DOUBTFUL_FROM)
            if doubtful.any():
                self.report(
                    Note(text=f"{doubtful.sum()} of {len(digits)} {digits.name} look like digits and are left out")
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

    def _save(self, epoch: int) -> None:
        """Keep everything that going on after `epoch` needs."""
        if self.checkpoints is None:
            return
        state = {f"weight{i:03}": value.numpy() for i, value in enumerate(self._variables())}
        state |= {f"kept{i}": mask for i, mask in enumerate(self.kept)}
        told = {
            "settings": repr(self.settings),
            "epoch": epoch,
            "taken": self.taken,
            "history": [asdict(done) for done in self.history],
        }
        with files.writing(self.checkpoints) as file:
            np.savez(file, told=np.array(json.dumps(told)), **state)

    def _restore(self) -> int:
        """The epoch to begin with: 0, or where a run with the same settings left off."""
        if self.checkpoints is None or not self.checkpoints.is_file():
            return 0
        try:
            # Opened here: of a damaged file, np.load would leave its own open.
            with self.checkpoints.open("rb") as file, np.load(file, allow_pickle=False) as state:
                told = json.loads(str(state["told"]))
                if told["settings"] != repr(self.settings):
                    raise TrainingError(
                        f"{self.checkpoints} belongs to a run with other settings; delete it or choose another"
                    )
                self.kept = [state[f"kept{i}"] for i in range(len(self.parts))]
                for i, variable in enumerate(self._variables()):
                    variable.assign(state[f"weight{i:03}"])
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise TrainingError(f"{self.checkpoints} is damaged ({error}); delete it to begin anew") from error
        self.taken = told["taken"]
        self.history = [EpochDone(**done) for done in told["history"]]
        self._keep_only(self.kept)
        return int(told["epoch"])

    def _variables(self) -> list[keras.Variable]:
        return [*self.model.weights, *self.averaged.weights, *self.optimizer.variables]


def _known(digits: Digits, rejects: bool) -> Digits:
    """What a network can answer: without an output for "not a digit", digits only."""
    return digits if rejects else digits.where(digits.labels != NOT_A_DIGIT)


def _pixels(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return images[..., np.newaxis].astype(np.float32) / np.float32(255)
