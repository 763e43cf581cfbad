"""How soon a training obeys: milliseconds from a wish to the event that it was obeyed.

``python -m benchmarks.obedience [CASE ...]`` prints a line a case: median and longest time until a pause, wished at
any moment of training and of validation, and until the last step after a stop. Tracing and compiling are over by
then. Every case validates on its own training part.
"""

from __future__ import annotations

import json
import os
import queue
import random
import sys
import threading
import time
from dataclasses import replace
from statistics import median

from app import heavy
from benchmarks.cases import CASES, SEED, Case
from engine.training.control import TrainingControl
from engine.training.events import PhaseChanged, RunEnded, StepsEnded, TrainingEvent

ENDLESS = 1_000_000  # epochs
WARM_UP_S = 1.0
PAUSES = 12  # of each kind
LIMIT_MS = 150.0
_PATIENCE_S = 120.0


class _Run:
    """A training on a thread of its own that is told what to do."""

    def __init__(self, case: Case) -> None:
        from engine.training.session import train

        data = case.data()
        data = replace(data, validation=data.training)
        self.control = TrainingControl()
        self.last_step_s = 0.0
        self._phases: queue.SimpleQueue[tuple[str, float]] = queue.SimpleQueue()
        arguments = ("obedience", case.project(ENDLESS), data, self._emit, self.control)
        self._thread = threading.Thread(target=train, args=arguments, name="training-obedience")
        self._thread.start()

    def wait_for(self, phase: str) -> float:
        """Return when the run entered a phase, now or later."""
        while True:
            entered, at_s = self._phases.get(timeout=_PATIENCE_S)
            if entered == phase:
                return at_s

    def forget(self) -> None:
        """Take no account of what was reported so far."""
        while not self._phases.empty():
            self._phases.get()

    def go_on_for(self, seconds: float) -> None:
        """Let it train for a while, or to its end."""
        self._thread.join(seconds)

    def _emit(self, event: TrainingEvent) -> None:
        now = time.perf_counter()
        if isinstance(event, PhaseChanged):
            self._phases.put((event.phase, now))
        elif isinstance(event, StepsEnded):
            self.last_step_s = now
        elif isinstance(event, RunEnded):
            self._phases.put(("ended", now))


def measure(case: Case) -> dict[str, object]:
    """Return the times of one case in milliseconds."""
    moments = random.Random(SEED)
    run = _Run(case)
    run.wait_for("validating")  # everything is traced
    run.go_on_for(WARM_UP_S)
    found: dict[str, list[float]] = {"training": [], "validating": []}
    for phase, times in found.items():
        for _ in range(PAUSES):
            run.forget()
            run.wait_for(phase)
            run.go_on_for(moments.uniform(0.0, 0.05))
            asked = time.perf_counter()
            run.control.pause()
            times.append(1e3 * (run.wait_for("paused") - asked))
            run.control.resume()
    run.go_on_for(moments.uniform(0.1, 0.3))
    asked = time.perf_counter()
    run.control.stop()
    ended = run.wait_for("ended")
    run.go_on_for(_PATIENCE_S)
    pauses = {
        f"{phase}_{name}_ms": round(figure(times), 1)
        for phase, times in found.items()
        for name, figure in (("median", median), ("longest", max))
    }
    return {
        "case": case.id,
        **pauses,
        "last_step_ms": round(max(0.0, 1e3 * (run.last_step_s - asked)), 1),
        "ended_ms": round(1e3 * (ended - asked), 1),
        "obeyed": all(max(times) <= LIMIT_MS for times in found.values()),
    }


def main() -> None:
    """Measure the cases that the arguments name, all without any."""
    heavy.load_tensorflow()
    for name in sys.argv[1:] or CASES:
        print(json.dumps(measure(CASES[name])), flush=True)
    os._exit(0)  # TensorFlow's threads have nothing left to do


if __name__ == "__main__":
    main()
