"""Locks on open projects and running trainings, across all processes of this computer.

Opening a project or training a run takes a lock of the operating system on a file in its folder, which is released
when the process ends in any way.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path
from typing import Final

FILE_NAME: Final = "training.lock"
_ATTEMPTS: Final = 50  # checking a lock takes it for a moment
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
    """A lock of the operating system on a file; on a disk without locks it is always granted.

    Parameters
    ----------
    path
        The file, which exists while the lock is held; its folder is created if it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def acquire(self, attempts: int | None = None) -> bool:
        """Take the lock; False if it is still held elsewhere after this many attempts."""
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
        """Release the lock if it is held, and remove its file."""
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        # Windows cannot remove an open file; an empty one does no harm.
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
        if not _is_file_of(handle, self._path):  # the last holder has removed it
            os.close(handle)
            return False
        self._handle = handle
        return True


class RunLock(FileLock):
    """The lock for training a run.

    Parameters
    ----------
    folder
        Folder of the run's files.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / FILE_NAME)
        self._folder = folder

    def release(self) -> None:
        """Release the lock, and remove the folder if it is empty."""
        was_held = self._handle is not None
        super().release()
        if was_held:
            with contextlib.suppress(OSError):  # if the run left nothing
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
