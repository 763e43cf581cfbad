"""What the program holds beyond the description: facts, data, issues, the trained model.

Each value has one controller that writes it; everyone may read it and listen. Window's thread only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.data.info import DataInfo
from engine.machine.facts import EngineFacts
from engine.runs.trained import Trained
from engine.spec.issues import Issue, LayerFacts
from engine.spec.network import NetworkSpec
from engine.spec.project import ProjectSpec

if TYPE_CHECKING:
    from engine.data.loaded import LoadedData
    from engine.validation.fit import Mismatch


class AppModel(QObject):
    """Shared values with a signal each.

    Signals
    -------
    engine_changed, info_changed, data_changed, trained_changed, training_changed, misfit_changed, issues_changed
        The value of the same name was replaced.
    facts_changed
        The layers were looked through: after an edit with what is still known of them, then with Keras's answer.
    selection_changed
        Other layers are selected on the canvas.
    said(sentence)
        Something to show in the status bar.
    replaced(sentence, undo)
        The network or its weights were replaced as a whole; ``undo`` brings them back, None: the document's undo does.
    """

    engine_changed = Signal()
    info_changed = Signal()
    data_changed = Signal()
    facts_changed = Signal()
    issues_changed = Signal()
    trained_changed = Signal()
    training_changed = Signal()
    misfit_changed = Signal()
    selection_changed = Signal()
    said = Signal(str)
    replaced = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine: EngineFacts | None = None
        self.info: DataInfo | None = None
        self.data: LoadedData | None = None
        self.facts: Mapping[str, LayerFacts] = {}
        self.issues: tuple[Issue, ...] = ()
        self.trained: Trained | None = None
        self.misfit: Mismatch | None = None  # the network is for other data
        self.keeps_weights = False  # a new training begins with what was learned
        self.training: str = ""  # "", "waiting", "running" or "paused"
        self.running_spec: ProjectSpec | None = None  # what the running or last training uses
        self.running_number = 0  # of that run, as the user knows it; 0: not recorded
        self.running_data: LoadedData | None = None  # what it learns, whatever is chosen since
        self.selection: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Issue, ...]:
        """Issues that keep the project from training."""
        return tuple(issue for issue in self.issues if issue.severity == "error")

    def set_engine(self, engine: EngineFacts) -> None:
        """TensorFlow is loaded."""
        self.engine = engine
        self.engine_changed.emit()

    def set_info(self, info: DataInfo | None) -> None:
        """The chosen data is (not) known."""
        if info != self.info:
            self.info = info
            self.info_changed.emit()

    def set_data(self, data: LoadedData | None) -> None:
        """The chosen data is (not) in memory."""
        self.data = data
        self.data_changed.emit()

    def set_checked(self, facts: Mapping[str, LayerFacts], issues: tuple[Issue, ...]) -> None:
        """The network was looked through."""
        are_new = issues != self.issues
        self.facts, self.issues = facts, issues
        self.facts_changed.emit()
        if are_new:
            self.issues_changed.emit()

    def set_trained(self, trained: Trained | None) -> None:
        """There is another (or no) trained model."""
        self.trained = trained
        self.trained_changed.emit()

    def set_misfit(self, misfit: Mismatch | None) -> None:
        """The network does (not) fit the chosen data."""
        if misfit != self.misfit:
            self.misfit = misfit
            self.misfit_changed.emit()

    def tell_replaced(self, by: str, network: NetworkSpec) -> None:
        """The network of the document was replaced as a whole, as one undo step."""
        count = len(network.layers)
        layers = f"{count:,} layer{'s' if count != 1 else ''}"
        self.replaced.emit(f"The network was replaced by {by}, {layers}.", None)

    def set_training(self, state: str) -> None:
        """The training started, paused, went on or ended."""
        if state != self.training:
            self.training = state
            self.training_changed.emit()

    def set_selection(self, layer_ids: tuple[str, ...]) -> None:
        """The user selected other layers."""
        if layer_ids != self.selection:
            self.selection = layer_ids
            self.selection_changed.emit()
