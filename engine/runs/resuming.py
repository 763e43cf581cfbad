"""Resume interrupted runs, and check whether a description allows it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from engine import storage
from engine.catalog import catalog
from engine.data import sample_parts
from engine.data.loaded import LoadedData
from engine.data.sample_parts import read_parts
from engine.errors import BadInput, NewerFile, quoted
from engine.runs.locking import is_held
from engine.runs.store import EpochRecord, RecordedOutcome, RunRecord, RunStore
from engine.spec.project import ProjectSpec
from engine.spec.training import TrainingSpec
from engine.training.live.events import RunId
from engine.training.state import resume_point
from engine.training.state.resume_point import Progress

RUNS: Final = "runs"
MODEL: Final = "last.keras"
_EARLIER: Final = ".earlier"
_FILES: Final = (MODEL, resume_point.FILE_NAME)
# Optimizer settings that can change during a training, by the names of `ValueApplied`.
_STEERED: Final = ("learning_rate", "momentum", "beta_1", "weight_decay")
_FREE: Final = frozenset({"epochs", "early_stopping", "device", "batch_size", "optimizer"})
_FOLDER_NAME: Final = re.compile(r"[\w-]{1,100}")
_ENDS: Final[Mapping[RecordedOutcome, str]] = {
    "running": "was interrupted",
    "interrupted": "was interrupted",
    "stopped": "was stopped",
    "stopped_early": "stopped early",
    "failed": "failed",
    "finished": "finished",
    "discarded": "was discarded",
}


class NothingToGoOnWith(BadInput):
    """No run left a state, or it was trained on other data; this is no error."""


class BeingTrained(BadInput):
    """Another process is training the run."""


@dataclass(frozen=True)
class Resumable:
    """A run with a state to resume from.

    Attributes
    ----------
    key
        `engine.training.state.resume_point.key` of the network and data it belongs to.
    history
        Its recorded epochs up to that state.
    data_key
        Its samples, as in `engine.models.card.ModelCard`; "" if unknown.
    """

    run: RunRecord
    key: str
    progress: Progress
    history: tuple[EpochRecord, ...] = ()
    data_key: str = ""

    @property
    def number(self) -> int:
        """Number of the run."""
        return self.run.number

    def fits(self, data: LoadedData) -> bool:
        """Tell whether the run was trained on these samples."""
        # The state's own key covers only some of the samples; one of version 0.1 has none.
        if not self.key:
            return self.data_key == data.parts.key
        is_same = self.data_key in ("", data.parts.key)
        return is_same and resume_point.key(self.run.spec, data) == self.key


def folder_of(project: Path, run: RunId) -> Path:
    """Return the folder of a run's files."""
    return project / RUNS / run


def find(project: Path) -> Resumable:
    """Return the last run that left a state and was not discarded.

    Raises
    ------
    NothingToGoOnWith
        If there is none.
    BeingTrained
        If another process trains it, or a newer one.
    BadInput
        If its state cannot be read.
    """
    store = RunStore(project)
    for run in reversed(store.runs()):
        if not _FOLDER_NAME.fullmatch(run.id):
            continue  # an untrusted project must not refer to a folder outside
        folder = folder_of(project, run.id)
        if run.ended is None and is_held(folder):
            raise being_trained(run)
        if run.outcome != "discarded" and (folder / resume_point.FILE_NAME).is_file():
            key, progress = _progress(run, folder / resume_point.FILE_NAME)
            past = tuple(each for each in store.epochs(run.id) if each.epoch <= progress.epochs)
            parts = read_parts(folder / sample_parts.FILE_NAME)
            return Resumable(run, key, progress, past, parts.key if parts is not None else "")
    name = quoted(project.name)
    raise NothingToGoOnWith(f'"{name}" has no run to go on with: start a new training')


def being_trained(run: RunRecord) -> BeingTrained:
    """Return the error for a run that another process is training."""
    return BeingTrained(
        f"run {run.number} is being trained by another Netsmith: wait until it ends there"
    )


def _progress(run: RunRecord, file: Path) -> tuple[str, Progress]:
    try:
        return resume_point.read_progress(file)
    except NewerFile:
        raise
    except BadInput as error:
        raise BadInput(
            f'run {run.number} cannot go on because its "{file.name}" is damaged: start a new training'
        ) from error


def problem(past: Resumable, spec: ProjectSpec) -> str:
    """Return in one sentence why a run cannot be resumed with a description; "" if it can."""
    return misfit(past, spec) or completed(past, spec)


