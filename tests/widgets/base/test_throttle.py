"""A throttled call is not repeated too often, and its last one is never lost."""

import pytest
from PySide6.QtCore import QObject, QTimer

from widgets.base.throttle import Throttle


@pytest.fixture
def shown():
    return []


@pytest.fixture
def owner(qapp):
    return QObject()


def test_the_first_call_is_made_at_once_and_the_next_ones_wait(owner, shown):
    throttle = Throttle(lambda: shown.append(1), owner, 60.0)
    for _ in range(5):
        throttle.ask()
    assert len(shown) == 1
    throttle.now()
    assert len(shown) == 2


def test_the_last_call_is_made_although_nobody_asks_again(qtbot, owner, shown):
    throttle = Throttle(lambda: shown.append(1), owner, 0.01)
    throttle.ask()
    throttle.ask()
    qtbot.waitUntil(lambda: len(shown) == 2)


def test_calls_that_come_late_enough_are_made_at_once(owner, shown):
    throttle = Throttle(lambda: shown.append(1), owner, 0.0)
    for _ in range(3):
        throttle.ask()
    assert len(shown) == 3


def test_a_forgotten_call_is_not_made_and_the_next_one_at_once(owner, shown):
    throttle = Throttle(lambda: shown.append(1), owner, 60.0)
    throttle.ask()
    throttle.ask()
    throttle.forget()
    assert not owner.findChild(QTimer).isActive()
    throttle.ask()
    assert len(shown) == 2
