"""How many samples each class has in each part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from widgets.base.labels import plain_tip
from widgets.base.theme import LIGHT, Tokens

_GAP_PX: Final = 8
_LABEL_LETTERS: Final = 16
_COUNT_LETTERS: Final = 8


@dataclass(frozen=True)
class PartCounts:
    """One part: its name and how many samples of each class it has."""

    name: str
    counts: tuple[int, ...]


class ClassBars(QWidget):
    """A bar for each class, cut into the parts; a legend above."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = LIGHT
        self._labels: tuple[str, ...] = ()
        self._parts: tuple[PartCounts, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        self.update()

    def show_counts(self, labels: tuple[str, ...], parts: tuple[PartCounts, ...]) -> None:
        """Show counts; ``counts`` of every part are in the order of ``labels``."""
        self._labels, self._parts = labels, parts
        self.setAccessibleName(
            "; ".join(self._sentence(index) for index in range(min(len(labels), 20)))
        )
        self.updateGeometry()
        self.update()

    def total(self, index: int) -> int:
        """Return how many samples a class has in all parts."""
        return sum(part.counts[index] for part in self._parts)

    def bar(self, index: int) -> QRectF:
        """Return where the whole bar of a class is painted."""
        width = self._bar_room()
        largest = max((self.total(row) for row in range(len(self._labels))), default=0) or 1
        top = (index + 1) * self._row_height() + 3
        return QRectF(
            self._label_width() + _GAP_PX, top, width * self.total(index) / largest,
            self._row_height() - 6,
        )  # fmt: skip

    def _row_height(self) -> int:
        return self.fontMetrics().height() + 4

    def _label_width(self) -> int:
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(label) for label in self._labels), default=0)
        return min(widest + 2, metrics.averageCharWidth() * _LABEL_LETTERS, self.width() // 3)

    def _bar_room(self) -> float:
        used = self._label_width() + self.fontMetrics().averageCharWidth() * _COUNT_LETTERS
        return max(10.0, self.width() - used - 2 * _GAP_PX)

    def _sentence(self, index: int) -> str:
        shares = ", ".join(f"{part.counts[index]:,} {part.name}" for part in self._parts)
        return f"{self._labels[index]}: {shares}"

    def _paint_legend(self, painter: QPainter) -> None:
        left, line = 0, self.fontMetrics().height()
        for number, part in enumerate(self._parts):
            painter.fillRect(left, 4, line - 4, line - 6, QColor(self._tokens.series[number]))
            text = f"{part.name} {sum(part.counts):,}"
            width = self.fontMetrics().horizontalAdvance(text)
            painter.setPen(QColor(self._tokens.muted))
            painter.drawText(
                left + line, 0, width + 2, self._row_height(), Qt.AlignmentFlag.AlignVCenter, text
            )
            left += line + width + 2 * _GAP_PX

    def _paint_row(self, painter: QPainter, index: int) -> None:
        top = (index + 1) * self._row_height()
        middle = Qt.AlignmentFlag.AlignVCenter
        box = QRect(0, top, self._label_width(), self._row_height())
        painter.setPen(QColor(self._tokens.text))
        cut = self.fontMetrics().elidedText(
            self._labels[index], Qt.TextElideMode.ElideRight, box.width()
        )
        painter.drawText(box, middle | Qt.TextFlag.TextSingleLine, cut)
        bar = self.bar(index)
        left, total = bar.left(), self.total(index) or 1
        for number, part in enumerate(self._parts):
            width = bar.width() * part.counts[index] / total
            painter.fillRect(
                QRectF(left, bar.top(), width, bar.height()), QColor(self._tokens.series[number])
            )
            left += width
        painter.setPen(QColor(self._tokens.muted))
        beside = QRect(int(bar.right()) + _GAP_PX, top, self.width(), self._row_height())
        painter.drawText(beside, middle | Qt.TextFlag.TextSingleLine, f"{self.total(index):,}")

    def sizeHint(self) -> QSize:
        """A line for the legend and one for each class."""
        rows = len(self._labels) + 1 if self._labels else 0
        return QSize(320, rows * self._row_height())

    def minimumSizeHint(self) -> QSize:
        """As high as preferred, any width."""
        return QSize(1, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Say the exact counts of the row under the pointer."""
        if isinstance(event, QHelpEvent):
            index = event.pos().y() // self._row_height() - 1
            known = 0 <= index < len(self._labels)
            QToolTip.showText(
                event.globalPos(), plain_tip(self._sentence(index)) if known else "", self
            )
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the legend and the bars that are to be seen."""
        if not self._labels:
            return
        painter = QPainter(self)
        self._paint_legend(painter)
        row_height = self._row_height()
        first = max(0, event.rect().top() // row_height - 1)
        last = min(len(self._labels), event.rect().bottom() // row_height + 1)
        for index in range(first, last):
            self._paint_row(painter, index)
        painter.end()
