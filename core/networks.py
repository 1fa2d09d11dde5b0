"""The networks, each as a visible list of layers with its source, its cost and the accuracy to expect.

Imports TensorFlow (through Keras): only training does so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
from keras import layers

from core.errors import SettingsError

INPUT_SHAPE = (28, 28, 1)


@dataclass(frozen=True, kw_only=True)
class Network:
    """One architecture. outputs: 10, or 11 with "not a digit"; about: source, accuracy to expect, cost."""

    name: str
    outputs: int
    about: str
    layers: Callable[[float], list[keras.Layer]]
    dropout: float


def names() -> tuple[str, ...]:
    """The networks that can be built."""
    return tuple(NETWORKS)


def network(name: str) -> Network:
    """An architecture by name.

    Raises:
        SettingsError: there is none of that name.
    """
    if name not in NETWORKS:
        raise SettingsError(f"there is no network {name[:60]!r}; choose one of {', '.join(NETWORKS)}")
    return NETWORKS[name]


def build(name: str, *, dropout: float | None = None, half_precision: bool = False) -> keras.Model:
    """A network with fresh weights: float32 (n, 28, 28, 1) in 0 to 1, ink = 1, to logits (n, outputs).

    dropout: share of units left out in training; the network's own when None.
    half_precision: calculate in bfloat16, keep weights in float32.

    Raises:
        SettingsError: there is none of that name.
    """
    chosen = network(name)
    policy = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16" if half_precision else "float32")
    try:
        body = chosen.layers(chosen.dropout if dropout is None else dropout)
        head = layers.Dense(chosen.outputs, dtype="float32", name="logits")
        return keras.Sequential([keras.Input(INPUT_SHAPE), *body, head], name=name)
    finally:
        keras.mixed_precision.set_dtype_policy(policy)


def _plain(dropout: float) -> list[keras.Layer]:
    return [
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(dropout),
    ]


def _digitscope(dropout: float) -> list[keras.Layer]:
    return [
        *_convolution(16),
        *_convolution(32, stride=2),  # strides, not pooling: at 28x28 each channel costs most and says least
        *_convolution(48),
        *_convolution(48),
        *_convolution(96, stride=2),
        *_convolution(96),
        *_convolution(112),
        layers.GlobalAveragePooling2D(),
        layers.Dropout(dropout),
    ]


def _convolution(filters: int, *, stride: int = 1) -> list[keras.Layer]:
    # Batch normalization has a shift of its own, and is folded into the convolution when the network is exported.
    return [
        layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False),
        layers.BatchNormalization(momentum=0.98),
        layers.ReLU(),
    ]


NETWORKS: dict[str, Network] = {
    "digitscope": Network(
        name="digitscope",
        outputs=11,
        about="Seven 3x3 convolutions with batch normalization and global average pooling, after Springenberg and "
        'others, "Striving for Simplicity: The All Convolutional Net", 2015. 264 thousand parameters, 276 KB '
        "quantized, 0.06 ms a digit on one core; 99.6 % on MNIST.",
        layers=_digitscope,
        dropout=0.1,
    ),
    "plain": Network(
        name="plain",
        outputs=10,
        about='Two convolutions and one dense layer, as in Keras\'s "Simple MNIST convnet" by François Chollet, 2015. '
        "35 thousand "
        'parameters; 99.0 to 99.2 % on MNIST; knows no "not a digit".',
        layers=_plain,
        dropout=0.25,
    ),
}
