"""Models that use layers with weights in several places: opened as one block, trained, saved and opened again."""

import keras
import numpy as np
import pytest

from engine.build.model import build
from engine.build.shapes import ShapeCache
from engine.catalog import catalog, check_parameters
from engine.code.network_code import network_code
from engine.code.reader import parse
from engine.code.script import generate
from engine.code.values import NotUnderstood
from engine.data.info import DataInfo
from engine.errors import BadInput, SpecError
from engine.estimate.costs import costs
from engine.importing.opener import open_model, restore
from engine.importing.summary import summarize
from engine.spec import codec
from engine.spec.base import ObjectSpec
from engine.spec.inner import InnerNetwork
from engine.spec.network import MODEL_KIND, LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from engine.validation import validate

layers = keras.layers


def _siamese():
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    tower = keras.Sequential([keras.Input((6,)), layers.Dense(4, "tanh"), layers.Dense(3)])
    apart = layers.Subtract()([tower(left), tower(right)])
    return keras.Model([left, right], layers.Dense(1, "sigmoid", name="end")(apart), name="siamese")


def _nested_with_two_inputs():
    one, other, shared = keras.Input((6,)), keras.Input((6,)), layers.Dense(4)
    inside = keras.Model([one, other], layers.Multiply()([shared(one), shared(other)]), name="pair")
    data = keras.Input((5,))
    return keras.Model(
        data, layers.Dense(2)(inside([layers.Dense(6)(data), layers.Dense(6)(data)]))
    )


def _repeated():
    data = keras.Input((6,))
    same = layers.Dense(6, "tanh", name="same")
    return keras.Model(
        data, layers.Dense(2, name="end")(same(same(layers.BatchNormalization()(data))))
    )


def _functional_tower():
    data = keras.Input((6,))
    normal = layers.BatchNormalization()(layers.Dense(4, "relu")(data))
    tower = keras.Model(data, normal, name="tower")
    inputs = [keras.Input((6,), name=name) for name in "abc"]
    beside = layers.Dense(2)(inputs[2])
    return keras.Model(inputs, layers.Dense(2)(layers.Concatenate()([*map(tower, inputs), beside])))


def _masked():
    one, other = keras.Input((5,), dtype="int32"), keras.Input((5,), dtype="int32")
    words, memory = layers.Embedding(9, 4, mask_zero=True), layers.GRU(3)
    return keras.Model([one, other], layers.Dot(-1)([memory(words(one)), memory(words(other))]))


MODELS = {
    "siamese": _siamese,
    "nested": _nested_with_two_inputs,
    "repeated": _repeated,
    "functional tower": _functional_tower,
    "masked": _masked,
}


def _saved(name, path):
    keras.utils.set_random_seed(3)
    model = MODELS[name]()
    model.save(path)
    return model


def _samples(model):
    draw = np.random.default_rng(5)
    made = [
        draw.integers(0, 9, (4, *data.shape[1:]))
        if data.dtype == "int32"
        else draw.normal(size=(4, *data.shape[1:])).astype(np.float32)
        for data in model.inputs
    ]
    return made if len(made) > 1 else made[0]


def _shared(network):
    return {block.id: InnerNetwork.inside(block).shared for block in _blocks(network)}


def _blocks(network):
    return [layer for layer in network.layers if layer.kind == MODEL_KIND]


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5")
@pytest.mark.parametrize(
    ("name", "ending"),
    [*((name, "keras") for name in MODELS), ("siamese", "h5"), ("functional tower", "h5")],
)
def test_it_opens_as_one_block_and_answers_trains_and_opens_again_as_before(name, ending, tmp_path):
    theirs = _saved(name, tmp_path / f"model.{ending}")
    opened = open_model(tmp_path / f"model.{ending}")
    assert len(_blocks(opened.network)) == 1
    ours, samples = restore(opened), _samples(theirs)
    assert ours.count_params() == summarize(opened).parameters == theirs.count_params()
    assert np.allclose(ours(samples), theirs(samples), atol=1e-5)
    for model in (ours, theirs):
        model.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=True)
        model.train_on_batch(samples, np.ones((4, model.output_shape[-1])))
    assert np.allclose(ours(samples), theirs(samples), atol=1e-5)  # the uses learned together
    ours.save(tmp_path / "again.keras")
    plain = keras.saving.load_model(tmp_path / "again.keras")
    again = open_model(tmp_path / "again.keras")
    assert again.network.ids == opened.network.ids
    assert _shared(again.network) == _shared(opened.network)
    assert np.allclose(plain(samples), theirs(samples), atol=1e-5)
    assert np.allclose(restore(again)(samples), theirs(samples), atol=1e-5)


def test_only_the_part_that_needs_it_is_the_block(tmp_path):
    _saved("siamese", tmp_path / "model.keras")
    opened = open_model(tmp_path / "model.keras")
    assert opened.network.ids == ("left", "right", "siamese", "end")
    (block,) = _blocks(opened.network)
    inner = InnerNetwork.inside(block)
    assert [layer.kind for layer in inner.layers].count("Dense") == 4
    assert len(set(inner.shared.values())) == 2
    _saved("nested", tmp_path / "nested.keras")
    (block,) = _blocks(open_model(tmp_path / "nested.keras").network)
    assert block.id == "pair"


