import json
import subprocess

import pytest

from app.cli.verbs import run_verb
from benchmarks import reading, suite


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(reading, "_LEAST_S", 0.01)
    photos = (
        reading.Photos("12mp", 160, 120, 1.0, 2, 1),
        reading.Photos("0.2mp", 96, 80, 1.0, 2, 3),
    )
    monkeypatch.setattr(reading, "PHOTOS", photos)


@pytest.mark.slow
def test_every_way_reads_every_picture(tmp_path, small, monkeypatch):
    read = []
    speed = reading._speed
    monkeypatch.setattr(
        reading, "_speed", lambda way, count: read.append((way(), count)) or speed(way, count)
    )
    found = reading.measure("pictures", tmp_path, 1)
    (speeds,) = found["rounds"]
    assert list(speeds) == [
        "keras_12mp", "reader_12mp", "cache_12mp", "keras_0.2mp", "reader_0.2mp", "cache_0.2mp",
    ]  # fmt: skip
    assert all(value > 0 for value in speeds.values())
    pictures = [count if isinstance(count, int) else len(count) for count, _ in read]
    assert pictures == [expected for _, expected in read] == [4, 4, 4, 12, 12, 12]


def test_the_case_has_its_own_module_and_ratios(monkeypatch, capsys):
    rounds = [
        {
            "keras_12mp": 5.0,
            "reader_12mp": 20.0,
            "keras_0.2mp": 100.0,
            "reader_0.2mp": 95.0,
            "cache_0.2mp": 5e4,
        }
    ]
    commands = []

    def run(command, **_settings):
        commands.append(command)
        text = json.dumps({"case": "pictures", "rounds": rounds})
        return subprocess.CompletedProcess(command, 0, text, "")

    monkeypatch.setattr(suite.subprocess, "run", run)
    assert run_verb(["bench", "--case", "pictures", "--json"]) == 0
    assert commands[0][1:] == ["-m", "benchmarks.reading", "pictures", "3"]
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert summary["reader_over_keras_12mp"] == {"pictures": 4.0}
    assert summary["reader_over_keras_0.2mp"] == {"pictures": 0.95}
    assert summary["cache_over_keras_0.2mp"] == {"pictures": 500.0}
    assert run_verb(["bench", "--case", "pictures"]) == 0
    out = capsys.readouterr().out
    assert "500.00" in out
    assert "event loop" not in out
