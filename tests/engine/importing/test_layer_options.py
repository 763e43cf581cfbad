"""Every argument of every layer's call, and every option that Keras saves: honoured, or refused by its name.

Nothing is listed layer by layer: what a new Keras brings is tried too, and fails until it has a place.
"""

import inspect
import json
from functools import cache

import keras
import pytest

from docs.make_layer_table import settings_of
from engine.build.construct import construct_layer
from engine.catalog import catalog
from engine.catalog.calls import CALL_SETTINGS, MASK, STATES
from engine.catalog.kind_rows import FORMULA
from engine.errors import BadInput, SpecError
from engine.importing.keras.calls import read_call
from engine.importing.keras.masks import KEEPING
from engine.importing.keras.settings import class_of, parameters_of
from engine.spec.network import INPUT_KIND, LayerSpec
from tests.engine.importing.crafting import tensor

KINDS = {
    name: kind
    for name, kind in catalog().family("layer").items()
    if not kind.unsupported and name not in (FORMULA, INPUT_KIND)
}
ARGUMENTS = [
    (name, argument)
    for name in KINDS
    for argument in list(inspect.signature(getattr(keras.layers, name).call).parameters)[1:]
]
MASKS = {"mask", "query_mask", "value_mask", "key_mask"}
WIRES = {"inputs", "data", "sequences", "x", "query", "value", "key"}


def _node(**named):
    return {"args": [tensor("input"), tensor("input")], "kwargs": named}


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_an_argument_of_a_call_is_kept_or_refused_by_name(name, argument):
    kind = KINDS[name]
    if argument in WIRES:
        return
    own = dict(kind.call_arguments)
    for value in (True, False, tensor("other"), [tensor("other"), tensor("other")], 3):
        node = {"args": [tensor("input")], "kwargs": {argument: value}}
        if "value" in own:
            node["args"].append(tensor("input"))
        try:
            call = read_call(node, "the layer", kind)
        except BadInput as refusal:
            words = str(refusal)
            assert all(told in words for told in (argument, "the layer"))
            continue
        kept = argument in call.settings or argument in {mask for mask, _, _ in call.masks}
        assert kept or _says_nothing(argument, value, own[argument])


def _says_nothing(argument, value, default):
    """Tell whether a value is the default, or changes no answer."""
    if argument == "return_attention_scores":
        return isinstance(value, bool)  # a further output is looked at where it is taken
    return value is default or (value is False and default in (None, False, True))


def test_every_argument_has_a_way():
    known = WIRES | MASKS | CALL_SETTINGS | {"training", "return_attention_scores", "count_weights"}
    assert {argument for _, argument in ARGUMENTS} <= known
    for name, kind in KINDS.items():
        called = list(inspect.signature(getattr(keras.layers, name).call).parameters)[1:]
        assert [argument for argument, _ in kind.call_arguments] == called
        fields = {field.name for field in kind.fields if field.of_call}
        assert fields == CALL_SETTINGS & set(called)
    assert {MASK, STATES} <= CALL_SETTINGS


@pytest.mark.parametrize("name", KINDS)
def test_masks_are_handed_on_as_keras_does(name):
    spec = LayerSpec(id="x", kind=name, parameters=settings_of(KINDS[name]))
    layer = construct_layer(spec)
    if type(layer).compute_mask is keras.layers.Layer.compute_mask:  # no rule of its own
        assert (name in KEEPING) == layer.supports_masking


# ---- Options ----

