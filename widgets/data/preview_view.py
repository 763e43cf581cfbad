"""What a data set's samples look like: pictures, a table, a plot or words."""

from __future__ import annotations

import html
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QListWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from engine.data.preview import Preview
from widgets.base.labels import plain_label
from widgets.base.theme import LIGHT, Tokens
from widgets.data.facts import digits
from widgets.data.pictures import PictureGrid
from widgets.plots.axes import ValueAxis
from widgets.plots.plot_view import dress_plot
from widgets.plots.small_plot import SmallPlot

_MOST_CURVES: Final = 6
_SYMBOLS: Final = "ostxd+"
_PLOT_HEIGHT_PX: Final = 280
_PADDING: Final = 0.03  # beyond the outermost points
_TABLE_HEIGHT_PX: Final = 260


class PreviewView(QWidget):
    """Shows a `Preview` in the way that suits its kind."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data.preview")
        self._tokens = LIGHT
        self._preview: Preview | None = None
        self._nothing = plain_label(wrap=True, tone="muted")
        self._pictures = PictureGrid()
        self._pictures.setObjectName("data.preview.pictures")
        self._table = _table()
        self._texts = QListWidget()
        self._texts.setObjectName("data.preview.texts")
        self._texts.setWordWrap(True)
        self._texts.setFixedHeight(_TABLE_HEIGHT_PX)
        self._plot: SmallPlot | None = None
        # No stacked layout: that is as high as its highest page, not as the one on view.
        self._pages: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for page in (self._nothing, self._pictures, self._table, self._texts):
            self._add(page)
        self.show_preview(None)

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        self._pictures.set_theme(tokens)
        if self._plot is not None and self._plot.isVisibleTo(self):
            self._paint_plot()

    def show_preview(self, preview: Preview | None, nothing: str = "No samples yet.") -> None:
        """Show samples, or a sentence where there are none."""
        self._preview = preview
        self._nothing.setText(nothing)
        if preview is None:
            self._turn_to(self._nothing)
        elif preview.pictures:
            self._pictures.show_pictures(preview.pictures, preview.captions, preview.answers)
            self._turn_to(self._pictures)
        elif _has_plot(preview):
            self._paint_plot()
        elif preview.texts:
            self._texts.clear()
            pairs = zip(preview.captions, preview.texts, strict=False)
            self._texts.addItems([f"{caption}: {text}" for caption, text in pairs])
            self._turn_to(self._texts)
        else:
            self._fill_table(preview)
            self._turn_to(self._table)

    def _turn_to(self, page: QWidget) -> None:
        for other in self._pages:
            other.setVisible(other is page)

    def _add(self, page: QWidget) -> None:
        self._pages.append(page)
        self._column.addWidget(page)

    def _fill_table(self, preview: Preview) -> None:
        answer = "class" if preview.task == "classification" else ", ".join(preview.labels)
        self._table.setColumnCount(len(preview.columns) + 1)
        self._table.setHorizontalHeaderLabels([answer, *preview.columns])
        self._table.setRowCount(len(preview.rows))
        for row, values in enumerate(preview.rows):
            texts = [preview.captions[row], *(f"{value:.{digits(preview)}g}" for value in values)]
            for column, text in enumerate(texts):
                self._table.setItem(row, column, QTableWidgetItem(text))
        self._table.resizeColumnsToContents()

    # ---- Plots ----

    def _paint_plot(self) -> None:
        if self._plot is None:
            self._plot = _plot()
            self._add(self._plot)
        plot, preview = self._plot, self._preview
        dress_plot(plot, self._tokens, grid=False)
        plot.clear()
        # A circle is to be round: only inputs of two numbers share a scale.
        plot.setAspectLocked(preview is not None and _is_plane(preview))
        if preview is None:
            return
        if preview.series.size:
            self._draw_series(plot, preview)
        elif preview.points.shape[1] == 1:
            self._draw_function(plot, preview)
        else:
            self._draw_classes(plot, preview)
        self._turn_to(plot)

    def _draw_series(self, plot: SmallPlot, preview: Preview) -> None:
        for index, values in enumerate(preview.series[:_MOST_CURVES]):
            colour = self._tokens.series[index % len(self._tokens.series)]
            caption = html.escape(preview.captions[index]) if preview.captions else None
            pen = pg.mkPen(colour, width=1.5)
            plot.plot(np.arange(len(values)), values[:, 0], pen=pen, name=caption)
        _label(plot, "step", preview.columns[0] if preview.columns else "value")

    def _draw_function(self, plot: SmallPlot, preview: Preview) -> None:
        dots = pg.ScatterPlotItem(
            preview.points[:, 0], np.asarray(preview.point_answers, dtype=np.float64), size=5,
            brush=self._tokens.series[0], pen=None,
        )  # fmt: skip
        plot.addItem(dots)
        _label(plot, preview.columns[0], preview.labels[0])

    def _draw_classes(self, plot: SmallPlot, preview: Preview) -> None:
        answers = np.asarray(preview.point_answers)
        legend = plot.addLegend(offset=(-8, 8))
        legend.setLabelTextColor(self._tokens.text)
        for index, label in enumerate(preview.labels):
            chosen = preview.points[answers == index]
            colours = self._tokens.series
            turn, place = divmod(index, len(colours))
            dots = pg.ScatterPlotItem(
                chosen[:, 0],
                chosen[:, 1],
                size=7,
                brush=colours[place],
                pen=None,
                symbol=_SYMBOLS[(turn + place) % len(_SYMBOLS)],  # no two classes look alike
                name=html.escape(label),
            )
            plot.addItem(dots)
        _label(plot, preview.columns[0], preview.columns[1])


def _has_plot(preview: Preview) -> bool:
    """Tell whether a plane can show the samples: curves, one input and one answer, or two and a class."""
    if preview.series.size:
        return True
    inputs = preview.points.shape[1] if len(preview.points) else 0
    return inputs == 1 or (inputs == 2 and preview.task == "classification")


def _is_plane(preview: Preview) -> bool:
    """Tell whether both axes are inputs."""
    return not preview.series.size and preview.points.shape[1] == 2


def _table() -> QTableWidget:
    table = QTableWidget()
    table.setObjectName("data.preview.table")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setAlternatingRowColors(True)
    table.verticalHeader().hide()
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    table.setFixedHeight(_TABLE_HEIGHT_PX)
    return table


def _plot() -> SmallPlot:
    plot = SmallPlot(ValueAxis("bottom"), ValueAxis("left"))
    plot.setObjectName("data.preview.plot")
    plot.setFixedHeight(_PLOT_HEIGHT_PX)
    view_box = plot.getPlotItem().getViewBox()
    view_box.setDefaultPadding(_PADDING)
    view_box.enableAutoRange()
    plot.fit_requested.connect(view_box.enableAutoRange)
    return plot


def _label(plot: SmallPlot, bottom: str, left: str) -> None:
    """Name the axes; pyqtgraph would read the names as HTML."""
    plot.setLabels(bottom=html.escape(bottom), left=html.escape(left))
