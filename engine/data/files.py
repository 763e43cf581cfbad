"""Open untrusted files: regular local files only, without waiting."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO, BinaryIO, Final

from engine.data.progress import IsCancelled, Progress, never, silent, stop_if
from engine.errors import BadInput, quoted

LARGEST_BYTES: Final = 4 * 1024**3
# Content above this size must not be 100 times smaller when packed, which real samples never are.
_HARMLESS_BYTES: Final = 64 * 1024**2
_LARGEST_RATIO: Final = 100
_CHUNK_BYTES: Final = 1024**2

# Do not wait for pipes or follow links; Windows lacks some of these flags.
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def named(file: str | Path) -> str:
    """Return a file's name, shortened for messages."""
    return quoted(file.name or file if isinstance(file, Path) else file, 50)


def open_regular(path: Path, shown: str = "") -> BinaryIO:
    """Open a file for reading bytes.

    Parameters
    ----------
    shown
        What messages call it; "": its name.

    Raises
    ------
    BadInput
        If it is missing, unreadable, a folder, a link, a device, on another computer, or too large.
    """
    name = named(shown or path)
    if str(path).startswith(("\\\\", "//")):
        raise BadInput(f'"{name}" lies on another computer: copy it to this one first')
    if os.path.islink(path):  # pathlib raises for names that are too long
        raise BadInput(f'"{name}" is a link: choose the file it points to')
    try:
        stream = os.fdopen(_opened(path), "rb")
    except FileNotFoundError as error:
        raise BadInput(f'"{name}" does not exist: choose another file') from error
    except (IsADirectoryError, PermissionError) as error:
        if os.path.isdir(path):  # Windows says "permission denied" of a folder
            raise BadInput(f'"{name}" is a folder: choose a file in it') from error
        raise BadInput(f'"{name}" may not be read: change its rights or choose another') from error
    except (OSError, ValueError) as error:
        raise BadInput(f'"{name}" cannot be opened: choose another file') from error
    problem = _unfit(stream)
    if problem:
        stream.close()
        raise BadInput(f'"{name}" {problem}')
    return stream


def size_of(stream: BinaryIO) -> int:
    """Return the size of an open file in bytes."""
    return os.fstat(stream.fileno()).st_size


def refuse_bomb(declared: int, stored: int, name: str) -> None:
    """Raise BadInput if a file of ``stored`` bytes declares an implausible unpacked size."""
    if declared > LARGEST_BYTES or declared > max(_HARMLESS_BYTES, stored * _LARGEST_RATIO):
        raise BadInput(f'"{named(name)}" unpacks to far more than its size: it was not opened')


def read_exactly(
    stream: IO[bytes],
    count: int,
    name: str,
    progress: Progress = silent,
    cancelled: IsCancelled = never,
) -> bytearray:
    """Return ``count`` bytes of a stream; EOFError if it ends before. The name is for the progress."""
    content = bytearray()
    while len(content) < count:
        stop_if(cancelled)
        chunk = stream.read(min(_CHUNK_BYTES, count - len(content)))
        if not chunk:
            raise EOFError
        content += chunk
        progress(f"Reading {named(name)}", len(content), count)
    return content


def read_regular(path: Path, most_bytes: int = LARGEST_BYTES) -> bytes:
    """Return the content of a regular file; errors as `open_regular`, ``most_bytes`` its limit."""
    with open_regular(path) as stream:
        if size_of(stream) > most_bytes:
            raise BadInput(
                f'"{named(path)}" is above {most_bytes // 1024**2} MB: choose a smaller file'
            )
        return stream.read(most_bytes)


def _opened(path: Path) -> int:
    handle = os.open(path, _FLAGS)
    if stat.S_ISDIR(os.fstat(handle).st_mode):
        os.close(handle)
        raise IsADirectoryError(str(path))
    return handle


def _unfit(stream: BinaryIO) -> str:
    """Return why an open file cannot be used, "" if it can."""
    facts = os.fstat(stream.fileno())
    if not stat.S_ISREG(facts.st_mode):
        return "is a device or a pipe: choose a file"
    if facts.st_size > LARGEST_BYTES:
        return "is above 4 GB: choose a smaller file"
    return ""
