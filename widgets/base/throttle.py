"""What is read rather than watched is shown a few times a second."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

READING_S = 0.5  # numbers that change so often are read no faster
_NEXT_S = 0.15  # by then the next would have asked


class Throttle(QObject):
    """Calls a function when asked, but no more often than it can be read.

    While it is asked again and again it costs no event of its own: each wakes a thread that a training could use.

    Parameters
    ----------
    show
        What is called.
    interval_s
        From one call to the next, at least.
    """

    def __init__(
        self, show: Callable[[], None], parent: QObject, interval_s: float = READING_S
    ) -> None:
        super().__init__(parent)
        self.interval_s = interval_s
        self._show = show
        self._shown_s = -float("inf")
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(self.now)

    @property
    def is_late(self) -> bool:
        """It was asked and has not called yet."""
        return self._late.isActive()

    def ask(self) -> None:
        """Call if it is time; else let the next to ask do so, or a timer if nobody does."""
        early_s = self._shown_s + self.interval_s - time.perf_counter()
        if early_s <= 0:
            self.now()
        elif not self._late.isActive():
            self._late.start(round(1000 * (early_s + _NEXT_S)))

    def soon(self) -> None:
        """Call as soon as what led to it is over."""
        self._late.start(0)

    def now(self) -> None:
        """Call whatever the time."""
        self._late.stop()
        self._shown_s = time.perf_counter()
        self._show()

    def forget(self) -> None:
        """Owe nothing; the next to ask is answered at once."""
        self._late.stop()
        self._shown_s = -float("inf")
