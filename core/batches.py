"""Batches for training, made in threads beside the network so that it never waits for one."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from core.augmentation import Augmentation, augment
from core.datasets import Digits

Batch = tuple[NDArray[np.uint8], NDArray[np.int64]]

BATCHES_PER_TASK = 8
TASKS_AHEAD = 4
"""A task takes some 20 ms, its batches train for half a second: four are more than enough, and a few megabytes."""


def steps_per_epoch(parts: tuple[tuple[Digits, float], ...], batch_size: int) -> int:
    """Whole batches in an epoch that takes a share of each part."""
    return sum(round(len(digits) * share) for digits, share in parts) // batch_size


def epoch_batches(
    parts: tuple[tuple[Digits, float], ...],
    augmentation: Augmentation,
    *,
    batch_size: int,
    seed: int,
    epoch: int,
    skip: int = 0,
) -> Iterator[Batch]:
    """One epoch, shuffled and augmented: batches of (batch_size, 28, 28) uint8 and (batch_size,) int64.

    The same seed and epoch give the same batches, in whatever order threads finish. skip: batches to leave out, those
    that were trained on before a training was interrupted.
    """
    rng = np.random.default_rng([seed, epoch])
    chosen = [rng.permutation(len(digits))[: round(len(digits) * share)] for digits, share in parts]
    part = np.repeat(np.arange(len(parts)), [len(indices) for indices in chosen])
    place = np.concatenate(chosen)
    order = rng.permutation(len(place))[: steps_per_epoch(parts, batch_size) * batch_size]
    size = batch_size * BATCHES_PER_TASK
    tasks = [order[start : start + size] for start in range(0, len(order), size)]

    def prepared(number: int) -> Batch:
        images = np.stack(
            [parts[p][0].images[i] for p, i in zip(part[tasks[number]], place[tasks[number]], strict=True)]
        )
        labels = np.array(
            [parts[p][0].labels[i] for p, i in zip(part[tasks[number]], place[tasks[number]], strict=True)]
        )
        return augment(images, augmentation, np.random.default_rng([seed, epoch, number + 1])), labels

    first, within = divmod(skip, BATCHES_PER_TASK)
    with ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // 2)) as executor:
        waiting: deque[Future[Batch]] = deque()
        for number in range(first, len(tasks)):
            waiting.append(executor.submit(prepared, number))
            if len(waiting) > TASKS_AHEAD:
                yield from _parted(waiting.popleft().result(), batch_size, within)
                within = 0
        while waiting:
            yield from _parted(waiting.popleft().result(), batch_size, within)
            within = 0


def _parted(task: Batch, batch_size: int, skip: int) -> Iterator[Batch]:
    images, labels = task
    for start in range(skip * batch_size, len(images), batch_size):
        yield images[start : start + batch_size], labels[start : start + batch_size]
