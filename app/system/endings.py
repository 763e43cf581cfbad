"""The system asks the window to end: a signal, or the end of the session."""

from __future__ import annotations

import signal
import socket

from PySide6.QtCore import QObject, QSocketNotifier, Signal
from PySide6.QtGui import QGuiApplication

from app.system.signals import ENDING


class Endings(QObject):
    """Turns the signals that end a program into signals of Qt; make one, on the main thread.

    Signals
    -------
    asked()
        The program is to end now.
    session_ending()
        The user's session ends: what is not on disk yet is to be written.
    """

    asked = Signal()
    session_ending = Signal()

    def __init__(self, application: QGuiApplication) -> None:
        super().__init__(application)
        # Python's own handlers wait until Python runs, which an idle window does not.
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)
        self._wakeup_before = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        found = {number: signal.getsignal(number) for number in ENDING}
        self._before = {number: h for number, h in found.items() if h != signal.SIG_IGN}
        for number in self._before:
            signal.signal(number, lambda _number, _frame: None)
        application.commitDataRequest.connect(lambda _manager: self.session_ending.emit())

    def close(self) -> None:
        """Leave the signals as they were."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wakeup_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()

    def _on_signal(self) -> None:
        self._reader.recv(64)
        self.asked.emit()
