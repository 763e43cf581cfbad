"""The receptive field against gradients of models that Keras built: what has a gradient is what is seen."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from engine.build.model import build_as_described
from engine.estimate.receptive import receptive_field
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec


def network(*layers, wires=None, shape=(13, 11, 1)):
    rows = (("in", "InputLayer", {"shape": list(shape)}), *layers)
    made = tuple(LayerSpec(id=name, kind=kind, parameters=given) for name, kind, given in rows)
    pairs = wires or [(a.id, b.id, 0) for a, b in itertools.pairwise(made)]
    return NetworkSpec(
        layers=made,
        wires=tuple(WireSpec(source=a, target=b, port=port) for a, b, port in pairs),
    )


def conv(name, size=3, **more):
    plain = {"filters": 2, "kernel_size": [size] * 2, **more}
    return (name, "Conv2D", plain)


def facts_of(model):
    return {layer.name: LayerFacts(tuple(layer.output.shape[1:])) for layer in model.layers}


def seen_by_gradient(model, layer_id, unit):
    """Places of the input whose change moves the unit; all weights are positive, so nothing cancels."""
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.5, 1, w.shape) for w in model.get_weights()])
    shape = model.input_shape[1:]
    x = tf.constant(np.ones((1, *shape), np.float32))
    part = keras.Model(model.inputs, model.get_layer(layer_id).output)
    with tf.GradientTape() as tape:
        tape.watch(x)
        answer = tf.reduce_sum(part(x, training=False)[(0, *unit)])
    return np.any(tape.gradient(answer, x).numpy()[0] != 0, axis=-1)


MIX = {"pool_size": [2, 2]}
CASES = {
    "valid": (conv("a"), conv("end", 2)),
    "same": (conv("a", padding="same"), conv("end", padding="same")),
    "stride": (conv("a", strides=[2, 2], padding="same"), conv("end", 4, strides=[2, 1], padding="same")),
    "dilated": (conv("a", dilation_rate=[2, 2]), conv("end", 2, dilation_rate=[3, 2])),
    "pooling": (conv("a"), ("p", "AveragePooling2D", MIX), conv("end", 2)),
    "pooling same": (("end", "AveragePooling2D", {"pool_size": [3, 3], "padding": "same"}),),
    "depthwise": (("a", "DepthwiseConv2D", {"kernel_size": [3, 2]}), ("end", "ReLU", {})),
    "separable": (("end", "SeparableConv2D", {"filters": 2, "kernel_size": [3, 3]}),),
    "padded": (("a", "ZeroPadding2D", {"padding": [2, 1, 0, 3]}), conv("end")),
    "cropped": (("a", "Cropping2D", {"cropping": [1, 2, 3, 0]}), conv("end")),
    "enlarged": (("a", "UpSampling2D", {"size": [2, 3]}), conv("end")),
    "smooth": (("a", "UpSampling2D", {"interpolation": "bilinear"}), conv("end")),
    "transposed": (
        conv("a", strides=[2, 2]),
        ("end", "Conv2DTranspose", {"filters": 1, "kernel_size": [3, 3], "strides": [2, 2], "padding": "same"}),
    ),
    "transposed valid": (
        ("end", "Conv2DTranspose", {"filters": 1, "kernel_size": [2, 3], "strides": [3, 2]}),
    ),
    "mixing": (("a", "Flatten", {}), ("d", "Dense", {"units": 12}), ("r", "Reshape", {"target_shape": [3, 2, 2]}),
               ("end", "Conv2D", {"filters": 1, "kernel_size": [2, 2]})),
    "pointwise": (("a", "Dense", {"units": 2}), ("b", "BatchNormalization", {}), conv("end")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_chain_sees_what_has_a_gradient(name):
    spec = network(*CASES[name])
    model = build_as_described(spec)
    size = model.get_layer("end").output.shape[1:3]
    for unit in ((0, 0), (size[0] // 2, size[1] // 2), (size[0] - 1, size[1] - 1)):
        found = receptive_field(spec, facts_of(model), "end", unit)
        np.testing.assert_array_equal(found, seen_by_gradient(model, "end", unit))


@pytest.mark.parametrize("merge", ["Add", "Concatenate"])
def test_branches_are_united(merge):
    spec = network(
        conv("wide", 5, padding="same", dilation_rate=[2, 2]),
        conv("small", 3, padding="same"),
        ("end", merge, {}),
        wires=[("in", "wide", 0), ("in", "small", 0), ("wide", "end", 0), ("small", "end", 1)],
    )
    model = build_as_described(spec)
    found = receptive_field(spec, facts_of(model), "end", (6, 5))
    np.testing.assert_array_equal(found, seen_by_gradient(model, "end", (6, 5)))
    assert 25 < found.sum() < 81  # both, with the holes of the dilated window left out


def test_halves_joined_along_the_rows_stay_apart():
    spec = network(
        conv("a", 1), conv("b", 1), ("end", "Concatenate", {"axis": 1}),
        wires=[("in", "a", 0), ("in", "b", 0), ("a", "end", 0), ("b", "end", 1)],
    )  # fmt: skip
    model = build_as_described(spec)
    found = receptive_field(spec, facts_of(model), "end", (14, 3))
    assert np.argwhere(found).tolist() == [[1, 3]]


def test_a_causal_convolution_sees_the_past():
    layer = (
        "end",
        "Conv1D",
        {"filters": 1, "kernel_size": 3, "dilation_rate": 2, "padding": "causal"},
    )
    spec = network(layer, shape=(9, 2))
    found = receptive_field(spec, facts_of(build_as_described(spec)), "end", (5,))
    assert np.flatnonzero(found).tolist() == [1, 3, 5]


def test_words_of_a_text():
    spec = network(
        ("e", "Embedding", {"input_dim": 9, "output_dim": 2}),
        ("end", "Conv1D", {"filters": 1, "kernel_size": 2}),
        shape=(6,),
    )
    facts = {"in": LayerFacts((6,)), "e": LayerFacts((6, 2)), "end": LayerFacts((5, 1))}
    assert np.flatnonzero(receptive_field(spec, facts, "end", (3,))).tolist() == [3, 4]


def test_nothing_is_said_of_layers_without_places_or_shape():
    spec = network(conv("a"), ("flat", "Flatten", {}))
    facts = {"in": LayerFacts((13, 11, 1)), "a": LayerFacts((11, 9, 2)), "flat": LayerFacts((198,))}
    assert receptive_field(spec, facts, "flat", (0,)) is None
    assert receptive_field(spec, facts, "a", (0,)) is None
    assert receptive_field(spec, {"a": facts["a"]}, "a", (0, 0)) is None
