"""Everything one training sees: recorded, drawn and worn digits, and what is none, each from its own split.

Pictures that must be rendered are made once, by several processes, from seeds that depend on nothing but the settings;
how much of each pool an epoch takes is said in `POOLS`. With other data folders, "all" is other pictures.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait

from core.datasets import sources
from core.datasets.bitmaps import optdigits
from core.datasets.digits import Digits, joined, mnist
from core.datasets.pools import is_available, make
from core.errors import DataError, SettingsError

VALIDATION_SHARE = 1 / 12
"""Rendered pictures for validation, as a share of those to train on."""
MNIST_TRAINS = 54_000
"""Digits of MNIST that are trained on, about: the split goes by writer."""
DATASETS = ("all", "mnist", "pens", "synthetic")
"""What a training may be on; all but "all" may be joined, as in "mnist+pens"."""


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Pictures of one making.

    size: how many are made; share_per_epoch: how many of them an epoch sees, 0 to 1.
    calibrates: whether its validation pictures say how sure an answer may be: not hypotheses only the reader meets.
    certain: whether its labels are right even where a picture alone looks otherwise: how it was made tells what it is.
    of_mnist: whether digits of MNIST are in its pictures, those for validation in its validation pictures.
    """

    size: int
    share_per_epoch: float
    datasets: tuple[str, ...]
    calibrates: bool = True
    certain: bool = False
    of_mnist: bool = False


# An epoch of "all" has some 150,000 pictures: 54,000 of MNIST and more others, a quarter of everything no digits.
POOLS: dict[str, Pool] = {
    "worn MNIST": Pool(size=80_000, share_per_epoch=0.15, datasets=("all",), of_mnist=True),
    "pens": Pool(size=100_000, share_per_epoch=0.2, datasets=("all", "pens")),
    "worn pens": Pool(size=40_000, share_per_epoch=0.125, datasets=("all",)),
    "synthetic": Pool(size=40_000, share_per_epoch=0.125, datasets=("all", "synthetic")),
    "worn synthetic": Pool(size=40_000, share_per_epoch=0.125, datasets=("all", "synthetic")),
    "pieces": Pool(size=120_000, share_per_epoch=0.15, datasets=("all",), of_mnist=True),
    "cuts": Pool(size=100_000, share_per_epoch=0.225, datasets=("all",), calibrates=False, certain=True, of_mnist=True),
    "drawn pieces": Pool(size=120_000, share_per_epoch=0.15, datasets=("synthetic",)),
    "drawn cuts": Pool(size=100_000, share_per_epoch=0.225, datasets=("synthetic",), calibrates=False, certain=True),
    "drawn signs": Pool(size=32_000, share_per_epoch=0.175, datasets=("all", "synthetic")),
    "characters": Pool(size=24_000, share_per_epoch=0.2, datasets=("all",)),
}


@dataclass(frozen=True, eq=False)
class Mixture:
    """What one training needs.

    parts: (digits, share of them per epoch).
    validation: never trained on, by part; says how well it goes and how sure an answer may be.
    observed: never trained on; says only how well it goes.
    certain: names of parts whose labels count whatever a network makes of them.
    """

    parts: tuple[tuple[Digits, float], ...]
    validation: tuple[Digits, ...]
    observed: tuple[Digits, ...] = ()
    certain: frozenset[str] = frozenset()


def check_dataset(name: str) -> str:
    """`name` where it names a data set, or several joined by "+".

    Raises:
        SettingsError: there is no such data set.
    """
    chosen = name.split("+")
    joined = len(chosen) > 1
    if not set(chosen) <= set(DATASETS) or (joined and "all" in chosen) or len(set(chosen)) < len(chosen):
        ways = f"choose one of {', '.join(DATASETS)}, or join some as in mnist+pens"
        raise SettingsError(f"there is no data set {name[:60]!r}; {ways}")
    return name


def load(
    name: str,
    *,
    seed: int = 0,
    scale: float = 1.0,
    all_writers: bool = False,
    processes: int | None = None,
    told: sources.Told = lambda *_: None,
) -> Mixture:
    """Everything for one training on a data set by name.

    "all" takes what is there: MNIST and, where they lie in a data folder, pendigits, optdigits and foreign characters.

    scale: of the rendered pools' sizes; tests and trials make them small. all_writers: MNIST's writers for validation
    are trained on, too, so that nothing made of their digits is left for validation. told: of what is made and
    fetched, as it goes; what it raises ends the loading.

    Raises:
        SettingsError: no such data set. DataError: its files are missing or damaged.
    """
    chosen = set(check_dataset(name).split("+"))
    parts: list[tuple[Digits, float]] = []
    validation: list[Digits] = []
    observed: list[Digits] = []
    certain: set[str] = set()
    if chosen & {"mnist", "all"}:
        trained, unseen = mnist("train", told=told), mnist("validation", told=told)
        if all_writers:
            parts.append((joined("MNIST train and validation", trained, unseen), 1.0))
        else:
            parts.append((trained, 1.0))
            validation.append(unseen)
    if "all" in chosen and sources.find(sources.OPTDIGITS_TRAIN):
        parts.append((optdigits("train"), 1.0))
        validation.append(optdigits("validation"))
    if "pens" in chosen and not sources.find(sources.PENDIGITS):
        sources.content(sources.PENDIGITS)  # says where it would have to lie
    with _executor(processes) as executor:
        for kind, pool in POOLS.items():
            if chosen.intersection(pool.datasets) and is_available(kind):
                count = max(1, round(pool.size * scale))
                made = make(kind, "train", count, seed=seed, executor=executor, told=told)
                parts.append((made, pool.share_per_epoch))
                certain |= {made.name} if pool.certain else set()
                if all_writers and pool.of_mnist:
                    continue
                count = max(200, round(pool.size * scale * VALIDATION_SHARE))
                unseen = make(kind, "validation", count, seed=seed, executor=executor, told=told)
                (validation if pool.calibrates else observed).append(unseen)
    if not parts:
        raise DataError(
            f"no file of the data set {name!r} was found; train on 'synthetic' or name a folder in DIGITSCOPE_DATA"
        )
    return Mixture(tuple(parts), tuple(validation), tuple(observed), frozenset(certain))


def pictures_of(name: str, scale: float = 1.0) -> tuple[int, int]:
    """How many pictures a training on `name` draws before it begins, and how many an epoch sees; no file is read."""
    chosen = set(check_dataset(name).split("+"))
    recorded = MNIST_TRAINS if chosen & {"mnist", "all"} else 0
    pools = [pool for kind, pool in POOLS.items() if chosen.intersection(pool.datasets) and is_available(kind)]
    drawn = round(sum(pool.size * scale * (1 + VALIDATION_SHARE) for pool in pools))
    return drawn, recorded + round(sum(pool.size * scale * pool.share_per_epoch for pool in pools))


def _executor(processes: int | None) -> ProcessPoolExecutor:
    # spawn: a fork of a process in which TensorFlow already runs threads can hang.
    return ProcessPoolExecutor(
        processes or os.cpu_count() or 1, mp_context=get_context("spawn"), initializer=_end_with_parent
    )


def _end_with_parent() -> None:
    """Workers wait for work for ever, also where a parent was killed and can send none: end with it."""
    parent = parent_process()
    assert parent is not None, "only workers are told"

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
