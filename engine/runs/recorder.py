"""Writes a run's events into the run store; the same for the window and for headless runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from engine.runs.store import EpochRecord, RunRecord, RunStore
from engine.spec.project import ProjectSpec
from engine.training.events import EpochEnd, EpochsEnded, RunEnded, RunId, RunStarted, TrainingEvent

PERIOD_S: Final = 1.0  # epochs of tiny runs come faster than a disk syncs
EVERY_EPOCH_UP_TO: Final = 2000  # then every second one up to twice as many, every fourth ...
_SHARE: Final = 0.0025  # of the training's time that writing may take


class Recorder:
    """Call it with every event of one run, in order, always on the same thread.

    Epochs are gathered and written at most once a second, the last ones with the end of the run. Of long runs
    not every epoch is written, but the best one of each second always.

    Parameters
    ----------
    goes_on
        The run's earlier part, if it is resumed: its record is continued. A discard leaves that part as it was.
    now
        Clock in seconds.
    """

    def __init__(
        self,
        store: RunStore,
        run: RunId,
        spec: ProjectSpec,
        goes_on: RunRecord | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._run = run
        self._spec = spec
        self._before = goes_on
        self._now = now
        self._begun = False
        self._epochs_before = 0
        self._waiting: dict[int, EpochEnd] = {}
        self._best: EpochEnd | None = None
        self._last: EpochEnd | None = None
        self._due_s = -float("inf")

    def __call__(self, event: TrainingEvent) -> None:
        """Record one event; events of other runs are ignored.

        Raises
        ------
        JobFailed
            If the disk refuses; what was to be written is tried again later.
        """
        if event.run != self._run:
            return
        if isinstance(event, EpochsEnded):
            self._note(event.ends)
        elif isinstance(event, RunStarted):
            self._epochs_before = event.epochs_before
            self._begin(event.device)
        elif isinstance(event, RunEnded):
            self._end(event)

    @property
    def number(self) -> int:
        """Of the run within its project, 0 while it is not recorded."""
        return self._store.run(self._run).number if self._begun else 0

    def _note(self, ends: Sequence[EpochEnd]) -> None:
        self._last = ends[-1]
        for end in ends:
            if end.best:
                self._best = end
            if is_written(end.epoch):
                self._waiting[end.epoch] = end
        if self._now() >= self._due_s:
            self._write_epochs()

    def _begin(self, device: str) -> None:
        if self._begun:
            return
        if self._before is None:
            self._store.begin(self._run, self._spec, device)
        else:
            self._store.go_on(self._run, self._spec, device, self._epochs_before)
        self._begun = True

    def _write_epochs(self) -> None:
        started = self._now()
        self._due_s = started + PERIOD_S  # also if the disk refuses now
        self._begin("")
        if self._best is not None:
            self._waiting[self._best.epoch] = self._best
        self._store.add_epochs(
            self._run,
            [
                EpochRecord(each.epoch, each.step, each.figures, each.seconds)
                for each in self._waiting.values()
            ],
        )
        self._waiting, self._best = {}, None
        now = self._now()
        self._due_s = now + max(PERIOD_S, (now - started) / _SHARE)

    def _end(self, event: RunEnded) -> None:
        before = self._before
        if before is not None and not self._begun:
            return  # it failed before it went on: the earlier part stays as it is
        if before is not None and event.outcome == "discarded":
            self._store.take_back(before, self._epochs_before)
            return
        self._begin("")  # a run that failed before it started is part of the history too
        if self._last is not None:
            self._waiting[self._last.epoch] = self._last
            self._write_epochs()
        self._store.end(self._run, event.outcome, event.seconds, event.samples, event.figures)


def is_written(epoch: int) -> bool:
    """Tell whether an epoch is one of those that are always written: the rows grow with the run's logarithm."""
    doublings = ((epoch - 1) // EVERY_EPOCH_UP_TO).bit_length()
    return epoch % (1 << doublings) == 0
