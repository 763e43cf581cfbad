"""Every object of the program, made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app import heavy
from app.actions import ACTIONS, Actions, layer_actions, template_actions
from app.app_model import AppModel
from app.controllers.data.data import DataController
from app.controllers.editor.arranging import ArrangingController
from app.controllers.editor.checking import CheckingController
from app.controllers.editor.code import CodeController
from app.controllers.editor.costs import CostsController
from app.controllers.editor.freezing import FreezingController
from app.controllers.editor.groups import GroupsController
from app.controllers.editor.importing import ImportController
from app.controllers.editor.inspector import InspectorController
from app.controllers.editor.layer_costs import LayerCostsController
from app.controllers.editor.library import LibraryController
from app.controllers.editor.network import NetworkController
from app.controllers.editor.notes import NotesController
from app.controllers.editor.problems import ProblemsController
from app.controllers.editor.replacing import ReplacingController
from app.controllers.editor.templates import TemplatesController
from app.controllers.judge.results import ResultsController
from app.controllers.live.activations import ActivationsController
from app.controllers.live.generated import GeneratedController
from app.controllers.live.meters import MetersController
from app.controllers.live.neurons import NeuronsController
from app.controllers.live.sample import SampleController
from app.controllers.live.thumbnails import ThumbnailsController
from app.controllers.live.views import ViewsController
from app.controllers.live.watching import WatchingController
from app.controllers.live.weights import WeightsController
from app.controllers.runs.next_steps import NextStepsController
from app.controllers.runs.project import ProjectController
from app.controllers.take_away.plot_files import PlotFilesController
from app.controllers.training.class_weights import ClassWeightsController
from app.controllers.training.next_training import NextTrainingController
from app.controllers.training.rate_finding import RateFindingController
from app.controllers.training.recovery import RecoveryController
from app.controllers.training.saving import SavingController
from app.controllers.training.steering import SteeringController
from app.controllers.training.training import TrainingController
from app.controllers.training.warm_start import KeepingController
from app.document import Document
from app.jobs import JobRunner
from app.live.still_network import StillNetwork
from app.settings import SettingsFile
from app.shell.main_window import MainWindow
from app.shell.notices import Notices
from app.shell.panels import Panels, make_panels
from app.shell.theming import Theming
from app.training_worker import TrainingWorker
from engine.catalog import catalog
from engine.spec.project import ProjectSpec

if TYPE_CHECKING:
    from app.controllers.judge.classifying import ClassifyController
    from app.controllers.take_away.exporting import ExportController


class Parts(QObject):
    """The window, what it shows and what decides; not connected with one another yet."""

    def __init__(self) -> None:
        super().__init__()
        self.settings_file = SettingsFile()
        self.app_model = AppModel(self)
        self.document = Document(ProjectSpec(), _write_nothing, self)
        self.jobs = JobRunner(self)
        self.worker = TrainingWorker(self)
        panels = make_panels()
        self.actions = Actions(
            ACTIONS + template_actions() + layer_actions(catalog().family("layer").values()), self
        )
        self.window = MainWindow(panels, self.actions)
        self.notices = Notices(panels.notice, self)
        self.theming = Theming(self.window, self.actions, self.settings_file)
        self.project = ProjectController(
            self.document, self.app_model, self.jobs, self.settings_file, self.window, self
        )
        self.checking = CheckingController(self.document, self.app_model, self.jobs, self)
        self.problems = ProblemsController(
            self.document, self.app_model, self.notices.topic("fit"), self
        )
        self._make_editor(panels)
        self._make_training(panels)
        self._make_canvas_guides(panels)
        self._make_live_controllers(panels)
        self._make_model_controllers(panels)
        for name, make in (
            ("data", self._make_data_page),
            ("classify", self._make_classify_page),
            ("export", self._make_export_page),
        ):
            panels.pages.set_maker(name, make)

    # ---- Pages, each with its controller when it is first shown ----

    @property
    def classify(self) -> ClassifyController:
        """Of the Classify page, which is made now if it was not shown yet."""
        self.window.pages.page("classify")
        return self._classify

    @property
    def export(self) -> ExportController:
        """Of the Export page, which is made now if it was not shown yet."""
        self.window.pages.page("export")
        return self._export

    def _make_data_page(self) -> QWidget:
        from widgets.data import DataPanel

        panel = DataPanel()
        self.data.attach(panel)
        return panel

    def _make_classify_page(self) -> QWidget:
        from app.controllers.judge.classifying import ClassifyController
        from widgets.classify import ClassifyPanel

        panel = ClassifyPanel()
        self._classify = ClassifyController(
            self.document, self.app_model, self.jobs, self.worker, panel, self
        )
        self.project.opened.connect(self._classify.forget)
        return panel

    def _make_export_page(self) -> QWidget:
        from app.controllers.take_away.exporting import ExportController
        from widgets.export.panel import ExportPanel

        panel = ExportPanel()
        self._export = ExportController(self.document, self.app_model, self.jobs, panel, self)
        self._export.suggest_place()
        self.project.opened.connect(self._export.forget)
        self.project.moved.connect(self._export.suggest_place)
        return panel

    # ---- Making all others ----

    def _make_editor(self, panels: Panels) -> None:
        """Make what changes the description: the data, the network, its blocks, its code."""
        self.network = NetworkController(
            self.document, self.app_model, panels.canvas, panels.palette, self
        )
        self.arranging = ArrangingController(self.document, self.app_model, panels.canvas, self)
        self.groups = GroupsController(self.document, self.app_model, panels.canvas, self)
        self.notes = NotesController(self.document, panels.canvas, self)
        self.library = LibraryController(
            self.document, self.app_model, panels.canvas, panels.palette, self
        )
        self.inspector = InspectorController(self.document, self.app_model, panels.layer_form, self)
        self.templates = TemplatesController(
            self.document, self.app_model, panels.canvas, panels.templates, self
        )
        self.code = CodeController(
            self.document, self.app_model, self.jobs, panels.script, panels.script_opener, self
        )
        self.data = DataController(
            self.document, self.app_model, self.jobs, self.project.require_folder, self.window, self
        )

    def _make_training(self, panels: Panels) -> None:
        """Make what trains, and what is measured before."""
        self.training = TrainingController(
            self.document, self.app_model, self.worker, self.project.require_folder,
            panels.training_form, panels.loss_plot, panels.run_bar, self,
        )  # fmt: skip
        self.results = ResultsController(
            self.document, self.app_model, self.worker, panels.run_bar, self
        )
        self.next_training = NextTrainingController(
            self.app_model, self.settings_file, panels.training_form, panels.layer_form, self
        )
        self.class_weights = ClassWeightsController(self.app_model, panels.training_form, self)
        self.saving = SavingController(
            self.document, self.app_model, self.jobs, self.worker, self.project.require_folder,
            self.notices.topic("writing"), self.window, self,
        )  # fmt: skip
        self.recovery = RecoveryController(
            self.document, self.app_model, self.jobs, self.worker, self.project.require_folder,
            self.notices.topic("run"), self,
        )  # fmt: skip
        self.costs = CostsController(self.document, self.app_model, self.jobs, panels.costs, self)
        self.rate_finding = RateFindingController(
            self.document, self.app_model, self.jobs, panels.rate_finder, self
        )
        self.meters = MetersController(self.app_model, self.worker, panels.meters, self)

    def _make_canvas_guides(self, panels: Panels) -> None:
        """Make what is shown of the network while it is edited: costs, the sample that it is shown."""
        self.layer_costs = LayerCostsController(
            self.document,
            self.app_model,
            self.settings_file,
            panels.layer_costs,
            panels.canvas,
            self,
        )
        self.sample = SampleController(self.document, self.app_model, panels.sample, self)

    def _make_live_controllers(self, panels: Panels) -> None:
        """Make what steers and shows a running training."""
        self.steering = SteeringController(
            self.app_model, self.worker, panels.live_controls, panels.loss_plot, self
        )
        self.next_steps = NextStepsController(
            self.document,
            self.app_model,
            self.worker,
            panels.run_bar,
            self.notices.topic("next"),
            self,
        )
        self.watching = WatchingController(
            self.app_model,
            self.worker,
            self.settings_file,
            panels.live_controls,
            panels.run_bar,
            self,
        )
        observer = heavy.Observer()
        still = StillNetwork(self.document, self.app_model, self.jobs)
        self.thumbnails = ThumbnailsController(
            self.document, self.app_model, self.jobs, self.worker, self.settings_file, observer, still,
            panels.canvas, self,
        )  # fmt: skip
        self.activations = ActivationsController(
            self.document, self.app_model, self.worker, still, panels.activations, self
        )
        self.views = ViewsController(
            self.worker, self.settings_file, panels.live_controls.views, panels.loss_plot,
            panels.weights, panels.activations, lambda: self.thumbnails.spent_s, self,
        )  # fmt: skip
        self.weights = WeightsController(
            self.document, self.app_model, self.jobs, self.worker, observer, panels.weights, self
        )
        self.generated = GeneratedController(
            self.document, self.app_model, self.jobs, self.worker, observer, panels.generated, self
        )
        self.neurons = NeuronsController(
            self.document, self.app_model, self.jobs, self.worker, observer, panels.neurons, self
        )

    def _make_model_controllers(self, panels: Panels) -> None:
        """Make what works with trained weights."""
        self.plot_files = PlotFilesController(self.app_model, self.jobs, self)
        self.importing = ImportController(
            self.document,
            self.app_model,
            self.jobs,
            self.project.require_folder,
            panels.canvas,
            self,
        )
        self.replacing = ReplacingController(
            self.document, self.app_model, self.notices.topic("replaced"), self
        )
        self.freezing = FreezingController(self.document, self.app_model, self)
        self.keeping = KeepingController(
            self.document, self.app_model, self.jobs, self.settings_file, panels.start_choice,
            panels.canvas, self,
        )  # fmt: skip


def _write_nothing(_spec: ProjectSpec) -> None:
    """Stand in until a project is open."""
