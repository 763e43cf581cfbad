"""Measures one case in this process, the ways in turn, and prints the result as one line of JSON.

Run by `benchmarks.suite`; by hand: ``python -m benchmarks.one_case dense-64-32-10 3``.
"""

from __future__ import annotations

import json
import os
import statistics
import sys

from app import heavy
from benchmarks.cases import CASES, Case
from benchmarks.laps import Racer, race

SECONDS = 3.0  # of each way by itself
LAPS = 20
LAP_S = 1.0  # what the window does about once a second it does as often in a lap as in a long run
WATCH_S = 6.0


def measure(case: Case, rounds: int) -> dict[str, object]:
    """Return samples a second of each way in each round, and the pauses of the event loop."""
    from benchmarks.in_torch import Torch, is_here
    from benchmarks.in_window import InWindow
    from benchmarks.ways import Engine, MakeWay, fit, fit_tuned

    makers: dict[str, MakeWay] = {"fit": fit, "fit_tuned": fit_tuned}
    if is_here():
        makers["torch"] = Torch
    data = case.data()
    ways = {name: make(case, data, SECONDS) for name, make in makers.items()}
    window = InWindow(case, data)
    racers: dict[str, Racer] = {"engine": Engine(case, data), "window": window}
    found: list[dict[str, float]] = []
    for _ in range(rounds):
        alone = {name: way.measure() for name, way in ways.items()}
        for racer in racers.values():
            racer.start()
        speeds = {**alone, **race(racers, LAPS, LAP_S)}
        found.append({name: round(speed, 1) for name, speed in speeds.items()})
        window.watch(WATCH_S)
        # Each puts the garbage collector back as it found it: the last to begin ends first.
        for racer in reversed(racers.values()):
            racer.stop()
    window.close()
    gaps = sorted(window.gaps_ms)
    return {
        "case": case.id,
        "rounds": found,
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