REGULARIZER = keras.saving.serialize_keras_object(keras.regularizers.L2(0.5))
CONSTRAINT = keras.saving.serialize_keras_object(keras.constraints.NonNeg())
INITIALIZER = keras.saving.serialize_keras_object(keras.initializers.Constant(0.5))
WORDS = {
    "valid": "same", "channels_last": "channels_first", "linear": "tanh", "tanh": "relu", "concat": "sum",
    "sigmoid": "relu", "nearest": "bilinear", "bilinear": "nearest", "dot": "concat", "int": "multi_hot",
    "multi_hot": "count", "reflect": "constant", "constant": "nearest", "fan_in": "fan_out", "floormod": "farmhash",
    "whitespace": "character", "lower_and_strip_punctuation": "lower", "hann": "hamming", "log": "magnitude",
    "utf-8": "utf-16-be", "horizontal_and_vertical": "vertical", "relu": "tanh", "int64": "int32",
}  # fmt: skip
# The block's own name, its switch, the number type, and what tells nothing that the layer does.
OF_ALL = {"name", "trainable", "dtype", "seed"}
# Of the words themselves; of outputs, looked at where something takes them; of adapting to data, which is over.
TOLD_ELSEWHERE = {"vocabulary_size", "return_state", "epsilon of Discretization"}
SAME = {("ngrams", "[1, 2]")}  # what 2 says


@cache
def _stored(name):
    spec = LayerSpec(id="x", kind=name, parameters=settings_of(KINDS[name]))
    return json.loads(json.dumps(keras.saving.serialize_keras_object(construct_layer(spec))))


def _others(key, value):
    """Give values that an option could have instead."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, (int, float)):
        return [value + 1, value / 2 + 0.25]
    if isinstance(value, str):
        return [WORDS[value]] if value in WORDS else []
    if isinstance(value, list) and value and all(type(item) is type(value[0]) for item in value):
        plain = isinstance(value[0], (int, float))
        changed = [[item + 1 for item in value], [0, *value[1:]]] if plain else []
        return [*changed, value[::-1]]
    if value is None:
        objects = [REGULARIZER] * key.endswith("regularizer") + [CONSTRAINT] * key.endswith(
            "constraint"
        )
        names = ["float32"] * key.endswith("dtype")
        return [True, 2, 0.5, [1, 2], *names, *objects]
    return [INITIALIZER] if "initializers" in str(value) else []


def _plain(value):
    """A configuration without names and the numbers that Keras hands out."""
    if isinstance(value, dict):
        left_out = ("name", "shared_object_id", "build_config", "seed")
        return {key: _plain(item) for key, item in value.items() if key not in left_out}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (int, float, str, bool, type(None))) else str(value)


def _by_keras(stored):
    """Return what Keras makes of a stored layer, None where it refuses."""
    try:
        made = keras.saving.deserialize_keras_object(json.loads(json.dumps(stored)))
        return _plain(json.loads(json.dumps(keras.saving.serialize_keras_object(made)))["config"])
    except Exception:  # noqa: BLE001 - Keras refuses a value in many ways
        return None


def _by_us(name, stored):
    """Return what we make of it, or the refusal."""
    try:
        parameters, _ = parameters_of(class_of(stored, "layer"), stored["config"], "the layer")
        made = construct_layer(LayerSpec(id="x", kind=name, parameters=parameters))
    except (BadInput, SpecError) as refusal:
        return refusal
    return _plain(json.loads(json.dumps(keras.saving.serialize_keras_object(made)))["config"])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", KINDS)
def test_an_option_that_keras_saves_is_honoured_or_refused_by_name(name):
    stored = _stored(name)
    tried = 0
    for key, value in stored["config"].items():
        if key in OF_ALL | TOLD_ELSEWHERE or f"{key} of {name}" in TOLD_ELSEWHERE:
            continue
        for other in _others(key, value):
            changed = {**stored, "config": {**stored["config"], key: other}}
            expected = _by_keras(changed)
            if expected is None:
                continue
            tried += 1
            found = _by_us(name, changed)
            if isinstance(found, Exception):
                assert key in str(found), (key, other, str(found))
                continue
            difference = {
                field: (found.get(field), wanted)
                for field, wanted in expected.items()
                if field not in TOLD_ELSEWHERE and found.get(field) != wanted
            }
            assert not difference or (key, str(other)) in SAME, (key, other, difference)
    assert tried or KINDS[name].group == "Wrappers" or not stored["config"].keys() - OF_ALL
