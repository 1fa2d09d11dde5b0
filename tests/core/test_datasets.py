"""Data sets: damage is told, downloads are whole or nothing, nobody is on two sides of a split."""

import gzip
import hashlib
import io
import struct
from typing import get_args

import numpy as np
import pytest

from core import files
from core.datasets import bitmaps, digits, idx, mixture, pieces, pools, sources, strokes, wear
from core.errors import DataError, SettingsError
from core.normalization import normalize
from core.pens import draw_digit, render
from core.runs import comparison

IMAGES = np.arange(3 * 28 * 28, dtype=np.uint64).reshape(3, 28, 28).astype(np.uint8)
CONTENT = idx.compose(IMAGES)


@pytest.fixture
def nothing_here(monkeypatch, tmp_path):
    """No data folder but an empty cache."""
    monkeypatch.delenv(sources.DATA_VARIABLE, raising=False)
    monkeypatch.setattr(sources, "BESIDE_REPOSITORY", tmp_path / "beside")
    monkeypatch.setattr(sources, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(sources.time, "sleep", lambda seconds: None)
    return tmp_path


def source_of(content: bytes) -> sources.Source:
    return sources.Source(
        file="mnist/three.gz",
        sha256=hashlib.sha256(content).hexdigest(),
        origin="a test",
        urls=("https://first.example/three.gz", "https://second.example/three.gz"),
    )


def pen_ink(digit: int, seed: int = 0):
    return render(draw_digit(digit, np.random.default_rng(seed)), height_px=80, brush_px=8)


def test_idx_gives_back_what_was_composed():
    for values in (IMAGES, np.array([[-5, 70_000]], np.int32), np.array([3, -2], np.int16)):
        assert np.array_equal(idx.parse(idx.compose(values), "x"), values)


@pytest.mark.parametrize("length", [0, 3, 4, 10, 15, 16, len(CONTENT) - 1])
def test_an_idx_file_cut_off_anywhere_is_an_error_and_no_crash(length):
    with pytest.raises(DataError, match="x"):
        idx.parse(CONTENT[:length], "x")


def test_an_idx_file_with_more_than_it_promises_is_an_error():
    with pytest.raises(DataError, match="promises"):
        idx.parse(CONTENT + b"\0", "x")


def test_a_header_that_promises_more_than_fits_in_memory_costs_none():
    with pytest.raises(DataError, match="promises"):
        idx.parse(b"\0\0\x08\x03" + struct.pack(">III", 2**32 - 1, 2**32 - 1, 2**32 - 1), "x")


def test_idx_is_read_compressed_or_not_whatever_it_is_called(tmp_path):
    (tmp_path / "a.gz").write_bytes(CONTENT)
    (tmp_path / "b").write_bytes(gzip.compress(CONTENT))

    assert np.array_equal(idx.read(tmp_path / "a.gz"), IMAGES)
    assert np.array_equal(idx.read(tmp_path / "b"), IMAGES)


@pytest.mark.parametrize("damage", [lambda d: d[:-9], lambda d: d[:40], lambda d: d[:30] + b"\xff" * 20 + d[50:]])
def test_a_damaged_gzip_file_is_told(tmp_path, damage):
    (tmp_path / "x.gz").write_bytes(damage(gzip.compress(CONTENT)))

    with pytest.raises(DataError, match="fetch it again"):
        idx.read(tmp_path / "x.gz")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        idx.read(tmp_path / "none.gz")


def test_pictures_and_labels_that_are_no_pair_are_told(tmp_path):
    for name, values in {"images": IMAGES, "two": np.zeros(2, np.uint8), "wrong": np.full(3, 12, np.uint8)}.items():
        (tmp_path / name).write_bytes(idx.compose(values))

    with pytest.raises(DataError, match="choose a pair"):
        idx.read_digits(tmp_path / "images", tmp_path / "two")
    with pytest.raises(DataError, match="0 to 9"):
        idx.read_digits(tmp_path / "images", tmp_path / "wrong")
    with pytest.raises(DataError, match="28x28"):
        idx.read_digits(tmp_path / "two", tmp_path / "two")


def test_a_download_is_kept_and_not_repeated(nothing_here):
    asked = []

    def opener(url):
        asked.append(url)
        return io.BytesIO(gzip.compress(CONTENT))

    first = sources.fetch(source_of(CONTENT), opener)
    second = sources.fetch(source_of(CONTENT), opener)

    assert first == second == CONTENT
    assert len(asked) == 1


def test_the_second_mirror_serves_where_the_first_is_dead_or_lies(nothing_here):
    for broken in (b"<html>not found</html>", gzip.compress(CONTENT)[:-5], gzip.compress(b"something else")):

        def opener(url, broken=broken):
            return io.BytesIO(broken if "first" in url else gzip.compress(CONTENT))

        assert sources.fetch(source_of(CONTENT), opener) == CONTENT
        (nothing_here / "cache" / "mnist" / "three.gz").unlink()


def test_a_half_written_cache_file_is_fetched_again(nothing_here):
    cached = nothing_here / "cache" / "mnist" / "three.gz"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(gzip.compress(CONTENT)[:100])

    assert sources.fetch(source_of(CONTENT), lambda url: io.BytesIO(gzip.compress(CONTENT))) == CONTENT
    assert idx.read_bytes(cached) == CONTENT


def test_a_damaged_file_in_a_folder_of_ones_own_is_told_and_left_alone(nothing_here, monkeypatch):
    monkeypatch.setenv(sources.DATA_VARIABLE, str(nothing_here / "own"))
    own = nothing_here / "own" / "mnist" / "three.gz"
    own.parent.mkdir(parents=True)
    own.write_bytes(gzip.compress(b"mine"))

    with pytest.raises(DataError, match="SHA-256 differs"):
        sources.fetch(source_of(CONTENT), lambda url: io.BytesIO(gzip.compress(CONTENT)))
    assert gzip.decompress(own.read_bytes()) == b"mine"


def test_without_a_network_the_way_out_is_said_and_nothing_is_left_behind(nothing_here):
    def opener(url):
        raise OSError("Name or service not known")

    with pytest.raises(DataError, match=r"connect to the internet, or put it into a folder .* DIGITSCOPE_DATA"):
        sources.fetch(source_of(CONTENT), opener)
    assert not list(nothing_here.rglob("*.*"))


def test_a_connection_that_breaks_off_leaves_nothing_behind(nothing_here):
    class Breaking(io.BytesIO):
        def read(self, size=-1):
            if self.tell() > 0:
                raise ConnectionResetError("connection reset by peer")
            return super().read(50)

    with pytest.raises(DataError, match="connection reset"):
        sources.fetch(source_of(CONTENT), lambda url: Breaking(gzip.compress(CONTENT)))
    assert not list(nothing_here.rglob("*.*"))


def test_an_endless_download_is_given_up(nothing_here, monkeypatch):
    monkeypatch.setattr(sources, "DOWNLOAD_LIMIT", 1000)

    class Endless(io.BytesIO):
        def read(self, size=-1):
            return b"\0" * 600

    with pytest.raises(DataError, match="more than 1000 bytes"):
        sources.fetch(source_of(CONTENT), lambda url: Endless())


def test_a_foreign_npz_file_is_told(tmp_path):
    buffer = io.BytesIO()
    np.savez(buffer, x_train=np.array([{"a": 1}], dtype=object))

    for content in (b"", b"PK\x03\x04 nothing", buffer.getvalue()):
        with pytest.raises(DataError, match="npz"):
            digits.npz_arrays(content, "mnist.npz", "x_train")


def test_mnist_is_found_as_an_npz_file(nothing_here, monkeypatch):
    labels = np.array([3, 1, 2], np.uint8)
    monkeypatch.setenv(sources.DATA_VARIABLE, str(nothing_here))
    monkeypatch.setattr(sources, "MNIST_TEST_IMAGES", source_of(CONTENT))
    np.savez(nothing_here / "mnist.npz", x_test=IMAGES, y_test=labels)

    assert np.array_equal(digits.mnist("test").images, IMAGES)
    assert digits.mnist("test").labels.tolist() == [3, 1, 2]
    assert digits.mnist_is_here("train")
    assert comparison.tested_on() == "mnist"


def test_mnist_is_here_when_both_files_of_a_part_are(nothing_here):
    cached = nothing_here / "cache"
    for source in (sources.MNIST_TRAIN_IMAGES, sources.MNIST_TRAIN_LABELS):
        assert not digits.mnist_is_here("train")
        files.write_bytes(cached / source.file, b"")

    assert digits.mnist_is_here("train")
    assert not digits.mnist_is_here("test")


def test_a_download_is_found_again_whatever_folder_is_named(nothing_here, monkeypatch):
    monkeypatch.setenv(sources.DATA_VARIABLE, str(nothing_here / "own"))
    asked = []

    def opener(url):
        asked.append(url)
        return io.BytesIO(gzip.compress(CONTENT))

    for _ in range(3):
        assert sources.fetch(source_of(CONTENT), opener) == CONTENT
    assert len(asked) == 1


def test_a_training_on_drawn_digits_uses_no_others(nothing_here, monkeypatch):
    def fail(*_):
        raise AssertionError("recorded digits were asked for")

    for name in ("mnist_of", "pens_of"):
        monkeypatch.setattr(pools, name, fail)
    monkeypatch.setattr(pools, "mnist_is_here", lambda: True)
    monkeypatch.setattr(pools, "is_available", lambda kind: True)

    drawn = mixture.load("synthetic", scale=0.0005, processes=1)

    assert {part.name for part, _ in drawn.parts} == {
        f"{kind} train" for kind in ("synthetic", "worn synthetic", "drawn pieces", "drawn cuts", "drawn signs")
    }


@pytest.mark.parametrize("all_writers", [False, True])
def test_writers_for_validation_are_trained_on_only_where_all_are_wanted(monkeypatch, all_writers):
    def of(split, told=None):
        labels = np.array({"train": [1, 2], "validation": [7]}[split])
        return digits.Digits(f"MNIST {split}", IMAGES[labels % 3], labels, labels)

    monkeypatch.setattr(mixture, "mnist", of)

    loaded = mixture.load("mnist", all_writers=all_writers)

    ((trained, share),) = loaded.parts
    assert share == 1
    assert trained.labels.tolist() == trained.writers.tolist() == ([1, 2, 7] if all_writers else [1, 2])
    assert np.array_equal(trained.images, IMAGES[trained.labels % 3])
    assert [part.name for part in loaded.validation] == ([] if all_writers else ["MNIST validation"])


@pytest.mark.parametrize("all_writers", [False, True])
def test_where_all_writers_are_trained_on_none_of_their_digits_validates(nothing_here, monkeypatch, all_writers):
    pools = {
        kind: mixture.Pool(size=20, share_per_epoch=1, datasets=("synthetic",), of_mnist=kind == "pieces")
        for kind in ("synthetic", "pieces")
    }
    monkeypatch.setattr(mixture, "POOLS", pools)

    loaded = mixture.load("synthetic", scale=0.1, all_writers=all_writers, processes=1)

    assert {part.name for part, _ in loaded.parts} == {"synthetic train", "pieces train"}
    kept = {"synthetic validation"} | (set() if all_writers else {"pieces validation"})
    assert {part.name for part in loaded.validation} == kept


class TakenError(Exception):
    """A digit of MNIST was."""


@pytest.mark.parametrize("kind", mixture.POOLS)
def test_a_pool_says_whether_it_holds_digits_of_mnist(monkeypatch, kind):
    def raising(error):
        def take(*_):
            raise error

        return take

    monkeypatch.setattr(pools, "mnist_is_here", lambda: True)
    monkeypatch.setattr(pools, "is_available", lambda _: False)
    monkeypatch.setattr(pools, "mnist_of", raising(TakenError()))
    for other in ("pens_of", "letters_of", "_kana"):
        monkeypatch.setattr(pools, other, raising(LookupError()))
    samples = pools._SAMPLERS[kind]("validation", np.random.default_rng(1))
    takes = False
    try:
        for _ in range(30):
            next(samples)
    except TakenError:
        takes = True
    except LookupError:
        pass

    assert takes == mixture.POOLS[kind].of_mnist


def test_even_the_smallest_share_of_a_pool_is_a_picture(nothing_here):
    assert all(len(part) == 1 for part, _ in mixture.load("synthetic", scale=1e-6, processes=1).parts)


def test_digits_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match="3 images, 2 labels"):
        digits.Digits("x", IMAGES, np.zeros(2, np.int64), np.zeros(3, np.int64))


