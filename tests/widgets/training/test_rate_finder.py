import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from engine.training.diagnose.rate_range import RangeResult
from tests.widgets.plots.plot_items import marked
from widgets.training.rate_finder import RateFinder

RATES = np.geomspace(1e-7, 1e-1, 50)
FOUND = RangeResult(RATES, np.ones(50), np.ones(50), 0.00123456)
NOTHING = RangeResult(RATES, np.ones(50), np.ones(50))


@pytest.fixture
def finder(qtbot):
    finder = RateFinder()
    qtbot.addWidget(finder)
    finder.show()
    return finder


def part(finder, name):
    return finder.findChild(QWidget, f"rate_finder.{name}")


def press(qtbot, finder, name):
    qtbot.mouseClick(part(finder, name), Qt.MouseButton.LeftButton)


def test_a_suggestion_is_taken_over_with_one_click(finder, qtbot):
    finder.show_running()
    assert not part(finder, "use").isEnabled()
    finder.show_found(FOUND)
    assert "0.0012" in part(finder, "text").text()
    assert part(finder, "use").text() == "&Use 0.0012"
    with qtbot.waitSignal(finder.rate_chosen) as chosen:
        press(qtbot, finder, "use")
    assert chosen.args == [0.0012]
    assert not finder.isVisible()


def test_nothing_to_suggest_is_one_sentence_and_can_be_tried_again(finder, qtbot):
    finder.show_running()
    finder.show_found(NOTHING)
    assert part(finder, "text").text().count(".") == 1
    assert not part(finder, "use").isEnabled()
    with qtbot.waitSignal(finder.started):
        press(qtbot, finder, "again")


def test_a_running_test_can_be_stopped_and_closing_stops_it(finder, qtbot):
    finder.show_running()
    with qtbot.waitSignal(finder.stopped):
        press(qtbot, finder, "again")
    with qtbot.waitSignal(finder.stopped):
        press(qtbot, finder, "close")
    finder.show_ended("The test was stopped.")
    finder.show()
    with qtbot.assertNotEmitted(finder.stopped):
        press(qtbot, finder, "close")


def test_a_suggestion_before_does_not_outlive_the_next_test(finder):
    finder.show_found(FOUND)
    finder.show_waiting("Waiting for the data …")
    finder.show_empty()
    assert part(finder, "text").text() == "Waiting for the data …"
    assert not part(finder, "use").isEnabled()
    assert marked(finder.plot) is None
