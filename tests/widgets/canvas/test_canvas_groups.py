"""Groups as blocks and frames: what is shown, and that requests name layers, never groups' blocks."""

import numpy as np
import pytest
from canvas_examples import CHAIN, KINDS, RESIDUAL, Recorder, column, facts, layers, wire
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.spec.group import GroupSpec
from engine.spec.issues import Issue, LayerFacts
from engine.spec.network import NetworkSpec
from widgets.canvas import NetworkCanvas
from widgets.canvas.ports import InputPort
from widgets.canvas.quick_add import QuickAdd

LEFT = Qt.MouseButton.LeftButton
SHUT = GroupSpec(id="part", title="Feature part", layers=("conv", "pool"), collapsed=True)
OPEN = SHUT.but(collapsed=False)
PICTURE = np.eye(3, dtype=np.float32)
HIDING_MERGE = GroupSpec(id="res", title="Residual", layers=("a", "b", "add"), collapsed=True)


@pytest.fixture
def heard(canvas):
    canvas.show_network(CHAIN, column(CHAIN), (SHUT,))
    canvas.fit()
    names = (
        "selection_changed", "move_requested", "delete_requested", "connect_requested",
        "disconnect_requested", "rewire_requested", "add_requested", "collapse_requested",
    )  # fmt: skip
    return Recorder(canvas, names)


def drag(canvas, start, end):
    area = canvas.viewport()
    QTest.mousePress(area, LEFT, pos=start)
    QTest.mouseMove(area, (start + end) / 2)
    QTest.mouseMove(area, end)
    QTest.mouseRelease(area, LEFT, pos=end)


def test_a_collapsed_group_is_one_block(canvas, heard):
    assert set(canvas.graph.blocks) == {"input", "part", "out"}
    assert set(canvas.graph.wires) == {wire("input", "part"), wire("part", "out")}
    shown = canvas.block("part").facts
    assert (shown.title, shown.detail) == ("Feature part", "2 layers · Conv2D, MaxPooling2D")
    assert canvas.visible_ids() == ("input", "pool", "out")


def test_its_block_sums_the_costs_and_shows_what_its_last_layer_gives(canvas, heard):
    def shares():
        return {name: block._share for name, block in canvas.graph.blocks.items()}

    canvas.show_shares({"conv": 1.0, "pool": 0.25, "out": 0.5})
    assert shares() == {"input": None, "part": 1.0, "out": 0.4}
    canvas.show_output("conv", PICTURE)
    canvas.show_output("pool", -PICTURE)
    assert (canvas.block("part").output == -PICTURE).all()
    canvas.show_network(CHAIN, column(CHAIN), (OPEN,))
    assert shares() == {"input": None, "conv": 1.0, "pool": 0.25, "out": 0.5}
    assert canvas.block("conv").output is PICTURE
    canvas.show_thumbnail("conv", PICTURE)
    canvas.show_network(CHAIN, column(CHAIN), (SHUT,))
    assert (canvas.block("part").output == -PICTURE).all()
    canvas.show_output("pool", None)
    assert canvas.block("part").output is None


def test_its_block_sums_up_what_is_inside(canvas, heard):
    issue = Issue("too small", layer="pool")
    canvas.show_facts(facts(CHAIN), (issue,))
    shown = canvas.block("part").facts
    assert shown.parameters == "9,280 parameters"
    assert shown.shape == "8 × 8 × 32"
    assert shown.severity == "error"
    assert shown.problems == ("pool: too small",)
    failed = {**facts(CHAIN), "conv": LayerFacts(None, error="no")}
    canvas.show_facts(failed)
    assert canvas.block("part").facts.problems == ("conv: no",)
    assert canvas.block("part").facts.parameters == ""


def test_clicking_selects_and_deletes_all_layers_inside(canvas, heard):
    QTest.mouseClick(canvas.viewport(), LEFT, pos=canvas.block_center("part"))
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert heard.said == [
        ("selection_changed", ("conv", "pool")),
        ("delete_requested", ("conv", "pool"), ()),
    ]


def test_a_hidden_layer_that_is_selected_shows_in_its_block(canvas, heard):
    canvas.set_selected(("pool",))
    assert canvas.block("part").selected
    assert heard.said == []
    canvas.focus_on(("pool",))


def test_dragging_the_block_moves_its_layers(canvas, heard):
    start = canvas.block_center("part")
    drag(canvas, start, start + QPoint(200, 0))
    moved = {name: (x, y) for name, x, y in heard.said[-1][1]}
    assert moved.keys() == {"conv", "pool"}
    assert moved["pool"][1] - moved["conv"][1] == 112.0
    assert moved["conv"][0] == moved["pool"][0] > 100


