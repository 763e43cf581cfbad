"""Read the arrays of an untrusted HDF5 or ONNX file, in a process of its own.

HDF5 can crash on damaged files, so the program itself never opens one. This script imports nothing
of Netsmith and is started with ``python -I``, an empty environment and ``/`` as its folder::

    helper.py SHAPE MOST_BYTES < file.h5 > numbers

``SHAPE`` is ``keras`` (the weights inside a ``.keras`` archive), ``h5`` or ``onnx`` (a whole model) or
``weights`` (the weights of an HDF5 file by layer name). Standard output receives the length of a JSON
header in eight bytes, the header, and the bytes of the arrays in the header's order. A file with more
than plain numbers gives ``{"refused": word}`` instead.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

MOST_OBJECTS = 200_000
DEEPEST = 60
MOST_GROWTH = 50
SMALL_BYTES = 1024 * 1024  # declared sizes below this may be sparse
LONGEST_NAME = 1000
LONGEST_CONFIG = 32 * 1024 * 1024
MEMORY_BYTES = 2 * 1024**3
BLOCK_BYTES = 16 * 1024**2
CPU_S = 55
_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000  # CLONE_NEWNET, CLONE_NEWUSER
_PLAIN_FILTERS = (1, 2, 3)  # deflate, shuffle, checksum
_LISTS = ("layer_names", "layer_names0")
_LAYERS = ("layers", "_layer_checkpoint_dependencies")  # the latter in Keras 2.12 and 2.13


class RefusedError(Exception):
    """The file is refused; the argument is the word for why."""


def confine(most_bytes: int) -> None:
    """Limit memory, time, file sizes and network access of this process."""
    try:
        import resource
    except ImportError:  # Windows has no such limits, only the parent's time limit
        return
    limits = {
        "RLIMIT_AS": MEMORY_BYTES,
        "RLIMIT_CPU": CPU_S,
        "RLIMIT_FSIZE": most_bytes + LONGEST_CONFIG,
        "RLIMIT_NOFILE": 64,
        "RLIMIT_CORE": 0,
    }
    for name, value in limits.items():
        kind = getattr(resource, name, None)
        if kind is not None:
            try:
                resource.setrlimit(kind, (value, value))
            except (ValueError, OSError):  # macOS does not support all of them
                continue
    if sys.platform == "linux":
        unshare = ctypes.CDLL(None).unshare
        if unshare(_NEW_NETWORK) != 0:
            unshare(_NEW_NETWORK | _NEW_USER)  # without user namespaces, the other limits remain


def answer(shape: str, most_bytes: int, source: IO[bytes], target: IO[bytes]) -> None:
    """Write the arrays of ``source``, or why it is refused, to the file ``target``."""
    known: dict[str, str] = {}
    try:
        _write_numbers(shape, most_bytes, source, target, known)
    except RefusedError as refused:
        _write_refusal(target, refused.args[0], known)
    except MemoryError:
        _write_refusal(target, "grows", known)
    except (
        OSError,
        RuntimeError,
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
        ArithmeticError,
    ):  # what h5py raises for damaged files
        _write_refusal(target, "damaged", known)


def _write_numbers(
    shape: str, most_bytes: int, source: IO[bytes], target: IO[bytes], known: dict[str, str]
) -> None:
    """Write header and arrays; ``known`` receives the network's description even if the arrays are damaged."""
    if shape == "onnx":
        _write_onnx(most_bytes, source, target)
        return
    import h5py

    reader = Reader(h5py.File(source, "r"), most_bytes, known)
    read = {"keras": reader.keras_weights, "h5": reader.whole_model, "weights": reader.weights}
    header = read[shape]()
    _write_header(target, header)
    for dataset in reader.datasets:
        for block in _blocks(dataset):
            target.write(block)
    target.flush()


def _write_onnx(most_bytes: int, source: IO[bytes], target: IO[bytes]) -> None:
    onnx_file = _load("onnx_file", Path(__file__).parent.parent / "onnx" / "file.py")
    source.seek(0)  # its first bytes have been read already
    try:
        header, blobs = onnx_file.read(source.read())
    except onnx_file.RefusedError as refused:
        raise RefusedError(refused.args[0]) from refused
    if sum(len(blob) for blob in blobs) > most_bytes:
        raise RefusedError("grows")
    _write_header(target, header)
    for blob in blobs:
        target.write(blob)
    target.flush()


