"""Descriptions as Keras builds them: names, preprocessing, freezing, errors, and training for real."""

import keras
import numpy as np
import pytest

from engine.build.model import build, build_as_described, compile_model
from engine.data.loaded import Statistics
from engine.editing.preprocessing import with_scaling
from engine.errors import SpecError
from engine.spec.base import ObjectSpec
from engine.spec.network import LayerSpec, NetworkSpec
from tests.engine.build.network_examples import (
    DIABETES,
    DIGITS,
    IRIS,
    MOONS,
    NEWS,
    chain,
    classifier,
    conv,
    dense,
    extend,
    project,
    samples_of,
    wired,
)

RANDOM = np.random.default_rng(0)
STATISTICS = Statistics(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 4.0, 9.0, 16.0]))


def names(model):
    return [layer.name for layer in model.layers]


def test_layers_carry_the_ids_of_the_description():
    model = build(with_scaling(classifier(), "unit", DIGITS), DIGITS)
    assert names(model) == ["input", "input_scaling", "conv2d", "flatten", "dense"]
    assert model.input_shape == (None, 8, 8, 1)
    assert model.output_shape == (None, 10)


@pytest.mark.parametrize(
    ("scaling", "low", "high"), [("unit", 0.0, 1.0), ("symmetric", -1.0, 1.0), ("none", 0.0, 16.0)]
)
def test_scaling_takes_the_range_of_the_data_where_it_should(scaling, low, high):
    model = build(with_scaling(chain("Flatten"), scaling, DIGITS), DIGITS)
    ends = model.predict(np.stack([np.zeros((8, 8, 1)), np.full((8, 8, 1), 16.0)]), verbose=0)
    assert ends[0] == pytest.approx(low)
    assert ends[1] == pytest.approx(high)
    assert ("input_scaling" in names(model)) == (scaling != "none")


def test_what_a_normalization_learned_is_a_constant_of_the_model():
    model = build(chain("Normalization", "Identity"), IRIS, STATISTICS)
    sample = np.array([[2.0, 4.0, 6.0, 8.0]], "float32")
    assert model.predict(sample, verbose=0) == pytest.approx(np.ones((1, 4)))
    assert model.count_params() == 0
    again = keras.Model.from_config(model.get_config())
    assert again.predict(sample, verbose=0) == pytest.approx(np.ones((1, 4)))


@pytest.mark.parametrize("kind", ["Rescaling", "Normalization"])
def test_numbers_that_the_data_does_not_give_are_refused(kind):
    with pytest.raises(SpecError) as caught:
        build(chain(kind, dense(3)), IRIS)
    assert caught.value.where.startswith(f"network.layers.{kind.lower()}")


def test_text_is_never_scaled():
    words = ("Embedding", {"input_dim": 1000, "output_dim": 4})
    network = chain(words, "GlobalAveragePooling1D", dense(5))
    model = build(with_scaling(network, "unit", NEWS), NEWS)
    assert names(model)[:2] == ["input", "embedding"]
    assert model.inputs[0].dtype == "int32"


def test_bytes_enter_a_model_without_scaling_as_floats():
    pictures = samples_of((8, 8, 1), "uint8", "picture")
    assert build(classifier(), pictures).inputs[0].dtype == "float32"
    scaled = extend(chain(("Rescaling", {"scale": 1 / 255})), "rescaling", "Flatten")
    assert build(scaled, pictures).inputs[0].dtype == "uint8"
    both = extend(scaled, "input", "Flatten")
    assert build(both, pictures).inputs[0].dtype == "float32"


def test_a_taken_scaling_name_is_left_to_its_owner():
    network = chain("Flatten").renamed("flatten", "input_scaling")
    scaled = with_scaling(network, "unit", DIGITS)
    assert names(build(scaled, DIGITS)) == ["input", "input_scaling_2", "input_scaling"]


def test_a_frozen_layer_stays_frozen():
    network = classifier()
    frozen = network.with_changed(network.layer("conv2d").but(trainable=False))
    model = build(frozen, DIGITS)
    assert not model.get_layer("conv2d").trainable
    assert {w.path.split("/")[0] for w in model.trainable_weights} == {"dense"}


def test_several_inputs_share_the_data():
    network = chain("Flatten").with_layer(LayerSpec(id="second", kind="InputLayer"))
    network = network.with_layer(LayerSpec(id="other", kind="Flatten"))
    network = network.with_layer(LayerSpec(id="sum", kind="Add"))
    network = wired(network, ("second", "other", 0), ("flatten", "sum", 0), ("other", "sum", 1))
    model = build(network, DIGITS)
    assert len(model.inputs) == 1
    picture = np.full((1, 8, 8, 1), 1.0)
    assert model.predict(picture, verbose=0) == pytest.approx(np.full((1, 64), 2.0))


def test_ports_decide_the_order_of_inputs():
    network = chain("Flatten", ("Rescaling", {"scale": 3.0})).with_layer(
        LayerSpec(id="less", kind="Subtract")
    )
    network = wired(network, ("rescaling", "less", 1), ("flatten", "less", 0))
    ones = np.full((1, 8, 8, 1), 1.0)
    assert build(network, DIGITS).predict(ones, verbose=0) == pytest.approx(np.full((1, 64), -2.0))


