"""IDX files, plain or gzipped: the format of MNIST and its relatives.

Two zero bytes, a type code, the number of axes, each axis as 4 big-endian bytes, then the numbers.
Source: the description on the MNIST page of LeCun, Cortes and Burges.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from engine.data.files import named, open_regular, read_exactly, refuse_bomb, size_of
from engine.data.progress import IsCancelled, Progress, never, silent
from engine.errors import BadInput

# type code -> how NumPy calls it
_TYPES: Final = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_AXES = 4


def read_idx(
    path: Path, progress: Progress = silent, cancelled: IsCancelled = never
) -> npt.NDArray[Any]:
    """Return the array that an IDX file holds, in this machine's byte order.

    Raises
    ------
    BadInput
        If it is no IDX file, cut off, longer than it declares, or far larger than it is stored.
    """
    with open_regular(path) as stored:
        zipped = stored.read(2) == b"\x1f\x8b"
        stored.seek(0)
        stream: Any = gzip.GzipFile(fileobj=stored) if zipped else stored
        try:
            return _parsed(stream, size_of(stored), path.name, progress, cancelled)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise BadInput(f'"{named(path)}" is damaged or cut off: download it again') from error


def _parsed(
    stream: BinaryIO, stored: int, name: str, progress: Progress, cancelled: IsCancelled
) -> npt.NDArray[Any]:
    head = stream.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in _TYPES:
        raise BadInput(
            f'"{named(name)}" is not an IDX file: choose one like train-images-idx3-ubyte.gz'
        )
    if not 1 <= head[3] <= _MOST_AXES:
        raise BadInput(
            f'"{named(name)}" declares {head[3]} axes: an IDX file of samples has 1 to 4'
        )
    sizes = stream.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise EOFError
    shape = struct.unpack(f">{head[3]}I", sizes)
    dtype = np.dtype(_TYPES[head[2]])
    declared = math.prod(shape) * dtype.itemsize
    refuse_bomb(declared, stored, name)
    content = read_exactly(stream, declared, name, progress, cancelled)
    if stream.read(1):
        raise BadInput(f'"{named(name)}" is longer than it declares: download it again')
    return np.frombuffer(content, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)
