import subprocess
import sys
from pathlib import Path

import pytest

from engine.runs.locking import FILE_NAME, RunLock, is_held

HOLDER = """
import sys
from pathlib import Path
from engine.runs.locking import RunLock

print(RunLock(Path(sys.argv[1])).acquire(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "runs" / "a"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr("engine.runs.locking._ATTEMPTS", 2)


def test_one_holds_it_at_a_time(folder, impatient):
    assert not is_held(folder)
    first, second = RunLock(folder), RunLock(folder)
    assert first.acquire()
    assert is_held(folder)
    assert not second.acquire()
    first.release()
    assert not is_held(folder)
    assert second.acquire()
    second.release()


def test_nothing_is_left_behind_but_what_the_run_left(folder):
    lock = RunLock(folder)
    lock.acquire()
    lock.release()
    lock.release()
    assert not folder.exists()
    lock.acquire()
    (folder / "last.keras").touch()
    lock.release()
    assert [path.name for path in folder.iterdir()] == ["last.keras"]


def test_who_waited_for_a_file_that_is_gone_holds_the_new_one(folder, monkeypatch):
    first, second = RunLock(folder), RunLock(folder)
    assert first.acquire()
    monkeypatch.setattr("engine.runs.locking._BETWEEN_S", 0.0)
    monkeypatch.setattr("engine.runs.locking._take", _releasing(first))
    assert second.acquire()
    assert is_held(folder)
    second.release()


def _releasing(lock):
    """Return a taking of the lock before which its holder lets go and removes the file."""
    from engine.runs import locking

    take = locking._take

    def taken(handle):
        lock.release()
        take(handle)

    return taken


def test_the_dead_hold_nothing(folder, impatient):
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], cwd=root, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "True\n"
        assert is_held(folder)
        assert not RunLock(folder).acquire()
        process.kill()
    assert not is_held(folder)
    assert (folder / FILE_NAME).exists()
    assert RunLock(folder).acquire()


def test_a_disk_that_refuses_gives_the_right_to_everybody(tmp_path):
    (tmp_path / "runs").touch()
    lock = RunLock(tmp_path / "runs" / "a")
    assert lock.acquire()
    lock.release()
    assert not is_held(tmp_path / "runs" / "a")
