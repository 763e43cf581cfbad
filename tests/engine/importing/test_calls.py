"""Calls with settings, masks and states, and operations between layers: as in Keras, or refused by name."""

import keras
import numpy as np
import pytest
from keras import ops

from engine.build.model import build
from engine.code.network_code import named_formulas, network_code
from engine.code.reader import parse
from engine.code.script import generate
from engine.data.info import DataInfo
from engine.errors import BadInput, UnsafeFile
from engine.importing.opener import open_model, restore
from engine.importing.summary import summarize
from engine.spec import codec
from engine.spec.project import ProjectSpec
from tests.engine.importing import keras_models
from tests.engine.importing.keras_models import (
    CALLS,
    FEWER_BITS,
    LAYERS,
    OPERATIONS,
    inputs,
    on,
    words,
)

layers = keras.layers
# Keras itself cannot write or read these in the older form.
NOT_OLD = frozenset({"table"})


def _with_odd_weights(model, rng):
    for variable in model.weights:
        if "float" in variable.dtype and "/seed" not in variable.path:
            variable.assign(rng.uniform(0.1, 0.6, variable.shape))
    return model


def _samples(model, rng):
    made = []
    for tensor in model.inputs:
        shape = (3, *tensor.shape[1:])
        if tensor.dtype == "bool":
            made.append(rng.random(shape) > 0.3)
        elif "int" in tensor.dtype:
            made.append(rng.integers(0, 5, shape).astype(tensor.dtype))
        else:
            made.append(rng.random(shape, "float32"))
    return made


def _answers(model, samples):
    given = model(
        samples if len(samples) > 1 else samples[0], training=False
    )  # no graph for one batch
    return [np.asarray(answer) for answer in keras.tree.flatten(given)]


def _differences(model, path):
    """Return how far the opened file's answers are from the model's, output by output."""
    rng = np.random.default_rng(7)
    _with_odd_weights(model, rng)
    model.save(path)
    opened = open_model(path)
    rebuilt = restore(opened)
    samples = _samples(model, rng)
    pairs = zip(_answers(model, samples), _answers(rebuilt, samples), strict=True)
    differences = [float(np.abs(one - other).max()) for one, other in pairs]
    assert summarize(opened).parameters >= model.count_params()
    return differences


@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask")
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5")
@pytest.mark.parametrize("suffix", ["keras", "h5"])
@pytest.mark.parametrize("name", CALLS)
def test_a_call_means_what_it_means_in_keras(name, suffix, tmp_path):
    build, *given = CALLS[name]
    settings = given.pop() if given and isinstance(given[-1], dict) else {}
    model = build(*given, **settings)
    assert max(_differences(model, tmp_path / f"model.{suffix}")) <= 1e-5


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_between_layers_answers_as_in_keras(name, tmp_path):
    assert max(_differences(OPERATIONS[name](), tmp_path / "model.keras")) <= 1e-5


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5")
@pytest.mark.parametrize("suffix", ["keras", "h5"])
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_keras_opens_answers_the_same(name, suffix, tmp_path):
    assert max(_differences(LAYERS[name](), tmp_path / f"model.{suffix}")) <= 1e-5


@pytest.mark.parametrize("name", FEWER_BITS)
def test_fewer_bits_are_computed_with_all(name, tmp_path):
    assert max(_differences(FEWER_BITS[name](), tmp_path / "model.keras")) <= 0.02


def test_two_axes_have_all_their_parameters(tmp_path):
    on((5, 6), layers.LayerNormalization(axis=[1, 2])).save(tmp_path / "axes.keras")
    assert summarize(open_model(tmp_path / "axes.keras")).parameters == 60


def test_operations_that_only_serve_another_become_one_formula(tmp_path):
    model = on((4,), lambda x: x / ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True)))
    model.save(tmp_path / "unit.keras")
    (_, formula) = open_model(tmp_path / "unit.keras").network.layers
    assert formula.kind == "Formula"
    assert formula.parameters == {"expression": "x / sqrt(sum(square(x), axis=-1, keepdims=True))"}


# ---- Refused by name ----


def _masked(make):
    data, mask = inputs((6, 4)), keras.Input((6,), dtype="bool")
    return keras.Model([data, mask], make(data, mask))


def _other_words(make):
    """A mask of other words than those that the layer reads."""
    tokens, others = words(), words()
    x = layers.Embedding(10, 4, mask_zero=True)(tokens)
    return keras.Model([tokens, others], make(x, ops.not_equal(others, 0)))


