"""The program without a mouse: every control is reached, and shows that it is."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTabBar,
    QWidget,
)

from app import bootstrap, heavy
from app.shell.main_window import PAGES
from engine.machine.facts import EngineFacts
from tests.patience import PATIENCE_S
from widgets.base.theme import THEMES

_MOST_STEPS = 300


@pytest.fixture
def window(qtbot, monkeypatch):
    monkeypatch.setattr(heavy, "load_tensorflow", lambda: EngineFacts("3", "2", ("cpu",)))
    monkeypatch.setattr(heavy.Shapes, "facts", lambda *_arguments: {})
    bootstrap.make_application()
    made = bootstrap.build(None)
    made.resize(1280, 800)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    # QTest goes on holding the button of the last double click, even from another test.
    QTest.mouseRelease(made, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: made.program.app_model.data is not None)
    yield made
    assert made.program.end(PATIENCE_S)
    made.may_close = lambda: True
    made.close()
    made.deleteLater()


def walk(window):
    """Return what Tab reaches, in order, once around."""
    reached = []
    while len(reached) < _MOST_STEPS:
        at = QApplication.focusWidget()
        assert at is not None
        if at in reached:
            return reached
        reached.append(at)
        QTest.keyClick(at, Qt.Key.Key_Tab)
    raise AssertionError("Tab comes to no end")


def parents(widget):
    while widget.parentWidget() is not None:
        widget = widget.parentWidget()
        yield widget


def picture(widget):
    return widget.grab().toImage()


@pytest.mark.parametrize("page", PAGES)
def test_tab_reaches_every_control_of_a_page(window, page):
    window.program.actions[f"view.page.{page}"].trigger()
    window.panels.canvas.select(["conv2d"])
    reached = walk(window)
    page_of_docks = window.studio_page
    behind = [
        dock
        for dock in page_of_docks.docks.values()
        if not page_of_docks.rect().intersects(dock.geometry())
    ]
    kinds = (QAbstractButton, QLineEdit, QTabBar)
    for control in window.findChildren(QWidget):
        is_control = isinstance(control, kinds) or control.focusPolicy() & Qt.FocusPolicy.TabFocus
        is_help = control.objectName().startswith("help.")  # the field beside it tells the same
        is_part = control.focusProxy() is not None or "spinbox" in control.objectName()
        choice = getattr(control, "autoExclusive", lambda: False)()  # arrows choose among them
        if is_help or is_part or choice or any(dock.isAncestorOf(control) for dock in behind):
            continue
        if is_control and control.isVisible() and control.isEnabled():
            assert control in reached, f"{type(control).__name__} {control.objectName()}"


def test_tab_goes_through_the_studio_as_the_eye_does(window):
    window.program.actions["view.page.studio"].trigger()
    window.panels.canvas.select(["conv2d"])
    names = [control.objectName() for control in walk(window)]
    wanted = ["rail.data", "toolbar.train_button", "palette.search", "field.training.learning_rate",
              "start.weights"]  # fmt: skip
    later = ["canvas", "field.conv2d.name", "field.conv2d.filters", "field.conv2d.padding"]
    for order in (wanted, later):
        assert sorted(order, key=names.index) == order
    back = [QApplication.focusWidget().objectName()]
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab)
    back.append(QApplication.focusWidget().objectName())
    assert back == [names[0], names[-1]]


def test_a_field_that_gets_the_focus_is_scrolled_into_view(window):
    window.resize(1000, 560)
    window.program.actions["view.page.studio"].trigger()
    for control in walk(window):
        control.setFocus(Qt.FocusReason.OtherFocusReason)
        QTest.keyClick(control, Qt.Key.Key_Tab)
        at = QApplication.focusWidget()
        corner = at.mapTo(window, QPoint())
        assert window.rect().contains(corner), at.objectName()
        area = next((p for p in parents(at) if isinstance(p, QScrollArea)), None)
        if area is not None:
            assert area.viewport().rect().contains(at.mapTo(area.viewport(), QPoint(1, 1)))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("page", PAGES)
def test_every_control_looks_different_with_the_focus(window, page, theme):
    window.program.theming.apply(theme)
    window.program.actions[f"view.page.{page}"].trigger()
    window.panels.canvas.select(["conv2d"])
    ring = THEMES[theme].accent
    for control in walk(window):
        window.setFocus(Qt.FocusReason.OtherFocusReason)
        without = picture(control)
        control.setFocus(Qt.FocusReason.TabFocusReason)
        with_focus = picture(control)
        assert with_focus != without, control.objectName()
        y = with_focus.height() // 2
        ratio = with_focus.devicePixelRatio()
        edges = (0, round(ratio), with_focus.width() - 1)
        assert {with_focus.pixelColor(x, y).name() for x in edges} == {ring}, control.objectName()


@pytest.mark.parametrize(("page", "name"), [("studio", "canvas"), ("data", "field.data.source"),
                                            ("export", "field.export.format.keras")])  # fmt: skip
def test_the_key_of_a_page_gives_the_keyboard_to_what_is_worked_with(window, page, name):
    QTest.keyClick(window, Qt.Key.Key_1 + PAGES.index(page), Qt.KeyboardModifier.ControlModifier)
    assert window.page == page
    focused = QApplication.focusWidget()
    assert focused.objectName() == name
    assert focused.findChild(QWidget, "focus_ring").isVisible()


def test_a_page_chosen_by_mouse_shows_the_focus_with_the_first_key(window, monkeypatch):
    monkeypatch.setattr(window._rail, "underMouse", lambda: True)
    QTest.mouseClick(window.findChild(QWidget, "rail.studio"), Qt.MouseButton.LeftButton)
    canvas = window.panels.canvas
    assert QApplication.focusWidget() is canvas
    ring = canvas.findChild(QWidget, "focus_ring")
    assert ring.isHidden()
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert ring.isVisible()


def test_a_page_without_one_gives_the_keyboard_to_its_first_field(window):
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert window.page == "classify"
    at = QApplication.focusWidget()
    page = window.panels.classify
    assert at is page or page.isAncestorOf(at)


def test_a_block_is_chosen_and_its_settings_are_reached_by_keys(window, qtbot):
    window.program.actions["view.page.studio"].trigger()
    canvas = window.panels.canvas
    for key in (*[Qt.Key.Key_Down] * 3, Qt.Key.Key_Return):
        QTest.keyClick(canvas, key)
    assert canvas.selected_ids() == ("conv2d",)
    field = QApplication.focusWidget()
    assert window.studio_page.docks["dock.layer"].widget().isAncestorOf(field)
    assert field.findChild(QWidget, "focus_ring") is not None


def test_the_mouse_shows_the_focus_where_one_writes_only(window):
    canvas = window.panels.canvas
    window.setFocus()
    QTest.mouseClick(
        canvas.viewport(), Qt.MouseButton.LeftButton, pos=canvas.rect().bottomRight() / 2
    )
    assert QApplication.focusWidget() is canvas
    ring = canvas.findChild(QWidget, "focus_ring")
    assert ring.isHidden()
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert ring.isVisible()
    search = window.findChild(QLineEdit, "palette.search")
    QTest.mouseClick(search, Qt.MouseButton.LeftButton)
    assert search.findChild(QWidget, "focus_ring") is not None


def test_the_list_of_keys_holds_those_of_canvas_and_plots(window):
    window.program.actions["help.shortcuts"].trigger()
    palette = window.findChild(QWidget, "command_palette")
    search = window.findChild(QLineEdit, "command_palette.search")
    model = window.findChild(QAbstractItemView, "command_palette.list").model()
    for typed, first in (
        ("canvas wire", "Canvas: Select a wire"),
        ("plot", "Plot: Read the values"),
    ):
        search.setText(typed)
        rows = [model.index(row, 0).data() for row in range(model.rowCount())]
        assert any(text.startswith(first) for text in rows), rows
    palette.reject()


def test_a_focus_that_passes_on_from_what_was_clicked_off_is_not_shown(window):
    window.program.actions["view.page.export"].trigger()
    browse = window.findChild(QPushButton, "export.browse")
    browse.clicked.disconnect()
    browse.clicked.connect(lambda: browse.setEnabled(False))
    QTest.mouseClick(browse, Qt.MouseButton.LeftButton)
    at = QApplication.focusWidget()
    assert at is not browse
    ring = at.findChild(QWidget, "focus_ring")
    assert ring is None or ring.isHidden() or isinstance(at, QLineEdit)


def test_a_focus_that_passes_on_from_what_was_clicked_away_is_not_shown(window, qtbot):
    notice = window.panels.notice
    notice.show_notice("What is next?", (("go", "Go"),))
    notice.chosen.connect(lambda _answer: notice.clear())
    go = notice.findChild(QPushButton, "notice.go")
    QTest.mouseClick(go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not notice.isVisible())
    at = QApplication.focusWidget()
    assert at is not None
    assert at is not go
    ring = at.findChild(QWidget, "focus_ring")
    assert ring is None or ring.isHidden()


def test_the_menu_bar_has_its_own_way_to_show_where_one_is(window):
    window.menuBar().setFocus()
    assert QApplication.focusWidget() is window.menuBar()
    assert window.menuBar().findChild(QWidget, "focus_ring") is None
