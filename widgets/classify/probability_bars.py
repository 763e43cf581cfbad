"""The answer of a network: labels with bars as long as their probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.errors import quoted
from widgets.base.theme import LIGHT, Tokens
from widgets.classify.picture_view import OLD_OPACITY
from widgets.plots.wording import NOT_FINITE, number_text

_ROW_HEIGHTS = 1.9  # of the font
_LABEL_SHARE = 0.4  # of the width, at most
_SPACE_PX = 8
_MOST_ROWS = 20
_LEAST_PERCENT = 0.1  # what is smaller is written as less than this


@dataclass(frozen=True)
class _Row:
    label: str
    text: str
    share: float | None  # of the full bar; None: no bar


class ProbabilityBars(QWidget):
    """Labels, bars and percentages, the most probable first; or plain numbers of a regression."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classify.bars")
        self._tokens = LIGHT
        self._rows: tuple[_Row, ...] = ()
        self._is_old = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_result(self, result: Sequence[tuple[str, float]]) -> None:
        """Show labels with probabilities from 0 to 1, in the order given; empty: nothing."""
        self._show(
            tuple(
                _Row(quoted(label), percent_text(share), min(max(share, 0.0), 1.0))
                if math.isfinite(share)
                else _Row(quoted(label), NOT_FINITE, 0.0)
                for label, share in result[:_MOST_ROWS]
            )
        )

    def show_numbers(self, numbers: Sequence[tuple[str, float]]) -> None:
        """Show names with numbers of any size."""
        self._show(
            tuple(
                _Row(quoted(name), number_text(value), None) for name, value in numbers[:_MOST_ROWS]
            )
        )

    def set_old(self, on: bool) -> None:
        """Show the answer in grey: it is not of what is shown now."""
        if on != self._is_old:
            self._is_old = on
            self.update()

    @property
    def is_old(self) -> bool:
        """Whether the answer is shown in grey."""
        return self._is_old

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        self._tokens = tokens
        self.update()

    def text(self) -> str:
        """Return what is shown, a line a label."""
        return "\n".join(f"{row.label} {row.text}" for row in self._rows)

    def _show(self, rows: tuple[_Row, ...]) -> None:
        self._rows = rows
        self.setAccessibleDescription(self.text())
        self.updateGeometry()
        self.update()

    def _row_height(self) -> float:
        return QFontMetricsF(self.font()).height() * _ROW_HEIGHTS

    def _paint_row(self, painter: QPainter, row: _Row, box: QRectF, label_px: float) -> None:
        metrics = QFontMetricsF(self.font())
        value_px = metrics.horizontalAdvance("> 99.9 %")
        painter.setPen(QColor(self._tokens.muted if self._is_old else self._tokens.text))
        label = metrics.elidedText(row.label, Qt.TextElideMode.ElideRight, label_px)
        name_box = QRectF(box.left(), box.top(), label_px, box.height())
        painter.drawText(name_box, Qt.AlignmentFlag.AlignVCenter, label)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(box, right, row.text)
        if row.share is None:
            return
        left = box.left() + label_px + _SPACE_PX
        track = QRectF(left, box.top(), box.right() - value_px - _SPACE_PX - left, box.height())
        track.adjust(0, box.height() * 0.2, 0, -box.height() * 0.2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._tokens.faint))
        painter.drawRoundedRect(track, 3, 3)
        bar = QRectF(track)
        bar.setWidth(max(track.width() * row.share, 0.0))
        is_answer = row is self._rows[0] and not self._is_old
        painter.setBrush(QColor(self._tokens.accent if is_answer else self._tokens.muted))
        painter.setOpacity(OLD_OPACITY if self._is_old else 1.0)
        painter.drawRoundedRect(bar, 3, 3)
        painter.setOpacity(1.0)

    def sizeHint(self) -> QSize:
        """Ask for a line a label."""
        return QSize(260, round(self._row_height() * max(1, len(self._rows))))

    def minimumSizeHint(self) -> QSize:
        """Allow a narrow panel; labels give way first."""
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        widest = max((metrics.horizontalAdvance(row.label) for row in self._rows), default=0.0)
        height = self._row_height()
        has_bars = any(row.share is not None for row in self._rows)
        label_px = min(widest + 2, self.width() * (_LABEL_SHARE if has_bars else 0.6))
        for index, row in enumerate(self._rows):
            box = QRectF(0, index * height, self.width(), height)
            self._paint_row(painter, row, box, label_px)
        painter.end()


def percent_text(share: float) -> str:
    """Return ``"98.3 %"``; neither 0 nor 100 unless it is exactly that."""
    percent = 100 * share
    if 0 < percent < _LEAST_PERCENT:
        return f"< {_LEAST_PERCENT} %"
    if 100 - _LEAST_PERCENT < percent < 100:
        return f"> {100 - _LEAST_PERCENT} %"
    return f"{percent:.1f} %"
