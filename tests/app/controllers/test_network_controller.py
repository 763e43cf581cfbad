import pytest

from app.controllers.network import NetworkController, fragment_in_clipboard
from app.document import Document
from app.studio import Studio
from engine.data.sets import describe
from engine.issues import Cure
from engine.spec.data import DataSpec
from engine.spec.network import WireSpec
from engine.templates import new_project
from widgets.canvas import LayerPalette, NetworkCanvas
from widgets.forms import LayerForm


@pytest.fixture
def parts(qtbot):
    """A controller over real widgets and the ready project; no TensorFlow, no disk."""
    data = DataSpec(source="digits")
    spec = new_project("cnn", data, describe(data), "test")
    document, studio = Document(spec, lambda _spec: None), Studio()
    studio.set_info(describe(data))
    canvas, palette, form = NetworkCanvas(), LayerPalette(), LayerForm()
    for widget in (canvas, palette, form):
        qtbot.addWidget(widget)
    return (
        NetworkController(document, studio, canvas, palette, form),
        document,
        studio,
        canvas,
        form,
    )


def pairs(document):
    return {(w.source, w.target) for w in document.spec.network.wires}


def test_a_layer_added_by_name_goes_behind_the_selected_one(parts):
    controller, document, studio, _canvas, _form = parts
    studio.set_selection(("maxpooling2d",))
    controller.add_layer("BatchNormalization")
    assert {("maxpooling2d", "batchnormalization"), ("batchnormalization", "conv2d_2")} <= pairs(
        document
    )
    assert studio.selection == ("batchnormalization",)
    assert document.undo_stack.undoText() == "Add BatchNormalization batchnormalization"


def test_blocks_never_cover_one_another(parts):
    controller, document, studio, canvas, _form = parts
    for after in ("conv2d", "conv2d", "flatten", "dense"):
        studio.set_selection((after,))
        controller.add_layer("Dropout")
    canvas.add_requested.emit("Dropout", 0.0, 0.0, "conv2d")
    places = sorted(document.spec.canvas.values())
    assert len(places) == len(document.spec.network.layers)
    width, height = 184, 68
    assert not [
        (a, b)
        for n, a in enumerate(places)
        for b in places[n + 1 :]
        if abs(a[0] - b[0]) < width and abs(a[1] - b[1]) < height
    ]


def test_a_wire_pulled_to_an_empty_place_starts_a_branch(parts):
    _controller, document, _studio, canvas, _form = parts
    before = pairs(document)
    canvas.add_requested.emit("Conv2D", 900.0, 100.0, "input")
    assert pairs(document) - before == {("input", "conv2d_3")}
    assert document.spec.canvas["conv2d_3"] == (900.0, 100.0)


def test_a_layer_dropped_on_a_wire_goes_into_it(parts):
    _controller, document, _studio, canvas, _form = parts
    canvas.add_requested.emit("Dropout", 0.0, 0.0, WireSpec(source="flatten", target="dropout"))
    assert {("flatten", "dropout_2"), ("dropout_2", "dropout")} <= pairs(document)


def test_deleting_closes_the_chain_and_undo_shows_where(parts):
    controller, document, studio, canvas, _form = parts
    first = document.spec
    studio.set_selection(("conv2d_2",))
    controller.delete()
    assert ("maxpooling2d", "maxpooling2d_2") in pairs(document)
    assert studio.selection == ()
    before = document.spec.network
    document.undo_stack.undo()
    controller.reveal_change(before, document.spec.network)
    assert document.spec == first
    assert canvas.selected_ids() == ("conv2d_2",)


def test_copying_and_pasting_keeps_settings_and_inner_wires(parts):
    controller, document, studio, _canvas, _form = parts
    studio.set_selection(("conv2d", "maxpooling2d"))
    controller.copy()
    assert fragment_in_clipboard()
    controller.paste()
    new = studio.selection
    assert len(new) == 2
    assert (new[0], new[1]) in pairs(document)
    assert (
        document.spec.network.layer(new[0]).parameters
        == document.spec.network.layer("conv2d").parameters
    )


def test_a_strange_clipboard_is_refused_in_a_sentence(parts, qtbot):
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QGuiApplication

    controller, document, studio, _canvas, _form = parts
    content = QMimeData()
    content.setData(
        "application/x-netsmith-layers+json", b'{"layers": [{"id": "a/b", "kind": "Dense"}]}'
    )
    QGuiApplication.clipboard().setMimeData(content)
    with qtbot.waitSignal(studio.said) as said:
        controller.paste()
    assert "no layers" in said.args[0]
    assert document.undo_stack.count() == 0


def test_typing_a_setting_is_one_step_and_defaults_are_not_stored(parts):
    _controller, document, _studio, _canvas, form = parts
    for units in (1, 12, 128):
        form.parameter_changed.emit("dense", "units", units)
    assert document.undo_stack.count() == 1
    assert document.spec.network.layer("dense").parameters["units"] == 128
    form.visit_ended.emit()
    form.parameter_changed.emit("dense", "use_bias", True)
    assert "use_bias" not in document.spec.network.layer("dense").parameters


def test_renaming_keeps_wires_place_and_selection(parts, qtbot):
    _controller, document, studio, _canvas, form = parts
    place = document.spec.canvas["dense"]
    form.renamed.emit("dense", "answer")
    assert ("dropout", "answer") in pairs(document)
    assert document.spec.canvas["answer"] == place
    assert studio.selection == ("answer",)
    with qtbot.waitSignal(studio.said):
        form.renamed.emit("answer", "flatten")
    assert "answer" in document.spec.network.ids


def test_a_cure_is_one_step_and_places_what_it_inserts(parts):
    controller, document, _studio, _canvas, _form = parts
    from engine.spec.edits import add_after

    network, new = add_after(document.spec.network, "Flatten", {}, "conv2d")
    controller.apply_cure(Cure("Insert Flatten", network=network))
    assert document.undo_stack.count() == 1
    assert document.undo_stack.undoText() == "Insert Flatten"
    assert new in document.spec.canvas


def test_a_copy_stands_beside_what_it_copies(parts):
    controller, document, studio, _canvas, _form = parts
    studio.set_selection(("conv2d", "maxpooling2d"))
    for _time in range(2):
        controller.duplicate()
        studio.set_selection(("conv2d", "maxpooling2d"))
    places = sorted(document.spec.canvas.values())
    assert len(places) == len(document.spec.network.layers)
    assert not [
        (a, b)
        for n, a in enumerate(places)
        for b in places[n + 1 :]
        if abs(a[0] - b[0]) < 184 and abs(a[1] - b[1]) < 68
    ]
