"""Who listens to a verb, and who asks it to end, never costs what it does."""

import errno
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app import heavy
from app.cli.output import Output, Unfailing, unfailing_streams
from app.cli.verbs import run_verb
from app.system.signals import ENDING, ended_by_signals, stopped_by_signals
from engine.errors import JobFailed
from engine.training.live.control import TrainingControl

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("streams") / "moons"
    assert run_verb(["new", str(folder), "--template", "mlp", "--data", "moons"]) == 0
    return folder


def started(*arguments, **streams):
    return subprocess.Popen(
        [sys.executable, "-m", "main", *map(str, arguments)], cwd=ROOT, **streams
    )


# ---- Streams ----


class Broken(io.StringIO):
    def __init__(self, number):
        super().__init__()
        self.tried = 0
        self._number = number

    def write(self, text):
        self.tried += 1
        raise OSError(self._number, os.strerror(self._number))


@pytest.mark.parametrize("number", [errno.EPIPE, errno.EIO])
def test_a_stream_that_nobody_reads_is_turned_off(number):
    broken = Broken(number)
    stream = Unfailing(broken)
    print("one", file=stream, flush=True)
    print("two", file=stream, flush=True)
    assert broken.tried == 1
    assert stream.problem == ""


def test_a_full_disk_behind_standard_output_fails_the_verb(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Broken(errno.ENOSPC))
    with (
        pytest.raises(JobFailed, match="lost: the disk is full: free some space"),
        unfailing_streams(),
    ):
        Output(as_json=True).summary("", samples=1)


def test_a_stream_that_works_is_written_as_ever(capsys):
    with unfailing_streams():
        Output(as_json=True).summary("", samples=1)
        Output.complain("no")
    assert capsys.readouterr() == ('{"event": "summary", "samples": 1}\n', "netsmith: no\n")


def test_a_training_whose_listener_leaves_is_trained_to_its_end(project):
    with started(
        "train", project, "--epochs", 3, "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert json.loads(process.stdout.readline())["event"] == "started"
        process.stdout.close()
        complaints = process.stderr.read()
    assert (process.returncode, complaints) == (0, b"")
    assert kept_epochs(project) == 3


def test_closed_streams_cost_nothing(project):
    command = f'"{sys.executable}" -m main train "{project}" --epochs 2 >&- 2>&- <&-'
    finished = subprocess.run(command, shell=True, cwd=ROOT, check=False)  # noqa: S602  # a shell closes them
    assert finished.returncode == 0
    assert kept_epochs(project) == 2


def test_help_into_a_closed_pipe_says_nothing():
    with started("--help", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def kept_epochs(project):
    return heavy.restore(project, heavy.last_run(project)).epochs


# ---- Signals ----


@pytest.mark.usefixtures("heeded")
def test_each_signal_stops_a_training_once_and_then_interrupts():
    for number in ENDING:
        control = TrainingControl()
        with ended_by_signals(), stopped_by_signals(control.stop):
            signal.raise_signal(number)
            assert control.requests.stop == "keep"
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(number)


def test_a_signal_that_the_caller_ignores_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ended_by_signals():
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_training_that_is_asked_to_end_keeps_what_it_learned(project, number):
    with started(
        "train",
        project,
        "--epochs",
        100_000,
        "--json",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        while json.loads(process.stdout.readline())["event"] != "epoch":
            pass
        process.send_signal(number)
        out, err = process.communicate()
    summary = json.loads(out.splitlines()[-1])
    assert (process.returncode, err) == (0, b"")
    assert (summary["event"], summary["outcome"]) == ("summary", "stopped")
    assert kept_epochs(project) == summary["epochs"] >= 1