def test_two_outputs_behind_a_shared_layer_are_refused(tmp_path):
    one, other, shared = keras.Input((3,)), keras.Input((3,)), layers.Dense(2, name="tower")
    keras.Model([one, other], [shared(one), shared(other)]).save(tmp_path / "two.keras")
    with pytest.raises(BadInput, match='the layer "tower" in several places and gives 2 outputs'):
        open_model(tmp_path / "two.keras")


# ---- In a project ----

INFO = DataInfo.single(
    "made", "Made", "point", "classification", (6,), ("one", "two"), value_range=None
)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    path = tmp_path_factory.mktemp("repeated") / "model.keras"
    _saved("repeated", path)
    return open_model(path).network


def test_a_project_keeps_it(network):
    spec = ProjectSpec(network=network)
    assert codec.decode(codec.encode(spec)) == spec


def test_its_shape_and_parameters_are_shown_and_nothing_is_wrong_with_it(network):
    (block,) = _blocks(network)
    facts = ShapeCache().facts(network, INFO)
    assert (facts[block.id].output_shape, facts[block.id].parameters) == ((6,), 42)
    found = validate(ProjectSpec(network=network), INFO, facts)
    assert not [issue for issue in found if issue.severity == "error"]
    frozen = network.with_changed(block.but(trainable=False))
    built = build(frozen, INFO)
    assert not built.get_layer(block.id).trainable_weights


def test_what_each_use_costs_is_counted(network):
    facts = ShapeCache().facts(network, INFO)
    (block,) = _blocks(network)
    counted = costs(network, facts, INFO, 32, ObjectSpec(kind="Adam")).layers[block.id]
    assert counted.multiply_adds == 2 * 6 * 6
    assert counted.activation_bytes == 2 * 6 * 4


def test_a_wire_too_many_is_said(network):
    (block,) = _blocks(network)
    loose = network.with_wire(WireSpec(source="end", target=block.id, port=1))
    assert any("wire" in issue.message for issue in validate(ProjectSpec(network=loose), INFO))


def test_the_script_makes_the_same_network(network):
    known = {"keras": keras, "layers": layers, "x_train": np.zeros((4, 6), np.float32)}
    exec(network_code(network, INFO), known)  # noqa: S102 - our own text
    ours = build(network, INFO)
    assert [w.shape for w in known["model"].weights] == [w.shape for w in ours.weights]
    known["model"].set_weights(ours.get_weights())
    samples = np.random.default_rng(1).normal(size=(4, 6)).astype(np.float32)
    assert np.allclose(known["model"](samples), ours(samples), atol=1e-6)


def test_its_script_cannot_come_back_and_says_what_to_open_instead(network):
    script = generate(ProjectSpec(network=network), INFO)
    with pytest.raises(NotUnderstood, match=r"shared weights.*open the saved \.keras file"):
        parse(script)


# ---- What a project made by somebody else may claim ----

INPUT, LAST = {"id": "input", "kind": "InputLayer"}, {"id": "last", "kind": "Flatten"}
WIRE = {"source": "input", "target": "last"}


def _claims(*layers, wires=(WIRE,), **more):
    return {"layers": (INPUT, *layers), "wires": wires, **more}


CLAIMS = {
    "no network": ("/etc/passwd", "is no network"),
    "a Lambda": (_claims({"id": "last", "kind": "Lambda"}), '"Lambda" cannot be used'),
    "an unknown class": (
        _claims({"id": "last", "kind": "os.system"}),
        '"os.system" cannot be used',
    ),
    "a block inside": (_claims({"id": "last", "kind": "Model"}), "holds a further block"),
    "an odd setting": (
        _claims({"id": "last", "kind": "Dense", "parameters": {"units": 2, "lambda": "x"}}),
        'no setting called "lambda"',
    ),
    "a file of words": (
        _claims(
            {"id": "last", "kind": "StringLookup", "parameters": {"vocabulary": "/etc/passwd"}}
        ),
        "list of words",
    ),
    "a circle": (
        _claims(
            LAST,
            {"id": "a", "kind": "Add"},
            {"id": "b", "kind": "Flatten"},
            wires=(
                WIRE,
                {"source": "a", "target": "b"},
                {"source": "b", "target": "a"},
            ),
        ),
        "circle",
    ),
    "two outputs": (
        _claims(LAST, {"id": "more", "kind": "Flatten"}, wires=(WIRE, {**WIRE, "target": "more"})),
        "one output",
    ),
    "weights of another kind": (
        _claims(LAST, {"id": "d", "kind": "Dropout"}, shared={"d": "last"}),
        "one output",
    ),
    "weights of itself": (_claims(LAST, shared={"last": "last"}), "layers that differ"),
    "too many": (
        _claims(*({"id": f"a{n}", "kind": "Flatten"} for n in range(5001)), wires=()),
        "more than 5,000 layers",
    ),
    "more than it may say": (_claims(LAST, module="os"), "cannot be read"),
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_does_not_fit_is_refused_in_one_sentence(claim):
    value, words = CLAIMS[claim]
    parameters = {"network": value}
    (problem,) = check_parameters(catalog().layer(MODEL_KIND), parameters).values()
    assert words in problem
    assert len(problem) < 160
    block = LayerSpec(id="block", kind=MODEL_KIND, parameters=parameters)
    network = NetworkSpec(
        layers=(LayerSpec(id="input", kind="InputLayer"), block),
        wires=(WireSpec(source="input", target="block"),),
    )
    with pytest.raises(SpecError):
        build(network, INFO)
