"""How soon a training obeys: milliseconds from a request to the event that it was obeyed.

``python -m benchmarks.obedience [CASE ...]`` prints a line a case: median and longest time until a pause, requested at
any moment of training and of validation, and until the last step after a stop. Tracing and compiling are over by
then. Every case validates on its own training part.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from dataclasses import replace
from statistics import median

from app import heavy
from benchmarks.cases import CASES, SEED, Case
from engine.training.live.control import TrainingControl
from engine.training.live.events import (
    EpochsEnded,
    PhaseChanged,
    RunEnded,
    StepsEnded,
    TrainingEvent,
)

ENDLESS = 1_000_000  # epochs
WARM_UP_S = 3.0  # whole epochs are compiled by then
PAUSES = 12  # of each kind
LIMIT_MS = 150.0
_PATIENCE_S = 120.0


class _Run:
    """A training on a thread of its own that is told what to do."""

    def __init__(self, case: Case) -> None:
        from engine.training.loop.session import train

        data = case.data()
        data = replace(data, validation=data.training)
        self.control = TrainingControl()
        self.last_step_s = 0.0
        self.takes_whole_epochs = False
        self.an_epoch_is_over = threading.Event()
        self._phase, self._since_s = "", 0.0
        self._changed = threading.Condition()
        arguments = ("obedience", case.project(ENDLESS), data, self._emit, self.control)
        self._thread = threading.Thread(
            target=train, args=arguments, name="training-obedience", daemon=True
        )
        self._thread.start()

    def wait_for(self, phase: str) -> float:
        """Return since when the run is in a phase, now or later.

        Raises
        ------
        TimeoutError
            If it does not come to it.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._phase == phase, _PATIENCE_S):
                raise TimeoutError(f"the run is {self._phase} and does not come to {phase}")
            return self._since_s

    def go_on_for(self, seconds: float) -> None:
        """Let it train for a while, or to its end."""
        self._thread.join(seconds)

    def _emit(self, event: TrainingEvent) -> None:
        now = time.perf_counter()
        if isinstance(event, PhaseChanged):
            self._enter(event.phase, now)
        elif isinstance(event, StepsEnded):
            self.last_step_s = now
        elif isinstance(event, EpochsEnded):
            self.takes_whole_epochs = len(event.ends) > 1
            self.an_epoch_is_over.set()
        elif isinstance(event, RunEnded):
            self._enter("ended", now)

    def _enter(self, phase: str, now: float) -> None:
        with self._changed:
            self._phase, self._since_s = phase, now
            self._changed.notify_all()


def measure(case: Case) -> dict[str, object]:
    """Return the times of one case in milliseconds."""
    moments = random.Random(SEED)
    run = _Run(case)
    run.an_epoch_is_over.wait(_PATIENCE_S)  # everything is traced
    run.go_on_for(WARM_UP_S)
    # Whole epochs hold their validation, which is no phase of its own then.
    phases = ("training",) if run.takes_whole_epochs else ("training", "validating")
    found: dict[str, list[float]] = {phase: [] for phase in phases}
    for phase, times in found.items():
        for _ in range(PAUSES):
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
