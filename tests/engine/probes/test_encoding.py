"""Samples as bytes: what goes in comes back, and damage does nothing."""

import zlib
from dataclasses import dataclass

import numpy as np
import pytest

from engine.probes.activations import LayerOutput, layer_output
from engine.probes.encoding import LARGEST_BYTES, decode, encode
from engine.probes.neurons import ChainWeights, synapses_of
from engine.probes.tensor_view import LayerWeights
from engine.probes.weights import tensor_view

OUTPUT = layer_output("conv", [np.random.default_rng(0).normal(size=(5, 4, 3))], step=7)


@dataclass(frozen=True)
class Hostile:
    layer: str


def assert_equal(one, another):
    assert type(one) is type(another)
    for name, value in vars(one).items():
        other = getattr(another, name)
        if isinstance(value, np.ndarray):
            assert value.dtype == other.dtype
            np.testing.assert_array_equal(value, other)
        elif isinstance(value, tuple) and value and hasattr(value[0], "__dict__"):
            for left, right in zip(value, other, strict=True):
                assert_equal(left, right)
        else:
            assert value == other or (value != value and other != other)  # NaN


@pytest.mark.parametrize(
    "payload",
    [
        OUTPUT,
        layer_output("dense", [np.array([np.nan, 1.0, np.inf])]),
        LayerWeights(
            "dense", "Dense",
            (tensor_view("kernel", np.eye(3)), tensor_view("b", np.ones(2), figures=False)), 3,
        ),
        LayerWeights("flat", "Flatten", ()),
        ChainWeights((synapses_of(np.ones((40, 3)), None, 32),), 9),
    ],
)  # fmt: skip
def test_every_kind_of_sample_comes_back(payload):
    assert_equal(decode(encode(payload), type(payload)), payload)


def test_plain_values_come_back():
    assert decode(encode(0.5), float) == 0.5
    np.testing.assert_array_equal(decode(encode(np.arange(3)), np.ndarray), np.arange(3))


@pytest.mark.parametrize("value", [object(), {"a": 1}, np.array(["text"]), Hostile(object())])
def test_what_is_no_plain_value_is_not_recorded(value):
    with pytest.raises(TypeError):
        encode(value)


def test_a_sample_that_is_too_large_is_not_recorded():
    with pytest.raises(TypeError, match="too large"):
        encode(np.zeros(LARGEST_BYTES // 4 + 1, np.float32))


@pytest.mark.parametrize("cut", [0, 1, 5, 40])
def test_cut_bytes_are_refused(cut):
    with pytest.raises(ValueError, match="damaged"):
        decode(encode(OUTPUT)[:cut], LayerOutput)


@pytest.mark.parametrize(
    "described",
    [
        b'{"fields": {"layer": "x"}}',
        b'{"fields": {"nonsense": 1}}',
        b'{"array": ["<f4", [9999999], 0]}',
        b'{"array": ["O", [1], 0]}',
        b'{"array": ["<f4", [-1], 0]}',
        b'{"array": 3}',
        b"[" * 100_000,
        b"3",
        b"\xff",
    ],
)
def test_hostile_bytes_are_refused(described):
    raw = len(described).to_bytes(4, "little") + described
    with pytest.raises(ValueError, match=r"damaged|no LayerOutput"):
        decode(zlib.compress(raw), LayerOutput)


def test_a_bomb_is_not_unpacked():
    bomb = zlib.compress(b"\0" * (4 * LARGEST_BYTES), 9)
    with pytest.raises(ValueError, match="damaged"):
        decode(bomb, LayerOutput)
