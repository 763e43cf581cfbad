"""The right side of the data page: a set's options, the local file and the cut."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.catalog import clean_parameters
from engine.catalog.model import Field, Kind
from engine.data.info import DataInfo
from engine.data.readers import Reader
from engine.errors import quoted
from engine.spec.data import DataSpec
from widgets.base.labels import eliding_label, plain_label
from widgets.base.theme import Tokens
from widgets.forms.object_form import ObjectForm
from widgets.forms.training_fields import change_text
from widgets.forms.visits import Visits

_LONGEST_PATH: Final = 1000  # letters
_LARGEST_HELD_OUT: Final = 0.9  # as SplitSpec has it
SPLIT: Final = Kind(
    "Split",
    "metric",
    "",
    (
        Field(
            "validation", "float", 0.15, minimum=0.0, maximum=0.8, unit="share",
            help="Samples set aside to see after each epoch how the network does on new ones.",
        ),
        Field(
            "test", "float", 0.15, minimum=0.0, maximum=0.8, unit="share",
            help="Samples set aside for one last figure after training.",
        ),
        Field(
            "seed", "int", 0, minimum=0, maximum=2**31 - 1,
            help="Another number puts other samples into each part.",
        ),
        Field("stratified", "bool", True, help="Keep each class's share the same in every part."),
    ),
)  # fmt: skip


class DataSettings(QWidget):
    """Shows a `DataSpec` and asks for changes of it.

    Signals
    -------
    changed(str, object, str)
        Name of the undo step, the new `DataSpec`, merge key of the step.
    file_requested()
        The user wants to choose a local file.
    """

    changed = Signal(str, object, str)
    file_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec = DataSpec()
        self._options_kind: Kind | None = None
        self._visits = Visits(self)
        self._options_title = plain_label("Options", strong=True)
        self._options = ObjectForm()
        # What auto found in a file, and why.
        self._notes = plain_label(wrap=True, tone="muted", name="data.notes")
        self._split = ObjectForm()
        self._own_test = plain_label(
            "This set brings its own test part, so the test share is not used.",
            wrap=True, tone="muted",
        )  # fmt: skip
        self._options.changed.connect(self._on_option)
        self._split.changed.connect(self._on_split)
        self._make_file_box()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        parts = (
            self._options_title, self._options, self._notes, self._file_box, plain_label("Parts", strong=True),
            self._split, self._own_test,
        )  # fmt: skip
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)

    def show_settings(self, spec: DataSpec, data_set: Reader | None, info: DataInfo | None) -> None:
        """Show a description and emit nothing."""
        self._spec = spec
        self._show_options(spec, data_set, info)
        takes_file = data_set is not None and data_set.takes_path
        self._file_box.setVisible(takes_file)
        what = "folder" if data_set is not None and data_set.is_folder else "file"
        self._path_title.setText(f"Local {what}")
        self._choose.setText(f"Choose &{what}…")
        self._choose.setToolTip(f"Use a {what} of this computer")
        self._path.show_text(quoted(spec.path, _LONGEST_PATH) if spec.path else f"no local {what}")
        self._clear.setVisible(spec.path is not None)
        self._split.show_object(SPLIT, spec.split.model_dump(), "data")
        self._split.show_issues({})
        own_test = info is not None and info.own_test
        self._own_test.setVisible(own_test)
        self._split.editor("test").setEnabled(not own_test)
        regression = info is not None and info.task == "regression"
        self._split.editor("stratified").setEnabled(not regression)

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        for form in (self._options, self._split):
            form.set_theme(tokens)

    def _make_file_box(self) -> None:
        self._path = eliding_label(tone="muted", name="data.path")
        self._path.elide_mode = Qt.TextElideMode.ElideMiddle
        self._path_title = plain_label(strong=True)
        self._choose = QPushButton()
        self._choose.setObjectName("data.choose_file")
        self._choose.clicked.connect(self.file_requested)
        self._clear = QPushButton("Forget")
        self._clear.setObjectName("data.forget_file")
        self._clear.setToolTip("Do not use the local file any more")
        self._clear.clicked.connect(self._on_forget)
        buttons = QHBoxLayout()
        buttons.addWidget(self._choose)
        buttons.addWidget(self._clear)
        buttons.addStretch(1)
        self._file_box = QWidget()
        column = QVBoxLayout(self._file_box)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._path_title)
        column.addWidget(self._path)
        column.addLayout(buttons)

    def _show_options(self, spec: DataSpec, data_set: Reader | None, info: DataInfo | None) -> None:
        options = data_set.options if data_set is not None else ()
        self._notes.setText("\n".join(info.notes) if info is not None else "")
        self._notes.setVisible(bool(self._notes.text()))
        self._options_title.setVisible(bool(options))
        self._options.setVisible(bool(options))
        self._options_kind = None
        if not options:
            return
        self._options_kind = Kind(spec.reader, "metric", "", options)
        self._options.show_object(self._options_kind, spec.options, "data")
        if any(field.name == "seed" for field in options):
            # The seed of the cut has the plain name.
            self._options.editor("seed").set_name("field.data.options.seed")

    def _on_option(self, name: str, value: object) -> None:
        if self._options_kind is not None:
            options = clean_parameters(self._options_kind, {**self._spec.options, name: value})
            self._ask(change_text(name, value), {"options": options}, f"options.{name}")

    def _on_split(self, name: str, value: Any) -> None:
        shares = {"validation": self._spec.split.validation, "test": self._spec.split.test}
        shares = {key: value if key == name else share for key, share in shares.items()}
        if sum(shares.values()) > _LARGEST_HELD_OUT + 1e-9:
            sentence = "Validation and test take at most 0.9 together: leave some to train on."
            self._split.show_issues({name: sentence})
            return
        self._split.show_issues({})
        text = change_text("split seed" if name == "seed" else name, value)
        self._ask(text, {"split": self._spec.split.but(**{name: value})}, f"split.{name}")

    def _on_forget(self) -> None:
        self._ask("Forget the local file", {"path": None}, "path")

    def _ask(self, text: str, changes: dict[str, object], name: str) -> None:
        made = self._spec.but(**changes)
        self.changed.emit(text, made, f"data.{name}#{self._visits.count}")
