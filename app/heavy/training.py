"""Training a project, and going on with one."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.app_model import Trained
from app.heavy.measuring import measurements
from app.heavy.run_files import RunFiles
from app.heavy.trained import learned
from engine.spec.project import ProjectSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunId, RunStarted, TrainingEvent

if TYPE_CHECKING:
    from engine.data.loaded import LoadedData
    from engine.runs.locking import RunLock
    from engine.runs.resuming import Resumable

_NEVER: Final = 2**31 - 1


def train(
    run: RunId,
    spec: ProjectSpec,
    data: LoadedData,
    emit: Callable[[TrainingEvent], None],
    control: TrainingControl,
    project: Path,
    initial: Trained | None = None,
) -> RunFiles:
    """Train to the end on the calling thread, keeping history, weights and state in the project's folder.

    Parameters
    ----------
    initial
        The layers that still fit begin with what this model learned, see `engine.models.transfer`.
    project
        Gets ``runs.sqlite``, ``runs/<run>/last.keras`` and ``runs/<run>/resume.npz``. A disk that refuses them is
        told by `WriteFailed`; the training goes on. Whether XLA compiles a network is measured once and kept in the
        user's folder, so that window and verbs get the same numbers.

    Returns
    -------
    RunFiles
        What is kept of the run, and what the disk refused to the end: it can be tried again.
    """
    return _Training(run, spec, data, emit, control, project, initial=initial).train()


def resumable(project: Path, data: LoadedData | None = None) -> Resumable:
    """Return the last run of a project if it left a state to go on from.

    Parameters
    ----------
    data
        The run must have been trained on it; None: not examined.

    Raises
    ------
    NothingToGoOnWith
        If there is none, or it is of other data.
    BeingTrained
        If another process trains it.
    BadInput
        If its state is damaged.
    """
    from engine.runs import resuming

    found = resuming.find(project)
    if data is not None and not found.fits(data):
        raise resuming.NothingToGoOnWith(
            f"the data is no longer what run {found.number} learned: train anew"
        )
    return found


def go_on(
    past: Resumable,
    spec: ProjectSpec,
    data: LoadedData,
    emit: Callable[[TrainingEvent], None],
    control: TrainingControl,
    project: Path,
) -> RunFiles:
    """Go on with a run; what differs in the settings that a running training can change is used from now on.

    All else as `train`. A discard leaves the run as it was.

    Raises
    ------
    BadInput
        If the state cannot be read, or another process trains the run.
    """
    from engine.runs.resuming import changed_values

    for name, value in changed_values(past.run.spec.training, spec.training).items():
        control.set_value(name, value)
    return _Training(past.run.id, spec, data, emit, control, project, past).train()


@contextlib.contextmanager
def _no_long_collection() -> Iterator[None]:
    """Look through all objects for garbage now, and not again within.

    All threads stand still meanwhile, 0.06 to 0.3 s: now nothing moves yet. Short-lived garbage is found as ever.
    """
    gc.collect()
    usual = gc.get_threshold()
    gc.set_threshold(*usual[:2], _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@dataclass(frozen=True)
class _Training:
    """One training with all that is kept of it; fields as the arguments of `train` and `go_on`."""

    run: RunId
    spec: ProjectSpec
    data: LoadedData
    emit: Callable[[TrainingEvent], None]
    control: TrainingControl
    project: Path
    past: Resumable | None = None
    initial: Trained | None = None

    def train(self) -> RunFiles:
        """Train, while nobody else can train this run; return what is kept of it."""
        from engine.runs.locking import RunLock
        from engine.runs.resuming import being_trained, folder_of

        lock = RunLock(folder_of(self.project, self.run))
        if not lock.acquire() and self.past is not None:
            raise being_trained(self.past.run)
        try:
            with _no_long_collection():
                return self._train(lock)
        finally:
            lock.release()

    def _train(self, lock: RunLock) -> RunFiles:
        from engine.models.card import card_of
        from engine.runs import resuming
        from engine.training.loop.emitting import unfailing
        from engine.training.loop.session import train as train_session
        from engine.training.state import resume_point

        run, past, emit = self.run, self.past, unfailing(self.emit)
        folder = resuming.folder_of(self.project, run)
        point = resume_point.read(folder / resume_point.FILE_NAME) if past is not None else None
        card = card_of(self.spec, self.data.info, self.data.statistics, self.data.parts.key)
        earlier = past.run if past is not None else None
        files = RunFiles(run, self.spec, self.project, card, self.data.parts, lock, emit, earlier)

        def record_and_emit(event: TrainingEvent) -> None:
            files.record(event)  # before the window hears of the end, and may start the next
            if isinstance(event, RunStarted):
                event = replace(event, number=files.number)
            emit(event)

        if past is not None:
            files.keep_earlier()
        train_session(
            run, self.spec, self.data, record_and_emit, self.control, files.keep_model,
            resume=point, keep_state=files.keep_state, measurements=measurements(),
            initial=learned(self.initial) if self.initial is not None else None,
            writes=files.writes, move=files.move_to,
        )  # fmt: skip
        return files
