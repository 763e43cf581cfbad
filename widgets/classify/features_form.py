"""Numbers typed in for a model that reads a row of a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.errors import quoted
from widgets.labels import eliding_label, plain_label

_LARGEST = 1e12
_DECIMALS = 6
_MOST_FIELDS = 500  # a wider table is no longer filled in by hand


class FeaturesForm(QWidget):
    """A number field for each feature.

    Signals
    -------
    features_requested(tuple[float, ...])
        The values to predict from, in the order of the features.
    """

    features_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classify.features")
        self._names: tuple[str, ...] = ()
        self._boxes: list[_NumberBox] = []
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
            box = _NumberBox()
            box.setObjectName(f"field.feature.{row}")
            box.setAccessibleName(quoted(name))
            self._boxes.append(box)
            grid.addWidget(eliding_label(quoted(name)), row, 0)
            grid.addWidget(box, row, 1)
        grid.setRowStretch(len(self._boxes), 1)
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
            with QSignalBlocker(box):
                box.setValue(value)

    def values(self) -> tuple[float, ...]:
        """Return what the fields hold."""
        return tuple(box.value() for box in self._boxes)

    def _on_predict(self) -> None:
        self.features_requested.emit(self.values())


class _NumberBox(QDoubleSpinBox):
    """Changes by the wheel only while it has the focus, or scrolling would alter values."""

    def __init__(self) -> None:
        super().__init__()
        self.setLocale(QLocale.c())  # a point, as everywhere in the program
        self.setRange(-_LARGEST, _LARGEST)
        self.setDecimals(_DECIMALS)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def textFromValue(self, value: float) -> str:
        """Write no zeros at the end."""
        return f"{value:.10g}"

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the scroll area unless focused."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
