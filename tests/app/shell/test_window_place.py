"""Where the window stands: never larger than its screen, never where no screen is."""

import pytest
from PySide6.QtCore import QRect

from app import bootstrap, heavy
from app.shell.window_place import first_place, fitted
from engine.machine.facts import EngineFacts
from tests.patience import PATIENCE_S

LAPTOP = QRect(0, 0, 1366, 728)
SMALL = QRect(0, 24, 1024, 576)
DESKTOP = QRect(0, 0, 1920, 1040)
LARGE = QRect(0, 0, 3840, 2100)


@pytest.mark.parametrize("screen", [LAPTOP, SMALL, DESKTOP, LARGE])
def test_the_first_window_is_on_its_screen_and_in_the_middle(screen):
    place = first_place(screen)
    assert screen.contains(place)
    assert place.top() - screen.top() >= 40  # its title bar too
    assert abs(place.center().x() - screen.center().x()) <= 1


def test_a_large_screen_has_a_larger_first_window():
    assert first_place(LAPTOP).size().toTuple() == (1280, 688)
    assert first_place(DESKTOP).size().toTuple() == (1536, 800)
    assert first_place(LARGE).size().toTuple() == (1600, 1000)


def test_a_remembered_place_is_kept_where_a_screen_is():
    place = QRect(2000, 100, 1200, 700)
    beside = QRect(1920, 0, 1920, 1040)
    assert fitted(place, [DESKTOP, beside]) == place
    assert fitted(place.translated(900, 0), [DESKTOP, beside]) == place.translated(900, 0)


@pytest.mark.parametrize("place", [QRect(2000, 100, 1200, 700), QRect(300, -900, 1200, 700),
                                   QRect(-1190, 100, 1200, 700), QRect(100, 2000, 1200, 700)])  # fmt: skip
def test_a_place_whose_screen_is_gone_becomes_that_of_a_first_start(place):
    assert fitted(place, [DESKTOP]) == first_place(DESKTOP)


def test_a_window_too_large_for_its_screen_is_shrunk_onto_it():
    assert LAPTOP.contains(fitted(QRect(40, 60, 1900, 1000), [LAPTOP]))
    assert fitted(QRect(0, 0, 500, 400), []) == QRect(0, 0, 500, 400)


def test_what_the_status_line_says_never_makes_the_window_wider(qtbot, monkeypatch):
    monkeypatch.setattr(heavy, "load_tensorflow", lambda: EngineFacts("3", "2", ("cpu",)))
    monkeypatch.setattr(heavy.Shapes, "facts", lambda *_arguments: {})
    window = bootstrap.build(None)
    window.show()
    window.show_doing("Preparing something that takes long and has a long name …" * 3)
    window.show_summary("8 layers  ·  21,386,000 parameters, 319 M multiply-adds a sample" * 2)
    window.show_problems(("One.", "Two."))
    window.panels.meters.show_speed(0.014, 2270.0)
    window.panels.meters.show_device("gpu:0", "With XLA: faster")
    window.resize(900, 600)
    qtbot.waitUntil(lambda: window.width() == 900)
    assert window.minimumSizeHint().width() <= 847
    assert window.program.end(PATIENCE_S)
    window.may_close = lambda: True
    window.close()
    window.deleteLater()
