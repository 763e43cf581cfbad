"""Read the public data sets from their official files."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.data.downloads import REMOTE_FILES, is_known, obtain
from engine.data.files import named, read_regular
from engine.data.idx import read_idx
from engine.data.info import DataInfo
from engine.data.loaded import Part
from engine.data.npz import npy_header, read_archive
from engine.data.progress import IsCancelled, Progress, stop_if
from engine.data.safe_pickle import read_objects
from engine.data.samples import Samples
from engine.errors import BadInput, UnsafeFile

_FIRST_WORD = 3  # as Keras numbers words: 0 fills up, 1 starts a text, 2 is any rare word
_START, _RARE = 1, 2
_MOST_BYTES = 1024**3
_PRICE_UNIT = 100_000.0  # dollars; the unit of the same set in scikit-learn

Content: TypeAlias = Sequence[Any]


def read_download(info: DataInfo, progress: Progress, cancelled: IsCancelled) -> Samples:
    """Return the samples of a public set, downloading its files if necessary.

    Errors as in `engine.data.downloads.obtain`.
    """
    files = REMOTE_FILES[info.source]
    paths = [obtain(remote, info.title, progress, cancelled) for remote in files]
    stop_if(cancelled)
    progress(f"Reading {info.title}", 0, 0)
    if info.source == "fashion_mnist":
        train_x, train_y, test_x, test_y = (read_idx(path, progress, cancelled) for path in paths)
        return _pictures(info, train_x, train_y, test_x, test_y)
    return read_official(info, paths[0])


def read_official(info: DataInfo, path: Path) -> Samples:
    """Return the samples of the official file of a set, at any path.

    Raises
    ------
    BadInput
        If its checksum is wrong, which is verified before it is parsed.
    """
    remote = REMOTE_FILES[info.source][0]
    if os.path.isdir(path) or not is_known(content := read_regular(path, _MOST_BYTES), remote):
        name = remote.url.rsplit("/", 1)[-1]
        raise BadInput(
            f'"{named(path)}" is not the official {info.title} file ({name}): choose that one'
        )
    return _READERS[info.source](info, content)


def _pictures(
    info: DataInfo,
    train_x: npt.NDArray[Any],
    train_y: npt.NDArray[Any],
    test_x: npt.NDArray[Any],
    test_y: npt.NDArray[Any],
) -> Samples:
    rest, test = (
        Part(x.reshape(-1, *info.input_shape), y.astype(np.int32).reshape(-1))
        for x, y in ((train_x, train_y), (test_x, test_y))
    )
    return Samples(info, rest, test)


def _mnist(info: DataInfo, content: bytes) -> Samples:
    arrays = read_archive(io.BytesIO(content), "mnist.npz")
    return _pictures(info, arrays["x_train"], arrays["y_train"], arrays["x_test"], arrays["y_test"])


def _housing(info: DataInfo, content: bytes) -> Samples:
    arrays = read_archive(io.BytesIO(content), "california_housing.npz")
    y = (arrays["y"].reshape(-1, 1) / _PRICE_UNIT).astype(np.float32)
    return Samples(info, Part(arrays["x"].astype(np.float32), y))


def _cifar10(info: DataInfo, content: bytes) -> Samples:
    batches = [f"cifar-10-batches-py/data_batch_{number}" for number in range(1, 6)]
    read = _members(content, [*batches, "cifar-10-batches-py/test_batch"])
    return _cifar(info, read[:-1], read[-1], b"labels")


def _cifar100(info: DataInfo, content: bytes) -> Samples:
    train, test = _members(content, ["cifar-100-python/train", "cifar-100-python/test"])
    return _cifar(info, [train], test, b"fine_labels")


def _members(content: bytes, names: Sequence[str]) -> list[dict[bytes, Any]]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        streams = [archive.extractfile(name) for name in names]
        return [read_objects(stream.read()) for stream in streams if stream is not None]


def _cifar(
    info: DataInfo, train: Sequence[dict[bytes, Any]], test: dict[bytes, Any], key: bytes
) -> Samples:
    def pixels(batch: dict[bytes, Any]) -> npt.NDArray[Any]:
        planes = batch[b"data"].reshape(-1, 3, 32, 32)  # (n, c, h, w)
        return np.ascontiguousarray(planes.transpose(0, 2, 3, 1))  # (n, h, w, c)

    return _pictures(
        info,
        np.concatenate([pixels(batch) for batch in train]),
        np.concatenate([np.asarray(batch[key]) for batch in train]),
        pixels(test),
        np.asarray(test[key]),
    )


def _imdb(info: DataInfo, content: bytes) -> Samples:
    arrays = _object_archive(content)
    rest, test = (
        Part(word_numbers(arrays[f"x_{part}"], info), arrays[f"y_{part}"].astype(np.int32))
        for part in ("train", "test")
    )
    return Samples(info, rest, test)


def _reuters(info: DataInfo, content: bytes) -> Samples:
    arrays = _object_archive(content)
    return Samples(info, Part(word_numbers(arrays["x"], info), arrays["y"].astype(np.int32)))


def _object_archive(content: bytes) -> dict[str, Any]:
    """Return the arrays of a known archive; those of objects as lists."""
    found: dict[str, Any] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            array = archive.read(name)
            found[name.removesuffix(".npy")] = _npy(array)
    return found


def _npy(array: bytes) -> Any:
    stream = io.BytesIO(array)
    try:
        npy_header(stream, "the archive")
    except UnsafeFile:  # objects: a pickle follows the header
        return read_objects(array[stream.tell() :])
    stream.seek(0)
    return np.load(stream, allow_pickle=False)


def word_numbers(texts: Sequence[Sequence[int]], info: DataInfo) -> npt.NDArray[np.int32]:
    """Return texts as (n, length) word numbers, padded and truncated at the front.

    Numbered as in Keras: 0 is padding, 1 the start of a text, 2 any word outside the vocabulary, and 4
    the most frequent word.
    """
    length, words = info.input_shape[0], info.vocabulary_size or 0
    numbers = np.zeros((len(texts), length), np.int32)
    for row, text in zip(numbers, texts, strict=True):
        tail = np.asarray([_START - _FIRST_WORD, *text][-length:], np.int32) + _FIRST_WORD
        row[length - len(tail) :] = np.where(tail < words, tail, _RARE)
    return numbers


_READERS: Final[Mapping[str, Callable[[DataInfo, bytes], Samples]]] = MappingProxyType(
    {
        "mnist": _mnist,
        "california_housing": _housing,
        "cifar10": _cifar10,
        "cifar100": _cifar100,
        "imdb": _imdb,
        "reuters": _reuters,
    }
)
