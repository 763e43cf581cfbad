"""Training: the form, the buttons, the live plots."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.training_worker import Emit, TrainingWorker
from engine.catalog import catalog
from engine.data.auto_defaults import resolve_loss, resolve_metrics
from engine.data.info import DataInfo
from engine.editing.fresh_layers import has_size
from engine.runs.project_folder import ProjectFolder
from engine.runs.trained import Trained
from engine.spec.project import ProjectSpec
from engine.spec.training import TrainingSpec
from engine.training.diagnose.remarks import Witness
from engine.training.live.control import TrainingControl
from engine.training.live.events import (
    EpochsEnded,
    PhaseChanged,
    RunEnded,
    RunStarted,
    StepsEnded,
    TrainingEvent,
    new_run_id,
)
from engine.training.procedures import PROCEDURES
from widgets.forms import TrainingForm
from widgets.plots import LossPlot
from widgets.training.run_bar import RunBar

if TYPE_CHECKING:
    from engine.runs.resuming import Resumable


class TrainingController(QObject):
    """Starts, steers and ends trainings, and shows how they go.

    Signals
    -------
    data_wanted()
        A training waits for the data.
    refused()
        The network cannot be trained: its problems should be seen.
    not_coming(sentence)
        A training waited for data that cannot be had, and why.
    unkept(files)
        A training has ended whose `heavy.RunFiles` the disk did not take.
    """

    data_wanted = Signal()
    refused = Signal()
    not_coming = Signal(str)
    unkept = Signal(object)

    def __init__(
        self, document: Document, app_model: AppModel, worker: TrainingWorker, folder: Callable[[], ProjectFolder],
        form: TrainingForm, plot: LossPlot, bar: RunBar, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._worker = worker
        self._folder = folder
        self._form = form
        self._plot = plot
        self._bar = bar
        self._first_request = ""
        self._past: Resumable | None = None  # the run to go on with, instead of a new one
        self._keeps_weights = False
        self._shown_run = ""
        self._files: heavy.RunFiles | None = (
            None  # set by the training's thread, read when that is over
        )
        self._witness = Witness(is_new=True)
        form.changed.connect(self._on_form_changed)
        form.visit_ended.connect(document.end_visit)
        worker.events_ready.connect(self._on_events)
        document.spec_changed.connect(self._on_spec_changed)
        app_model.issues_changed.connect(self._show_form)
        app_model.engine_changed.connect(self._on_engine)
        app_model.data_changed.connect(self._start_if_waiting)
        app_model.info_changed.connect(self._show_form)
        app_model.training_changed.connect(self._show_hint)
        self._show_form()

    def give_up_waiting(self, sentence: str) -> None:
        """What a training waits for will not come: say why."""
        if self._app_model.training == "waiting":
            self._end_waiting()
            self.not_coming.emit(sentence)

    def _show_hint(self) -> None:
        if self._plot.is_empty() and self._app_model.training:
            self._plot.expect()
        elif self._plot.is_empty():
            self._plot.clear()

    # ---- Commands ----

    def start(self) -> None:
        """Train, from new or kept weights as chosen; go on if paused; wait visibly for what is not ready."""
        if self._app_model.training == "paused":
            self._resume()
        elif not self._app_model.training:
            self._begin("train")

    def train_on(self) -> None:
        """Train from the weights there are, whatever is chosen."""
        if not self._app_model.training:
            self._begin("train", keeps_weights=True)

    def go_on(self, past: Resumable) -> None:
        """Go on with a run that did not come to its end."""
        if not self._app_model.training:
            self._begin("train", past)

    def toggle_pause(self) -> None:
        """Hold a running training, let a held one go on."""
        if self._worker.control is None:
            return
        if self._app_model.training == "paused":
            self._resume()
        else:
            self._worker.control.pause()
            self._app_model.set_training("paused")

    def step(self, count: int = 1, only: str = "") -> None:
        """Train on some batches, then pause; starts a training, with one batch, if there is none.

        Parameters
        ----------
        only
            Role of the network that alone learns from them, "" for all.
        """
        if self._worker.control is not None:
            self._worker.control.step(count, only)
            self._app_model.set_training("paused")
        elif not self._app_model.training:
            self._begin("step")

    def run_epoch(self) -> None:
        """Go on, and pause when the epoch and its validation are over; starts a training if there is none."""
        if self._worker.control is not None:
            self._worker.control.run_epoch()
            self._app_model.set_training("running")
        elif not self._app_model.training:
            self._begin("epoch")

    def leave(self) -> None:
        """End the training without the test, as soon as all that is needed to go on is kept."""
        if self._worker.control is not None:
            self._worker.control.leave()

    def stop(self) -> None:
        """End the training and keep what was learned."""
        if self._worker.control is not None:
            self._worker.control.stop()
        else:
            self._end_waiting()

    def discard(self) -> None:
        """End the training and go back to the model before it."""
        if self._worker.control is not None:
            self._worker.control.discard()
        else:
            self._end_waiting()

    def _end_waiting(self) -> None:
        self._app_model.set_training("")

    # ---- Start ----

    def _resume(self) -> None:
        if self._worker.control is not None:
            self._worker.control.resume()
            self._app_model.set_training("running")

    def _begin(
        self, first_request: str, past: Resumable | None = None, *, keeps_weights: bool = False
    ) -> None:
        self._first_request, self._past = first_request, past
        self._keeps_weights = keeps_weights or self._app_model.keeps_weights
        self._start_or_wait()

    def _start_or_wait(self) -> None:
        if self._app_model.errors:
            self.refused.emit()
            return
        if self._app_model.engine is None or self._app_model.data is None:
            what = "TensorFlow" if self._app_model.engine is None else "the data"
            self._app_model.set_training("waiting")
            self._bar.show_preparing(f"Waiting for {what} …")
            if self._app_model.data is None:
                self.data_wanted.emit()
            return
        self._launch()

    def _start_if_waiting(self) -> None:
        if (
            self._app_model.training == "waiting"
            and self._app_model.engine
            and self._app_model.data
        ):
            self._app_model.set_training("")
            self._start_or_wait()

    def _launch(self) -> None:
        spec, data, folder = self._document.spec, self._app_model.data, self._folder()
        if data is None:
            return
        self._app_model.running_spec, self._app_model.running_data = spec, data
        self._select_weights()
        past = self._past
        run = past.run.id if past is not None else new_run_id()
        initial = self._app_model.trained if self._keeps_weights else None
        self._files = None
        self._witness = Witness(is_new=initial is None)

        def work(emit: Emit, control: TrainingControl) -> None:
            if past is not None:
                self._files = heavy.go_on(past, spec, data, emit, control, folder.path)
            else:
                self._files = heavy.train(run, spec, data, emit, control, folder.path, initial)

        if self._worker.start(run, work) and self._worker.control is not None:
            if self._first_request == "step":
                self._worker.control.step()
            elif self._first_request == "epoch":
                self._worker.control.run_epoch()
            self._app_model.set_training("paused" if self._first_request == "step" else "running")
            self._bar.show_phase("preparing")

    def _select_weights(self) -> None:
        """Select the first block with weights where none is selected, so that one sees what is learned."""
        facts, layers = self._app_model.facts, self._document.spec.network.layers
        known = [name for name, fact in facts.items() if fact.trainable_parameters]
        learning = [
            each.id for each in layers if each.id in known or (not known and has_size(each))
        ]
        if not self._app_model.selection:
            self._app_model.set_selection(tuple(learning[:1]))

    # ---- Events ----

    def _on_events(self, events: tuple[TrainingEvent, ...]) -> None:
        show = {
            RunStarted: self._on_started,
            PhaseChanged: self._on_phase,
            StepsEnded: self._on_steps,
            EpochsEnded: self._on_epochs,
            RunEnded: self._on_ended,
        }
        for event in events:
            self._witness.see(event)
            handler = show.get(type(event))
            if handler is not None:
                handler(event)  # type: ignore[operator]

    def _on_started(self, event: RunStarted) -> None:
        if event.run != self._shown_run or self._plot.is_empty():
            self._plot.clear()
            self._plot.start(event.epochs, event.steps_per_epoch)
            for epoch in self._past.history if self._past is not None else ():
                self._plot.append_figures(epoch.step, epoch.epoch, epoch.figures)
        self._shown_run, self._app_model.running_number = event.run, event.number
        if event.steps_before:
            self._plot.mark(event.steps_before, "went on")
        self._bar.start(event)

    def _on_phase(self, event: PhaseChanged) -> None:
        self._bar.show_phase(event.phase)
        control = self._worker.control
        if event.phase == "paused" and control is not None and control.requests.paused:
            self._app_model.set_training("paused")  # by itself, after an epoch

    def _on_steps(self, event: StepsEnded) -> None:
        self._plot.append_series(event.first_step, event.series)
        self._plot.append_running(event.last_step, event.metrics, event.learning_rate)
        self._bar.show_steps(event)

    def _on_epochs(self, event: EpochsEnded) -> None:
        epochs = event.ends
        self._plot.append_epochs([(each.step, each.epoch, each.figures) for each in epochs])
        best = [each for each in epochs if each.best]
        spec = self._app_model.running_spec
        if best and spec is not None and spec.training.early_stopping.enabled:
            self._plot.mark(best[-1].step, "best epoch")
        self._bar.show_epoch(epochs[-1])

    def _on_ended(self, event: RunEnded) -> None:
        self._plot.settle()
        if self._plot.is_empty():
            self._plot.clear()  # it no longer waits for a first batch
        if event.fault is not None:
            place = event.fault.layer or event.fault.tensor
            self._plot.mark(event.fault.step, f"not a number: {place}" if place else "not a number")
        self._app_model.set_training("")
        files, self._files = self._files, None
        if files is not None and files.writes.failed and event.outcome != "discarded":
            self.unkept.emit(files)
        if event.error:
            self._app_model.said.emit(event.error)
        if event.outcome == "discarded":
            self._app_model.set_trained(
                self._app_model.trained
            )  # what showed the run shows this again
        data, spec = self._app_model.running_data, self._app_model.running_spec
        if spec is not None and data is not None:
            self._say_remark(self._witness.remark(spec.training, data.info, event))
        if event.weights and event.outcome != "discarded" and spec is not None and data is not None:
            learned = (spec, data.info, data.statistics, event.weights, dict(event.figures))
            self._app_model.set_trained(
                Trained(
                    event.run,
                    *learned,
                    number=self._app_model.running_number,
                    data_key=data.parts.key,
                )
            )

    def _say_remark(self, remark: str) -> None:
        if remark:
            self._app_model.said.emit(remark)

    # ---- Form ----

    def _on_form_changed(self, text: str, training: TrainingSpec, merge_key: str) -> None:
        self._document.edit(text, self._document.spec.but(training=training), merge_key or None)

    def _on_spec_changed(self, old: ProjectSpec, new: ProjectSpec) -> None:
        if old.training != new.training:
            self._show_form()

    def _on_engine(self) -> None:
        if self._app_model.engine is not None:
            engine = self._app_model.engine
            self._form.set_devices(engine.devices, engine.gpu_note)
        self._start_if_waiting()

    def _show_form(self) -> None:
        spec, info = self._document.spec, self._app_model.info
        self._form.show_training(spec.training, catalog())
        self._form.show_run_length(info.counts[0] if info is not None else 0)
        if info is not None:
            self._form.show_resolved(*_resolved(spec, info))
        issues = tuple(
            issue for issue in self._app_model.issues if issue.field.startswith("training.")
        )
        self._form.show_issues(issues)


def _resolved(spec: ProjectSpec, info: DataInfo) -> tuple[str, str]:
    """Return in words which loss and metrics "auto" stands for."""
    row = PROCEDURES.get(spec.training.stage.procedure)
    if row is not None and not row.answers:
        words = [name.replace("_", " ") for name in (*row.series, *row.figures)]
        losses, figures = words[: len(row.series)], words[len(row.series) :]
        return " and ".join(losses), ", ".join(figures)
    metrics = ", ".join(metric.kind for metric in resolve_metrics(spec, info))
    return resolve_loss(spec, info).kind, metrics
