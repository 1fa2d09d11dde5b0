"""Each corruption does what its description says, the same each time, and the figures made from them count right."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.classifier import Classifier
from core.datasets import Digits
from core.errors import DataError
from core.evaluation import Share, robustness
from core.evaluation.corruptions import BY_CAMERA, CORRUPTIONS, corrupted
from core.evaluation.robustness import on_corruptions, photograph, read_alone, spread
from core.evaluation.textures import plasma
from tests.core.tiny_models import card_of, tiny_tflite

Pictures = NDArray[np.uint8]


def pictures(count: int = 24) -> Pictures:
    """An upright bar four columns wide, a little gray at its sides."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 5:23, 12:16] = 255
    images[:, 5:23, [11, 16]] = 90
    return images


def even(gray: int, count: int = 24) -> Pictures:
    return np.full((count, 28, 28), gray, np.uint8)


def dot(count: int = 24) -> Pictures:
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 14, 14] = 255
    return images


def test_there_are_the_fifteen_and_a_camera_makes_ten() -> None:
    assert len(CORRUPTIONS) == 15
    assert len(BY_CAMERA) == 10
    assert set(BY_CAMERA) < set(CORRUPTIONS)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_every_picture_is_changed_and_the_same_each_time(name: str) -> None:
    images = pictures()
    before = images.copy()

    first, again, other = corrupted(name, images), corrupted(name, images), corrupted(name, images, seed=1)

    assert first.shape == images.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert (first != images).any(axis=(1, 2)).all()
    assert np.array_equal(images, before)
    by_chance = name not in ("scale", "brightness", "stripe", "canny edges")
    assert np.array_equal(first, other) != by_chance


def test_what_is_no_corruption_or_no_digit_is_refused() -> None:
    with pytest.raises(ValueError, match="no corruption 'rain'; there are shot noise"):
        corrupted("rain", pictures(1))
    with pytest.raises(ValueError, match=r"\(n, 28, 28\) uint8"):
        corrupted("fog", np.zeros((1, 20, 20), np.uint8))


def test_shot_noise_counts_photons_and_leaves_paper_alone() -> None:
    changed = corrupted("shot noise", pictures())

    assert set(np.unique(changed)) == {0, 85, 170, 255}
    assert not changed[pictures() == 0].any()


def test_impulse_noise_turns_a_sixth_of_all_pixels_to_paper_or_ink() -> None:
    changed = corrupted("impulse noise", even(128))

    assert np.mean(changed != 128) == pytest.approx(0.17, abs=0.02)
    assert np.mean(changed == 0) == pytest.approx(np.mean(changed == 255), abs=0.02)


def test_glass_blur_moves_ink_to_its_neighbors_and_loses_none() -> None:
    changed = corrupted("glass blur", dot()).astype(float)

    rows = changed.sum(axis=(0, 2))
    assert changed.sum() == pytest.approx(24 * 255, rel=0.1)
    assert changed.max() < 128
    assert rows.argmax() in (13, 14, 15)
    assert len({tuple(np.argwhere(one == one.max())[0]) for one in changed}) > 3


def test_motion_blur_draws_a_dot_out_to_one_side() -> None:
    changed = corrupted("motion blur", dot()).astype(float)

    columns = changed.sum(axis=(0, 1))
    assert changed.sum() == pytest.approx(24 * 255, rel=0.1)
    assert np.all(columns[14:20] > 0) != np.all(columns[9:15] > 0)
    assert len(np.unique(changed.argmax(axis=1).reshape(24, -1), axis=0)) > 1  # at many angles


def test_shear_leans_to_both_sides_and_leaves_the_middle_in_place() -> None:
    changed = corrupted("shear", pictures())

    centers = (changed * np.arange(28)).sum(axis=2)[:, 6:22] / changed.sum(axis=2)[:, 6:22]
    slopes = np.polyfit(np.arange(16), centers.T, 1)[0]
    assert sorted(set(np.sign(slopes))) == [-1, 1]
    assert np.abs(slopes) == pytest.approx(np.tan(0.4), abs=0.02)
    assert centers[:, 7:9].mean() == pytest.approx(13.5, abs=0.1)


def test_scale_shrinks_to_seven_tenths_in_place() -> None:
    square = np.zeros((1, 28, 28), np.uint8)
    square[:, 4:24, 4:24] = 255

    x, y, width, height = cv2.boundingRect((corrupted("scale", square)[0] > 127).astype(np.uint8))

    assert (x, y, width, height) == (7, 7, 14, 14)


def test_rotate_turns_by_two_fifths_of_a_radian_to_both_sides() -> None:
    level = np.swapaxes(pictures(), 1, 2).copy()

    changed = corrupted("rotate", level)

    centers = (changed * np.arange(28)[:, None]).sum(axis=1)[:, 8:20] / changed.sum(axis=1)[:, 8:20]
    turns = np.arctan(np.polyfit(np.arange(12), centers.T, 1)[0])
    assert sorted(set(np.sign(turns))) == [-1, 1]
    assert np.abs(turns) == pytest.approx(0.4, abs=0.02)


def test_brightness_lifts_ink_and_paper_alike() -> None:
    changed = corrupted("brightness", pictures())

    assert set(changed[pictures() == 0]) == {128}
    assert set(changed[pictures() == 90]) == {218}
    assert set(changed[pictures() == 255]) == {255}


def test_translate_moves_by_three_pixels_towards_every_corner() -> None:
    changed = corrupted("translate", dot())

    places = {tuple(int(value) for value in np.argwhere(one)[0]) for one in changed}
    assert np.all(changed.sum(axis=(1, 2), dtype=int) == 255)
    assert places == {(11, 11), (11, 17), (17, 11), (17, 17)}


