"""What "auto" becomes, and how labels reach each loss."""

import pytest

from engine.data.auto_defaults import (
    figure_names,
    label_encoding,
    output_of,
    resolve_loss,
    resolve_metrics,
)
from engine.spec.base import ObjectSpec
from engine.spec.network import LayerSpec, NetworkSpec
from tests.engine.build.network_examples import (
    DIABETES,
    DIGITS,
    IRIS,
    MOONS,
    chain,
    conv,
    dense,
    extend,
    project,
    wired,
)

LOGITS = {"from_logits": True}


def layer(kind, **parameters):
    return (kind, parameters)


@pytest.mark.parametrize(
    ("network", "info", "kind", "parameters", "metric"),
    [
        (
            chain(dense(10, "softmax")),
            DIGITS,
            "SparseCategoricalCrossentropy",
            {},
            "SparseCategoricalAccuracy",
        ),
        (
            chain(dense(10)),
            DIGITS,
            "SparseCategoricalCrossentropy",
            LOGITS,
            "SparseCategoricalAccuracy",
        ),
        (
            chain(dense(2, "softmax")),
            MOONS,
            "SparseCategoricalCrossentropy",
            {},
            "SparseCategoricalAccuracy",
        ),
        (chain(dense(1, "sigmoid")), MOONS, "BinaryCrossentropy", {}, "BinaryAccuracy"),
        (chain(dense(1)), MOONS, "BinaryCrossentropy", LOGITS, "BinaryAccuracy"),
        (chain(dense(1)), DIABETES, "MeanSquaredError", {}, "MeanAbsoluteError"),
        (
            chain(),
            DIGITS,
            "SparseCategoricalCrossentropy",
            LOGITS,
            "SparseCategoricalAccuracy",
        ),
    ],
)
def test_auto_follows_task_units_and_last_activation(network, info, kind, parameters, metric):
    spec = project(network)
    assert resolve_loss(spec, info) == ObjectSpec(kind=kind, parameters=parameters)
    assert [m.kind for m in resolve_metrics(spec, info)] == [metric]


def test_a_chosen_loss_and_chosen_metrics_are_left_alone():
    loss = ObjectSpec(kind="Huber", parameters={"delta": 2.0})
    metrics = (ObjectSpec(kind="R2Score"), ObjectSpec(kind="auto"), ObjectSpec(kind="R2Score"))
    spec = project(chain(dense(1)), loss=loss, metrics=metrics)
    assert resolve_loss(spec, DIABETES) == loss
    kinds = [m.kind for m in resolve_metrics(spec, DIABETES)]
    assert kinds == ["R2Score", "MeanAbsoluteError"]


def test_the_true_number_of_units_outweighs_the_description():
    spec = project(chain("Flatten"))
    assert resolve_loss(spec, MOONS).kind == "SparseCategoricalCrossentropy"
    assert resolve_loss(spec, MOONS, units=1).kind == "BinaryCrossentropy"


def test_accuracy_of_logits_has_its_threshold_at_zero():
    (metric,) = resolve_metrics(project(chain(dense(1))), MOONS)
    assert metric.parameters == {"threshold": 0.0}
    (metric,) = resolve_metrics(project(chain(dense(1, "sigmoid"))), MOONS)
    assert metric.parameters == {}


@pytest.mark.parametrize(
    ("layers", "units", "activation", "sized_by", "activated_by"),
    [
        ([dense(7, "softmax")], 7, "softmax", "dense", "dense"),
        ([("Dense", {"units": 7})], 7, "linear", "dense", "dense"),
        ([dense(7), layer("Activation", activation="softmax")], 7, "softmax", "dense", None),
        ([dense(7), "Softmax"], 7, "softmax", "dense", None),
        ([dense(7, "softmax"), layer("Dropout", rate=0.1)], 7, "softmax", "dense", "dense"),
        ([dense(7, "softmax"), "BatchNormalization"], 7, "linear", "dense", None),
        ([dense(7, "sigmoid"), "Flatten"], None, "sigmoid", "", "dense"),
        ([conv(5, activation="softmax"), "GlobalAveragePooling2D"], 5, "softmax", "conv2d", None),
        ([("LSTM", {"units": 3})], 3, "tanh", "lstm", "lstm"),
        (["Nonsense"], None, "linear", "", None),
        (
            [layer("TimeDistributed", layer={"kind": "Dense", "parameters": {"units": 4}})],
            4,
            "linear",
            "",
            None,
        ),
        (
            [layer("Bidirectional", layer={"kind": "LSTM", "parameters": {"units": 4}})],
            None,
            "linear",
            "",
            None,
        ),
    ],
)
def test_what_the_description_says_of_the_output(layers, units, activation, sized_by, activated_by):
    output = output_of(chain(*layers))
    assert (output.units, output.activation, output.sized_by) == (units, activation, sized_by)
    if activated_by is not None:
        assert output.activated_by == activated_by
    assert output.logits == (activation not in {"softmax", "sigmoid"})


