import contextlib
import math
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.errors import BadInput, JobFailed, NewerFile
from engine.runs.database import FILE_NAME, Database
from engine.runs.store import EpochRecord, RunStore
from engine.spec.project import ProjectSpec

SPEC = ProjectSpec(name="Ünïcode «x»")
ROOT = Path(__file__).resolve().parents[3]


def epoch(number, **figures):
    return EpochRecord(number, number * 10, figures or {"loss": 1 / number}, 0.25)


def test_reading_makes_no_file(tmp_path):
    store = RunStore(tmp_path)
    assert (store.runs(), store.epochs("x"), store.notice) == ((), (), "")
    assert list(tmp_path.iterdir()) == []


def test_a_whole_run_comes_back(tmp_path):
    store = RunStore(tmp_path)
    store.begin("a", SPEC, "cpu")
    store.add_epochs("a", [epoch(1), epoch(2)])
    store.end("a", "finished", 1.5, 2400, {"loss": 0.5, "test_accuracy": 0.9})
    record = RunStore(tmp_path).run("a")
    assert (record.number, record.outcome, record.seconds, record.samples) == (
        1,
        "finished",
        1.5,
        2400,
    )
    assert record.figures == {"loss": 0.5, "test_accuracy": 0.9}
    assert (record.device, record.spec) == ("cpu", SPEC)
    assert record.started <= record.ended
    assert RunStore(tmp_path).epochs("a") == (epoch(1), epoch(2))


def test_numbers_count_and_name_runs(tmp_path):
    store = RunStore(tmp_path)
    for run in ("a", "b", "c"):
        store.begin(run, SPEC)
    assert [record.number for record in store.runs()] == [1, 2, 3]
    assert store.runs()[-1].id == "c"
    assert store.run("2").id == "b"
    with pytest.raises(BadInput, match='no run "7"'):
        store.run("7")


def test_a_run_without_end_is_running_in_its_process_and_interrupted_in_others(
    tmp_path, monkeypatch
):
    RunStore(tmp_path).begin("a", SPEC)
    assert RunStore(tmp_path).runs()[-1].outcome == "running"
    monkeypatch.setattr("engine.runs.store._THIS_PROCESS", "another")
    assert RunStore(tmp_path).runs()[-1].outcome == "interrupted"


def test_figures_that_are_no_numbers_survive(tmp_path):
    store = RunStore(tmp_path)
    store.begin("a", SPEC)
    store.add_epochs("a", [epoch(1, loss=math.nan, val_loss=math.inf)])
    (found,) = store.epochs("a")
    assert all(math.isnan(value) for value in found.figures.values())


@pytest.mark.parametrize(
    "content",
    [b"not a database at all" * 100, b"SQLite format 3\0" + bytes(range(256)) * 40, b"\0" * 8192],
)
def test_a_damaged_file_is_set_aside_and_said_once(tmp_path, content):
    path = tmp_path / FILE_NAME
    path.write_bytes(content)
    store = RunStore(tmp_path)
    assert FILE_NAME + ".damaged" in store.notice
    assert len(store.notice) <= 160
    assert (tmp_path / (FILE_NAME + ".damaged")).read_bytes() == content
    store.begin("a", SPEC)
    again = RunStore(tmp_path)
    assert again.notice == ""
    assert again.runs()[-1].id == "a"


def test_damage_in_the_middle_is_found_and_older_damage_is_kept(tmp_path):
    store = RunStore(tmp_path)
    for number in range(60):
        store.begin(f"run{number}", SPEC)
    path = tmp_path / FILE_NAME
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    path.write_bytes(content)
    (tmp_path / (FILE_NAME + ".damaged")).write_text("older")
    damaged = RunStore(tmp_path)
    damaged.begin("new", SPEC)
    assert [record.id for record in damaged.runs()] == ["new"]
    assert (tmp_path / (FILE_NAME + ".damaged")).read_text() == "older"
    assert (tmp_path / (FILE_NAME + ".damaged_2")).read_bytes() == content


