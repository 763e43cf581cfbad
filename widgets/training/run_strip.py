"""The right part of the tool bar: how the training goes, and what should be seen at once, in one fixed place."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QMoveEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.base.notice import NoticeBar
from widgets.training.run_bar import RunBar

_USUAL_PX = (
    760  # of a notice, where there is room: its last button stays in place from one to the next
)
HEIGHT_PX = 38  # two lines of text and a button


class RunStrip(QWidget):
    """Puts the notice beside the run bar, or over it where both have no room.

    Nothing else ever moves for a notice. One that is too long for two lines hangs over the page below, until it is
    dismissed.

    Parameters
    ----------
    over
        The window: the notice is its child.
    """

    def __init__(self, bar: RunBar, notice: NoticeBar, over: QWidget) -> None:
        super().__init__()
        self.setObjectName("toolbar.strip")
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._bar = bar
        self._notice = notice
        self._over = over
        bar.setParent(self)
        notice.setParent(over)
        bar.room_changed.connect(self._place)
        notice.changed.connect(self._place)

    def _place(self) -> None:
        """Share the width out: the notice in two lines if it can, and what the run bar cannot do without."""
        width, height = self.width(), self.height()
        bar = QRect(0, 0, width, height)
        if not self._notice.isHidden():
            least, wanted = self._bar.least_width_px, self._notice.wanted_width_px()
            has_room = least + wanted <= width
            if self._bar.is_live:
                bar.setWidth(min(width, max(least, width - wanted)))
            else:
                bar.setWidth(least if has_room else 0)
            taken = min(width - bar.width(), max(wanted, _USUAL_PX))
            corner = self.mapTo(self._over, QPoint(bar.width(), 0))
            needed = max(height, self._notice.needed_height_px(taken))
            self._notice.setGeometry(corner.x(), corner.y(), taken, needed)
            self._notice.raise_()
        self._bar.setVisible(bar.width() > 0)
        self._bar.setGeometry(bar)

    # ---- Qt overrides ----

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width out."""
        super().resizeEvent(event)
        self._place()

    def moveEvent(self, event: QMoveEvent) -> None:
        """Take the notice along."""
        super().moveEvent(event)
        self._place()

    def showEvent(self, event: QShowEvent) -> None:
        """Put the notice where the window has this strip by now."""
        super().showEvent(event)
        self._place()
