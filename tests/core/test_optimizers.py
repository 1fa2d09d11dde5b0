"""Optimizers: what a step of Muon is for a kernel, and that all else learns as by AdamW."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from core import optimizers  # noqa: E402

RATE = 0.01


def variable(values: np.ndarray, name: str) -> object:
    return keras.Variable(values.astype(np.float32), name=name)


def stepped(optimizer, values, gradient, name="kernel", decay=0.0, half_precision=False):
    """How far one step moves a variable."""
    one = variable(values, name)
    built = optimizers.build(optimizer, RATE, decay, half_precision=half_precision)
    built.apply([keras.ops.convert_to_tensor(gradient.astype(np.float32))], [one])
    return one.numpy() - values.astype(np.float32)


@pytest.mark.parametrize("half_precision", [False, True])
def test_a_kernels_step_by_muon_goes_as_far_in_every_direction_of_the_gradient(half_precision: bool) -> None:
    rng = np.random.default_rng(0)
    gradient = rng.normal(size=(3, 3, 8, 16)) * np.logspace(0, -2, 16)  # some filters matter a hundred times more

    move = stepped("muon", np.zeros(gradient.shape), gradient, half_precision=half_precision).reshape(-1, 16)

    directions = np.linalg.svd(move, compute_uv=False)
    of_gradient = np.linalg.svd(gradient.reshape(-1, 16), compute_uv=False)
    assert of_gradient.max() / of_gradient.min() > 50
    assert directions.max() / directions.min() < 2
    assert (move * gradient.reshape(-1, 16)).sum() < 0  # downhill


def test_a_kernels_step_by_muon_is_as_long_as_adamws_whatever_the_gradients_size() -> None:
    gradient = np.random.default_rng(1).normal(size=(3, 3, 8, 16))

    small, large = (stepped("muon", np.zeros(gradient.shape), factor * gradient) for factor in (0.01, 100.0))

    np.testing.assert_allclose(small, large, rtol=0.01, atol=1e-6)
    assert 0.1 * RATE < np.sqrt(np.mean(large**2)) < 0.4 * RATE


@pytest.mark.parametrize("shape", [(16,), (32, 11)])
def test_what_is_no_kernel_learns_as_by_adamw(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(2)
    values, gradient = rng.normal(size=shape), rng.normal(size=shape)

    by_muon, by_adamw = (stepped(name, values, gradient, decay=0.1) for name in ("muon", "adamw"))

    np.testing.assert_allclose(by_muon, by_adamw, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_kernels_shrink_and_biases_do_not(optimizer: str) -> None:
    kernel, bias = np.ones((3, 3, 4, 8)), np.ones(8)

    shrunk = stepped(optimizer, kernel, np.zeros(kernel.shape), decay=0.1)
    kept = stepped(optimizer, bias, np.zeros(bias.shape), name="bias", decay=0.1)

    np.testing.assert_allclose(shrunk, -RATE * 0.1, rtol=1e-3)
    np.testing.assert_array_equal(kept, 0)
