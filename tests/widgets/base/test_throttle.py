"""What is read rather than watched is shown a few times a second, and never forgotten."""

import pytest
from PySide6.QtCore import QObject

from widgets.base.throttle import Throttle


@pytest.fixture
def shown():
    return []


@pytest.fixture
def owner(qapp):
    return QObject()


def test_the_first_to_ask_is_answered_at_once_and_the_next_ones_wait(owner, shown):
    calm = Throttle(lambda: shown.append(1), owner, 60.0)
    for _ in range(5):
        calm.ask()
    assert len(shown) == 1
    assert calm.is_late
    calm.now()
    assert len(shown) == 2
    assert not calm.is_late


def test_the_last_to_ask_is_answered_although_nobody_asks_again(qtbot, owner, shown):
    calm = Throttle(lambda: shown.append(1), owner, 0.01)
    calm.ask()
    calm.ask()
    qtbot.waitUntil(lambda: len(shown) == 2 and not calm.is_late)


def test_who_asks_in_time_needs_no_timer(owner, shown):
    calm = Throttle(lambda: shown.append(1), owner, 0.0)
    for _ in range(3):
        calm.ask()
        assert not calm.is_late
    assert len(shown) == 3


def test_what_is_forgotten_is_not_shown(owner, shown):
    calm = Throttle(lambda: shown.append(1), owner, 60.0)
    calm.ask()
    calm.ask()
    calm.forget()
    assert not calm.is_late
    calm.ask()
    assert len(shown) == 2
