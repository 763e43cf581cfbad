"""The system asks the window to end."""

import signal

import pytest

from app.system.endings import Endings
from app.system.signals import ENDING


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("number", ENDING)
def test_a_signal_of_the_system_reaches_an_idle_window(qapp, qtbot, number):
    before = signal.getsignal(number)
    endings = Endings(qapp)
    try:
        with qtbot.waitSignal(endings.asked):
            signal.raise_signal(number)
    finally:
        endings.close()
    assert signal.getsignal(number) == before
