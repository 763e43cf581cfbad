"""A label for figures that change many times a second."""

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from widgets.steady_label import SteadyLabel


class Layouts(QObject):
    """Counts how often a widget is laid out anew, and keeps it alive."""

    def __init__(self, widget):
        super().__init__(widget)
        self.widget = widget
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


@pytest.fixture
def shown(qtbot):
    window, label = QWidget(), SteadyLabel()
    QHBoxLayout(window).addWidget(label)
    qtbot.addWidget(window)
    window.show()
    label.setText("iteration 1,000")
    QApplication.processEvents()
    return label, Layouts(window)


def test_a_text_that_has_room_lays_nothing_out(shown):
    label, layouts = shown
    before = label.grab().toImage()
    label.setText("iteration 999")
    QApplication.processEvents()
    assert label.text() == "iteration 999"
    assert layouts.count == 0
    assert label.grab().toImage() != before


def test_a_longer_text_gets_its_room(shown):
    label, layouts = shown
    width = label.sizeHint().width()
    label.setText("iteration 1,000,000,000")
    QApplication.processEvents()
    assert layouts.count > 0
    assert label.sizeHint().width() > width


def test_nothing_needs_no_room(shown):
    label, _ = shown
    width = label.sizeHint().width()
    label.clear()
    assert label.text() == ""
    assert label.sizeHint().width() < width


def test_markup_is_shown_as_it_is(shown):
    label, _ = shown
    label.setText("<b>loss</b>")
    assert label.text() == "<b>loss</b>"
    assert label.sizeHint().width() > label.fontMetrics().horizontalAdvance("<b>loss")