def _load(name: str, path: Path) -> Any:
    """Import a module by its file; its folder must not be on the path, where it would shadow Python's modules."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise OSError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _write_refusal(target: IO[bytes], word: str, known: dict[str, str]) -> None:
    target.seek(0)
    target.truncate()
    _write_header(target, {"refused": word, **known})


def _write_header(target: IO[bytes], header: dict[str, Any]) -> None:
    content = json.dumps(header, ensure_ascii=False).encode("utf-8")  # a lone surrogate is damage
    target.write(len(content).to_bytes(8, "little"))
    target.write(content)
    target.flush()


class Reader:
    """Collects the arrays of an HDF5 file, checking every link, type and size first."""

    def __init__(self, file: Any, most_bytes: int, known: dict[str, str]) -> None:
        self.datasets: list[Any] = []
        self._file = file
        self._known = known
        self._left_bytes = most_bytes
        self._left_objects = MOST_OBJECTS
        self._arrays: list[dict[str, Any]] = []

    def keras_weights(self) -> dict[str, Any]:
        """Return the header for the weights of a ``.keras`` archive: arrays and layer names."""
        names: dict[str, str] = {}
        for key in self._file:
            path = _with_slashes(key)
            if path.partition("/")[0] in _LAYERS:
                self._walk(self._child(self._file, key), path, 1, names)
        return {"arrays": self._arrays, "names": names}

    def whole_model(self) -> dict[str, Any]:
        """Return the header for a whole model: its description, and each layer's arrays in order."""
        config = self._text(self._file, "model_config", LONGEST_CONFIG)
        if config is None:
            keeps_weights = any(name in self._file for name in _LAYERS)
            keeps_weights |= any(name in self._file.attrs for name in _LISTS)
            raise RefusedError("weights only" if keeps_weights else "no model")
        self._known["config"] = config
        layers = self._listed(self._child(self._file, "model_weights"))
        return {
            "arrays": self._arrays,
            "layers": layers,
            "config": config,
            "keras_version": self._text(self._file, "keras_version", LONGEST_NAME) or "",
        }

    def weights(self) -> dict[str, Any]:
        """Return the header for weights by layer name, with or without a network."""
        inner = "model_weights"
        group = self._child(self._file, inner) if inner in self._file else self._file
        if not any(name in group.attrs for name in _LISTS):
            return self.keras_weights()
        layers = self._listed(group)
        return {"arrays": self._arrays, "layers": layers}

    def _listed(self, weights: Any) -> dict[str, int]:
        """Add each layer's arrays in order; return how many each layer has."""
        layers: dict[str, int] = {}
        for name in self._texts(weights, "layer_names"):
            group = self._child(weights, name)
            paths = self._texts(group, "weight_names")
            for path in paths:
                self._add(self._descend(group, path), f"{name}/{path}")
            layers[name] = len(paths)
        return layers

    def _walk(self, group: Any, path: str, depth: int, names: dict[str, str]) -> None:
        if depth > DEEPEST:
            raise RefusedError("deep")
        name = self._text(group, "name", LONGEST_NAME)
        if name is not None:
            names[path] = name
        for key in group:
            member, inner = self._child(group, key), f"{path}/{_with_slashes(key)}"
            if _is_group(member):
                self._walk(member, inner, depth + 1, names)
            else:
                self._add(member, inner)

    def _child(self, group: Any, name: str) -> Any:
        import h5py

        self._left_objects -= 1
        if self._left_objects < 0:
            raise RefusedError("many")
        if len(name) > LONGEST_NAME:
            raise RefusedError("damaged")
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise RefusedError("link")
        return group[name]

    def _descend(self, group: Any, path: str) -> Any:
        parts = path.split("/")
        if len(parts) > DEEPEST:
            raise RefusedError("deep")
        for part in parts:
            group = self._child(group, part)
        return group

    def _text(self, group: Any, name: str, longest: int) -> str | None:
        if name not in group.attrs:
            return None
        value = group.attrs[name]
        text = value.decode("utf-8") if isinstance(value, bytes) else value
        if not isinstance(text, str) or len(text) > longest:
            raise RefusedError("damaged")
        return text

    def _texts(self, group: Any, name: str) -> list[str]:
        """Return a list of texts; Keras splits a long one into ``name0, name1...``."""
        if name in group.attrs:
            parts = [group.attrs[name]]
        else:
            parts, number = [], 0
            while f"{name}{number}" in group.attrs:
                parts.append(group.attrs[f"{name}{number}"])
                number += 1
        texts = []
        for item in (item for part in parts for item in part):
            self._left_objects -= 1
            text = item.decode("utf-8") if isinstance(item, bytes) else item
            if not isinstance(text, str) or self._left_objects < 0:
                raise RefusedError("damaged")
            texts.append(text)
        return texts

    def _add(self, dataset: Any, path: str) -> None:
        import h5py

        if not isinstance(dataset, h5py.Dataset):
            raise RefusedError("damaged")
        _check_storage(dataset)
        size_bytes = dataset.size * (4 if _is_short_float(dataset) else dataset.dtype.itemsize)
        if size_bytes > SMALL_BYTES + MOST_GROWTH * dataset.id.get_storage_size():
            raise RefusedError("grows")
        self._left_bytes -= size_bytes
        if self._left_bytes < 0:
            raise RefusedError("grows")
        self._arrays.append({"path": path, "dtype": _kind(dataset), "shape": list(dataset.shape)})
        self.datasets.append(dataset)


