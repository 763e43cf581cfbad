"""The files of a run in its project, and failed writes."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import NetsmithError
from engine.training.live.events import RunEnded, RunId, TrainingEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from engine.data.sample_parts import SampleParts
    from engine.models.card import ModelCard, Moment
    from engine.runs.locking import RunLock
    from engine.runs.store import RunRecord
    from engine.spec.project import ProjectSpec
    from engine.training.state.resume_point import ResumePoint

_LOG = logging.getLogger(__name__)


class RunFiles:
    """Writes weights, state and history of one run, reports failures, and can continue in another project.

    Parameters
    ----------
    project
        Folder of the project.
    card
        Stored inside the file of weights.
    parts
        The samples of the run.
    lock
        Lock of the run in that project; released at the end of the run.
    emit
        Receives events of writes; raises nothing.
    past
        The run's earlier part, if it is resumed.

    Attributes
    ----------
    writes
        Failed and successful writes; for the run's thread, and after its end for retries.
    """

    def __init__(
        self, run: RunId, spec: ProjectSpec, project: Path, card: ModelCard, parts: SampleParts,
        lock: RunLock, emit: Callable[[TrainingEvent], None], past: RunRecord | None = None,
    ) -> None:  # fmt: skip
        from engine.runs.recorder import Recorder
        from engine.runs.store import RunStore
        from engine.training.state.writes import Writes

        self.run = run
        self.project = project
        self.writes = Writes(run, emit)
        self._card = card
        self._parts = parts
        self._lock = lock
        self._wanted_epochs = spec.training.epochs
        self._went_on = past is not None
        self._is_over = False
        self._recorder = Recorder(RunStore(project), run, spec, past)
        self._aim()

    @property
    def number(self) -> int:
        """Number of the run; 0 if it is not recorded."""
        try:
            return self._recorder.number
        except NetsmithError:
            return 0

    def lost(self, ended: RunEnded) -> str:
        """Return in one sentence what was not written of the ended run; "" if everything was."""
        from engine.training.state.writes import unkept

        failed = self.writes.failed
        if not failed:
            return ""
        return unkept(failed, ended.epochs, self._wanted_epochs, went_on=self._went_on)

    def keep_earlier(self) -> None:
        """Keep the weights from before a run is resumed; if that fails, a discard cannot restore them."""
        from engine.runs import resuming

        try:
            resuming.keep_earlier(self._folder)
        except (NetsmithError, OSError) as error:
            self.writes.fail("earlier", error)

    def keep_model(self, model: keras.Model, moment: Moment) -> None:
        """Write the weights; `JobFailed` if that fails."""
        self._checkpoint(model, moment)

    def keep_state(self, point: ResumePoint) -> None:
        """Write the state; `JobFailed` if that fails."""
        self._checkpoint.keep_state(point)

    def record(self, event: TrainingEvent) -> None:
        """Add an event to the history, which is written when it is due."""
        if isinstance(event, RunEnded):
            self._settle(is_discarded=event.outcome == "discarded")
        self._recorder.note(event)
        self._write_history()
        if isinstance(event, RunEnded):
            self._is_over = True
            self._lock.release()  # before the end is reported, as the run may then be trained again

    def move_to(self, project: Path) -> None:
        """Keep the run in another project from now on, where everything is to be written again."""
        from engine.runs.locking import RunLock
        from engine.runs.store import RunStore

        if project == self.project:
            return
        try:
            store = RunStore(project)
        except NetsmithError as error:
            self.writes.fail("history", error)
            return
        self._lock.release()
        self.project = project
        self._aim()
        self._lock = RunLock(self._folder)
        if not self._is_over:
            self._lock.acquire()
        self.writes.forget()
        self._recorder.move_to(store)
        self._write_history()

    def write_again(self) -> None:
        """Retry failed writes of a run that has ended."""
        self.writes.retry()

    def _write_history(self) -> None:
        if self._recorder.is_due:
            self.writes.attempt("history", self._recorder.epochs, self._recorder.write)

    def _settle(self, *, is_discarded: bool) -> None:
        from engine.runs import resuming

        work = partial(resuming.settle, self.project, self.run, is_discarded=is_discarded)
        try:
            work()
        except (NetsmithError, OSError) as error:
            if is_discarded:
                self.writes.fail("earlier", error)
            _LOG.warning("run %s was not tidied up: %s", self.run, error)
        if not is_discarded:
            self.writes.failed.pop("earlier", None)  # there is nothing left to restore

    def _aim(self) -> None:
        from engine.runs import resuming
        from engine.training.state.checkpoint import Checkpoint

        self._folder = resuming.folder_of(self.project, self.run)
        self._checkpoint = Checkpoint(self._folder / resuming.MODEL, self._card, self._parts)
