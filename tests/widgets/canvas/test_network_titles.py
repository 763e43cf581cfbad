"""Names of several networks on one canvas."""

from canvas_examples import column, layers
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.spec.group import GroupSpec
from engine.spec.named_network import NamedNetwork
from engine.spec.network import NetworkSpec

TWO = NetworkSpec(layers=layers(a="InputLayer", b="Dense", c="Dense"))
PLACES = {"a": (0.0, 0.0), "b": (0.0, 100.0), "c": (300.0, 0.0)}
NAMES = (
    NamedNetwork(name="generator", layers=("a", "b")),
    NamedNetwork(name="discriminator", layers=("c",)),
)


def titles(canvas):
    return {text: (area.left(), area.bottom()) for text, area in canvas.graph.titles.texts.items()}


def test_each_name_stands_above_its_blocks(canvas):
    canvas.show_network(TWO, PLACES, (), NAMES)
    assert titles(canvas) == {"Generator": (0.0, -8.0), "Discriminator": (300.0, -8.0)}
    assert canvas.graph.content().top() < -8.0  # what is fitted into view holds the names too


def test_one_network_has_no_name(canvas):
    canvas.show_network(TWO, PLACES, (), NAMES)
    canvas.show_network(TWO, PLACES)
    assert titles(canvas) == {}


def test_a_name_follows_its_blocks(canvas):
    canvas.show_network(TWO, PLACES, (), NAMES)
    canvas.graph.move_blocks({"c": (400.0, 50.0)})
    assert titles(canvas)["Discriminator"] == (400.0, 42.0)
    canvas.graph.restore_positions()
    assert titles(canvas)["Discriminator"] == (300.0, -8.0)


def test_a_name_stands_above_the_block_of_a_collapsed_group(canvas):
    group = GroupSpec(id="g", title="Hidden", layers=("a", "b"), collapsed=True)
    canvas.show_network(TWO, PLACES, (group,), NAMES)
    assert set(titles(canvas)) == {"Generator", "Discriminator"}


def test_a_click_on_a_name_is_one_on_the_canvas(canvas):
    canvas.show_network(TWO, column(TWO), (), NAMES)
    canvas.fit()
    canvas.set_selected(("a",))
    area = canvas.graph.titles.texts["Generator"]
    at = canvas.mapFromScene(area.center())
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at))
    assert canvas.selected_ids() == ()
