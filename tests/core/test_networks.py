"""The networks: their inputs and outputs, and what their descriptions promise."""

import numpy as np
import pytest

from core import network_plans, networks
from core.errors import SettingsError

tf = pytest.importorskip("tensorflow")
keras = pytest.importorskip("keras")


@pytest.mark.parametrize("name", network_plans.NETWORKS)
def test_a_network_maps_pictures_to_one_score_per_answer(name):
    model = networks.build(name)

    assert model.input_shape == (None, 28, 28, 1)
    assert model.output_shape == (None, network_plans.network(name).outputs)


@pytest.mark.parametrize("name", network_plans.NETWORKS)
def test_a_network_has_the_shapes_and_parameters_that_its_plan_counts(name):
    model, plan = networks.build(name), network_plans.network(name)

    assert plan.parameters == model.count_params()
    assert [row.parameters for row in plan.rows] == [layer.count_params() for layer in model.layers]
    assert [(None, *row.shape) for row in plan.rows] == [layer.output.shape for layer in model.layers]


def test_the_shipped_network_is_as_small_as_it_says():
    assert networks.build("digitscope").count_params() < 500_000


def test_half_precision_has_the_same_weights_and_gives_float32_scores():
    full, half = networks.build("digitscope"), networks.build("digitscope", half_precision=True)

    half.set_weights(full.get_weights())
    pixels = np.random.default_rng(0).random((4, 28, 28, 1), np.float32)

    assert all(weight.dtype == "float32" for weight in half.weights)
    assert half(pixels).dtype == "float32"
    assert np.allclose(half(pixels), full(pixels), atol=0.1)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-4), ("bfloat16", 0.05)])
def test_the_fused_normalization_is_that_of_keras(dtype, tolerance):
    rng = np.random.default_rng(3)
    pictures = tf.cast(rng.normal(2, 3, (64, 5, 5, 8)), dtype)
    weights = [rng.uniform(0.5, 2, 8), rng.normal(0, 1, 8), np.zeros(8), np.ones(8)]
    told = []
    for kind in (networks.FusedNormalization, keras.layers.BatchNormalization):
        layer = kind(momentum=0.9, dtype="float32" if dtype == "float32" else "mixed_bfloat16")
        layer.build(pictures.shape)
        layer.set_weights(weights)
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            out = layer(pictures, training=True)
            loss = tf.reduce_mean(tf.cast(out, tf.float32) ** 3)
        gradients = tape.gradient(loss, [pictures, *layer.trainable_variables])
        later = layer(pictures, training=False)
        values = [out, later, 1600 * gradients[0], *gradients[1:], layer.moving_mean, layer.moving_variance]
        told.append([np.asarray(tf.cast(value, tf.float32)) for value in values])

    for ours, theirs in zip(*told, strict=True):
        assert np.allclose(ours, theirs, rtol=0.02, atol=tolerance * max(1, np.abs(theirs).max()))
    assert np.abs(told[0][5] - 0.2).max() < 0.05, "a tenth of the way to the mean of 2"


def test_building_in_half_precision_leaves_later_networks_alone():
    networks.build("plain", half_precision=True)

    assert networks.build("plain").layers[0].compute_dtype == "float32"


def test_a_network_that_does_not_exist_is_told():
    with pytest.raises(SettingsError, match="choose one of digitscope, swift, plain, large"):
        networks.build("resnet")
