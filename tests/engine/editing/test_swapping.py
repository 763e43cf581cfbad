import pytest

from engine.catalog import catalog
from engine.editing.swapping import fitting, swapped
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec


def network(kind, parameters, layer_id=None, wires=()):
    layers = (
        LayerSpec(id="a", kind="InputLayer"),
        LayerSpec(id="b", kind="InputLayer"),
        LayerSpec(id=layer_id or kind.lower(), kind=kind, parameters=parameters, trainable=False),
    )
    return NetworkSpec(layers=layers, wires=wires)


@pytest.mark.parametrize(
    ("kind", "parameters", "wanted"),
    [
        ("Dense", {"units": 7, "activation": "relu"}, {"filters": 7, "activation": "relu"}),
        ("Conv1D", {"filters": 5, "kernel_size": (4,)}, {"filters": 5, "kernel_size": (4, 4)}),
        ("Conv3D", {"filters": 5, "kernel_size": (4, 5, 4)}, {"filters": 5}),
        ("Dropout", {"rate": 0.4}, {}),
    ],
)
def test_settings_that_fit_are_kept(kind, parameters, wanted):
    swap, new = swapped(network(kind, parameters), kind.lower(), "Conv2D")
    layer = swap.layer(new)
    assert (layer.kind, layer.trainable, new) == ("Conv2D", False, "conv2d")
    assert wanted.items() <= layer.parameters.items()
    assert layer.parameters.keys() <= {field.name for field in catalog().layer("Conv2D").fields}


def test_a_name_of_the_users_stays():
    _swap, new = swapped(network("Dense", {"units": 7}, "answer"), "answer", "Conv2D")
    assert new == "answer"


def test_wires_without_a_port_go():
    wires = (WireSpec(source="a", target="add"), WireSpec(source="b", target="add", port=1))
    swap, new = swapped(network("Add", {}, wires=wires), "add", "Dense")
    assert [(w.source, w.target, w.port) for w in swap.wires] == [("a", new, 0)]
    swap, _new = swapped(network("Add", {}, wires=wires), "add", "InputLayer")
    assert swap.wires == ()


def test_a_value_of_another_meaning_is_left_out():
    assert fitting(catalog().layer("Dense"), {"units": -1, "activation": "no such"}) == {}


def test_the_same_kind_is_no_change():
    before = network("Dense", {"units": 7})
    assert swapped(before, "dense", "Dense") == (before, "dense")
