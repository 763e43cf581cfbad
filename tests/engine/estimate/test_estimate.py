"""What the rules say of a layer is what Keras makes of it, or they leave it to Keras."""

import itertools

import keras
import pytest

from docs.make_layer_table import settings_of
from engine.build.construct import call_layer, construct_layer
from engine.catalog import catalog
from engine.errors import SpecError
from engine.estimate import Estimate, estimate
from engine.estimate.network import RULES
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec

SEQUENCE, PICTURE, VOLUME = (9, 4), (13, 10, 4), (7, 9, 8, 4)
BY_RANK = {1: SEQUENCE, 2: PICTURE, 3: VOLUME}


def _windowed(kind, rank, **given):
    """Return cases of a sliding layer: paddings, strides, odd sizes, channels first, free sizes."""
    shape = BY_RANK[rank]
    free = (*(None,) * rank, shape[-1])
    first = (shape[-1], *shape[:-1])
    size = "pool_size" if "Pooling" in kind else "kernel_size"
    for padding, window, stride in itertools.product(("valid", "same"), (1, 2, 3), (1, 2, 3)):
        settings = {
            size: (window,) * rank,
            "strides": (stride,) * rank,
            "padding": padding,
            **given,
        }
        yield kind, settings, shape
    usual = {size: (2,) * rank, **given}
    yield kind, usual, free
    yield kind, {**usual, "data_format": "channels_first"}, first
    yield kind, {size: (20,) * rank, **given}, shape
    if "Pooling" not in kind:
        yield kind, {**usual, "use_bias": False}, shape
        yield kind, {size: (3,) * rank, **given, "dilation_rate": (2,) * rank}, shape


def _cases():
    yield from _windows()
    yield from _sequences()
    yield from _others()


def _windows():
    for rank in (1, 2, 3):
        yield from _windowed(f"Conv{rank}D", rank, filters=6)
        yield from _windowed(f"Conv{rank}DTranspose", rank, filters=6)
        yield f"Conv{rank}D", {"filters": 6, "kernel_size": (2,) * rank, "groups": 2}, BY_RANK[rank]
        yield f"Conv{rank}D", {"filters": 5, "kernel_size": (2,) * rank, "groups": 2}, BY_RANK[rank]
        for kind in ("MaxPooling", "AveragePooling"):
            yield from _windowed(f"{kind}{rank}D", rank)
        for kind in ("GlobalMaxPooling", "GlobalAveragePooling"):
            yield f"{kind}{rank}D", {}, BY_RANK[rank]
            yield f"{kind}{rank}D", {"keepdims": True}, BY_RANK[rank]
        yield f"UpSampling{rank}D", {}, BY_RANK[rank]
        for kind, name in (("ZeroPadding", "padding"), ("Cropping", "cropping")):
            yield f"{kind}{rank}D", {name: (1, 2, 0, 1, 2, 0)[: 2 * rank]}, BY_RANK[rank]
            yield f"{kind}{rank}D", {name: 2}, BY_RANK[rank]
            yield f"{kind}{rank}D", {}, (*(None,) * rank, 4)
    yield "Cropping2D", {"cropping": (5, 5, 5, 5)}, PICTURE
    yield "Conv1D", {"filters": 3, "kernel_size": (3,), "padding": "causal"}, SEQUENCE
    for rank in (1, 2):
        yield from _windowed(f"DepthwiseConv{rank}D", rank, depth_multiplier=2)
        yield from _windowed(f"SeparableConv{rank}D", rank, filters=6, depth_multiplier=3)
    yield "Resizing", {"height": 5, "width": 7}, PICTURE
    yield "CenterCrop", {"height": 5, "width": 7}, PICTURE


def _sequences():
    for kind in ("SimpleRNN", "GRU", "LSTM"):
        for sequences, bias in itertools.product((False, True), repeat=2):
            yield kind, {"units": 5, "return_sequences": sequences, "use_bias": bias}, SEQUENCE
        yield kind, {"units": 5, "return_sequences": True}, (None, 4)
        held = {"kind": kind, "parameters": {"units": 5, "return_sequences": True}}
        for mode in ("concat", "sum", "mul", "ave"):
            yield "Bidirectional", {"layer": held, "merge_mode": mode}, SEQUENCE
    yield "GRU", {"units": 5, "reset_after": False}, SEQUENCE
    yield "TimeDistributed", {"layer": {"kind": "Dense", "parameters": {"units": 3}}}, SEQUENCE
    yield "TimeDistributed", {"layer": {"kind": "Flatten", "parameters": {}}}, PICTURE


