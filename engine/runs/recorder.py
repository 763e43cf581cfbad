"""Write a run's events to the run store."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from engine.errors import JobFailed
from engine.runs.sample_recorder import SHARE, SampleRecorder
from engine.runs.store import EpochRecord, RunRecord, RunStore
from engine.spec.project import ProjectSpec
from engine.training.live.events import (
    EpochEnd,
    EpochsEnded,
    RunEnded,
    RunId,
    RunStarted,
    Sampled,
    TrainingEvent,
)

PERIOD_S: Final = 1.0  # epochs of tiny runs are faster than a disk syncs
EVERY_EPOCH_UP_TO: Final = 2000  # then every second one up to twice as many, every fourth ...
_PATIENCE_S: Final = 10.0  # after a failed write
_PATIENCE_SHARE: Final = 0.05  # share of the time for retries, which wait for a locked file


class Recorder:
    """Records every event of one run, in order, always on the same thread.

    Epochs and samples of probes are collected and written at most once a second, the last ones at the end of the run.
    For long runs only some epochs are written, but always the best one of each second. Failed writes are retried.

    Parameters
    ----------
    goes_on
        The run's earlier part, if it is resumed; its record is continued. A discard restores that part.
    now
        Clock in seconds.

    Attributes
    ----------
    epochs
        Completed epochs in the next write.
    """

    def __init__(
        self,
        store: RunStore,
        run: RunId,
        spec: ProjectSpec,
        goes_on: RunRecord | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.epochs = 0
        self._store = store
        self._run = run
        self._spec = spec
        self._before = goes_on
        self._now = now
        self._begun = False
        self._has_started = False
        self._device = ""
        self._epochs_before = self._steps_before = 0
        self._samples = SampleRecorder(now)
        self._waiting: dict[int, EpochEnd] = {}
        self._written: dict[int, EpochEnd] = {}
        self._best: EpochEnd | None = None
        self._last: EpochEnd | None = None
        self._ended: RunEnded | None = None
        self._is_owed = False
        self._due_s = -float("inf")

    def __call__(self, event: TrainingEvent) -> None:
        """Record one event; events of other runs are ignored.

        Raises
        ------
        JobFailed
            If writing fails; it is retried later.
        """
        self.note(event)
        if self.is_due:
            self.write()

    def note(self, event: TrainingEvent) -> None:
        """Collect one event; events of other runs are ignored."""
        if event.run != self._run:
            return
        if isinstance(event, EpochsEnded):
            self._note(event.ends)
        elif isinstance(event, RunStarted):
            self._has_started, self._device = True, event.device
            self._epochs_before = self.epochs = event.epochs_before
            self._steps_before = event.steps_before
            self._is_owed, self._due_s = True, -float("inf")
        elif isinstance(event, Sampled):
            self._samples.note(event)
            self._is_owed |= self._samples.is_due and self._has_started
        elif isinstance(event, RunEnded):
            self._ended = event
            self._samples.note_end()
            if self._last is not None:
                self._waiting[self._last.epoch] = self._last
            self._is_owed, self._due_s = True, -float("inf")

    @property
    def is_due(self) -> bool:
        """Whether something is to be written now."""
        return self._is_owed and self._now() >= self._due_s

    def write(self) -> None:
        """Write what was collected; `JobFailed` if that fails."""
        started = self._now()
        try:
            self._write()
        except JobFailed:
            now = self._now()
            self._due_s = now + max(_PATIENCE_S, (now - started) / _PATIENCE_SHARE)
            raise
        self._is_owed = False
        now = self._now()
        # The first epoch is written at once for readers of the store.
        if self._written:
            self._due_s = now + max(PERIOD_S, (now - started) / SHARE)

    def move_to(self, store: RunStore) -> None:
        """Record in another store from now on, replacing what it has of the run."""
        self._store = store
        self._waiting = {**self._written, **self._waiting}
        self._begun, self._is_owed, self._due_s = False, True, -float("inf")

    @property
    def number(self) -> int:
        """Number of the run in its project, 0 if it is not recorded yet."""
        return self._store.run(self._run).number if self._begun else 0

    def _note(self, ends: Sequence[EpochEnd]) -> None:
        self._last = ends[-1]
        self.epochs = ends[-1].epoch
        for end in ends:
            if end.best:
                self._best = end
            if is_written(end.epoch):
                self._waiting[end.epoch] = end
        self._is_owed = True

    def _write(self) -> None:
        ended, before = self._ended, self._before
        if ended is not None and before is not None:
            if not self._has_started:
                return  # it failed before it continued: the earlier part is unchanged
            if ended.outcome == "discarded":
                self._store.take_back(before, self._epochs_before, self._steps_before)
                return
        self._begin()  # a run that failed before it started is recorded too
        self._write_epochs()
        self._samples.write(self._store, self._run)
        if ended is not None:
            self._store.end(self._run, ended.outcome, ended.seconds, ended.samples, ended.figures)

    def _begin(self) -> None:
        if self._begun:
            return
        is_known = self._before is not None or self._store.has(self._run)
        if is_known:
            self._store.go_on(
                self._run, self._spec, self._device, self._epochs_before, self._steps_before
            )
            self._samples.go_on(self._store.observed(self._run))
        else:
            self._store.begin(self._run, self._spec, self._device)
        self._begun = True

    def _write_epochs(self) -> None:
        if self._best is not None:
            self._waiting[self._best.epoch] = self._best
        if not self._waiting:
            return
        self._store.add_epochs(
            self._run,
            [
                EpochRecord(each.epoch, each.step, each.figures, each.seconds)
                for each in self._waiting.values()
            ],
        )
        self._written |= self._waiting
        self._waiting, self._best = {}, None


def is_written(epoch: int) -> bool:
    """Tell whether an epoch is always written; their number grows with the logarithm of the run."""
    doublings = ((epoch - 1) // EVERY_EPOCH_UP_TO).bit_length()
    return epoch % (1 << doublings) == 0
