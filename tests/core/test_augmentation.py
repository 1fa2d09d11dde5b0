"""Augmentation: changed a little, never out of sight, the same for the same seed."""

import cv2
import numpy as np
import pytest

from core.augmentation import NONE, STILL_SHARE, Augmentation, augment
from core.errors import SettingsError
from core.normalization import normalize
from core.pens import draw_digit, render


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    return np.stack([normalize(render(draw_digit(i % 10, rng), height_px=80, brush_px=9)) for i in range(60)])


def center_of_ink(picture):
    rows, columns = np.indices(picture.shape)
    return np.array([(rows * picture).sum(), (columns * picture).sum()]) / picture.sum()


def test_pictures_are_changed_and_the_originals_are_not(images):
    before = images.copy()

    changed = augment(images, Augmentation(), np.random.default_rng(1))

    assert changed.shape == images.shape
    assert changed.dtype == np.uint8
    same = np.mean([np.array_equal(a, b) for a, b in zip(images, changed, strict=True)])
    assert same < 2 * STILL_SHARE
    assert np.array_equal(images, before)


def test_digits_stay_about_as_sharp_as_those_to_be_read(images):
    settings = Augmentation(stroke_share=0, ink_share=0)  # those are meant to change edges
    changed = augment(np.repeat(images, 5, axis=0), settings, np.random.default_rng(2))

    before, after = (np.mean([cv2.Laplacian(one, cv2.CV_32F).var() for one in sheet]) for sheet in (images, changed))
    assert after > 0.7 * before  # by linear interpolation, two fifths of them twice: 0.5


def test_the_same_seed_changes_alike(images):
    first, second, other = (augment(images, Augmentation(), np.random.default_rng(seed)) for seed in (1, 1, 2))

    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_no_augmentation_leaves_every_pixel(images):
    assert np.array_equal(augment(images, NONE, np.random.default_rng(1)), images)


def test_ink_stays_in_sight_and_near_the_middle(images):
    changed = augment(images, Augmentation(), np.random.default_rng(3))

    for before, after in zip(images, changed, strict=True):
        assert after.astype(float).sum() > 0.3 * before.sum()
        assert np.abs(center_of_ink(after) - center_of_ink(before)).max() < 4


def test_a_pure_shift_moves_the_ink_no_farther_than_it_says(images):
    shifted = augment(images, Augmentation(**{**NO_CHANGE, "shift_px": 2.0}), np.random.default_rng(4))
    moves = [center_of_ink(after) - center_of_ink(before) for before, after in zip(images, shifted, strict=True)]

    assert 0.5 < np.abs(moves).max() < 2.2


def test_turning_keeps_the_middle_where_it_is(images):
    square = np.zeros((20, 28, 28), np.uint8)
    square[:, 10:18, 10:18] = 255

    turned = augment(square, Augmentation(**{**NO_CHANGE, "rotation_degrees": 45.0}), np.random.default_rng(5))

    assert all(np.abs(center_of_ink(picture) - 13.5).max() < 0.2 for picture in turned)


NO_CHANGE = {
    "rotation_degrees": 0,
    "shear": 0,
    "scale": 0,
    "shift_px": 0,
    "elastic_px": 0,
    "elastic_share": 0,
    "stroke_share": 0,
    "ink_share": 0,
}


@pytest.mark.parametrize(
    ("name", "value"), [("scale", 0.9), ("shift_px", -1), ("elastic_share", 1.5), ("shear", float("nan"))]
)
def test_settings_outside_what_is_possible_are_told(name, value):
    with pytest.raises(SettingsError, match=name):
        Augmentation(**{name: value})


def test_an_empty_batch_stays_empty():
    assert augment(np.zeros((0, 28, 28), np.uint8), Augmentation(), np.random.default_rng(0)).shape == (0, 28, 28)
