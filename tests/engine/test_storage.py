import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine import storage
from engine.errors import JobFailed, quoted

ROOT = Path(__file__).resolve().parent.parent.parent

WRITER = """
import sys
from pathlib import Path
from engine import storage
path, number = Path(sys.argv[1]), 0
while True:
    number += 1
    storage.write_text(path, f"{number}:" + "x" * 20000 + ":end")
    print(number, flush=True)
"""


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "a.json"
    storage.write_text(path, "first")
    storage.write_text(path, "second, longer")
    assert path.read_text() == "second, longer"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_the_writer_sees_the_suffix_it_needs(tmp_path):
    seen = []

    def write(path):
        seen.append(path.name)
        path.write_bytes(b"x")

    storage.write_with(tmp_path / "model.weights.h5", write)
    assert seen[0].endswith(".weights.h5")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES, errno.EDQUOT])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_when_the_disk_refuses_the_old_content_stays(tmp_path, monkeypatch, code, call):
    path = tmp_path / "a.json"
    storage.write_text(path, "old")

    def refuse(*_arguments, **_keywords):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "replace")), refuse)
    with pytest.raises(JobFailed, match=r'"a\.json" was not written'):
        storage.write_text(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_killed_writer_leaves_a_whole_file_not_older_than_reported(tmp_path):
    path = tmp_path / "project.json"
    for kill_after in (1, 2, 3, 5, 8, 13, 21):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        with process:
            for line in process.stdout:
                if int(line) >= kill_after:
                    break
            process.send_signal(signal.SIGKILL)
            reported = [kill_after, *map(int, process.stdout.read().split())]
        text = path.read_text()
        assert text.endswith(":end")
        assert int(text.split(":")[0]) >= reported[-1]
    storage.sweep(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["project.json"]


def test_sweeping_spares_what_a_living_process_writes(tmp_path):
    alive = tmp_path / f".a.json.{os.getppid()}.00000000.part.json"
    dead = tmp_path / ".a.json.999999999.00000000.part.json"
    for path in (alive, dead):
        path.write_text("half")
    storage.sweep(tmp_path)
    assert alive.exists()
    assert not dead.exists()


def test_foreign_text_is_cut_and_cleaned():
    assert quoted("a\x1b[31m\u202egpj.exe\nb") == "a [31m gpj.exe b"
    assert len(quoted("x" * 1000)) == 80
