"""Writes a run's events into the run store; the same for the window and for headless runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from engine.runs.store import EpochRecord, RunStore
from engine.spec.project import ProjectSpec
from engine.training.events import EpochEnded, RunEnded, RunId, RunStarted, TrainingEvent

PERIOD_S: Final = 0.5  # epochs of tiny runs come faster than a disk syncs


class Recorder:
    """Call it with every event of one run, in order, always on the same thread.

    Epochs are written as they come, at most every half second; the last ones with the end of the run.

    Parameters
    ----------
    now
        Clock in seconds.
    """

    def __init__(
        self,
        store: RunStore,
        run: RunId,
        spec: ProjectSpec,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._run = run
        self._spec = spec
        self._now = now
        self._begun = False
        self._waiting: list[EpochRecord] = []
        self._written = -float("inf")

    def __call__(self, event: TrainingEvent) -> None:
        """Record one event; events of other runs are ignored.

        Raises
        ------
        JobFailed
            If the disk refuses; what was to be written is tried again with the next event.
        """
        if event.run != self._run:
            return
        if isinstance(event, RunStarted):
            self._begin(event.device)
        elif isinstance(event, EpochEnded):
            self._waiting.append(EpochRecord(event.epoch, event.step, event.figures, event.seconds))
            if self._now() - self._written >= PERIOD_S:
                self._write_epochs()
        elif isinstance(event, RunEnded):
            self._end(event)

    def _begin(self, device: str) -> None:
        if not self._begun:
            self._store.begin(self._run, self._spec, device)
            self._begun = True

    def _write_epochs(self) -> None:
        self._begin("")
        self._written = self._now()
        self._store.add_epochs(self._run, self._waiting)
        self._waiting = []

    def _end(self, event: RunEnded) -> None:
        self._begin("")  # a run that failed before it started is part of the history too
        if self._waiting:
            self._write_epochs()
        self._store.end(self._run, event.outcome, event.seconds, event.samples, event.figures)
