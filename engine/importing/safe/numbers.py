"""Read the arrays of an untrusted file through the helper process, and check its answer."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal

import numpy as np
import numpy.typing as npt

from engine.errors import BadInput, NetsmithError, UnsafeFile, quoted
from engine.importing.keras.foreign import refuse_programs
from engine.importing.onnx.external_data import DataFiles
from engine.importing.safe.archive import DAMAGED, MOST_GROWTH, FileFormat
from engine.importing.safe.strict_json import check_letters, parse

LONGEST_S = 60.0
_MOST_BYTES = 6 * 1024**3  # 1.5 billion weights of four bytes
_SPARE_BYTES = 64 * 1024**2
_LARGEST_HEADER_BYTES = 128 * 1024**2
_SCRIPT = Path(__file__).with_name("helper.py")
_DTYPES = frozenset(
    ["|b1", "|i1", "|u1", "<i2", "<u2", "<f2", "<i4", "<u4", "<f4", "<i8", "<u8", "<f8"]
)
_STOPPED = "the helper that opens model files stopped unexpectedly; your work is not affected"
_REFUSALS: Mapping[str, tuple[type[NetsmithError], str]] = {
    "damaged": (BadInput, DAMAGED),
    "weights only": (
        BadInput,
        'it holds weights without a network: use Load Weights, or "train --weights"',
    ),
    "no model": (BadInput, "it is an HDF5 file of data, without a network: open it as data"),
    "link": (UnsafeFile, "its weights point at another file on this computer"),
    "functions": (UnsafeFile, "it gives an operator of ONNX another meaning"),
    "packing": (UnsafeFile, "its weights are packed in an unusual way: save it again with Keras"),
    "type": (UnsafeFile, "its weights hold something else than plain numbers"),
    "grows": (UnsafeFile, "it unpacks to far more than its size"),
    "deep": (UnsafeFile, "its weights are nested deeper than those of any network"),
    "many": (UnsafeFile, "its weights have more parts than those of any network"),
}

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class StoredNumbers:
    """Arrays and facts that the helper process read.

    Attributes
    ----------
    arrays
        By path; of a whole-model file ``"<layer>/<weight>"`` in the order of the file.
    names
        Group of a ``.keras`` archive's weights -> the layer's own name, where the file tells it.
    layers
        Of a whole-model file: layer name -> number of its arrays, in the order of the file.
    config
        Of a whole-model file: the network's description as JSON, otherwise "".
    """

    arrays: Mapping[str, Array]
    names: Mapping[str, str]
    layers: Mapping[str, int]
    config: str
    keras_version: str


def refuse_no_numbers(layer: str, array: Array) -> None:
    """Refuse weights that are NaN, which layers like ReLU could hide from the outputs.

    Raises
    ------
    BadInput
        Names the layer.
    """
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise BadInput(
            f'the weights of layer "{quoted(layer, 40)}" are not numbers (NaN): train or choose another model'
        )


def read_numbers(
    source: IO[bytes] | BinaryIO,
    shape: FileFormat | Literal["weights"],
    data_files: DataFiles | None = None,
) -> StoredNumbers:
    """Read an HDF5 or ONNX file in the helper process.

    Parameters
    ----------
    source
        A real file, open for reading; it becomes the helper's standard input.
    shape
        ``"keras"``: weights of an archive; ``"h5"``: a whole model; ``"weights"``: weights by layer name.
    data_files
        Files with the external data of an ONNX model; None if there may be none.

    Raises
    ------
    BadInput, UnsafeFile
        If the file is damaged, holds more than plain numbers, or makes the helper stop.
    """
    source.seek(0)
    size = os.fstat(source.fileno()).st_size
    most_bytes = min(_MOST_BYTES, MOST_GROWTH * size + _SPARE_BYTES)
    with tempfile.TemporaryFile() as target:
        _run(source, target, shape, most_bytes)
        target.seek(0)
        return _received(target, most_bytes, data_files)


def _run(source: IO[bytes] | BinaryIO, target: IO[bytes], shape: str, most_bytes: int) -> None:
    helper = subprocess.Popen(
        [sys.executable, "-I", str(_SCRIPT), shape, str(most_bytes)],
        stdin=source,
        stdout=target,
        stderr=subprocess.DEVNULL,
        cwd=Path(sys.executable).anchor,
        env=_environment(),
        start_new_session=True,
    )
    try:
        status = helper.wait(LONGEST_S)
    except subprocess.TimeoutExpired as error:
        raise UnsafeFile("reading its weights took too long; it was probably made to") from error
    finally:
        _end(helper)
    if status != 0:
        raise UnsafeFile(_STOPPED)


def _environment() -> dict[str, str]:
    # Only Windows needs a variable, to find its own libraries.
    return {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}


def _end(helper: subprocess.Popen[bytes]) -> None:
    """Kill the helper's process group if it still runs."""
    if helper.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            if os.name == "posix":
                os.killpg(helper.pid, signal.SIGKILL)
            else:
                helper.kill()
        helper.wait()


