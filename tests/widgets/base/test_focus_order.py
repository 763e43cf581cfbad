"""The order of Tab: rows from top to bottom, whatever was made or scrolled when."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from widgets.base.focus_order import by_columns, controls, first_field, give_focus


@pytest.fixture
def page(qtbot):
    """Two rows of two fields made in another order, a scrolled column, a button below it."""
    made = QWidget()
    column = QVBoxLayout(made)
    grid = QGridLayout()
    for name, row, place in (("d", 1, 1), ("a", 0, 0), ("c", 1, 0), ("b", 0, 1)):
        grid.addWidget(field(name), row, place)
    column.addLayout(grid)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setFixedHeight(60)
    content = QWidget()
    inside = QVBoxLayout(content)
    for number in range(6):
        inside.addWidget(field(f"s{number}"))
    area.setWidget(content)
    column.addWidget(area)
    column.addWidget(QPushButton("end", objectName="end"))
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def field(name):
    return QLineEdit(objectName=name)


def names(widgets):
    return [widget.objectName() for widget in widgets]


ORDER = ["a", "b", "c", "d", "s0", "s1", "s2", "s3", "s4", "s5", "end"]


def test_rows_come_one_after_the_other_and_what_scrolls_at_its_place(page):
    assert names(controls(page)) == ORDER
    page.findChild(QScrollArea).verticalScrollBar().setValue(999)
    assert names(controls(page)) == ORDER


def test_what_cannot_take_the_keyboard_is_left_out(page):
    page.findChild(QLineEdit, "b").setEnabled(False)
    page.findChild(QLineEdit, "c").hide()
    page.findChild(QLineEdit, "d").setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    assert names(controls(page))[:2] == ["a", "s0"]
    assert first_field(page).objectName() == "a"
    assert first_field(QWidget()) is None


def test_the_focus_goes_around_both_ways_and_is_in_sight(page):
    page.findChild(QLineEdit, "a").setFocus()
    area = page.findChild(QScrollArea)
    for forward, order in ((True, [*ORDER[1:], "a"]), (False, ORDER[::-1])):
        for name in order:
            assert give_focus([page], forward)
            at = QApplication.focusWidget()
            assert at.objectName() == name
            if area.isAncestorOf(at):
                assert at.visibleRegion().boundingRect().height() > at.height() / 2


def test_what_has_the_focus_by_a_click_stands_before_its_controls(page):
    page.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    page.setFocus()
    assert give_focus([page], forward=True)
    assert QApplication.focusWidget().objectName() == "a"
    page.setFocus()
    assert give_focus([page], forward=False)
    assert QApplication.focusWidget().objectName() == "end"
    assert not give_focus([], forward=True)


def test_columns_go_from_left_to_right(qtbot):
    page = QWidget()
    places = {
        "middle": (100, 0),
        "below": (100, 200),
        "right": (300, 0),
        "left": (0, 50),
        "first": (0, 0),
    }
    zones = {}
    for name, (x, y) in places.items():
        zones[name] = QWidget(page, objectName=name)
        zones[name].setGeometry(x, y, 90, 40)
    qtbot.addWidget(page)
    ordered = names(by_columns(zones.values(), zones["middle"]))
    assert ordered == ["first", "left", "middle", "below", "right"]
