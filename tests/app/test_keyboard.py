"""The program without a mouse: every control is reached, and shows that it is."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QTabBar, QWidget

from app import bootstrap, heavy
from app.main_window import PAGES
from app.studio import EngineFacts
from widgets.theme import THEMES

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
    qtbot.waitUntil(lambda: made.program.studio.data is not None)
    yield made
    assert made.program.end(30)
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


def picture(widget):
    return widget.grab().toImage()


@pytest.mark.parametrize("page", PAGES)
def test_tab_reaches_every_control_of_a_page(window, page):
    window.program.actions[f"view.page.{page}"].trigger()
    window.panels.canvas.select(["conv2d"])
    reached = walk(window)
    kinds = (QAbstractButton, QLineEdit, QTabBar)
    for control in window.findChildren(QWidget):
        is_control = isinstance(control, kinds) or control.focusPolicy() & Qt.FocusPolicy.TabFocus
        is_help = control.objectName().startswith("help.")  # the field beside it tells the same
        is_part = control.focusProxy() is not None or "spinbox" in control.objectName()
        choice = getattr(control, "autoExclusive", lambda: False)()  # arrows choose among them
        if (
            is_control
            and control.isVisible()
            and control.isEnabled()
            and not (is_help or is_part or choice)
        ):
            assert control in reached, f"{type(control).__name__} {control.objectName()}"


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


def test_a_block_is_chosen_and_its_settings_are_reached_by_keys(window, qtbot):
    window.program.actions["view.page.studio"].trigger()
    canvas = window.panels.canvas
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
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
