"""Where data sets lie, how their content is known, and how MNIST is fetched.

A file is known by the SHA-256 of its content (decompressed where it is gzip: the time stamp inside a .gz differs
between copies of the same data). It is looked for in the folder that `DIGITSCOPE_DATA` names, or without it in
`../shared/data` beside the repository; then in the user's cache, which MNIST alone is downloaded into.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from platformdirs import user_cache_path
from tqdm import tqdm

from core import files
from core.datasets import idx
from core.errors import DataError

DATA_VARIABLE = "DIGITSCOPE_DATA"
BESIDE_REPOSITORY = files.REPOSITORY.parent / "shared" / "data"
MNIST_MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
ROUNDS = 2
"""How often all mirrors are tried: a second round mends a dropped connection, a third has never helped."""
TIMEOUT_S = 20.0
DOWNLOAD_LIMIT = 1 << 26
"""Bytes; MNIST's largest file has a sixth of it."""
_CHUNK = 1 << 16

Opener = Callable[[str], BinaryIO]
Told = Callable[[str, int, int], None]
"""Told what is being made or fetched, how much of it is done, and how much there is to do (0: nobody knows)."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file of a data set.

    file: its place in a data folder. sha256: of its content, decompressed.
    origin: where it is published, by whom, under which license. urls: where a program may fetch it; often nowhere.
    """

    file: str
    sha256: str
    origin: str
    urls: tuple[str, ...] = ()


_LECUN = (
    "MNIST; LeCun, Cortes and Burges 1998, from NIST SD 3 and SD 1; CC BY-SA 3.0; http://yann.lecun.com/exdb/mnist/"
)


def _mnist(name: str, sha256: str) -> Source:
    return Source(
        file=f"mnist/{name}.gz", sha256=sha256, origin=_LECUN, urls=tuple(f"{m}{name}.gz" for m in MNIST_MIRRORS)
    )


MNIST_TRAIN_IMAGES = _mnist(
    "train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
)
MNIST_TRAIN_LABELS = _mnist(
    "train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
)
MNIST_TEST_IMAGES = _mnist("t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7")
MNIST_TEST_LABELS = _mnist("t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2")
MNIST_WRITERS = Source(
    file="mnist/writers-train-idx2-int.gz",
    sha256="bb1b6e1ec7b04fd5696f1ed50b5f58f8ef195118edd5c93c81783df9740b8ac5",
    origin="QMNIST's labels; Yadav and Bottou 2019; BSD style; https://github.com/facebookresearch/qmnist",
)
PENDIGITS = Source(
    file="pen/pendigits-orig.tra.gz",
    sha256="a66225d68d7d68591e62944df1ad33b3f5aa608e2df2505844b41f5568a80da4",
    origin="Pen-Based Recognition of Handwritten Digits; Alpaydin and Alimoglu 1998; CC BY 4.0; "
    "https://archive.ics.uci.edu/dataset/81",
)
OPTDIGITS_TRAIN = Source(
    file="optdigits/optdigits-orig.tra.npz",
    sha256="d2cc26c77e778af46c5f72b58fb20f1f0115b3682b10f079b22b85b3c0b79c7e",
    origin="Optical Recognition of Handwritten Digits, original bitmaps packed; Alpaydin and Kaynak 1998; CC BY 4.0; "
    "https://archive.ics.uci.edu/dataset/80",
)
OPTDIGITS_VALIDATION = Source(
    file="optdigits/optdigits-orig.tes.npz",
    sha256="21fb949bde1d3412bc6abf7f1123147b8549f1cacc22a0a0e76d5ce69536d7b1",
    origin=OPTDIGITS_TRAIN.origin,
)
OMNIGLOT = Source(
    file="nondigits/omniglot-small1.zip",
    sha256="f38eb80f801274ac2b4dff5b24289016bfaba4a7d5bb50deebf27104ad6cb8a4",
    origin="Omniglot, images_background_small1; Lake, Salakhutdinov and Tenenbaum 2015; MIT; "
    "https://github.com/brendenlake/omniglot",
)
KMNIST_IMAGES = Source(
    file="nondigits/kmnist-test-imgs.npz",
    sha256="692d824896bec8f3c357ebf7a0fe904ed67ac632ce953d0b58f7fbef7bb27d87",
    origin="Kuzushiji-MNIST's test set; Clanuwat and others 2018, CODH; CC BY-SA 4.0; "
    "https://github.com/rois-codh/kmnist",
)
KMNIST_LABELS = Source(
    file="nondigits/kmnist-test-labels.npz",
    sha256="660f13a4705431ea2a6391c41ecbe384cd0d932c595a101ec4f3b8989e785046",
    origin=KMNIST_IMAGES.origin,
)


