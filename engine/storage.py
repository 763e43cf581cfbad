"""Atomic writing of all user files.

Temporary file in the same folder, flush, fsync, rename, fsync of the folder. A process that is killed at any moment
leaves the old content or the new, never a part of it; a full disk leaves the old.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.errors import JobFailed, quoted

_TEMPORARY = re.compile(r"^\.(?P<name>.+)\.(?P<pid>\d+)\.[0-9a-f]{8}\.part(?P<suffix>.*)$")
_log = logging.getLogger(__name__)
_ELSEWHERE = "save the project elsewhere"
_WORDS = {
    errno.ENOSPC: "the disk is full: free some space",
    errno.EDQUOT: "the disk quota is used up: free some space",
    errno.EROFS: "the disk is read-only: {elsewhere}",
    errno.EACCES: "writing is not allowed there: {elsewhere}",
    errno.EPERM: "writing is not allowed there: {elsewhere}",
    errno.EIO: "the disk reports an error: {elsewhere}",
    errno.ENAMETOOLONG: "the name is too long: choose a shorter one",
    errno.EISDIR: "a folder has that name: choose another",
    errno.ENOENT: "its folder does not exist: make it first, or {elsewhere}",
    errno.ENODEV: "its disk is gone: {elsewhere}",
    errno.ENXIO: "its disk is gone: {elsewhere}",
    errno.ESTALE: "its disk is gone: {elsewhere}",
    errno.ENOTCONN: "its disk is gone: {elsewhere}",
    errno.EFBIG: "the disk takes no file as large: {elsewhere}",
    errno.EMFILE: "too many files are open: close other programs",
    errno.ENFILE: "too many files are open: close other programs",
    errno.EBUSY: "another program holds it: close that program",
    errno.ETXTBSY: "another program holds it: close that program",
    errno.ENOTDIR: "a file is where its folder should be: {elsewhere}",
}


def write_bytes(path: Path, content: bytes) -> None:
    """Replace the content of ``path`` atomically.

    Raises
    ------
    JobFailed
        If writing fails; the old content is unchanged and no temporary file remains.
    """
    write_with(path, lambda temporary: _write_whole(temporary, content))


def write_text(path: Path, content: str) -> None:
    """Replace the content of ``path`` by UTF-8 text atomically; errors as in `write_bytes`."""
    write_bytes(path, content.encode("utf-8"))


def write_with(path: Path, writer: Callable[[Path], None]) -> None:
    """Let ``writer`` fill a temporary file (same folder and suffixes), then rename it to ``path``.

    The writer may use any library that writes to a named file. Errors as in `write_bytes`.
    """
    try:
        with _temporary_for(path) as temporary:
            writer(temporary)
            sync(temporary)
            temporary.replace(path)
    except OSError as error:
        raise refusal(path, error) from error
    try:
        sync(path.parent)
    except OSError as error:  # the new content is visible; a power failure may still lose it
        _log.warning("the folder of %s was not synced: %s", path.name, error)


def make_folder(path: Path) -> None:
    """Create a folder if there is none; its parent must exist.

    Raises
    ------
    JobFailed
        If that fails, or the parent is gone.
    """
    try:
        path.mkdir(exist_ok=True)
    except (FileNotFoundError, NotADirectoryError) as error:
        gone = quoted(path.parent, 60)
        raise JobFailed(f'the folder "{gone}" is gone: save the project elsewhere') from error
    except OSError as error:
        raise refusal(path, error) from error


def refusal(path: Path, error: OSError) -> JobFailed:
    """Return why writing ``path`` failed, and what to do."""
    return JobFailed(f'"{quoted(path.name, 60)}" was not written: {why(error)}')


def why(error: OSError, elsewhere: str = _ELSEWHERE) -> str:
    """Return why a write failed, and what to do.

    Parameters
    ----------
    elsewhere
        How to choose another place for what is no part of a project.
    """
    known = _WORDS.get(error.errno or 0)
    if known is None:
        return f"{quoted(error.strerror or error, 60)}: {elsewhere}"
    return known.format(elsewhere=elsewhere)


def sweep(folder: Path, name: str | None = None) -> None:
    """Remove temporary files of killed processes in ``folder``; only those for ``name`` if given."""
    for entry in folder.iterdir():
        match = _TEMPORARY.match(entry.name)
        if match and match["name"] == (name or match["name"]) and not _runs(int(match["pid"])):
            with contextlib.suppress(OSError):
                entry.unlink()


@contextlib.contextmanager
def _temporary_for(path: Path) -> Iterator[Path]:
    suffix = "".join(path.suffixes)  # Keras selects the format by the suffix
    temporary = path.parent / f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part{suffix}"
    try:
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _write_whole(path: Path, content: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def sync(path: Path) -> None:
    """Flush a file, or the names in a folder, to the disk; OSError if that fails."""
    if os.name == "nt" and path.is_dir():
        return  # Windows has no handle for a folder; its rename is journalled
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _runs(pid: int) -> bool:
    if pid == os.getpid():
        return False  # a name with this process id is from an earlier process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
