"""Rows with a name, a bar of several parts and a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QApplication

from widgets.base.theme import LIGHT, Tokens
from widgets.plots.axes import ValueAxis
from widgets.plots.plot_view import dress_plot
from widgets.plots.small_plot import SmallPlot
from widgets.plots.table import Column, Table

_SPACE_PX: Final = 8  # between names, bars and texts
_LEGEND_PX: Final = 22
_MARGIN_PX: Final = 6  # around all rows
_THICKNESS: Final = 0.7  # of a bar, of its row


class Part(NamedTuple):
    """One part of every bar.

    Attributes
    ----------
    name
        Of the part, for tables.
    values
        (rows,) lengths.
    colours
        One, or one for each row.
    """

    name: str
    values: Sequence[float]
    colours: Sequence[str]


class _TextAxis(pg.AxisItem):  # type: ignore[misc] # pyqtgraph ships no types
    """A text for each row, cut where it is too long."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self._texts: tuple[str, ...] = ()
        self._colour = QColor()
        self.setStyle(tickLength=0, autoExpandTextSpace=False)

    def show_texts(self, texts: tuple[str, ...]) -> None:
        """Show one text a row, from the top."""
        self._texts = texts
        self.picture = None
        self.update()

    def set_colour(self, colour: str) -> None:
        """Write in another colour."""
        self._colour = QColor(colour)
        self.update()

    def widest_px(self) -> float:
        """Return what the longest text takes."""
        metrics = QFontMetricsF(QApplication.font())
        return max(map(metrics.horizontalAdvance, self._texts), default=0.0)

    def boundingRect(self) -> QRectF:
        """Return the place of the axis."""
        box: QRectF = self.mapRectFromParent(self.geometry())
        return box

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Write the texts."""
        is_left, font = self.orientation == "left", QApplication.font()
        box = self.boundingRect().adjusted(0, 0, -_SPACE_PX if is_left else 0, 0)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(self._colour)
        side = Qt.AlignmentFlag.AlignLeft if is_left else Qt.AlignmentFlag.AlignRight
        height = box.height() / max(1, len(self._texts))
        for row, text in enumerate(self._texts):
            place = QRectF(box.left(), box.top() + row * height, box.width(), height)
            cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | side, cut)


class _Legend(pg.GraphicsWidget):  # type: ignore[misc] # pyqtgraph ships no types
    """A square and a text for each part, in a row that is cut where it is too long."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[tuple[str, str], ...] = ()
        self._colour = QColor()

    def show_entries(self, entries: Sequence[tuple[str, str]], colour: str) -> None:
        """Show (text, colour of its part); the texts are written in one colour."""
        self._entries, self._colour = tuple(entries), QColor(colour)
        self.setFixedHeight(_LEGEND_PX if entries else 0)
        self.update()

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Draw squares and texts."""
        metrics, box = QFontMetricsF(QApplication.font()), self.boundingRect()
        painter.setFont(QApplication.font())
        painter.setPen(self._colour)
        painter.setClipRect(box)
        left, line = box.left(), metrics.height()
        for text, colour in self._entries:
            square = QRectF(left, 0, line - 4, line - 4)
            painter.fillRect(square, QColor(colour))
            place = QRectF(left + line, -2, metrics.horizontalAdvance(text) + 2, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
            left = place.right() + 2 * _SPACE_PX


class BarPlot(SmallPlot):
    """Rows from the top, bars from the left, as wide as the largest is long.

    Parameters
    ----------
    row_heights
        Height of a row in lines of text.
    name_share
        Of the width that names take, at most.
    """

    def __init__(self, row_heights: float, name_share: float) -> None:
        self._names, self._texts = _TextAxis("left"), _TextAxis("right")
        super().__init__(ValueAxis("bottom"), self._names)
        self._row_heights, self._name_share = row_heights, name_share
        self._tokens = LIGHT
        self._labels: tuple[str, ...] = ()
        self._parts: tuple[Part, ...] = ()
        self._bars: list[pg.BarGraphItem] = []
        self._least_text_px = 0.0
        self.can_fit = False
        plot = self.getPlotItem()
        plot.setAxisItems({"right": self._texts})
        plot.showAxis("right")
        plot.hideAxis("bottom")
        plot.setMouseEnabled(x=False, y=False)
        plot.getViewBox().invertY(True)
        plot.layout.setContentsMargins(*[_MARGIN_PX] * 4)
        plot.layout.removeItem(plot.titleLabel)
        self._legend = _Legend()
        plot.layout.addItem(self._legend, 0, 0, 1, 3)
        self.show_legend(())

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._tokens = tokens
        dress_plot(self, tokens, grid=False)
        self._names.set_colour(tokens.text)
        self._texts.set_colour(tokens.muted)

    def set_opacity(self, share: float) -> None:
        """Draw the bars as strongly as this, from 0 to 1."""
        for item in self._bars:
            item.setOpacity(share)

    def show_legend(self, entries: Sequence[tuple[str, str]]) -> None:
        """Show (text, colour) of parts above the rows; none: no legend."""
        self._legend.show_entries(entries, self._tokens.muted)
        self._legend_px = _LEGEND_PX if entries else 0

    def show_rows(
        self,
        labels: Sequence[str],
        parts: Sequence[Part],
        texts: Sequence[str],
        longest: float | None = None,
    ) -> None:
        """Show a bar for each label, cut into parts, and a text at its end.

        Parameters
        ----------
        longest
            Length that fills the width; None: of the longest bar.
        """
        changed = len(labels) != len(self._labels)
        self._labels, self._parts = tuple(labels), tuple(parts)
        self._names.show_texts(self._labels)
        self._texts.show_texts(tuple(texts))
        starts = self._draw_parts()
        if longest is None:
            longest = float(starts.max(initial=0.0)) or 1.0
        if labels:
            self.show_whole((0.0, longest), (-0.5, len(labels) - 0.5))
        self._give_room()
        if changed:
            self.updateGeometry()

    def _draw_parts(self) -> Column:
        """Draw the parts one behind the other; return the (rows,) ends of the bars."""
        plot, rows = self.getPlotItem(), np.arange(len(self._labels), dtype=np.float64)
        while len(self._bars) < len(self._parts):
            self._bars.append(pg.BarGraphItem(x0=0, y=[0], width=0, height=_THICKNESS, pen=None))
            plot.addItem(self._bars[-1], ignoreBounds=True)
        ends = np.zeros(len(rows))
        for number, item in enumerate(self._bars):
            item.setVisible(number < len(self._parts) and len(rows) > 0)
            if item.isVisible():
                part = self._parts[number]
                values = np.asarray(part.values, np.float64)
                brushes = [pg.mkBrush(colour) for colour in part.colours]
                if len(brushes) == 1:
                    brushes *= len(rows)
                item.setOpts(x0=ends, y=rows, width=values, brushes=brushes)
                ends = ends + values
        return ends

    def _give_room(self) -> None:
        """Give names and texts the room they need."""
        most = self._name_share * self.width()
        self._names.setWidth(round(min(self._names.widest_px() + 2, most)) + _SPACE_PX)
        texts_px = max(self._texts.widest_px(), self._least_text_px)
        self._texts.setWidth(round(texts_px) + 2 + _SPACE_PX)

    def row_height_px(self) -> float:
        """Return the height of a row."""
        return QFontMetricsF(self.font()).height() * self._row_heights

    def row_at(self, y_px: float) -> int | None:
        """Return the row at a height of the widget; None if there is none."""
        top = self.getPlotItem().getViewBox().sceneBoundingRect().top()
        row = int((y_px - top) // self.row_height_px())
        return row if 0 <= row < len(self._labels) else None

    def bar(self, row: int) -> QRectF:
        """Return where the whole bar of a row is painted, in pixels of the widget."""
        length = sum(part.values[row] for part in self._parts)
        half = _THICKNESS / 2
        view_box = self.getPlotItem().getViewBox()
        corners = (
            view_box.mapViewToScene(QPointF(*at)) for at in ((0, row - half), (length, row + half))
        )
        return QRectF(*corners)

    # ---- Numbers ----

    @property
    def row_count(self) -> int:
        """A row for each bar."""
        return len(self._labels)

    def take_table(self) -> Callable[[], Table]:
        """Return what makes the table of the bars shown now."""
        values = [np.array(part.values) for part in self._parts]
        titles = ("name", *(part.name for part in self._parts))
        return partial(Table, titles, (np.array(self._labels, dtype=str), *values))

    # ---- Qt overrides ----

    def sizeHint(self) -> QSize:
        """Qt: a line for each row."""
        rows_px = len(self._labels) * self.row_height_px()
        height = round(rows_px) + self._legend_px + 2 * _MARGIN_PX
        return QSize(260, height if self._labels else 0)

    def resizeEvent(self, event: Any) -> None:
        """Qt: names take a share of the width."""
        super().resizeEvent(event)
        if hasattr(self, "_bars"):
            self._give_room()
