"""Editing by real mouse events in a shown window: each gesture asks once and changes nothing itself."""

import pytest
from canvas_examples import CHAIN, RESIDUAL, column, layers, wire
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.spec.network import NetworkSpec
from widgets.canvas import BLOCK_SIZE, LAYER_MIME

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NO_KEY, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
EMPTY = QPoint(40, 40)


def press(canvas, at, button=LEFT, keys=NO_KEY):
    QTest.mousePress(canvas.viewport(), button, keys, at)


def go(canvas, *places):
    for place in places:
        QTest.mouseMove(canvas.viewport(), place)


def release(canvas, at, button=LEFT, keys=NO_KEY):
    QTest.mouseRelease(canvas.viewport(), button, keys, at)


def click(canvas, at, keys=NO_KEY):
    QTest.mouseClick(canvas.viewport(), LEFT, keys, at)


def drag(canvas, start, end, button=LEFT):
    press(canvas, start, button)
    go(canvas, (start + end) / 2, end)
    release(canvas, end, button)


# ---- Selecting ----


def test_clicks_select(canvas, said):
    click(canvas, canvas.block_center("conv"))
    click(canvas, canvas.block_center("pool"), CTRL)
    click(canvas, canvas.block_center("out"), SHIFT)
    click(canvas, canvas.block_center("pool"), CTRL)
    click(canvas, canvas.block_center("out"))
    click(canvas, EMPTY)
    ids = [("conv",), ("conv", "pool"), ("conv", "pool", "out"), ("conv", "out"), ("out",), ()]
    assert said.said == [("selection_changed", expected) for expected in ids]


def test_a_click_selects_a_wire(canvas, said):
    one = wire("conv", "pool")
    click(canvas, canvas.wire_center(one))
    assert canvas.selected_wires() == (one,)
    assert canvas.selected_ids() == ()
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert said.requests() == [("delete_requested", (), (one,))]


def test_the_rubber_band_selects_what_it_touches(canvas, said):
    drag(canvas, EMPTY, canvas.block_center("conv"))
    assert canvas.selected_ids() == ("input", "conv")
    assert said.said == [("selection_changed", ("input", "conv"))]
    assert len(canvas.graph.items()) == 4 + 3  # the band is gone


def test_esc_brings_the_selection_before_the_band_back(canvas):
    canvas.set_selected(["out"])
    press(canvas, EMPTY, keys=SHIFT)
    go(canvas, EMPTY + QPoint(20, 20), canvas.block_center("conv"))
    assert "conv" in canvas.selected_ids()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.selected_ids() == ("out",)
    release(canvas, canvas.block_center("conv"))
    assert canvas.selected_ids() == ("out",)


# ---- Moving ----


def test_a_drag_asks_once_for_the_new_place_on_the_grid(canvas, said):
    start = canvas.block_center("conv")
    drag(canvas, start, start + QPoint(101, 3))
    assert said.requests() == [("move_requested", (("conv", 104.0, 112.0),))]
    assert canvas.block("conv").x() == 0  # nobody granted it


def test_a_granted_move_stays_and_the_wires_follow(canvas):
    def grant(moves):
        canvas.show_network(CHAIN, {**column(CHAIN), **{i: (x, y) for i, x, y in moves}})

    canvas.move_requested.connect(grant)
    start = canvas.block_center("conv")
    drag(canvas, start, start + QPoint(160, 0))
    assert canvas.block("conv").x() == 160
    end = canvas.graph.wires[wire("input", "conv")].route.points[-1]
    assert end == (160 + BLOCK_SIZE[0] / 2, 112)


def test_a_selection_moves_together(canvas, said):
    canvas.set_selected(["conv", "out"])
    start = canvas.block_center("out")
    drag(canvas, start, start + QPoint(-80, 16))
    assert said.said == [("move_requested", (("conv", -80.0, 128.0), ("out", -80.0, 352.0)))]


def test_without_snapping_every_pixel_counts(canvas, said):
    canvas.set_snap(False)
    start = canvas.block_center("conv")
    drag(canvas, start, start + QPoint(21, 33))
    ((_, ((_, x, y),)),) = said.requests()
    assert (x, y) == pytest.approx((21, 145))


def test_esc_puts_dragged_blocks_back(canvas, said):
    start = canvas.block_center("conv")
    press(canvas, start)
    go(canvas, start + QPoint(50, 0), start + QPoint(120, 0))
    assert canvas.block("conv").x() == 120
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    release(canvas, start + QPoint(120, 0))
    assert canvas.block("conv").x() == 0
    assert said.requests() == []


def test_a_shaking_hand_moves_nothing(canvas, said):
    start = canvas.block_center("conv")
    drag(canvas, start, start + QPoint(2, 1))
    assert said.requests() == []


