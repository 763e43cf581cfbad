"""How much memory a long run of a tiny network takes in the open window, all views on: MB per 100,000 steps.

By hand: ``python -m benchmarks.memory [steps]``. Exit status 1 if the process grew by more than `MOST_GROWTH_MB`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Final

import psutil

MOST_GROWTH_MB: Final = 30.0
STEPS: Final = 500_000
WARM_UP_STEPS: Final = 100_000
_EVERY: Final = 100_000
_CASE: Final = "circles-b10"
_MB: Final = 1024 * 1024


def measure(steps: int) -> float:
    """Train in the window, print the growth every 100,000 steps; return all of it in MB."""
    from app import heavy
    from benchmarks.cases import CASES
    from benchmarks.in_window import InWindow

    heavy.load_tensorflow()
    case = CASES[_CASE]
    window = InWindow(case, case.data())
    process = psutil.Process()
    base_mb = last_mb = 0.0
    for reached in window.milestones(range(WARM_UP_STEPS, WARM_UP_STEPS + steps + 1, _EVERY)):
        now_mb = process.memory_info().rss / _MB
        if reached == WARM_UP_STEPS:
            base_mb = last_mb = now_mb
        print(f"{reached:>12,} steps  {now_mb:8.1f} MB  {now_mb - last_mb:+6.1f} MB", flush=True)
        last_mb = now_mb
    print(f"grown by {last_mb - base_mb:.1f} MB after the warm-up (at most {MOST_GROWTH_MB:g})")
    return last_mb - base_mb


def main() -> None:
    """Measure as many steps as the argument says."""
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else STEPS
    with tempfile.TemporaryDirectory(prefix="netsmith-memory-") as folder:
        os.environ["NETSMITH_HOME"] = folder
        status = int(measure(steps) > MOST_GROWTH_MB)
        sys.stdout.flush()
    os._exit(status)  # as `benchmarks.one_case`


if __name__ == "__main__":
    main()