@pytest.mark.parametrize(
    ("network", "where", "words"),
    [
        (NetworkSpec(), "network.layers", "input"),
        (chain(), "network.layers", "output"),
        (chain("Flatten", conv()), "network.layers.conv2d", "picture"),
        (chain(conv(size=9)), "network.layers.conv2d.kernel_size", "window"),
        (chain(dense(0)), "network.layers.dense.units", "units"),
        (chain("Nonsense"), "network.layers.nonsense", "Keras has no"),
        (chain("Lambda"), "network.layers.lambda", ""),
        (
            chain().with_layer(LayerSpec(id="alone", kind="Flatten")),
            "network.layers.alone",
            "connect",
        ),
        (wired(chain("Add", "Flatten"), ("flatten", "add", 1)), "network.wires", "circle"),
        (
            classifier().with_parameters("input", {"shape": (9, 9, 1)}),
            "network.layers.input.shape",
            "8 × 8 × 1",
        ),
    ],
)
def test_what_cannot_be_built_is_refused_by_name_in_one_sentence(network, where, words):
    with pytest.raises(SpecError) as caught:
        build(network, DIGITS)
    assert caught.value.where == where
    assert words in caught.value.problem
    assert len(caught.value.problem) <= 160
    assert "\n" not in str(caught.value)


def test_a_network_with_shapes_of_its_own_needs_no_data():
    network = chain("Flatten", dense(2)).with_parameters("input", {"shape": (3, 4)})
    model = build_as_described(network)
    assert model.input_shape == (None, 3, 4)
    assert names(model) == ["input", "flatten", "dense"]
    with pytest.raises(SpecError, match="shape"):
        build_as_described(chain("Flatten"))


def targets(info, encoding, count):
    if encoding == "number":
        return RANDOM.random((count, 1), "float32")
    labels = RANDOM.integers(0, info.n_classes, count)
    return labels.astype("int32") if encoding == "index" else np.eye(info.n_classes)[labels]


@pytest.mark.parametrize(
    ("network", "info", "training", "encoding", "figure"),
    [
        (classifier(), DIGITS, {}, "index", "accuracy"),
        (chain("Flatten", dense(10)), DIGITS, {}, "index", "accuracy"),
        (
            classifier(),
            DIGITS,
            {"loss": ObjectSpec(kind="CategoricalCrossentropy")},
            "one_hot",
            "accuracy",
        ),
        (chain(dense(1, "sigmoid")), MOONS, {}, "number", "accuracy"),
        (chain(dense(1)), MOONS, {}, "number", "accuracy"),
        (chain(dense(1)), DIABETES, {}, "number", "mean_absolute_error"),
    ],
)
def test_compiled_with_auto_a_model_learns_and_names_its_figures(
    network, info, training, encoding, figure
):
    spec = project(network, optimizer=ObjectSpec(kind="SGD"), **training)
    model = build(network, info, "unit" if info.value_range else "none")
    compile_model(model, spec, info)
    x = RANDOM.random((8, *info.input_shape), "float32")
    before = [w.numpy() for w in model.trainable_weights]
    log = model.train_step((x, targets(info, encoding, 8)))
    assert set(log) == {"loss", figure}
    assert np.isfinite(log["loss"])
    changed = zip(before, model.trainable_weights, strict=True)
    assert any(not np.array_equal(old, new.numpy()) for old, new in changed)


def test_logits_and_probabilities_give_the_same_loss_under_auto():
    logits, shares = chain("Flatten", dense(10)), chain("Flatten", dense(10, "softmax"))
    models = [build(network, DIGITS) for network in (logits, shares)]
    models[1].set_weights(models[0].get_weights())
    x, y = RANDOM.random((8, 8, 8, 1)), RANDOM.integers(0, 10, 8)
    figures = []
    for model, network in zip(models, (logits, shares), strict=True):
        compile_model(model, project(network), DIGITS)
        figures.append(model.evaluate(x, y, verbose=0, return_dict=True))
    assert figures[0]["loss"] == pytest.approx(figures[1]["loss"], rel=1e-5)
    assert figures[0]["accuracy"] == figures[1]["accuracy"]


@pytest.mark.parametrize(
    ("training", "where"),
    [
        ({"optimizer": ObjectSpec(kind="Nonsense")}, "training.optimizer.Nonsense"),
        ({"loss": ObjectSpec(kind="Nonsense")}, "training.loss.Nonsense"),
        ({"metrics": (ObjectSpec(kind="Nonsense"),)}, "training.metrics.Nonsense"),
        (
            {"optimizer": ObjectSpec(kind="Adam", parameters={"learning_rate": -1.0})},
            "training.optimizer.Adam.learning_rate",
        ),
    ],
)
def test_training_objects_that_do_not_exist_are_refused_by_place(training, where):
    model = build(classifier(), DIGITS)
    with pytest.raises(SpecError) as caught:
        compile_model(model, project(classifier(), **training), DIGITS)
    assert caught.value.where == where