def test_a_network_that_changes_under_a_drag_ends_it(canvas, said):
    start = canvas.block_center("conv")
    press(canvas, start)
    go(canvas, start + QPoint(60, 0))
    canvas.show_network(CHAIN.without_layers(["conv"]), column(CHAIN))
    go(canvas, start + QPoint(90, 0))
    release(canvas, start + QPoint(90, 0))
    assert said.requests() == []


# ---- Wires ----


@pytest.fixture
def loose(canvas):
    """Two inputs, two dense layers and a merge, unconnected but for input -> a."""
    network = NetworkSpec(
        layers=layers(input="InputLayer", a="Dense", b="Dense", add="Add"),
        wires=(wire("input", "a"),),
    )
    places = {"input": (0.0, 0.0), "a": (0.0, 160.0), "b": (300.0, 160.0), "add": (150.0, 340.0)}
    canvas.show_network(network, places)
    canvas.fit()
    return canvas


def test_a_wire_from_port_to_port(loose, said):
    drag(loose, loose.port_position("a", "out"), loose.port_position("add", "in", 1))
    assert said.requests() == [("connect_requested", "a", "add", 1)]
    assert len(loose.graph.items()) == 4 + 1


def test_a_wire_onto_a_block_takes_the_first_free_port(loose, said):
    drag(loose, loose.port_position("b", "out"), loose.block_center("add"))
    assert said.requests() == [("connect_requested", "b", "add", 0)]


def test_a_wire_drawn_backwards(loose, said):
    drag(loose, loose.port_position("add", "in", 1), loose.block_center("b"))
    assert said.requests() == [("connect_requested", "b", "add", 1)]


def test_a_taken_port_is_offered_for_replacement(loose, said):
    drag(loose, loose.port_position("b", "out"), loose.port_position("a", "in"))
    assert said.requests() == [("connect_requested", "b", "a", 0)]


def test_a_circle_is_refused_beside_the_mouse(canvas, said):
    start, end = canvas.port_position("out", "out"), canvas.port_position("conv", "in")
    press(canvas, start)
    go(canvas, start + QPoint(20, 20), end)
    assert 'close a circle: "conv"' in canvas.message.text
    dimmed = {name: block.dimmed for name, block in canvas.graph.blocks.items()}
    assert dimmed == {"input": True, "conv": True, "pool": True, "out": False}
    release(canvas, end)
    assert 'close a circle: "conv"' in canvas.message.text
    assert not canvas.block("input").dimmed
    assert said.requests() == []


def test_the_end_of_a_wire_taken_off_is_unwired(canvas, said):
    drag(canvas, canvas.port_position("pool", "in"), EMPTY)
    assert said.requests() == [("disconnect_requested", (wire("conv", "pool"),))]


def test_the_end_of_a_wire_can_be_carried_elsewhere(canvas, said):
    drag(canvas, canvas.port_position("pool", "in"), canvas.port_position("out", "in"))
    assert said.requests() == [("rewire_requested", wire("conv", "pool"), wire("conv", "out"))]


def test_the_end_of_a_wire_put_back_asks_for_nothing(canvas, said):
    port = canvas.port_position("pool", "in")
    press(canvas, port)
    go(canvas, port + QPoint(60, 30), port)
    release(canvas, port)
    assert said.requests() == []
    assert canvas.graph.wires[wire("conv", "pool")].isVisible()


def test_esc_drops_a_wire(canvas, said):
    start = canvas.port_position("conv", "out")
    press(canvas, start)
    go(canvas, start + QPoint(100, 40))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    release(canvas, EMPTY)
    assert said.requests() == []
    assert len(canvas.graph.items()) == 4 + 3


def test_a_wire_dropped_on_nothing_opens_the_list_behind_its_source(canvas, said):
    drag(
        canvas,
        canvas.port_position("out", "out"),
        canvas.port_position("out", "out") + QPoint(150, 20),
    )
    ((name, _, _, source),) = said.requests()
    assert (name, source) == ("quick_add_requested", "out")
    QTest.keyClicks(QApplication.focusWidget(), "dense")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert said.requests()[-1][:2] == ("add_requested", "Dense")
    assert said.requests()[-1][4] == "out"


# ---- Looking ----


@pytest.mark.parametrize("button", [MIDDLE, LEFT])
def test_the_middle_button_and_space_move_the_view(canvas, said, button):
    if button == LEFT:
        QTest.keyPress(canvas, Qt.Key.Key_Space)
    before = canvas.block_center("conv")
    drag(canvas, before, before + QPoint(60, -40), button)
    assert canvas.block_center("conv") - before == QPoint(60, -40)
    assert said.said == []
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    click(canvas, canvas.block_center("conv"))
    assert canvas.selected_ids() == ("conv",)


def turn(canvas, at, steps, keys=NO_KEY):
    where = canvas.viewport().mapToGlobal(at)
    event = QWheelEvent(
        QPointF(at), QPointF(where), QPoint(), QPoint(0, steps), Qt.MouseButton.NoButton, keys,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas.viewport(), event)


