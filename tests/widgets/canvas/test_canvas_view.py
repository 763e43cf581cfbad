"""What the canvas shows, and that showing asks for nothing."""

import pytest
from canvas_examples import CHAIN, KINDS, REQUESTS, RESIDUAL, Recorder, column, facts, layers, wire
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QPushButton

from engine.spec.issues import Cure, Issue, LayerFacts
from engine.spec.network import NetworkSpec
from widgets.base.theme import DARK, LIGHT
from widgets.canvas import BLOCK_SIZE, NetworkCanvas


def test_showing_asks_for_nothing(canvas, said):
    canvas.show_network(RESIDUAL, column(RESIDUAL))
    canvas.show_facts(facts(RESIDUAL), (Issue("wrong", layer="a"),))
    canvas.set_selected(["a"])
    canvas.show_thumbnail("a", [[1.0, -1.0]])
    canvas.set_theme(DARK)
    canvas.focus_on(["out"])
    canvas.set_read_only(True)
    assert said.said == []


def test_wires_side_by_side_say_their_shape_once(canvas):
    twice = CHAIN.with_layer(layers(both="Add")[0])
    twice = twice.with_wire(wire("conv", "both", 0)).with_wire(wire("conv", "both", 1))
    canvas.show_network(twice, column(twice))
    canvas.show_facts(facts(CHAIN))
    items = [canvas.graph.wires[wire("conv", "both", port)] for port in (0, 1)]
    assert items[0]._label
    assert items[1]._label == ""
    assert items[0]._label in items[1].toolTip()


def test_only_differences_are_touched(canvas):
    kept_block, kept_wire = canvas.block("conv"), canvas.graph.wires[wire("input", "conv")]
    grown = CHAIN.with_layer(layers(extra="Dense")[0]).with_wire(wire("conv", "extra"))
    canvas.show_network(grown.without_layers(["out"]), column(grown))
    assert canvas.block("conv") is kept_block
    assert canvas.graph.wires[wire("input", "conv")] is kept_wire
    assert set(canvas.graph.blocks) == {"input", "conv", "pool", "extra"}
    assert wire("pool", "out") not in canvas.graph.wires
    assert len(canvas.graph.items()) == 4 + 3


def test_an_edit_keeps_selection_zoom_and_place(canvas):
    canvas.set_selected(["conv", "out"])
    canvas.zoom_to(1.5)
    canvas.scroll_by(QPoint(13, 7))
    before = canvas.block_center("conv")
    canvas.show_network(
        CHAIN.with_parameters("conv", {"filters": 7}).without_layers(["out"]), column(CHAIN)
    )
    assert canvas.selected_ids() == ("conv",)
    assert canvas.zoom == pytest.approx(1.5)
    assert canvas.block_center("conv") == before
    assert canvas.block("conv").facts.detail == "7 filters · 3×3"


def test_another_network_is_fitted_and_an_edit_is_not(canvas):
    canvas.scroll_by(QPoint(5000, 5000))
    canvas.show_network(CHAIN.with_parameters("conv", {"filters": 7}), column(CHAIN))
    assert not canvas.viewport().rect().contains(canvas.block_center("conv"))
    other = NetworkSpec(layers=layers(x="Dense", y="Dense"))
    canvas.show_network(other, column(other))
    assert canvas.viewport().rect().contains(canvas.block_center("x"))


def test_ports_stand_where_the_wires_end(canvas):
    canvas.show_network(RESIDUAL, column(RESIDUAL))
    canvas.fit()
    for one in RESIDUAL.wires:
        route = canvas.graph.wires[one].route
        for point, port in ((route.points[0], ("out", 0)), (route.points[-1], ("in", one.port))):
            layer = one.source if port[0] == "out" else one.target
            drawn = canvas.mapFromScene(*point)
            assert (drawn - canvas.port_position(layer, *port)).manhattanLength() <= 1


