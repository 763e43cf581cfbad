"""Inserting, changing kinds, port names and the overview: each asks once and changes nothing itself."""

import pytest
from canvas_examples import CHAIN, KINDS, RESIDUAL, chain, column, layers, wire
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from engine.spec.network import NetworkSpec
from widgets.base.theme import DARK, LIGHT
from widgets.canvas import InputPort

LEFT = Qt.MouseButton.LeftButton
LOOSE = NetworkSpec(layers=(*CHAIN.layers, *layers(loose="Dense")), wires=CHAIN.wires)


def drag(canvas, start, end, *, let_go=True):
    QTest.mousePress(canvas.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, start)
    for place in ((start + end) / 2, end):
        QTest.mouseMove(canvas.viewport(), place)
    if let_go:
        QTest.mouseRelease(canvas.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, end)


def choose(words):
    QTest.keyClicks(QApplication.focusWidget(), words)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)


@pytest.fixture
def loose(canvas):
    canvas.show_network(LOOSE, {**column(CHAIN), "loose": (240.0, 0.0)})
    canvas.fit()
    return canvas


# ---- Into a wire ----


def test_a_loose_block_dropped_on_a_wire_asks_to_go_into_it(loose, said):
    between = wire("conv", "pool")
    at = loose.wire_center(between)
    drag(loose, loose.block_center("loose"), at, let_go=False)
    assert loose.graph.wires[between].hovered
    QTest.mouseRelease(loose.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, at)
    assert said.requests() == [("insert_requested", "loose", between)]
    assert not loose.graph.wires[between].hovered


def test_a_wired_block_dropped_on_a_wire_only_moves(loose, said):
    drag(loose, loose.block_center("out"), loose.wire_center(wire("conv", "pool")))
    assert [name for name, *_ in said.requests()] == ["move_requested"]


def test_esc_leaves_block_and_wire_alone(loose, said):
    between = wire("conv", "pool")
    drag(loose, loose.block_center("loose"), loose.wire_center(between), let_go=False)
    QTest.keyClick(loose, Qt.Key.Key_Escape)
    assert said.requests() == []
    assert not loose.graph.wires[between].hovered
    assert loose.graph.blocks["loose"].x() == 240.0


def test_a_selected_wire_takes_what_is_typed(canvas, said):
    between = wire("conv", "pool")
    QTest.mouseClick(
        canvas.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, canvas.wire_center(between)
    )
    assert canvas.selected_wires() == (between,)
    QTest.keyClick(canvas, Qt.Key.Key_N)
    choose("bn")
    asked = said.requests()[-1]
    assert asked[:2] == ("add_requested", "BatchNormalization")
    assert asked[4] == between


def test_a_wire_pulled_up_to_nothing_asks_for_its_source(canvas, said):
    canvas.show_network(RESIDUAL, column(RESIDUAL))
    canvas.fit()
    start = canvas.port_position("add", "in", 2)
    drag(canvas, start, start + QPoint(120, -20))
    assert said.requests()[-1][3] == InputPort("add", 2)
    choose("dense")
    assert said.requests()[-1][:2] == ("add_requested", "Dense")
    assert said.requests()[-1][4] == InputPort("add", 2)


# ---- Other kinds ----


def test_k_changes_the_kind_of_the_selection(canvas, said):
    QTest.keyClick(canvas, Qt.Key.Key_K)
    assert said.said == []
    canvas.set_selected(["conv", "pool"])
    QTest.keyClick(canvas, Qt.Key.Key_K)
    assert QApplication.focusWidget().placeholderText() == "Change the kind"
    choose("dense")
    assert said.said == [("swap_requested", ("conv", "pool"), "Dense")]
    QTest.keyClick(canvas, Qt.Key.Key_N)
    assert QApplication.focusWidget().placeholderText() == "Add a layer"
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)


def test_who_may_only_look_changes_no_kind(canvas, said):
    canvas.set_read_only(True)
    canvas.set_selected(["conv"])
    QTest.keyClick(canvas, Qt.Key.Key_K)
    assert not canvas.findChild(QWidget, "canvas.quick_add").isVisible()


# ---- Port names ----


def names(canvas):
    from widgets.canvas.port_names import PortNames

    shown = [item for item in canvas.graph.items() if isinstance(item, PortNames)]
    return [name for item in shown for name, _box in item.names]


def test_ports_are_named_while_a_wire_is_led_to_them(canvas):
    attention = [kind if kind.name != "MultiHeadAttention" else _named(kind) for kind in KINDS]
    canvas.show_kinds(tuple(attention))
    network = NetworkSpec(layers=layers(a="Dense", mha="MultiHeadAttention", add="Add"))
    canvas.show_network(network, column(network))
    canvas.fit()
    start = canvas.port_position("a", "out")
    drag(canvas, start, canvas.block_center("mha"), let_go=False)
    assert names(canvas) == ["query", "value"]
    QTest.mouseMove(canvas.viewport(), canvas.block_center("add"))
    assert names(canvas) == ["1", "2"]
    QTest.mouseMove(canvas.viewport(), QPoint(5, 5))
    assert names(canvas) == []
    QTest.keyClick(canvas, Qt.Key.Key_Escape)


def _named(kind):
    from dataclasses import replace

    return replace(kind, input_names=("query", "value", "key"))


# ---- Looking ----


def long_chain(count):
    return chain(**{f"l{number}": "Dense" for number in range(count)})


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_seven_hundred_layers_fit_into_the_view(canvas, tokens):
    network = long_chain(700)
    canvas.set_theme(tokens)
    canvas.show_network(network, column(network))
    canvas.fit()
    seen = canvas.viewport().rect()
    assert seen.contains(canvas.block_center("l0"))
    assert seen.contains(canvas.block_center("l699"))
    assert not canvas.viewport().grab().isNull()
    canvas.zoom_out()
    assert seen.contains(canvas.block_center("l0"))


def test_shift_f_shows_the_selection(canvas):
    network = long_chain(60)
    canvas.show_network(network, column(network))
    canvas.set_selected(["l40", "l41"])
    QTest.keyClick(canvas, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    seen = canvas.viewport().rect()
    assert seen.contains(canvas.block_center("l40"))
    assert seen.contains(canvas.block_center("l41"))
    assert canvas.zoom == pytest.approx(1.5)
    canvas.select(())
    QTest.keyClick(canvas, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert seen.contains(canvas.block_center("l0"))


def test_the_map_is_there_while_something_is_out_of_sight(canvas):
    shown = canvas.findChild(QWidget, "canvas.map")
    canvas.fit()
    assert not shown.isVisible()
    network = long_chain(60)
    canvas.show_network(network, column(network))
    canvas.zoom_reset()
    assert shown.isVisible()
    canvas.set_map_wanted(False)
    assert not shown.isVisible()
    canvas.set_map_wanted(True)
    assert shown.isVisible()
    canvas.fit()
    assert not shown.isVisible()


def test_a_drag_in_the_map_moves_the_view(canvas, said):
    network = long_chain(60)
    canvas.show_network(network, column(network))
    canvas.zoom_reset()
    shown = canvas.findChild(QWidget, "canvas.map")
    area = shown.rect()
    QTest.mousePress(shown, LEFT, pos=QPoint(area.center().x(), area.bottom() - 8))
    assert canvas.viewport().rect().contains(canvas.block_center("l59"))
    QTest.mouseMove(shown, QPoint(area.center().x(), area.top() + 8))
    QTest.mouseRelease(shown, LEFT, pos=QPoint(area.center().x(), area.top() + 8))
    assert canvas.viewport().rect().contains(canvas.block_center("l0"))
    assert said.said == []
