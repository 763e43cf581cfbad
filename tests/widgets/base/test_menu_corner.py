import pytest
from PySide6.QtWidgets import QMainWindow

from widgets.base.menu_corner import MenuCorner


@pytest.fixture(params=[500, 1200])
def window(request, qtbot):
    made = QMainWindow()
    for title in ("File", "Edit", "View", "Network"):
        made.menuBar().addMenu(title)
    made.corner = MenuCorner(made.menuBar())
    qtbot.addWidget(made)
    made.resize(request.param, 200)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.mark.parametrize("name", ["Untitled", "A very long name of a project " * 8])
def test_the_text_takes_no_room_of_the_menus(window, name):
    menus = window.menuBar()
    places = [menus.actionGeometry(action) for action in menus.actions()]
    window.corner.show_text(name)
    assert [menus.actionGeometry(action) for action in menus.actions()] == places
    assert all(place.width() > 0 for place in places)
    assert window.corner.x() >= places[-1].right()
    assert window.corner.geometry().right() >= window.width() - 20