def test_positions_are_corners(canvas):
    canvas.zoom_reset()
    canvas.show_network(CHAIN, {**column(CHAIN), "conv": (300.0, 50.0)})
    corner = canvas.mapFromScene(300.0, 50.0)
    centre = canvas.block_center("conv")
    assert (centre - corner - QPoint(BLOCK_SIZE[0] // 2, BLOCK_SIZE[1] // 2)).manhattanLength() <= 2


def test_layers_without_position_stand_below(canvas):
    canvas.show_network(CHAIN, {"input": (0.0, 0.0), "conv": (0.0, 112.0)})
    ys = [canvas.block(name).y() for name in ("conv", "pool", "out")]
    assert ys == sorted(set(ys))


def test_a_problem_is_shown_with_its_cures_at_the_selected_block(canvas, said):
    cure = Cure("Set units & more")
    canvas.show_facts({}, (Issue("<b>Wrong</b>: mend it.", layer="out", cures=(cure,)),))
    card = canvas.findChild(object, "canvas.problem")
    assert card.isHidden()
    canvas.set_selected(["out"])
    assert card.isVisible()
    label = card.findChild(QLabel)
    assert label.text() == "<b>Wrong</b>: mend it."
    assert label.textFormat() == Qt.TextFormat.PlainText
    card.findChild(QPushButton, "canvas.cure.0").click()
    assert said.said == [("cure_requested", cure)]
    canvas.show_facts({}, ())
    assert card.isHidden()


def test_a_problem_card_is_as_high_as_its_words_and_cures(canvas):
    cures = (Cure("Mend"), Cure("Remove it"))
    canvas.show_facts(
        {}, (Issue("A long sentence that needs many lines. " * 6, "out", cures=cures),)
    )
    canvas.set_selected(["out"])
    card = canvas.findChild(object, "canvas.problem")
    label = card.findChild(QLabel)
    assert label.height() >= label.heightForWidth(label.width())
    assert card.height() >= label.height() + sum(
        button.sizeHint().height() for button in card.findChildren(QPushButton)
    )


@pytest.mark.parametrize("width", [420, 500, 700])
def test_a_problem_card_covers_no_block(canvas, width):
    canvas.resize(width, 600)
    canvas.show_facts({}, (Issue("Wrong: " + "mend it. " * 9, "conv", cures=(Cure("Mend"),)),))
    canvas.set_selected(["conv"])
    canvas.fit()
    card = canvas.findChild(object, "canvas.problem")
    assert card.isVisible()
    for name in CHAIN.ids:
        box = canvas.mapFromScene(canvas.graph.content((name,))).boundingRect()
        assert not card.geometry().intersects(box), name


def test_who_may_only_look_sees_no_cures(canvas):
    canvas.show_facts({}, (Issue("Wrong.", layer="out", cures=(Cure("Mend"),)),))
    canvas.set_selected(["out"])
    canvas.set_read_only(True)
    assert canvas.findChild(object, "canvas.problem").isVisible()
    assert canvas.findChild(QPushButton, "canvas.cure.0") is None or not [
        button for button in canvas.findChildren(QPushButton) if button.isVisible()
    ]


def test_the_tooltip_holds_everything_as_plain_text(canvas):
    canvas.show_facts({"conv": LayerFacts((6, 6, 32), 320)}, (Issue("<i>odd</i>", layer="conv"),))
    tip = canvas.block("conv").toolTip()
    for part in ("Conv2D conv", "32 filters", "320 parameters", "6 × 6 × 32", "&lt;i&gt;odd"):
        assert part in tip


def test_the_hint_of_an_empty_and_of_a_lost_network(canvas):
    hint = canvas.findChild(QLabel, "canvas.hint")
    assert hint.isHidden()
    canvas.scroll_by(QPoint(9000, 0))
    assert "press F" in hint.text()
    assert hint.isVisible()
    canvas.fit()
    assert hint.isHidden()
    canvas.show_network(NetworkSpec(), {})
    assert "palette" in hint.text()
    assert hint.isVisible()


def test_zoom_has_bounds_and_a_fixed_point(canvas):
    for zoom, wanted in ((100, 4.0), (0.001, 0.1), (1.0, 1.0)):
        canvas.zoom_to(zoom)
        assert canvas.zoom == pytest.approx(wanted)
    spot = canvas.block_center("pool")
    canvas.zoom_to(2.0, spot)
    assert (canvas.block_center("pool") - spot).manhattanLength() <= 3


def test_fit_shows_every_block(canvas):
    wide = NetworkSpec(layers=layers(**{f"l{i}": "Dense" for i in range(30)}))
    canvas.show_network(wide, {f"l{i}": (i % 6 * 400.0, i // 6 * 300.0) for i in range(30)})
    canvas.fit()
    seen = canvas.viewport().rect()
    assert all(seen.contains(canvas.block_center(name)) for name in wide.ids)


def test_a_resize_keeps_an_untouched_network_fitted_but_not_one_the_user_moved(canvas):
    canvas.show_network(RESIDUAL, column(RESIDUAL))
    canvas.show_network(CHAIN, column(CHAIN))
    canvas.resize(500, 900)
    centre = canvas.viewport().rect().center()
    assert abs(canvas.block_center("conv").x() - centre.x()) <= 2
    canvas.zoom_to(2.0)
    canvas.resize(520, 880)
    assert canvas.zoom == pytest.approx(2.0)


def test_focus_scrolls_only_as_far_as_needed(canvas):
    canvas.zoom_to(3.0)
    canvas.focus_on(["input"])
    assert canvas.viewport().rect().contains(canvas.block_center("input"))
    before = canvas.block_center("input")
    canvas.focus_on(["input"])
    assert canvas.block_center("input") == before
    canvas.focus_on(["nobody"])
    assert canvas.block_center("input") == before


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_blocks_are_painted_in_the_colours_of_the_theme(canvas, tokens):
    canvas.set_theme(tokens)
    canvas.zoom_reset()
    picture = canvas.viewport().grab().toImage()
    ratio = picture.devicePixelRatio()
    # Empty places of the block "pool": right of its text, and of the ground beside it.
    centre = canvas.block_center("pool")
    inside, beside = centre + QPoint(30, 14), centre + QPoint(BLOCK_SIZE[0] // 2 + 4, 0)
    block = picture.pixelColor(inside * ratio)
    ground = picture.pixelColor(beside * ratio)
    assert block == QColor(tokens.raised)
    assert abs(ground.lightness() - QColor(tokens.surface).lightness()) < 16


def test_from_afar_less_is_painted(canvas, qtbot):
    canvas.show_facts(facts(CHAIN), ())
    for zoom in (1.0, 0.3, 0.1, 4.0):
        canvas.zoom_to(zoom)
        assert not canvas.viewport().grab().isNull()


def test_an_accessible_sentence_names_the_selection(canvas):
    canvas.show_facts(facts(CHAIN), ())
    canvas.set_selected(["conv"])
    words = canvas.accessibleDescription()
    assert words.startswith(
        "4 blocks, 3 wires. Selected: Conv2D conv, 32 filters · 3×3, 4,640 parameters"
    )


def test_thumbnails_of_unknown_layers_are_ignored(canvas):
    before = canvas.grab().toImage()
    canvas.show_thumbnail("nobody", [[1.0]])
    assert canvas.grab().toImage() == before
    canvas.show_thumbnail("conv", [[1.0]])
    assert canvas.grab().toImage() != before
    canvas.show_thumbnail("conv", None)
    assert canvas.grab().toImage() == before


def test_the_catalogue_is_there_without_being_shown(qtbot):
    widget = NetworkCanvas()
    qtbot.addWidget(widget)
    widget.show_network(RESIDUAL, column(RESIDUAL))
    assert widget.block("add").facts.n_inputs == 3
    assert widget.block("a").facts.group


def test_three_hundred_layers_and_an_edit_of_one(qtbot):
    names = [f"l{i}" for i in range(300)]
    big = NetworkSpec(
        layers=layers(**dict.fromkeys(names, "Dense")),
        wires=tuple(wire(a, b) for a, b in zip(names, names[10:], strict=False)),
    )
    places = {name: (i % 10 * 240.0, i // 10 * 112.0) for i, name in enumerate(names)}
    widget = NetworkCanvas()
    qtbot.addWidget(widget)
    widget.show_kinds(KINDS)
    widget.show_network(big, places)
    recorder = Recorder(widget, REQUESTS)
    before = dict(widget.graph.blocks)
    routes = {one: item.route for one, item in widget.graph.wires.items()}
    widget.show_network(big.with_parameters("l7", {"units": 5}), places)
    assert widget.graph.blocks == before
    assert all(item.route is routes[one] for one, item in widget.graph.wires.items())
    assert recorder.said == []


def test_a_fitted_network_stays_fitted_until_the_view_is_moved(canvas):
    canvas.fit()

    def is_whole():
        seen = canvas.mapToScene(canvas.viewport().rect()).boundingRect()
        return seen.contains(canvas.graph.content())

    for size in ((300, 220), (900, 700), (260, 180)):
        canvas.resize(*size)
        assert is_whole(), size
    canvas.zoom_to(2.0)
    canvas.resize(320, 240)
    assert canvas.zoom == pytest.approx(2.0)
    assert not is_whole()


def test_a_canvas_tells_when_it_is_seen_again(qtbot):
    canvas = NetworkCanvas()
    qtbot.addWidget(canvas)
    for _ in range(2):
        with qtbot.waitSignal(canvas.shown):
            canvas.show()
        canvas.hide()
