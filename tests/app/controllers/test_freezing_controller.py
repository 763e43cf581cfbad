"""Freezing all but the head is one undo step."""

import pytest

from app.app_model import AppModel
from app.controllers.editor.freezing import FreezingController
from app.document import Document
from engine.spec.issues import LayerFacts
from engine.spec.project import ProjectSpec
from tests.engine.training.problems import chain

NETWORK = chain(
    ("conv", "Conv2D", {"filters": 2}),
    ("norm", "BatchNormalization", {}),
    ("flat", "Flatten", {}),
    ("dense", "Dense", {"units": 2}),
    ("softmax", "Softmax", {}),
)


@pytest.fixture
def parts(qapp):
    document = Document(ProjectSpec(network=NETWORK), lambda _spec: None)
    app_model = AppModel()
    return FreezingController(document, app_model), document, app_model


def frozen(document):
    return [layer.id for layer in document.spec.network.layers if not layer.trainable]


def test_the_base_is_frozen_the_head_is_not(parts):
    controller, document, app_model = parts
    counts = {"conv": 20, "norm": 8, "flat": 0, "dense": 6, "softmax": 0}
    app_model.set_checked({name: LayerFacts((2,), count) for name, count in counts.items()}, ())
    controller.freeze_base()
    assert frozen(document) == ["conv", "norm"]
    controller.freeze_base()
    assert document.undo_stack.count() == 1
    controller.unfreeze_all()
    assert frozen(document) == []
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert document.spec.network == NETWORK


def test_nothing_is_frozen_before_the_shapes_are_known(parts):
    controller, document, app_model = parts
    said = []
    app_model.said.connect(said.append)
    controller.freeze_base()
    assert (len(said), frozen(document)) == (1, [])
