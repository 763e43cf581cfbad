"""Axes in the program's own dress."""

from __future__ import annotations

import html
import math
from typing import Any, TypeAlias

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QApplication

from widgets.plots.kept_item import KeptItem

Levels: TypeAlias = list[tuple[float | None, list[float]]]

TICK_ROOM_PX = 8  # for the halves of numbers beyond the ends of an axis
# Between neighbours; lines of text keep apart by themselves.
_TICK_GAP_PX = {"left": 0, "bottom": 8}
_TEXT_GAP_PX = {"left": 5, "bottom": 2}  # from the axis to its numbers
# Times its size a number has to itself if it is not of the coarsest.
_AIRY = {"left": 2.2, "bottom": 1.8}
_LOG_GAP = math.log10(2)  # the least between 1, 2, 5 and 10
_VALUE_ROOM_PX = 36
_TITLE_MARGINS_PX = 16  # about a title, which is centred on its axis
_COARSER = (2, 5, 10)  # times a spacing is a round one too
_DONT_CLIP = Qt.TextFlag.TextDontClip.value
_ALIGNED = {
    "left": (Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter).value | _DONT_CLIP,
    "bottom": (Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop).value | _DONT_CLIP,
}


class _Axis(KeptItem, pg.AxisItem):  # type: ignore[misc] # pyqtgraph ships no types
    """A line with numbers, as dense as they are easily read; lines of the grid stand for marks at the ticks.

    A range that changes draws its axis anew while a training runs, and pyqtgraph's own drawing, which allows for
    everything, takes 500 calls of Python. Lays out as pyqtgraph does, but reserves room for the usual numbers:
    else a plot is laid out and painted twice.

    Parameters
    ----------
    orientation
        ``left`` or ``bottom``.
    """

    _room_px = _VALUE_ROOM_PX  # kept for the widest number

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)
        self._asked: tuple[float, ...] = ()
        self._levels: Levels = []
        self.keep()  # numbers were half of a frame's cost; they change with the range alone
        self.setStyle(
            autoExpandTextSpace=False,
            tickLength=0,
            tickTextWidth=self._room_px,
            tickTextHeight=math.ceil(_metrics().height()),
        )

    def set_title(self, title: str, room_px: float) -> None:
        """Say what the values are, cut with dots to some pixels."""
        cut = _metrics().elidedText(title, Qt.TextElideMode.ElideRight, room_px - _TITLE_MARGINS_PX)
        text = html.escape(cut)  # pyqtgraph would read it as HTML
        if text != self.labelText:
            self.setLabel(text)

    def tickValues(self, lowest: float, highest: float, length_px: float) -> Levels:
        """Return spacing and places of the ticks of each level, the coarsest first; the finer ones repeat those before.

        The spacing is None where they lie at 1 to 9 of each power of ten.
        """
        lowest, highest = min(lowest, highest), max(lowest, highest)  # an axis may be upside down
        asked = (lowest, highest, round(length_px), self.scale, self.logMode)
        if asked != self._asked:  # the grid asks too
            self._asked = asked
            find = super().tickValues if self.logMode else self._linear
            self._levels = find(lowest, highest, length_px)
        return self._levels

    def _linear(self, lowest: float, highest: float, length_px: float) -> Levels:
        levels: Levels = []
        for spacing, _ in self.tickSpacing(lowest * self.scale, highest * self.scale, length_px):
            step = spacing / self.scale
            numbers = range(math.ceil(lowest / step), math.floor(highest / step) + 1)
            levels.append((step, [number * step for number in numbers]))
        return levels

    def labels(self, length_px: float) -> dict[float, str]:
        """Return the number at each place, in pixels from the low end."""
        low, high = self.range
        scale = length_px / (high - low)  # below 0 if it is upside down
        found: dict[float, str] = {}
        for spacing, values in self.tickValues(low, high, length_px):
            texts = self.tickStrings(values, self.scale, spacing)
            needed = _AIRY[self.orientation] * self._size(texts)
            if found and (spacing or _LOG_GAP) * abs(scale) < needed:
                break
            for value, text in zip(values, texts, strict=True):
                if text:
                    found.setdefault(round((value - low) * scale, 1), text)
        return found

    def _size(self, texts: list[str]) -> float:
        """Return what the largest of some numbers takes along the axis."""
        if self.orientation == "left":
            return _metrics().height()
        return max(map(_metrics().horizontalAdvance, texts), default=0.0)

    def _roomy(
        self,
        spacings: list[tuple[float, float]],
        widest: list[str],
        span: float,
        length_px: float,
    ) -> list[tuple[float, float]]:
        """Return the spacings in which numbers do not touch; if there are none, a round multiple of the coarsest."""
        size_px = self._size(widest) + _TICK_GAP_PX[self.orientation]
        least = size_px * span / max(1.0, length_px)
        coarsest, start = spacings[0]
        wider = (coarsest * next((n for n in _COARSER if coarsest * n >= least), 10), start)
        return [pair for pair in spacings if pair[0] >= least] or [wider]

    def boundingRect(self) -> QRectF:
        """Return the place of the axis and of the halves of numbers beyond its ends."""
        box: QRectF = self.mapRectFromParent(self.geometry())
        if self.orientation == "left":
            return box.adjusted(0, -TICK_ROOM_PX, 0, TICK_ROOM_PX)
        return box.adjusted(-TICK_ROOM_PX, 0, TICK_ROOM_PX, 0)

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Draw the line and the numbers; the axis gets wider if they need it."""
        box: QRectF = self.mapRectFromParent(self.geometry())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self.pen())
        if self.orientation == "left":
            x = box.right() - 1
            painter.drawLine(QLineF(x, box.top() - 1, x, box.bottom() + 1))
            places = self._places_left(box)
        else:
            y = box.top() + 1
            painter.drawLine(QLineF(box.left() - 1, y, box.right() + 1, y))
            places = self._places_bottom(box)
        painter.setPen(self.textPen())
        aligned = _ALIGNED[self.orientation]
        for place, text in places:
            painter.drawText(place, aligned, text)

    def _places_left(self, box: QRectF) -> list[tuple[QRectF, str]]:
        labels, metrics = self.labels(box.height()), _metrics()
        widest = math.ceil(max(map(metrics.horizontalAdvance, labels.values()), default=0.0))
        if widest > self.style["tickTextWidth"]:
            self.setStyle(tickTextWidth=widest)
        height, width = metrics.height(), box.width() - _TEXT_GAP_PX["left"]
        return [
            (QRectF(box.left(), box.bottom() - at - height / 2, width, height), text)
            for at, text in labels.items()
        ]

    def _places_bottom(self, box: QRectF) -> list[tuple[QRectF, str]]:
        metrics, shown = _metrics(), self.boundingRect()
        height, top = metrics.height(), box.top() + _TEXT_GAP_PX["bottom"]
        found = []
        for at, text in self.labels(box.width()).items():
            width = metrics.horizontalAdvance(text)
            left = box.left() + at - width / 2
            if shown.left() <= left and left + width <= shown.right():
                found.append((QRectF(left, top, width, height), text))
        return found


class WholeAxis(_Axis):
    """An axis of whole numbers: no ticks between them, a comma every three digits."""

    _room_px = 20

    def tickSpacing(
        self, lowest: float, highest: float, length_px: float
    ) -> list[tuple[float, float]]:
        """Keep the spacings that are whole numbers and whose numbers have room."""
        found = super().tickSpacing(lowest, highest, length_px)
        spacings = [pair for pair in found if pair[0] >= 1] or [(1.0, 0.0)]
        return self._roomy(spacings, [f"{round(highest):,}"], highest - lowest, length_px)

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Write whole numbers with a comma every three digits."""
        return [f"{round(value * scale):,}" for value in values]


class ValueAxis(_Axis):
    """An axis of measured numbers, linear or by powers of ten."""

    def tickSpacing(
        self, lowest: float, highest: float, length_px: float
    ) -> list[tuple[float, float]]:
        """Keep the spacings whose numbers have room."""
        spacings: list[tuple[float, float]] = super().tickSpacing(lowest, highest, length_px)
        if self.logMode:
            return spacings
        widest = super().tickStrings([lowest, highest], 1.0, spacings[-1][0])
        return self._roomy(spacings, widest, highest - lowest, length_px)

    def logTickStrings(self, values: list[float], scale: float, spacing: float | None) -> list[str]:
        """Write 1, 2 and 5 of each decade; the ticks between stay without a number."""
        return [_decade_text(value) for value in values]


def _metrics() -> QFontMetricsF:
    return QFontMetricsF(QApplication.font())


def _decade_text(exponent: float) -> str:
    power = math.floor(exponent + 1e-6)
    digit = round(10 ** (exponent - power))
    if digit not in (1, 2, 5):
        return ""
    return f"{digit * 10.0**power:.{max(0, -power)}f}" if -4 <= power < 5 else f"{digit}e{power}"
