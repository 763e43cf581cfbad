"""A chart of curves over training steps, with read-out, marks and a view that follows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.base.theme import LIGHT, Tokens
from widgets.plots.axes import ValueAxis, WholeAxis
from widgets.plots.curve import Curve, Cut, Floats, Trace, Window, log_values
from widgets.plots.curve_layer import CurveLayer, Frame
from widgets.plots.legend import Corner, Entry, Legend
from widgets.plots.plot_view import PlotView, dress_plot
from widgets.plots.ranges import Extent, Range, fitted, respaced
from widgets.plots.series import Series
from widgets.plots.wording import number_text

_STEP_BITS = 2  # of the last step: the axis of a run grows by an eighth to a quarter at once
_CLIPPED_PERCENT = (0.5, 98.0)  # of what is drawn, shown if outliers are clipped
_MOST_PIXELS = 3000  # buckets across; beyond, a screen shows no difference
_LEAST_PX = (120, 108)  # of a plot whose numbers and curves are still readable
_TITLED_PX = 150  # a lower plot has no room for a title under its axis
_ZOOMS = {"in": 0.8, "out": 1.25}  # of the range of steps
_CURSOR_STEPS = 60  # from one edge to the other by arrow keys
_ORDER: Final = {"band": 0, "thin": 1, "line": 2, "markers": 3}  # of drawing and in the legend
_LEGEND_RESTS = 16  # readings after which the legend's corner is looked at again


class Chart(QWidget):
    """Curves over steps.

    Nothing is painted by an append: the owner calls `redraw` as often as an eye follows, and `update_legend` as often
    as one reads.

    Signals
    -------
    follow_ended()
        The user zoomed or moved the view, which stays now where it is.
    redraw_requested()
        The view shows another range, which nothing has been drawn for yet.
    fit_requested(), log_scale_requested(bool)
        Chosen in the menu of the plot.
    """

    follow_ended = Signal()
    redraw_requested = Signal()
    fit_requested = Signal()
    log_scale_requested = Signal(bool)

    def __init__(
        self, value_title: str, parent: QWidget | None = None, corner: Corner = "top right"
    ) -> None:
        super().__init__(parent)
        self._tokens = LIGHT
        self._traces: dict[str, Trace] = {}
        self._marks: dict[str, int] = {}
        self._follows, self._is_log, self._clips_outliers = True, False, False
        self._smoothing = 1
        self._steps_per_epoch = 0
        self._cursor_step: int | None = None
        self._is_stale = False  # it must be drawn anew, whatever was added
        self._extent = Extent()  # of what is on the picture
        self._fitted: Range | None = None  # bottom and top of the followed range
        self._followed_end = 0  # of the followed range of steps
        self._step_axis, self._value_axis = WholeAxis("bottom"), ValueAxis("left")
        self.plot_widget = PlotView(self._step_axis, self._value_axis)
        self.plot = self.plot_widget.getPlotItem()
        self._layer = CurveLayer(self.plot_widget, (self._step_axis, self._value_axis))
        self.legend = Legend(self.plot_widget, corner)
        self._settled_for: Frame | None = None  # what the legend's corner was chosen for
        self._rests = 0
        self._value_title = value_title
        self.plot_widget.setAccessibleName(f"Plot: {value_title}")
        self._step_axis.setLabel("Step (batch)")
        self._build()
        self.set_theme(LIGHT)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot_widget, 1)
        self.plot_widget.setMinimumSize(*_LEAST_PX)
        view_box = self.plot.getViewBox()
        view_box.disableAutoRange()
        view_box.setLimits(minXRange=2)
        view_box.sigRangeChangedManually.connect(self._on_range_changed_manually)
        view_box.sigResized.connect(self._on_view_resized)
        self.plot_widget.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.plot_widget.key_used.connect(self._on_key)
        self.plot_widget.is_log = False
        self.plot_widget.fit_requested.connect(self.fit_requested)
        self.plot_widget.log_scale_requested.connect(self.log_scale_requested)

    # ---- Values ----

    def set_curve(self, key: str, curve: Curve, series: Series | None = None) -> Series:
        """Add a curve under ``key``, reading ``series`` or one of its own; return the series.

        A curve that is there already stays as it is.
        """
        if key not in self._traces:
            source = Series() if series is None else series
            self._traces[key] = trace = Trace(curve, source, self._tokens)
            self.plot.addItem(trace, ignoreBounds=True)  # this chart follows its curves itself
            in_order = sorted(self._traces.items(), key=lambda item: _ORDER[item[1].curve.mark])
            self._traces = dict(in_order)
        return self._traces[key].series

    def series(self, key: str) -> Series:
        """Return the series of a curve; KeyError if there is none."""
        return self._traces[key].series

    def known_series(self, key: str) -> Series | None:
        """Return the series of a curve, None if there is none."""
        trace = self._traces.get(key)
        return None if trace is None else trace.series

    def curves(self) -> tuple[str, ...]:
        """Return the keys of all curves."""
        return tuple(self._traces)

    def drawn(self, key: str) -> tuple[Floats, Floats]:
        """Return the (n,) steps and (n,) values a curve drew last, before any log scale."""
        trace = self._traces[key]
        return (np.empty(0), np.empty(0)) if trace.shown is None else trace.read(trace.shown)

    def mark(self, step: int, label: str) -> None:
        """Draw a labelled vertical line; a label marks one step, the last given."""
        self._marks[label] = step
        self._layer.show_marks(self._marks)

    def marks(self) -> dict[str, int]:
        """Return the step of each label."""
        return dict(self._marks)

    def clear(self) -> None:
        """Remove every curve and mark, and follow again."""
        for trace in self._traces.values():
            self.plot.removeItem(trace)
        self._traces.clear()
        self._marks.clear()
        self._layer.clear()
        self._cursor_step = None
        self._follows = True
        self._forget_range()
        self.update_legend()

    # ---- Cost ----

    @property
    def frames(self) -> int:
        """How often the plot was painted."""
        return int(self.plot_widget.frames)

    @property
    def painted_s(self) -> float:
        """Seconds of this thread that painting took so far."""
        return float(self.plot_widget.painted_s)

    # ---- Looks ----

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._tokens = tokens
        dress_plot(self.plot_widget, tokens, grid=False)
        self._layer.set_theme(tokens)
        self.legend.set_theme(tokens)
        for trace in self._traces.values():
            trace.set_theme(tokens)
        self._is_stale = True
        self.update_legend()

    def set_log_scale(self, on: bool) -> None:
        """Space values by powers of ten; zeros and negative values lie on the lower edge."""
        changed = on != self._is_log
        self._is_log = self.plot_widget.is_log = on
        self._forget_range()
        self._value_axis.setLogMode(y=on)
        if changed and not self._follows:
            _, (bottom, top) = self._layer.view_range
            self.plot.setYRange(*respaced(bottom, top, on), padding=0)

    def set_clips_outliers(self, on: bool) -> None:
        """Let the followed range leave out the most extreme values."""
        self._clips_outliers = on
        self._forget_range()

    def set_smoothing(self, window: int) -> None:
        """Average smoothed curves over this many points."""
        self._smoothing = window

    def set_follows(self, on: bool) -> None:
        """Show all steps so far, or leave the range as it is."""
        self._follows = on
        self._forget_range()

    def set_epochs(self, steps_per_epoch: int, on_axis: bool) -> None:
        """Say how long an epoch is (0: unknown) and whether the axis counts epochs or steps."""
        self._steps_per_epoch = steps_per_epoch
        in_epochs = on_axis and steps_per_epoch > 0
        self._step_axis.setScale(1 / steps_per_epoch if in_epochs else 1.0)
        self._step_axis.setLabel("Epoch" if in_epochs else "Step (batch)")
        self._leave_room()

    def _leave_room(self) -> None:
        """Leave out the title of the steps where the curves need its room; cut that of the values to its axis."""
        self._step_axis.showLabel(self.height() >= _TITLED_PX)
        self._value_axis.set_title(
            self._value_title, self.height() - self._step_axis.maximumHeight()
        )

    def set_value_title(self, title: str) -> None:
        """Say what the values are."""
        self._value_title = title
        self._leave_room()

    # ---- Drawing ----

    def redraw(self) -> None:
        """Draw what the range shows and is not on screen yet; `update_legend` is for the owner too."""
        if self._follows:
            last = max((trace.series.last_step for trace in self._traces.values()), default=1)
            self._follow_steps(max(last, 3))
        frame = self._frame()
        cuts = self._new_cuts(frame)
        is_new = self._is_stale or self._clips_outliers or frame != self._layer.frame
        self._is_stale = False
        since = -math.inf if is_new else self._settled(cuts)
        for trace, cut in cuts:
            trace.shown = cut
        if since < math.inf:
            self._draw(frame, since)

    def _new_cuts(self, frame: Frame) -> list[tuple[Trace, Cut]]:
        """Return what a frame shows of each curve."""
        pixels = min(_MOST_PIXELS, max(50, round(frame.width * frame.ratio)))
        window = Window(frame.first, frame.last, pixels, self._smoothing)
        return [(trace, trace.cut(window)) for trace in self._traces.values()]

    def _settled(self, cuts: list[tuple[Trace, Cut]]) -> float:
        """Return the step up to which the picture stays for these cuts: -inf if none of it, inf if all of it does."""
        since = math.inf
        for trace, cut in cuts:
            shown = trace.shown
            if shown is None or not cut.grew_from(shown):
                return -math.inf
            if cut.version != shown.version:
                since = min(since, trace.series.step(shown.settled))
        return since

    def _draw(self, frame: Frame, since: float) -> None:
        """Draw from the step ``since`` on, or everything if the range of values changes."""
        left_px, begin = self._layer.strip(since)
        parts = [
            (trace, trace.shown, *trace.read(trace.shown, begin))
            for trace in self._traces.values()
            if trace.shown is not None and trace.series.last_step >= begin
        ]
        extent = self._extent if since > -math.inf else Extent()
        for *_, y in parts:
            extent = extent.joined(y, self._is_log)
        self._extent = extent
        if self._follows and extent.high >= extent.low:
            self._follow_values([y for *_, y in parts])
        shown = self._frame()
        if since > -math.inf and shown != frame:
            self._draw(shown, -math.inf)
            return
        parts.sort(key=lambda part: part[0].curve.order)
        strokes = (trace.stroke(cut, x, y) for trace, cut, x, y in parts)
        self._layer.draw_curves(shown, strokes, left_px)
        for trace in self._traces.values():
            trace.floor = extent.floor if self._is_log else None

    def _frame(self) -> Frame:
        """Return what the view shows now."""
        layer = self._layer
        (first, last), (bottom, top) = layer.view_range
        width, height = layer.extent
        floor = self._extent.floor if self._is_log else 0.0
        ratio = self.devicePixelRatioF()
        return Frame(first, last, bottom, top, width, height, ratio, self._is_log, floor)

    def _forget_range(self) -> None:
        self._fitted, self._followed_end, self._is_stale = None, 0, True

    def _follow_steps(self, last: int) -> None:
        """Show steps up to ``last`` and a little more, so that the axis need not be drawn with every frame."""
        unit = 1 << max(0, last.bit_length() - 1 - _STEP_BITS)
        end = -(-last // unit) * unit
        if end != self._followed_end:
            self._followed_end = end
            self.plot.setXRange(1, end, padding=0.01)

    def _follow_values(self, drawn: Iterable[Floats]) -> None:
        """Show all values; the range stays while they fit it well."""
        low, high = self._extent.low, self._extent.high
        if self._clips_outliers:  # all of them are at hand then
            values = np.concatenate([y[np.isfinite(y)] for y in drawn])
            low, high = np.percentile(values, _CLIPPED_PERCENT)
        if self._is_log:
            low, high = log_values(np.array([low, high]), self._extent.floor)
        shown = fitted(float(low), float(high), self._fitted)
        if shown != self._fitted:
            self._fitted = shown
            self.plot.setYRange(*shown, padding=0)

    # ---- Read-out ----

    def show_cursor(self, step: int | None) -> None:
        """Read the values out at a step, or the latest ones."""
        self._cursor_step = step
        self._layer.show_cursor(step)
        self.update_legend()

    def update_legend(self) -> None:
        """Read the values out anew."""
        last = max((trace.series.last_step for trace in self._traces.values()), default=0)
        step = last if self._cursor_step is None else self._cursor_step
        entries = tuple(self._entry(trace, step) for trace in self._traces.values())
        changed = self.legend.show_entries(self._place_text(step) if last else "", entries)
        self._rests = (self._rests + 1) % _LEGEND_RESTS
        if changed or not self._rests or self._settled_for != self._layer.frame:
            self._settle_legend()

    def _settle_legend(self) -> None:
        """Let the legend lie where the fewest curves are; it stays there while the picture is of the same frame."""
        frame = self._settled_for = self._layer.frame
        if frame is None:
            return
        drawn = [self.drawn(key) for key in self._traces]
        self.legend.settle(lambda box: frame.columns_with_curves(box, drawn))

    def _entry(self, trace: Trace, step: int) -> Entry:
        is_smoothed = trace.curve.mark == "line"
        value = trace.series.at(step, self._smoothing if is_smoothed else 1)
        text = "" if value is None else number_text(value)
        return Entry(trace.curve.title, trace.colour, trace.curve.mark, text)

    def _place_text(self, step: int) -> str:
        if not self._steps_per_epoch:
            return f"Step {step:,}"
        epoch = max(1, math.ceil(step / self._steps_per_epoch))
        return f"Step {step:,} (epoch {epoch:,})"

    def _on_mouse_moved(self, position: QPointF) -> None:
        view_box = self.plot.getViewBox()
        if not self._traces or not view_box.sceneBoundingRect().contains(position):
            self.show_cursor(None)
            return
        last = max(trace.series.last_step for trace in self._traces.values())
        step = round(view_box.mapSceneToView(position).x())
        self.show_cursor(min(max(1, step), max(1, last)))

    def _on_key(self, action: str) -> None:
        """Read values out, or come nearer, by keys."""
        (first, last), _ = self._layer.view_range
        if action in _ZOOMS:
            self.plot.getViewBox().scaleBy(x=_ZOOMS[action])
            self._on_range_changed_manually()
        elif self._traces:
            end = max(trace.series.last_step for trace in self._traces.values())
            here = end if self._cursor_step is None else self._cursor_step
            stride = max(1, round((last - first) / _CURSOR_STEPS))
            wanted = here + (stride if action == "right" else -stride)
            self.show_cursor(min(max(1, wanted), end))

    def _on_range_changed_manually(self, *_: object) -> None:
        self._follows = False
        self.follow_ended.emit()
        self.redraw_requested.emit()

    def _on_view_resized(self, *_: object) -> None:
        self.legend.fit()
        self._settled_for = None
        self.redraw_requested.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep room for the curves."""
        super().resizeEvent(event)
        self._leave_room()

    def leaveEvent(self, event: QEvent) -> None:
        """Go back to the latest values when the mouse leaves."""
        super().leaveEvent(event)
        self.show_cursor(None)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for what came while the chart was hidden."""
        super().showEvent(event)
        self.redraw_requested.emit()
