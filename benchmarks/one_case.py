"""Measures one case in this process, the ways in turn, and prints the result as one line of JSON.

Run by `benchmarks.suite`; by hand: ``python -m benchmarks.one_case dense-64-32-10 3``.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections.abc import Mapping

from app import heavy
from benchmarks.cases import CASES, Case

SECONDS: Mapping[str, float] = {
    "fit": 1.0,
    "fit_tuned": 1.0,
    "torch": 1.0,
    "engine": 2.0,
    "window": 2.0,
}
# Engine and window are compared to the hundredth, the others to the tenth: they take three turns, one next to the
# other, and in an order in which a machine that gets slower (or quicker) takes as much from both.
ROUND = ("fit", "fit_tuned", "torch", "engine", "window", "window", "engine", "engine", "window")


def measure(case: Case, rounds: int) -> dict[str, object]:
    """Return medians over the rounds, in samples a second, and the pauses of the event loop."""
    from benchmarks.in_torch import Torch, is_here
    from benchmarks.in_window import InWindow
    from benchmarks.ways import Engine, MakeWay, Way, fit, fit_tuned

    makers: dict[str, MakeWay] = {"fit": fit, "fit_tuned": fit_tuned, "engine": Engine}
    if is_here():
        makers["torch"] = Torch
    data = case.data()
    ways: dict[str, Way] = {name: make(case, data, SECONDS[name]) for name, make in makers.items()}
    window = ways["window"] = InWindow(case, data, SECONDS["window"])
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name in ROUND:
            if name in ways:
                speeds[name].append(ways[name].measure())
    window.close()
    gaps = sorted(window.gaps_ms)
    return {
        "case": case.id,
        **{name: round(statistics.median(values), 1) for name, values in speeds.items()},
        "gap_p50_ms": round(statistics.median(gaps), 2),
        "gap_p99_ms": round(gaps[int(0.99 * (len(gaps) - 1))], 2),
        "gap_max_ms": round(gaps[-1], 2),
        "views_hz": round(statistics.median(window.views_hz), 1),
    }


def main() -> None:
    """Measure the case that the arguments name."""
    case, rounds = CASES[sys.argv[1]], int(sys.argv[2])
    heavy.load_tensorflow()
    print(json.dumps(measure(case, rounds)), flush=True)
    os._exit(0)  # native threads of two frameworks and a window: none has anything left to do


if __name__ == "__main__":
    main()
