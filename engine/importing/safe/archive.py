"""Open a model file once, recognise it by its first bytes, and check the members of its archive."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, Literal

from engine.errors import BadInput, UnsafeFile, quoted
from engine.export.table import SAVED_MODEL
from engine.importing.other_formats import (
    MOST_BYTES,
    file_refusal,
    folder_refusal,
    refuse_other_archive,
)

LARGEST_FILE_BYTES = 4 * 1024**3
MOST_MEMBERS = 4096
MOST_GROWTH = 50  # times the size of the file
_LARGEST_DIRECTORY_BYTES = 1024 * 1024
_BLOCK_BYTES = 1024 * 1024
_END = struct.Struct("<4s4H2LH")  # end of central directory
_END_MARK = b"PK\x05\x06"
_LOCAL = struct.Struct("<4s5H3L2H")  # local file header
_LOCAL_MARK = b"PK\x03\x04"
_HDF5_MARK = b"\x89HDF\r\n\x1a\n"
_ONNX_MARK = b"\x08"  # the format's version, which writers put first
DAMAGED = "it is damaged or was not downloaded completely"
_OUTSIDE = "the archive tries to place a file outside its own folder"
PROGRAM = "it is a SavedModel, which is a program: ask its author for a .keras or .h5 file"
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")  # devices on Windows

METADATA = "metadata.json"
CONFIG = "config.json"
WEIGHTS = "model.weights.h5"
_EXPECTED = frozenset({METADATA, CONFIG, WEIGHTS})
_ASSETS = "assets/"

FileFormat = Literal["keras", "h5", "onnx"]


@contextlib.contextmanager
def opened_file(path: Path) -> Iterator[tuple[BinaryIO, FileFormat]]:
    """Open a regular local file of at most 4 GB; yield it with its format.

    Raises
    ------
    BadInput
        If it is missing, empty, or no Keras or ONNX model.
    UnsafeFile
        If it is too large or not on this computer.
    """
    check_name(path)
    if path.name == SAVED_MODEL:
        raise UnsafeFile(PROGRAM)
    # Do not wait at a pipe, and do not acquire a terminal.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    flags |= getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError as error:
        raise BadInput("there is no such file: check the name") from error
    except OSError as error:
        raise BadInput(f"reading it failed ({quoted(error.strerror, 40)})") from error
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        if stat.S_ISDIR(facts.st_mode) and (path / SAVED_MODEL).exists():
            raise UnsafeFile(PROGRAM)
        raise folder_refusal(path)
    with os.fdopen(descriptor, "rb") as stream:
        if facts.st_size == 0:
            raise BadInput("it is empty: it was probably not downloaded completely")
        if facts.st_size > LARGEST_FILE_BYTES:
            raise UnsafeFile("it is larger than 4 GB, which is more than Netsmith opens")
        yield stream, _format(stream)


def check_name(path: Path) -> None:
    """Raise UnsafeFile if a path leads to another computer or a device; nothing is opened."""
    text = os.fspath(path)
    if text.startswith(("\\\\", "//")) or "://" in text or re.match(r"^[A-Za-z]:[^\\/]", text):
        raise UnsafeFile("it is no file on this computer: copy it here first")
    if "\0" in text or _RESERVED.match(path.name):
        raise UnsafeFile("its name belongs to a device: rename it")


def _format(stream: BinaryIO) -> FileFormat:
    start = stream.read(MOST_BYTES)
    stream.seek(0)
    if start.startswith(_HDF5_MARK):
        return "h5"
    if start.startswith(_LOCAL_MARK):
        return "keras"
    if start.startswith(_ONNX_MARK) and start[4:8] not in (b"TFL3", b"ORTM"):
        return "onnx"
    raise file_refusal(start)


class Archive:
    """A checked ``.keras`` archive: only known members, each once, none of unlikely size.

    Paths of members may have the separators of Windows.
    """

    def __init__(self, stream: BinaryIO) -> None:
        """Check the archive's directory; errors as `read`."""
        self._size = os.fstat(stream.fileno()).st_size
        _check_end(stream, self._size)
        with _damage():
            self._archive = zipfile.ZipFile(stream)
        entries = self._archive.infolist()
        for entry in entries:
            entry.filename = entry.filename.replace("\\", "/")
        if CONFIG not in {entry.filename for entry in entries}:
            refuse_other_archive(entry.filename for entry in entries)
        _check_members(entries, self._size)
        with _damage():
            _check_places(stream, entries)
        self.names = frozenset(entry.filename for entry in entries)

    def read(self, name: str, largest_bytes: int) -> bytes:
        """Return a small member.

        Raises
        ------
        BadInput
            If it is missing or damaged.
        UnsafeFile
            If it unpacks to more than ``largest_bytes``.
        """
        entry = self._entry(name)
        if entry.file_size > largest_bytes:
            raise UnsafeFile("it unpacks to far more than its size")
        with _damage():
            return self._archive.read(entry)

    @contextlib.contextmanager
    def extracted(self, name: str) -> Iterator[IO[bytes]]:
        """Yield a member as an unnamed temporary file; errors as `read`."""
        entry = self._entry(name)
        with tempfile.TemporaryFile() as target:
            with _damage(), self._archive.open(entry) as source:
                while block := source.read(_BLOCK_BYTES):
                    target.write(block)
            target.flush()
            target.seek(0)
            yield target

    def _entry(self, name: str) -> zipfile.ZipInfo:
        if name not in self.names:
            raise BadInput(f'its part "{name}" is missing: {DAMAGED}')
        return self._archive.getinfo(name)


