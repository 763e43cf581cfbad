"""The run store: ``runs.sqlite`` in the project's folder.

Write-ahead logging with a sync at every commit: what a call has written survives a kill and a power cut.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypeVar

from engine.errors import BadInput, JobFailed, NewerFile, quoted
from engine.spec import codec
from engine.spec.project import ProjectSpec
from engine.training.events import Outcome, RunId

FILE_NAME: Final = "runs.sqlite"
SCHEMA: Final = 1
_THIS_PROCESS: Final = secrets.token_hex(8)  # a number of the system's would be used again
_PATIENCE_S: Final = 5.0  # another process may be writing
_SIDE_FILES: Final = ("-wal", "-shm")  # belong to the file and go where it goes
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
_RUN_COLUMNS: Final = (
    "id, number, started, ended, outcome, spec, device, seconds, samples, figures, note, process"
)

RecordedOutcome: TypeAlias = Outcome | Literal["running", "interrupted"]
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class EpochRecord:
    """One epoch of a run; fields as in `engine.training.events.EpochEnded`."""

    epoch: int
    step: int
    figures: Mapping[str, float]
    seconds: float


@dataclass(frozen=True)
class RunRecord:
    """One run.

    Attributes
    ----------
    number
        Counts the project's runs from 1.
    started, ended
        Seconds since 1970; ``ended`` is None for a run that has not ended.
    outcome
        As in `RunEnded`; "running" while this process trains it; "interrupted" if its process died, or still
        trains it, which `engine.runs.locking.is_held` tells.
    spec_text
        The project as the run used it, as in ``project.json``.
    samples
        Training samples used, every epoch counted.
    """

    id: RunId
    number: int
    started: float
    ended: float | None
    outcome: RecordedOutcome
    spec_text: str
    device: str
    seconds: float = 0.0
    samples: int = 0
    figures: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def spec(self) -> ProjectSpec:
        """The project as the run used it; `BadInput` if this Netsmith cannot read it."""
        return codec.decode(self.spec_text, f"run {self.number}")


class RunStore:
    """Reads and writes the runs of one project; any thread may call any method.

    The file is made by the first run. A damaged file is set aside as ``runs.sqlite.damaged`` and a new one
    begun.

    Attributes
    ----------
    notice
        One sentence for the user if a damaged file was set aside, else "".

    Raises
    ------
    NewerFile
        From the constructor, if a newer Netsmith wrote the file; it is left untouched.
    JobFailed
        From any method, if the disk refuses.
    """

    def __init__(self, folder: Path) -> None:
        self.notice = ""
        self._path = folder / FILE_NAME
        self._refuse_newer()
        # Finds damage now, not when the first run ends.
        self._read(lambda connection: connection.execute("SELECT count(*) FROM runs").fetchall())

    # ---- Writing ----

    def begin(self, run: RunId, spec: ProjectSpec, device: str = "") -> None:
        """Note that a run has begun."""
        row = (run, time.time(), codec.encode(spec), device, _THIS_PROCESS)
        self._write(
            lambda connection: connection.execute(
                "INSERT INTO runs (id, number, started, spec, device, process)"
                " SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5 FROM runs",
                row,
            )
        )

    def go_on(self, run: RunId, spec: ProjectSpec, device: str, epochs: int) -> None:
        """Note that a run goes on after so many epochs; what is recorded of later ones is forgotten."""
        row = (codec.encode(spec), device, _THIS_PROCESS, run)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE runs SET ended = NULL, outcome = NULL, spec = ?, device = ?, process = ? WHERE id = ?",
                row,
            )
            _forget_epochs(connection, run, epochs)

        self._write(work)

    def take_back(self, before: RunRecord, epochs: int) -> None:
        """Make a run's record again what it was before the run went on after so many epochs."""
        interrupted = before.outcome in ("running", "interrupted")
        outcome = "stopped" if interrupted else before.outcome
        ended = time.time() if before.ended is None else before.ended
        row = (ended, outcome, before.spec_text, before.device, before.id)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE runs SET ended = ?, outcome = ?, spec = ?, device = ? WHERE id = ?", row
            )
            _forget_epochs(connection, before.id, epochs)

        self._write(work)

    def add_epochs(self, run: RunId, epochs: Iterable[EpochRecord]) -> None:
        """Note epochs of a run that has begun, all or none."""
        rows = [
            (run, each.epoch, each.step, _to_json(each.figures), each.seconds) for each in epochs
        ]
        self._write(
            lambda connection: connection.executemany(
                "INSERT OR REPLACE INTO epochs (run, epoch, step, figures, seconds) VALUES (?, ?, ?, ?, ?)",
                rows,
            )
        )

    def end(
        self,
        run: RunId,
        outcome: Outcome,
        seconds: float,
        samples: int,
        figures: Mapping[str, float],
    ) -> None:
        """Note how a run ended; arguments as in `RunEnded`."""
        row = (time.time(), outcome, seconds, samples, _to_json(figures), run)
        self._write(
            lambda connection: connection.execute(
                "UPDATE runs SET ended = ?, outcome = ?, seconds = ?, samples = ?, figures = ? WHERE id = ?",
                row,
            )
        )

    def set_note(self, run: RunId, note: str) -> None:
        """Replace the user's note on a run."""
        self._write(
            lambda connection: connection.execute(
                "UPDATE runs SET note = ? WHERE id = ?", (note, run)
            )
        )

    # ---- Reading ----

    def runs(self) -> tuple[RunRecord, ...]:
        """Return all runs, oldest first."""
        return self._select("ORDER BY number")

    def run(self, run: RunId) -> RunRecord:
        """Return one run, by id or by number as text.

        Raises
        ------
        BadInput
            If there is none.
        """
        found = self._select(
            "WHERE id = ?1 OR CAST(number AS TEXT) = ?1 ORDER BY id = ?1 DESC", run
        )
        if not found:
            raise BadInput(
                f'There is no run "{quoted(run, 40)}": choose one of the project\'s runs.'
            )
        return found[0]

    def latest(self) -> RunRecord | None:
        """Return the run begun last, None if there was none."""
        found = self._select("ORDER BY number DESC LIMIT 1")
        return found[0] if found else None

    def epochs(self, run: RunId) -> tuple[EpochRecord, ...]:
        """Return the epochs of a run, in order."""
        rows = self._read(
            lambda connection: connection.execute(
                "SELECT epoch, step, figures, seconds FROM epochs WHERE run = ? ORDER BY epoch",
                (run,),
            ).fetchall()
        )
        return tuple(
            EpochRecord(epoch, step, _from_json(figures), seconds)
            for epoch, step, figures, seconds in rows or ()
        )

    def _select(self, clause: str, *values: str) -> tuple[RunRecord, ...]:
        query = f"SELECT {_RUN_COLUMNS} FROM runs {clause}"  # noqa: S608  # clauses are this class's own
        rows = self._read(lambda connection: connection.execute(query, values).fetchall())
        return tuple(self._record(row) for row in rows or ())

    def _record(self, row: tuple[object, ...]) -> RunRecord:
        fields = dict(zip(_RUN_COLUMNS.split(", "), row, strict=True))
        fields["spec_text"] = fields.pop("spec")
        fields["figures"] = _from_json(str(fields["figures"]))
        if fields["outcome"] is None:
            mine = fields["process"] == _THIS_PROCESS
            fields["outcome"] = "running" if mine else "interrupted"
        del fields["process"]
        return RunRecord(**fields)  # type: ignore[arg-type]  # as the columns are

    # ---- The file ----

    def _read(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result | None:
        """Return what ``work`` reads; None if there is no file."""
        if not self._path.exists():
            return None
        try:
            return self._spared(work)
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                return self._read_unwritable(work)
            raise _refusal("read", error) from error

    def _read_unwritable(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Read on a disk that takes no writing, where SQLite cannot make the files beside its own."""
        with _read_only(self._path, unchanging=True) as connection:
            _refuse_programs(connection)
            return work(connection)

    def _write(self, work: Callable[[sqlite3.Connection], object]) -> None:
        try:
            self._spared(work)
        except sqlite3.Error as error:
            raise _refusal("written", error) from error

    def _spared(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Do the work; on a damaged file, set it aside and do the work on a new one."""
        try:
            return self._connected(work)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
        self._set_aside()
        return self._connected(work)

    def _connected(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        # A connection a call: SQLite's may not cross threads, and an open one would keep a folder from moving.
        with contextlib.closing(self._connect()) as connection:
            _make_tables(connection)
            _refuse_programs(connection)
            with connection:  # commits, or takes back
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


def _forget_epochs(connection: sqlite3.Connection, run: RunId, after: int) -> None:
    connection.execute("DELETE FROM epochs WHERE run = ? AND epoch > ?", (run, after))


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
    """Make the tables in a new file; of several processes that try, one does."""
    if _version(connection) > 0:
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        if _version(connection) == 0:
            for statement in _TABLES.split(";")[:-1]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA}")


def _refuse_programs(connection: sqlite3.Connection) -> None:
    """Treat views and triggers as damage: Netsmith makes none, a stranger's could compute without end."""
    query = "SELECT count(*) FROM sqlite_master WHERE type IN ('view', 'trigger')"
    if connection.execute(query).fetchone()[0]:
        raise _ForeignPartsError("the file holds views or triggers")


class _ForeignPartsError(sqlite3.DatabaseError):
    """The file is a database, not one of Netsmith's."""


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Tell a file that SQLite cannot use from one that is busy, locked or on a full disk."""
    if isinstance(error, _ForeignPartsError):
        return True
    damage = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}
    name = getattr(error, "sqlite_errorname", "")
    missing = ("no such table", "no such column", "has no column")
    return any(name.startswith(each) for each in damage) or any(m in str(error) for m in missing)


def _refusal(what: str, error: sqlite3.Error) -> JobFailed:
    return JobFailed(
        f'"{FILE_NAME}" was not {what} ({quoted(error, 60)}): check the disk and the folder\'s rights'
    )


def _to_json(figures: Mapping[str, float]) -> str:
    plain = {name: value if math.isfinite(value) else None for name, value in figures.items()}
    return json.dumps(plain, allow_nan=False)


def _from_json(text: str) -> dict[str, float]:
    """Return figures; what a damaged row holds beside numbers is left out."""
    try:
        figures = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    named = figures.items() if isinstance(figures, dict) else ()
    return {
        name: math.nan if value is None else float(value)
        for name, value in named
        if value is None or type(value) in (int, float)
    }
