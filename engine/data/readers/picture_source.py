"""Pictures on disk as a column of samples: decoded once, in parallel, into memory or a cache file."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import PIL

from engine.data.files import named, open_regular
from engine.data.images import LARGEST_FILE, picture_bytes
from engine.data.info import ImagePreparation
from engine.data.progress import IsCancelled, Progress, never, silent, stop_if
from engine.data.readers.picture_cache import FORMAT, Block, PictureCache, Pixels, key_of
from engine.data.readers.picture_folder import PictureFile
from engine.errors import BadInput, JobFailed

Rows: TypeAlias = npt.NDArray[np.integer[Any]]

_LEAST_BLOCK_BYTES: Final = 2**24
_MOST_BLOCKS: Final = 128  # each keeps a file open
_DIGEST_BYTES: Final = 8


class _Pixels(Protocol):
    """Some pictures: an array in memory, one mapped from a file, or files that are decoded when asked for."""

    def __getitem__(self, rows: Rows, /) -> Pixels: ...


@dataclass(frozen=True, eq=False)
class _Decoded:
    """Picture files that are decoded whenever they are asked for; those that cannot be read never are."""

    root: Path
    files: Sequence[PictureFile]
    preparation: ImagePreparation

    def __getitem__(self, rows: Rows) -> Pixels:
        files = [self.files[row] for row in rows.tolist()]
        block = decode_files(self.root, files, self.preparation)
        if block.problems:
            raise JobFailed(next(iter(block.problems.values())))
        return block.pixels


class PictureColumn:
    """Pictures as samples of one size; `take` may be called from any thread.

    Attributes
    ----------
    shape
        (h, w, c) of a picture.
    files
        Of each picture, in order.
    digests
        (n,) of the content of each file: equal for files that are equal.
    held
        All pictures, (n, h, w, c), if they are held in memory.
    """

    dtype: Final = np.dtype(np.uint8)

    def __init__(
        self,
        shape: tuple[int, int, int],
        files: Sequence[PictureFile],
        digests: npt.NDArray[np.uint64],
        blocks: Sequence[_Pixels],
        places: npt.NDArray[np.int64],
    ) -> None:
        self.shape = shape
        self.files = tuple(files)
        self.digests = digests
        self._blocks = tuple(blocks)
        self._places = places  # (n, 2): block, row

    def __len__(self) -> int:
        return len(self.files)

    @property
    def nbytes(self) -> int:
        """Bytes that all pictures take in memory."""
        return len(self) * int(np.prod(self.shape))

    @property
    def held(self) -> Pixels | None:
        """All pictures, if they are in memory; nobody writes to them."""
        first = self._blocks[0] if len(self._blocks) == 1 else None
        return first if type(first) is np.ndarray else None

    def take(self, rows: Rows) -> Pixels:
        """Return (len(rows), h, w, c) pictures in the order of ``rows``.

        Raises
        ------
        JobFailed
            If a picture that is not kept decoded has changed or gone.
        """
        blocks, places = self._places[rows].T
        found = np.empty((len(rows), *self.shape), np.uint8)
        for number in np.unique(blocks):
            here = np.flatnonzero(blocks == number)
            found[here] = self._blocks[number][places[here]]
        return found


def read_column(
    root: Path,
    files: Sequence[PictureFile],
    preparation: ImagePreparation,
    *,
    cache: PictureCache | None = None,
    memory_limit_bytes: int | None = None,
    progress: Progress = silent,
    cancelled: IsCancelled = never,
) -> tuple[PictureColumn, Mapping[int, str]]:
    """Decode every picture once; what cannot be read is left out.

    Parameters
    ----------
    root
        The folder that the files' names begin in.
    cache
        Where decoded pictures are kept. None: nowhere.
    memory_limit_bytes
        More than this is not held in memory but read from the cache, or decoded anew where the cache
        does not take it. None: no limit.

    Returns
    -------
    column
        What can be read, in the order of ``files``.
    problems
        Why a file cannot be read, by its place in ``files``.

    Raises
    ------
    Cancelled
        If ``cancelled`` said so. Whole blocks that were decoded are in the cache and not decoded again.
    """
    reading = _Reading(root, preparation, cache, progress, cancelled, len(files))
    shape = (preparation.height, preparation.width, preparation.channels)
    each = math.prod(shape)
    fits = memory_limit_bytes is None or len(files) * each <= memory_limit_bytes
    step = max(1, max(_LEAST_BLOCK_BYTES, len(files) * each // _MOST_BLOCKS) // each)
    held = np.empty((len(files), *shape), np.uint8) if fits else None
    blocks: list[_Pixels] = []
    digests = np.empty(len(files), np.uint64)
    problems: dict[int, str] = {}
    for start in range(0, len(files), step):
        block, pixels = reading.block(files[start : start + step])
        digests[start : start + step] = block.digests
        problems |= {start + row: problem for row, problem in block.problems.items()}
        if held is None:
            blocks.append(pixels)
        else:
            held[start : start + step] = block.pixels
    good = np.setdiff1d(np.arange(len(files)), list(problems))
    if held is not None:
        blocks = [held if not problems else held[good]]
        places = np.stack([np.zeros_like(good), np.arange(len(good))], axis=1)
    else:
        places = np.stack(np.divmod(good, step), axis=1)
    kept = [files[row] for row in good.tolist()]
    return PictureColumn(shape, kept, digests[good], blocks, places), problems


class _Reading:
    """One pass over pictures: from the cache what is there, the rest decoded and put there."""

    def __init__(
        self,
        root: Path,
        preparation: ImagePreparation,
        cache: PictureCache | None,
        progress: Progress,
        cancelled: IsCancelled,
        total: int,
    ) -> None:
        self._root, self._preparation, self._cache = root, preparation, cache
        self._progress, self._cancelled, self._total = progress, cancelled, total
        self._done = 0

    def block(self, files: Sequence[PictureFile]) -> tuple[Block, _Pixels]:
        """Return a block, and what gives its pixels without holding them, if anything can."""
        found = self._kept(files)
        if found is not None:
            self._count(len(files))
            return found, found.pixels
        decoded = decode_files(self._root, files, self._preparation, self._count)
        if self._cache is not None and self._cache.write(self._key(files), decoded):
            found = self._kept(files)
        again = _Decoded(self._root, tuple(files), self._preparation)
        return decoded, again if found is None else found.pixels

    def _kept(self, files: Sequence[PictureFile]) -> Block | None:
        prepared = self._preparation
        shape = (len(files), prepared.height, prepared.width, prepared.channels)
        return None if self._cache is None else self._cache.read(self._key(files), shape)

    def _key(self, files: Sequence[PictureFile]) -> str:
        # A label is no part of a picture: the same files may be sorted into other classes.
        facts = ((file.name, file.size, file.modified_ns, file.changed_ns) for file in files)
        made = (FORMAT, PIL.__version__, self._preparation, os.path.realpath(self._root))
        return key_of((*made, *facts))

    def _count(self, more: int = 1) -> None:
        stop_if(self._cancelled)
        self._done += more
        self._progress("Reading pictures", self._done, self._total)


def decode_files(
    root: Path,
    files: Sequence[PictureFile],
    preparation: ImagePreparation,
    count: Callable[[], None] = lambda: None,
) -> Block:
    """Decode pictures, as many at a time as there are processors.

    Parameters
    ----------
    count
        Called on this thread after each picture; what it raises stops the rest.
    """
    shape = (len(files), preparation.height, preparation.width, preparation.channels)
    pixels, digests = np.zeros(shape, np.uint8), np.zeros(len(files), np.uint64)
    problems: dict[int, str] = {}

    def decode(row: int) -> None:
        try:
            content = _content(root, files[row])
            digests[row] = int.from_bytes(
                hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest(), "little"
            )
            pixels[row] = picture_bytes(content, files[row].name, preparation)
        except BadInput as problem:
            problems[row] = str(problem)

    with ThreadPoolExecutor(_processors(), "decoding") as pool:
        try:
            for _ in pool.map(decode, range(len(files))):
                count()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return Block(pixels, digests, dict(sorted(problems.items())))


def _content(root: Path, file: PictureFile) -> bytes:
    """Return the bytes of a picture file; BadInput if it is not the one that was found."""
    with open_regular(root / file.name, file.name) as stream:
        facts = os.fstat(stream.fileno())
        if (facts.st_size, facts.st_mtime_ns) != (file.size, file.modified_ns):
            raise BadInput(f'"{named(file.name)}" was changed meanwhile: load the data again')
        if file.size > LARGEST_FILE:
            raise BadInput(
                f'"{named(file.name)}" is above {LARGEST_FILE // 1024**2} MB: choose a smaller file'
            )
        return stream.read()


def _processors() -> int:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
