"""The speeds of runs against each other: they train in turn, lap by lap, and each waits while another trains.

A computer's speed changes from one second to the next by more than what an open window takes from a training. Laps
of a second meet the same computer, so that their speeds can be compared to the hundredth.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from engine.errors import JobFailed
from engine.training.live.events import (
    EpochsEnded,
    PhaseChanged,
    RunEnded,
    StepsEnded,
    TrainingEvent,
)

WARM_UP_S = 1.0
RUN_UP_S = 0.2
_PATIENCE_S: Final = 300.0


@dataclass(frozen=True)
class Lap:
    """What a run did in one lap."""

    samples: int = 0
    seconds: float = 0.0

    def __add__(self, other: Lap) -> Lap:
        return Lap(self.samples + other.samples, self.seconds + other.seconds)


class Racer(Protocol):
    """A run that can train in laps."""

    def start(self) -> None:
        """Begin a run, and return when it waits for its first lap."""

    def lap(self, seconds: float) -> Lap:
        """Let the run train for so long."""

    def stop(self) -> None:
        """End the run."""


class Pacer:
    """Takes the events of a run on the run's own thread, and holds that between its laps.

    The run comes to its first lap with the first steps that end after an epoch that ends at least `WARM_UP_S` after
    the first step: by then everything is traced and compiled, the chunks have found their length and the views their
    rate. A lap begins and ends between two chunks, `RUN_UP_S` after the run was let go on: what fell due while it
    waited is done by then. Whatever else the run does in it (samples of weights, ends of epochs, checkpoints) is part
    of its time.
    """

    def __init__(self) -> None:
        self.waits = threading.Event()
        self._ended: RunEnded | None = None
        self._go = threading.Event()
        self._over: Callable[[], None] = lambda: None
        self._warming_s = math.inf
        self._warm = False
        self._seconds = 0.0
        self._due_s = 0.0  # when the lap may begin
        self._began_s: float | None = None
        self._samples = 0
        self._lap = Lap()

    # ---- On any other thread ----

    def begin(self, seconds: float, over: Callable[[], None]) -> None:
        """Let the run train on for a lap; ``over`` is called on its thread as soon as it waits again."""
        self._over = over
        self._seconds = seconds
        self.waits.clear()
        self._go.set()

    def let_go(self) -> None:
        """Hold the run no more."""
        self.begin(math.inf, lambda: None)

    def lap(self) -> Lap:
        """Return the lap that is over.

        Raises
        ------
        JobFailed
            If the run ended instead.
        """
        if self._ended is not None:
            raise JobFailed(self._ended.error or "The run ended before it could be measured.")
        return self._lap

    # ---- On the run's thread ----

    def __call__(self, event: TrainingEvent) -> None:
        """Take account of an event, and wait here between two laps."""
        now = time.perf_counter()
        if isinstance(event, PhaseChanged) and event.phase == "training":
            self._warming_s = min(self._warming_s, now)
        elif isinstance(event, EpochsEnded):
            self._warm = self._warm or now - self._warming_s >= WARM_UP_S
        elif isinstance(event, StepsEnded) and self._warm:
            self._note(now, event.samples)
        elif isinstance(event, RunEnded):
            self._ended = event
            self._tell()

    def _note(self, now: float, samples: int) -> None:
        if self._began_s is None:
            if now >= self._due_s:
                self._began_s, self._samples = now, 0
        else:
            self._samples += samples
        if self._began_s is not None and now - self._began_s >= self._seconds:
            self._lap = Lap(self._samples, now - self._began_s)
            self._hold()

    def _hold(self) -> None:
        self._go.clear()
        self._tell()
        self._go.wait()
        self._began_s = None
        self._due_s = time.perf_counter() + RUN_UP_S

    def _tell(self) -> None:
        self.waits.set()
        self._over()


def race(racers: Mapping[str, Racer], laps: int, seconds: float) -> dict[str, float]:
    """Let runs train in so many laps each; return samples a second over all laps of each.

    The order turns with each lap, so that a computer that gets slower takes as much from all. The runs go on to
    wait: end them with `Racer.stop`.
    """
    order = list(racers)
    sums = dict.fromkeys(order, Lap())
    for _ in range(laps):
        for name in order:
            sums[name] += racers[name].lap(seconds)
        order.reverse()
    return {name: lap.samples / lap.seconds for name, lap in sums.items()}


def wait(event: threading.Event) -> None:
    """Wait for something that must happen soon.

    Raises
    ------
    JobFailed
        If it does not.
    """
    if not event.wait(_PATIENCE_S):
        raise JobFailed(f"The run did not come to its next lap within {_PATIENCE_S:.0f} seconds.")
