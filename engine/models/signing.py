"""Sign folders with a keyed hash over all files, to recognise those that this user exported.

The file `NAME` in the folder contains a description, the list of files, and an HMAC-SHA256 of both. The user's key is
created when it is first needed and never leaves the data folder. Loads without TensorFlow.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from engine import storage

NAME: Final = "netsmith.json"
FORMAT: Final = 1
_KEY: Final = "signing.key"
_KEY_BYTES: Final = 32
_BLOCK_BYTES: Final = 1024 * 1024
_FILE_MANAGERS_OWN: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_LARGEST_OF_THEM_BYTES: Final = 1024 * 1024

# Name inside the folder, with "/" -> [bytes, SHA-256 as hexadecimal].
Files = Mapping[str, list[Any]]


def known_key(home: Path) -> bytes | None:
    """Return the user's key; None if there is none yet, or it cannot be read."""
    try:
        with open_plainly(home / _KEY) as stream:
            key = stream.read(_KEY_BYTES + 1)
    except OSError:
        return None
    return key if len(key) == _KEY_BYTES else None


def user_key(home: Path) -> bytes:
    """Return the user's key, creating it if there is none.

    Raises
    ------
    JobFailed
        If writing it fails.
    """
    if key := known_key(home):
        return key
    made = secrets.token_bytes(_KEY_BYTES)
    path = home / _KEY
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage.refusal(path, error) from error
    storage.write_with(path, lambda temporary: _write_secret(temporary, made))
    return known_key(home) or made  # another process may have been faster


def _write_secret(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)


def is_file_managers_own(name: str, size: int) -> bool:
    """Tell whether a file is one that Finder or Explorer creates in any folder."""
    return name.rpartition("/")[2] in _FILE_MANAGERS_OWN and size < _LARGEST_OF_THEM_BYTES


def write_seal(folder: Path, content: Mapping[str, Any], key: bytes) -> None:
    """Sign a complete folder with its description as plain JSON values; OSError if writing fails."""
    files: dict[str, list[Any]] = {}
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        size = path.stat().st_size
        if is_file_managers_own(path.name, size):
            continue
        with path.open("rb") as stream:
            files[path.relative_to(folder).as_posix()] = [size, digest(stream)]
    sealed = {"format": FORMAT, "content": content, "files": files}
    sealed["hmac"] = signature(sealed, key)
    (folder / NAME).write_text(json.dumps(sealed, indent=1), encoding="utf-8")


def signature(sealed: Mapping[str, Any], key: bytes) -> str:
    """Return the HMAC of a seal without its own HMAC."""
    told = {name: value for name, value in sealed.items() if name != "hmac"}
    plain = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, plain.encode("ascii"), hashlib.sha256).hexdigest()


def digest(stream: BinaryIO, copy: BinaryIO | None = None) -> str:
    """Return the SHA-256 of the rest of a stream, which is also written to ``copy``."""
    found = hashlib.sha256()
    while block := stream.read(_BLOCK_BYTES):
        found.update(block)
        if copy is not None:
            copy.write(block)
    return found.hexdigest()


_BINARY: Final = getattr(os, "O_BINARY", 0)
_PLAINLY: Final = (
    os.O_RDONLY | _BINARY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
)


def open_plainly(path: Path) -> BinaryIO:
    """Open a regular file for reading; OSError if it is a link or anything else."""
    descriptor = os.open(path, _PLAINLY)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("no regular file")
    return os.fdopen(descriptor, "rb")
