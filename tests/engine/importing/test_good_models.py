"""Models that Keras itself made, opened, rebuilt from our catalogue, and asked the same questions."""

import json

import keras
import numpy as np
import pytest

from docs.make_layer_table import settings_of
from engine.build.construct import construct_layer
from engine.catalog import catalog
from engine.errors import BadInput
from engine.export.formats import write_keras
from engine.importing.keras.class_names import ClassName
from engine.importing.keras.names import group_name
from engine.importing.keras.settings import class_of, parameters_of
from engine.importing.opener import open_model, restore
from engine.importing.summary import check_samples, summarize
from engine.models.card import ModelCard
from engine.spec.network import LayerSpec
from tests.engine.importing.crafting import h5_file, old_chain, old_dense

layers = keras.layers


def _mlp():
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(5, "relu"),
            layers.Dropout(0.2),
            layers.Dense(3, "softmax"),
        ]
    )


def _cnn():
    data = keras.Input((8, 8, 1), name="input")
    x = layers.Rescaling(1 / 16, name="input_scaling")(data)
    x = layers.RandomRotation(0.1)(layers.RandomFlip()(x))
    x = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.BatchNormalization()(x)
    x = layers.ZeroPadding2D(((1, 2), (3, 4)))(layers.MaxPooling2D()(x))
    return keras.Model(data, layers.Dense(3)(layers.Flatten()(x)))


def _residual():
    data = keras.Input((8, 8, 3))
    x = layers.SeparableConv2D(3, 3, padding="same")(data)
    x = layers.Multiply()([layers.Add()([x, data]), data])
    x = layers.Concatenate()([x, layers.DepthwiseConv2D(3, padding="same")(data)])
    return keras.Model(data, layers.GlobalAveragePooling2D()(layers.PReLU()(x)))


def _masked_words():
    data = keras.Input((7,), dtype="int32")
    x = layers.Embedding(20, 4, mask_zero=True)(data)
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
    return keras.Model(data, layers.Dense(1, "sigmoid")(layers.GRU(2)(x)))


def _masked_series():
    data = keras.Input((7, 3))
    return keras.Model(data, layers.SimpleRNN(2)(layers.Masking(mask_value=1.0)(data)))


def _cells():
    cells = layers.RNN([layers.LSTMCell(2), layers.GRUCell(2)])
    wrapped = layers.TimeDistributed(layers.Dense(3, kernel_regularizer="l2"))
    return keras.Sequential([keras.Input((5, 2)), wrapped, cells])


def _attention():
    data = keras.Input((6, 4))
    x = layers.Add()([layers.MultiHeadAttention(2, 3)(data, data), data])
    x = layers.LayerNormalization()(x)
    x = layers.Attention(use_scale=True)([x, layers.Dense(4)(data)])
    return keras.Model(data, layers.GlobalMaxPooling1D()(x))


def _two_ins_two_outs():
    words, numbers = keras.Input((5,), dtype="int32", name="b"), keras.Input((4,), name="a")
    x = layers.GlobalAveragePooling1D()(layers.Embedding(10, 3)(words))
    x = layers.Concatenate()([x, layers.Dense(3)(numbers)])
    second = layers.Dense(2, name="second")(x)
    return keras.Model([words, numbers], [second, layers.Dense(1, name="first")(second)])


def _frozen():
    data = keras.Input((6,))
    fixed = layers.Dense(6)
    x = fixed(data)
    fixed.trainable = False
    x = layers.UnitNormalization()(layers.GroupNormalization(2)(x))
    return keras.Model(data, layers.SpectralNormalization(layers.Dense(2))(x))


def _model_inside():
    base = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2D(2, 3), layers.BatchNormalization()], name="base"
    )
    base.trainable = False
    data = keras.Input((8, 8, 3))
    x = base(data, training=False)
    return keras.Model(data, layers.Dense(2)(layers.Flatten()(x)))


def _arithmetic():
    data = keras.Input((4,))
    x = layers.Dense(4)(data) * 2.0 + 1.0 - data
    return keras.Model(data, keras.ops.relu(3.0 - x))


def _adapted():
    learned = layers.Normalization()
    learned.adapt(np.arange(12, dtype="float32").reshape(4, 3))
    return keras.Sequential([keras.Input((3,)), learned, layers.Dense(2)])


def _told_statistics():
    told = layers.Normalization(mean=[1.0, 2.0], variance=[3.0, 4.0])
    return keras.Sequential([keras.Input((2,)), told, layers.Activation("swish")])


