"""The runs that a project keeps, and the models that they left."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from app.heavy.data import load_data
from app.heavy.starting import load_tensorflow
from app.heavy.trained import model_of
from app.studio import Trained
from engine.data.info import DataInfo
from engine.errors import BadInput, NetsmithError
from engine.spec.project import ProjectSpec
from engine.training.events import RunId

if TYPE_CHECKING:
    from engine.data.loaded import Statistics
    from engine.runs.store import EpochRecord, RunRecord

_LOG = logging.getLogger(__name__)


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


def is_kept(project: Path, run: RunId) -> bool:
    """Tell whether a run left weights and its entry in the history."""
    try:
        return last_run(project, run) is not None
    except NetsmithError:
        return False


def epochs_of(project: Path, run: RunId) -> tuple[EpochRecord, ...]:
    """Return the recorded epochs of a run."""
    from engine.runs.store import RunStore

    return RunStore(project).epochs(run)


def restore(project: Path, run: RunRecord) -> Trained:
    """Return the model that a run left in the project.

    A project may come from a stranger, so its checkpoint is opened like any foreign model.

    Raises
    ------
    BadInput
        If the file is missing, damaged, unsafe, or of another network than the run's.
    """
    from engine.data.sets import describe
    from engine.sandbox.opener import open_model
    from engine.sandbox.opener import restore as restore_model

    spec = run.spec
    opened = open_model(checkpoint_of(project, run.id))
    load_tensorflow()
    model = restore_model(opened)
    info, statistics = describe(spec.data), None
    if not run.samples and opened.card is not None:
        info = opened.card.info  # a model made elsewhere may be of other data than the project's
    if info is None or spec.data.scaling == "standard":
        data = load_data(spec.data)
        info, statistics = data.info, data.statistics
    return Trained(
        run.id,
        spec,
        info,
        statistics,
        weights_by_layer(model, spec, info, statistics),
        run.figures,
        opened=not run.samples,
        number=run.number,
    )


def weights_by_layer(
    model: Any, spec: ProjectSpec, info: DataInfo, statistics: Statistics | None
) -> tuple[Any, ...]:
    """Return the weights of an opened model in the order of the model that the description builds."""
    from engine.build.model import build

    own = build(spec.network, info, spec.data.scaling, statistics)
    opened = {layer.name: layer for layer in model.layers}
    for layer in own.layers:
        if layer.weights:
            try:
                layer.set_weights(opened[layer.name].get_weights())
            except (KeyError, ValueError) as error:
                raise BadInput(
                    f'the stored weights do not fit layer "{layer.name}": train the network again'
                ) from error
    return tuple(own.get_weights())


def keep_opened(trained: Trained, project: Path) -> None:
    """Write weights from a file as a run of no steps, which `restore` gives back."""
    from engine.card import card_of
    from engine.runs.store import RunStore
    from engine.training.checkpoint import Checkpoint

    model = model_of(trained)
    file = checkpoint_of(project, trained.run)
    with Noted(trained.run):
        Checkpoint(file, card_of(trained.spec, trained.info))(model, 0, {})
        store = RunStore(project)
        store.begin(trained.run, trained.spec)
        store.end(trained.run, "stopped", 0.0, 0, {})


class Noted(contextlib.AbstractContextManager[None]):
    """Lets a disk that refuses cost what was to be written, not the training; can be entered again and again."""

    def __init__(self, run: RunId) -> None:
        self._run = run

    def __exit__(
        self, _kind: object, error: BaseException | None, _traceback: TracebackType | None
    ) -> bool:
        """Note why a disk refused."""
        if not isinstance(error, (NetsmithError, OSError)):
            return False
        _LOG.warning("run %s is not recorded: %s", self._run, error)
        return True