def cache_folder() -> Path:
    """Where downloads are kept: the user's cache."""
    return user_cache_path("digitscope") / "data"


def folders() -> tuple[Path, ...]:
    """Folders that are searched, in order."""
    named = os.environ.get(DATA_VARIABLE)
    return Path(named).expanduser() if named else BESIDE_REPOSITORY, cache_folder()


def find(source: Source) -> Path | None:
    """The file of a source, under its name or without ".gz"; None where no folder has it. Its content is not read."""
    names = (source.file, source.file.removesuffix(".gz"))
    return next((folder / name for folder in folders() for name in names if (folder / name).is_file()), None)


def content(source: Source) -> bytes:
    """The verified content of a source that lies in one of the folders.

    Raises:
        DataError: it lies nowhere, or its content is not what was published.
    """
    path = find(source)
    if path is None:
        where = " or ".join(str(folder) for folder in folders())
        raise DataError(f"{source.file} is not in {where}; put it there ({source.origin}) or train without it")
    return verified(idx.read_bytes(path), source, path)


def fetch(source: Source, opener: Opener | None = None, told: Told | None = None) -> bytes:
    """The verified content of a source, downloaded into the cache where it lies nowhere.

    told: of the download in bytes, instead of a bar on the terminal; what it raises ends it.

    A damaged file in the cache, half written say, is fetched again; one in a folder of the user's own is not touched.

    Raises:
        DataError: no mirror answers with the right content, or the user's own copy is damaged.
        StorageError: the cache cannot be written.
    """
    path = find(source)
    if path is not None:
        try:
            return verified(idx.read_bytes(path), source, path)
        except DataError:
            if not path.is_relative_to(cache_folder()):
                raise
    return _download(source, opener or _open, told)


def verified(data: bytes, source: Source, place: Path | str) -> bytes:
    """`data`, if it is the content of `source`; `place` is for the error message.

    Raises:
        DataError: it is not.
    """
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise DataError(
            f"{place} is not the published {source.file} (its SHA-256 differs); delete it and fetch it again"
        )
    return data


def _download(source: Source, opener: Opener, told: Told | None) -> bytes:
    """Try each mirror in turn, twice; keep the first file whose content is right."""
    # A tenth of a second of loading, which only a download should pay.
    from http.client import HTTPException

    reasons: list[str] = []
    for attempt in range(ROUNDS):
        for url in source.urls:
            try:
                received = _received(url, opener, told)
                data = verified(idx.decompressed(received, url), source, url)
            except (OSError, HTTPException, DataError) as error:
                reasons.append(str(error) or type(error).__name__)
            else:
                files.write_bytes(cache_folder() / source.file, received)
                return data
        time.sleep(0.5 * (attempt < ROUNDS - 1))
    raise DataError(
        f"{source.file} could not be downloaded ({reasons[-1] if reasons else 'it has no mirror'}); "
        f"connect to the internet, or put it into a folder and name that folder in {DATA_VARIABLE}"
    )


def _received(url: str, opener: Opener, told: Told | None) -> bytes:
    received = bytearray()
    name = url.rpartition("/")[2]
    # Nothing but lines where there is no terminal.
    bar = tqdm(desc=name, unit="B", unit_scale=True, leave=False, disable=True if told else None)
    with opener(url) as response, bar:
        headers = getattr(response, "headers", {})  # what comes from elsewhere than the net has none
        size = str(headers.get("Content-Length", ""))
        while chunk := response.read(_CHUNK):
            received += chunk
            bar.update(len(chunk))
            if told:
                told(f"downloading {name}", len(received), int(size) if size.isdigit() else 0)
            if len(received) > DOWNLOAD_LIMIT:
                raise DataError(f"{url} sends more than {DOWNLOAD_LIMIT} bytes")
    return bytes(received)


def _open(url: str) -> BinaryIO:
    from urllib.request import urlopen

    response: BinaryIO = urlopen(url, timeout=TIMEOUT_S)  # noqa: S310 - the addresses above, all https
    return response
