"""From descriptions to Keras objects."""

import keras
import numpy as np
import pytest

from docs.make_layer_table import settings_of
from engine.build.construct import activation, call_layer, construct, construct_layer
from engine.catalog import catalog, check_value, default_parameters
from engine.catalog.kind_rows import FORMULA
from engine.data.preprocessing import lacks_numbers
from engine.errors import LONGEST_MESSAGE, SpecError
from engine.spec.network import LayerSpec

FAMILIES = tuple(catalog().kinds)


def layer(kind, **parameters):
    return construct_layer(LayerSpec(id="x", kind=kind, parameters=parameters))


def usable(*families):
    return [
        kind
        for family in families
        for kind in catalog().family(family).values()
        if not kind.unsupported
    ]


# Words of Keras about values that are fine but do not fit the others of the block.
COMBINATIONS = (
    "divisible",
    "maximum vocab size",
    "oov_method='farmhash'",
    "fft_length",
    "frame_step",
    "multi_label",
)


def edge_values(field):
    """The values at the border of what a field takes: its choices, or its bounds."""
    if field.type == "choice":
        return field.choices
    bounds = [bound for bound in (field.minimum, field.maximum) if bound is not None]
    whole = [int(bound) for bound in bounds]
    return {"int": whole, "float": bounds}.get(field.type, [])


def _started(kind):
    return settings_of(kind) if lacks_numbers(kind.name, {}) else default_parameters(kind)


def test_keras_takes_every_choice_and_every_bound_that_the_catalogue_names():
    """A bound that is too wide would be refused, or fill the memory."""
    refused = []
    for kind in usable(*FAMILIES):
        started = _started(kind) | ({"shape": (4,)} if kind.name == "InputLayer" else {})
        for field in kind.fields:
            for value in edge_values(field):
                weights = [1.0] * len(started["vocabulary"]) if value == "tf_idf" else None
                more = {"idf_weights": weights} if weights else {}
                try:
                    construct(kind.family, kind.name, {**started, **more, field.name: value})
                except SpecError as error:
                    refused.append(f"{error} ({field.name} {value!r})")
    assert not [line for line in refused if not any(word in line for word in COMBINATIONS)]


def test_every_default_can_also_be_given_in_full():
    for kind in usable(*(family for family in FAMILIES if family != "activation")):
        full = {field.name: field.default for field in kind.as_part.fields}
        full |= settings_of(kind) if lacks_numbers(kind.name, {}) else {}
        if kind.name == FORMULA:
            continue  # no class of Keras: made for the inputs it takes
        if kind.name == "InputLayer":
            full["shape"] = (4,)
        usual = _started(kind) | ({"shape": (4,)} if kind.name == "InputLayer" else {})
        made, expected = (construct(kind.family, kind.name, given) for given in (full, usual))
        assert type(made) is type(expected)


def test_activations_are_functions_of_keras():
    for kind in usable("activation"):
        assert activation(kind.name) is getattr(keras.activations, kind.name)


@pytest.mark.parametrize("name", ["glu", "threshold", "get", "deserialize", "nothing", "__class__"])
def test_other_names_are_no_activations(name):
    with pytest.raises(SpecError):
        activation(name)


@pytest.mark.parametrize(
    "kind", ["Lambda", "TFSMLayer", "JaxLayer", "Layer", "RandomCrop", "deserialize"]
)
def test_what_has_no_entry_or_cannot_be_placed_is_never_made(kind):
    with pytest.raises(SpecError) as caught:
        layer(kind, function="x")
    assert caught.value.where == "network.layers.x"


def test_a_cell_is_made_inside_a_recurrent_layer_but_not_placed():
    with pytest.raises(SpecError, match="place RNN"):
        layer("GRUCell", units=4)
    cell = {"kind": "GRUCell", "parameters": {"units": 4}}
    made = layer("RNN", cell={"kind": "StackedRNNCells", "parameters": {"cells": [cell, cell]}})
    assert made(np.zeros((1, 3, 2), "float32")).shape == (1, 4)


def test_the_name_is_the_id_and_trainable_is_kept():
    spec = LayerSpec(
        id="my.layer-1", kind="SpatialDropout1D", parameters={"rate": 0.1}, trainable=False
    )
    made = construct_layer(spec)
    assert (made.name, made.trainable) == ("my.layer-1", False)


@pytest.mark.parametrize(
    ("kind", "parameters", "where"),
    [
        ("Dense", {}, "network.layers.x.units"),
        ("Dense", {"units": 0}, "network.layers.x.units"),
        ("Dense", {"units": 1, "colour": 2}, "network.layers.x.colour"),
        ("Conv2D", {"filters": 3, "kernel_size": 3, "groups": 2}, "network.layers.x"),
        (
            "GroupQueryAttention",
            {"head_dim": 4, "num_query_heads": 3, "num_key_value_heads": 2},
            "network.layers.x",
        ),
        (
            "TimeDistributed",
            {
                "layer": {
                    "kind": "Conv2D",
                    "parameters": {"filters": 3, "kernel_size": 1, "groups": 2},
                }
            },
            "network.layers.x.layer",
        ),
    ],
)
def test_a_refusal_names_its_place_in_one_sentence(kind, parameters, where):
    with pytest.raises(SpecError) as caught:
        layer(kind, **parameters)
    assert caught.value.where == where
    assert "\n" not in str(caught.value)
    assert "Received" not in caught.value.problem
    assert len(caught.value.problem) <= LONGEST_MESSAGE


