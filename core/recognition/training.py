"""The line recognizer's network, its training and its export. Imports TensorFlow.

Convolutions that keep the columns, so that each column answers a digit or nothing from what stands around it, trained
with connectionist temporal classification (Graves and others 2006; convolutions in place of recurrence as in Yin and
others, "Scene Text Recognition with Sliding Convolutional Character Models", 2017).
"""

from __future__ import annotations

import io
import math
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from core import optimizers
from core.datasets.strings import MOST_DIGITS, WIDEST, Sample
from core.errors import TrainingError
from core.networks import FusedNormalization
from core.recognition.ctc import BLANK, OUTCOMES, plain_text
from core.recognition.image import HEIGHT
from core.training_plan import Optimizer

WIDTHS = (64, 96, 128, 160, 224, WIDEST)
"""Columns of a batch: strings of like length together, else half of each would be blank."""
EXPORT_WIDTH = 256
GRADIENT_NORM = 10.0


@dataclass(frozen=True, kw_only=True)
class LineSettings:
    """How the recognizer is trained; the defaults are the shipped one's."""

    epochs: int = 8
    batch_size: int = 64
    optimizer: Optimizer = "muon"
    learning_rate: float = 0.015
    warmup_steps: int = 300
    weight_decay: float = 0.02
    averaging: float = 0.998
    dropout: float = 0.15
    seed: int = 1
    half_precision: bool = False


class LineEpoch(NamedTuple):
    """After an epoch: mean loss of a string, and the share of validation strings read exactly."""

    epoch: int
    loss: float
    exact: float
    seconds: float


def build(
    *, dropout: float = 0.0, half_precision: bool = False, width: int | None = None, fused: bool = False
) -> keras.Model:
    """float32 (n, 32, width, 1) in 0 to 1, ink = 1, to scores (n, 1, width / 2, 11). 975 thousand parameters.

    width: fixed for export, None for any. fused: normalize with TensorFlow's kernel, faster to train; the same weights.
    """
    policy = keras.mixed_precision.dtype_policy()
    normalization = FusedNormalization if fused else layers.BatchNormalization

    def convolution(filters: int, size: int | tuple[int, int], **options: object) -> list[keras.Layer]:
        return [
            layers.Conv2D(filters, size, use_bias=False, **{"padding": "same", **options}),
            normalization(momentum=0.98),
            layers.ReLU(),
        ]

    keras.mixed_precision.set_dtype_policy("mixed_bfloat16" if half_precision else "float32")
    try:
        inputs = x = keras.Input((HEIGHT, width, 1))
        for layer in (
            *convolution(32, 3, strides=2),
            *convolution(64, 3, strides=(2, 1)),
            *convolution(64, 3),
            *convolution(96, 3, strides=(2, 1)),
            *convolution(96, 3),
            layers.ZeroPadding2D(((0, 0), (1, 1))),
            *convolution(192, (4, 3), padding="valid"),
        ):
            x = layer(x)
        for _ in range(3):
            wider = x
            for layer in convolution(192, (1, 5)):
                wider = layer(wider)
            x = layers.Add()([x, wider])
        x = layers.Dropout(dropout)(x)
        return keras.Model(inputs, layers.Conv2D(OUTCOMES, 1, dtype="float32")(x), name="lines")
    finally:
        keras.mixed_precision.set_dtype_policy(policy)


def train(
    settings: LineSettings,
    samples: Sequence[Sample],
    validation: Sequence[Sample],
    report: Callable[[LineEpoch | str], None],
) -> keras.Model:
    """Train on strings; returns the averaged network. Nothing is chosen on validation: the schedule is fixed.

    Raises:
        TrainingError: fewer strings than one batch, or a loss that is no number.
    """
    steps = len(samples) // settings.batch_size
    if steps == 0:
        raise TrainingError(f"{len(samples)} strings are less than one batch of {settings.batch_size}; make more")
    keras.utils.set_random_seed(settings.seed)
    model = build(dropout=settings.dropout, half_precision=settings.half_precision, fused=True)
    averaged = build(dropout=settings.dropout)
    averaged.set_weights(model.get_weights())
    optimizer = optimizers.build(
        settings.optimizer,
        settings.learning_rate,
        settings.weight_decay,
        half_precision=settings.half_precision,
    )
    optimizer.build(model.trainable_variables)

    def step(images: tf.Tensor, labels: tf.Tensor, lengths: tf.Tensor, averaging: tf.Tensor) -> tf.Tensor:
        places = tf.where(tf.sequence_mask(lengths, MOST_DIGITS))
        sparse = tf.SparseTensor(places, tf.gather_nd(labels, places), tf.shape(labels, tf.int64))
        with tf.GradientTape() as tape:
            scores = tf.squeeze(model(images, training=True), 1)
            columns = tf.fill([tf.shape(scores)[0]], tf.shape(scores)[1])
            by_time = tf.transpose(scores, (1, 0, 2))
            loss = tf.reduce_mean(tf.nn.ctc_loss(sparse, by_time, None, columns, blank_index=BLANK))
        gradients = tape.gradient(loss, model.trainable_variables)
        gradients, _ = tf.clip_by_global_norm(gradients, GRADIENT_NORM)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        for average, weight in zip(averaged.weights, model.weights, strict=True):
            average.assign(average * averaging + weight * (1 - averaging))
        return loss

    compiled = tf.function(step, autograph=False)
    taken = 0
    for epoch in range(settings.epochs):
        began, losses, count = time.monotonic(), 0.0, 0
        for images, labels, lengths in _ahead(batches(samples, settings, epoch)):
            rate = settings.learning_rate * min(1.0, (taken + 1) / settings.warmup_steps)
            position = min(1.0, (epoch + count / steps) / settings.epochs)
            optimizer.learning_rate.assign(rate * 0.5 * (1 + math.cos(math.pi * position)) + 1e-6)
            averaging = tf.constant(min(settings.averaging, (1 + taken) / (10 + taken)), tf.float32)
            losses += float(compiled(tf.constant(images), tf.constant(labels), tf.constant(lengths), averaging))
            count, taken = count + 1, taken + 1
            if not math.isfinite(losses):
                raise TrainingError(f"the loss is no number any more in epoch {epoch + 1}; learn more slowly")
            if count % 200 == 0:
                speed = count * settings.batch_size / (time.monotonic() - began)
                report(f"epoch {epoch + 1}, step {count} of {steps}: loss {losses / count:.3f}, {speed:.0f} strings/s")
        report(LineEpoch(epoch + 1, losses / max(1, count), exact(averaged, validation), time.monotonic() - began))
    return averaged