BUILDERS = {
    builder.__name__.strip("_"): builder
    for builder in (
        _mlp,
        _cnn,
        _residual,
        _masked_words,
        _masked_series,
        _cells,
        _attention,
        _two_ins_two_outs,
        _frozen,
        _model_inside,
        _arithmetic,
        _adapted,
        _told_statistics,
    )
}
# Keras itself cannot write layers of random pictures into the older form.
OLD_FORM = sorted(BUILDERS.keys() - {"cnn"})


def _with_odd_weights(model, rng):
    for variable in model.weights:
        adapted = "/" in variable.path and variable.path.startswith("normalization")
        if "float" in variable.dtype and not adapted:
            variable.assign(rng.uniform(0.1, 0.6, variable.shape))
    return model


def _samples(model, rng):
    shapes = [(3, *tensor.shape[1:]) for tensor in model.inputs]
    return [
        rng.integers(0, 9, shape).astype(tensor.dtype)
        if "int" in tensor.dtype
        else rng.random(shape, dtype="float32")
        for shape, tensor in zip(shapes, model.inputs, strict=True)
    ]


def _answers(model, samples):
    given = model(
        samples if len(samples) > 1 else samples[0], training=False
    )  # no graph for a batch
    return [np.asarray(answer) for answer in (given if isinstance(given, list) else [given])]


@pytest.mark.parametrize(
    ("name", "suffix"),
    [(name, "keras") for name in BUILDERS] + [(name, "h5") for name in OLD_FORM],
)
def test_a_good_model_gives_the_same_answers(name, suffix, tmp_path):
    rng = np.random.default_rng(7)
    model = _with_odd_weights(BUILDERS[name](), rng)
    path = tmp_path / f"model.{suffix}"
    model.save(path)
    opened = open_model(path)
    rebuilt = restore(opened)
    samples = _samples(model, rng)
    pairs = list(zip(_answers(model, samples), _answers(rebuilt, samples), strict=True))
    assert all(np.ptp(expected) > 0 for expected, _ in pairs)
    assert [float(np.abs(a - b).max()) for a, b in pairs] == [0.0] * len(pairs)
    assert [v.path for v in rebuilt.trainable_variables] == [
        f"{layer.name}/{v.path.split('/', 1)[1]}"
        for layer in rebuilt.layers
        for v in layer.trainable_variables
    ]
    assert len(rebuilt.trainable_variables) == len(model.trainable_variables)


def test_an_export_of_ours_opens_with_its_card(tmp_path):
    card = ModelCard(title="Digits", labels=("0", "1", "2"), input_shape=(8, 8, 1))
    model = _cnn()
    write_keras(model, card, tmp_path / "digits.keras")
    opened = open_model(tmp_path / "digits.keras")
    assert opened.card == card
    assert opened.inputs == {"input": (8, 8, 1)}
    assert set(opened.network.ids) == {layer.name for layer in model.layers}


def test_the_summary_is_what_keras_says(tmp_path):
    model = _cnn()
    model.save(tmp_path / "x.keras")
    told = summarize(open_model(tmp_path / "x.keras"))
    assert told.parameters == model.count_params()
    assert told.inputs == {"input": (8, 8, 1)}
    assert told.outputs == {model.layers[-1].name: (3,)}
    for row in told.layers:
        layer = model.get_layer(row.name)
        assert (row.kind, row.parameters) == (type(layer).__name__, layer.count_params())
        assert row.output_shape == layer.output.shape[1:]


def test_a_file_of_keras_2_opens(tmp_path):
    opened = open_model(h5_file(tmp_path / "old.h5", old_chain(old_dense())))
    assert opened.network.layer("dense").parameters == {"units": 2, "activation": "relu"}
    answer = restore(opened).predict_on_batch(np.ones((1, 3), "float32"))
    assert answer.tolist() == [[7.0, 10.0]]


def test_connections_of_keras_2_are_understood(tmp_path):
    data = {
        "class_name": "InputLayer",
        "name": "input",
        "config": {"name": "input", "batch_input_shape": [None, 3]},
        "inbound_nodes": [],
    }
    one = {**old_dense(), "name": "dense", "inbound_nodes": [[["input", 0, 0, {}]]]}
    both = {
        "class_name": "Add",
        "name": "add",
        "config": {"name": "add"},
        "inbound_nodes": [[["dense", 0, 0, {}], ["dense", 0, 0]]],
    }
    config = {
        "class_name": "Model",
        "config": {
            "name": "model",
            "layers": [data, one, both],
            "input_layers": [["input", 0, 0]],
            "output_layers": [["add", 0, 0]],
        },
    }
    opened = open_model(h5_file(tmp_path / "old.h5", config))
    answer = restore(opened).predict_on_batch(np.ones((1, 3), "float32"))
    assert answer.tolist() == [[14.0, 20.0]]


