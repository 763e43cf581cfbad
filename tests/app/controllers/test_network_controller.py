from random import Random

import pytest

from app.app_model import AppModel
from app.controllers.editor.arranging import ArrangingController
from app.controllers.editor.inspector import InspectorController
from app.controllers.editor.network import NetworkController
from app.document import Document
from app.shell.clipboard import may_hold_layers, put_layers, read_layers
from engine.data.choice import describe
from engine.editing.alignment import LINES
from engine.editing.fragments import Fragment
from engine.errors import BadInput
from engine.spec.data import DataSpec
from engine.spec.issues import Cure
from engine.spec.network import NetworkSpec, WireSpec
from engine.templates import new_project
from widgets.canvas import InputPort, LayerPalette, NetworkCanvas
from widgets.forms import LayerForm


@pytest.fixture
def parts(qtbot):
    """A controller over real widgets and the ready project; no TensorFlow, no disk."""
    data = DataSpec(reader="digits")
    spec = new_project("cnn", data, describe(data), "test")
    document, app_model = Document(spec, lambda _spec: None), AppModel()
    app_model.set_info(describe(data))
    canvas, palette, form = NetworkCanvas(), LayerPalette(), LayerForm()
    for widget in (canvas, palette, form):
        qtbot.addWidget(widget)
    controller = NetworkController(document, app_model, canvas, palette)
    InspectorController(document, app_model, form, controller)
    return (
        controller,
        document,
        app_model,
        canvas,
        form,
    )


def pairs(document):
    return {(w.source, w.target) for w in document.spec.network.wires}


def test_a_layer_added_by_name_goes_behind_the_selected_one(parts):
    controller, document, app_model, _canvas, _form = parts
    app_model.set_selection(("maxpooling2d",))
    controller.add_layer("BatchNormalization")
    assert {("maxpooling2d", "batchnormalization"), ("batchnormalization", "conv2d_2")} <= pairs(
        document
    )
    assert app_model.selection == ("batchnormalization",)
    assert document.undo_stack.undoText() == "Add BatchNormalization batchnormalization"


def test_blocks_never_cover_one_another(parts):
    controller, document, app_model, canvas, _form = parts
    for after in ("conv2d", "conv2d", "flatten", "dense"):
        app_model.set_selection((after,))
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
    _controller, document, _app_model, canvas, _form = parts
    before = pairs(document)
    canvas.add_requested.emit("Conv2D", 900.0, 100.0, "input")
    assert pairs(document) - before == {("input", "conv2d_3")}
    assert document.spec.canvas["conv2d_3"] == (900.0, 100.0)


def test_a_layer_dropped_on_a_wire_goes_into_it(parts):
    _controller, document, _app_model, canvas, _form = parts
    canvas.add_requested.emit("Dropout", 0.0, 0.0, WireSpec(source="flatten", target="dropout"))
    assert {("flatten", "dropout_2"), ("dropout_2", "dropout")} <= pairs(document)


def test_deleting_closes_the_chain_and_undo_shows_where(parts):
    controller, document, app_model, canvas, _form = parts
    first = document.spec
    app_model.set_selection(("conv2d_2",))
    controller.delete()
    assert ("maxpooling2d", "maxpooling2d_2") in pairs(document)
    assert app_model.selection == ()
    before = document.spec.network
    document.undo_stack.undo()
    controller.reveal_change(before, document.spec.network)
    assert document.spec == first
    assert canvas.selected_ids() == ("conv2d_2",)


def test_copying_and_pasting_keeps_settings_and_inner_wires(parts):
    controller, document, app_model, _canvas, _form = parts
    app_model.set_selection(("conv2d", "maxpooling2d"))
    controller.copy()
    assert may_hold_layers()
    controller.paste()
    new = app_model.selection
    assert len(new) == 2
    assert (new[0], new[1]) in pairs(document)
    assert (
        document.spec.network.layer(new[0]).parameters
        == document.spec.network.layer("conv2d").parameters
    )


def test_a_strange_clipboard_is_refused_in_a_sentence(parts, qtbot):
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QGuiApplication

    controller, document, app_model, _canvas, _form = parts
    content = QMimeData()
    content.setData(
        "application/x-netsmith-layers+json", b'{"layers": [{"id": "a/b", "kind": "Dense"}]}'
    )
    QGuiApplication.clipboard().setMimeData(content)
    with qtbot.waitSignal(app_model.said) as said:
        controller.paste()
    assert "no layers" in said.args[0]
    assert document.undo_stack.count() == 0


def test_typing_a_setting_is_one_step_and_defaults_are_not_stored(parts):
    _controller, document, _app_model, _canvas, form = parts
    for units in (1, 12, 128):
        form.parameter_changed.emit("dense", "units", units)
    assert document.undo_stack.count() == 1
    assert document.spec.network.layer("dense").parameters["units"] == 128
    form.visit_ended.emit()
    form.parameter_changed.emit("dense", "use_bias", True)
    assert "use_bias" not in document.spec.network.layer("dense").parameters


