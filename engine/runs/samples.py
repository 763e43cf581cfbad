"""What probes observed of a run, thinly: the table ``samples`` beside ``epochs``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from engine.probes.encoding import decode
from engine.probes.table import PROBES
from engine.training.live.events import RunId

# Made by the first run that has samples: a file of Netsmith 0.1 is read as it is, and 0.1 reads this one.
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS samples (
    run TEXT NOT NULL REFERENCES runs (id), kind TEXT NOT NULL, target TEXT NOT NULL, step INTEGER NOT NULL,
    payload BLOB NOT NULL, PRIMARY KEY (run, kind, target, step)
)"""
_OF_SERIES: Final = "run = ? AND kind = ? AND target = ?"

Series: TypeAlias = tuple[str, str]  # kind and target of a probe


@dataclass(frozen=True)
class EncodedSample:
    """A sample as it is written; ``payload`` as `engine.probes.encoding.encode` makes it."""

    kind: str
    target: str
    step: int
    payload: bytes


@dataclass(frozen=True)
class SampleRecord:
    """A sample of a run.

    Attributes
    ----------
    step
        Steps taken before.
    payload
        As the probe's row in `engine.probes.table.PROBES` says.
    """

    step: int
    payload: Any


@dataclass(frozen=True)
class SeriesSize:
    """How much is kept of a series of samples."""

    count: int
    size_bytes: int


def write(connection: sqlite3.Connection, run: RunId, samples: Iterable[EncodedSample]) -> None:
    """Add samples; one of the same series and step is replaced."""
    connection.execute(_TABLE)
    connection.executemany(
        "INSERT OR REPLACE INTO samples (run, kind, target, step, payload) VALUES (?, ?, ?, ?, ?)",
        [(run, each.kind, each.target, each.step, each.payload) for each in samples],
    )


def thin(connection: sqlite3.Connection, run: RunId, series: Series) -> None:
    """Delete every second sample of a series, beginning with the second."""
    steps = connection.execute(
        f"SELECT step FROM samples WHERE {_OF_SERIES} ORDER BY step",  # noqa: S608  # a constant
        (run, *series),
    ).fetchall()
    connection.executemany(
        f"DELETE FROM samples WHERE {_OF_SERIES} AND step = ?",  # noqa: S608  # a constant
        [(run, *series, step) for (step,) in steps[1::2]],
    )


def forget_after(connection: sqlite3.Connection, run: RunId, step: int) -> None:
    """Delete what was observed after a step."""
    if _has_table(connection):
        connection.execute("DELETE FROM samples WHERE run = ? AND step > ?", (run, step))


def sizes(connection: sqlite3.Connection, run: RunId) -> Mapping[Series, SeriesSize]:
    """Return how much is kept of each series of a run."""
    if not _has_table(connection):
        return {}
    rows = connection.execute(
        "SELECT kind, target, count(*), sum(length(payload)) FROM samples WHERE run = ?"
        " GROUP BY kind, target ORDER BY kind, target",
        (run,),
    )
    return {(kind, target): SeriesSize(count, size) for kind, target, count, size in rows}


def read(
    connection: sqlite3.Connection, run: RunId, series: Series, until: int | None = None
) -> tuple[SampleRecord, ...]:
    """Return the samples of a series in order; damaged ones, and kinds that are not known, are left out.

    Parameters
    ----------
    until
        Only the last one that was taken up to this step.
    """
    row = PROBES.get(series[0])
    if row is None or not _has_table(connection):
        return ()
    limit = "" if until is None else " AND step <= ?"
    order = "step" if until is None else "step DESC LIMIT 1"
    query = f"SELECT step, payload FROM samples WHERE {_OF_SERIES}{limit} ORDER BY {order}"  # noqa: S608
    values = (run, *series) if until is None else (run, *series, until)
    found = []
    for step, data in connection.execute(query, values):
        try:
            found.append(SampleRecord(int(step), decode(data, row.payload)))
        except (ValueError, TypeError):
            continue
    return tuple(found)


def _has_table(connection: sqlite3.Connection) -> bool:
    query = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'samples'"
    return bool(connection.execute(query).fetchone()[0])
