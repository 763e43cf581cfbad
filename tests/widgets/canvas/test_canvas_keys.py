"""Editing by keys."""

import pytest
from canvas_examples import CHAIN, RESIDUAL, column, layers, wire
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget

from engine.spec.network import NetworkSpec
from widgets.canvas import KEYS, NetworkCanvas
from widgets.canvas.keyboard import key_of

NONE, CTRL, SHIFT, ALT, PAD = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.KeypadModifier,
)
Key = Qt.Key


@pytest.mark.parametrize(("sequence", "words"), KEYS)
def test_every_key_of_the_help_is_obeyed(sequence, words):
    combination = QKeySequence(sequence)[0]
    text = sequence if len(sequence) == 1 else ""
    event = QKeyEvent(
        QEvent.Type.KeyPress, combination.key(), combination.keyboardModifiers(), text
    )
    if sequence in ("Space", "Tab"):  # held; left to Qt
        return
    key = key_of(event)
    assert key is not None
    assert key.words == words
    assert callable(getattr(NetworkCanvas, key.method))


@pytest.mark.parametrize(
    ("key", "keys", "text", "method"),
    [
        (Key.Key_Plus, PAD, "+", "zoom_in"),
        (Key.Key_Plus, SHIFT, "+", "zoom_in"),
        (Key.Key_0, PAD, "0", "zoom_reset"),
        (Key.Key_Q, NONE, "q", None),
        (Key.Key_F, CTRL, "", None),
    ],
)
def test_other_keyboards(key, keys, text, method):
    found = key_of(QKeyEvent(QEvent.Type.KeyPress, key, keys, text))
    assert (found.method if found else None) == method


def test_arrows_walk_and_shift_extends(canvas, said):
    for _ in range(2):
        QTest.keyClick(canvas, Key.Key_Down)
    assert canvas.selected_ids() == ("conv",)
    QTest.keyClick(canvas, Key.Key_Down, SHIFT)
    QTest.keyClick(canvas, Key.Key_Down, SHIFT)
    assert canvas.selected_ids() == ("conv", "pool", "out")
    QTest.keyClick(canvas, Key.Key_Up)
    assert canvas.selected_ids() == ("pool",)
    assert said.requests() == []


@pytest.mark.parametrize("keys", [CTRL, ALT])
def test_nudging(canvas, said, keys):
    canvas.set_selected(["conv", "out"])
    QTest.keyClick(canvas, Key.Key_Right, keys)
    assert said.said == [("move_requested", (("conv", 8.0, 112.0), ("out", 8.0, 336.0)))]


def test_connecting_two_selected_blocks(canvas, said):
    canvas.show_network(RESIDUAL, column(RESIDUAL))
    canvas.set_selected(["add", "a"])
    QTest.keyClick(canvas, Key.Key_L)
    assert said.said == [("connect_requested", "a", "add", 2)]


def test_connecting_says_why_not(canvas, said):
    canvas.set_selected(["conv"])
    QTest.keyClick(canvas, Key.Key_L)
    assert canvas.message.text == "Select two blocks to connect them."
    upside_down = {name: (0.0, -112.0 * row) for row, name in enumerate(CHAIN.ids)}
    canvas.show_network(CHAIN, upside_down)
    canvas.set_selected(["conv", "out"])
    QTest.keyClick(canvas, Key.Key_L)
    assert "close a circle" in canvas.message.text
    assert said.said == []


@pytest.mark.parametrize(
    ("key", "keys", "request_name"),
    [
        (Key.Key_Delete, NONE, "delete_requested"),
        (Key.Key_Backspace, NONE, "delete_requested"),
        (Key.Key_C, CTRL, "copy_requested"),
        (Key.Key_X, CTRL, "cut_requested"),
        (Key.Key_D, CTRL, "duplicate_requested"),
        (Key.Key_V, CTRL, "paste_requested"),
        (Key.Key_A, NONE, "arrange_requested"),
        (Key.Key_N, NONE, "quick_add_requested"),
    ],
)
def test_requests_by_key(canvas, said, key, keys, request_name):
    canvas.set_selected(["conv"])
    QTest.keyClick(canvas, key, keys)
    assert [name for name, *_ in said.said] == [request_name]


def test_nothing_selected_nothing_asked(canvas, said):
    for key, keys in (
        (Key.Key_Delete, NONE),
        (Key.Key_C, CTRL),
        (Key.Key_X, CTRL),
        (Key.Key_D, CTRL),
    ):
        QTest.keyClick(canvas, key, keys)
    QTest.keyClick(canvas, Key.Key_Up, CTRL)
    assert said.said == []


def test_who_may_only_look_may_copy(canvas, said):
    canvas.set_read_only(True)
    canvas.set_selected(["conv"])
    for key, keys in (
        (Key.Key_Delete, NONE), (Key.Key_C, CTRL), (Key.Key_X, CTRL), (Key.Key_D, CTRL), (Key.Key_V, CTRL),
        (Key.Key_A, NONE), (Key.Key_L, NONE), (Key.Key_Up, ALT),
    ):  # fmt: skip
        QTest.keyClick(canvas, key, keys)
    assert said.said == [("copy_requested",)]


def test_ctrl_a_and_esc(canvas, said):
    QTest.keyClick(canvas, Key.Key_A, CTRL)
    QTest.keyClick(canvas, Key.Key_Escape)
    assert said.said == [("selection_changed", CHAIN.ids), ("selection_changed", ())]


