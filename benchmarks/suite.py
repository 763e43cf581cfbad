"""The bench suite behind ``main.py bench``: each case in a process of its own, and the ratios."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import cases as training
from engine.errors import BadInput, JobFailed, quoted

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Case:
    """What is measured in a process of its own, by the module that the process runs."""

    id: str
    module: str


CASES = {
    **{name: Case(name, "benchmarks.one_case") for name in training.CASES},
    "pictures": Case("pictures", "benchmarks.reading"),
}
# Ratio -> the two figures of a case.
RATIOS = {
    "engine_over_fit": ("engine", "fit"),
    "engine_over_fit_tuned": ("engine", "fit_tuned"),
    "window_over_engine": ("window", "engine"),
    "engine_over_torch": ("engine", "torch"),
    "reader_over_keras_12mp": ("reader_12mp", "keras_12mp"),
    "reader_over_keras_0.2mp": ("reader_0.2mp", "keras_0.2mp"),
    "cache_over_keras_0.2mp": ("cache_0.2mp", "keras_0.2mp"),
}
_MOST_S_A_ROUND = 300

Result = dict[str, Any]


def chosen(name: str | None) -> tuple[Case, ...]:
    """Return the named case, or all.

    Raises
    ------
    BadInput
        If there is no such case.
    """
    if name is None:
        return tuple(CASES.values())
    if name not in CASES:
        raise BadInput(
            f'there is no case "{quoted(name, 30)}": choose one like {", ".join(list(CASES)[:4])}'
        )
    return (CASES[name],)


def run(cases: Sequence[Case], rounds: int) -> Iterator[Result]:
    """Measure the cases one after the other; each result holds what the verb prints of it.

    Raises
    ------
    JobFailed
        If a case's process fails.
    """
    for case in cases:
        yield _measured(case, rounds)


def ratios(results: Sequence[Result]) -> dict[str, dict[str, float]]:
    """Return each ratio by case: the median of those of the rounds, for the ways of one round met the same computer.

    One that no case has figures for is left out.
    """
    found: dict[str, dict[str, float]] = {}
    for name, (above, below) in RATIOS.items():
        for result in results:
            shares = [
                each[above] / each[below]
                for each in result["rounds"]
                if {above, below} <= each.keys()
            ]
            if shares:
                found.setdefault(name, {})[result["case"]] = round(median(shares), 3)
    return found


def _measured(case: Case, rounds: int) -> Result:
    with tempfile.TemporaryDirectory(prefix="netsmith-bench-") as folder:
        environment = {
            **os.environ,
            **_screen(),
            "NETSMITH_HOME": folder,
            # What is given there already may hold PyTorch.
            "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        command = [sys.executable, "-m", case.module, case.id, str(rounds)]
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
                timeout=_MOST_S_A_ROUND * (rounds + 1),
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise JobFailed(f"The case {case.id} took too long and was stopped.") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise JobFailed(f"The case {case.id} failed: {quoted(lines[-1], 100)}")
    result: Result = json.loads(done.stdout.splitlines()[-1])
    found: list[dict[str, float]] = result["rounds"]
    speeds = {name: median(each[name] for each in found) for name in found[0]}
    return {"case": result.pop("case"), **speeds, **result}


def _screen() -> dict[str, str]:
    """Return the settings that let a window open where there is no screen."""
    has_screen = not sys.platform.startswith("linux") or any(
        os.environ.get(name) for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    )
    return {} if has_screen else {"QT_QPA_PLATFORM": "offscreen"}