def test_no_pen_writer_alphabet_or_class_is_on_two_sides():
    for table in (strokes.PEN_WRITERS, bitmaps.ALPHABETS, bitmaps.KMNIST_CLASSES):
        everyone = [member for split in get_args(digits.Split) for member in table[split]]

        assert len(everyone) == len(set(everyone))
    assert sorted(sum(strokes.PEN_WRITERS.values(), ())) == list(range(1, 31))


@pytest.mark.mnist
def test_no_writer_of_mnist_is_on_two_sides():
    if sources.find(sources.MNIST_WRITERS) is None or sources.find(sources.MNIST_TRAIN_IMAGES) is None:
        pytest.skip("MNIST and its writers lie in no data folder")

    train, validation = digits.mnist("train"), digits.mnist("validation")

    assert not set(train.writers) & set(validation.writers)
    assert len(train) + len(validation) == 60_000
    assert 4_000 < len(validation) < 8_000


UNIPEN = """
.SEGMENT DIGIT 0-1 ? "4"
.COMMENT 4 17 3
.PEN_DOWN
 10 100
 10 50
.PEN_UP
.DT 7
.PEN_DOWN
 20 80
 20 0
.PEN_UP
"""


def test_unipen_strokes_stand_upright_and_one_high():
    (pen,) = strokes.parse_unipen(UNIPEN)

    assert (pen.digit, pen.writer) == (4, 17)
    assert np.allclose(pen.strokes[0], [[0, 0], [0, 0.5]])
    assert np.allclose(pen.strokes[1], [[0.1, 0.2], [0.1, 1.0]])