def test_zoom_keys(canvas):
    QTest.keyClick(canvas, Key.Key_Plus)
    assert canvas.zoom == pytest.approx(1.2)
    QTest.keyClick(canvas, Key.Key_Minus)
    QTest.keyClick(canvas, Key.Key_Minus)
    assert canvas.zoom == pytest.approx(1 / 1.2)
    QTest.keyClick(canvas, Key.Key_0)
    assert canvas.zoom == pytest.approx(1.0)
    canvas.zoom_to(3.0)
    QTest.keyClick(canvas, Key.Key_F)
    assert canvas.zoom == pytest.approx(1.0)


def test_n_adds_below_the_selected_block(canvas, said):
    canvas.set_selected(["conv"])
    QTest.keyClick(canvas, Key.Key_N)
    search = QApplication.focusWidget()
    assert search.objectName() == "canvas.quick_add.search"
    QTest.keyClicks(search, "bn")
    QTest.keyClick(search, Key.Key_Return)
    assert said.said[-1] == ("add_requested", "BatchNormalization", 0.0, 224.0, "conv")
    assert QApplication.focusWidget() is canvas


def test_esc_closes_the_list(canvas, said):
    QTest.keyClick(canvas, Key.Key_N)
    QTest.keyClick(QApplication.focusWidget(), Key.Key_Escape)
    assert not canvas.findChild(QWidget, "canvas.quick_add").isVisible()
    assert [name for name, *_ in said.said] == ["quick_add_requested"]


@pytest.mark.parametrize(
    ("selected", "words"),
    [((), "lambda"), (("conv",), "inputlayer")],
    ids=["unsupported kind", "behind another, one that takes nothing"],
)
def test_what_cannot_be_placed_is_not_offered(canvas, said, selected, words):
    canvas.set_selected(selected)
    QTest.keyClick(canvas, Key.Key_N)
    search = QApplication.focusWidget()
    QTest.keyClicks(search, words)
    QTest.keyClick(search, Key.Key_Return)
    assert [name for name, *_ in said.said] == ["quick_add_requested"]
    QTest.keyClick(search, Key.Key_Escape)


def test_keys_on_an_empty_canvas_do_no_harm(canvas, said):
    canvas.show_network(NetworkSpec(), {})
    for sequence, _ in KEYS:
        combination = QKeySequence(sequence)[0]
        QTest.keyClick(canvas, combination.key(), combination.keyboardModifiers())
    allowed = {"paste_requested", "quick_add_requested"}
    assert {name for name, *_ in said.said} <= allowed


def test_arrows_go_sideways_between_branches_and_else_along_the_wires(canvas):
    QTest.keyClick(canvas, Key.Key_Right)
    QTest.keyClick(canvas, Key.Key_Right)
    assert canvas.selected_ids() == ("conv",)
    QTest.keyClick(canvas, Key.Key_Left)
    assert canvas.selected_ids() == ("input",)
    places = {**column(CHAIN), "pool": (300.0, 112.0)}
    canvas.show_network(CHAIN, places)
    canvas.set_selected(["conv"])
    QTest.keyClick(canvas, Key.Key_Right)
    assert canvas.selected_ids() == ("pool",)
    QTest.keyClick(canvas, Key.Key_Left)
    assert canvas.selected_ids() == ("conv",)


def test_wires_are_reached_and_deleted_by_keys(canvas, said):
    canvas.set_selected(["conv"])
    QTest.keyClick(canvas, Key.Key_W)
    assert canvas.selected_wires() == (wire("conv", "pool"),)
    assert canvas.selected_ids() == ()
    assert "wire from conv to pool" in canvas.accessibleDescription()
    QTest.keyClick(canvas, Key.Key_W)
    assert canvas.selected_wires() == (wire("input", "conv"),)
    QTest.keyClick(canvas, Key.Key_Right)
    assert canvas.selected_wires() == (wire("conv", "pool"),)
    QTest.keyClick(canvas, Key.Key_Delete)
    assert said.said[-1] == ("delete_requested", (), (wire("conv", "pool"),))
    QTest.keyClick(canvas, Key.Key_Down)
    assert canvas.selected_ids() == ("pool",)
    QTest.keyClick(canvas, Key.Key_W, SHIFT)
    QTest.keyClick(canvas, Key.Key_Up)
    assert canvas.selected_ids() == ("conv",)


def test_enter_asks_for_the_settings(canvas, qtbot):
    asked = []
    canvas.settings_requested.connect(lambda: asked.append(1))
    QTest.keyClick(canvas, Key.Key_Return)
    assert not asked  # nothing is selected
    canvas.set_selected(["conv"])
    QTest.keyClick(canvas, Key.Key_Return)
    assert asked == [1]


def test_tab_leaves_the_canvas(canvas, qtbot):
    page, field = QWidget(), QLineEdit()
    row = QHBoxLayout(page)
    row.addWidget(canvas)
    row.addWidget(field)
    qtbot.addWidget(page)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    canvas.set_selected(["conv"])
    canvas.setFocus()
    QTest.keyClick(canvas, Key.Key_Tab)
    assert QApplication.focusWidget() is field
    canvas.setParent(None)


def test_single_blocks_have_no_neighbours(canvas):
    alone = NetworkSpec(layers=layers(x="Dense"))
    canvas.show_network(alone, column(alone))
    for key in (Key.Key_Up, Key.Key_Down, Key.Key_Left, Key.Key_Right):
        QTest.keyClick(canvas, key)
        assert canvas.selected_ids() == ("x",)
