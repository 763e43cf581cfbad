"""The runs that a project keeps, and the models that they left."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.data.info import DataInfo
from engine.errors import BadInput, JobFailed, quoted
from engine.runs.trained import Trained
from engine.runs.trained_model import model_of
from engine.spec.project import ProjectSpec
from engine.training.live.events import RunId
from engine.training.loop.tensorflow_start import load_tensorflow

if TYPE_CHECKING:
    from engine.data.loaded import Statistics
    from engine.importing.opened import OpenedModel
    from engine.runs.store import EpochRecord, RunRecord

_LOG = logging.getLogger(__name__)
_SCALING_NUMBERS = frozenset({"mean", "variance", "scale", "offset"})


def checkpoint_of(project: Path, run: RunId) -> Path:
    """Return the file that holds a run's last weights."""
    from engine.runs import resuming

    return resuming.folder_of(project, run) / resuming.MODEL


def last_run(project: Path, run: RunId | None = None) -> RunRecord | None:
    """Return the newest run that left weights (or the named one); None if there is none.

    Raises
    ------
    BadInput
        If the named run does not exist.
    """
    from engine.runs.store import RunStore

    store = RunStore(project)
    candidates = (store.run(run),) if run is not None else store.runs()
    kept = [
        r for r in candidates if r.outcome != "discarded" and checkpoint_of(project, r.id).is_file()
    ]
    return kept[-1] if kept else None


def required_run(project: Path, run: RunId | None = None) -> RunRecord:
    """Return the newest run that left weights (or the named one); BadInput if there is none."""
    found = last_run(project, run)
    if found is None:
        raise BadInput(f'"{quoted(project.name)}" has no trained weights yet: run "train" first')
    return found


def lost_after(project: Path, run: RunRecord) -> RunRecord | None:
    """Return the newest run that learned something after another one but left no weights; None if there is none."""
    from engine.runs.store import RunStore

    newer = [r for r in RunStore(project).runs() if r.number > run.number and r.samples]
    return next((r for r in reversed(newer) if r.outcome != "discarded"), None)


def begins_with_opened(project: Path) -> bool:
    """Tell whether the newest run only holds the weights of an opened file, which the next training begins with."""
    run = last_run(project)
    # A run that is being trained, or whose process died, has no count of samples yet either.
    return run is not None and run.ended is not None and not run.samples


def epochs_of(project: Path, run: RunId) -> tuple[EpochRecord, ...]:
    """Return the recorded epochs of a run."""
    from engine.runs.store import RunStore

    return RunStore(project).epochs(run)


def restore(project: Path, run: RunRecord) -> Trained:
    """Return the model that a run left in the project, from its checkpoint alone.

    A project may come from a stranger, so its checkpoint is opened like any foreign model.

    Raises
    ------
    BadInput
        If the file is missing, damaged, unsafe, or of another network than the run's.
    """
    from engine.importing.opener import open_model
    from engine.importing.opener import restore as restore_model

    spec = run.spec
    opened = open_model(checkpoint_of(project, run.id))
    info, statistics = _learned_data(opened, spec)
    load_tensorflow()
    weights = weights_by_layer(restore_model(opened), spec, info, statistics)
    key = opened.card.data_key if opened.card is not None else ""
    moment = opened.card.moment if opened.card is not None else None
    # The figures of the run's end are not those of weights that were written before.
    figures = run.figures if moment is None or moment.samples == run.samples else {}
    return Trained(
        run.id, spec, info, statistics, weights, figures,
        opened=not (run.samples or (moment is not None and moment.samples)), number=run.number,
        data_key=key, epochs=moment.epochs if moment is not None else None,
    )  # fmt: skip


def _learned_data(opened: OpenedModel, spec: ProjectSpec) -> tuple[DataInfo, Statistics | None]:
    """Return what a checkpoint says of the data it learned: today's data may be other.

    A checkpoint of 0.1 notes no statistics; its Normalization holds them.
    """
    from engine.data.loaded import Statistics
    from engine.data.preprocessing import takes_from_data
    from engine.data.readers import READERS

    card = opened.card
    if card is None:
        raise BadInput("the stored weights do not say what they learned: train the network again")
    chosen = READERS.get(spec.data.reader)
    title = card.data_title or (chosen.title if chosen is not None else card.title)
    info = replace(card.info, source=spec.data.reader, title=title)
    if card.statistics is not None:
        return info, card.statistics
    for name in {layer.id for layer in spec.network.layers if takes_from_data(layer)}:
        scaler = opened.network.layer(name) if name in opened.network.ids else None
        if scaler is not None and scaler.kind == "Normalization":
            mean, variance = (np.array(scaler.parameters[each]) for each in ("mean", "variance"))
            return info, Statistics(mean, variance)
    return info, None


def weights_by_layer(
    model: Any, spec: ProjectSpec, info: DataInfo, statistics: Statistics | None
) -> tuple[Any, ...]:
    """Return the weights of an opened model in the order of the model that the description builds."""
    from engine.build.model import build

    own = build(spec.network, info, statistics)
    opened = {layer.name: layer for layer in model.layers}
    _refuse_other_scaling(own, opened, spec)
    for layer in own.layers:
        if layer.weights:
            try:
                layer.set_weights(opened[layer.name].get_weights())
            except (KeyError, ValueError) as error:
                raise BadInput(
                    f'the stored weights do not fit layer "{layer.name}": train the network again'
                ) from error
    return tuple(own.get_weights())


def _refuse_other_scaling(own: Any, opened: Mapping[str, Any], spec: ProjectSpec) -> None:
    """Refuse weights that learned samples scaled with other numbers: their answers would be wrong."""
    from engine.editing.preprocessing import scaling_layers

    for name in scaling_layers(spec.network):
        if name not in opened:
            continue
        now, then = own.get_layer(name).get_config(), opened[name].get_config()
        for number in _SCALING_NUMBERS & now.keys():
            if not np.array_equal(now[number], then.get(number, np.nan)):
                problem = f'the stored weights do not fit layer "{quoted(name, 40)}"'
                raise BadInput(f"{problem}: train the network again")


def keep_opened(trained: Trained, project: Path) -> str:
    """Write weights from a file as a run of no steps, which `restore` gives back.

    Returns
    -------
    str
        Why they were not written, as a sentence with a space before it; "" if they were.
    """
    from engine.models.card import Moment, card_of
    from engine.runs.store import RunStore
    from engine.storage import make_folder
    from engine.training.state.checkpoint import Checkpoint

    model = model_of(trained)
    file = checkpoint_of(project, trained.run)
    try:
        make_folder(file.parent.parent)
        Checkpoint(file, card_of(trained.spec, trained.info, trained.statistics))(model, Moment())
        store = RunStore(project)
        store.begin(trained.run, trained.spec)
        store.end(trained.run, "stopped", 0.0, 0, {})
    except JobFailed as error:
        _LOG.warning("the opened model of run %s is not kept: %s", trained.run, error)
        return f" The weights are not kept with the project: {error}."
    return ""
