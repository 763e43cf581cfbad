"""Description -> Keras model, and what training needs to compile it."""

from __future__ import annotations

import graphlib
from typing import Any, Literal

import keras

from engine.build.construct import construct
from engine.build.inputs import input_shape, own_shape
from engine.build.layer_call import Tensor, place
from engine.build.names import reserve
from engine.data.auto_defaults import figure_names, resolve_loss, resolve_metrics
from engine.data.info import DataInfo
from engine.data.loaded import Statistics
from engine.data.preprocessing import fitted, input_dtype
from engine.errors import SpecError
from engine.spec.base import ObjectSpec
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec
from engine.spec.project import ProjectSpec


def build(
    network: NetworkSpec, info: DataInfo, statistics: Statistics | None = None
) -> keras.Model:
    """Return the functional model that the network describes.

    Every layer carries the id of its `LayerSpec`. The model has one input for the data, ``(n,
    *info.input_shape)`` of samples as they are; where the network has several input layers, the
    later ones are ``Identity`` layers that give the same data. An input layer for noise is an
    input of its own. Inputs and outputs are in the order of their layers. Preprocessing that leaves
    its numbers to the data has those of `engine.data.preprocessing.fitted`, as constants of the
    model, so that every exported file holds them.

    Parameters
    ----------
    statistics
        Mean and variance of the training part; needed by a Normalization without its own only.

    Raises
    ------
    SpecError
        If Keras cannot build it; ``where`` names the layer, ``"network.layers.dense_2"``.
    """
    _refuse_without_input(network)
    network = fitted(network, info, statistics)
    entering = {layer.id: _noise(layer, info) for layer in network.inputs if layer.noise}
    tensors: dict[str, Tensor] = dict(entering)
    if network.data_inputs:
        first, *others = network.data_inputs
        shape, dtype = input_shape(first, info), input_dtype(network, info)
        data = keras.Input(shape=shape, dtype=dtype, name=first.id)
        entering[first.id] = tensors[first.id] = data
        for layer in others:
            input_shape(layer, info)  # refused if it does not fit the data
            tensors[layer.id] = keras.layers.Identity(name=layer.id)(data)
    inputs = [entering[layer.id] for layer in network.inputs if layer.id in entering]
    return _connected(network, inputs[0] if len(inputs) == 1 else inputs, tensors)


def build_as_described(network: NetworkSpec) -> keras.Model:
    """Return the model of a network that brings its own preprocessing, such as an opened file's.

    Each ``InputLayer`` must have a ``shape`` and becomes an input of the model, in order. Errors as
    `build`.
    """
    _refuse_without_input(network)
    tensors = {layer.id: _own_input(layer) for layer in network.inputs}
    inputs = list(tensors.values())
    return _connected(network, inputs[0] if len(inputs) == 1 else inputs, tensors)


def compile_model(model: keras.Model, spec: ProjectSpec, info: DataInfo) -> None:
    """Give the model its optimizer, loss and metrics; "auto" follows the model's true output.

    The metrics are named as `engine.data.auto_defaults.figure_names` says.

    Raises
    ------
    SpecError
        If one of them cannot be made; ``where`` starts with ``"training.optimizer"``...
    """
    units = model.output_shape[-1] if isinstance(model.output_shape, tuple) else None
    chosen = resolve_metrics(spec, info, units)
    metrics = [_made("metric", metric) for metric in chosen]
    for metric, name in zip(metrics, figure_names(chosen), strict=True):
        metric.name = name
    model.compile(
        optimizer=_made("optimizer", spec.training.optimizer),
        loss=_made("loss", resolve_loss(spec, info, units)),
        metrics=metrics,
        run_eagerly=False,
        jit_compile=False,  # the executor chooses whether to use XLA
    )


def _noise(layer: LayerSpec, info: DataInfo) -> Tensor:
    dtype = layer.parameters.get("dtype") or "float32"
    return keras.Input(shape=input_shape(layer, info), dtype=dtype, name=layer.id)


def _refuse_without_input(network: NetworkSpec) -> None:
    if not network.inputs:
        raise SpecError("network.layers", "there is no input: add an InputLayer")


def _own_input(layer: LayerSpec) -> Tensor:
    shape = own_shape(layer)
    if shape is None:
        raise SpecError(f"network.layers.{layer.id}.shape", "the input has no shape: set it")
    dtype = layer.parameters.get("dtype") or "float32"
    return keras.Input(shape=shape, dtype=dtype, name=layer.id)


def _connected(network: NetworkSpec, inputs: Any, given: dict[str, Tensor]) -> keras.Model:
    """Return the model from ``inputs`` to the outputs; ``given`` is what the input layers give."""
    tensors = dict(given)
    reserve(network)
    try:
        order = network.order()
    except graphlib.CycleError as error:
        names = ", ".join(f'"{name}"' for name in dict.fromkeys(error.args[1][:4]))
        raise SpecError("network.wires", f"{names} form a circle: remove one wire") from error
    for layer_id in order:
        layer = network.layer(layer_id)
        if layer.kind != INPUT_KIND:
            taken = [tensors[wire.source] for wire in network.wires_into(layer_id)]
            tensors[layer_id] = place(layer, taken)[1]
    outputs = [tensors[layer.id] for layer in network.outputs]
    if not outputs:
        raise SpecError("network.layers", "there is no output: add a layer after the input")
    return keras.Model(inputs, outputs[0] if len(outputs) == 1 else outputs)


def _made(family: Literal["loss", "metric", "optimizer"], chosen: ObjectSpec) -> Any:
    try:
        return construct(family, chosen.kind, chosen.parameters)
    except SpecError as error:
        place = "metrics" if family == "metric" else family
        raise SpecError(f"training.{place}.{error.where}", error.problem) from error