def misfit(past: Resumable, spec: ProjectSpec) -> str:
    """Return in one sentence what must be as it was in the run; "" if nothing differs."""
    for what, part in _PARTS:
        if part(past.run.spec) != part(spec):
            return f"run {past.number} was trained with another {what}: set it back or train anew"
    return ""


def completed(past: Resumable, spec: ProjectSpec) -> str:
    """Return in one sentence why a run has nothing left to do; "" if it has."""
    done, wanted = past.progress.epochs, spec.training.epochs
    if not past.progress.steps:
        return f"run {past.number} has learned nothing yet: start a new training"
    if done >= wanted:
        return f"run {past.number} has trained {done} of {wanted} epochs: set more epochs to go on"
    is_same = spec.training.early_stopping == past.run.spec.training.early_stopping
    if past.run.outcome == "stopped_early" and is_same:
        return f"run {past.number} stopped early: give early stopping more patience to go on"
    return ""


def resumption_text(past: Resumable, spec: ProjectSpec) -> str:
    """Return the progress of a run as one sentence: ``"Run 3 was stopped in epoch 4 of 20."``."""
    progress, epochs = past.progress, spec.training.epochs
    place = f"in epoch {progress.epoch}" if progress.position else f"after epoch {progress.epochs}"
    return f"Run {past.number} {_ENDS[past.run.outcome]} {place} of {epochs}."


def changed_values(before: TrainingSpec, now: TrainingSpec) -> dict[str, float]:
    """Return the changed values for a resumed run; names as in `ValueApplied`."""
    old = _values(before)
    return {name: value for name, value in _values(now).items() if old.get(name) != value}


def _values(training: TrainingSpec) -> dict[str, float]:
    optimizer = catalog().family("optimizer").get(training.optimizer.kind)
    defaults = {field.name: field.default for field in optimizer.fields} if optimizer else {}
    known = {**defaults, **training.optimizer.parameters}
    found = {name: known.get(name) for name in _STEERED} | {"batch_size": training.batch_size}
    return {name: float(value) for name, value in found.items() if isinstance(value, (int, float))}


def _lasting(spec: ProjectSpec) -> tuple[str, dict[str, Any]]:
    """Return the optimizer without settings that can change during a training."""
    chosen = spec.training.optimizer
    kept = {name: value for name, value in chosen.parameters.items() if name not in _STEERED}
    return chosen.kind, kept


def _setting(name: str) -> tuple[str, Callable[[ProjectSpec], Any]]:
    return name.replace("_", " "), lambda spec: getattr(spec.training, name)


# What must not differ, in order of relevance.
_PARTS: Final[tuple[tuple[str, Callable[[ProjectSpec], Any]], ...]] = (
    ("network", lambda spec: spec.network),
    # A moved file is recognised by its content, see `Resumable.fits`.
    ("choice of data", lambda spec: spec.data.but(path=None)),
    ("optimizer", _lasting),
    *(_setting(name) for name in TrainingSpec.model_fields if name not in _FREE),
)


# ---- Files ----


def keep_earlier(folder: Path) -> None:
    """Keep copies of model and state of a run; `settle` restores or removes them."""
    _forget_earlier(folder)
    for name in _FILES:
        file, earlier = folder / name, folder / f"{name}{_EARLIER}"
        if not file.is_file():
            continue
        try:
            earlier.hardlink_to(file)  # files are replaced, never written into
        except OSError:  # a disk without links; an incomplete copy must never be restored
            storage.write_with(earlier, partial(shutil.copyfile, file))


def settle(project: Path, run: RunId, *, is_discarded: bool) -> None:
    """Clean up after a run; a resumed run that was discarded is restored from `keep_earlier`.

    States of other runs are removed once this one has its own, as only the last run can be resumed. A run that is
    being trained keeps its state.
    """
    folder = folder_of(project, run)
    if is_discarded:
        _take_back(folder)
        return
    _forget_earlier(folder)
    if (folder / resume_point.FILE_NAME).is_file():
        for file in (project / RUNS).glob(f"*/{resume_point.FILE_NAME}"):
            if file.parent.name != run and not is_held(file.parent):
                file.unlink(missing_ok=True)


def _forget_earlier(folder: Path) -> None:
    """Remove the copies of `keep_earlier`."""
    for name in _FILES:
        (folder / f"{name}{_EARLIER}").unlink(missing_ok=True)


def _take_back(folder: Path) -> None:
    for name in _FILES:
        earlier = folder / f"{name}{_EARLIER}"
        if earlier.is_file():
            earlier.replace(folder / name)
