"""What several verbs do: read settings, ask Keras, find a run's model."""

from __future__ import annotations

from collections.abc import Mapping

from app import heavy
from app.app_model import Trained
from app.cli.output import Output
from app.project_folder import ProjectFolder
from engine.data.info import DataInfo
from engine.errors import BadInput, quoted
from engine.runs.store import RunRecord
from engine.spec.issues import LayerFacts
from engine.spec.paths import with_setting
from engine.spec.project import ProjectSpec


def layer_facts(spec: ProjectSpec, info: DataInfo) -> Mapping[str, LayerFacts]:
    """Return what Keras says of each layer."""
    heavy.load_tensorflow()
    return heavy.Shapes().facts(spec, info)


def with_settings(spec: ProjectSpec, settings: list[str]) -> ProjectSpec:
    """Return a description with settings as the shell gives them, ``"training.epochs=3"``."""
    for setting in settings:
        spec = with_setting(spec, setting)
    return spec


def say(output: Output, notes: tuple[str, ...]) -> None:
    """Say sentences that are neither results nor refusals."""
    for note in notes:
        output.event("note", note, text=note)


def trained_model(output: Output, project: ProjectFolder, run: str | None) -> Trained:
    """Return the trained model of a run (None: the last that left weights)."""
    return heavy.restore(project.path, last_run(output, project, run))


def last_run(output: Output, project: ProjectFolder, run: str | None = None) -> RunRecord:
    """Return a run that left weights (None: the last one), and say if a later one left none.

    Raises
    ------
    BadInput
        If there is no project, or none of its runs left weights.
    """
    project.read()
    found = heavy.last_run(project.path, run)
    if found is None:
        raise BadInput(
            f'"{quoted(project.path.name)}" has no trained weights yet: run "train" first'
        )
    lost = heavy.lost_after(project.path, found) if run is None else None
    if lost is not None:
        output.complain(f"run {lost.number} left no weights: those of run {found.number} are used")
    return found