def test_wires_at_the_block_mean_the_layers_behind_its_ports(qtbot):
    canvas = NetworkCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(700, 600)
    canvas.show_kinds(KINDS)
    canvas.show_network(RESIDUAL, column(RESIDUAL), (HIDING_MERGE,))
    heard = Recorder(
        canvas, ("rewire_requested", "disconnect_requested", "connect_requested", "add_requested")
    )
    assert canvas.block("res").facts.n_inputs == 2
    taken = wire("input", "res", 1)
    canvas.select((), (taken,))
    canvas.ask_delete()
    canvas.open_quick_add((0.0, 0.0), InputPort("res", 1))
    canvas.findChild(QuickAdd).chosen.emit("Dense")
    canvas.open_quick_add((0.0, 0.0), taken)
    canvas.findChild(QuickAdd).chosen.emit("Dense")
    canvas.open_quick_add((0.0, 0.0), "res")
    canvas.findChild(QuickAdd).chosen.emit("Dense")
    assert [said[-1] for said in heard.said] == [
        InputPort("add", 1), wire("input", "add", 1), "add",
    ]  # fmt: skip


def test_a_wire_drawn_from_the_second_output_begins_there(qtbot):
    network = NetworkSpec(
        layers=layers(input="InputLayer", a="Dense", b="Dense", c="Dense", out="Dense"),
        wires=(wire("input", "a"), wire("input", "b"), wire("a", "c")),
    )
    canvas = NetworkCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(700, 700)
    canvas.show_kinds(KINDS)
    group = GroupSpec(id="two", title="Two ways", layers=("a", "b"), collapsed=True)
    canvas.show_network(network, column(network), (group,))
    with qtbot.waitExposed(canvas):
        canvas.show()
    canvas.fit()
    heard = Recorder(canvas, ("connect_requested",))
    assert canvas.block("two").facts.n_outputs == 2
    drag(canvas, canvas.port_position("two", "out", 1), canvas.port_position("out", "in", 0))
    assert heard.said == [("connect_requested", "b", "out", 0)]


def test_an_open_group_has_a_frame_whose_title_selects_drags_and_collapses(canvas, heard):
    canvas.show_network(CHAIN, column(CHAIN), (OPEN,))
    canvas.fit()
    frame = canvas.graph.frames["part"]
    assert frame.title == "Feature part"
    title = canvas.mapFromScene(frame.title_area.topLeft()) + QPoint(20, 10)
    QTest.mouseClick(canvas.viewport(), LEFT, pos=title)
    assert heard.said == [("selection_changed", ("conv", "pool"))]
    drag(canvas, title, title + QPoint(200, 0))
    assert {name for name, _x, _y in heard.said[-1][1]} == {"conv", "pool"}
    QTest.mouseDClick(canvas.viewport(), LEFT, pos=title)
    assert heard.said[-1] == ("collapse_requested", "part", True)
    canvas.show_network(CHAIN, column(CHAIN), ())
    assert canvas.graph.frames == {}


def test_a_double_click_opens_the_block(canvas, heard):
    QTest.mouseDClick(canvas.viewport(), LEFT, pos=canvas.block_center("part"))
    assert heard.said[-1] == ("collapse_requested", "part", False)
    canvas.set_read_only(True)
    before = len(heard.said)
    QTest.mouseDClick(canvas.viewport(), LEFT, pos=canvas.block_center("part"))
    assert [said for said in heard.said[before:] if said[0] == "collapse_requested"] == []


def test_a_group_cannot_change_its_kind(canvas, heard):
    canvas.set_selected(("conv", "pool"))
    canvas.open_swap()
    assert "ungroup" in canvas.message.text


def test_the_shape_of_an_entering_wire_stands_beside_the_title(canvas):
    named = OPEN.but(title="Residual part of two")
    canvas.show_network(CHAIN, column(CHAIN), (named,))
    canvas.show_facts({"input": LayerFacts((28, 28, 1))})
    entering = canvas.graph.wires[wire("input", "conv")]
    title = canvas.graph.frames["part"].words_area
    assert not entering._label_box.isEmpty()
    assert not entering._label_box.intersects(title)
    canvas.show_network(CHAIN, column(CHAIN), (SHUT,))
    canvas.show_network(CHAIN, column(CHAIN))
    canvas.show_facts({"input": LayerFacts((28, 28, 1))})
    again = canvas.graph.wires[wire("input", "conv")]
    assert again._label_box.center().x() == again.route.label[0]


def test_a_block_that_was_hidden_below_the_mouse_comes_back_as_any_other(canvas):
    canvas.show_network(CHAIN, column(CHAIN), (OPEN,))
    QTest.mouseMove(canvas.viewport(), canvas.block_center("pool"))
    pool = canvas.block("pool")
    assert pool.hovered
    canvas.show_network(CHAIN, column(CHAIN), (SHUT,))
    QTest.mouseMove(canvas.viewport(), QPoint(1, 1))
    canvas.show_network(CHAIN, column(CHAIN), (OPEN,))
    assert canvas.block("pool") is pool
    assert not pool.hovered
