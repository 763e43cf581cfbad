"""Build a Keras model from an opened file's plain values."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h5py
import keras

from engine.build.model import build_as_described
from engine.errors import BadInput, SpecError, quoted
from engine.importing.keras.blocks import INSIDE
from engine.importing.keras.old_sigmoid import weigh
from engine.importing.opened import LayerSummary, ModelSummary, OpenedModel, check_counts
from engine.importing.safe.numbers import Array, refuse_no_numbers
from engine.machine.memory import check_memory
from engine.spec.network import MODEL_KIND, NetworkSpec
from engine.spec.shapes import Shape


def summarize_by_keras(opened: OpenedModel) -> ModelSummary:
    """Summarize a model of any layers, as `engine.importing.summary.summarize` does."""
    # Keras keeps every variable of a stateless scope in thread-local state; ending the thread frees it.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="summary") as thread:
        return thread.submit(_symbolic_summary, opened).result()


def _symbolic_summary(opened: OpenedModel) -> ModelSummary:
    network = opened.network
    with keras.StatelessScope(initialize_variables=False):
        model = _built(opened)
        layers = _layers_of(model, opened.network)
        check_counts(opened, {name: _stored(layer, opened) for name, layer in layers.items()})
        rows = tuple(
            LayerSummary(
                name=spec.id,
                kind=spec.kind,
                output_shape=_shape(layers[spec.id].output),
                parameters=layers[spec.id].count_params(),
            )
            for spec in network.layers
        )
    shapes = {row.name: row.output_shape for row in rows}
    return ModelSummary(
        layers=rows,
        parameters=sum(row.parameters for row in rows),
        inputs=opened.inputs,
        outputs={spec.id: shapes[spec.id] for spec in network.outputs},
    )


def rebuild(opened: OpenedModel) -> keras.Model:
    """Build the model and load its weights; see `engine.importing.opener.restore`."""
    for key, array in opened.weights.items():
        refuse_no_numbers(key.partition("/")[0], array)
    # Shapes and counts are checked before any memory is allocated.
    for row in summarize_by_keras(opened).layers:
        check_memory(row.output_shape, f'layer "{quoted(row.name, 40)}"')
    model = _built(opened)
    layers = _layers_of(model, opened.network)
    if opened.format == "keras":
        _load_by_path(model, layers, opened)
    else:
        _load_in_order(layers, opened)
    for layer_id in opened.steeper:
        weigh(layers[layer_id])
    return model


def _built(opened: OpenedModel) -> keras.Model:
    try:
        return build_as_described(opened.network)
    except SpecError as error:
        layer = error.where.removeprefix("network.layers.")
        raise BadInput(f'layer "{quoted(layer, 40)}": {quoted(error.problem, 100)}') from error


def _layers_of(model: keras.Model, network: NetworkSpec) -> dict[str, Any]:
    """Return the layers by id; those inside a block as ``"<block>:<layer>"``."""
    layers = {layer.name: layer for layer in model.layers}
    for spec in network.layers:
        if spec.kind == MODEL_KIND:
            inside = {f"{spec.id}{INSIDE}{layer.name}": layer for layer in layers[spec.id].layers}
            layers.update(inside)
    return layers


def _shape(tensor: Any) -> Shape:
    first = tensor[0] if isinstance(tensor, (list, tuple)) else tensor
    return tuple(first.shape[1:])


def _stored(layer: Any, opened: OpenedModel) -> int:
    """Return how many weights of a layer a file holds; archives hold LoRA weights merged into the kernel."""
    count = int(layer.count_params())
    if opened.format != "keras":
        return count
    merged = (math.prod(weight.shape) for weight in layer.weights if "lora" in weight.name)
    return count - sum(int(size) for size in merged)


# ---- .keras: by the path of each array ----


def _load_by_path(model: keras.Model, layers: Mapping[str, Any], opened: OpenedModel) -> None:
    """Let Keras save the new model's weights, replace them by the file's, and load them again.

    Layers like Normalization compute further values only when their weights are loaded this way.
    """
    with tempfile.TemporaryDirectory(prefix="netsmith-") as folder:
        path = Path(folder, "model.weights.h5")
        model.save_weights(path)
        with h5py.File(path, "r+") as stored:
            groups = _groups_by_layer(stored)
            for key, array in opened.weights.items():
                layer_id, _, inner = key.partition("/")
                _replace(groups.get(layer_id), inner, array, layer_id)
        model.load_weights(path)


def _groups_by_layer(stored: h5py.Group) -> dict[str, Any]:
    """Return the group of each layer by the name that Keras stores with its weights, inside blocks too."""
    found = {}
    for group in stored["layers"].values():
        name = group["vars"].attrs.get("name") if "vars" in group else None
        if name is None:
            continue
        found[str(name)] = group
        if "layers" in group:
            inside = _groups_by_layer(group)
            found.update({f"{name}{INSIDE}{own}": inner for own, inner in inside.items()})
    return found


def _replace(group: Any, inner: str, array: Array, layer_id: str) -> None:
    dataset = group.get(inner) if group is not None else None
    if not isinstance(dataset, h5py.Dataset) or dataset.shape != array.shape:
        raise _misfit(layer_id)
    dataset[...] = array.astype(dataset.dtype)


# ---- .h5: in the order that older versions store them ----


def _load_in_order(layers: Mapping[str, Any], opened: OpenedModel) -> None:
    for group, ids in opened.groups.items():
        arrays: list[Array] = []
        while (array := opened.weights.get(f"{group}/{len(arrays)}")) is not None:
            arrays.append(array)
        members = [layers[layer_id] for layer_id in ids]
        _assign(_in_file_order(members), arrays, group)
        for layer in members:
            if hasattr(layer, "finalize_state") and layer.weights:
                layer.finalize_state()


def _in_file_order(members: Iterable[Any]) -> list[Any]:
    layers = list(members)
    changing = [variable for layer in layers for variable in layer.trainable_weights]
    return changing + [variable for layer in layers for variable in layer.non_trainable_weights]


def _assign(variables: list[Any], arrays: list[Array], group: str) -> None:
    if [tuple(variable.shape) for variable in variables] != [array.shape for array in arrays]:
        raise _misfit(group)
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def _misfit(layer: str) -> BadInput:
    return BadInput(f'the weights of layer "{quoted(layer, 40)}" do not fit its settings')
