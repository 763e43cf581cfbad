"""The whole of a measurement, in its own process and with the real window, on the smallest case."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SHORT = """
import os, sys
from benchmarks import laps, one_case
laps.WARM_UP_S = 0.3  # the first epochs are over then, and whole ones are compiled
one_case.SECONDS, one_case.LAPS, one_case.LAP_S = 0.2, 2, 0.1
one_case.WATCH_S = 0.8  # long enough for views
sys.argv = ["one_case", "circles-b10", "1"]
one_case.main()
"""


@pytest.mark.slow
def test_one_case_is_measured_in_every_way(tmp_path):
    environment = {**os.environ, "NETSMITH_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    done = subprocess.run(
        [sys.executable, "-c", SHORT], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=False, timeout=250,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["case"] == "circles-b10"
    (speeds,) = result["rounds"]
    assert min(speeds[way] for way in ("fit", "fit_tuned", "engine", "window")) > 0
    assert 0 <= result["gap_p50_ms"] <= result["gap_p99_ms"] <= result["gap_max_ms"]
    assert result["views_hz"] > 0
    runs = list((tmp_path / "benchmark" / "runs").iterdir())
    assert len(runs) == 1  # what the window trains is a run of its project