def test_renaming_keeps_wires_place_and_selection(parts, qtbot):
    _controller, document, app_model, _canvas, form = parts
    place = document.spec.canvas["dense"]
    form.renamed.emit("dense", "answer")
    assert ("dropout", "answer") in pairs(document)
    assert document.spec.canvas["answer"] == place
    assert app_model.selection == ("answer",)
    with qtbot.waitSignal(app_model.said):
        form.renamed.emit("answer", "flatten")
    assert "answer" in document.spec.network.ids


def test_a_cure_is_one_step_and_places_what_it_inserts(parts):
    controller, document, _app_model, _canvas, _form = parts
    from engine.spec.edits import add_after

    network, new = add_after(document.spec.network, "Flatten", {}, "conv2d")
    controller.apply_cure(Cure("Insert Flatten", network=network))
    assert document.undo_stack.count() == 1
    assert document.undo_stack.undoText() == "Insert Flatten"
    assert new in document.spec.canvas


def test_a_copy_stands_beside_what_it_copies(parts):
    controller, document, app_model, _canvas, _form = parts
    app_model.set_selection(("conv2d", "maxpooling2d"))
    for _time in range(2):
        controller.duplicate()
        app_model.set_selection(("conv2d", "maxpooling2d"))
    places = sorted(document.spec.canvas.values())
    assert len(places) == len(document.spec.network.layers)
    assert not [
        (a, b)
        for n, a in enumerate(places)
        for b in places[n + 1 :]
        if abs(a[0] - b[0]) < 184 and abs(a[1] - b[1]) < 68
    ]


def test_layers_travel_as_text_between_projects(parts):
    from PySide6.QtGui import QGuiApplication

    controller, document, app_model, _canvas, _form = parts
    app_model.set_selection(("conv2d", "maxpooling2d"))
    controller.copy()
    text = QGuiApplication.clipboard().text()
    QGuiApplication.clipboard().setText(text)  # the text alone, as after an editor
    document.load(document.spec.but(network=NetworkSpec(), canvas={}), lambda _spec: None)
    controller.paste()
    assert document.spec.network.ids == ("conv2d", "maxpooling2d")
    assert document.undo_stack.undoText() == "Paste 2 layers"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"hello",
        b"[]",
        b"{}",
        b'{"layers": 3}',
        b'{"network": 3}',
        b'{"notes": [{"text": "far", "x": 1e9, "y": 0}]}',
        b'{"network": {"layers": [{"id": "a", "kind": "Dense"}]}, "canvas": {"a": [NaN, 0]}}',
        b'{"layers": [], "wires": [], "more": 1}',
        b'{"layers": [{"id": "a", "kind": "Dense", "parameters": {"units": NaN}}, 1]}',
        b'{"layers": [{"id": "a", "kind": "Dense"}, {"id": "a", "kind": "Dense"}]}',
        b'{"layers": [{"id": "a", "kind": "Dense"}], "wires": [{"source": "a", "target": "b"}]}',
        b"[" * 100_000,
        b'{"layers": [' + b'{"id": "a", "kind": "Dense"},' * 3000 + b'{"id": "a", "kind": "D"}]}',
        b" " * (9 * 1024 * 1024),
    ],
)
def test_hostile_clipboards_are_refused(text):
    with pytest.raises(BadInput, match="the clipboard holds"):
        read_layers(text)


def test_another_kind_keeps_place_wires_and_what_fits(parts):
    _controller, document, app_model, canvas, _form = parts
    first, place = document.spec, document.spec.canvas["conv2d_2"]
    kept = first.network.layer("conv2d_2").parameters
    canvas.swap_requested.emit(("conv2d_2",), "SeparableConv2D")
    new = document.spec.network.layer("separableconv2d")
    assert kept.items() <= new.parameters.items()
    assert document.spec.canvas["separableconv2d"] == place
    assert ("maxpooling2d", "separableconv2d") in pairs(document)
    assert app_model.selection == canvas.selected_ids() == ("separableconv2d",)
    assert document.undo_stack.undoText() == "Change conv2d_2 into SeparableConv2D"
    document.undo_stack.undo()
    assert document.spec == first


def test_a_loose_block_goes_into_a_wire(parts):
    _controller, document, _app_model, canvas, _form = parts
    canvas.add_requested.emit("Dropout", 900.0, 0.0, None)
    wire = WireSpec(source="conv2d", target="maxpooling2d")
    canvas.insert_requested.emit("dropout_2", wire)
    assert {("conv2d", "dropout_2"), ("dropout_2", "maxpooling2d")} <= pairs(document)
    assert ("conv2d", "maxpooling2d") not in pairs(document)
    assert document.undo_stack.undoText() == "Put dropout_2 between conv2d and maxpooling2d"
    xs = {document.spec.canvas[name][0] for name in ("conv2d", "dropout_2", "maxpooling2d")}
    assert len(xs) == 1


def test_a_wire_pulled_back_to_an_empty_place_gets_a_source(parts):
    _controller, document, _app_model, canvas, _form = parts
    canvas.add_requested.emit("Embedding", 900.0, 0.0, InputPort("flatten", 0))
    assert ("embedding", "flatten") in pairs(document)
    assert document.spec.canvas["embedding"] == (900.0, 0.0)


