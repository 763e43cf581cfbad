"""The plot of a layer's output."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Signal
from PySide6.QtGui import QColor, QResizeEvent

from engine.probes.activations import LayerOutput
from widgets.activations.cells import Grid, composed, grid_of, map_text, strip_text
from widgets.base.theme import LIGHT, Tokens
from widgets.plots.axes import ValueAxis, WholeAxis
from widgets.plots.colour_bar import ColourBar
from widgets.plots.colours import EMPTY, GAP, NOT_FINITE, diverging_table, scaled
from widgets.plots.index_image import IndexImage
from widgets.plots.plot_view import PlotView, dress_plot
from widgets.plots.table import Table
from widgets.plots.wording import number_text

_MARGIN: Final = 0.08  # of a bar plot's height, above and below
_SLACK: Final = 0.5  # the range stays while bars fill this share of it
_BAR_WIDTH: Final = 0.8
_BESIDE_PX: Final = (16, 84)  # above and beside a picture: margins, the scale of colours


class _LeftAxis(ValueAxis):
    """An axis of measured numbers, or of features, which are counted."""

    counts = False

    def tickSpacing(
        self, lowest: float, highest: float, length_px: float
    ) -> list[tuple[float, float]]:
        """Keep whole spacings where features are counted."""
        found = super().tickSpacing(lowest, highest, length_px)
        return [pair for pair in found if pair[0] >= 1] or [(1.0, 0.0)] if self.counts else found


class ActivationView(PlotView):
    """Maps side by side, bars one a unit, or a strip whose time runs to the right.

    Wheel zooms, dragging moves, a double click shows everything; the view stays where it is while values change.

    Signals
    -------
    pointed(str)
        What is under the mouse, in words; "" for nothing.
    resized()
        The plot has other pixels: `size_px`.

    Attributes
    ----------
    level
        The value with the strongest colour, 0 for bars.
    """

    pointed = Signal(str)
    resized = Signal()

    def __init__(self) -> None:
        self._bottom, self._left = WholeAxis("bottom"), _LeftAxis("left")
        super().__init__(self._bottom, self._left)
        self.setObjectName("plot.activations")
        self.setAccessibleName("What the layer gives")
        self.level = 0.0
        self._tokens = LIGHT
        self._output: LayerOutput | None = None
        self._tiles: Grid | None = None
        self._signature: object = None
        self._spread = (0.0, 0.0)  # of the bars' axis
        self._at: QPointF | None = None  # the mouse, in the plot's coordinates
        self.image = IndexImage()
        self.bars = [pg.BarGraphItem(x=[], height=[], width=_BAR_WIDTH) for _ in range(3)]
        plot = self.getPlotItem()
        for item in (self.image, *self.bars):
            plot.addItem(item, ignoreBounds=True)
        plot.getViewBox().disableAutoRange()
        self._bar = ColourBar(plot)
        self.fit_requested.connect(self.show_everything)
        self.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.scene().sigMouseClicked.connect(self._on_mouse_clicked)
        self.setMinimumSize(80, 60)
        self.set_theme(LIGHT)

    @property
    def output(self) -> LayerOutput | None:
        """What is shown."""
        return self._output

    @property
    def size_px(self) -> tuple[int, int]:
        """Device pixels that show a picture, down and across."""
        ratio = self.devicePixelRatioF()
        rows, columns = self.height() - _BESIDE_PX[0], self.width() - _BESIDE_PX[1]
        return max(1, round(rows * ratio)), max(1, round(columns * ratio))

    def show_output(self, output: LayerOutput) -> None:
        """Show what a layer gives."""
        self._output = output
        {"maps": self._show_maps, "strip": self._show_strip, "bars": self._show_bars}[output.form](
            output
        )
        signature = (output.layer, output.form, output.shape, output.output, output.values.shape)
        if (signature, self._tiles) != self._signature:
            self._signature = (signature, self._tiles)
            self._lay_out(output)
        self._bar.show_level(self.level or 1.0, output.not_finite > 0)
        self._tell()

    def show_everything(self) -> None:
        """Zoom out to all of the output."""
        if self._output is None:
            return
        if self._output.form == "bars":
            across = (-0.6, len(self._output.values) - 0.4)
            self.getPlotItem().setRange(xRange=across, yRange=self._spread, padding=0)
        else:
            place = self.image.boundingRect()
            place = self.image.mapRectToParent(place)
            self.getPlotItem().setRange(place, padding=0)

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._tokens = tokens
        dress_plot(self, tokens, grid=False)
        table = diverging_table(tokens).copy()
        for index, name in ((EMPTY, tokens.surface), (GAP, tokens.faint)):
            made = QColor(name)
            table[index] = made.red(), made.green(), made.blue()
        self.image.setLookupTable(table)
        self._bar.set_theme(tokens)
        colours = (
            tokens.positive,
            tokens.negative,
            QColor(*(int(part) for part in table[NOT_FINITE])).name(),
        )
        for bars, colour in zip(self.bars, colours, strict=True):
            bars.setOpts(brush=pg.mkBrush(colour), pen=pg.mkPen(None))

    # ---- The three forms ----

    def _show_maps(self, output: LayerOutput) -> None:
        self._tiles = grid_of(output, self.size_px)
        self.level, indices = composed(output, self._tiles)
        self._show_image(indices)

    def _show_strip(self, output: LayerOutput) -> None:
        self._tiles = None
        self.level, indices = scaled(output.values)
        self._show_image(indices)

    def _show_image(self, indices: Any) -> None:
        self.image.setImage(indices, autoLevels=False)
        self._show_items(image=True)

    def _show_bars(self, output: LayerOutput) -> None:
        self._tiles, self.level = None, 0.0
        places, values = np.arange(len(output.values)), output.values
        finite = np.isfinite(values)
        low, high = min(0.0, output.minimum), max(0.0, output.maximum)
        self._keep_spread(low, high)
        marks = (values >= 0) & finite, (values < 0) & finite, ~finite
        for bars, mine in zip(self.bars, marks, strict=True):
            if bars is self.bars[2]:  # what is not finite reaches through the whole plot
                bottom, top = self._spread
                bars.setOpts(x=places[mine], y0=bottom, height=np.full(mine.sum(), top - bottom))
            else:
                bars.setOpts(x=places[mine], y0=0.0, height=values[mine])
        self._show_items(image=False)

    def _keep_spread(self, low: float, high: float) -> None:
        """Keep the range of the bars' axis while they fit and fill enough of it."""
        bottom, top = self._spread
        room = (high - low) or 1.0
        fits = bottom <= low and high <= top and room >= _SLACK * (top - bottom)
        if fits:
            return
        margin = _MARGIN * room
        self._spread = (low - (margin if low < 0 else 0.0), high + margin)
        if self._output is not None and self._output.form == "bars":
            self.getPlotItem().setRange(yRange=self._spread, padding=0)

    def _show_items(self, *, image: bool) -> None:
        self.image.setVisible(image)
        for bars in self.bars:
            bars.setVisible(not image)

    def _lay_out(self, output: LayerOutput) -> None:
        """Place picture and axes for another output."""
        plot, box = self.getPlotItem(), self.getPlotItem().getViewBox()
        is_maps, is_strip = output.form == "maps", output.form == "strip"
        box.setAspectLocked(is_maps)
        box.invertY(output.form != "bars")
        plot.showAxis("bottom", not is_maps)
        self._bar.set_shown(output.form != "bars")
        self._left.counts = is_strip
        plot.showAxis("left", output.form == "bars" or (is_strip and output.total > 1))
        self._bottom.setLabel("Time step" if is_strip else "Unit")
        self._left.setLabel("Feature" if is_strip else "Value")
        if is_strip:
            time, features = output.shape
            self.image.setRect(QRectF(-0.5, -0.5, time, features))
        elif is_maps and self._tiles is not None:
            rows, columns = self._tiles.shape
            self.image.setRect(QRectF(0, 0, columns, rows))
        self.show_everything()

    # ---- Numbers ----

    @property
    def row_count(self) -> int:
        """Rows of the table, a line for each row of a map, unit or time step."""
        return 0 if self._output is None else _table(self._output).rows

    def take_table(self) -> Callable[[], Table]:
        """Return what makes the table of the numbers that are shown now."""
        if self._output is None:
            return partial(Table, (), ())
        return partial(_table, self._output)

    # ---- Reading ----

    def text_at(self, at: QPointF) -> str:
        """Return what is at a place of the plot's coordinates in words, "" for nothing."""
        output = self._output
        if output is None:
            return ""
        if output.form == "bars":
            unit = round(at.x())
            is_unit = 0 <= unit < len(output.values)
            return f"unit {unit:,}: {number_text(float(output.values[unit]))}" if is_unit else ""
        cell = self.image.mapFromParent(at)
        row, column = int(np.floor(cell.y())), int(np.floor(cell.x()))
        height, width = self.image.image.shape[:2]
        if not (0 <= row < height and 0 <= column < width):
            return ""
        if self._tiles is not None:
            return map_text(output, self._tiles, row, column)
        return strip_text(output, row, column)

    def _tell(self) -> None:
        if self._at is not None:
            self.pointed.emit(self.text_at(self._at))

    def _on_mouse_moved(self, position: QPointF) -> None:
        box = self.getPlotItem().getViewBox()
        inside = box.sceneBoundingRect().contains(position)
        self._at = box.mapSceneToView(position) if inside else None
        self.pointed.emit(self.text_at(self._at) if self._at is not None else "")

    def _on_mouse_clicked(self, event: Any) -> None:  # pyqtgraph's MouseClickEvent
        if event.double():
            self.show_everything()

    # ---- Qt overrides ----

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: other pixels show another number of maps."""
        super().resizeEvent(event)
        if hasattr(self, "_output"):  # pyqtgraph resizes while it is made
            if self._output is not None:
                self.show_output(self._output)
                self.show_everything()
            self.resized.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Qt: nothing is read any more."""
        super().leaveEvent(event)
        self._at = None
        self.pointed.emit("")


def _table(output: LayerOutput) -> Table:
    """Return the numbers that are shown: a line for each unit, time step or row of a map."""
    values = output.values
    if output.form == "bars":
        return Table(("unit", "value"), (np.arange(len(values)), values))
    if output.form == "strip":
        titles = ("step", *(f"feature {n}" for n in range(len(values))))
        return Table(titles, (np.arange(values.shape[1]), *values))
    count, height, width = values.shape
    places = np.indices((count, height)).reshape(2, -1)
    titles = ("map", "row", *(str(column) for column in range(width)))
    return Table(titles, (*places, *values.reshape(-1, width).T))
