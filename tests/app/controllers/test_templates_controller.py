import pytest
from PySide6.QtWidgets import QListWidget

from app.app_model import AppModel
from app.controllers.editor.templates import TemplatesController, cards_for
from app.document import Document
from engine.data.choice import describe
from engine.data.info import DataInfo
from engine.errors import BadInput
from engine.spec.data import DataSpec
from engine.templates import TEMPLATES, new_project
from tests.engine.build.network_examples import DIGITS, IRIS
from widgets.canvas import NetworkCanvas
from widgets.templates import TemplateGallery
from widgets.templates.card import CARD_ROLE


@pytest.fixture
def parts(qtbot):
    """A controller over real widgets and a dense network for digits; no TensorFlow, no disk."""
    data = DataSpec(reader="digits")
    document = Document(new_project("mlp", data, describe(data), "test"), lambda _spec: None)
    app_model, canvas, gallery = AppModel(), NetworkCanvas(), TemplateGallery()
    app_model.set_info(describe(data))
    for widget in (canvas, gallery):
        qtbot.addWidget(widget)
    return TemplatesController(document, app_model, canvas, gallery), document, app_model, gallery


def test_a_template_replaces_the_network_as_one_step(parts):
    _controller, document, _app_model, gallery = parts
    before = document.spec
    gallery.chosen.emit("residual")
    assert any(layer.kind == "Add" for layer in document.spec.network.layers)
    assert document.undo_stack.undoText() == "Use the template Residual network"
    document.undo_stack.undo()
    assert document.spec == before


def test_what_was_replaced_is_said_and_can_be_undone(parts, qtbot):
    controller, _document, app_model, _gallery = parts
    with qtbot.waitSignal(app_model.replaced) as replaced:
        controller.use("densenet121")
    assert replaced.args == ["The network was replaced by DenseNet121, 432 layers.", None]


def test_the_proposal_is_put_in_and_explained(parts, qtbot):
    controller, document, app_model, _gallery = parts
    with qtbot.waitSignal(app_model.said) as said:
        controller.propose()
    why = "8 × 8 pixels hold few shapes: two convolutions find them in seconds."
    assert said.args == [f"Small convolutional network: {why}"]
    assert document.spec.network == TEMPLATES["cnn"].network(app_model.info)
    assert document.undo_stack.count() == 1


@pytest.mark.parametrize(("template", "is_replaced"), [("cnn", True), ("mlp", False)])
def test_other_data_replace_only_what_was_proposed(parts, template, is_replaced):
    controller, document, app_model, _gallery = parts
    controller.use(template)
    before = document.spec.network
    controller.propose_if_ready()  # the same data still
    assert document.spec.network == before
    app_model.set_info(None)
    app_model.set_info(IRIS)
    controller.propose_if_ready()
    expected = TEMPLATES["mlp"].network(IRIS)
    assert (document.spec.network == expected) == is_replaced
    assert (document.spec.network == before) != is_replaced


def test_without_data_nothing_is_replaced_and_the_status_says_why(parts, qtbot):
    controller, document, app_model, _gallery = parts
    app_model.set_info(None)
    for command in (controller.propose, lambda: controller.use("mlp")):
        with qtbot.waitSignal(app_model.said) as said:
            command()
        assert "choose the data first" in said.args[0]
    assert document.undo_stack.count() == 0


def test_what_does_not_suit_is_refused(parts):
    controller, document, _app_model, _gallery = parts
    with pytest.raises(BadInput, match="tables"):
        controller.use("wide_and_deep")
    assert document.undo_stack.count() == 0


def test_the_gallery_starts_with_the_proposal(parts):
    controller, _document, _app_model, gallery = parts
    controller.show_gallery()
    cards = gallery.findChild(QListWidget, "templates.list")
    card = cards.currentItem().data(CARD_ROLE)
    assert (card.id, card.group) == ("cnn", "Proposed for Handwritten digits")
    gallery.reject()


@pytest.mark.parametrize("info", [None, DIGITS, IRIS])
def test_every_card_has_a_picture_whatever_the_data(info):
    cards = cards_for(info)
    assert {card.id for card in cards} == set(TEMPLATES)
    for card in cards:
        if card.group != "Architectures of keras.applications":
            assert card.network().layers
    usable = {card.id for card in cards if not card.why_not}
    assert usable == {t.id for t in TEMPLATES.values() if not t.why_not(info)}


def test_a_proposal_takes_a_scaling_that_the_data_can_have(parts):
    controller, document, app_model, _gallery = parts
    data = DataSpec(reader="file", path="/own.npz")
    document.edit("Choose", document.spec.but(data=data))
    app_model.set_info(
        DataInfo.single(
            "file", "own.npz", "number", "classification", (4,), ("0", "1"), "float32", None
        )
    )
    controller.propose()
    assert document.spec.network.layer("input_scaling").kind == "Normalization"
    assert document.spec.data == data