def test_a_newer_file_is_left_untouched(tmp_path):
    RunStore(tmp_path).begin("a", SPEC)
    path = tmp_path / FILE_NAME
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(NewerFile, match="newer Netsmith"):
        RunStore(tmp_path)
    assert path.read_bytes() == before


def test_an_empty_file_is_a_new_store(tmp_path):
    (tmp_path / FILE_NAME).touch()
    store = RunStore(tmp_path)
    assert (store.runs(), store.notice) == ((), "")


def test_a_missing_folder_is_refused_in_words(tmp_path):
    with pytest.raises(JobFailed, match=FILE_NAME):
        RunStore(tmp_path / "gone").begin("a", SPEC)


def test_writers_in_several_threads_lose_nothing(tmp_path):
    store = RunStore(tmp_path)

    def work(name):
        store.begin(name, SPEC)
        for number in range(1, 6):
            store.add_epochs(name, [epoch(number)])

    threads = [threading.Thread(target=work, args=(f"run{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(record.number for record in store.runs()) == [1, 2, 3, 4]
    assert all(len(store.epochs(f"run{number}")) == 5 for number in range(4))


WRITER = """
import sys
from pathlib import Path
from engine.runs.store import EpochRecord, RunStore
from engine.spec.project import ProjectSpec
store = RunStore(Path(sys.argv[1]))
store.begin(sys.argv[2], ProjectSpec())
for number in range(1, 1_000_000):
    store.add_epochs(sys.argv[2], [EpochRecord(number, number, {"loss": 1.0}, 0.1)])
    print(number, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("lines", [1, 7, 20])
def test_a_kill_in_the_middle_of_writing_loses_nothing_reported(tmp_path, lines):
    command = [sys.executable, "-c", WRITER, str(tmp_path), "killed"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        reported = [int(writer.stdout.readline()) for _ in range(lines)][-1]
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
    reported = int(rest[-1]) if rest else reported
    store = RunStore(tmp_path)
    assert store.notice == ""
    assert store.runs()[-1].outcome == "interrupted"
    numbers = [record.epoch for record in store.epochs("killed")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= reported
    store.begin("next", SPEC)
    assert store.runs()[-1].number == 2


@pytest.mark.parametrize(
    "statements",
    [
        "CREATE TRIGGER t BEFORE INSERT ON runs BEGIN SELECT raise(abort, 'x'); END",
        "DROP TABLE runs; CREATE VIEW runs AS SELECT 1 AS id, 1 AS number",
        "ALTER TABLE runs DROP COLUMN device",
    ],
)
def test_a_strangers_tables_are_set_aside(tmp_path, statements):
    RunStore(tmp_path).begin("a", SPEC)
    with contextlib.closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.executescript(statements)
    store = RunStore(tmp_path)
    assert store.runs() == ()
    assert store.notice
    store.begin("b", SPEC)
    assert [run.id for run in store.runs()] == ["b"]


@pytest.mark.parametrize(
    "figures", ["junk", "[1]", "null", '{"loss": "x", "a": {}}', "[" * 100_000]
)
def test_damaged_figures_do_not_hide_a_run(tmp_path, figures):
    store = RunStore(tmp_path)
    store.begin("a", SPEC)
    with contextlib.closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection, connection:
        connection.execute("UPDATE runs SET figures = ?", (figures,))
    assert store.run("a").figures == {}


def test_runs_are_read_on_a_disk_that_takes_no_writing(tmp_path, monkeypatch):
    RunStore(tmp_path).begin("a", SPEC)

    def refuse(*_):
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(Database, "_connect", refuse)
    assert [run.id for run in RunStore(tmp_path).runs()] == ["a"]
    with pytest.raises(JobFailed):
        RunStore(tmp_path).begin("b", SPEC)
