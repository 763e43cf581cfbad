"""The whole program: makes every object once, connects them, routes commands, ends cleanly."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox

from app import clipboard, heavy
from app.actions import ACTIONS, Actions, AppState, layer_actions, template_actions
from app.controllers.arranging import ArrangingController
from app.controllers.checking import CheckingController
from app.controllers.classifying import ClassifyController
from app.controllers.code import CodeController
from app.controllers.costs import CostsController
from app.controllers.data import DataController
from app.controllers.exporting import ExportController
from app.controllers.flow import FlowController
from app.controllers.freezing import FreezingController
from app.controllers.groups import GroupsController
from app.controllers.importing import MODEL_SUFFIXES, ImportController
from app.controllers.inspector import InspectorController
from app.controllers.keeping import KeepingController
from app.controllers.layer_costs import LayerCostsController
from app.controllers.library import LibraryController
from app.controllers.meters import MetersController
from app.controllers.network import NetworkController
from app.controllers.neurons import NeuronsController
from app.controllers.notes import NotesController
from app.controllers.project import ProjectController
from app.controllers.rate_finding import RateFindingController
from app.controllers.recovery import RecoveryController
from app.controllers.steering import SteeringController
from app.controllers.templates import TemplatesController
from app.controllers.training import TrainingController
from app.controllers.views import ViewsController
from app.controllers.weights import WeightsController
from app.document import Document
from app.jobs import Job, JobRunner
from app.main_window import MainWindow, Panels, make_panels
from app.settings import SettingsFile
from app.studio import EngineFacts, Studio
from app.training_worker import TrainingWorker
from engine import alignment
from engine.catalog import catalog
from engine.errors import NetsmithError
from engine.grouping import groups_with
from engine.spec.project import ProjectSpec
from engine.templates import TEMPLATES
from widgets.command_palette import CommandPalette
from widgets.theme import DARK, FRAMED, LIGHT, THEMES, frame_palette, palette

_ABOUT = "Netsmith: build, train and look inside neural networks, on this computer alone."
_CANVAS_MENU = (
    "edit.undo", "edit.redo", "edit.cut", "edit.copy", "edit.paste", "edit.duplicate", "edit.delete",
    "edit.select_all", "layer.swap", "layer.group", "layer.group_toggle", "layer.group_rename",
    "layer.ungroup", "layer.save_block", "note.add", "layer.arrange", "view.fit", "view.fit_selection",
)  # fmt: skip
_CLOSING_DEADLINE_S = 10.0
_JOBS_DEADLINE_S = 0.5  # a job inside TensorFlow cannot be interrupted; the process ends without it


class Program(QObject):
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
        self._unsaved = ""
        self.settings_file = SettingsFile()
        self.studio = Studio(self)
        self.document = Document(ProjectSpec(), _write_nothing, self)
        self.jobs = JobRunner(self)
        self.worker = TrainingWorker(self)
        panels = make_panels()
        self.actions = Actions(
            ACTIONS + template_actions() + layer_actions(catalog().family("layer").values()), self
        )
        self.window = MainWindow(panels, self.actions)
        self.project = ProjectController(
            self.document, self.studio, self.jobs, self.settings_file, self.window, self
        )
        self.checking = CheckingController(self.document, self.studio, self.jobs, self)
        self.network = NetworkController(
            self.document, self.studio, panels.canvas, panels.palette, self
        )
        self.arranging = ArrangingController(self.document, self.studio, panels.canvas, self)
        self.groups = GroupsController(self.document, self.studio, panels.canvas, self)
        self.notes = NotesController(self.document, panels.canvas, self)
        self.library = LibraryController(
            self.document, self.studio, panels.canvas, panels.palette, self
        )
        self.inspector = InspectorController(self.document, self.studio, panels.layer_form, self)
        self.templates = TemplatesController(
            self.document, self.studio, panels.canvas, panels.templates, self
        )
        self.code = CodeController(
            self.document, self.studio, self.jobs, panels.script, panels.script_opener, self
        )
        self.data = DataController(self.document, self.studio, self.jobs, panels.data, self)
        self.training = TrainingController(
            self.document, self.studio, self.worker, self.project.require_folder,
            panels.training_form, panels.loss_plot, panels.run_bar, self,
        )  # fmt: skip
        self.recovery = RecoveryController(
            self.document, self.studio, self.jobs, self.worker, self.project.require_folder, panels.notice, self
        )  # fmt: skip
        self.costs = CostsController(self.document, self.studio, self.jobs, panels.costs, self)
        self.rate_finding = RateFindingController(
            self.document, self.studio, self.jobs, panels.rate_finder, self
        )
        self.meters = MetersController(self.studio, self.worker, panels.meters, self)
        self._make_canvas_guides(panels)
        self._make_live_controllers(panels)
        self._make_model_controllers(panels)
        self._connect_commands()
        self._connect_showing()
        self.apply_theme(self._theme_wanted())
        try:
            self.project.start_with(project)
        except NetsmithError:
            self.jobs.close()
            raise
        self._restore_layout()
        self.setParent(
            self.window
        )  # one tree: whoever has the window finds every action in it by name

    def _make_canvas_guides(self, panels: Panels) -> None:
        """Make what is shown in the blocks beside their layers: costs, a sample on its way."""
        self.layer_costs = LayerCostsController(
            self.document, self.studio, self.settings_file, panels.layer_costs, panels.canvas, self
        )
        self.flow = FlowController(
            self.document, self.studio, self.jobs, self.settings_file, panels.canvas, panels.sample, self
        )  # fmt: skip

    def _make_live_controllers(self, panels: Panels) -> None:
        """Make what steers and shows a running training."""
        self.steering = SteeringController(
            self.studio, self.worker, panels.live_controls, panels.loss_plot, self
        )
        self.views = ViewsController(
            self.worker, self.settings_file, panels.live_controls.views, panels.loss_plot,
            panels.weights, self,
        )  # fmt: skip
        self.weights = WeightsController(
            self.document, self.studio, self.jobs, self.worker, panels.weights, panels.canvas, self
        )
        self.neurons = NeuronsController(
            self.document, self.studio, self.jobs, self.worker, panels.neurons, self
        )

    def _make_model_controllers(self, panels: Panels) -> None:
        """Make what works with trained weights."""
        self.classify = ClassifyController(
            self.studio, self.jobs, self.worker, panels.classify, self
        )
        self.export = ExportController(
            self.studio, self.jobs, self.project.require_folder, panels.export, self
        )
        self.importing = ImportController(
            self.document, self.studio, self.jobs, self.project.require_folder, panels.canvas, self
        )
        self.freezing = FreezingController(self.document, self.studio, self)
        self.keeping = KeepingController(
            self.document, self.studio, self.jobs, self.settings_file, panels.start_choice,
            panels.canvas, self,
        )  # fmt: skip

    def load_tensorflow(self) -> None:
        """Import TensorFlow in the background; what needs it waits visibly."""
        job = Job(
            "tensorflow", "Preparing TensorFlow …", lambda _job: heavy.load_tensorflow(),
            self._on_tensorflow, self.window.say,
        )  # fmt: skip
        self.jobs.submit("engine", job)

    # ---- Commands ----

    def _connect_commands(self) -> None:
        canvas = self.window.panels.canvas
        commands = {
            "file.new": self.project.new,
            "file.open": self.project.ask_and_open,
            "file.import_model": self.importing.ask_and_open,
            "file.load_weights": self.importing.ask_and_load_weights,
            "file.save_as": self.project.ask_and_save_as,
            "file.quit": self.window.close,
            "edit.undo": partial(self._travel, self.document.undo_stack.undo),
            "edit.redo": partial(self._travel, self.document.undo_stack.redo),
            "edit.cut": self.network.cut,
            "edit.copy": self.network.copy,
            "edit.paste": self._paste,
            "edit.duplicate": self.network.duplicate,
            "edit.delete": self.network.delete,
            "edit.select_all": self.network.select_all,
            "layer.swap": canvas.open_swap,
            "layer.arrange": self.arranging.arrange,
            "network.freeze": self.freezing.freeze_base,
            "network.unfreeze": self.freezing.unfreeze_all,
            "network.templates": self.templates.show_gallery,
            "network.propose": self.templates.propose,
            "code.show": self.code.show_code,
            "code.open": self.code.open_script,
            "view.zoom_in": canvas.zoom_in,
            "view.zoom_out": canvas.zoom_out,
            "view.zoom_reset": canvas.zoom_reset,
            "view.fit": canvas.fit,
            "view.fit_selection": canvas.fit_selection,
            "view.map": self._toggle_map,
            "view.neurons": partial(self.window.show_dock, "dock.neurons"),
            "view.costs": partial(self.window.show_dock, "dock.costs"),
            "view.flow": self.flow.toggle,
            "view.sample.previous": partial(self.flow.go, -1),
            "view.sample.next": partial(self.flow.go, 1),
            "view.theme.light": partial(self._choose_theme, "light"),
            "view.theme.dark": partial(self._choose_theme, "dark"),
            "train.start": self.training.start,
            "train.resume_run": self.recovery.go_on,
            "train.pause": self.training.toggle_pause,
            "train.step": self.training.step,
            "train.epoch": self.training.run_epoch,
            "train.stop": self.training.stop,
            "train.discard": self.training.discard,
            "train.opened_model": self.importing.train_on,
            "train.range_test": self.rate_finding.find,
            "classify.open": partial(self._on_page, "classify", self.classify.open_file),
            "classify.paste": partial(self._on_page, "classify", self.classify.paste),
            "export.model": partial(self.window.show_page, "export"),
            "help.palette": self._find_command,
            "help.shortcuts": self._show_shortcuts,
            "help.about": self._show_about,
            **self._group_commands(),
            **self._families_of_commands(),
        }
        for action_id, command in commands.items():
            self.actions[action_id].triggered.connect(
                _without_arguments(partial(self._run, command))
            )

    def _group_commands(self) -> dict[str, Callable[[], None]]:
        """Return the commands about groups, reusable blocks and notes."""
        return {
            "layer.group": self.groups.group,
            "layer.group_toggle": self.groups.toggle,
            "layer.group_rename": self.groups.rename,
            "layer.ungroup": self.groups.ungroup,
            "layer.save_block": self.library.save,
            "note.add": self.notes.add,
            "note.next": self.window.panels.canvas.select_next_note,
        }

    def _families_of_commands(self) -> dict[str, partial[None]]:
        """Return the commands of which there is one for each of many things."""
        kinds = catalog().family("layer").items()
        families: tuple[tuple[str, Callable[..., None], Iterable[str]], ...] = (
            ("view.page", self.window.show_page, ("data", "studio", "classify", "export")),
            ("layer.align", self.arranging.align, alignment.LINES),
            ("layer.distribute", self.arranging.distribute, alignment.AXES),
            ("network.template", self.templates.use, TEMPLATES),
            ("layer.add", self.network.add_layer, [name for name, kind in kinds if not kind.unsupported]),
        )  # fmt: skip
        return {
            f"{family}.{name}": partial(run, name)
            for family, run, names in families
            for name in names
        }

    def _run(self, command: object) -> None:
        """Run a command; a refusal becomes a sentence in the status line."""
        self.window.say("")
        try:
            command()  # type: ignore[operator]
        except NetsmithError as error:
            self.window.say(str(error))
        self.refresh()

    def _travel(self, undo_or_redo: object) -> None:
        before = self.document.spec.network
        undo_or_redo()  # type: ignore[operator]
        self.network.reveal_change(before, self.document.spec.network)

    def _toggle_map(self) -> None:
        self.window.panels.canvas.set_map_wanted(self.actions["view.map"].isChecked())

    def _paste(self) -> None:
        if self.window.page == "classify":
            self.classify.paste()
        else:
            self.network.paste()

    def _on_page(self, page: str, command: object) -> None:
        self.window.show_page(page)
        command()  # type: ignore[operator]

    def _find_command(self) -> None:
        finder = CommandPalette(self.window)
        finder.show_commands(
            tuple(
                (spec.id, spec.text, spec.shortcut)
                for spec in self.actions.table
                if self.actions[spec.id].isEnabled()
            )
        )
        finder.chosen.connect(self._trigger)
        finder.open()
        finder.finished.connect(finder.deleteLater)

    def _trigger(self, action_id: str) -> None:
        self.actions[action_id].trigger()

    def _show_shortcuts(self) -> None:
        finder = CommandPalette(self.window)
        finder.setWindowTitle("Keyboard Shortcuts")
        finder.show_commands(
            tuple(
                (spec.id, spec.text, spec.shortcut) for spec in self.actions.table if spec.shortcut
            )
        )
        finder.chosen.connect(self._trigger)
        finder.open()
        finder.finished.connect(finder.deleteLater)

    def _show_about(self) -> None:
        engine = self.studio.engine
        versions = (
            f"\nTensorFlow {engine.tensorflow_version}, Keras {engine.keras_version}."
            if engine
            else ""
        )
        QMessageBox.about(self.window, "About Netsmith", _ABOUT + versions)

    # ---- Showing ----

    def _connect_showing(self) -> None:
        studio, window = self.studio, self.window
        studio.said.connect(window.say)
        window.panels.live_controls.steps_requested.connect(self.training.step)
        window.panels.live_controls.epoch_requested.connect(self.training.run_epoch)
        self.jobs.words_changed.connect(window.show_doing)
        self.document.saving_failed.connect(self._on_saving_failed)
        self.project.opened.connect(self._on_opened)
        self.project.epochs_restored.connect(window.panels.loss_plot.show_history)
        self.project.epochs_restored.connect(self.weights.take_history)
        self.training.data_wanted.connect(self.data.want)
        self.recovery.go_on_wanted.connect(self.training.go_on)
        self.recovery.place_found.connect(self._show_place)
        self.neurons.layer_requested.connect(self._show_place)
        self.costs.counted.connect(self.layer_costs.show)
        window.panels.layer_costs.layer_chosen.connect(self._show_place)
        self.recovery.changed.connect(self.refresh)
        self.importing.train_on_wanted.connect(self.training.train_on)
        for trial in (self.costs.trial, self.rate_finding.trial):
            trial.data_wanted.connect(self.data.want)
            self.data.not_coming.connect(trial.give_up_waiting)
        self.data.not_coming.connect(self.training.give_up_waiting)
        self.code.network_replaced.connect(window.panels.canvas.show_start)
        window.problems_requested.connect(self._show_first_problem)
        window.recent_requested.connect(self.project.open_recent)
        window.recent_menu_opening.connect(self._show_recent)
        window.files_dropped.connect(self._on_files_dropped)
        window.panels.layer_form.cure_requested.connect(self.network.apply_cure)
        self.actions["view.map"].setChecked(True)
        self.actions["view.flow"].setChecked(self.flow.is_on)
        window.panels.canvas.menu_requested.connect(self._show_canvas_menu)
        window.may_close = self.may_close
        window.pages.currentChanged.connect(self.refresh)
        self.document.undo_stack.indexChanged.connect(self._on_edited)
        QGuiApplication.clipboard().dataChanged.connect(self.refresh)
        for signal in (studio.checked, studio.trained_changed, studio.training_changed, studio.selection_changed,
                       studio.engine_changed, studio.info_changed):  # fmt: skip
            signal.connect(self.refresh)

    def _on_saving_failed(self, sentence: str) -> None:
        self._unsaved = sentence

    def _on_edited(self) -> None:
        """What was said before an edit is past; what keeps it from the disk is not."""
        self.window.say(self._unsaved)
        self._unsaved = ""
        self.refresh()

    def refresh(self) -> None:
        """Enable what is possible now and renew the totals."""
        studio, stack = self.studio, self.document.undo_stack
        self.actions.refresh(
            AppState(
                page=self.window.page,
                can_undo=stack.canUndo(),
                can_redo=stack.canRedo(),
                selected=len(studio.selection),
                groups=len(groups_with(self.document.spec, studio.selection)),
                notes=len(self.document.spec.notes),
                can_paste=clipboard.may_hold_layers(),
                training=studio.training,
                errors=len(studio.errors),
                why_not_resume=self.recovery.why_not,
                why_not_train_opened=self.importing.why_not,
                trained=studio.trained is not None,
                pictures=studio.info is not None and studio.info.image is not None,
                data=studio.info,
            )
        )
        for action_id, words in (("edit.undo", stack.undoText()), ("edit.redo", stack.redoText())):
            verb = "Undo" if action_id == "edit.undo" else "Redo"
            self.actions[action_id].setText(f"{verb} {words}".strip())
        paused = studio.training == "paused"
        self.actions["train.pause"].setChecked(paused)
        self.actions["train.start"].setText("Go On" if paused else "Train")
        self.window.show_summary(self._summary())
        self.window.show_problems(tuple(issue.sentence for issue in studio.errors))
        place = str(self.project.folder.path) if self.project.folder else ""
        data = studio.info.title if studio.info else ""
        self.window.show_project(self.document.spec.name, place, data)

    def _summary(self) -> str:
        parts = (f"{len(self.document.spec.network.layers)} layers", self.layer_costs.totals)
        return "  ·  ".join(part for part in parts if part)

    def _show_place(self, layer_id: str) -> None:
        """Select the layer that another panel points at."""
        self.network.reveal((layer_id,))

    def _show_first_problem(self) -> None:
        """Go where the first problem is and say it."""
        for issue in self.studio.errors[:1]:
            self.window.show_page("studio")
            if issue.layer in self.document.spec.network.ids:
                self.network.reveal((issue.layer,))
            self.window.say(issue.sentence)

    def _on_opened(self, _path: object) -> None:
        self.window.panels.loss_plot.clear()
        self.window.panels.run_bar.clear()
        self.window.panels.canvas.show_start()
        self.recovery.forget()
        self.data.load()
        self.export.suggest_place()
        self.refresh()

    def _on_tensorflow(self, engine: EngineFacts) -> None:
        self.studio.set_engine(engine)
        self.window.say(
            f"TensorFlow {engine.tensorflow_version} is ready on {', '.join(engine.devices).upper()}."
        )

    def _show_recent(self) -> None:
        self.window.show_recent(self.project.recent)

    def _show_canvas_menu(self, place: QPoint) -> None:
        menu = QMenu(self.window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self.actions[action_id] for action_id in _CANVAS_MENU])
        menu.popup(place)

    def _on_files_dropped(self, paths: tuple[str, ...]) -> None:
        if not paths:
            return
        first = Path(paths[0])
        if first.is_dir() and (first / "project.json").is_file():
            self._run(partial(self.project.open, first))
        elif first.suffix == ".py":
            self._run(partial(self.code.open_file, first))
        elif first.is_dir() or first.suffix in (".gz", ".npz"):
            self._on_page("data", partial(self.data.take_file, str(first)))
        elif first.suffix.lower() in MODEL_SUFFIXES:
            self._on_page("studio", partial(self.importing.open, first))
        else:
            self._on_page("classify", partial(self.classify.classify, first))

    # ---- Theme and layout ----

    def _theme_wanted(self) -> str:
        chosen = self.settings_file.read().theme
        if chosen != "system":
            return chosen
        window_colour = QApplication.palette().window().color()
        return "dark" if window_colour.lightness() < 128 else "light"

    def apply_theme(self, name: str) -> None:
        """Draw everything light or dark."""
        tokens = THEMES[name]
        QApplication.setPalette(palette(tokens))
        for class_name in FRAMED:
            # Its stub says bytes, but PySide6 takes only str here.
            QApplication.setPalette(frame_palette(tokens), class_name)  # type: ignore[arg-type]
        self.window.set_theme(tokens)
        self.actions["view.theme.light"].setChecked(tokens is LIGHT)
        self.actions["view.theme.dark"].setChecked(tokens is DARK)

    def _choose_theme(self, name: str) -> None:
        self.apply_theme(name)
        self.settings_file.write(self.settings_file.read().but(theme=name))

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
                self.window.say("The training does not stop yet: try again in a moment.")
                return False
        self.end()
        return True

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


def _write_nothing(_spec: ProjectSpec) -> None:
    """Stand in until a project is open."""


def _without_arguments(call: partial[None]) -> Callable[[bool], None]:
    """Return the call as a slot: QAction.triggered brings a `checked` that commands do not take."""

    def slot(_checked: bool = False) -> None:
        call()

    return slot
