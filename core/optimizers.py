"""What turns gradients into steps. Imports TensorFlow.

AdamW: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019. Muon: Jordan and others, "Muon: An
optimizer for hidden layers in neural networks", 2024, with steps as long as AdamW's after Liu and others, "Muon is
Scalable for LLM Training", 2025.
"""

from __future__ import annotations

import keras
from keras import ops

from core.training_plan import Optimizer

NOT_DECAYED = ["bias", "gamma", "beta"]


class Muon(keras.optimizers.Muon):  # type: ignore[misc]  # Keras tells no types
    """Keras's Muon for convolutions: each kernel is one matrix, of a column for each filter; all else learns by AdamW.

    Keras's own takes matrices alone, and a convolutional network has none but its last layer, which is not for Muon.
    half_precision: multiply them in bfloat16, as its authors do: directions need no more.
    """

    def __init__(self, learning_rate: float, *, half_precision: bool, **options: float) -> None:
        super().__init__(learning_rate, **options)
        self.half_precision = half_precision

    def _should_use_adamw(self, variable: keras.Variable) -> bool:
        return len(variable.shape) != 4

    def _muon_update_step(
        self, gradient: keras.KerasTensor, variable: keras.Variable, lr: keras.KerasTensor, m: keras.Variable
    ) -> None:
        self.assign_add(m, ops.add(gradient, m * (self.momentum - 1)))
        ahead = ops.add(gradient, self.momentum * m)  # Nesterov's
        matrix = ops.reshape(ahead, (-1, variable.shape[-1]))
        if self.half_precision:
            matrix = ops.cast(matrix / (ops.norm(matrix) + self.epsilon), "bfloat16")
        directions = ops.cast(self.zeropower_via_newtonschulz5(matrix, self.ns_steps), variable.dtype)
        self.assign_sub(variable, lr * ops.reshape(self.lr_adjust(directions), variable.shape))


def build(
    name: Optimizer, learning_rate: float, weight_decay: float, *, half_precision: bool = False
) -> keras.optimizers.Optimizer:
    """An optimizer by name; biases and normalizations do not decay."""
    decay = {"weight_decay": weight_decay, "adam_weight_decay": weight_decay}
    optimizer = (
        Muon(learning_rate, half_precision=half_precision, **decay)
        if name == "muon"
        else keras.optimizers.AdamW(learning_rate, weight_decay=weight_decay)
    )
    optimizer.exclude_from_weight_decay(var_names=NOT_DECAYED)
    return optimizer
