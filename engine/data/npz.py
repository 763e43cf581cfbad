"""Read NumPy archives of plain numbers, without objects and within their real size."""

from __future__ import annotations

import io
import math
import struct
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Container, Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib import format as numpy_format

from engine.data.files import named, open_regular, read_exactly, refuse_bomb
from engine.data.progress import IsCancelled, never
from engine.errors import BadInput, UnsafeFile, quoted

_MOST_ENTRIES = 1000
_LONGEST_HEADER = 10_000  # bytes
_MOST_AXES = 8
_END = b"PK\x05\x06"
_END_BYTES = 22
_LONGEST_COMMENT = 65_535
_LARGEST_NUMBER_BYTES = 8
_HEADERS: Final = {
    (1, 0): numpy_format.read_array_header_1_0,
    (2, 0): numpy_format.read_array_header_2_0,
}
# Errors of NumPy for invalid headers.
_DAMAGED_HEADER: Final = (
    LookupError, MemoryError, RecursionError, SyntaxError, TypeError, ValueError, tokenize.TokenError,
)  # fmt: skip


def read_npz(
    path: Path,
    cancelled: IsCancelled = never,
    *,
    only: Container[str] | None = None,
    texts: bool = False,
) -> dict[str, npt.NDArray[Any]]:
    """Return every array of an .npz archive by name, or those of the names ``only``.

    Parameters
    ----------
    texts
        Whether to read arrays of strings of a fixed length (``<U9``, ``|S9``) too.

    Raises
    ------
    BadInput
        If it is no archive of plain numbers, cut off, or far larger than it is stored.
    UnsafeFile
        If it holds pickled objects.
    """
    with open_regular(path) as stream:
        return read_archive(stream, path.name, cancelled, only=only, texts=texts)


def read_archive(
    stream: BinaryIO,
    name: str,
    cancelled: IsCancelled = never,
    *,
    only: Container[str] | None = None,
    texts: bool = False,
) -> dict[str, npt.NDArray[Any]]:
    """Return arrays of an open archive; ``name`` is for messages. All else as `read_npz`."""
    damaged = f'"{named(name)}" is damaged or no .npz archive: choose another file'
    stored = stream.seek(0, io.SEEK_END)
    _check_directory(stream, stored, damaged)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = _entries(archive, stored, name)
            return {
                key: _array(archive, entry, name, cancelled, texts=texts)
                for key, entry in entries.items()
                if only is None or key in only
            }
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise BadInput(damaged) from error
    except (OSError, ValueError, RuntimeError, struct.error) as error:
        # Errors of zipfile for a forged directory.
        raise BadInput(damaged) from error


def _check_directory(stream: BinaryIO, stored: int, damaged: str) -> None:
    """Refuse an archive with too many entries before zipfile reads its directory."""
    tail_bytes = min(stored, _END_BYTES + _LONGEST_COMMENT)
    stream.seek(stored - tail_bytes)
    tail = stream.read(tail_bytes)
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_BYTES:
        raise BadInput(damaged)
    entries, directory_bytes = struct.unpack_from("<HI", tail, place + 10)
    is_zip64 = tail[max(0, place - 20) : place].startswith(b"PK\x06\x07")
    if is_zip64 or entries > _MOST_ENTRIES or directory_bytes > 1024**2:
        raise BadInput(damaged)
    stream.seek(0)


def _entries(archive: zipfile.ZipFile, stored: int, name: str) -> Mapping[str, zipfile.ZipInfo]:
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        key = entry.filename.removesuffix(".npy")
        if key in entries or key == entry.filename:
            raise BadInput(
                f'"{named(name)}" holds more than named arrays: save it with numpy.savez'
            )
        entries[key] = entry
    total = sum(entry.file_size for entry in entries.values())
    refuse_bomb(total, stored, name)
    return entries


def _array(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    name: str,
    cancelled: IsCancelled,
    *,
    texts: bool,
) -> npt.NDArray[Any]:
    with archive.open(entry) as stream:
        key = entry.filename.removesuffix(".npy")
        header = npy_header(stream, name, key)
        if header.dtype.kind in "US" and not texts:
            raise _no_numbers(name, key)
        declared = math.prod(header.shape) * header.dtype.itemsize
        if len(header.shape) > _MOST_AXES or declared != entry.file_size - stream.tell():
            raise BadInput(f'"{named(name)}" holds another amount of numbers than it declares')
        content = read_exactly(stream, declared, name, cancelled=cancelled)
    order: Literal["F", "C"] = "F" if header.fortran else "C"
    array = np.frombuffer(content, header.dtype).reshape(header.shape, order=order)
    return np.asarray(array, header.dtype.newbyteorder("="), order="C")


class NpyHeader(NamedTuple):
    """The header of an .npy file."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[Any]


def npy_header(stream: IO[bytes], name: str, array: str = "") -> NpyHeader:
    """Read the header of an .npy stream up to its data; the names are for messages.

    Raises
    ------
    UnsafeFile
        If the array holds Python objects.
    BadInput
        If it contains anything but numbers or strings of a fixed length, or the header is invalid.
    """
    try:
        version = numpy_format.read_magic(stream)
    except ValueError as error:
        raise BadInput(
            f'"{named(name)}" holds something that is no NumPy array: save plain numbers'
        ) from error
    try:
        with warnings.catch_warnings(action="ignore"):  # of headers that Python 2 wrote
            header = NpyHeader(*_HEADERS[version](stream, max_header_size=_LONGEST_HEADER))
    except _DAMAGED_HEADER as error:
        raise _no_numbers(name, array) from error
    if header.dtype.hasobject:
        raise UnsafeFile(
            f"{_place(name, array)} holds Python objects, which could run code: "
            "save plain numbers, or texts by astype(str)"
        )
    is_number = header.dtype.kind in "biuf" and header.dtype.itemsize <= _LARGEST_NUMBER_BYTES
    is_text = header.dtype.kind in "US" and header.dtype.itemsize > 0
    if not (is_number or is_text) or min(header.shape, default=0) < 0:
        raise _no_numbers(name, array)
    return header


def _no_numbers(name: str, array: str) -> BadInput:
    return BadInput(f"{_place(name, array)} holds other things than numbers: save plain numbers")


def _place(name: str, array: str) -> str:
    return f'"{named(name)}": {quoted(array, 15)}' if array else f'"{named(name)}"'
