"""Every layer with its examples, in a model: what it says of its shape is what it gives."""

import keras
import numpy as np
import pytest

from docs.make_layer_table import SHAPES, sample_of, samples_of, settings_of, tensor_of
from engine.build.construct import call_layer, construct_layer
from engine.catalog import catalog
from engine.spec.network import LayerSpec

LAYERS = catalog().family("layer")
SUPPORTED = [kind for kind in LAYERS.values() if not kind.unsupported and kind.name != "InputLayer"]


def model_of(kind, shape, dtype):
    spec = LayerSpec(id="tried", kind=kind.name, parameters=settings_of(kind))
    inputs = [keras.Input(shape, dtype=dtype) for _ in range(kind.inputs[0])]
    output = call_layer(spec, construct_layer(spec, inputs), inputs)
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], output)


@pytest.mark.parametrize("kind", SUPPORTED, ids=lambda kind: kind.name)
def test_a_new_block_builds_and_gives_the_shape_it_says(kind):
    shape, dtype = sample_of(kind)
    values = samples_of(shape, dtype)
    model = model_of(kind, shape, dtype)
    given = [tensor_of(values)] * kind.inputs[0]
    for training in (False, True):
        result = model(given if len(given) > 1 else given[0], training=training)
        said = (2, *model.output_shape[1:])
        assert len(result.shape) == len(said)
        assert all(s is None or s == r for s, r in zip(said, result.shape, strict=True))
        if "float" in keras.backend.standardize_dtype(result.dtype):
            assert np.isfinite(result).all()


@pytest.mark.parametrize("name", ["MultiHeadAttention", "TimeDistributed"])
def test_all_ranks_that_are_named_are_accepted(name):
    for rank in LAYERS[name].ranks:
        model = model_of(LAYERS[name], SHAPES[rank], "float32")
        assert len(model.output_shape) == rank + 1


def test_random_crop_still_gives_another_size_when_it_does_not_train():
    made = keras.layers.RandomCrop(4, 4)
    picture = np.zeros((1, 8, 8, 3), "float32")
    assert made(picture, training=False).shape != made(picture, training=True).shape


def test_equalization_still_cannot_be_connected():
    picture = keras.Input((8, 8, 3))
    made = keras.layers.Equalization(value_range=(0, 1))(picture)
    with pytest.raises(ValueError, match="cycle"):
        keras.Model(picture, made)
