"""Limit how often a function is called: numbers in text change only as fast as they can be read."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

READING_S = 0.5  # shortest time between updates of a number in text
_NEXT_S = 0.15  # extra wait of the timer, so that a next call comes first


class Throttle(QObject):
    """Calls a function when asked, but not more often than once an interval.

    While calls keep coming it needs no timer events, which would take processor time from a training.

    Parameters
    ----------
    show
        The function.
    interval_s
        Shortest time between two calls.
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

    def ask(self) -> None:
        """Call if the interval is over; otherwise the next `ask` does, or a timer if none follows."""
        early_s = self._shown_s + self.interval_s - time.perf_counter()
        if early_s <= 0:
            self.now()
        elif not self._late.isActive():
            self._late.start(round(1000 * (early_s + _NEXT_S)))

    def soon(self) -> None:
        """Call when control returns to the event loop."""
        self._late.start(0)

    def now(self) -> None:
        """Call at once."""
        self._late.stop()
        self._shown_s = time.perf_counter()
        self._show()

    def forget(self) -> None:
        """Drop a pending call; the next `ask` calls at once."""
        self._late.stop()
        self._shown_s = -float("inf")
