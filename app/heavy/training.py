"""Training a project, and going on with one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.heavy.measuring import measurements
from app.heavy.runs import noted
from app.heavy.trained import learned
from app.studio import Trained
from engine.spec.project import ProjectSpec
from engine.training.control import TrainingControl
from engine.training.events import RunEnded, RunId, TrainingEvent

if TYPE_CHECKING:
    from engine.data.loaded import LoadedData
    from engine.runs.resuming import Resumable


def train(
    run: RunId,
    spec: ProjectSpec,
    data: LoadedData,
    emit: Callable[[TrainingEvent], None],
    control: TrainingControl,
    project: Path,
    initial: Trained | None = None,
) -> None:
    """Train to the end on the calling thread, keeping history, weights and state in the project's folder.

    Parameters
    ----------
    initial
        The layers that still fit begin with what this model learned, see `engine.weights_kept`.
    project
        Gets ``runs.sqlite``, ``runs/<run>/last.keras`` and ``runs/<run>/resume.npz``. A disk that refuses them is
        noted in the log; the training goes on. Whether XLA compiles a network is measured once and kept in the
        user's folder, so that window and verbs get the same numbers.
    """
    _train(run, spec, data, emit, control, project, initial=initial)


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
) -> None:
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
    _train(past.run.id, spec, data, emit, control, project, past)


def _train(
    run: RunId,
    spec: ProjectSpec,
    data: LoadedData,
    emit: Callable[[TrainingEvent], None],
    control: TrainingControl,
    project: Path,
    past: Resumable | None = None,
    initial: Trained | None = None,
) -> None:
    from engine.runs.locking import RunLock
    from engine.runs.resuming import being_trained, folder_of

    lock = RunLock(folder_of(project, run))
    if not lock.acquire() and past is not None:
        raise being_trained(past.run)

    def release_and_emit(event: TrainingEvent) -> None:
        # Before the window hears of it and looks for what can go on.
        if isinstance(event, RunEnded):
            lock.release()
        emit(event)

    try:
        _train_locked(run, spec, data, release_and_emit, control, project, past, initial)
    finally:
        lock.release()


def _train_locked(
    run: RunId,
    spec: ProjectSpec,
    data: LoadedData,
    emit: Callable[[TrainingEvent], None],
    control: TrainingControl,
    project: Path,
    past: Resumable | None,
    initial: Trained | None,
) -> None:
    from engine.card import card_of
    from engine.runs import resuming
    from engine.runs.recorder import Recorder
    from engine.runs.store import RunStore
    from engine.training import state
    from engine.training.checkpoint import Checkpoint
    from engine.training.session import train as train_session

    folder = resuming.folder_of(project, run)
    point = state.read(folder / state.FILE_NAME) if past is not None else None
    recorder = Recorder(RunStore(project), run, spec, past.run if past is not None else None)
    checkpoint = Checkpoint(folder / resuming.MODEL, card_of(spec, data.info))

    def record_and_emit(event: TrainingEvent) -> None:
        if isinstance(event, RunEnded):  # before the window hears of it and may start the next
            with noted(run):
                resuming.settle(project, run, is_discarded=event.outcome == "discarded")
        with noted(run):
            recorder(event)
        emit(event)

    if past is not None:
        with noted(run):
            resuming.keep_earlier(folder)
    train_session(
        run, spec, data, record_and_emit, control, checkpoint,
        resume=point, keep_state=checkpoint.keep_state, measurements=measurements(),
        initial=learned(initial) if initial is not None else None,
    )  # fmt: skip
