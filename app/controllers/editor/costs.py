"""What training will cost: counted at every edit, the time of an epoch measured when asked for."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, Signal

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.system.free_memory import free_for_training
from app.trial_run import TrialRun
from engine.spec.base import ObjectSpec
from engine.spec.project import ProjectSpec
from engine.spec.training import EarlyStoppingSpec, ScheduleSpec
from widgets.costs.training_costs import CostPanel, ShownCosts

if TYPE_CHECKING:
    from engine.data.loaded import LoadedData

_MEASURING = "measuring …"
_Timed: TypeAlias = "tuple[ProjectSpec, heavy.EpochTime]"


class CostsController(QObject):
    """Fills the cost panel.

    Signals
    -------
    counted(costs, batch_size)
        The `NetworkCosts` of the project as it is now, None if not known, and the samples of a step.

    Attributes
    ----------
    trial
        The measurement of an epoch's time.
    """

    counted = Signal(object, int)

    def __init__(
        self,
        document: Document,
        app_model: AppModel,
        jobs: JobRunner,
        panel: CostPanel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._panel = panel
        self._shown: ShownCosts | None = None
        self._timed: tuple[ProjectSpec, float] | None = None
        self.trial = TrialRun("epoch_time", "Measuring an epoch …", app_model, jobs, self)
        self.trial.waiting.connect(panel.show_measuring)
        self.trial.began.connect(partial(panel.show_measuring, _MEASURING))
        self.trial.found.connect(self._on_found)
        self.trial.ended.connect(self._on_ended)
        panel.measure_requested.connect(self._on_measure)
        panel.measure_stopped.connect(self._on_stop)
        panel.batch_requested.connect(self._on_batch)
        document.spec_changed.connect(self._on_spec_changed)
        app_model.facts_changed.connect(self._show)
        app_model.info_changed.connect(self._show)
        app_model.training_changed.connect(self._show)

    # ---- Showing ----

    def _show(self) -> None:
        spec, info, app_model = self._document.spec, self._app_model.info, self._app_model
        if info is None or not app_model.facts:
            self._shown = None
            self.counted.emit(None, spec.training.batch_size)
        else:
            costs = heavy.network_costs(spec, info, app_model.facts)
            if costs.unknown and not app_model.errors:
                return  # Keras is being asked of what was edited: the figures before stand until it answers
            free = free_for_training(spec.training.device, app_model.engine)
            self._shown = shown_costs(costs, info.counts[0], free)
            self.counted.emit(costs, self._shown.batch_size)
        self._panel.show_costs(self._shown)
        self._panel.set_measurable(self._why_not_measurable())
        if not self.trial.is_active:
            self._show_time()

    def _show_time(self) -> None:
        timed = self._timed
        is_true = timed is not None and timed[0] == what_takes_time(self._document.spec)
        self._panel.show_measuring("")
        self._panel.show_time(timed[1] if timed is not None and is_true else None)

    def _why_not_measurable(self) -> str:
        if self._app_model.training:
            return "stop the training first"
        if self._app_model.errors:
            return f"first mend the {len(self._app_model.errors)} marked problem(s)"
        if self._shown is not None and not self._shown.fits:
            return "make the batch smaller first, it does not fit into the free memory"
        return ""

    def _on_spec_changed(self, old: ProjectSpec, new: ProjectSpec) -> None:
        if self.trial.is_active and what_takes_time(old) != what_takes_time(new):
            self.trial.stop()
            self._show_time()

    # ---- What the user does ----

    def _on_measure(self) -> None:
        spec = self._document.spec

        def work(data: LoadedData, job: Job) -> _Timed:
            return spec, heavy.measure_epoch(spec, data, lambda: job.cancelled)

        self.trial.start(work)

    def _on_stop(self) -> None:
        self.trial.stop()
        self._show_time()

    def _on_found(self, found: _Timed) -> None:
        spec, measured = found
        self._timed = (what_takes_time(spec), measured.seconds)
        self._show_time()

    def _on_ended(self, sentence: str, _is_bad: bool) -> None:
        self._show_time()
        self._app_model.said.emit(sentence)

    def _on_batch(self, size: int) -> None:
        spec = self._document.spec
        training = spec.training.but(batch_size=size)
        self._document.edit(f"Set batch size to {size}", spec.but(training=training))


def shown_costs(costs: heavy.NetworkCosts, samples: int, free_bytes: int | None) -> ShownCosts:
    """Return what the panel shows.

    Parameters
    ----------
    samples
        Of the training part, 0 if not known yet: no batch is larger than that.
    """
    size = min(costs.batch_size, samples) if samples else costs.batch_size
    return ShownCosts(
        parameters=costs.parameters,
        trainable=costs.trainable_parameters,
        flops=costs.forward_flops,
        training_flops=costs.training_flops,
        memory_bytes=costs.training_bytes_at(size),
        fixed_bytes=costs.fixed_bytes,
        sample_bytes=costs.sample_bytes,
        free_bytes=free_bytes,
        batch_size=size,
        samples=samples,
        steps=math.ceil(samples / size),
        largest_batch=None if free_bytes is None else heavy.largest_batch(costs, free_bytes),
        is_whole=not costs.unknown,
    )


def what_takes_time(spec: ProjectSpec) -> ProjectSpec:
    """Return the description without what does not change the time of an epoch."""
    training = spec.training.but(
        optimizer=ObjectSpec(kind=spec.training.optimizer.kind),
        epochs=1,
        early_stopping=EarlyStoppingSpec(),
        schedule=ScheduleSpec(),
        seed=0,
    )
    return ProjectSpec(network=spec.network, data=spec.data, training=training)