@pytest.mark.parametrize(
    "broken", [UNIPEN.replace("80", "x"), UNIPEN.replace(" 100", ""), UNIPEN.replace(".COMMENT", ".C")]
)
def test_broken_unipen_text_is_told(broken):
    with pytest.raises(DataError, match="UNIPEN"):
        strokes.parse_unipen(broken)


def test_the_same_seed_makes_the_same_pictures_and_another_seed_others():
    once = pools.make("worn synthetic", "train", 12, seed=5)
    again = pools.make("worn synthetic", "train", 12, seed=5)
    other = pools.make("worn synthetic", "train", 12, seed=6)

    assert np.array_equal(once.images, again.images)
    assert np.array_equal(once.labels, again.labels)
    assert not np.array_equal(once.images, other.images)


def test_training_and_validation_pictures_differ():
    train = pools.make("synthetic", "train", 12, seed=5)
    validation = pools.make("synthetic", "validation", 12, seed=5)

    assert not np.array_equal(train.images, validation.images)


def test_a_data_set_that_does_not_exist_is_told():
    with pytest.raises(SettingsError, match="choose one of"):
        mixture.load("cifar")


def test_pens_without_their_file_are_told(nothing_here):
    with pytest.raises(DataError, match="pen/pendigits"):
        mixture.load("pens", scale=0.001)


