"""The networks of `core.network_plans`, built with Keras; weights of stored models. Imports TensorFlow."""

from __future__ import annotations

import zipfile

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from core import network_plans
from core.errors import TrainingError
from core.models import ModelStore
from core.network_plans import INPUT_SHAPE


class FusedNormalization(layers.BatchNormalization):  # type: ignore[misc]  # Keras tells no types
    """Keras's batch normalization, trained with TensorFlow's fused kernel: one pass over the picture, in its own type.

    Keras takes it apart into float32 sums and products, which cost more than the convolutions around them.
    """

    def call(self, inputs: tf.Tensor, training: bool | None = None, mask: tf.Tensor | None = None) -> tf.Tensor:
        """Normalize by the batch's own statistics and remember them; by the remembered ones outside of training."""
        if not training or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=self.gamma,
            offset=self.beta,
            mean=tf.zeros([0]),
            variance=tf.zeros([0]),
            epsilon=self.epsilon,
            is_training=True,
        )
        for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + now * (1 - self.momentum))
        return outputs


def build(name: str, *, dropout: float | None = None, half_precision: bool = False, fused: bool = False) -> keras.Model:
    """A network with fresh weights: float32 (n, 28, 28, 1) in 0 to 1, ink = 1, to logits (n, outputs).

    dropout: share of units left out in training; the network's own when None.
    half_precision: calculate in bfloat16, keep weights in float32.
    fused: with batch normalization that trains fast, but that is no layer of Keras's own, for others to load.

    Raises:
        SettingsError: there is none of that name.
    """
    chosen = network_plans.network(name)
    policy = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16" if half_precision else "float32")
    try:
        share = chosen.dropout if dropout is None else dropout
        normalization = FusedNormalization if fused else layers.BatchNormalization
        body = [_built(layer, share, normalization) for layer in chosen.layers]
        head = layers.Dense(chosen.outputs, dtype="float32", name="logits")
        return keras.Sequential([keras.Input(INPUT_SHAPE), *body, head], name=name)
    finally:
        keras.mixed_precision.set_dtype_policy(policy)


def stored_weights(name: str, network: str) -> list[NDArray[np.float32]]:
    """The weights of a stored model.

    Raises:
        ModelError: there is no such model.
        TrainingError: it is of another network, damaged, or was stored without its weights.
    """
    store = ModelStore()
    card, plan = store.card(name), network_plans.network(network)
    if card.network != network:
        raise TrainingError(f"the model {name!r} is of another network than {network!r}; choose one of this network")
    if card.parameters != plan.parameters:
        raise TrainingError(f"the model {name!r} was made with an earlier layout of {network!r}; choose another one")
    path = store.keras_file(name)
    if path is None:
        raise TrainingError(f"the model {name!r} was stored without what training needs; choose another one")
    model = build(network)
    try:
        model.load_weights(path)
    except (OSError, ValueError, TypeError, KeyError, zipfile.BadZipFile) as error:
        raise TrainingError(f"{path} is damaged; choose another model") from error
    return list(model.get_weights())


def _built(layer: network_plans.Layer, dropout: float, normalization: type[layers.BatchNormalization]) -> keras.Layer:
    match layer:
        case network_plans.Convolution(filters, size, stride, same, bias):
            padding = "same" if same else "valid"
            return layers.Conv2D(filters, size, strides=stride, padding=padding, use_bias=bias)
        case network_plans.Normalization(momentum):
            return normalization(momentum=momentum)
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
