"""The picture itself: circles, lines between them, painted once for each change and kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from engine.probes.neurons import MOST_SHOWN, Column, DenseChain, Synapses
from widgets.base.theme import LIGHT, Tokens
from widgets.neurons.geometry import Hit, Standing, hit, places, stand
from widgets.plots.colours import largest_magnitude, mixed

_STRENGTHS: Final = 8  # steps of colour and width, so that lines are painted a step at a time
_THINNEST, _THICKEST = 0.5, 3.2  # px
_FAINTEST: Final = 0.12  # share of the colour in the weakest line
_RIM_PX: Final = 1.2
_FAINTEST_RIM: Final = 0.55
_MARGIN_PX: Final = 16
_LEAST_SIDE_PX: Final = 46
_NAMES_PX: Final = 96
_GAP_PX: Final = 6
_BETWEEN: Final = " · "
_ALIGN = Qt.AlignmentFlag


class NeuronPicture(QWidget):
    """Neurons in columns; colour and width of a line are its weight, those of a rim the bias.

    Every gap between two columns has a scale of its own, centred on zero.

    Signals
    -------
    pointed(hit)
        The pointer is at a neuron or synapse, a `Hit`; None: at nothing.
    layer_requested(id)
        A neuron was clicked.
    room_changed()
        `room` is another number.

    Attributes
    ----------
    room
        How many neurons a column shows.
    """

    room_changed = Signal()
    pointed = Signal(object)
    layer_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 90)
        self._chain: DenseChain | None = None
        self._synapses: tuple[Synapses, ...] | None = None
        self._columns: tuple[Standing, ...] = ()
        self._selected: frozenset[str] = frozenset()
        self._pointed: Hit | None = None
        self._tokens = LIGHT
        self._painted: QPixmap | None = None
        self._lines = 2  # of words below the columns
        self.room = MOST_SHOWN

    def sizeHint(self) -> QSize:
        """Fit a dock below the canvas."""
        return QSize(620, 200)

    def show_chain(self, chain: DenseChain | None, synapses: tuple[Synapses, ...] | None) -> None:
        """Show columns, with their weights if there are some; None shows nothing."""
        if chain != self._chain:
            self._chain, self._pointed = chain, None
            self._arrange()
        self._synapses = synapses
        self._repaint()

    def show_selected(self, layer_ids: frozenset[str]) -> None:
        """Mark the columns of layers that are selected."""
        if layer_ids != self._selected:
            self._selected = layer_ids
            self._repaint()

    def set_theme(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        self._tokens = tokens
        self._repaint()

    # ---- Geometry ----

    def _arrange(self) -> None:
        columns = self._chain.columns if self._chain else ()
        if not columns:
            self._columns = ()
            return
        left = self._side_px(columns[0].names)
        right = self.width() - self._side_px(columns[-1].names)
        sizes = [column.size for column in columns]
        apart = (right - left) / max(1, len(columns) - 1)
        side = 2 * min(left, self.width() - right)
        widest = max(self.fontMetrics().horizontalAdvance(_what(column)) for column in columns)
        self._lines = 2 if widest + _GAP_PX <= min(apart, side) else 3
        bottom = self.height() - self._lines * self.fontMetrics().height() - _GAP_PX
        self._columns = stand(sizes, left, right, _GAP_PX, bottom)
        room = places(_GAP_PX, bottom)
        if room != self.room:
            self.room = room
            self.room_changed.emit()

    def _side_px(self, names: tuple[str, ...]) -> int:
        """Return the room beside the first or last column: for names, and half of what stands below it."""
        longest = max((self.fontMetrics().horizontalAdvance(name) for name in names), default=0)
        return max(_LEAST_SIDE_PX, min(_NAMES_PX, longest) + 2 * _MARGIN_PX)

    def _repaint(self) -> None:
        self._painted = None
        self.update()

    # ---- Painting ----

    def _paint_all(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        made = QPixmap(self.size() * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(QColor(self._tokens.surface))
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        for number in range(1, len(self._columns)):
            self._paint_synapses(painter, number)
        for number in range(len(self._columns)):
            self._paint_neurons(painter, number)
            self._paint_words(painter, number)
        painter.end()
        return made

    def _paint_synapses(self, painter: QPainter, number: int) -> None:
        before, column = self._columns[number - 1], self._columns[number]
        known = self._synapses[number - 1] if self._synapses is not None else None
        values = known.between(before.shown, column.shown) if known is not None else None
        if values is None:
            painter.setPen(QPen(QColor(self._tokens.faint), _THINNEST))
            painter.drawLines(
                [_line(before, column, a, b) for a, b in np.ndindex(len(before.y), len(column.y))]
            )
            return
        for pen, cells in self._steps(values):
            painter.setPen(pen)
            painter.drawLines([_line(before, column, a, b) for a, b in cells])

    def _steps(self, values: npt.NDArray[Any]) -> Iterator[tuple[QPen, list[list[int]]]]:
        """Yield pens and the cells of a matrix to draw with each, the weakest first, NaN last."""
        finite = np.isfinite(values)
        strength = np.where(finite, np.abs(values) / largest_magnitude(values), 0)
        step = np.clip(np.ceil(strength * _STRENGTHS), 1, _STRENGTHS).astype(int)
        for level in range(1, _STRENGTHS + 1):
            for sign, colour in ((-1, self._tokens.negative), (1, self._tokens.positive)):
                side = values < 0 if sign < 0 else values >= 0
                cells = np.argwhere((step == level) & side & finite)
                if len(cells):
                    yield self._pen(colour, level / _STRENGTHS), cells.tolist()
        if not finite.all():
            yield QPen(QColor(self._tokens.series[3]), _THICKEST), np.argwhere(~finite).tolist()

    def _pen(self, colour: str, strength: float) -> QPen:
        share = _FAINTEST + (1 - _FAINTEST) * strength
        width = _THINNEST + (_THICKEST - _THINNEST) * strength
        return QPen(QColor(mixed(colour, self._tokens.surface, share)), width)

    def _paint_neurons(self, painter: QPainter, number: int) -> None:
        column = self._columns[number]
        known = self._synapses[number - 1] if self._synapses and number else None
        bias = known.biases(column.shown) if known is not None else None
        level = largest_magnitude(bias) if bias is not None else 1.0
        painter.setBrush(QColor(self._tokens.raised))
        for place, y in enumerate(column.y):
            value = float(bias[place]) if bias is not None else 0.0
            painter.setPen(self._rim(value, level))
            painter.drawEllipse(QPointF(column.x, y), column.radius, column.radius)

    def _rim(self, bias: float, level: float) -> QPen:
        """Return the pen of a neuron's rim, which is visible for the smallest bias too."""
        if bias == 0 or not np.isfinite(bias):
            colour = self._tokens.muted if bias == 0 else self._tokens.series[3]
            return QPen(QColor(colour), _RIM_PX)
        colour = self._tokens.positive if bias > 0 else self._tokens.negative
        strength = abs(bias) / level
        share = _FAINTEST_RIM + (1 - _FAINTEST_RIM) * strength
        width = _RIM_PX + (_THICKEST - _RIM_PX) * strength
        return QPen(QColor(mixed(colour, self._tokens.surface, share)), width)

    def _paint_words(self, painter: QPainter, number: int) -> None:
        if self._chain is None:
            return
        column, told = self._columns[number], self._chain.columns[number]
        tokens, height = self._tokens, self.fontMetrics().height()
        if column.hidden:
            self._word(
                painter, f"⋮ {column.hidden:,} more", column.x, column.hidden_y, tokens.muted
            )
        below = self.height() - (self._lines - 0.5) * height
        colour = tokens.accent if told.layer in self._selected else tokens.text
        self._word(painter, told.layer, column.x, below, colour)
        # Side by side where all columns have room for it, else one below the other.
        words = _what(told).split(_BETWEEN) if self._lines > 2 else (_what(told),)
        for line, word in enumerate(words, start=1):
            self._word(painter, word, column.x, below + line * height, tokens.muted)
        for neuron, y in zip(column.shown, column.y, strict=True) if told.names else ():
            self._name(painter, told.names[neuron], number, float(y))

    def _word(self, painter: QPainter, text: str, x: float, y: float, colour: str) -> None:
        """Write a text centred on a point, cut to the room between two columns."""
        apart = self._columns[1].x - self._columns[0].x
        room = min(apart, 2 * min(x, self.width() - x)) - _GAP_PX
        cut = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(room))
        height = self.fontMetrics().height()
        painter.setPen(QColor(colour))
        box = QRectF(x - room / 2, y - height / 2, room, height)
        painter.drawText(box, int(_ALIGN.AlignCenter), cut)

    def _name(self, painter: QPainter, text: str, number: int, y: float) -> None:
        """Write a neuron's name outside of the columns, beside it."""
        column, is_first = self._columns[number], number == 0
        away = column.radius + _GAP_PX
        room = (column.x if is_first else self.width() - column.x) - away - 2
        height = self.fontMetrics().height()
        left = 2.0 if is_first else column.x + away
        side = _ALIGN.AlignRight if is_first else _ALIGN.AlignLeft
        cut = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room))
        painter.setPen(QColor(self._tokens.text))
        painter.drawText(
            QRectF(left, y - height / 2, room, height), int(side | _ALIGN.AlignVCenter), cut
        )

    def _paint_pointed(self, painter: QPainter, at: Hit) -> None:
        column = self._columns[at.column]
        painter.setPen(QPen(QColor(self._tokens.text), 2))
        target = int(np.flatnonzero(column.shown == at.neuron)[0])
        if at.source is None:
            painter.drawEllipse(
                QPointF(column.x, column.y[target]), column.radius + 2, column.radius + 2
            )
            return
        before = self._columns[at.column - 1]
        source = int(np.flatnonzero(before.shown == at.source)[0])
        painter.drawLine(_line(before, column, source, target))

    # ---- Qt overrides ----

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show the kept picture, and what the pointer is at."""
        if self._painted is None:
            self._painted = self._paint_all()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._painted)
        if self._pointed is not None:
            self._paint_pointed(painter, self._pointed)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many neurons as there is room for."""
        super().resizeEvent(event)
        self._point_at(None)
        self._arrange()
        self._repaint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what the pointer is at."""
        self._point_at(hit(self._columns, event.position().x(), event.position().y()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the layer of a neuron or synapse."""
        at = hit(self._columns, event.position().x(), event.position().y())
        if (
            at is not None
            and self._chain is not None
            and event.button() == Qt.MouseButton.LeftButton
        ):
            self.layer_requested.emit(self._chain.columns[at.column].layer)

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the pointer."""
        self._point_at(None)

    def _point_at(self, at: Hit | None) -> None:
        if at != self._pointed:
            self._pointed = at
            self.pointed.emit(at)
            self.update()


def _what(column: Column) -> str:
    """Return how many neurons a column has, and what they do."""
    return (
        f"{column.size:,}{_BETWEEN}{column.activation}" if column.activation else f"{column.size:,}"
    )


def _line(before: Standing, column: Standing, source: int, target: int) -> QLineF:
    return QLineF(
        before.x + before.radius, before.y[source], column.x - column.radius, column.y[target]
    )