def test_branches_that_agree_keep_their_activation_where_they_meet():
    def joined(merge, other):
        network = extend(chain(dense(3, "softmax"), merge), "input", dense(3, other))
        return output_of(wired(network, ("dense_2", network.layers[2].id, 1)))

    assert joined("Average", "softmax").activation == "softmax"
    assert joined("Average", "softmax").activated_by == ""
    assert joined("Average", "linear").activation == "linear"
    assert joined("Add", "softmax").activation == "linear"
    assert joined("Average", "softmax").units == 3


def test_no_output_or_several_say_nothing():
    assert output_of(NetworkSpec()) is None
    assert output_of(chain()) is None
    assert output_of(extend(chain(dense(3)), "input", dense(3))) is None


def test_circles_and_long_chains_of_passing_layers_end():
    circle = wired(chain("Dropout", "Dropout", dense(3)), ("dropout_2", "dropout", 1))
    assert output_of(circle).units == 3
    network = NetworkSpec(layers=(LayerSpec(id="input", kind="InputLayer"),))
    source = "input"
    for i in range(40):  # 2^40 paths
        for side in "ab":
            network = network.with_layer(LayerSpec(id=f"{side}{i}", kind="Identity"))
            network = wired(network, (source, f"{side}{i}", 0))
        network = network.with_layer(LayerSpec(id=f"mean{i}", kind="Average"))
        network = wired(network, (f"a{i}", f"mean{i}", 0), (f"b{i}", f"mean{i}", 1))
        source = f"mean{i}"
    assert output_of(network).activation == "linear"


@pytest.mark.parametrize(
    ("loss", "info", "units", "encoding"),
    [
        ("SparseCategoricalCrossentropy", DIGITS, 10, "index"),
        ("SparseCategoricalCrossentropy", DIGITS, None, "index"),
        ("CategoricalGeneralizedCrossEntropy", DIGITS, 10, "index"),
        ("CategoricalCrossentropy", DIGITS, 10, "one_hot"),
        ("CategoricalCrossentropy", DIGITS, None, "one_hot"),
        ("KLDivergence", IRIS, 3, "one_hot"),
        ("CategoricalHinge", IRIS, 3, "one_hot"),
        ("MeanSquaredError", IRIS, 3, "one_hot"),
        ("BinaryCrossentropy", MOONS, 1, "number"),
        ("BinaryCrossentropy", MOONS, 2, "one_hot"),
        ("Hinge", MOONS, 1, "number"),
        ("MeanSquaredError", DIABETES, 1, "number"),
        ("SparseCategoricalCrossentropy", DIABETES, 1, "number"),
    ],
)
def test_labels_reach_each_loss_as_it_takes_them(loss, info, units, encoding):
    assert label_encoding(loss, info, units) == encoding


@pytest.mark.parametrize(
    ("kinds", "names"),
    [
        (["SparseCategoricalAccuracy"], ["accuracy"]),
        (["BinaryAccuracy", "CategoricalAccuracy"], ["accuracy", "categorical_accuracy"]),
        (["MeanAbsoluteError", "R2Score"], ["mean_absolute_error", "r2_score"]),
        (["AUC", "AUC"], ["auc", "auc_2"]),
        (["Accuracy", "Accuracy"], ["accuracy", "accuracy_2"]),
        (["KLDivergence"], ["kl_divergence"]),
    ],
)
def test_figures_have_plain_and_different_names(kinds, names):
    assert list(figure_names(tuple(ObjectSpec(kind=kind) for kind in kinds))) == names
