"""The whole program: connects what decides and what shows, keeps the window true, ends cleanly."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox

from app import heavy
from app.actions import AppState
from app.commands import Commands
from app.controllers.live.thumbnails import ACTIVATIONS, THUMBNAILS
from app.jobs import Job
from app.parts import Parts
from app.shell import clipboard
from app.shell.main_window import TRAIN_TEXTS
from engine.editing.grouping import groups_with
from engine.errors import NetsmithError
from engine.machine.facts import EngineFacts
from engine.spec.project import ProjectSpec
from engine.training.procedures import PROCEDURES
from widgets.forms.texts import problem_in_words

_CLOSING_DEADLINE_S = 10.0
_JOBS_DEADLINE_S = 0.5  # a job inside TensorFlow cannot be interrupted; the process ends without it


class Program(Parts):
    """Everything behind one window.

    Parameters
    ----------
    project
        Folder to open; None: the last one, or a new ready project.

    Raises
    ------
    BadInput
        If ``project`` cannot be opened.
    """

    def __init__(self, project: Path | None) -> None:
        super().__init__()
        self._loading = QTimer(self)
        self._loading.setSingleShot(True)
        self._loading.timeout.connect(self.load_tensorflow)
        Commands(self).ran.connect(self.refresh)
        self._connect_requests()
        self._connect_showing()
        self.theming.apply_wanted()
        try:
            self.project.start_with(project)
        except NetsmithError:
            self.jobs.close()
            raise
        self._restore_layout()
        # One tree: whoever has the window finds every action in it by name.
        self.setParent(self.window)

    def load_tensorflow_soon(self) -> None:
        """Load TensorFlow once the window is painted, since that holds Python's lock; at once if nobody sees it."""
        if self.window.isVisible() and not self.window.isMinimized():
            self.window.painted.connect(self._on_painted)
        else:
            self.load_tensorflow()

    def _on_painted(self) -> None:
        self.window.painted.disconnect(self._on_painted)
        self._loading.start()

    def load_tensorflow(self) -> None:
        """Import TensorFlow in the background; what needs it waits visibly."""
        job = Job(
            "tensorflow", "Preparing TensorFlow …", lambda _job: heavy.load_tensorflow(),
            self._on_tensorflow, self.say,
        )  # fmt: skip
        self.jobs.submit("engine", job)

    # ---- Showing ----

    def _connect_requests(self) -> None:
        """Lead what a controller or a panel wants of another to it."""
        panels = self.window.panels
        panels.live_controls.steps_requested.connect(self.training.step)
        panels.live_controls.epoch_requested.connect(self.training.run_epoch)
        panels.layer_costs.layer_chosen.connect(self._show_place)
        for form in (panels.layer_form, panels.training_form):
            form.cure_requested.connect(self.network.apply_cure)
        self.project.epochs_restored.connect(panels.loss_plot.show_history)
        self.project.epochs_restored.connect(self.weights.take_history)
        self.project.epochs_restored.connect(self.generated.take_history)
        self.generated.wanted.connect(self.window.studio_page.docks["dock.generated"].raise_)
        self.training.data_wanted.connect(self.data.want)
        self.data.not_coming.connect(self.training.give_up_waiting)
        self.data.taken.connect(self.templates.propose_if_ready)
        self.training.not_coming.connect(self.problems.say_missing)
        self.training.refused.connect(self.problems.ask)
        self.problems.proposal_wanted.connect(self.templates.propose)
        self.problems.cure_wanted.connect(self.network.apply_cure)
        self.problems.place_wanted.connect(self._show_problem)
        self.next_steps.try_wanted.connect(partial(self.window.show_page, "classify"))
        self.next_steps.change_wanted.connect(self._show_a_layer)
        self.next_steps.own_data_wanted.connect(self._show_own_data)
        self.problems.data_page_wanted.connect(partial(self.window.show_page, "data"))
        self.recovery.go_on_wanted.connect(self.training.go_on)
        self.training.unkept.connect(self.saving.take)
        self.saving.copied.connect(self.project.go_on_in)
        self.recovery.place_found.connect(self._show_place)
        self.neurons.layer_requested.connect(self._show_place)
        self.costs.counted.connect(self.layer_costs.show)
        self.costs.counted.connect(self._show_summary)
        self.importing.train_on_wanted.connect(self.training.train_on)
        for trial in (self.costs.trial, self.rate_finding.trial):
            trial.data_wanted.connect(self.data.want)
            self.data.not_coming.connect(trial.give_up_waiting)
        self.code.network_replaced.connect(panels.canvas.show_start)
        self.replacing.undo_wanted.connect(self.actions["edit.undo"].trigger)
        panels.canvas.settings_requested.connect(partial(self.window.go_to_dock, "dock.layer"))
        self.results.aged.connect(self.window.show_age_of_plots)
        self.window.plot_export_requested.connect(self.plot_files.save)

    def _connect_showing(self) -> None:
        """Keep what the window says true."""
        app_model, window = self.app_model, self.window
        app_model.said.connect(self.say)
        self.jobs.words_changed.connect(window.show_doing)
        self.settings_file.on_failure = self.say
        self.document.undo_stack.indexChanged.connect(self._on_edited)
        self.project.opened.connect(self._on_opened)
        self.project.run_found.connect(self.results.show_earlier)
        self.project.moved.connect(self.refresh)
        self.project.may_leave = self._may_leave_behind
        self.actions["view.map"].setChecked(True)
        self.thumbnails.chosen.connect(self._show_thumbnail_choice)
        self._show_thumbnail_choice()
        window.problems_requested.connect(self.problems.ask)
        window.recent_requested.connect(self.project.open_recent)
        window.recent_menu_opening.connect(self._show_recent)
        window.may_close = self.may_close
        for signal in (app_model.issues_changed, app_model.trained_changed, app_model.training_changed,
                       app_model.selection_changed, app_model.engine_changed, app_model.info_changed,
                       self.recovery.changed,
                       window.panels.canvas.notes_selected, window.pages.currentChanged,
                       QGuiApplication.clipboard().dataChanged):  # fmt: skip
            signal.connect(self.refresh)

    def _show_thumbnail_choice(self) -> None:
        """Check what the blocks show."""
        for name in THUMBNAILS:
            self.actions[f"view.thumbnails.{name}"].setChecked(name == self.thumbnails.choice)
        self.actions["view.flow"].setChecked(self.thumbnails.choice == ACTIVATIONS)

    def say(self, sentence: str) -> None:
        """Say a sentence in the status line, and where there is room for it if that line has none."""
        self.window.say(sentence)
        if sentence and not self.window.says_all:
            self.notices.topic("said").show_notice(sentence)
        else:
            self.notices.topic("said").clear()

    def _on_edited(self) -> None:
        """What was said before an edit is past."""
        self.say("")
        self.refresh()

    def refresh(self) -> None:
        """Enable what is possible now and renew the totals."""
        app_model, stack = self.app_model, self.document.undo_stack
        self.actions.refresh(
            AppState(
                page=self.window.page,
                can_undo=stack.canUndo(),
                can_redo=stack.canRedo(),
                selected=len(app_model.selection),
                groups=len(groups_with(self.document.spec, app_model.selection)),
                notes=len(self.document.spec.notes),
                selected_notes=len(self.window.panels.canvas.selected_notes()),
                can_paste=clipboard.may_hold_layers(),
                training=app_model.training,
                errors=len(app_model.errors),
                why_not_resume=self.recovery.why_not,
                why_not_train_opened=self.importing.why_not,
                trained=app_model.trained is not None,
                pictures=app_model.info is not None and app_model.info.image is not None,
                data=app_model.info,
                adversarial=_has_pair(
                    app_model.running_spec if app_model.training else self.document.spec
                ),
            )
        )
        for action_id, words in (("edit.undo", stack.undoText()), ("edit.redo", stack.redoText())):
            verb = "Undo" if action_id == "edit.undo" else "Redo"
            self.actions[action_id].setText(f"{verb} {words}".strip())
        paused = app_model.training == "paused"
        self.actions["train.pause"].setChecked(paused)
        self.actions["train.start"].setText(TRAIN_TEXTS[paused])
        self._show_summary()
        self.window.show_problems(tuple(problem_in_words(issue) for issue in app_model.errors))
        place = str(self.project.folder.path) if self.project.folder else ""
        data = app_model.info.title if app_model.info else ""
        self.window.show_project(self.document.spec.name, place, data)

    def _show_summary(self) -> None:
        parts = (f"{len(self.document.spec.network.layers)} layers", self.layer_costs.totals)
        self.window.show_summary("  ·  ".join(part for part in parts if part))

    def _show_place(self, layer_id: str) -> None:
        """Select the layer that another panel points at."""
        self.network.reveal((layer_id,))

    def _show_problem(self, layer_id: str) -> None:
        """Go to the block whose problem is spoken of."""
        self.window.show_page("studio")
        self.network.reveal((layer_id,))

    def _show_a_layer(self) -> None:
        """Select the first layer with weights, whose settings can be changed beside."""
        facts = self.app_model.facts
        learning = [
            name
            for name in self.document.spec.network.ids
            if name in facts and facts[name].parameters
        ]
        self.window.show_dock("dock.layer")
        self.network.reveal(tuple(learning[:1]))

    def _show_own_data(self) -> None:
        """Let the user choose a file of data."""
        self.window.show_page("data")
        self.data.choose_file()

    def _on_opened(self, _path: object) -> None:
        self.window.panels.loss_plot.clear()
        self.window.panels.canvas.show_start()
        self.recovery.forget()
        self.saving.forget()
        self.problems.forget()
        self.next_steps.forget()
        self.data.load()
        self.refresh()

    def _on_tensorflow(self, engine: EngineFacts) -> None:
        self.app_model.set_engine(engine)
        where = ", ".join(engine.devices).upper()
        ready = f"TensorFlow {engine.tensorflow_version} is ready on {where}."
        self.say(f"{ready} {engine.gpu_note}".rstrip())

    def _show_recent(self) -> None:
        self.window.show_recent(self.project.recent)

    # ---- Layout ----

    def _restore_layout(self) -> None:
        settings = self.settings_file.read()
        if settings.window:
            self.window.restore_geometry_text(settings.window)
        if settings.studio:
            self.window.studio_page.restore_layout(settings.studio)

    # ---- The end ----

    def may_close(self) -> bool:
        """Ask if a training runs; stop it, keep its state and end every thread. False: the window stays."""
        if self.worker.is_running:
            answer = QMessageBox.question(
                self.window,
                "Training Is Running",
                "Stop the training, keep what it learned, and close? You can go on with it later.",
                QMessageBox.StandardButton.Close | QMessageBox.StandardButton.Cancel,
                QMessageBox.StandardButton.Cancel,
            )
            if answer != QMessageBox.StandardButton.Close:
                return False
            self.training.leave()
            if not self.worker.wait(_CLOSING_DEADLINE_S):
                self.say("The training does not stop yet: try again in a moment.")
                return False
        if not self._may_leave_behind():
            return False
        self.end()
        return True

    def _may_leave_behind(self) -> bool:
        """Ask if something of the project is not on disk; False: it stays open."""
        self.document.flush()
        if not self.saving.at_risk:
            return True
        box = QMessageBox(
            QMessageBox.Icon.Warning, "Not Everything Is on Disk",
            "\n".join((*self.saving.at_risk, "This is lost if you go on.")), parent=self.window,
        )  # fmt: skip
        role = QMessageBox.ButtonRole
        again = box.addButton("Try Again", role.ActionRole)
        elsewhere = box.addButton("Save Elsewhere…", role.ActionRole)
        lose = box.addButton("Lose It", role.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        clicked = box.clickedButton()
        if clicked == again:
            self.saving.try_again()
        elif clicked == elsewhere:
            self.saving.ask_and_save_elsewhere()
        return bool(clicked == lose)

    def keep_all(self) -> None:
        """Stop a training, keep what it learned, and write what is not on disk; nothing is asked."""
        if self.worker.is_running:
            self.training.leave()
            self.worker.wait(_CLOSING_DEADLINE_S)
        self.document.flush()
        if self.saving.at_risk:
            self.saving.write_now()

    def leave_now(self) -> None:
        """End without a question: the system wants it."""
        self.keep_all()
        self.end()
        QApplication.exit(0)

    def end(self, deadline_s: float = _JOBS_DEADLINE_S) -> bool:
        """Remember the layout, give the project free, end the job threads; False if one is still busy."""
        settings = self.settings_file.read()
        layout = {
            "window": self.window.geometry_text(),
            "studio": self.window.studio_page.layout_text(),
        }
        self.settings_file.write(settings.but(**layout))
        self.project.close()
        return self.jobs.close(deadline_s)


def _has_pair(spec: ProjectSpec | None) -> bool:
    """Tell whether a project's networks are a generator and a discriminator."""
    row = None if spec is None else PROCEDURES.get(spec.training.stage.procedure)
    return row is not None and {role.id for role in row.roles} == {"generator", "discriminator"}