def exact(model: keras.Model, samples: Sequence[Sample]) -> float:
    """Share of strings that the network's plain answer reads exactly."""
    right = 0
    for width in WIDTHS:
        alike = [sample for sample in samples if _width(sample) == width]
        for start in range(0, len(alike), 64):
            some = alike[start : start + 64]
            images, _, _ = _packed(some, width)
            scores = np.asarray(model(images, training=False), np.float32)[:, 0]
            right += sum(plain_text(row) == sample.text for row, sample in zip(scores, some, strict=True))
    return right / max(1, len(samples))


def to_tflite(model: keras.Model) -> bytes:
    """The network for LiteRT, weights quantized to 8 bits; its width may be changed before it runs."""
    fixed = build(width=EXPORT_WIDTH)
    fixed.set_weights(model.get_weights())
    with redirect_stdout(io.StringIO()):  # the converter prints a summary
        converter = tf.lite.TFLiteConverter.from_keras_model(fixed)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        return bytes(converter.convert())


Batch = tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int32]]


def batches(samples: Sequence[Sample], settings: LineSettings, epoch: int) -> Iterator[Batch]:
    """One epoch, shuffled and augmented: (n, 32, W, 1) float32, (n, 8) int32 digits, (n,) int32 how many of them."""
    rng = np.random.default_rng([settings.seed, epoch])
    waiting: dict[int, list[Sample]] = {width: [] for width in WIDTHS}
    for index in rng.permutation(len(samples)):
        sample = augmented(samples[index], rng)
        alike = waiting[_width(sample)]
        alike.append(sample)
        if len(alike) == settings.batch_size:
            yield _packed(alike, _width(sample))
            alike.clear()


def augmented(sample: Sample, rng: np.random.Generator) -> Sample:
    """Most strings stretched, leaning and shifted a little more, some with thinner or heavier ink."""
    image = sample.image
    if rng.random() < 0.7:
        width = image.shape[1]
        across, down = rng.uniform(0.88, 1.14), rng.uniform(0.85, 1.15)
        shear, shift = rng.normal(0, 0.08), rng.uniform(-2, 2)
        new = max(16, min(WIDEST, round(width * across / 2) * 2))
        middle = HEIGHT / 2
        matrix = np.array([[new / width, -shear, shear * middle], [0, down, middle * (1 - down) + shift]], np.float32)
        image = np.asarray(cv2.warpAffine(image, matrix, (new, HEIGHT)), np.uint8)
    if rng.random() < 0.15:
        image = np.asarray(255 * np.power(image / 255, rng.uniform(0.6, 1.6)), np.uint8)
    return Sample(image, sample.text)


def _width(sample: Sample) -> int:
    return next(width for width in WIDTHS if sample.image.shape[1] <= width)


def _packed(samples: Sequence[Sample], width: int) -> Batch:
    images = np.zeros((len(samples), HEIGHT, width, 1), np.float32)
    labels = np.zeros((len(samples), MOST_DIGITS), np.int32)
    for index, sample in enumerate(samples):
        images[index, :, : sample.image.shape[1], 0] = sample.image / np.float32(255)
        labels[index, : len(sample.text)] = [int(digit) for digit in sample.text]
    return images, labels, np.array([len(sample.text) for sample in samples], np.int32)


def _ahead(source: Iterator[Batch]) -> Iterator[Batch]:
    """The same batches, made in a thread beside the network."""
    ready: queue.Queue[Batch | None] = queue.Queue(8)

    def fill() -> None:
        for batch in source:
            ready.put(batch)
        ready.put(None)

    threading.Thread(target=fill, daemon=True).start()
    while (batch := ready.get()) is not None:
        yield batch
