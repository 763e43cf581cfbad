import keras
import numpy as np
import pytest

from engine.build.model import build
from engine.importing.architectures import LEFT_OUT, bare, graph_of, packed
from engine.spec.data import DataSpec
from engine.spec.edits import remove
from engine.templates import TEMPLATES, new_project
from engine.templates.architectures import FAMILIES, body
from engine.validation import validate
from tests.engine.build.network_examples import DIGITS, samples_of

NAMES = {name for family in FAMILIES for name in family.names}
PHOTOS = samples_of((96, 64, 3), "uint8", kind="picture")


def test_every_architecture_of_keras_is_stored_or_left_out_on_purpose():
    public = {
        name
        for name in dir(keras.applications)
        if name[0].isupper() and callable(getattr(keras.applications, name))
    }
    assert public == NAMES | LEFT_OUT


@pytest.mark.parametrize("name", ["VGG16", "MobileNetV3Small", "EfficientNetB0"])
def test_the_stored_graph_is_the_one_that_the_installed_keras_builds(name):
    family = next(family for family in FAMILIES if name in family.names)
    network, _ = graph_of(name)
    stored = body(name)
    assert packed(stored) == packed(bare(network, family))
    assert "Normalization" not in [layer.kind for layer in stored.layers]


def test_its_layers_answer_as_those_of_keras_do():
    keras.utils.set_random_seed(0)
    theirs = keras.applications.MobileNetV2(
        weights=None, include_top=False, pooling="avg", input_shape=(96, 64, 3)
    )
    network = TEMPLATES["mobilenetv2"].build(PHOTOS)
    headless = remove(network, [layer.id for layer in network.layers[-2:]])
    ours = build(headless, PHOTOS)
    assert [w.shape for w in ours.weights] == [w.shape for w in theirs.weights]
    ours.set_weights(theirs.get_weights())
    x = np.random.default_rng(0).random((2, 96, 64, 3), np.float32)
    np.testing.assert_allclose(ours(x), theirs(x), atol=1e-5)


@pytest.mark.parametrize(
    ("template", "enlarged"), [("resnet50", (32, 32)), ("inceptionv3", (75, 75))]
)
def test_small_grey_pictures_are_enlarged(template, enlarged):
    spec = new_project(template, DataSpec(), DIGITS)
    assert validate(spec, DIGITS, {}) == ()
    (resizing,) = [layer for layer in spec.network.layers if layer.kind == "Resizing"]
    assert (resizing.parameters["height"], resizing.parameters["width"]) == enlarged
    assert len(spec.canvas) == len(spec.network.layers) > 170


def test_every_architecture_is_whole_and_ends_in_the_classes():
    for name in NAMES:
        network = TEMPLATES[name.lower()].build(PHOTOS)
        (output,) = network.outputs
        assert (output.kind, output.parameters["units"]) == ("Dense", 10)
        assert len(network.inputs) == 1