def _others():
    for shape in ((6,), SEQUENCE, PICTURE, (None, 4)):
        yield "Dense", {"units": 7}, shape
        yield "Dense", {"units": 7, "use_bias": False, "activation": "relu"}, shape
        yield "Flatten", {}, shape
        yield "Activation", {"activation": "tanh"}, shape
        for kind in ("BatchNormalization", "LayerNormalization", "PReLU"):
            yield kind, {}, shape
    yield "Dense", {"units": 7, "lora_rank": 2}, (6,)
    yield "Embedding", {"input_dim": 30, "output_dim": 4}, (9,)
    yield "Reshape", {"target_shape": (13, 40)}, PICTURE
    yield "Reshape", {"target_shape": (-1, 20)}, PICTURE
    yield "Reshape", {"target_shape": (-1, 7)}, PICTURE
    yield "Reshape", {"target_shape": (5, 5)}, PICTURE
    yield "Permute", {"dims": (3, 1, 2)}, PICTURE
    yield "RepeatVector", {"n": 3}, (6,)
    for options in ({"center": False}, {"scale": False}, {"axis": 1}):
        yield "BatchNormalization", options, PICTURE
        yield "LayerNormalization", options, PICTURE
    yield "GroupNormalization", {"groups": 2}, PICTURE
    yield "PReLU", {"shared_axes": (1, 2)}, PICTURE
    yield "Normalization", {"mean": (1.0,) * 4, "variance": (2.0,) * 4}, SEQUENCE


def _several():
    """Return cases of layers that take several inputs."""
    for kind in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
        yield kind, {}, (PICTURE, PICTURE)
        yield kind, {}, (PICTURE, (1, 1, 4))
    for axis in (-1, 1, 2, -2):
        yield "Concatenate", {"axis": axis}, (SEQUENCE, SEQUENCE)
    yield "Concatenate", {}, (SEQUENCE, (9, 3), (9, 1))
    yield "Concatenate", {}, (SEQUENCE, (8, 3))
    heads = {"num_heads": 3, "key_dim": 5}
    yield "MultiHeadAttention", heads, (SEQUENCE, (7, 6))
    yield (
        "MultiHeadAttention",
        {**heads, "value_dim": 2, "use_bias": False},
        (SEQUENCE, (7, 6), (7, 3)),
    )
    yield "MultiHeadAttention", {**heads, "output_shape": (11,)}, (SEQUENCE, SEQUENCE)
    yield "MultiHeadAttention", {**heads, "attention_axes": (1,)}, (SEQUENCE, SEQUENCE)
    for kind in ("Attention", "AdditiveAttention"):
        for scale in (True, False):
            yield kind, {"use_scale": scale}, (SEQUENCE, (7, 4))


CASES = [*((kind, settings, (shape,)) for kind, settings, shape in _cases()), *_several()]
WHOLE_NUMBERS = frozenset({"Embedding"})


def _by_keras(kind, settings, shapes):
    """Return what Keras makes of a layer; None if it refuses it."""
    spec = LayerSpec(id="tried", kind=kind, parameters=settings)
    dtype = "int32" if kind in WHOLE_NUMBERS else "float32"
    inputs = [keras.KerasTensor((None, *shape), dtype) for shape in shapes]
    try:
        with keras.StatelessScope(initialize_variables=False):
            layer = construct_layer(spec, inputs)
            output = call_layer(spec, layer, inputs)
            return Estimate(tuple(output.shape[1:]), layer.count_params())
    except (SpecError, ValueError, TypeError):
        return None


def _by_rules(kind, settings, shapes):
    names = [f"input_{number}" for number in range(len(shapes))]
    layers = (*(LayerSpec(id=name, kind="InputLayer") for name in names),
              LayerSpec(id="tried", kind=kind, parameters=settings))  # fmt: skip
    wires = tuple(
        WireSpec(source=name, target="tried", port=port) for port, name in enumerate(names)
    )
    found = estimate(NetworkSpec(layers=layers, wires=wires), dict(zip(names, shapes, strict=True)))
    return None if found is None else found["tried"]


def test_the_rules_say_what_keras_makes():
    differ = [
        (kind, settings, shapes, found, expected)
        for kind, settings, shapes in CASES
        if (found := _by_rules(kind, settings, shapes)) is not None
        and found != (expected := _by_keras(kind, settings, shapes))
    ]
    assert differ == []


def test_every_rule_has_a_case_that_it_knows():
    known = {
        kind for kind, settings, shapes in CASES if _by_rules(kind, settings, shapes) is not None
    }
    alike = {"Softmax", "ReLU", "LeakyReLU", "ELU", "Identity", "Masking", "Rescaling"}
    same = {kind for kind in RULES if RULES[kind] is RULES["Dropout"]}
    assert same >= alike
    assert set(RULES) - same <= known
    assert set(RULES) <= set(catalog().family("layer"))


@pytest.mark.parametrize("kind", sorted(kind for kind in RULES if RULES[kind] is RULES["Dropout"]))
def test_a_layer_that_keeps_the_shape_keeps_it(kind):
    settings = settings_of(catalog().layer(kind))
    shape = (
        SEQUENCE
        if kind == "SpatialDropout1D"
        else VOLUME
        if kind == "SpatialDropout3D"
        else PICTURE
    )
    expected = _by_keras(kind, settings, (shape,))
    assert expected == _by_rules(kind, settings, (shape,)) == Estimate(shape)


def test_most_cases_are_known():
    """Rules that left everything to Keras would pass the comparison."""
    by_keras = [case for case in CASES if _by_keras(*case) is not None]
    known = [case for case in by_keras if _by_rules(*case) is not None]
    assert len(known) > 0.9 * len(by_keras)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("Formula", {"formula": "a * 2"}),
        ("Dense", {"units": 3, "lora_rank": 1}),
        ("Dense", {"units": "x"}),
    ],
)
def test_what_has_no_rule_is_left_to_keras(kind, settings):
    assert _by_rules(kind, settings, ((6,),)) is None