def test_a_half_that_reads_as_a_digit_is_never_made():
    rng = np.random.default_rng(1)
    edges = {"left": np.s_[5:-5, 0], "right": np.s_[5:-5, -1], "top": np.s_[0, 5:-5], "bottom": np.s_[-1, 5:-5]}
    lost_when = {"right": "left", "left": "right", "bottom": "top", "top": "bottom"}
    values = dict(zip(edges, range(101, 105), strict=True))
    inks = []
    for digit in range(10):
        ink = np.full((60, 60), 1 + digit, np.uint8)
        for side, edge in edges.items():
            ink[edge] = values[side]
        inks.append((ink, digit))

    seen = set()
    for _ in range(400):
        half = pieces.half(lambda: inks[rng.integers(10)], rng)
        (lost,) = (side for side in edges if values[side] not in half)
        seen.add((lost_when[lost], half.min() - 1))

    assert seen == {(side, digit) for side in edges for digit in range(10) if digit not in pieces.READS_AS_DIGIT[side]}


@pytest.mark.parametrize("kind", sorted(pieces.PIECES))
def test_every_kind_of_piece_is_a_picture(kind):
    rng = np.random.default_rng(1)
    inks = [(pen_ink(digit), digit) for digit in range(10)]

    for _ in range(100):
        made = normalize(pieces.PIECES[kind](lambda: inks[rng.integers(10)], rng))

        assert made.shape == (28, 28)
        assert made.any() == (kind != "blank") or kind in ("noise", "half")


def test_a_narrow_pair_holds_two_strokes_beside_each_other():
    rng = np.random.default_rng(2)
    one = pen_ink(1)

    made = pieces.narrow_pair(lambda: (one, 1), rng)

    assert made.shape[1] > one.shape[1] * made.shape[0] / one.shape[0] * 1.2


def test_a_part_is_the_side_it_is_called():
    ink = np.arange(1, 101, dtype=np.uint8).reshape(10, 10)

    assert np.array_equal(pieces.part(ink, "left", 0.3), ink[:, :3])
    assert np.array_equal(pieces.part(ink, "bottom", 0.3), ink[7:])


def test_wear_never_loses_a_digit():
    rng = np.random.default_rng(3)

    for trial in range(300):
        assert np.count_nonzero(normalize(wear.wear(pen_ink(trial % 10, trial % 7), rng))) > 15


def test_wear_takes_a_blank_and_a_single_pixel():
    rng = np.random.default_rng(4)
    dot = np.full((1, 1), 255, np.uint8)

    for _ in range(100):
        wear.wear(np.zeros((20, 20), np.uint8), rng)
        wear.wear(dot, rng)
