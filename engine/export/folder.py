"""Write folders atomically, as `engine.storage` does for files."""

from __future__ import annotations

import ctypes
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from engine.storage import refusal, sync

_UNFINISHED = re.compile(r"^\.(?P<name>.+)\.(?P<pid>\d+)\.[0-9a-f]{8}\.folder$")
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux' renameat2
_HERE = -100  # AT_FDCWD: paths are relative to the working folder, or absolute


def write_folder_with(path: Path, writer: Callable[[Path], None]) -> None:
    """Let ``writer`` create a folder under a hidden name beside ``path``, then rename it.

    An existing folder is replaced in one step on Linux, otherwise in two renames; if the process is
    killed between these, it remains under its hidden name.

    Raises
    ------
    JobFailed
        If writing fails; an existing folder is unchanged and nothing else remains.
    """
    _sweep(path)
    unfinished = path.parent / f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.folder"
    try:
        writer(unfinished)
        _sync_all(unfinished)
        _publish(unfinished, path)
        sync(path.parent)
        _sweep(path)
    except OSError as error:
        raise refusal(path, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _publish(finished: Path, path: Path) -> None:
    if not path.exists():
        finished.rename(path)
    elif not _exchanged(finished, path):
        aside = finished.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.folder")
        path.rename(aside)
        try:
            finished.rename(path)
        except OSError:
            aside.rename(path)
            raise
        shutil.rmtree(aside, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Swap two names in one step; False if the system or the disk does not support it."""
    if sys.platform != "linux":
        return False
    try:
        swap = ctypes.CDLL(None).renameat2
    except AttributeError:
        return False
    return bool(swap(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)


def _sweep(path: Path) -> None:
    """Remove leftovers of killed processes beside ``path``, but never the only copy."""
    if not path.exists():
        return
    for entry in sorted(path.parent.iterdir()):
        match = _UNFINISHED.match(entry.name)
        if match and match["name"] == path.name and not psutil.pid_exists(int(match["pid"])):
            shutil.rmtree(entry, ignore_errors=True)


def _sync_all(folder: Path) -> None:
    for root, _, names in os.walk(folder):
        for name in names:
            sync(Path(root, name))
        sync(Path(root))