def test_weights_of_another_shape_are_refused_before_building(tmp_path):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(5, name="wide")])
    model.save(tmp_path / "x.keras")
    opened = open_model(tmp_path / "x.keras")
    fewer = {key: array[..., :4] for key, array in opened.weights.items()}
    with pytest.raises(BadInput, match=r'"wide".*25 numbers, the file has 20'):
        restore(_with_weights(opened, fewer))
    turned = {key: array.T for key, array in opened.weights.items()}
    with pytest.raises(BadInput, match='"wide" do not fit its settings'):
        restore(_with_weights(opened, turned))


def _with_weights(opened, weights):
    return type(opened)(**{**opened.__dict__, "weights": weights})


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, kind in catalog().family("layer").items()
        if not kind.unsupported and name not in ("InputLayer", "Formula")  # no class of Keras
    ],
)
def test_every_layer_of_the_catalogue_is_read_back(name):
    kind = catalog().layer(name)
    spec = LayerSpec(id="x", kind=name, parameters=settings_of(kind))
    stored = json.loads(json.dumps(keras.saving.serialize_keras_object(construct_layer(spec))))
    parameters, trainable = parameters_of(class_of(stored, "layer"), stored["config"], "x")
    again = construct_layer(LayerSpec(id="x", kind=name, parameters=parameters))
    assert trainable
    assert _nameless(again.get_config()) == _nameless(construct_layer(spec).get_config())


def _nameless(value):
    """A configuration without the numbers that Keras hands out."""
    if isinstance(value, dict):
        return {k: _nameless(v) for k, v in value.items() if k not in ("name", "shared_object_id")}
    if isinstance(value, (list, tuple)):
        return [_nameless(item) for item in value]
    return value if isinstance(value, (int, float, str, bool, type(None))) else str(value)


def test_weights_are_sought_under_the_names_that_keras_gives(tmp_path):
    names = ("Conv2D", "LSTM", "GlobalAveragePooling1D", "RMSNormalization")
    assert [group_name(name) for name in names] == [
        "conv2d",
        "lstm",
        "global_average_pooling1d",
        "rms_normalization",
    ]


def test_what_a_file_calls_its_classes_must_be_text():
    with pytest.raises(BadInput):
        ClassName.of({"class_name": ["Dense"]})


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_a_model_of_mixed_precision_opens_with_its_weights(policy, tmp_path):
    stack = (keras.layers.Dense(8, "relu", dtype=policy), keras.layers.Dense(2, dtype="float32"))
    model = keras.Sequential([keras.Input((4,)), *stack])
    model.save(tmp_path / "mixed.keras")
    x = np.random.default_rng(0).random((5, 4), "float32")
    answers = restore(open_model(tmp_path / "mixed.keras")).predict(x, verbose=0)
    np.testing.assert_allclose(answers, model.predict(x, verbose=0), atol=0.02)


def test_a_picture_larger_than_the_memory_is_refused_before_it_is_made(tmp_path):
    data = keras.Input((256_000, 256_000, 3), name="picture")
    huge = keras.Model(data, layers.Dense(2)(layers.GlobalAveragePooling2D()(data)))
    huge.save(tmp_path / "huge.keras")
    with pytest.raises(BadInput, match=r'"picture" needs 786 GB for one sample') as refusal:
        restore(open_model(tmp_path / "huge.keras"))
    assert str(refusal.value).endswith("use a smaller one")


def test_a_size_that_a_layer_multiplies_is_refused_before_predicting(tmp_path):
    data = keras.Input((None, None, 3))
    grown = layers.UpSampling2D(8000, name="grown")(data)
    model = keras.Model(data, layers.Dense(2)(layers.GlobalAveragePooling2D()(grown)))
    model.save(tmp_path / "grown.keras")
    opened = open_model(tmp_path / "grown.keras")
    check_samples(opened, [(1, 1, 3)])
    with pytest.raises(BadInput, match='"grown" needs 786 GB for one sample'):
        check_samples(opened, [(32, 32, 3)])
