"""SavedModel folders: programs, refused unless this user exported them and they are unchanged.

Only the description and the checkpoint's arrays are read; the graph itself is never loaded.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.errors import BadInput, NewerFile, UnsafeFile, quoted
from engine.export.table import SAVED_MODEL
from engine.importing.safe import strict_json
from engine.importing.safe.archive import DAMAGED, LARGEST_FILE_BYTES, PROGRAM, check_name
from engine.importing.safe.numbers import Array, StoredNumbers
from engine.models import signing

_MOST_ENTRIES: Final = 1000  # files and folders
_DEEPEST: Final = 8
_CHECKPOINT: Final = "variables"


@dataclass(frozen=True)
class OwnModel:
    """Content of a SavedModel that this user exported: Keras configuration, arrays and card."""

    config: Any
    card: Any
    stored: StoredNumbers


def folder_of(path: Path) -> Path | None:
    """Return the SavedModel folder of a path to it or to one of its two files; None if it is none."""
    try:
        check_name(path)  # even looking up a path on another computer sends a request
    except UnsafeFile:
        return None
    folder = path.parent if path.name in (SAVED_MODEL, signing.NAME) else path
    is_one = os.path.isdir(folder) and os.path.lexists(folder / SAVED_MODEL)
    return Path(os.path.abspath(folder)) if is_one else None


def read(folder: Path, key: bytes | None) -> OwnModel:
    """Read a SavedModel that this user exported; loads TensorFlow once every check has passed.

    Parameters
    ----------
    key
        The user's key; None if this user has none.

    Raises
    ------
    UnsafeFile
        If it has no valid seal of this user, or was changed.
    BadInput
        If it cannot be read.
    """
    try:
        found = _scanned(folder)
        if key is None or signing.NAME not in found:
            raise UnsafeFile(PROGRAM)
        sealed = _sealed(folder, key)
        with tempfile.TemporaryDirectory(prefix="netsmith-") as private:
            _check_files(folder, found, sealed["files"], Path(private))
            content = sealed["content"]
            return OwnModel(content["config"], content["card"], _numbers(content, Path(private)))
    except OSError as error:
        raise BadInput(f"reading it failed ({quoted(error.strerror, 40)})") from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise BadInput(DAMAGED) from error


def _refused(why: str) -> UnsafeFile:
    return UnsafeFile(f"it is a SavedModel, which is a program, and {why}: export it again")


def _scanned(folder: Path) -> dict[str, int]:
    """Return name -> size in bytes of every file, except those of file managers; nothing is opened.

    Raises
    ------
    UnsafeFile
        If it contains a link or a device, or is too large.
    """
    found: dict[str, int] = {}
    left: list[tuple[str, int]] = [("", 0)]
    entries_seen = 0
    while left:
        inner, depth = left.pop()
        with os.scandir(folder / inner) as entries:
            for entry in entries:
                entries_seen += 1
                name = f"{inner}/{entry.name}" if inner else entry.name
                if entry.is_dir(follow_symlinks=False):
                    left.append((name, depth + 1))
                elif entry.is_file(follow_symlinks=False):
                    size = entry.stat(follow_symlinks=False).st_size
                    if not signing.is_file_managers_own(name, size):
                        found[name] = size
                else:
                    raise _refused(f'"{quoted(name, 25)}" is no plain file')
                if entries_seen > _MOST_ENTRIES or depth > _DEEPEST:
                    raise _refused("it holds more files than any of Netsmith's")
    if sum(found.values()) > LARGEST_FILE_BYTES:
        raise UnsafeFile("it is larger than 4 GB, which is more than Netsmith opens")
    return found


def _sealed(folder: Path, key: bytes) -> dict[str, Any]:
    """Return the seal after verifying it."""
    with signing.open_plainly(folder / signing.NAME) as stream:
        sealed = strict_json.parse(stream.read(strict_json.LARGEST_BYTES + 1))
    told = sealed.get("hmac") if isinstance(sealed, dict) else None
    if not isinstance(told, str) or not hmac.compare_digest(
        told.encode("utf-8"), signing.signature(sealed, key).encode("ascii")
    ):
        raise _refused("its seal is not of this user's Netsmith")
    if sealed["format"] != signing.FORMAT:
        raise NewerFile("it is from a newer Netsmith: update Netsmith to open it")
    return dict(sealed)


def _check_files(
    folder: Path, found: Mapping[str, int], files: signing.Files, private: Path
) -> None:
    """Compare every file with the seal; keep the checkpoint's bytes, so that a later change has no effect."""
    for name in sorted({*found, *files} - {signing.NAME}):
        told = quoted(name, 25)
        if name not in files:
            raise _refused(f'"{told}" was put into it')
        if name not in found:
            raise _refused(f'"{told}" is missing')
        if not _is_unchanged(folder, name, files[name], private):
            raise _refused(f'"{told}" was changed')


def _is_unchanged(folder: Path, name: str, told: Sequence[Any], private: Path) -> bool:
    size, digest = told
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(signing.open_plainly(folder / name))
        if os.fstat(stream.fileno()).st_size != size:
            return False
        copy = None
        if name.startswith(f"{_CHECKPOINT}/"):
            (private / name).parent.mkdir(parents=True, exist_ok=True)
            copy = stack.enter_context((private / name).open("xb"))
        return hmac.compare_digest(signing.digest(stream, copy), digest)


def _numbers(content: Mapping[str, Any], private: Path) -> StoredNumbers:
    arrays = dict(_arrays(private / _CHECKPOINT / _CHECKPOINT, content["weights"]))
    return StoredNumbers(
        arrays=arrays,
        names={},
        layers={name: len(keys) for name, keys in content["weights"].items()},
        config="",
        keras_version=str(content["keras_version"]),
    )


def _arrays(prefix: Path, weights: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Array]]:
    """Return the arrays of each layer by name, in the order of the seal."""
    import tensorflow as tf

    try:
        reader = tf.train.load_checkpoint(str(prefix))
        for name, keys in weights.items():
            for number, key in enumerate(keys):
                yield f"{name}/{number}", reader.get_tensor(key)
    except tf.errors.OpError as error:
        raise BadInput(DAMAGED) from error