def _check_end(stream: BinaryIO, size: int) -> None:
    """Check the size of the directory before it is read."""
    tail_bytes = min(size, _END.size + 65_535)
    stream.seek(size - tail_bytes)
    tail = stream.read(tail_bytes)
    place = tail.rfind(_END_MARK)
    if place < 0 or len(tail) - place < _END.size:
        raise BadInput(DAMAGED)
    fields = _END.unpack_from(tail, place)
    members, directory_bytes = fields[4], fields[5]
    if members > MOST_MEMBERS or directory_bytes > _LARGEST_DIRECTORY_BYTES:
        raise UnsafeFile(f"the archive holds more than {MOST_MEMBERS} files")
    stream.seek(0)


def _check_members(entries: list[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > MOST_MEMBERS:
        raise UnsafeFile(f"the archive holds more than {MOST_MEMBERS} files")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise UnsafeFile("the archive holds the same file twice")
    for entry in entries:
        _check_member(entry)
    if sum(entry.file_size for entry in entries) > MOST_GROWTH * size:
        raise UnsafeFile("it unpacks to far more than its size")


def _check_member(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    parts = name.split("/")
    if ":" in name or name.startswith("/") or ".." in parts:
        raise UnsafeFile(_OUTSIDE)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise UnsafeFile(_OUTSIDE)
    if name not in _EXPECTED and not name.startswith(_ASSETS):
        raise UnsafeFile(f'the archive holds "{quoted(name, 40)}", which is no part of a model')
    if entry.flag_bits & 0x1:
        raise BadInput("it is locked with a password: unlock it first")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadInput("it is packed in an unusual way: pack it again with Keras")


def _check_places(stream: BinaryIO, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse members that share bytes, by which a small archive could unpack to a large one."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise UnsafeFile("it unpacks to far more than its size")
        stream.seek(entry.header_offset)
        header = _LOCAL.unpack(stream.read(_LOCAL.size))
        if header[0] != _LOCAL_MARK:
            raise BadInput(DAMAGED)
        end = entry.header_offset + _LOCAL.size + header[-2] + header[-1] + entry.compress_size


@contextlib.contextmanager
def _damage() -> Iterator[None]:
    """Turn every error of a broken archive into one message."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
        NotImplementedError,
        MemoryError,
    ) as error:
        raise BadInput(DAMAGED) from error
