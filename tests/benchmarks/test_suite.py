import json
import subprocess

import pytest

from app.cli.verbs import run_verb
from benchmarks import suite
from engine.errors import JobFailed

FIGURES = {"gap_p50_ms": 2.0, "gap_p99_ms": 9.5, "gap_max_ms": 31.0, "views_hz": 16.0}
SPEEDS = {"fit": 100.0, "fit_tuned": 400.0, "engine": 1000.0, "window": 950.0}


@pytest.fixture
def measured(monkeypatch):
    """Every case gives the same figures, as its process would print them."""
    calls = []

    def run(command, **settings):
        calls.append((command, settings))
        case = command[-2]
        found = {"case": case, "rounds": [SPEEDS], **FIGURES}
        text = "a line of something else\n" + json.dumps(found)
        return subprocess.CompletedProcess(command, 0, text + "\n", "")

    monkeypatch.setattr(suite.subprocess, "run", run)
    return calls


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json_gives_a_line_a_case_and_the_ratios(capsys, measured):
    assert run_verb(["bench", "--json", "--rounds", "2"]) == 0
    *cases, summary = lines(capsys)
    assert [line["case"] for line in cases] == list(suite.CASES)
    assert cases[0] == {
        "event": "case", "case": "dense-784-128-10", **SPEEDS, "rounds": [SPEEDS], **FIGURES,
    }  # fmt: skip
    assert summary["event"] == "summary"
    assert summary["engine_over_fit"] == dict.fromkeys(suite.CASES, 10.0)
    assert summary["engine_over_fit_tuned"]["circles-b10"] == 2.5
    assert summary["window_over_engine"]["circles-b10"] == 0.95
    assert "engine_over_torch" not in summary
    assert [command[-1] for command, _ in measured] == ["2"] * len(suite.CASES)


def test_one_case_and_a_table(capsys, measured):
    assert run_verb(["bench", "--case", "gru-series"]) == 0
    out = capsys.readouterr().out
    assert "gru-series" in out
    assert "lstm" not in out
    assert "1,000" in out
    assert "10.00" in out
    assert "31.0" in out
    assert len({len(line) for line in out.splitlines() if "│" in line or "┃" in line}) == 1


def test_an_unknown_case_is_refused_with_the_names(capsys, measured):
    assert run_verb(["bench", "--case", "gru"]) == 2
    captured = capsys.readouterr()
    assert 'there is no case "gru"' in captured.err
    assert "dense-784-128-10" in captured.err
    assert not measured


def test_every_case_has_a_home_of_its_own(measured):
    list(suite.run(suite.chosen(None)[:2], 1))
    homes = {settings["env"]["NETSMITH_HOME"] for _, settings in measured}
    assert len(homes) == 2


def test_without_a_screen_the_window_opens_offscreen(measured, monkeypatch):
    monkeypatch.setattr(suite.sys, "platform", "linux")
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    list(suite.run(suite.chosen("gru-series"), 1))
    monkeypatch.setenv("DISPLAY", ":0")
    list(suite.run(suite.chosen("gru-series"), 1))
    chosen = [settings["env"].get("QT_QPA_PLATFORM") for _, settings in measured]
    assert chosen == ["offscreen", None]


def test_a_case_that_fails_says_why(capsys, monkeypatch):
    def run(command, **_settings):
        return subprocess.CompletedProcess(command, 1, "", "Traceback\nMemoryError: 8 GB\n")

    monkeypatch.setattr(suite.subprocess, "run", run)
    with pytest.raises(JobFailed, match="gru-series failed: MemoryError: 8 GB"):
        list(suite.run(suite.chosen("gru-series"), 1))
    assert run_verb(["bench", "--case", "gru-series"]) == 1
    assert "MemoryError" in capsys.readouterr().err


def test_ratios_are_medians_of_those_of_the_rounds():
    rounds = [
        {"fit": 2.0, "engine": 8.0, "window": 6.0},
        {"fit": 1.0, "engine": 5.0, "window": 4.5},  # a slow moment of the computer
        {"fit": 4.0, "engine": 24.0, "window": 24.0},
    ]
    assert suite.ratios([{"case": "a", "rounds": rounds}]) == {
        "engine_over_fit": {"a": 5.0},
        "window_over_engine": {"a": 0.9},
    }


def test_speeds_of_a_case_are_medians_of_the_rounds(monkeypatch):
    rounds = [{"engine": speed, "window": speed / 2} for speed in (8.0, 5.0, 24.0)]

    def run(command, **_settings):
        text = json.dumps({"case": "gru-series", "rounds": rounds, **FIGURES})
        return subprocess.CompletedProcess(command, 0, text, "")

    monkeypatch.setattr(suite.subprocess, "run", run)
    (result,) = suite.run(suite.chosen("gru-series"), 3)
    assert (result["engine"], result["window"]) == (8.0, 4.0)


def test_ratios_leave_out_what_was_not_measured():
    results = [
        {"case": "a", "rounds": [{"engine": 8.0, "window": 6.0, "torch": 4.0}]},
        {"case": "b", "rounds": [{"engine": 8.0, "window": 8.0}]},
    ]
    assert suite.ratios(results) == {
        "window_over_engine": {"a": 0.75, "b": 1.0},
        "engine_over_torch": {"a": 2.0},
    }
