"""The file of the run store: ``runs.sqlite`` in the project's folder.

Write-ahead logging with a sync at every commit: committed data survives a kill and a power failure.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from engine.errors import JobFailed, NewerFile, quoted

FILE_NAME: Final = "runs.sqlite"
SCHEMA: Final = 1
_PATIENCE_S: Final = 5.0  # another process may be writing
_SIDE_FILES: Final = ("-wal", "-shm")  # side files that belong to the database
# Prefixes of SQLite's error names, and what to do.
_CURES: Final = (
    ("SQLITE_FULL", "the disk is full: free some space"),
    (
        "SQLITE_IOERR",
        "the disk is full or reports an error: free some space or save the project elsewhere",
    ),
    ("SQLITE_BUSY", "another program holds it: close that program"),
    ("SQLITE_LOCKED", "another program holds it: close that program"),
    ("SQLITE_READONLY", "writing is not allowed there: save the project elsewhere"),
    ("SQLITE_PERM", "writing is not allowed there: save the project elsewhere"),
    ("SQLITE_CANTOPEN", "its folder is gone, full or read-only: save the project elsewhere"),
)
_TABLES: Final = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, started REAL NOT NULL, ended REAL, outcome TEXT,
    spec TEXT NOT NULL, device TEXT NOT NULL, seconds REAL NOT NULL DEFAULT 0,
    process TEXT NOT NULL, samples INTEGER NOT NULL DEFAULT 0, figures TEXT NOT NULL DEFAULT '{}',
    note TEXT NOT NULL DEFAULT ''
);
CREATE TABLE epochs (
    run TEXT NOT NULL REFERENCES runs (id), epoch INTEGER NOT NULL, step INTEGER NOT NULL,
    figures TEXT NOT NULL, seconds REAL NOT NULL, PRIMARY KEY (run, epoch)
) WITHOUT ROWID;
"""

_Result = TypeVar("_Result")


class Database:
    """Opens the file for each piece of work; any thread may call any method.

    The first write creates it. A damaged file is renamed to ``runs.sqlite.damaged`` and a new one created.

    Attributes
    ----------
    notice
        A message for the user if a damaged file was renamed, else "".

    Raises
    ------
    NewerFile
        From the constructor, if a newer Netsmith wrote the file; it is left untouched.
    """

    def __init__(self, path: Path) -> None:
        self.notice = ""
        self._path = path
        self._was_there = path.exists()
        self._refuse_newer()

    def read(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result | None:
        """Return the result of ``work``; None if there is no file, `JobFailed` if reading fails."""
        if not self._path.exists():
            return None
        try:
            return self._spared(work)
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                return self._read_unwritable(work)
            raise _refusal("read", error) from error

    def _read_unwritable(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Read from a read-only disk, where SQLite cannot create its side files."""
        with _read_only(self._path, unchanging=True) as connection:
            _refuse_programs(connection)
            return work(connection)

    def write(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Run ``work`` in a transaction, creating the file if there never was one; `JobFailed` if writing fails."""
        if (
            self._was_there and not self._path.exists()
        ):  # a new file would hide that the old one is gone
            raise JobFailed(f'"{FILE_NAME}" is gone: save the project elsewhere')
        try:
            self._spared(work)
        except sqlite3.Error as error:
            raise _refusal("written", error) from error
        self._was_there = True

    def _spared(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Run the work; if the file is damaged, rename it and use a new one."""
        try:
            return self._connected(work)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
        self._set_aside()
        return self._connected(work)

    def _connected(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        # One connection a call: connections cannot change threads, and an open one would lock the folder.
        with contextlib.closing(self._connect()) as connection:
            _make_tables(connection)
            _refuse_programs(connection)
            with connection:  # commits or rolls back
                return work(connection)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_PATIENCE_S, isolation_level="IMMEDIATE")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _refuse_newer(self) -> None:
        if not self._path.exists():
            return
        with contextlib.suppress(sqlite3.Error), _read_only(self._path) as connection:
            if _version(connection) > SCHEMA:
                raise NewerFile(
                    f'"{FILE_NAME}" was made by a newer Netsmith: update Netsmith to see its runs'
                )

    def _set_aside(self) -> None:
        damaged = next(path for path in _names(self._path) if not path.exists())
        try:
            self._path.replace(damaged)
            for suffix in _SIDE_FILES:
                side = self._path.with_name(FILE_NAME + suffix)
                if side.exists():
                    side.replace(damaged.with_name(damaged.name + suffix))
        except OSError as error:
            raise JobFailed(
                f'The damaged "{FILE_NAME}" was not set aside: check the folder\'s rights'
            ) from error
        self.notice = (
            f'The history of runs was damaged: it is kept as "{damaged.name}", a new one begins.'
        )


def copy_database(source: Path, target: Path) -> None:
    """Copy the database of one project folder to another, consistently even during writes.

    A file that SQLite cannot read is copied as it is. OSError if writing fails.
    """
    file, copy = source / FILE_NAME, target / FILE_NAME
    if not file.exists():
        return
    try:
        with _read_only(file) as reader, contextlib.closing(sqlite3.connect(copy)) as writer:
            reader.backup(writer)
    except sqlite3.Error:
        copy.unlink(missing_ok=True)
        shutil.copyfile(file, copy)


def _names(path: Path) -> Iterator[Path]:
    yield path.with_name(f"{path.name}.damaged")
    for number in itertools.count(2):
        yield path.with_name(f"{path.name}.damaged_{number}")


@contextlib.contextmanager
def _read_only(path: Path, *, unchanging: bool = False) -> Iterator[sqlite3.Connection]:
    options = "mode=ro&immutable=1" if unchanging else "mode=ro"
    with contextlib.closing(
        sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True)
    ) as connection:
        yield connection


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _make_tables(connection: sqlite3.Connection) -> None:
    """Create the tables in a new file; of several processes, only one does."""
    if _version(connection) > 0:
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        if _version(connection) == 0:
            for statement in _TABLES.split(";")[:-1]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA}")


def _refuse_programs(connection: sqlite3.Connection) -> None:
    """Treat views and triggers as damage: Netsmith creates none, and foreign ones could run endlessly."""
    query = "SELECT count(*) FROM sqlite_master WHERE type IN ('view', 'trigger')"
    if connection.execute(query).fetchone()[0]:
        raise _ForeignPartsError("the file holds views or triggers")


class _ForeignPartsError(sqlite3.DatabaseError):
    """The file is a database of another program."""


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Tell whether a file is damaged, rather than busy, locked or on a full disk."""
    if isinstance(error, _ForeignPartsError):
        return True
    damage = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}
    name = getattr(error, "sqlite_errorname", "")
    missing = ("no such table", "no such column", "has no column")
    return any(name.startswith(each) for each in damage) or any(m in str(error) for m in missing)


def _refusal(what: str, error: sqlite3.Error) -> JobFailed:
    name = getattr(error, "sqlite_errorname", "")
    known = next((cure for start, cure in _CURES if name.startswith(start)), "")
    reason = known or f"{quoted(error, 60)}: check the disk and the folder's rights"
    return JobFailed(f'"{FILE_NAME}" was not {what}: {reason}')