def test_a_setting_of_several_layers_is_one_step(parts):
    _controller, document, _app_model, _canvas, form = parts
    first = document.spec
    form.shared_changed.emit(("conv2d", "conv2d_2"), "filters", 5)
    form.shared_changed.emit(("conv2d", "conv2d_2"), "filters", 56)
    network = document.spec.network
    assert [network.layer(n).parameters["filters"] for n in ("conv2d", "conv2d_2")] == [56, 56]
    assert document.undo_stack.count() == 1
    assert document.undo_stack.undoText() == "Set filters of 2 layers"
    form.trainable_changed.emit(("conv2d", "conv2d_2"), False)
    assert document.undo_stack.undoText() == "Freeze 2 layers"
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert document.spec == first


def test_blocks_are_aligned_distributed_and_arranged(parts):
    _controller, document, app_model, canvas, _form = parts
    arranging = ArrangingController(document, app_model, canvas)
    chosen = ("conv2d", "flatten", "dropout")
    canvas.move_requested.emit(
        (("conv2d", 700.0, 0.0), ("flatten", 900.0, 33.0), ("dropout", 800.0, 400.0))
    )
    app_model.set_selection(chosen)

    def places():
        return [document.spec.canvas[name] for name in chosen]

    arranging.align("left")
    assert places() == [(700.0, 0.0), (700.0, 33.0), (700.0, 400.0)]
    assert document.undo_stack.undoText() == "Align 3 blocks left"
    arranging.distribute("down")
    assert places() == [(700.0, 0.0), (700.0, 200.0), (700.0, 400.0)]
    others = {n: p for n, p in document.spec.canvas.items() if n not in chosen}
    arranging.arrange()
    assert document.undo_stack.undoText() == "Arrange 3 blocks"
    assert {n: p for n, p in document.spec.canvas.items() if n not in chosen} == others
    app_model.set_selection(())
    arranging.arrange()
    assert document.undo_stack.undoText() == "Arrange blocks"


def _random_edit(random, controller, arranging, document, app_model, canvas, form):
    """Do one edit of any kind with random arguments; some of them change nothing."""
    network = document.spec.network
    some = tuple(random.sample(network.ids, min(len(network.ids), random.randint(0, 3))))
    wires = random.sample(network.wires, min(len(network.wires), 1))
    app_model.set_selection(some)
    kind = random.choice(("Dense", "Conv2D", "Add", "Dropout", "MultiHeadAttention", "InputLayer"))
    x, y = random.uniform(-900, 900), random.uniform(-900, 900)
    new_name = f"name{random.randint(0, 9)}"
    edits = [
        lambda: controller.add_layer(kind),
        lambda: canvas.add_requested.emit(kind, x, y, None),
        controller.delete, controller.cut, controller.duplicate, controller.paste,
        arranging.arrange,
        lambda: arranging.align(random.choice(tuple(LINES))),
        lambda: arranging.distribute(random.choice(("across", "down"))),
        lambda: canvas.swap_requested.emit(some, kind),
        lambda: canvas.paste_requested.emit(x, y),
        lambda: canvas.move_requested.emit(tuple((name, x, y) for name in some)),
        lambda: canvas.disconnect_requested.emit(tuple(wires)),
        lambda: canvas.delete_requested.emit(some, tuple(wires)),
    ]  # fmt: skip
    if some:
        one, other = some[0], some[-1]
        edits += [
            controller.copy,
            lambda: canvas.add_requested.emit(kind, x, y, one),
            lambda: canvas.add_requested.emit(kind, x, y, InputPort(one, random.randint(0, 2))),
            lambda: canvas.connect_requested.emit(one, other, random.randint(0, 2)),
            lambda: form.renamed.emit(one, new_name),
            lambda: form.parameter_changed.emit(one, "units", random.randint(1, 99)),
            lambda: form.shared_changed.emit(some, "activation", "relu"),
            lambda: form.trainable_changed.emit(some, random.random() < 0.5),
            form.visit_ended.emit,
        ]
    if wires:
        edits += [lambda: canvas.add_requested.emit(kind, x, y, wires[0])]
        if some:
            edits += [lambda: canvas.rewire_requested.emit(wires[0], wires[0].but(target=some[0]))]
    random.choice(edits)()


@pytest.mark.parametrize("seed", range(6))
def test_any_edits_undone_give_the_first_description(parts, seed):
    controller, document, app_model, canvas, form = parts
    arranging = ArrangingController(document, app_model, canvas)
    put_layers(Fragment(network=document.spec.network))
    first, random = document.spec, Random(seed)
    for _step in range(50):
        _random_edit(random, controller, arranging, document, app_model, canvas, form)
        if random.random() < 0.1:
            document.undo_stack.undo()
    last = document.spec
    count = document.undo_stack.index()
    assert count > 10
    for step in range(count):
        assert document.undo_stack.text(step), "every step has a name"
        document.undo_stack.undo()
    assert document.spec == first
    assert canvas.graph.network == first.network
    while document.undo_stack.canRedo() and document.undo_stack.index() < count:
        document.undo_stack.redo()
    assert document.spec == last
    assert canvas.graph.network == last.network