def test_stripe_inverts_both_sides_and_twice_is_once_undone() -> None:
    changed = corrupted("stripe", pictures())

    assert np.array_equal(changed[..., 7:21], pictures()[..., 7:21])
    assert np.array_equal(changed[..., :7], 255 - pictures()[..., :7])
    assert np.array_equal(corrupted("stripe", changed), pictures())


def test_fog_leaves_a_quarter_of_the_difference_and_clouds_over_the_rest() -> None:
    halves = even(0, 200)
    halves[..., 14:] = 255

    changed = corrupted("fog", halves).astype(float)

    assert changed[..., 14:].mean() - changed[..., :14].mean() == pytest.approx(255 / 4, abs=8)
    clouds = changed[..., :14]
    assert clouds.mean(axis=(1, 2)).std() > 20  # each picture has a corner of a cloud of its own,
    assert 2 < clouds.std(axis=(1, 2)).mean() < 20  # which is about as wide as the picture
    assert not corrupted("fog", even(0, 1)).any()


def test_spatter_lays_gray_mud_over_ink_and_paper() -> None:
    on_paper, on_ink = corrupted("spatter", even(0)), corrupted("spatter", even(255))

    muddy = on_paper > 0
    assert 0.05 < muddy.mean() < 0.6
    assert on_paper.max() == 63
    assert np.array_equal(muddy, on_ink < 255)
    assert on_ink[muddy].mean() < 128


def test_a_dotted_line_crosses_the_picture_two_columns_in_four() -> None:
    changed = corrupted("dotted line", even(0))

    shown = (np.arange(28) % 4 >= 2) & (np.arange(28) < 27)
    assert not changed[..., ~shown].any()
    assert changed[..., shown].any(axis=1).all()
    assert np.all((changed[..., shown] > 0).sum(axis=1) <= 5)
    assert np.all(corrupted("dotted line", pictures()) >= pictures())


def test_a_zigzag_turns_again_and_again_and_takes_no_ink() -> None:
    changed = corrupted("zigzag", even(0)).astype(float)

    assert changed[..., 2:25].any(axis=1).all(axis=1).mean() > 0.7  # some leave by the upper or lower border
    whole = changed[changed[..., 2:25].any(axis=1).all(axis=1)]
    ridges = whole.argmax(axis=1)[:, 4:24]
    assert np.all((np.diff(np.sign(np.diff(ridges, 2))) != 0).sum(axis=1) >= 4)
    assert np.all(corrupted("zigzag", pictures()) >= pictures())


def test_canny_edges_leave_an_outline_of_full_ink() -> None:
    square = np.zeros((1, 28, 28), np.uint8)
    square[:, 6:22, 6:22] = 255

    changed = corrupted("canny edges", square)[0]

    assert set(np.unique(changed)) == {0, 255}
    assert not changed[10:18, 10:18].any()
    assert changed[4:24, 14].any()
    assert not changed[:3].any()


def test_plasma_fills_0_to_1_and_meets_itself() -> None:
    clouds = plasma(40, np.random.default_rng(1), 2.0)

    assert clouds.min(axis=(1, 2)) == pytest.approx(0)
    assert clouds.max(axis=(1, 2)) == pytest.approx(1)
    inside, across = np.abs(np.diff(clouds, axis=1)).mean(), np.abs(clouds[:, 0] - clouds[:, -1]).mean()
    assert across == pytest.approx(inside, rel=0.3)


# What is read in spite of them


def test_digits_are_taken_from_the_whole_set() -> None:
    assert spread(10_000, 5).tolist() == [0, 2499, 4999, 7499, 9999]
    assert spread(3, 2_000).tolist() == [0, 1, 2]


def test_a_photograph_is_dark_ink_on_light_paper() -> None:
    image = photograph(dot(1)[0])

    assert image.pixels.shape == (168, 168, 3)
    assert image.pixels[0, 0].tolist() == [255, 255, 255]
    assert image.pixels[87, 87].max() < 30


def test_only_the_one_digit_counts_as_read() -> None:
    texts = ["7", "77", "", "1"]
    reader = SimpleNamespace(read=lambda _image: SimpleNamespace(text=texts.pop(0)))

    assert read_alone(reader, dot(4), np.array([7, 7, 7, 7])) == Share(1, 4)  # type: ignore[arg-type]


@pytest.fixture
def half_nines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test set of thirty pictures, every second a nine."""
    labels = np.array([9, 3] * 15)
    digits = Digits("MNIST test", pictures(30), labels, np.full(30, -1))
    monkeypatch.setattr(robustness, "mnist", lambda _split: digits)


@pytest.mark.usefixtures("half_nines")
def test_every_corruption_is_counted_for_network_and_reader() -> None:
    tflite = tiny_tflite(10)  # the highest bias is 9's, whatever the picture

    part = on_corruptions(Classifier(tflite, card_of(tflite, outputs=10)), count=30, read=3)

    rows = {row.key: row for row in part.rows}
    assert rows["corruptions_stripe"].share == Share(15, 30)
    assert rows["corruptions_network_mean"].value == 0.5
    reads = [row.share for row in part.rows if row.key.endswith("_read")]
    assert [share.count for share in reads if share] == [3] * 10
    by_reader = sum(share.value for share in reads if share)
    assert rows["corruptions_mean"].value == pytest.approx((by_reader + 5 * 0.5) / 15)


def test_without_mnist_nothing_is_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_split: str) -> Digits:
        raise DataError("there is no MNIST")

    monkeypatch.setattr(robustness, "mnist", missing)
    tflite = tiny_tflite()

    part = on_corruptions(Classifier(tflite, card_of(tflite)))

    assert (part.rows, part.missing) == ((), ("there is no MNIST",))
