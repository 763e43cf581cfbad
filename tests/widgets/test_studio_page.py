"""The Studio page's docks: in tabs at first, then where they were."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QLabel, QTabBar, QWidget

from widgets.studio_page import StudioPage

AREA = Qt.DockWidgetArea
USUAL = [["a", "b"], ["c", "d"]]


@pytest.fixture
def make(qtbot):
    def made():
        areas = {"a": AREA.LeftDockWidgetArea, "b": AREA.LeftDockWidgetArea,
                 "c": AREA.BottomDockWidgetArea, "d": AREA.BottomDockWidgetArea}  # fmt: skip
        page = StudioPage(QWidget(), tuple((n, n, area, QLabel(n)) for n, area in areas.items()))
        page.set_usual_groups((("a", "b"), ("c", "d")))
        page.set_usual_sizes({"a": 200}, {"c": 150})
        qtbot.addWidget(page)
        page.resize(800, 600)
        return page

    return made


def tabs(page):
    """Return the titles of each tab bar that is seen."""
    bars = [bar for bar in page.findChildren(QTabBar) if bar.isVisible()]
    return sorted([bar.tabText(n) for n in range(bar.count())] for bar in bars)


def test_docks_share_places_and_no_tab_bar_stands_alone(make, qtbot):
    page = make()
    page.show()
    qtbot.waitUntil(lambda: tabs(page) == USUAL)


def test_a_layout_is_the_same_when_the_page_is_shown_again(make, qtbot):
    first = make()
    first.show()
    first.docks["b"].setFloating(True)
    first.docks["d"].hide()
    text = first.layout_text()
    second = make()
    second.restore_layout(text)
    assert second.layout_text() == text  # kept although the page was never seen
    second.show()
    assert second.docks["b"].isFloating()
    assert second.docks["d"].isHidden()


def test_a_layout_that_is_nonsense_leaves_the_usual_one(make, qtbot):
    page = make()
    page.restore_layout("nonsense")
    page.show()
    qtbot.waitUntil(lambda: tabs(page) == USUAL)


def test_what_lies_behind_a_tab_is_hidden_and_keeps_its_room(make, qtbot):
    """Qt moves such docks out of sight and calls them visible; their widgets would go on working for nobody."""
    page = make()
    page.show()
    labels = {name: page.findChild(QDockWidget, name).findChild(QLabel) for name in "abcd"}

    def seen():
        return {name for name, label in labels.items() if label.isVisible()}

    qtbot.waitUntil(lambda: seen() == {"a", "c"} and page.docks["a"].width() == 200)
    sizes = [page.docks[name].size() for name in "ac"]
    page.docks["b"].raise_()
    qtbot.waitUntil(lambda: seen() == {"b", "c"})
    page.docks["a"].raise_()
    page.docks["c"].close()
    qtbot.waitUntil(lambda: seen() == {"a", "d"})
    page.docks["c"].show()
    page.docks["c"].raise_()
    qtbot.waitUntil(lambda: seen() == {"a", "c"})
    assert [page.docks[name].size() for name in "ac"] == sizes
