"""The networks of `core.network_plans`, built with Keras. Imports TensorFlow: only training does so."""

from __future__ import annotations

import keras
from keras import layers

from core import network_plans
from core.network_plans import INPUT_SHAPE


def build(name: str, *, dropout: float | None = None, half_precision: bool = False) -> keras.Model:
    """A network with fresh weights: float32 (n, 28, 28, 1) in 0 to 1, ink = 1, to logits (n, outputs).

    dropout: share of units left out in training; the network's own when None.
    half_precision: calculate in bfloat16, keep weights in float32.

    Raises:
        SettingsError: there is none of that name.
    """
    chosen = network_plans.network(name)
    policy = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16" if half_precision else "float32")
    try:
        share = chosen.dropout if dropout is None else dropout
        body = [_built(layer, share) for layer in chosen.layers]
        head = layers.Dense(chosen.outputs, dtype="float32", name="logits")
        return keras.Sequential([keras.Input(INPUT_SHAPE), *body, head], name=name)
    finally:
        keras.mixed_precision.set_dtype_policy(policy)


def _built(layer: network_plans.Layer, dropout: float) -> keras.Layer:
    match layer:
        case network_plans.Convolution(filters, size, stride, same, bias):
            padding = "same" if same else "valid"
            return layers.Conv2D(filters, size, strides=stride, padding=padding, use_bias=bias)
        case network_plans.Normalization(momentum):
            return layers.BatchNormalization(momentum=momentum)
        case network_plans.Relu():
            return layers.ReLU()
        case network_plans.Pooling():
            return layers.MaxPooling2D()
        case network_plans.GlobalAverage():
            return layers.GlobalAveragePooling2D()
        case network_plans.Flatten():
            return layers.Flatten()
        case network_plans.Dropout():
            return layers.Dropout(dropout)
        case network_plans.Dense(units):
            return layers.Dense(units)
