"""What several verbs do: read settings, ask Keras, find a run's model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app import heavy
from app.cli.output import Output
from engine.data.features import Feature
from engine.data.info import DataInfo
from engine.runs.project_folder import ProjectFolder
from engine.runs.store import RunRecord
from engine.runs.trained import Trained
from engine.spec.issues import LayerFacts
from engine.spec.project import ProjectSpec


def layer_facts(spec: ProjectSpec, info: DataInfo) -> Mapping[str, LayerFacts]:
    """Return what Keras says of each layer."""
    heavy.load_tensorflow()
    return heavy.Shapes().facts(spec, info)


def feature_facts(feature: Feature) -> dict[str, Any]:
    """Return what the verbs print of a column."""
    return {
        "name": feature.name, "kind": feature.kind, "shape": list(feature.shape), "dtype": feature.dtype,
        "value_range": feature.value_range, "labels": list(feature.labels), "columns": list(feature.columns),
    }  # fmt: skip


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
    found = heavy.required_run(project.path, run)
    if run is None:
        say_lost(output, project, found)
    return found


def say_lost(output: Output, project: ProjectFolder, found: RunRecord) -> None:
    """Say if a later run than the one that is used left no weights."""
    lost = heavy.lost_after(project.path, found)
    if lost is not None:
        output.complain(f"run {lost.number} left no weights: those of run {found.number} are used")
