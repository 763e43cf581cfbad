"""Build the network inside a layer as a Keras model that is called like a layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import keras

from engine.build.construct import call_layer
from engine.build.names import reserve
from engine.catalog.inner import checked_inner, is_parted
from engine.errors import SpecError
from engine.spec.network import INPUT_KIND, OUTPUT_KIND, LayerSpec

Shape: TypeAlias = tuple[int | None, ...]
Tensor: TypeAlias = Any  # symbolic or not; Keras has no type stubs
Place: TypeAlias = Callable[[LayerSpec, Sequence[Tensor], bool], tuple[keras.layers.Layer, Tensor]]


def model_of(layer: LayerSpec, tensors: Sequence[Tensor], place: Place) -> keras.Model:
    """Return the model inside a layer, named by its id, for inputs of these shapes.

    Parameters
    ----------
    place
        Creates one of the layers inside and calls it.

    Raises
    ------
    SpecError
        If Keras refuses a layer; ``where`` names the outer layer, the problem the inner one.
    """
    return _connected(layer, tensors, place)[0]


def shapes_inside(
    layer: LayerSpec, tensors: Sequence[Tensor], place: Place
) -> tuple[tuple[str, Shape], ...]:
    """Return the (id, output shape) of each layer inside; parameters and errors as in `model_of`."""
    given = _connected(layer, tensors, place)[1]
    return tuple((name, tuple(tensor.shape[1:])) for name, tensor in given.items())


def _connected(
    layer: LayerSpec, tensors: Sequence[Tensor], place: Place
) -> tuple[keras.Model, dict[str, Tensor]]:
    """Return the model and the output of each of its layers."""
    where = f"network.layers.{layer.id}"
    inner = checked_inner(layer, len(tensors))
    network = inner.network
    given = {
        port.id: keras.Input(tensor.shape[1:], dtype=tensor.dtype, name=port.id)
        for port, tensor in zip(network.inputs, tensors, strict=True)
    }
    inputs = list(given.values())
    reserve(network)
    made: dict[str, keras.layers.Layer] = {}
    every: dict[str, Sequence[Tensor]] = {}  # of layers with several outputs
    for layer_id in network.order():
        spec = network.layer(layer_id)
        if spec.kind == INPUT_KIND:
            continue
        sources = [wire.source for wire in network.wires_into(layer_id)]
        if spec.kind == OUTPUT_KIND:
            given[layer_id] = every[sources[0]][spec.parameters["place"]]
            continue
        taken = [given[source] for source in sources]
        owner = inner.shared.get(layer_id, layer_id)
        further = is_parted(inner, owner)
        if owner in made:
            output = _called_again(spec, made[owner], taken, where, further)
        else:
            made[owner], output = _placed(spec.but(id=owner), taken, where, place, further)
        if further:
            every[layer_id] = output
        given[layer_id] = output[0] if further else output
    model = keras.Model(
        inputs if len(inputs) > 1 else inputs[0], given[network.outputs[0].id], name=layer.id
    )
    if not layer.trainable:
        model.trainable = False
    return model, given


def _placed(
    spec: LayerSpec, taken: Sequence[Tensor], where: str, place: Place, further: bool
) -> tuple[keras.layers.Layer, Tensor]:
    try:
        return place(spec, taken, further)
    except SpecError as error:
        raise SpecError(where, f'inside, "{spec.id}": {error.problem}') from error


def _called_again(
    spec: LayerSpec,
    made: keras.layers.Layer,
    taken: Sequence[Tensor],
    where: str,
    further: bool,
) -> Tensor:
    try:
        return call_layer(spec, made, taken, further=further)
    except Exception as error:  # Keras reports a misfit by many kinds of exception
        problem = f'inside, "{spec.id}" cannot be used on inputs of two shapes: make them equal'
        raise SpecError(where, problem) from error
