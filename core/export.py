"""From a trained Keras model to the two files that are kept: `.keras` for training on, `.tflite` for reading."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Iterable
from contextlib import redirect_stdout
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from tensorflow.core.framework.summary_pb2 import Summary
from tensorflow.core.util.event_pb2 import Event

from core.calibration import softmax
from core.errors import TrainingError

AGREEMENT = 0.995
"""Share of validation digits the exported network must answer as the trained one; quantization changes up to 0.3 %."""
NEARLY_TIED = 0.1
"""Answers whose probabilities differ by less count as alike: a network that has learned little has many such ties, and
which of two it names is then chance."""


def to_tflite(model: keras.Model) -> bytes:
    """The network for LiteRT, weights quantized to 8 bits ("dynamic range": activations stay float32)."""
    # The converter prints a summary; standard output belongs to answers.
    with redirect_stdout(io.StringIO()):
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        return bytes(converter.convert())


def to_keras(model: keras.Model) -> bytes:
    """The content of the model's `.keras` file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return path.read_bytes()


def keras_logits(model: keras.Model, images: NDArray[np.uint8], batch: int = 500) -> NDArray[np.float32]:
    """Raw scores of the trained network. images: (n, 28, 28) uint8. Returns (n, outputs) float32."""
    pixels = images[..., np.newaxis].astype(np.float32) / np.float32(255)
    return np.asarray(model.predict(pixels, batch_size=batch, verbose=0), np.float32)


def tflite_logits(tflite: bytes, images: NDArray[np.uint8], batch: int = 250) -> NDArray[np.float32]:
    """Raw scores of the exported network. images: (n, 28, 28) uint8. Returns (n, outputs) float32."""
    interpreter = Interpreter(model_content=tflite, num_threads=1)
    place, answer = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    results = []
    for start in range(0, len(images), batch):
        pixels = (images[start : start + batch, :, :, None] / np.float32(255)).astype(np.float32)
        interpreter.resize_tensor_input(place, pixels.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(place, pixels)
        interpreter.invoke()
        results.append(interpreter.get_tensor(answer))
    return np.concatenate(results)


def check_agreement(trained: NDArray[np.float32], exported: NDArray[np.float32]) -> float:
    """Share of pictures that two sets of scores, (n, outputs), answer alike.

    Raises:
        TrainingError: it is lower than `AGREEMENT`, ties left aside.
    """
    shares, answers = softmax(trained), exported.argmax(axis=1)
    behind = shares.max(axis=1) - shares[np.arange(len(shares)), answers]
    share = float((behind < NEARLY_TIED).mean())
    if share < AGREEMENT:
        raise TrainingError(
            f"the exported network agrees with the trained one on {share:.1%} of the digits only; "
            "train for more epochs, or with a lower learning rate"
        )
    return float((behind == 0).mean())


def to_tensorboard(curves: Iterable[tuple[float, int, dict[str, float]]]) -> bytes:
    """An event file that TensorBoard opens: for each point its time in seconds since 1970, its step, its scalars."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events"
        with tf.io.TFRecordWriter(str(path)) as writer:
            writer.write(Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString())
            for at, step, scalars in curves:
                values = [Summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items()]
                writer.write(Event(wall_time=at, step=step, summary=Summary(value=values)).SerializeToString())
        return path.read_bytes()
