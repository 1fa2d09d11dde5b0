"""MNIST's test digits under the corruptions of MNIST-C, through the network and, where a camera makes it, the reader.

The network sees each corrupted picture after `normalize`, as everything that it is asked about. The reader sees the
picture alone, six times as large, dark ink on light paper, as a photograph of one digit with nothing around it; what it
answers counts when it is that one digit and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from core.classifier import Classifier
from core.datasets import mnist
from core.evaluation.answers import answer
from core.evaluation.corruptions import BY_CAMERA, CORRUPTIONS, corrupted
from core.evaluation.measures import Share
from core.evaluation.report import Part, Row, needs_data, share_row, slug
from core.images import Image
from core.normalization import normalize
from core.reader import Reader
from core.recognition import store as recognition

DIGITS_PER_CORRUPTION = 2_000
READ_PER_CORRUPTION = 50
ENLARGED = 6
"""A digit of 20 pixels is then as tall as one in a photograph."""


@needs_data("MNIST's test set under the corruptions of MNIST-C")
def on_corruptions(classifier: Classifier, count: int = DIGITS_PER_CORRUPTION, read: int = READ_PER_CORRUPTION) -> Part:
    """Each corruption on `count` digits for the network and on `read` of them for the reader."""
    digits = mnist("test")
    chosen = digits.where(spread(len(digits), count))
    few = spread(len(chosen), read)
    reader = Reader(classifier, recognition.beside(classifier))
    by_network: dict[str, Share] = {}
    by_reader: dict[str, Share] = {}
    as_it_is: list[Share] = []
    for name in tqdm(CORRUPTIONS, desc="corruptions", leave=False, disable=None):
        images = corrupted(name, chosen.images)
        as_it_is.append(answer(classifier, images, chosen.labels).accuracy)
        normalized = np.stack([normalize(image) for image in images])
        by_network[name] = answer(classifier, normalized, chosen.labels).accuracy
        if name in BY_CAMERA:
            by_reader[name] = read_alone(reader, images[few], chosen.labels[few])
    return Part(rows=(*_means(by_network, by_reader, as_it_is), *_rows(by_network, by_reader)))


def spread(length: int, count: int) -> NDArray[np.int64]:
    """Places of at most `count` of `length`, evenly apart: MNIST's test set begins with its clearer half."""
    return np.unique(np.linspace(0, length - 1, min(count, length)).astype(np.int64))


def read_alone(reader: Reader, images: NDArray[np.uint8], labels: NDArray[np.integer]) -> Share:
    """Pictures, (n, 28, 28) uint8 with 255 = ink, of which the reader makes the one digit of `labels` and no more."""
    texts = [reader.read(photograph(image)).text for image in images]
    return Share(sum(text == str(label) for text, label in zip(texts, labels, strict=True)), len(labels))


def photograph(ink: NDArray[np.uint8]) -> Image:
    """(28, 28) uint8, 255 = ink, as a picture of 168 x 168 pixels with dark ink."""
    large = cv2.resize(ink, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    return Image(np.asarray(cv2.cvtColor(255 - large, cv2.COLOR_GRAY2RGB), np.uint8))


def _means(by_network: dict[str, Share], by_reader: dict[str, Share], as_it_is: list[Share]) -> tuple[Row, ...]:
    best = [by_reader.get(name, share) for name, share in by_network.items()]
    how = f"{len(by_reader)} by the reader, {len(by_network) - len(by_reader)} by the network"
    return (
        _mean_row("", "mean, by the reader where a camera makes it", best, how),
        _mean_row("network_", "mean, by the network alone", by_network.values()),
        _mean_row("raw_", "mean, by the network, not normalized", as_it_is),
        _mean_row("reader_", "mean of a camera's, by the reader", by_reader.values()),
    )


def _mean_row(which: str, name: str, shares: Iterable[Share], note: str = "") -> Row:
    """Without an interval: they are the same digits again and again."""
    mean = float(np.mean([share.value for share in shares]))
    return Row(f"corruptions_{which}mean", name, mean, "share", note=note)


def _rows(by_network: dict[str, Share], by_reader: dict[str, Share]) -> tuple[Row, ...]:
    rows: list[Row] = []
    for name, share in by_network.items():
        rows.append(share_row(f"corruptions_{slug(name)}", f"  {name}", share))
        if name in by_reader:
            rows.append(share_row(f"corruptions_{slug(name)}_read", "    by the reader", by_reader[name]))
    return tuple(rows)
