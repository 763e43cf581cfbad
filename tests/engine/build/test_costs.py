"""Costs against TensorFlow's own operation counts, tables worked out by hand, and Keras's optimizers."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from tensorflow.python.framework.ops import get_stats_for_node_def

from engine.build.layer_context import PlacedLayer
from engine.build.model import build
from engine.build.shapes import ShapeCache
from engine.catalog import catalog
from engine.estimate.activation_memory import kept_numbers
from engine.estimate.costs import (
    HEADROOM,
    LARGEST_BATCH,
    LayerCosts,
    NetworkCosts,
    costs,
    largest_batch,
    optimizer_slots,
)
from engine.estimate.multiply_adds import multiply_adds
from engine.spec.base import ObjectSpec
from tests.engine.build.network_examples import (
    DIGITS,
    NEWS,
    SINE,
    chain,
    conv,
    dense,
    extend,
    samples_of,
    wired,
)

ADAM = ObjectSpec(kind="Adam")
# Of these the registry of TensorFlow's profiler knows the products; each multiply-add is two operations.
PRODUCTS = {"MatMul", "BatchMatMulV2", "Conv2D", "Conv3D", "Conv2DBackpropInput",
            "DepthwiseConv2dNative"}  # fmt: skip


def costs_of(network, info, batch_size=32, optimizer=ADAM):
    facts = ShapeCache().facts(network, info)
    return costs(network, facts, info, batch_size, optimizer)


def counted_by_tensorflow(network, info):
    """Return the floating-point operations of all products in one forward pass of one sample."""
    model = build(network, info)
    signature = [tf.TensorSpec((1, *tensor.shape[1:]), tensor.dtype) for tensor in model.inputs]
    graph = tf.function(lambda x: model(x, training=False)).get_concrete_function(*signature).graph
    products = [op for op in graph.get_operations() if op.type in PRODUCTS]
    assert products
    return sum(get_stats_for_node_def(graph, op.node_def, "flops").value for op in products)


@pytest.mark.parametrize(
    ("shape", "layers"),
    [
        ((7,), [dense(5), dense(3)]),
        ((3, 7), [dense(5)]),
        ((5, 3), [("EinsumDense", {"equation": "abc,cd->abd", "output_shape": [None, 7]})]),
        ((9, 2), [("Conv1D", {"filters": 4, "kernel_size": [3], "strides": [2]})]),
        ((8, 8, 4), [conv(6, 3, padding="same"), conv(5, 2, dilation_rate=[2, 2])]),
        ((4, 5, 4, 2), [("Conv3D", {"filters": 3, "kernel_size": [2, 3, 2]})]),
        ((4, 4, 2), [("Conv2DTranspose", {"filters": 3, "kernel_size": [3, 3], "strides": [2, 2], "padding": "same"})]),
        ((6, 6, 3), [("DepthwiseConv2D", {"kernel_size": [3, 3], "depth_multiplier": 2, "strides": [2, 2]})]),
        ((6, 6, 3), [("SeparableConv2D", {"filters": 4, "kernel_size": [3, 3], "depth_multiplier": 2})]),
        ((9, 3), [("SeparableConv1D", {"filters": 4, "kernel_size": [3]})]),
        ((5, 4), [("SpectralNormalization", {"layer": {"kind": "Dense", "parameters": {"units": 3}}})]),
    ],
    ids=lambda value: "+".join(k[0] for k in value) if isinstance(value, list) else None,
)  # fmt: skip
def test_products_are_as_many_as_tensorflow_counts(shape, layers):
    network, info = chain(*layers), samples_of(shape)
    assert 2 * costs_of(network, info).multiply_adds == counted_by_tensorflow(network, info)


@pytest.mark.parametrize(("kind", "gates", "gating"), [("SimpleRNN", 1, 0), ("LSTM", 4, 3), ("GRU", 3, 3)])  # fmt: skip
def test_recurrent_products_are_as_many_as_tensorflow_counts(kind, gates, gating):
    network, info = chain((kind, {"units": 6, "unroll": True})), samples_of((5, 3), kind="sequence")
    found = costs_of(network, info).multiply_adds
    assert found == 5 * (gates * 6 * (3 + 6) + gating * 6)
    assert 2 * (found - 5 * gating * 6) == counted_by_tensorflow(network, info)


def test_a_convolutional_network_by_hand():
    network = chain(
        conv(32, 3, padding="same", activation="relu"), ("MaxPooling2D", {"pool_size": [2, 2]}),
        "Flatten", ("Dropout", {"rate": 0.5}), dense(10, "softmax"),
    )  # fmt: skip
    found = costs_of(network, DIGITS, batch_size=64)
    assert {name: layer.multiply_adds for name, layer in found.layers.items()} == {
        "input": 0,
        "conv2d": 8 * 8 * 9 * 32,
        "maxpooling2d": 4 * 4 * 32 * 4,
        "flatten": 0,
        "dropout": 0,
        "dense": 512 * 10,
    }
    assert {name: layer.activation_bytes // 4 for name, layer in found.layers.items()} == {
        "input": 64, "conv2d": 2048, "maxpooling2d": 512, "flatten": 0, "dropout": 1024, "dense": 10,
    }  # fmt: skip
    weights = 9 * 32 + 32 + 512 * 10 + 10
    assert found.parameters == found.trainable_parameters == weights
    sample = 64 * 4 + 4 * (64 + 2048 + 512 + 1024 + 10) + 4 * (2048 + 512)
    assert found.training_bytes_at(64) == 4 * weights * 4 + 64 * sample
    assert found.training_flops == 3 * found.forward_flops == 6 * found.multiply_adds


def placed_layer(kind, inputs, output, **parameters):
    assert kind in catalog().family("layer")
    return PlacedLayer(kind, parameters, inputs, output)


LSTM_LAYER = {"kind": "LSTM", "parameters": {"units": 4}}


@pytest.mark.parametrize(
    ("layer", "products", "kept"),
    [
        # Four projections of 5 x 6 numbers by 2 heads of 3; 2 x 5 x 5 scores of 3 products, twice.
        (placed_layer("MultiHeadAttention", ((5, 6), (5, 6)), (5, 6), num_heads=2, key_dim=3),
         4 * 180 + 2 * 150, 2 * (5 * 3 * 4 + 2 * 25) + 30),
        # Attention along the rows of a 4 x 5 grid: 4 independent blocks of 5 x 5 scores.
        (placed_layer("MultiHeadAttention", ((4, 5, 6), (4, 5, 6)), (4, 5, 6), num_heads=1,
                      key_dim=3, attention_axes=[2]),
         4 * 20 * 6 * 3 + 4 * 25 * 6, 4 * (5 * 3 * 4 + 50) + 120),
        # Other lengths and sizes of keys and values.
        (placed_layer("MultiHeadAttention", ((2, 6), (7, 8), (7, 9)), (2, 6), num_heads=1, key_dim=3,
                      value_dim=4),
         2 * 6 * 3 + 7 * 9 * 3 + 7 * 8 * 4 + 2 * 6 * 4 + 2 * 7 * (3 + 4), 2 * 3 + 7 * 7 + 2 * 4 + 28 + 12),
        (placed_layer("GroupQueryAttention", ((5, 6), (5, 6)), (5, 6), head_dim=3, num_query_heads=4,
                      num_key_value_heads=2),
         2 * 5 * 6 * 12 + 2 * 5 * 6 * 6 + 2 * 4 * 25 * 3, 2 * 60 + 2 * 30 + 2 * 100 + 30),
        (placed_layer("EinsumDense", ((5, 4, 3),), (5, 4, 7), equation="...c,cd->...d"), 5 * 4 * 3 * 7, 140),
        (placed_layer("EinsumDense", ((5, 4, 3),), (5, 2, 7), equation="a...bc,bcde->a...de"),
         5 * 4 * 3 * 2 * 7, 70),
        (placed_layer("Attention", ((5, 6), (7, 6)), (5, 6)), 5 * 7 * 12, 2 * 35 + 30),
        (placed_layer("Conv2D", ((8, 8, 4),), (8, 8, 6), filters=6, kernel_size=[3, 3], groups=2),
         8 * 8 * 6 * 9 * 2, 384),
        (placed_layer("Conv2D", ((4, 8, 8),), (6, 8, 8), filters=6, kernel_size=[3, 3],
                      data_format="channels_first"), 8 * 8 * 6 * 9 * 4, 384),
        (placed_layer("Conv2D", ((8, 8, 4),), (8, 8, 6), filters=6, kernel_size=1, activation="gelu"),
         8 * 8 * 6 * 4, 2 * 384),
        (placed_layer("Conv1DTranspose", ((5, 2),), (10, 3), filters=3, kernel_size=[4]), 5 * 2 * 4 * 3, 30),
        (placed_layer("ConvLSTM2D", ((5, 4, 4, 2),), (4, 4, 3), filters=3, kernel_size=[3, 3]),
         5 * 16 * 3 * (4 * 9 * (2 + 3) + 3), 5 * 48 * 8),
        (placed_layer("RNN", ((5, 3),), (4,), cell={"kind": "GRUCell", "parameters": {"units": 4}}),
         5 * (3 * 4 * 7 + 3 * 4), 5 * 4 * 6),
        (placed_layer("RNN", ((5, 3),), (2,), cell={"kind": "StackedRNNCells", "parameters": {"cells": [
            {"kind": "SimpleRNNCell", "parameters": {"units": 4}},
            {"kind": "LSTMCell", "parameters": {"units": 2}}]}}),
         5 * (4 * 7 + 4 * 2 * 6 + 3 * 2), 5 * (8 + 16)),
        (placed_layer("Bidirectional", ((5, 3),), (8,), layer=LSTM_LAYER),
         2 * 5 * (16 * 7 + 12), 2 * 5 * 32 + 8),
        (placed_layer("TimeDistributed", ((5, 8, 8, 1),), (5, 8, 8, 2),
                      layer={"kind": "Conv2D", "parameters": {"filters": 2, "kernel_size": [3, 3]}}),
         5 * 64 * 2 * 9, 5 * 128),
        (placed_layer("LayerNormalization", ((5, 6),), (5, 6)), 4 * 30, 60),
        (placed_layer("BatchNormalization", ((4, 4, 2),), (4, 4, 2)), 32, 32),
        (placed_layer("AveragePooling1D", ((9, 2),), (3, 2), pool_size=[3]), 18, 6),
        (placed_layer("GlobalAveragePooling2D", ((4, 4, 2),), (2,)), 32, 2),
        (placed_layer("Add", ((5, 6),) * 3, (5, 6)), 60, 30),
        (placed_layer("Dot", ((4, 6), (5, 6)), (4, 5), axes=[-1]), 4 * 5 * 6, 20),
        (placed_layer("Reshape", ((12,),), (3, 4)), 0, 0),
        (placed_layer("Embedding", ((40,),), (40, 8), input_dim=10, output_dim=8), 0, 320),
    ],
    ids=lambda value: value.kind if isinstance(value, PlacedLayer) else None,
)  # fmt: skip
def test_layers_by_hand(layer, products, kept):
    assert multiply_adds(layer) == products
    assert kept_numbers(layer) == kept


def test_every_layer_that_can_be_placed_by_default_has_costs():
    """The formulas take every kind with its defaults on samples of the rank that it asks for."""
    by_rank = {1: (12,), 2: (12, 6), 3: (12, 12, 3), 4: (6, 8, 8, 2), 5: (3, 6, 8, 8, 2)}
    for kind in catalog().family("layer").values():
        if kind.unsupported or kind.inputs != (1, 1) or kind.group in ("Text & tables", "Audio"):
            continue
        info = samples_of(by_rank[(kind.ranks or (2,))[0]])
        found = costs_of(chain(kind.name), info)
        if not found.unknown:
            (_input, layer) = found.layers.values()
            assert layer.multiply_adds >= 0, kind.name
            assert layer.activation_bytes >= 0, kind.name


def test_branches_and_text():
    network = chain(("Embedding", {"input_dim": 1000, "output_dim": 8}), ("LSTM", {"units": 4}))
    found = costs_of(network, NEWS)
    assert found.layers["embedding"].multiply_adds == 0
    assert found.input_bytes == 30 * 4
    grown = extend(chain(dense(6)), "dense", dense(6), "Add")
    grown = wired(grown, ("dense", "add", 1))
    assert costs_of(grown, samples_of((4,))).layers["add"].multiply_adds == 6


def test_layers_without_a_shape_are_named_and_left_out():
    network = chain(conv(4, 99), "Flatten", dense(3))
    found = costs_of(network, DIGITS)
    assert found.unknown == ("conv2d", "flatten", "dense")
    assert set(found.layers) == {"input"}
    assert found.parameters == 0
    lonely = extend(chain(dense(3)), None, dense(4))
    assert costs_of(lonely, SINE).unknown == ("dense_2",)


def test_frozen_layers_have_no_gradients():
    network = chain(dense(100), dense(10))
    frozen = network.with_changed(network.layer("dense").but(trainable=False))
    free, held = (costs_of(each, samples_of((50,))) for each in (network, frozen))
    assert free.fixed_bytes - held.fixed_bytes == 3 * 4 * (50 * 100 + 100)


OPTIMIZERS = [kind.name for kind in catalog().family("optimizer").values() if not kind.unsupported]
SETTINGS = [
    *((name, {}) for name in OPTIMIZERS),
    ("SGD", {"momentum": 0.9}),
    ("Adam", {"amsgrad": True}),
    ("RMSprop", {"momentum": 0.9, "centered": True}),
    ("Adam", {"use_ema": True}),
    ("Adam", {"gradient_accumulation_steps": 4}),
]


@pytest.mark.parametrize(("kind", "parameters"), SETTINGS)
def test_slots_are_as_many_as_the_optimizer_makes(kind, parameters):
    optimizer = getattr(keras.optimizers, kind)(**parameters)
    kernel = keras.Variable(np.zeros((7, 5), np.float32), name="kernel")
    optimizer.build([kernel])
    made = sum(tuple(variable.shape) == (7, 5) for variable in optimizer.variables)
    told = optimizer_slots(ObjectSpec(kind=kind, parameters=parameters))
    assert told - made == (1 if kind == "Muon" else 0)  # biases have one more


@given(sample=st.integers(1, 10**7), fixed=st.integers(0, 10**9), free=st.integers(0, 10**12))
def test_the_largest_batch_fits_and_one_that_shows_larger_does_not(sample, fixed, free):
    layers = {"dense": LayerCosts(fixed, 0, 0, 0, 0)}
    found = NetworkCosts(layers, unknown=(), batch_size=1, slots=0, input_bytes=sample)
    usable = int(free * (1 - HEADROOM))
    batch = largest_batch(found, free)
    assert 0 <= batch <= LARGEST_BATCH
    if batch:
        assert found.training_bytes_at(batch) <= usable
    assert len(str(batch).rstrip("0")) <= 2
    if batch < LARGEST_BATCH:
        unit = 10 ** max(0, len(str(batch)) - 2)
        assert found.training_bytes_at(batch + unit) > usable