def test_ctrl_and_the_wheel_zoom_about_the_mouse(canvas):
    at = canvas.block_center("input")
    turn(canvas, at, 120, CTRL)
    assert canvas.zoom == pytest.approx(1.0015**120)
    assert (canvas.block_center("input") - at).manhattanLength() <= 2


@pytest.mark.parametrize(("keys", "moved"), [(NO_KEY, QPoint(0, -60)), (SHIFT, QPoint(-60, 0))])
def test_the_wheel_scrolls(canvas, keys, moved):
    before = canvas.block_center("conv")
    turn(canvas, before, -120, keys)
    assert canvas.block_center("conv") - before == moved


def test_ports_can_be_hit_even_from_afar(canvas):
    for zoom in (1.0, 0.4):
        canvas.zoom_to(zoom)
        port = canvas.port_position("conv", "out") + QPoint(5, 5)
        pointer = canvas.pointer_at(port)
        hit = canvas.graph.hit(pointer.scene, pointer.reach)
        assert (hit.layer_id, hit.side) == ("conv", "out")


def test_the_context_menu_selects_what_lies_there(canvas, said):
    at = canvas.block_center("pool")
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, canvas.viewport().mapToGlobal(at))
    QApplication.sendEvent(canvas.viewport(), event)
    assert canvas.selected_ids() == ("pool",)
    assert said.requests() == [("menu_requested", canvas.viewport().mapToGlobal(at))]


# ---- Adding ----


def test_a_double_click_on_nothing_opens_the_list(canvas, said):
    QTest.mouseDClick(canvas.viewport(), LEFT, NO_KEY, EMPTY)
    assert said.requests()[0][0] == "quick_add_requested"
    QTest.keyClicks(QApplication.focusWidget(), "conv")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert said.requests()[-1][:2] == ("add_requested", "Conv2DTranspose")
    assert said.requests()[-1][4] is None


def test_a_double_click_on_a_block_adds_nothing(canvas, said):
    QTest.mouseDClick(canvas.viewport(), LEFT, NO_KEY, canvas.block_center("conv"))
    assert said.requests() == []


def drop(canvas, at, kind="Dense", mime=LAYER_MIME):
    content = QMimeData()
    content.setData(mime, kind.encode())
    copy, none = Qt.DropAction.CopyAction, Qt.MouseButton.NoButton
    entered = QDragEnterEvent(at, copy, content, LEFT, NO_KEY)
    QApplication.sendEvent(canvas.viewport(), entered)
    if entered.isAccepted():
        QApplication.sendEvent(canvas.viewport(), QDragMoveEvent(at, copy, content, LEFT, NO_KEY))
        QApplication.sendEvent(
            canvas.viewport(), QDropEvent(QPointF(at), copy, content, none, NO_KEY)
        )
    return entered.isAccepted()


@pytest.mark.parametrize(
    ("place", "after"),
    [
        (lambda canvas: EMPTY, None),
        (lambda canvas: canvas.block_center("conv"), "conv"),
        (lambda canvas: canvas.wire_center(wire("conv", "pool")), wire("conv", "pool")),
    ],
    ids=["nothing", "block", "wire"],
)
def test_a_dropped_layer_knows_what_it_was_dropped_on(canvas, said, place, after):
    at = place(canvas)
    assert drop(canvas, at)
    ((name, kind, x, y, told),) = said.requests()
    assert (name, kind, told) == ("add_requested", "Dense", after)
    middle = canvas.mapFromScene(x + BLOCK_SIZE[0] / 2, y + BLOCK_SIZE[1] / 2)
    assert (middle - at).manhattanLength() <= 10  # on the grid
    assert len(canvas.graph.items()) == 4 + 3


def test_other_things_cannot_be_dropped(canvas, said):
    assert not drop(canvas, EMPTY, mime="text/plain")
    assert said.said == []


# ---- Read only ----


def test_who_may_only_look_can_select_and_nothing_else(canvas, said):
    canvas.set_read_only(True)
    start = canvas.block_center("conv")
    drag(canvas, start, start + QPoint(100, 0))
    drag(canvas, canvas.port_position("pool", "in"), EMPTY)
    drag(canvas, canvas.port_position("out", "out"), EMPTY + QPoint(300, 0))
    QTest.mouseDClick(canvas.viewport(), LEFT, NO_KEY, EMPTY)
    assert not drop(canvas, EMPTY)
    assert said.requests() == []
    click(canvas, canvas.block_center("conv"))
    assert canvas.selected_ids() == ("conv",)


def test_lanes_can_be_clicked_too(canvas):
    canvas.show_network(RESIDUAL, column(RESIDUAL))
    canvas.fit()
    skip = wire("input", "add", 1)
    click(canvas, canvas.wire_center(skip))
    assert canvas.selected_wires() == (skip,)
