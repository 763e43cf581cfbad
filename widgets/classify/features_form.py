"""Numbers typed in for a model that reads a row of a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.catalog.model import Field
from engine.errors import quoted
from widgets.base.labels import eliding_label, plain_label
from widgets.forms.boxes import NumberBox
from widgets.forms.issue_note import IssueNote
from widgets.forms.texts import next_decimal

_LARGEST = 3.4e38  # a network computes with 32 bits
_VALUE = Field("value", "float", 0.0, minimum=-_LARGEST, maximum=_LARGEST)
_MOST_FIELDS = 500  # a wider table is no longer filled in by hand


class FeaturesForm(QWidget):
    """A number field for each feature.

    Signals
    -------
    features_requested(tuple[float, ...])
        The values to predict from, in the order of the features.
    changed()
        The user changed a value.
    """

    features_requested = Signal(object)
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classify.features")
        self._names: tuple[str, ...] = ()
        self._boxes: list[NumberBox] = []
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._predict = QPushButton("Predict")
        self._predict.setObjectName("classify.predict_button")
        self._predict.clicked.connect(self._on_predict)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        header = QHBoxLayout()
        header.addWidget(plain_label("Values of one sample", strong=True), 1)
        header.addWidget(self._predict)
        layout.addLayout(header)
        layout.addWidget(self._area, 1)

    def show_names(self, names: Sequence[str]) -> None:
        """Offer a field for each feature; the same names keep their values."""
        if tuple(names) == self._names:
            return
        self._names = tuple(names)
        self._boxes = []
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, 4, 0)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        for row, name in enumerate(self._names[:_MOST_FIELDS]):
            box, problem = NumberBox(_VALUE, following=next_decimal), IssueNote()
            box.setObjectName(f"field.feature.{row}")
            box.setAccessibleName(quoted(name))
            problem.setObjectName(f"note.field.feature.{row}")
            box.refused.connect(problem.show_text)
            box.lineEdit().textEdited.connect(self.changed)
            box.valueChanged.connect(self.changed)
            box.refused.connect(self.changed)
            self._boxes.append(box)
            grid.addWidget(eliding_label(quoted(name)), 2 * row, 0)
            grid.addWidget(box, 2 * row, 1)
            grid.addWidget(problem, 2 * row + 1, 0, 1, 2)
        grid.setRowStretch(2 * len(self._boxes), 1)
        self._area.setWidget(inner)
        self._predict.setEnabled(len(self._boxes) == len(self._names) > 0)
        self._predict.setToolTip(
            ""
            if self._predict.isEnabled()
            else f"A sample of {len(self._names):,} values cannot be typed in."
        )

    def show_values(self, values: Sequence[float]) -> None:
        """Fill the fields in; emits nothing."""
        for box, value in zip(self._boxes, values, strict=False):
            box.show_value(value)

    def values(self) -> tuple[float, ...]:
        """Return the fields' numbers."""
        return tuple(box.value() for box in self._boxes)

    def problem(self) -> str:
        """Take what is typed; return what keeps the fields from being a sample, "" if nothing does."""
        for box in self._boxes:
            box.commit()
        named = zip(self._names, self._boxes, strict=False)
        wrong = ((name, box.problem()) for name, box in named if box.problem())
        return next((f"{quoted(name)}: {problem}" for name, problem in wrong), "")

    def _on_predict(self) -> None:
        if self.problem():
            wrong = next(box for box in self._boxes if box.problem())
            wrong.setFocus()  # it says why
            self._area.ensureWidgetVisible(wrong)
            return
        self.features_requested.emit(self.values())
