"""A progress bar that moves while nobody knows how much there is to do."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QRectF, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QWidget

_FRAME_MS = 50
_ROUND_MS = 1400  # from one end to the other
_SHARE = 0.22  # of the bar that moves along it


class BusyBar(QProgressBar):
    """Shows progress; with the range (0, 0) a short piece that runs along an empty bar.

    Fusion fills a bar of that range, which looks as if all were done.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self.update)

    @property
    def is_busy(self) -> bool:
        """Nobody knows how much there is to do."""
        return self.minimum() == self.maximum() == 0

    # ---- Qt overrides ----

    def hideEvent(self, event: QHideEvent) -> None:
        """Cost nothing while it is not seen."""
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the piece where it is now, else the bar as the style has it."""
        if not self.is_busy:
            self._timer.stop()
            super().paintEvent(event)
            return
        if not self._timer.isActive():
            self._clock.start()
            self._timer.start()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        bar = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = bar.height() / 2
        painter.setBrush(self.palette().mid())
        painter.drawRoundedRect(bar, radius, radius)
        painter.setClipRect(bar)
        painter.setBrush(self.palette().highlight())
        length = bar.width() * _SHARE
        place = (self._clock.elapsed() % _ROUND_MS) / _ROUND_MS
        start = bar.left() - length + place * (bar.width() + length)
        painter.drawRoundedRect(QRectF(start, bar.top(), length, bar.height()), radius, radius)
        painter.end()
