"""Distillation: what other networks, larger or several, think of a picture, as a target beside its label.

Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015. Imports TensorFlow.
"""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from core import network_plans, networks
from core.errors import ModelError, TrainingError
from core.models import ModelStore

TEMPERATURE = 2.0
"""At which teachers are asked: their second thoughts, a thousandth of a share at 1, are what there is to learn."""
SHARE = 0.7
"""Of the loss; labels have the rest."""


class Teachers:
    """Stored models that are asked together.

    Raises:
        ModelError: one of them is not there.
        TrainingError: one is damaged, stored without its weights, or answers otherwise than the network to be taught.
    """

    def __init__(self, names: Sequence[str], network: str, *, half_precision: bool = False) -> None:
        outputs = network_plans.network(network).outputs
        self.models = []
        for name in names:
            try:
                card = ModelStore().card(name)
            except ModelError as error:
                raise ModelError(
                    f"{error}; a run needs its teachers to the end, so put it back or begin anew"
                ) from error
            if card.outputs != outputs:
                raise TrainingError(
                    f"the model {name!r} has {card.outputs} answers, {network!r} {outputs}; choose another teacher"
                )
            model = networks.build(card.network, half_precision=half_precision)
            model.set_weights(networks.stored_weights(name, card.network))
            self.models.append(model)

    def shares(self, pixels: tf.Tensor) -> tf.Tensor:
        """(n, outputs) float32 for (n, 28, 28, 1) float32: the mean of their softened answers."""
        answers = [tf.nn.softmax(model(pixels, training=False) / TEMPERATURE) for model in self.models]
        return tf.add_n(answers) / len(answers)

    def loss(self, pixels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """How far answers `logits` to `pixels` are from theirs; its gradients are on the scale of a loss by labels."""
        losses = tf.nn.softmax_cross_entropy_with_logits(tf.stop_gradient(self.shares(pixels)), logits / TEMPERATURE)
        return TEMPERATURE**2 * tf.reduce_mean(losses)