def _received(stream: IO[bytes], most_bytes: int, data_files: DataFiles | None) -> StoredNumbers:
    try:
        header = _header(stream)
        refused = header.get("refused")
        if data_files is not None and "config" in header:
            _check_rest(header, data_files)
        if refused is None:
            return _stored(header, stream, most_bytes, data_files)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UnsafeFile(_STOPPED) from error  # only a compromised helper answers like this
    _say_worse(header.get("config"))
    kind, words = _REFUSALS.get(refused, (UnsafeFile, _STOPPED))
    raise kind(words)


def _say_worse(config: object) -> None:
    """Refuse a description that holds a program; ignore one that cannot be parsed."""
    if not isinstance(config, str):
        return
    try:
        parsed = parse(config.encode("utf-8", errors="replace"))
    except BadInput:
        return
    refuse_programs(parsed)


def _header(stream: IO[bytes]) -> dict[str, Any]:
    length = int.from_bytes(stream.read(8), "little")
    if not 0 < length <= _LARGEST_HEADER_BYTES:
        raise ValueError("header length")
    content = stream.read(length)
    header = json.loads(content)
    check_letters(content, header)
    if not isinstance(header, dict):
        raise TypeError("header")
    return header


def _check_rest(header: Mapping[str, Any], data_files: DataFiles) -> None:
    """Check file names and description before any array is read."""
    data_files.check(str(row["file"]) for row in header["arrays"] if "file" in row)
    data_files.accept(str(header["config"]))


def _stored(
    header: Mapping[str, Any], stream: IO[bytes], most_bytes: int, data_files: DataFiles | None
) -> StoredNumbers:
    arrays: dict[str, Array] = {}
    for row in header["arrays"]:
        if "file" in row and data_files is not None:
            array = _array_beside(row, data_files)
        else:
            array = _array(row, stream, most_bytes)
            most_bytes -= array.nbytes
        path = str(row["path"])
        if path in arrays:
            raise ValueError("path twice")
        arrays[path] = array
    return StoredNumbers(
        arrays=arrays,
        names={str(key): str(value) for key, value in header.get("names", {}).items()},
        layers={str(key): int(value) for key, value in header.get("layers", {}).items()},
        config=str(header.get("config", "")),
        keras_version=str(header.get("keras_version", "")),
    )


def _array(row: Mapping[str, Any], stream: IO[bytes], left_bytes: int) -> Array:
    dtype, shape = _kind(row)
    size_bytes = math.prod(shape) * dtype.itemsize
    if size_bytes > left_bytes:
        raise ValueError("array size")
    content = stream.read(size_bytes)
    if len(content) != size_bytes:
        raise ValueError("array cut")
    return np.frombuffer(content, dtype).reshape(shape)


def _array_beside(row: Mapping[str, Any], data_files: DataFiles) -> Array:
    dtype, shape = _kind(row)
    size_bytes = math.prod(shape) * dtype.itemsize
    length = size_bytes if row["length"] is None else int(row["length"])
    if length != size_bytes:
        raise BadInput(DAMAGED)
    content = data_files.read(str(row["file"]), int(row["offset"]), length)
    return np.frombuffer(content, dtype).reshape(shape)


def _kind(row: Mapping[str, Any]) -> tuple[np.dtype[Any], tuple[int, ...]]:
    kind, shape = row["dtype"], tuple(int(length) for length in row["shape"])
    if kind not in _DTYPES or any(length < 0 for length in shape):
        raise ValueError("array")
    return np.dtype(kind), shape
