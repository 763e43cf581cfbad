"""Which projects are open and which runs are being trained, by whatever process of this computer.

Whoever opens a project or trains a run holds a lock of the operating system on a file in its folder. A process that
dies, however it dies, holds nothing.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path
from typing import Final

FILE_NAME: Final = "training.lock"
_ATTEMPTS: Final = 50  # whoever looks holds the lock for a moment too
_BETWEEN_S: Final = 0.01

if sys.platform == "win32":  # pragma: no cover  # the other systems' half is tested
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def _is_busy(error: OSError) -> bool:
        return isinstance(error, PermissionError)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _is_busy(error: OSError) -> bool:
        return isinstance(error, BlockingIOError)


class FileLock:
    """A lock of the operating system on a file; a disk that knows no locks gives it to everybody.

    Parameters
    ----------
    path
        Of the file, which is there while the lock is held; its folder is made if it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def acquire(self, attempts: int | None = None) -> bool:
        """Take the lock; False if another one has it, also after this many attempts."""
        pause = threading.Event()
        for _ in range(_ATTEMPTS if attempts is None else attempts):
            try:
                if self._try():
                    return True
            except OSError as error:
                if not _is_busy(error):
                    return True
            pause.wait(_BETWEEN_S)
        return False

    def release(self) -> None:
        """Give the lock back, if it is held, and remove its file."""
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        # Windows removes no open file; an empty one harms nobody.
        with contextlib.suppress(OSError):
            self._path.unlink()
        os.close(handle)

    def _try(self) -> bool:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _take(handle)
        except OSError:
            os.close(handle)
            raise
        if not _is_file_of(handle, self._path):  # its last holder removed it meanwhile
            os.close(handle)
            return False
        self._handle = handle
        return True


class RunLock(FileLock):
    """The right to train a run.

    Parameters
    ----------
    folder
        Of the run's files.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / FILE_NAME)
        self._folder = folder

    def release(self) -> None:
        """Give the right back, and leave no empty folder behind."""
        was_held = self._handle is not None
        super().release()
        if was_held:
            with contextlib.suppress(OSError):  # a run that left nothing
                self._folder.rmdir()


def _is_file_of(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def is_held(folder: Path) -> bool:
    """Tell whether a run is being trained, by this process or another one."""
    try:
        handle = os.open(folder / FILE_NAME, os.O_RDWR)
    except OSError:
        return False
    try:
        _take(handle)
    except OSError as error:
        return _is_busy(error)
    finally:
        os.close(handle)
    return False