def _with_slashes(key: str) -> str:
    return key.replace("\\", "/")  # Keras 2.12 on Windows


def _is_group(member: Any) -> bool:
    import h5py

    return isinstance(member, h5py.Group)


def _check_storage(dataset: Any) -> None:
    """Refuse external storage, unusual filters, and anything but plain numbers."""
    from h5py import h5t

    if dataset.external or dataset.is_virtual:
        raise RefusedError("link")
    plist = dataset.id.get_create_plist()
    for number in range(plist.get_nfilters()):
        if plist.get_filter(number)[0] not in _PLAIN_FILTERS:
            raise RefusedError("packing")
    kind = dataset.id.get_type()
    if kind.get_class() == h5t.OPAQUE and kind.get_size() == 2 and _is_short_float(dataset):
        return
    if kind.get_class() not in (h5t.INTEGER, h5t.FLOAT, h5t.ENUM) or kind.get_size() > 8:
        raise RefusedError("type")
    if dataset.dtype.kind not in "fiub" or dataset.shape is None:
        raise RefusedError("type")


def _is_short_float(dataset: Any) -> bool:
    """Tell whether these are bfloat16, which Keras stores as opaque pairs of bytes."""
    told = dataset.attrs.get("dtype")
    return dataset.dtype.str == "|V2" and dataset.shape is not None and told == "bfloat16"


def _kind(dataset: Any) -> str:
    """Return the dtype in which an array is written."""
    return "<f4" if _is_short_float(dataset) else str(dataset.dtype.newbyteorder("<").str)


def _bytes(dataset: Any, numbers: Any) -> bytes:
    if _is_short_float(dataset):  # the upper half of a float32
        import numpy as np

        return bytes((np.asarray(numbers).view("<u2").astype("<u4") << 16).tobytes())
    return bytes(numbers.astype(_kind(dataset)).tobytes())


def _blocks(dataset: Any) -> Iterator[bytes]:
    """Yield the bytes of an array in blocks of rows."""
    if dataset.ndim == 0:
        yield _bytes(dataset, dataset[()])
        return
    row_bytes = max(1, dataset.size // max(1, dataset.shape[0]) * dataset.dtype.itemsize)
    rows = max(1, BLOCK_BYTES // row_bytes)
    for start in range(0, dataset.shape[0], rows):
        yield _bytes(dataset, dataset[start : start + rows])


def main() -> None:
    """Read from standard input, write to standard output."""
    shape, most_bytes = sys.argv[1], int(sys.argv[2])
    confine(most_bytes)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # each thread reserves memory, which is limited here
    os.environ["HDF5_PLUGIN_PRELOAD"] = "::"  # load no filter plugins
    with open(0, "rb", buffering=0) as source, open(1, "wb") as target:
        answer(shape, most_bytes, source, target)


if __name__ == "__main__":
    main()
