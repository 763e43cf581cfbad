"""The live plot of a training: loss, metrics and learning rate."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Literal

import numpy.typing as npt
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from widgets.base.theme import LIGHT, Tokens
from widgets.base.throttle import READING_S, Throttle
from widgets.plots.chart import Chart
from widgets.plots.curve import Curve, Floats
from widgets.plots.loss_tools import LossTools
from widgets.plots.pyramid import Integers
from widgets.plots.series import Series
from widgets.plots.several_losses import SeveralLosses, is_one_of_several
from widgets.plots.wording import curve_title

FRAME_S = 0.055  # eighteen frames a second are as many as an eye follows in a curve
_CALM = 4  # frames to one of what is read rather than watched: numbers, the plot on the right
_ALMOST_S = 0.03  # a frame that is due so soon comes with the events at hand
HINT = "Press Train to see the loss here."
EXPECTED = "The loss appears here with the first batches."
_LOSS_CURVES = {
    "batch": Curve("Batch", 0, "band"),
    "smoothed": Curve("Smoothed", 0, "line"),
    "loss": Curve("Training", 2, "markers"),
    "val_loss": Curve("Validation", 1, "markers"),
}
_RATE_CURVE = Curve("Learning rate", 3, "line")
_VALIDATION = "val_"
_METRIC = "Metric"
_PLOTS = (
    ("Loss", "The loss of every batch and epoch"),
    ("Metrics", "The metrics of the training and the validation"),
    ("Rate", "The learning rate"),
)
_SIDE_BY_SIDE_PX = 470  # narrower, one plot is seen at a time
_PARTS = (3, 2)  # of the width for the loss and for the plot on its right


class LossPlot(QWidget):
    """Shows how a training goes, from its first batch on.

    Appends cost microseconds whatever the length of the run; the screen follows at most 18 times a
    second, and only while the plot is visible and attached. Belongs to the window's thread.
    """

    _due = Signal()  # a frame is due now

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plot.loss")
        self.tools = LossTools()
        self.loss_chart = Chart("Loss")
        self.metrics_chart = Chart(_METRIC, corner="bottom right")
        self.rate_chart = Chart("Learning rate")
        self.metrics_chart.setObjectName("plot.metrics")
        self.rate_chart.setObjectName("plot.learning_rate")
        self._charts = (self.loss_chart, self.metrics_chart, self.rate_chart)
        self._several = SeveralLosses(self.loss_chart)
        self._metrics: list[str] = []  # in order of appearance: it gives the colours
        self._steps_per_epoch = 0
        self._frame_s = FRAME_S
        self._is_attached = True
        self._drawn_s = -math.inf  # when the last frame was drawn
        self._is_due = False
        self._spent_s = 0.0
        self._timer = _single_shot(self, self._draw_frame)
        self._rest = Throttle(self._draw_rest, self)
        self._side = QStackedWidget()
        self._switch = QTabBar()
        self._beside = 1  # the plot right of the loss, by its tab
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._pages = QStackedWidget()
        self._hint = QLabel(HINT)
        self._build()
        self._connect()
        self.set_theme(LIGHT)

    # ---- Cost ----

    def set_attached(self, on: bool) -> None:
        """Follow the run on screen, or leave the screen as it is; what happens is kept either way."""
        self._is_attached = on
        self._schedule()

    def set_frame_s(self, seconds: float) -> None:
        """Draw a frame so often, at most."""
        self._frame_s = seconds
        self._rest.interval_s = max(READING_S, _CALM * seconds)

    @property
    def spent_s(self) -> float:
        """Seconds of this thread that drawing took so far."""
        return self._spent_s + sum(chart.painted_s for chart in self._charts)

    @property
    def frames(self) -> int:
        """How often the loss was painted."""
        return self.loss_chart.frames

    # ---- What happened ----

    def clear(self) -> None:
        """Forget everything and show the hint."""
        for chart in self._charts:
            chart.clear()
        self._metrics.clear()
        self._several.clear()
        self._steps_per_epoch = 0
        self.tools.set_follows(True)
        self._apply_tools()
        self._hint.setText(HINT)
        self._pages.setCurrentWidget(self._hint)

    def expect(self) -> None:
        """Say that a run is being prepared, while there is nothing else to show."""
        self._hint.setText(EXPECTED)

    def start(self, epochs: int, steps_per_epoch: int) -> None:
        """Begin a new run of ``epochs`` epochs with ``steps_per_epoch`` batches each."""
        self.clear()
        self._steps_per_epoch = steps_per_epoch
        self._hint.setText(f"Waiting for the first of {epochs * steps_per_epoch:,} batches.")
        self._apply_tools()

    def append_steps(self, first_step: int, losses: npt.ArrayLike) -> None:
        """Add the (n,) losses of consecutive batches; steps count from 1 over the whole run."""
        series = self.loss_chart.set_curve("batch", _LOSS_CURVES["batch"])
        self.loss_chart.set_curve("smoothed", _LOSS_CURVES["smoothed"], series)
        series.append(first_step, losses)
        self._changed()

    def append_series(self, first_step: int, series: Mapping[str, npt.ArrayLike]) -> None:
        """Add what consecutive batches gave: the loss, or several by name, (n,) each."""
        if len(series) == 1:
            self.append_steps(first_step, next(iter(series.values())))
            return
        self._several.append(first_step, series)
        self._changed()

    def append_figures(self, step: int, epoch: int, figures: Mapping[str, float]) -> None:
        """Add the figures of an epoch that ended at ``step``, named as in `EpochEnd`."""
        self.append_epochs([(step, epoch, figures)])

    def append_epochs(self, epochs: Sequence[tuple[int, int, Mapping[str, float]]]) -> None:
        """Add (step, epoch, figures) of epochs that ended one after the other."""
        if not epochs:
            return
        step, epoch, _ = epochs[-1]
        if not self._steps_per_epoch and epoch > 0:
            self._steps_per_epoch = step // epoch
            self._apply_tools()
        for name in dict.fromkeys(chain.from_iterable([figures for *_, figures in epochs])):
            found = [(step, figures[name]) for step, _, figures in epochs if name in figures]
            series = self._figures_of(name)
            if series is not None:
                series.append_at(*zip(*found, strict=True))
        self._changed()

    def append_running(
        self, step: int, metrics: Mapping[str, float], learning_rate: float | None
    ) -> None:
        """Add the running metrics of the epoch so far and the learning rate used at ``step``."""
        for name, value in metrics.items():
            if name != "loss" and not is_one_of_several(name):
                self._metric(name, "thin").push(step, value)
        if learning_rate is not None:
            self.rate_chart.set_curve("learning_rate", _RATE_CURVE).push(step, learning_rate)
        self._changed()

    def mark(self, step: int, label: str) -> None:
        """Draw a labelled vertical line on every plot; the same label moves its line."""
        for chart in self._charts:
            chart.mark(step, label)
        self._schedule()

    def show_history(self, epochs: Iterable[tuple[int, int, Mapping[str, float]]]) -> None:
        """Show the stored epochs of an earlier run: (step, epoch, figures) of each, in order."""
        self.clear()
        self.append_epochs(list(epochs))

    def settle(self) -> None:
        """Draw everything as soon as what led to it is over."""
        self._timer.start(0)
        self._rest.soon()

    # ---- What is shown ----

    def points(self, curve: str = "batch") -> tuple[Integers, Floats]:
        """Return the (n,) steps and (n,) values of a curve of the loss plot; KeyError if absent."""
        return self.loss_chart.series(curve).points()

    def is_empty(self) -> bool:
        """Say whether the hint stands where the plots would be."""
        return self._pages.currentWidget() is self._hint

    def reset_layout(self) -> None:
        """Give both plots the width they have at first."""
        self._splitter.setSizes([part * self._splitter.width() for part in _PARTS])

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        for chart in self._charts:
            chart.set_theme(tokens)
        self._schedule()

    # ---- Inside ----

    def _build(self) -> None:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.2)
        self._hint.setFont(font)
        self._hint.setTextFormat(Qt.TextFormat.PlainText)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self._hint.setObjectName("plot.loss.hint")
        for chart in (self.metrics_chart, self.rate_chart):
            self._side.addWidget(chart)
        self._side.setMinimumWidth(1)  # its place is given by the splitter alone
        for part, plot in zip(_PARTS, (self.loss_chart, self._side), strict=True):
            self._splitter.addWidget(plot)
            self._splitter.setStretchFactor(self._splitter.count() - 1, part)
        self._splitter.setChildrenCollapsible(False)
        self._build_switch()
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.tools, 1)
        head.addWidget(self._switch)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._splitter, 1)
        self._pages.addWidget(self._hint)
        self._pages.addWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addWidget(self._pages)

    def _build_switch(self) -> None:
        self._switch.setObjectName("field.side_plot")
        self._switch.setDrawBase(False)
        self._switch.setExpanding(False)
        self._switch.setUsesScrollButtons(False)
        self._switch.setElideMode(Qt.TextElideMode.ElideNone)  # the tools give way
        self._switch.setAccessibleName("Plots")
        for title, tip in _PLOTS:
            self._switch.setTabToolTip(self._switch.addTab(title), tip)
        self._switch.setCurrentIndex(1)
        self._switch.setTabVisible(0, False)

    def _take_room(self) -> None:
        """Show the loss and another plot side by side, or one at a time where there is no room for both."""
        both = self.width() >= _SIDE_BY_SIDE_PX
        if both == self._switch.isTabVisible(0):
            chosen = self._switch.currentIndex()
            self._switch.setTabVisible(0, not both)
            self._switch.updateGeometry()  # Qt keeps the room of the tabs before
            self._switch.setCurrentIndex(self._beside if both and chosen == 0 else both * chosen)
        self._show_plots()

    def _show_plots(self) -> None:
        both, chosen = not self._switch.isTabVisible(0), self._switch.currentIndex()
        if chosen > 0:
            self._beside = chosen
            self._side.setCurrentIndex(chosen - 1)
        self._side.setVisible(both or chosen > 0)
        self.loss_chart.setVisible(both or chosen == 0)

    def _connect(self) -> None:
        self._due.connect(self._draw_frame, Qt.ConnectionType.QueuedConnection)
        self._switch.currentChanged.connect(self._show_plots)
        self.tools.changed.connect(self._on_tools_changed)
        for chart in self._charts:
            chart.follow_ended.connect(self._on_follow_ended)
            chart.redraw_requested.connect(self.settle)
            chart.fit_requested.connect(self.tools.follow)
        self.loss_chart.log_scale_requested.connect(self.tools.set_log_scale)
        for chart in (self.metrics_chart, self.rate_chart):
            chart.log_scale_requested.connect(chart.set_log_scale)
            chart.log_scale_requested.connect(self.settle)

    def _figures_of(self, name: str) -> Series | None:
        """Return the series of a figure of epochs, None where the batches show it already."""
        if name in _LOSS_CURVES:
            return self.loss_chart.set_curve(name, _LOSS_CURVES[name])
        if is_one_of_several(name):
            return self._several.of_epochs(name)
        return self._metric(name, "markers")

    def _metric(self, name: str, mark: Literal["thin", "markers"]) -> Series:
        """Return the series of a metric, running (thin) or of epochs."""
        key = f"running {name}" if mark == "thin" else name
        found = self.metrics_chart.known_series(key)
        return self._new_metric(key, name, mark) if found is None else found

    def _new_metric(self, key: str, name: str, mark: Literal["thin", "markers"]) -> Series:
        is_validation = name.startswith(_VALIDATION)
        base = name.removeprefix(_VALIDATION)
        if base not in self._metrics:
            self._metrics.append(base)
            is_alone = len(self._metrics) == 1
            self.metrics_chart.set_value_title(
                curve_title(base).capitalize() if is_alone else _METRIC
            )
        colour = 2 * self._metrics.index(base) + is_validation
        title = curve_title(base)
        if mark == "thin":
            curve = Curve(f"{title}, running", colour, "thin")
        else:
            part = "validation" if is_validation else "training"
            curve = Curve(f"{title}, {part}", colour, "markers")
        return self.metrics_chart.set_curve(key, curve)

    def _changed(self) -> None:
        self._pages.setCurrentIndex(1)
        self._schedule()

    def _schedule(self) -> None:
        if not self.isVisible() or not self._is_attached:
            return
        if not self._timer.isActive():
            # The first frame after a rest comes at once.
            early_s = self._drawn_s + self._frame_s - time.perf_counter()
            if early_s > _ALMOST_S:
                self._timer.start(math.ceil(1000 * early_s))
            elif not self._is_due:
                # After what led to it, and before anything is painted: all views are painted at once.
                self._is_due = True
                self._due.emit()

    def _draw_frame(self) -> None:
        self._is_due = False
        self._drawn_s = time.perf_counter()
        if self.loss_chart.isVisible():
            self._draw(self.loss_chart.redraw)
        self._rest.ask()

    def _draw_rest(self) -> None:
        for chart in self._charts:
            if not chart.isVisible():
                continue
            if chart is not self.loss_chart:
                self._draw(chart.redraw)
            self._draw(chart.update_legend)

    def _draw(self, part: Callable[[], None]) -> None:
        started = time.thread_time()
        part()
        self._spent_s += time.thread_time() - started

    def _apply_tools(self) -> None:
        chosen = self.tools.choice()
        self.loss_chart.set_log_scale(chosen.log_scale)
        self.loss_chart.set_smoothing(chosen.smoothing)
        self.loss_chart.set_clips_outliers(chosen.clips_outliers)
        for chart in self._charts:
            chart.set_follows(chosen.follows)
            chart.set_epochs(self._steps_per_epoch, chosen.in_epochs)

    def _on_tools_changed(self) -> None:
        self._apply_tools()
        self.settle()

    def _on_follow_ended(self) -> None:
        self.tools.set_follows(False)
        self._apply_tools()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many plots as there is room for."""
        super().resizeEvent(event)
        self._take_room()


def _single_shot(owner: QObject, slot: Callable[[], None]) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(slot)
    return timer