def test_padding_and_cropping_take_their_sides_in_the_order_that_is_named():
    picture = np.ones((1, 2, 3, 1), "float32")
    padded = np.asarray(layer("ZeroPadding2D", padding=(1, 0, 0, 2))(picture))[0, :, :, 0]
    assert padded.tolist() == [[0, 0, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 0, 0]]
    again = layer("Cropping2D", cropping=(1, 0, 0, 2))(padded[None, :, :, None])
    assert np.array_equal(again, picture)
    assert layer("ZeroPadding2D", padding=1)(picture).shape == (1, 4, 5, 1)
    assert layer("ZeroPadding1D", padding=(0, 2))(np.ones((1, 3, 1))).shape == (1, 5, 1)
    assert layer("ZeroPadding3D", padding=(0, 1, 0, 0, 2, 0))(np.ones((1, 2, 2, 2, 1))).shape == (
        1,
        3,
        2,
        4,
        1,
    )


def test_one_number_and_all_numbers_of_a_window_mean_the_same():
    one = layer("Conv2D", filters=2, kernel_size=3)
    all_numbers = layer("Conv2D", filters=2, kernel_size=[3, 3])
    assert one.get_config() == all_numbers.get_config()


def test_a_single_number_does_where_keras_wants_a_list():
    assert construct("metric", "IoU", {"num_classes": 3, "target_class_ids": 1}).target_class_ids
    assert layer("PReLU", shared_axes=1)(np.ones((1, 2, 3))).shape == (1, 2, 3)
    assert layer("Permute", dims=1)(np.ones((1, 2))).shape == (1, 2)


def test_defaults_of_ours_reach_keras_and_values_given_replace_them():
    assert tuple(layer("RandomBrightness", factor=0.2).value_range) == (0.0, 1.0)
    given = layer("RandomBrightness", factor=0.2, value_range=[0, 255])
    assert tuple(given.value_range) == (0, 255)
    assert construct("metric", "F1Score", {}).average == "macro"


def test_nested_objects_are_made_with_their_settings():
    made = layer(
        "Dense",
        units=2,
        activation="gelu",
        kernel_initializer={"kind": "Constant", "parameters": {"value": 0.5}},
        kernel_regularizer={"kind": "L1L2", "parameters": {"l1": 0.25}},
        kernel_constraint={"kind": "MaxNorm", "parameters": {"axis": [0]}},
    )
    made.build((None, 3))
    assert np.array_equal(made.kernel, np.full((3, 2), 0.5))
    assert float(made.kernel_regularizer.l1) == 0.25
    assert made.kernel_constraint.axis == 0
    assert made.activation is keras.activations.gelu


def test_weights_of_wrapped_layers_have_the_same_names_every_time():
    inner = {"kind": "LSTM", "parameters": {"units": 2}}
    paths = []
    for _ in range(2):
        made = layer("Bidirectional", layer=inner, backward_layer=None)
        made.build((None, 3, 2))
        paths.append([weight.path for weight in made.weights])
    assert paths[0] == paths[1]


def test_inputs_reach_the_ports_they_are_wired_to():
    query, value = np.zeros((1, 2, 4), "float32"), np.ones((1, 5, 4), "float32")
    for kind in ("MultiHeadAttention", "Attention", "AdditiveAttention", "GroupQueryAttention"):
        spec = LayerSpec(id="x", kind=kind, parameters=settings_of(catalog().layer(kind)))
        assert call_layer(spec, construct_layer(spec), [query, value]).shape == (1, 2, 4)
        assert call_layer(spec, construct_layer(spec), [query, value, value]).shape == (1, 2, 4)
    spec = LayerSpec(id="x", kind="Subtract")
    first, second = np.full((1, 2), 5.0), np.full((1, 2), 3.0)
    assert np.array_equal(call_layer(spec, construct_layer(spec), [first, second]), [[2.0, 2.0]])


@pytest.mark.parametrize("kind", usable(*FAMILIES), ids=lambda kind: f"{kind.family}-{kind.name}")
def test_a_whole_number_does_wherever_a_fraction_is_wanted(kind):
    wanted = [field for field in kind.fields if field.type == "float"]
    for field in wanted:
        whole = next((n for n in (1, 0, 2) if not check_value(field, n)), None)
        if whole is None:
            continue
        made = [
            layer(kind.name, **parameters)
            if kind.family == "layer"
            else construct(kind.family, kind.name, parameters)
            for number in (whole, float(whole))
            if (parameters := {**settings_of(kind), field.name: number})
        ]
        if hasattr(made[0], "get_config"):
            kept = [one.get_config().get(field.name) for one in made]
            assert kept[0] == kept[1], field.name
