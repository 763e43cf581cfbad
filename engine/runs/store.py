"""The run store: which runs a project had, and how each went."""

from __future__ import annotations

import contextlib
import json
import math
import secrets
import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

from engine.errors import BadInput, JobFailed, quoted
from engine.runs import samples
from engine.runs.database import FILE_NAME, Database
from engine.runs.samples import EncodedSample, SampleRecord, Series, SeriesSize
from engine.spec import codec
from engine.spec.project import ProjectSpec
from engine.training.live.events import Outcome, RunId

_THIS_PROCESS: Final = secrets.token_hex(8)  # process ids are reused
_RUN_COLUMNS: Final = (
    "id, number, started, ended, outcome, spec, device, seconds, samples, figures, process"
)

RecordedOutcome: TypeAlias = Outcome | Literal["running", "interrupted"]


@dataclass(frozen=True)
class EpochRecord:
    """One epoch of a run; fields as in `engine.training.live.events.EpochEnd`."""

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
        As in `RunEnded`; "running" while this process trains it; "interrupted" if another process trains it
        (`engine.runs.locking.is_held`) or ended before the run did.
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

    @property
    def spec(self) -> ProjectSpec:
        """The project as the run used it; `BadInput` if this Netsmith cannot read it."""
        return codec.decode(self.spec_text, f"run {self.number}")


class RunStore:
    """Reads and writes the runs of one project; any thread may call any method.

    The first run creates the file. A damaged file is renamed to ``runs.sqlite.damaged`` and a new one created.

    Raises
    ------
    NewerFile
        From the constructor, if a newer Netsmith wrote the file; it is left untouched.
    JobFailed
        From any method but the constructor, if reading or writing fails.
    """

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder / FILE_NAME)
        # Finds damage now rather than at the end of a run; disk errors are raised by later calls.
        with contextlib.suppress(JobFailed):
            self._database.read(
                lambda connection: connection.execute("SELECT count(*) FROM runs").fetchall()
            )

    @property
    def notice(self) -> str:
        """A message for the user if a damaged file was renamed, else ""."""
        return self._database.notice

    # ---- Writing ----

    def begin(self, run: RunId, spec: ProjectSpec, device: str = "") -> None:
        """Record the start of a run."""
        row = (run, time.time(), codec.encode(spec), device, _THIS_PROCESS)
        self._database.write(
            lambda connection: connection.execute(
                "INSERT INTO runs (id, number, started, spec, device, process)"
                " SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5 FROM runs",
                row,
            )
        )

    def go_on(self, run: RunId, spec: ProjectSpec, device: str, epochs: int, steps: int) -> None:
        """Record that a run continues after these epochs and steps; later records are deleted."""
        row = (codec.encode(spec), device, _THIS_PROCESS, run)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE runs SET ended = NULL, outcome = NULL, spec = ?, device = ?, process = ? WHERE id = ?",
                row,
            )
            _forget_after(connection, run, epochs, steps)

        self._database.write(work)

    def take_back(self, before: RunRecord, epochs: int, steps: int) -> None:
        """Restore the record from before a run was continued after these epochs and steps."""
        interrupted = before.outcome in ("running", "interrupted")
        outcome = "stopped" if interrupted else before.outcome
        ended = time.time() if before.ended is None else before.ended
        row = (ended, outcome, before.spec_text, before.device, before.id)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE runs SET ended = ?, outcome = ?, spec = ?, device = ? WHERE id = ?", row
            )
            _forget_after(connection, before.id, epochs, steps)

        self._database.write(work)

    def add_epochs(self, run: RunId, epochs: Iterable[EpochRecord]) -> None:
        """Add epochs to a run, all or none."""
        rows = [
            (run, each.epoch, each.step, _to_json(each.figures), each.seconds) for each in epochs
        ]
        self._database.write(
            lambda connection: connection.executemany(
                "INSERT OR REPLACE INTO epochs (run, epoch, step, figures, seconds) VALUES (?, ?, ?, ?, ?)",
                rows,
            )
        )

    def add_samples(self, run: RunId, found: Iterable[EncodedSample]) -> None:
        """Add samples of probes to a run, all or none."""
        rows = tuple(found)
        self._database.write(lambda connection: samples.write(connection, run, rows))

    def thin_samples(self, run: RunId, series: Series) -> None:
        """Delete every second sample of one kind of probe and target."""
        self._database.write(lambda connection: samples.thin(connection, run, series))

    def end(
        self,
        run: RunId,
        outcome: Outcome,
        seconds: float,
        samples: int,
        figures: Mapping[str, float],
    ) -> None:
        """Record the end of a run; arguments as in `RunEnded`."""
        row = (time.time(), outcome, seconds, samples, _to_json(figures), run)
        self._database.write(
            lambda connection: connection.execute(
                "UPDATE runs SET ended = ?, outcome = ?, seconds = ?, samples = ?, figures = ? WHERE id = ?",
                row,
            )
        )

    # ---- Reading ----

    def has(self, run: RunId) -> bool:
        """Tell whether a run is recorded."""
        return bool(self._select("WHERE id = ?", run))

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

    def epochs(self, run: RunId) -> tuple[EpochRecord, ...]:
        """Return the epochs of a run, in order."""
        rows = self._database.read(
            lambda connection: connection.execute(
                "SELECT epoch, step, figures, seconds FROM epochs WHERE run = ? ORDER BY epoch",
                (run,),
            ).fetchall()
        )
        return tuple(
            EpochRecord(epoch, step, _from_json(figures), seconds)
            for epoch, step, figures, seconds in rows or ()
        )

    def samples(self, run: RunId, kind: str, target: str = "") -> tuple[SampleRecord, ...]:
        """Return what probes of a kind observed of a target during a run, in order."""
        found = self._database.read(lambda c: samples.read(c, run, (kind, target)))
        return found or ()

    def sample_at(self, run: RunId, kind: str, target: str, step: int) -> SampleRecord | None:
        """Return what was observed last when so many steps were taken, None if nothing was."""
        found = self._database.read(lambda c: samples.read(c, run, (kind, target), step))
        return found[-1] if found else None

    def observed(self, run: RunId) -> Mapping[Series, SeriesSize]:
        """Return (kind, target) of what was observed during a run, and how much of it is kept."""
        return self._database.read(lambda c: samples.sizes(c, run)) or {}

    def _select(self, clause: str, *values: str) -> tuple[RunRecord, ...]:
        query = f"SELECT {_RUN_COLUMNS} FROM runs {clause}"  # noqa: S608  # clauses are this class's own
        rows = self._database.read(lambda connection: connection.execute(query, values).fetchall())
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


def _forget_after(connection: sqlite3.Connection, run: RunId, epochs: int, steps: int) -> None:
    connection.execute("DELETE FROM epochs WHERE run = ? AND epoch > ?", (run, epochs))
    samples.forget_after(connection, run, steps)


def _to_json(figures: Mapping[str, float]) -> str:
    plain = {name: value if math.isfinite(value) else None for name, value in figures.items()}
    return json.dumps(plain, allow_nan=False)


def _from_json(text: str) -> dict[str, float]:
    """Return metrics, without values of a damaged row that are no numbers."""
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