REFUSED = {
    "mask": lambda: _masked(lambda x, mask: layers.LSTM(3)(x, mask=mask)),
    "query_mask": lambda: _masked(
        lambda x, mask: layers.MultiHeadAttention(2, 4)(x, x, query_mask=mask)
    ),
    "value_mask": lambda: _masked(
        lambda x, mask: layers.GroupQueryAttention(4, 4, 2)(x, x, value_mask=mask)
    ),
    "key_mask": lambda: _masked(
        lambda x, mask: layers.MultiHeadAttention(2, 4)(x, x, x, key_mask=mask)
    ),
    "mask ": lambda: _masked(lambda x, mask: layers.Attention()([x, x], mask=[mask, mask])),
    "mask  ": lambda: _other_words(lambda x, mask: layers.LSTM(3)(x, mask=mask)),
    "mask   ": lambda: on(
        (6,),
        lambda x: layers.GlobalAveragePooling1D()(
            layers.Embedding(9, 3)(x), mask=ops.not_equal(x, 0)
        ),
        "int32",
    ),
    "count_weights": lambda: on(
        (4,),
        lambda x: layers.CategoryEncoding(5, output_mode="count")(x, count_weights=x * 0.5),
        "int32",
    ),
    "training=True": lambda: on((4,), lambda x: layers.Dropout(0.5)(x, training=True)),
    "stateful=True": lambda: keras.Model(
        data := keras.Input(batch_shape=(2, 5, 3)), layers.LSTM(3, stateful=True)(data)
    ),
    "LeakyReLU": lambda: on((4, 3), layers.LSTM(3, activation=layers.LeakyReLU(0.1))),
    "Einsum": lambda: on((5, 4), lambda x: ops.einsum("bij,bkj->bik", x, layers.Dense(4)(x))),
    "axis": lambda: on((5, 4), lambda x: ops.mean(x)),
    "TextVectorization": lambda: on(
        (1,), layers.TextVectorization(vocabulary=["a", "b"]), dtype="string"
    ),
    "samples": lambda: on((5, 4), lambda x: x[0:2, :]),
    "array": lambda: on((3,), lambda x: ops.maximum(x, keras_models.COLOURS)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_honoured_is_refused_by_its_name(name, tmp_path):
    REFUSED[name]().save(tmp_path / "model.keras")
    with pytest.raises(BadInput, match=name.strip()) as refusal:
        open_model(tmp_path / "model.keras")
    assert not isinstance(refusal.value, UnsafeFile)
    assert not str(refusal.value).endswith("…")


# ---- In a project ----


def _own_state():
    def make(data):
        start = layers.Dense(3)(layers.GlobalAveragePooling1D()(data))
        return layers.LSTM(3)(data, initial_state=[start, layers.Dense(3)(start)])

    return on((6, 4), make)


ONE_INPUT = {
    "causal": lambda: keras_models.attention("Attention", use_causal_mask=True),
    "state": _own_state,
    "scores": keras_models.scores,
    "states": lambda: on((6, 4), lambda x: keras_models.written_on(x)),
    "tied": keras_models.tied_gpt,
}


def _opened(name, tmp_path):
    model = ONE_INPUT[name]()
    model.save(tmp_path / "model.keras")
    (data,) = model.inputs
    shape = tuple(data.shape[1:])
    kind = {"input_dtype": data.dtype} if data.dtype != "float32" else {}
    info = DataInfo.single(
        "made", "Made", "point", "regression", shape, (), value_range=None, **kind
    )
    return open_model(tmp_path / "model.keras").network, info


@pytest.mark.parametrize("name", ONE_INPUT)
def test_a_project_keeps_how_layers_are_called_and_its_script_does_the_same(name, tmp_path):
    network, info = _opened(name, tmp_path)
    spec = ProjectSpec(network=network)
    assert codec.decode(codec.encode(spec)) == spec
    ours = build(network, info)
    sample = np.zeros((1, *info.input_shape), info.input_dtype)
    known = {"keras": keras, "layers": layers, "x_train": sample}
    exec(named_formulas(network) + network_code(network, info), known)  # noqa: S102 - our own
    known["model"].set_weights(ours.get_weights())
    (samples,) = _samples(ours, np.random.default_rng(1))
    one, other = _answers(known["model"], [samples]), _answers(ours, [samples])
    assert np.allclose(one[0], other[0], atol=1e-6)


@pytest.mark.parametrize("name", ["causal", "state"])
def test_a_script_brings_back_how_layers_are_called(name, tmp_path):
    network, info = _opened(name, tmp_path)
    spec = ProjectSpec(network=network)
    again = parse(generate(spec, info)).network
    assert [layer.parameters for layer in again.layers] == [
        layer.parameters for layer in network.layers
    ]
    assert set(again.wires) == set(network.wires)


def test_two_outputs_behind_a_state_are_refused(tmp_path):
    data = keras.Input((5, 3))
    end = layers.LSTM(3, return_state=True, name="end")
    keras.Model(data, end(data)).save(tmp_path / "x.keras")
    with pytest.raises(BadInput, match='states of "end" and gives 3 outputs'):
        open_model(tmp_path / "x.keras")
