"""The Studio page's docks: in tabs at first, then where they were."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QTabBar, QWidget

from widgets.shell.studio_page import Share, StudioPage

AREA = Qt.DockWidgetArea
USUAL = [["a", "b"], ["c", "d"]]


@pytest.fixture
def make(qtbot):
    def made(without=""):
        areas = {"a": AREA.LeftDockWidgetArea, "b": AREA.LeftDockWidgetArea,
                 "c": AREA.BottomDockWidgetArea, "d": AREA.BottomDockWidgetArea}  # fmt: skip
        areas.pop(without, None)
        page = StudioPage(QWidget(), tuple((n, n, area, QLabel(n)) for n, area in areas.items()))
        page.set_usual_groups(
            tuple(tuple(name for name in group if name != without) for group in USUAL)
        )
        page.set_usual_sizes({"a": Share(0.3, 200, 400)}, {"c": Share(0.25)})
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


def test_a_dock_that_a_kept_layout_does_not_know_lies_behind_its_group(make, qtbot):
    old = make(without="b")
    old.show()
    qtbot.waitUntil(lambda: tabs(old) == [["c", "d"]])
    page = make()
    page.restore_layout(old.layout_text())
    page.show()
    qtbot.waitUntil(lambda: tabs(page) == USUAL)
    assert not page.docks["b"].visibleRegion().boundingRect().width()
    assert page.docks["a"].height() > 0.7 * page.height()


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

    qtbot.waitUntil(lambda: seen() == {"a", "c"} and room_px(page)[1] == 150)
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


def room_px(page):
    """Return the width left of the canvas, and the height below it with its tabs."""
    return page.docks["a"].width(), page.height() - page.docks["c"].y()


def drag_separator(page, start, step):
    """Drag the separator at a point of the page."""
    QTest.mouseMove(page, start)
    QTest.mousePress(page, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.5, 1.0):
        QTest.mouseMove(page, start + step * share)
        QApplication.processEvents()  # Qt moves the separator when it has time
    QTest.mouseRelease(page, Qt.MouseButton.LeftButton, pos=start + step)


def test_docks_keep_their_share_of_the_page(make, qtbot):
    """A window made small and then large kept narrow docks."""
    page = make()
    page.resize(1000, 800)
    page.show()
    qtbot.waitUntil(lambda: room_px(page) == (300, 200))
    page.resize(500, 400)
    qtbot.waitUntil(lambda: room_px(page)[1] == 100)
    page.resize(1000, 800)
    qtbot.waitUntil(lambda: room_px(page) == (300, 200))
    page.resize(2000, 1200)
    qtbot.waitUntil(lambda: room_px(page) == (400, 300))  # no wider than it may be


def test_what_a_separator_was_dragged_to_is_kept_as_a_share(make, qtbot):
    page = make()
    page.resize(1000, 800)
    page.show()
    qtbot.waitUntil(lambda: room_px(page) == (300, 200))
    drag_separator(page, QPoint(page.docks["a"].geometry().right() + 2, 100), QPoint(100, 0))
    qtbot.waitUntil(lambda: room_px(page) == (400, 200))
    page.resize(1500, 800)
    qtbot.waitUntil(lambda: room_px(page) == (600, 200))
    again = make()
    again.restore_layout(page.layout_text())
    again.resize(1250, 1000)
    again.show()
    qtbot.waitUntil(lambda: room_px(again) == (500, 250))


def test_a_reset_brings_back_places_tabs_and_sizes(make, qtbot):
    page = make()
    page.resize(1000, 800)
    page.show()
    qtbot.waitUntil(lambda: room_px(page) == (300, 200))
    drag_separator(page, QPoint(page.docks["a"].geometry().right() + 2, 100), QPoint(-40, 0))
    page.docks["b"].setFloating(True)
    page.docks["d"].close()
    page.addDockWidget(AREA.RightDockWidgetArea, page.docks["c"])
    page.reset_layout()
    qtbot.waitUntil(lambda: tabs(page) == USUAL and room_px(page) == (300, 200))
    assert not page.docks["b"].isFloating()
    assert page.dockWidgetArea(page.docks["c"]) == AREA.BottomDockWidgetArea
    page.resize(800, 600)
    qtbot.waitUntil(lambda: room_px(page) == (252, 150))


def test_a_reset_before_the_page_was_seen_forgets_what_was_kept(make, qtbot):
    first = make()
    first.show()
    first.docks["d"].close()
    second = make()
    second.restore_layout(first.layout_text())
    second.reset_layout()
    second.show()
    qtbot.waitUntil(lambda: tabs(second) == USUAL)


@pytest.mark.parametrize("text", ["Horizontal/a/nonsense", "Up/a/0.5", "Vertical/nobody/0.5", ""])
def test_a_share_that_is_nonsense_leaves_the_usual_one(make, qtbot, text):
    page = make()
    page.resize(1000, 800)
    page.show()
    page.restore_layout(f"{page.layout_text()};{text}")
    qtbot.waitUntil(lambda: room_px(page) == (300, 200))
