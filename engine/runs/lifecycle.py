"""Trains projects: reads and checks them, holds the run's lock, keeps history, weights and state.

``train_project(folder)`` is all that a script needs; the window and the verbs use what it is made of. TensorFlow is
loaded when the first function needs it.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.data.choice import describe
from engine.data.preview import data_notes
from engine.editing.settings import with_settings
from engine.errors import BadInput, JobFailed
from engine.machine.facts import EngineFacts
from engine.machine.user_folder import cache, measurements
from engine.runs.checkpoints import begins_with_opened, required_run, restore
from engine.runs.project_folder import ProjectFolder
from engine.runs.run_files import RunFiles
from engine.runs.trained import Trained
from engine.runs.trained_model import learned
from engine.spec.issues import Issue, LayerFacts
from engine.spec.project import ProjectSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunEnded, RunId, RunStarted, TrainingEvent, new_run_id
from engine.training.loop.tensorflow_start import load_tensorflow
from engine.validation import validate

if TYPE_CHECKING:
    from engine.data.loaded import LoadedData
    from engine.runs.locking import RunLock
    from engine.runs.resuming import Resumable
    from engine.runs.store import RunRecord

_NEVER: Final = 2**31 - 1
_ROOM_BYTES: Final = 1024 * 1024  # history and description of a run
# float32, the old file and the new one beside it: weights; and in the state weights, two moments and the best.
_BYTES_A_PARAMETER: Final = 2 * 4 * 5


def train_project(
    folder: Path,
    settings: Sequence[str] = (),
    *,
    resume: bool = False,
    keep_weights: bool = False,
    emit: Callable[[TrainingEvent], None] = lambda _event: None,
    control: TrainingControl | None = None,
) -> RunEnded:
    """Train the network of a project folder to the end, as the verb ``train`` does, and return how it ended.

    Parameters
    ----------
    folder
        Of the project; gets history, weights and state of the run, see `train`.
    settings
        For this run only, ``"training.epochs=3"``.
    resume
        Go on with the project's last run.
    keep_weights
        Begin with what the last run learned, in every layer that still fits.
    emit
        Takes every event of the training, on this thread.
    control
        Steers the training from another thread.

    Raises
    ------
    BadInput
        If the project cannot be trained; nothing was written.
    JobFailed
        If the training failed, or if the project does not hold all of it.
    """
    prepared = prepare(folder, settings, resume=resume)
    ends: list[RunEnded] = []

    def watch(event: TrainingEvent) -> None:
        if isinstance(event, RunEnded):
            ends.append(event)
        emit(event)

    found = prepared.initial_run(keep_weights=keep_weights)
    initial = restore(prepared.project.path, found) if found is not None else None
    files = prepared.run(watch, control or TrainingControl(), initial)
    lost = files.lost(ends[-1])
    if ends[-1].outcome == "failed" or lost:
        raise JobFailed(ends[-1].error or lost)
    return ends[-1]


def prepare(
    folder: Path, settings: Sequence[str] = (), *, resume: bool = False
) -> PreparedTraining:
    """Read a project and its data and check that it can be trained; arguments as `train_project`.

    What may change during a run that goes on (epochs, rate, batch size ...) stays as the run had it, unless
    ``settings`` say otherwise: they may have been given for that run only.

    Raises
    ------
    BadInput
        If it cannot, in one sentence.
    """
    from engine.data.loading import load
    from engine.data.locating import located

    project = ProjectFolder(folder)
    described = project.read()
    spec = with_settings(described, settings)
    project.sweep()
    past = _past(project, spec, settings) if resume else None
    if past is not None:
        spec = with_settings(past.run.spec, settings)
    _refuse_errors(validate(spec, describe(spec.data), {}))
    data = load(located(spec.data, project.path, described.data), cache=cache())
    if past is not None:
        past = resumable(project.path, data)
    engine = load_tensorflow()
    from engine.build.shapes import ShapeCache  # imports Keras: after TensorFlow was prepared

    facts = ShapeCache().facts(spec.network, data.info)
    issues = validate(spec, data.info, facts, devices=engine.devices)
    _refuse_errors(issues)
    return PreparedTraining(project, spec, data, facts, engine, issues, past)


@dataclass(frozen=True)
class PreparedTraining:
    """A project that can be trained, with its data in memory.

    Attributes
    ----------
    spec
        The description with the settings of this run.
    facts
        What Keras says of each layer.
    issues
        Warnings; there are no errors.
    past
        The run to go on with; None: a new one.
    """

    project: ProjectFolder
    spec: ProjectSpec
    data: LoadedData
    facts: Mapping[str, LayerFacts]
    engine: EngineFacts
    issues: tuple[Issue, ...]
    past: Resumable | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """How the data was understood, and why a graphics card is not used, one sentence each."""
        return (*data_notes(self.data), *filter(None, (self.engine.gpu_note,)))

    def initial_run(self, *, keep_weights: bool = False) -> RunRecord | None:
        """Return the earlier run whose weights this one begins with; None: new weights.

        A project made of a model file begins its first training with that model's weights.
        """
        path = self.project.path
        if self.past is not None or not (keep_weights or begins_with_opened(path)):
            return None
        return required_run(path)

    def run(
        self,
        emit: Callable[[TrainingEvent], None],
        control: TrainingControl,
        initial: Trained | None = None,
    ) -> RunFiles:
        """Train on the calling thread; arguments and result as `train`.

        Raises
        ------
        BadInput
            If the disk has no room for the weights, or another process trains the run.
        """
        parameters = sum(fact.parameters for fact in self.facts.values())
        self.project.check_room(_ROOM_BYTES + _BYTES_A_PARAMETER * parameters)
        path = self.project.path
        if self.past is not None:
            return go_on(self.past, self.spec, self.data, emit, control, path)
        return train(new_run_id(), self.spec, self.data, emit, control, path, initial)


def _past(project: ProjectFolder, spec: ProjectSpec, settings: Sequence[str]) -> Resumable:
    """Return the run to go on with; BadInput in one sentence if there is none or it does not fit the project."""
    from engine.runs.resuming import completed, misfit

    past = resumable(project.path)
    wanted = with_settings(past.run.spec, settings)
    problem = misfit(past, spec) or completed(past, wanted)
    if problem:
        raise BadInput(problem)
    return past


def _refuse_errors(issues: tuple[Issue, ...]) -> None:
    for issue in issues:
        if issue.severity == "error":
            raise BadInput(issue.sentence)


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
