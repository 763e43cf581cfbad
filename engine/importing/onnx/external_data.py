"""External data of ONNX models: regular files in the model's folder, each byte read once."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from engine.errors import BadInput, UnsafeFile, quoted
from engine.importing.safe.archive import DAMAGED, check_name

LARGEST_BYTES: Final = 4 * 1024**3
_LFS_MARK: Final = b"version https://git-lfs"
_SEPARATORS: Final = ("/", "\\", ":", "\0")
_OUTSIDE: Final = "its weights point at another file on this computer"


@dataclass
class _Opened:
    descriptor: int
    size: int
    left: int  # bytes that may still be read, so that a small file cannot become a large model


class DataFiles:
    """The files in a folder that a model may refer to; opened on first read.

    Attributes
    ----------
    accept
        Checks the model's description before any array is read.
    """

    def __init__(self, folder: Path, accept: Callable[[str], None]) -> None:
        self.accept = accept
        self._folder = folder
        self._opened: dict[str, _Opened] = {}

    def __enter__(self) -> DataFiles:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for opened in self._opened.values():
            os.close(opened.descriptor)

    def check(self, names: Iterable[str]) -> None:
        """Raise UnsafeFile if a name leads out of the folder; nothing is opened."""
        for name in {_plain(name) for name in names}:
            is_outside = name in ("", ".", "..") or any(mark in name for mark in _SEPARATORS)
            if is_outside:
                raise UnsafeFile(_OUTSIDE)
            check_name(self._folder / name)

    def read(self, name: str, offset: int, length: int) -> bytearray:
        """Read a part of a file.

        Raises
        ------
        BadInput
            If the file is missing, too short or no regular file; names it.
        UnsafeFile
            If its name leads out of the folder, it is a link, too large, or read more than once.
        """
        self.check([name])
        opened = self._file(_plain(name))
        if offset < 0 or length < 0 or offset + length > opened.size:
            raise BadInput(_too_short(name))
        opened.left -= length
        if opened.left < 0:
            raise UnsafeFile("it unpacks to far more than its size")
        content = self._bytes(opened, offset, length)
        if len(content) != length:  # truncated meanwhile
            raise BadInput(_too_short(name))
        return content

    def _file(self, name: str) -> _Opened:
        if name not in self._opened:
            descriptor = _descriptor(self._folder / name, name)
            facts = os.fstat(descriptor)
            self._opened[name] = _Opened(descriptor, facts.st_size, facts.st_size)
            _check_facts(facts, name)
            if self._bytes(self._opened[name], 0, min(facts.st_size, len(_LFS_MARK))) == _LFS_MARK:
                raise BadInput(
                    f'its weights file "{quoted(name, 40)}" is a Git LFS pointer: '
                    'fetch the file with "git lfs pull"'
                )
        return self._opened[name]

    def _bytes(self, opened: _Opened, offset: int, length: int) -> bytearray:
        """Return a part of a file, up to its end."""
        content = bytearray(length)
        place = 0
        with os.fdopen(os.dup(opened.descriptor), "rb") as stream:
            stream.seek(offset)
            while place < length and (count := stream.readinto(memoryview(content)[place:])):
                place += count
        return content[:place] if place < length else content


def _too_short(name: str) -> str:
    return f'its weights file "{quoted(name, 40)}" is shorter than the model says: {DAMAGED}'


def _plain(name: str) -> str:
    return name.removeprefix("./")


def _descriptor(path: Path, name: str) -> int:
    """Open a file without following a link or waiting at a pipe."""
    flags = os.O_RDONLY
    for flag in ("O_NONBLOCK", "O_NOCTTY", "O_NOFOLLOW", "O_BINARY"):
        flags |= getattr(os, flag, 0)
    shown = quoted(name, 40)
    try:
        if path.is_symlink():  # for systems without O_NOFOLLOW
            raise UnsafeFile(f'its weights file "{shown}" is a link: put the file itself there')
        return os.open(path, flags)
    except FileNotFoundError as error:
        raise BadInput(
            f'its weights are in "{shown}", which is not beside it: put both into one folder'
        ) from error
    except OSError as error:
        raise BadInput(f'reading its weights file "{shown}" failed: check its rights') from error


def _check_facts(facts: os.stat_result, name: str) -> None:
    shown = quoted(name, 40)
    if not stat.S_ISREG(facts.st_mode):
        raise BadInput(f'"{shown}", where its weights should be, is no file')
    if facts.st_nlink > 1:
        raise UnsafeFile(f'its weights file "{shown}" is a link: put a copy of the file there')
    if facts.st_size > LARGEST_BYTES:
        raise UnsafeFile(f'its weights file "{shown}" is larger than 4 GB')
