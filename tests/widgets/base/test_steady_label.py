"""A label for figures that change many times a second."""

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from widgets.base.steady_label import SteadyLabel


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


def test_a_text_that_came_while_there_was_more_room_is_not_cut(qtbot):
    """The weights' title came while its panel was hidden and wide."""
    window, label = QWidget(), SteadyLabel()
    label.setWordWrap(True)
    column = QVBoxLayout(window)
    column.addWidget(label)
    column.addStretch(1)
    qtbot.addWidget(window)
    window.resize(900, 300)
    window.show()
    label.setText("conv2d · kernel 3 × 3 × 1 × 32 · step 1,240 · −0.561 … 0.459")
    QApplication.processEvents()
    label.setText("conv2d · kernel 3 × 3 × 1 × 32 · step 1,280 · −0.561 … 0.459 ")
    window.resize(180, 300)
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()))
    needed = label.fontMetrics().boundingRect(
        0, 0, label.width(), 999, Qt.TextFlag.TextWordWrap.value, label.text()
    )
    assert label.height() >= needed.height() > 2 * label.fontMetrics().height()
