"""The settings above the loss plot."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QWidget,
)

_SPACE_PX = 8
_FIXED_PARTS = 4  # of the row, shown at any width
SMOOTHINGS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000)  # batches averaged over
_FIRST_SMOOTHING = SMOOTHINGS.index(30)


@dataclass(frozen=True)
class LossView:
    """How the loss is to be shown.

    Attributes
    ----------
    smoothing
        Batches that the smoothed loss is averaged over; 1: not smoothed.
    follows
        The plot shows all steps so far; else it stays where the user moved it.
    in_epochs
        The axis counts epochs instead of steps.
    """

    log_scale: bool
    clips_outliers: bool
    smoothing: int
    follows: bool
    in_epochs: bool


class LossTools(QWidget):
    """Log scale, outliers, smoothing, axis and view of the loss plot.

    Signals
    -------
    changed()
        The user chose differently; `choice` has it.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._log = QCheckBox("Log scale")
        self._log.setObjectName("field.log_scale")
        self._log.setToolTip("Space the loss by powers of ten.")
        self._clip = QCheckBox("Clip outliers")
        self._clip.setObjectName("field.clip_outliers")
        self._clip.setToolTip("Let the range leave out the most extreme 2 % of the losses.")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("field.smoothing")
        self._slider.setRange(0, len(SMOOTHINGS) - 1)
        self._slider.setValue(_FIRST_SMOOTHING)
        self._slider.setPageStep(1)
        self._slider.setMinimumWidth(60)
        self._slider.setMaximumWidth(120)
        self._slider.setAccessibleName("Smoothing, in batches")
        self._slider.setToolTip("How many batches the smoothed loss is averaged over.")
        self._name = QLabel("Smoothing")
        self._window = QLabel()
        self._axis = QComboBox()
        self._axis.setObjectName("field.step_axis")
        self._axis.addItems(["Steps", "Epochs"])
        self._axis.setToolTip("What the lower axis counts.")
        self._reset = QPushButton("Reset View")
        self._reset.setObjectName("plot.loss.reset_view")
        self._reset.setEnabled(False)
        self._build()
        self._show_window()
        self._show_follows()

    def choice(self) -> LossView:
        """Return what is chosen."""
        return LossView(
            log_scale=self._log.isChecked(),
            clips_outliers=self._clip.isChecked(),
            smoothing=SMOOTHINGS[self._slider.value()],
            follows=not self._reset.isEnabled(),
            in_epochs=self._axis.currentIndex() == 1,
        )

    def set_follows(self, on: bool) -> None:
        """Show whether the plot follows the run; emits nothing."""
        with QSignalBlocker(self):
            self._reset.setEnabled(not on)
        self._show_follows()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_SPACE_PX)
        self._name.setBuddy(self._slider)
        # Wide enough for the longest text, or the row would shift while the slider moves.
        self._window.setMinimumWidth(self._window.fontMetrics().horizontalAdvance("10,000 steps "))
        for widget in (self._log, self._clip, self._name, self._slider, self._window):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._axis)
        row.addWidget(self._reset)
        self._log.toggled.connect(self._on_changed)
        self._clip.toggled.connect(self._on_changed)
        self._slider.valueChanged.connect(self._on_changed)
        self._axis.currentIndexChanged.connect(self._on_changed)
        self._reset.clicked.connect(self._on_reset)

    def _show_window(self) -> None:
        window = SMOOTHINGS[self._slider.value()]
        self._window.setText("off" if window == 1 else f"{window:,} steps")

    def _show_follows(self) -> None:
        self._reset.setToolTip(
            "Show the whole run again."
            if self._reset.isEnabled()
            else "The whole run is shown; zoom with the wheel, move by dragging."
        )

    def _on_changed(self) -> None:
        self._show_window()
        self.changed.emit()

    def _on_reset(self) -> None:
        self.set_follows(True)
        self.changed.emit()

    def _parts(self) -> tuple[QWidget, ...]:
        """All parts; where room is short, the last ones give way first."""
        return (
            self._log,
            self._clip,
            self._slider,
            self._reset,
            self._axis,
            self._window,
            self._name,
        )

    def minimumSizeHint(self) -> QSize:
        """Ask for what cannot give way."""
        parts = self._parts()[:_FIXED_PARTS]
        width = sum(part.minimumSizeHint().width() + _SPACE_PX for part in parts)
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the parts there is no room for."""
        super().resizeEvent(event)
        used = 0
        for index, part in enumerate(self._parts()):
            used += max(part.minimumWidth(), part.minimumSizeHint().width()) + _SPACE_PX
            part.setVisible(index < _FIXED_PARTS or used <= self.width())
