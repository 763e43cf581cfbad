"""The settings above the loss plot."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets.forms.boxes import CalmCombo, CalmSlider

_SPACE_PX = 8
_MARGIN_PX = 10  # inside the list of what has no room
_MOST_SLIDER_PX = 120
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

    What has no room in the row opens from a button at its end.

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
        self._slider = CalmSlider()
        self._slider.setObjectName("field.smoothing")
        self._slider.setRange(0, len(SMOOTHINGS) - 1)
        self._slider.setValue(_FIRST_SMOOTHING)
        self._slider.setPageStep(1)
        self._slider.setMinimumWidth(60)
        self._slider.setMaximumWidth(_MOST_SLIDER_PX)
        self._slider.setAccessibleName("Smoothing, in batches")
        self._slider.setToolTip("How many batches the smoothed loss is averaged over.")
        self._name = QLabel("Smoothing")
        self._window = QLabel()
        self._axis = CalmCombo()
        self._axis.setObjectName("field.step_axis")
        self._axis.addItems(["Steps", "Epochs"])
        self._axis.setToolTip("What the lower axis counts.")
        self._reset = QPushButton("Reset View")
        self._reset.setObjectName("plot.loss.reset_view")
        self._reset.setEnabled(False)
        self._more = QToolButton()
        self._more.setObjectName("plot.loss.more")
        self._more.setText("⋯")
        self._more.setToolTip("More settings of this plot")
        self._more.setAccessibleName("More settings of this plot")
        self._rest = QFrame(self, Qt.WindowType.Popup)
        self._rest.setFrameShape(QFrame.Shape.StyledPanel)
        self._outside: tuple[QWidget, ...] = ()  # parts that are in `_rest`
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

    @Slot()
    def follow(self) -> None:
        """Show the whole run again, as the user asked."""
        self.set_follows(True)
        self.changed.emit()

    @Slot(bool)
    def set_log_scale(self, on: bool) -> None:
        """Choose the scale, as the user asked."""
        self._log.setChecked(on)

    def _build(self) -> None:
        self._smoothing = QWidget()
        trio = QHBoxLayout(self._smoothing)
        trio.setContentsMargins(0, 0, 0, 0)
        trio.setSpacing(_SPACE_PX)
        self._name.setBuddy(self._slider)
        # Wide enough for the longest text, or the row would shift while the slider moves.
        self._window.setMinimumWidth(self._window.fontMetrics().horizontalAdvance("10,000 steps "))
        for widget in (self._name, self._slider, self._window):
            trio.addWidget(widget)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(_SPACE_PX)
        self._column = QVBoxLayout(self._rest)
        self._column.setContentsMargins(_MARGIN_PX, _MARGIN_PX, _MARGIN_PX, _MARGIN_PX)
        self._fill()
        self._log.toggled.connect(self._on_changed)
        self._clip.toggled.connect(self._on_changed)
        self._slider.valueChanged.connect(self._on_changed)
        self._axis.currentIndexChanged.connect(self._on_changed)
        self._reset.clicked.connect(self.follow)
        self._more.clicked.connect(self._open_rest)

    def _fill(self) -> None:
        """Put the parts into the row or into the list behind its last button."""
        while self._row.count():
            self._row.takeAt(0)
        for part in (self._log, self._clip, self._smoothing, None, self._axis, self._reset):
            if part is None:
                self._row.addStretch(1)
            else:
                place = self._column if part in self._outside else self._row
                place.addWidget(part)
                part.show()
        self._row.addWidget(self._more)
        self._more.setVisible(bool(self._outside))

    def _open_rest(self) -> None:
        self._rest.adjustSize()
        below = self._more.mapToGlobal(self._more.rect().bottomRight() + QPoint(0, 2))
        self._rest.move(below - QPoint(self._rest.width(), 0))
        self._rest.show()

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

    def parts(self) -> tuple[QWidget, ...]:
        """Return all parts; where room is short, the last ones give way first."""
        return (self._log, self._reset, self._clip, self._axis, self._smoothing)

    # ---- Qt overrides ----

    def minimumSizeHint(self) -> QSize:
        """Ask for what cannot give way."""
        width = self._more.minimumSizeHint().width()
        return QSize(width, max(self._axis.sizeHint().height(), self._reset.sizeHint().height()))

    def sizeHint(self) -> QSize:
        """Ask for all parts."""
        width = sum(part.minimumSizeHint().width() + _SPACE_PX for part in self.parts())
        return QSize(width, self.minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the parts there is no room for behind the button."""
        super().resizeEvent(event)
        needs = [part.minimumSizeHint().width() + _SPACE_PX for part in self.parts()]
        room = self.width() + _SPACE_PX
        if sum(needs) > room:
            room -= self._more.sizeHint().width() + _SPACE_PX
        fitting = sum(sum(needs[: count + 1]) <= room for count in range(len(needs)))
        outside = self.parts()[fitting:]
        if outside != self._outside:
            self._outside = outside
            self._fill()
