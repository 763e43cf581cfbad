"""Decoded pictures on disk, so that no picture is decoded twice.

A file of the cache holds the pixels of some pictures of one size, named by a digest of what they were made of: the
paths, sizes and times of the picture files and how they are decoded. It is written in one step, so that it is there
whole or not at all, and has a checksum: a damaged one counts as missing. A file whose pictures have changed is never
asked for again and removed when the cache is full.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.errors import JobFailed
from engine.storage import sweep, why, write_with

Pixels: TypeAlias = npt.NDArray[np.uint8]

FORMAT: Final = 1  # raised when pictures are decoded otherwise
LARGEST_BYTES: Final = 32 * 1024**3
_SHARE_OF_FREE: Final = 0.5
_ELSEWHERE: Final = "let NETSMITH_HOME name another folder"
_SUFFIX: Final = ".pictures"
_MAGIC: Final = b"NSPICT01"
_TAIL_BYTES: Final = 4 + 8 + len(_MAGIC)  # checksum, length of the notes, mark
_PIECE: Final = 2**24  # bytes whose checksum is taken at a time


@dataclass(frozen=True, eq=False)
class Block:
    """Some decoded pictures.

    Attributes
    ----------
    pixels
        (n, h, w, c); zeros where a picture cannot be read.
    digests
        (n,) of the content of the picture files.
    problems
        Why a picture cannot be read, by its place in the block.
    """

    pixels: Pixels
    digests: npt.NDArray[np.uint64]
    problems: Mapping[int, str]


class PictureCache:
    """The files of decoded pictures in a folder of the user's.

    Attributes
    ----------
    problem
        Why nothing more is written, "" if nothing is in the way.

    Parameters
    ----------
    folder
        Made if it is missing; the one around it must be there.
    largest_bytes
        What all files together may take. None: 32 GB, or half of what is free on the disk where that is less.
    """

    def __init__(self, folder: Path, largest_bytes: int | None = None) -> None:
        self._folder = folder
        self._largest_bytes = largest_bytes
        self._used: set[str] = set()
        self.problem = ""

    def read(self, key: str, shape: tuple[int, int, int, int]) -> Block | None:
        """Return the block of that name, its pixels mapped from the file; None if it is missing or damaged."""
        path = self._path(key)
        try:
            block = _read(path, shape)
            os.utime(path)  # used last now, whatever the file system notes of reading
        except (OSError, ValueError):
            return None
        self._used.add(path.name)
        return block

    def write(self, key: str, block: Block) -> bool:
        """Keep a block; tell whether it is kept. After a disk refused one, no other is tried."""
        if self.problem:
            return False
        path = self._path(key)
        self._used.add(path.name)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if self._has_room(block.pixels.nbytes):
                write_with(path, lambda temporary: _write(temporary, block))
            else:
                self.problem = "the cache of pictures is full"
        except OSError as error:
            self.problem = why(error, _ELSEWHERE)
        except JobFailed as failure:
            cause = failure.__cause__
            of_disk = why(cause, _ELSEWHERE) if isinstance(cause, OSError) else ""
            self.problem = of_disk or str(failure)
        return not self.problem

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}{_SUFFIX}"

    def _has_room(self, wanted: int) -> bool:
        """Remove what was used longest ago until there is room; tell whether there is."""
        sweep(self._folder)
        limit = self._limit()
        files = sorted(_files(self._folder), key=lambda each: each[2])
        taken = sum(size for _, size, _ in files)
        for path, size, _ in files:
            if taken + wanted <= limit:
                break
            if path.name not in self._used:
                with contextlib.suppress(OSError):
                    path.unlink()
                    taken -= size
        return taken + wanted <= limit

    def _limit(self) -> int:
        if self._largest_bytes is not None:
            return self._largest_bytes
        taken = sum(size for _, size, _ in _files(self._folder))
        free = shutil.disk_usage(self._folder).free
        return min(LARGEST_BYTES, int(_SHARE_OF_FREE * (free + taken)))


def key_of(parts: Iterable[object]) -> str:
    """Return a name for what follows from ``parts``: equal for equal ones."""
    digest = hashlib.blake2b(digest_size=20)
    for part in parts:
        content = str(part).encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "little"))
        digest.update(content)
    return digest.hexdigest()


def _files(folder: Path) -> list[tuple[Path, int, int]]:
    """Return each file of the cache with its size and when it was used last."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(_SUFFIX) and not entry.name.startswith("."):
                with contextlib.suppress(OSError):
                    facts = entry.stat(follow_symlinks=False)
                    found.append((Path(entry.path), facts.st_size, facts.st_mtime_ns))
    return found


# ---- One file ----


def _write(path: Path, block: Block) -> None:
    """Write pixels, digests and notes, then the checksum of all of them."""
    notes = json.dumps({str(row): text for row, text in block.problems.items()}).encode()
    parts = (_flat(block.pixels), _flat(block.digests.astype("<u8")), memoryview(notes))
    checksum = 0
    with path.open("xb") as stream:
        for part in parts:
            stream.write(part)
            checksum = zlib.crc32(part, checksum)
        stream.write(checksum.to_bytes(4, "little") + len(notes).to_bytes(8, "little") + _MAGIC)


def _read(path: Path, shape: tuple[int, int, int, int]) -> Block:
    """Return what a file holds; ValueError if it is not what was written."""
    count = shape[0]
    whole: Pixels = np.memmap(path, np.uint8, "r")
    tail = bytes(whole[-_TAIL_BYTES:])
    noted = int.from_bytes(tail[4:12], "little")
    body = len(whole) - _TAIL_BYTES
    pixels = int(np.prod(shape))
    if (
        tail[12:] != _MAGIC
        or body != pixels + 8 * count + noted
        or _checksum(whole[:body]) != tail[:4]
    ):
        raise ValueError(path.name)
    digests = np.frombuffer(bytes(whole[pixels : pixels + 8 * count]), "<u8").astype(np.uint64)
    notes: dict[str, str] = json.loads(bytes(whole[body - noted : body]))
    return Block(
        whole[:pixels].reshape(shape), digests, {int(row): text for row, text in notes.items()}
    )


def _checksum(content: Pixels) -> bytes:
    checksum = 0
    for start in range(0, len(content), _PIECE):
        checksum = zlib.crc32(_flat(content[start : start + _PIECE]), checksum)
    return checksum.to_bytes(4, "little")


def _flat(array: npt.NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(array).data.cast("B")
