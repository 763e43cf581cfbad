"""Shapes and parameter counts of a description as computed by Keras, without allocating weights."""

from __future__ import annotations

import json
import math
from collections import Counter, OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

import keras
import psutil

from engine.build.inputs import input_shape
from engine.build.layer_call import place
from engine.build.submodel import shapes_inside
from engine.catalog import catalog
from engine.catalog.ports import wires_taken
from engine.data.info import DataInfo
from engine.data.preprocessing import fitted_layer, input_dtype, neutral, takes_from_data
from engine.editing.layout import forward_sources
from engine.errors import SpecError
from engine.spec.issues import LayerFacts, WeightShapes
from engine.spec.network import INPUT_KIND, MODEL_KIND, LayerSpec, NetworkSpec
from engine.spec.shapes import shape_text

_FLOAT_BYTES = 4
_COPIES = 4  # in training: a weight, its gradient and two slots of Adam
_GB = 1e9
_PROBE = "probe"  # the id in trials, as the real one is not part of the cache key


@dataclass(frozen=True)
class _Sample:
    """Shape and dtype of a layer's output for one sample."""

    shape: tuple[int | None, ...]
    dtype: str


@dataclass(frozen=True)
class _Trial:
    """Result of calling a layer with certain inputs."""

    output: _Sample | None
    parameters: int = 0
    trainable: int = 0
    error: str = ""
    field: str = ""
    weights: WeightShapes = ()
    inside: tuple[tuple[str, tuple[int | None, ...]], ...] = ()


_Key: TypeAlias = tuple[str, str, tuple[_Sample, ...]]
_UNKNOWN = _Trial(None)


class ShapeCache:
    """Computes the output shape of each layer; an edit only costs the layers downstream of it.

    Only one thread at a time may use it.

    Parameters
    ----------
    entries
        Number of cached layers; the least recently used is dropped first.
    memory_bytes
        Memory that training may use; a network that needs more is an error. None for this
        computer's.
    """

    def __init__(self, entries: int = 4096, memory_bytes: int | None = None) -> None:
        self._entries = entries
        self._memory_bytes = memory_bytes or psutil.virtual_memory().total
        self._trials: OrderedDict[_Key, _Trial] = OrderedDict()

    def facts(self, network: NetworkSpec, info: DataInfo) -> dict[str, LayerFacts]:
        """Return the facts of every layer, by id.

        In an invalid network, the first invalid layer of each path has the error; layers after it,
        and unconnected ones, have neither shape nor error.
        """
        wires = Counter(wire.target for wire in network.wires)
        layers = {layer.id: layer for layer in network.layers}
        given: dict[str, _Sample | None] = {}
        facts: dict[str, LayerFacts] = {}
        weights = 0
        # Keras keeps variables of a stateless scope in thread-local state and would create them
        # later. Ending the thread frees it; it is only started if a layer has to be tried.
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="shapes") as thread:
            for layer_id, taken in forward_sources(network).items():
                layer = layers[layer_id]
                samples = [given[source] for source in taken]
                if layer.kind == INPUT_KIND:
                    trial = _input_trial(layer, network, info)
                elif not _wired(layer, len(taken), wires[layer_id]) or None in samples:
                    trial = _UNKNOWN
                else:
                    known = tuple(sample for sample in samples if sample is not None)
                    trial = self._trial_with_data(layer, known, network, info, thread)
                trial = self._within_memory(trial, weights + trial.parameters)
                weights += trial.parameters
                given[layer_id] = trial.output
                facts[layer_id] = _facts(layer, trial)
        return {layer.id: facts[layer.id] for layer in network.layers}

    def _trial_with_data(
        self,
        layer: LayerSpec,
        inputs: tuple[_Sample, ...],
        network: NetworkSpec,
        info: DataInfo,
        thread: ThreadPoolExecutor,
    ) -> _Trial:
        """Try a layer with what it takes from the data, of which only the shape matters here."""
        if takes_from_data(layer):
            try:
                layer = fitted_layer(network, layer, info, neutral(info))
            except SpecError as error:
                return _Trial(None, error=error.problem, field=_field(error, layer.id))
        return self._trial(layer, inputs, thread)

    def _trial(
        self, layer: LayerSpec, inputs: tuple[_Sample, ...], thread: ThreadPoolExecutor
    ) -> _Trial:
        parameters = json.dumps(layer.parameters, sort_keys=True, default=repr)
        key = (layer.kind, parameters, inputs)
        known = self._trials.get(key)
        if known is None:
            known = thread.submit(_tried, layer, inputs).result()
            self._trials[key] = known
            if len(self._trials) > self._entries:
                self._trials.popitem(last=False)
        self._trials.move_to_end(key)
        return known

    def _within_memory(self, trial: _Trial, weights: int) -> _Trial:
        """Refuse a layer that needs more memory than there is, alone or with those before it."""
        here = f"this computer has {self._memory_bytes / _GB:.0f} GB: make it smaller"
        if trial.output is None:
            return trial
        numbers = math.prod(size or 1 for size in trial.output.shape)
        needs = (
            (trial.parameters * _COPIES, "training this layer alone would need"),
            (weights * _COPIES, "with this layer, training would need"),
            (numbers, "for one sample this layer alone would need"),
        )
        for count, words in needs:
            size_bytes = count * _FLOAT_BYTES
            if size_bytes > self._memory_bytes:
                return _Trial(None, error=f"{words} {size_bytes / _GB:,.0f} GB of memory, {here}")
        return trial


def _tried(layer: LayerSpec, inputs: Sequence[_Sample]) -> _Trial:
    """Call the layer on symbolic inputs, without allocating its variables."""
    tensors = [keras.KerasTensor((None, *sample.shape), dtype=sample.dtype) for sample in inputs]
    try:
        with keras.StatelessScope(initialize_variables=False):
            made, output = place(layer.but(id=_PROBE, trainable=True), tensors)
            counts = made.count_params(), sum(math.prod(w.shape) for w in made.trainable_weights)
            weights = tuple((weight.name, tuple(weight.shape)) for weight in made.weights)
            inside = shapes_inside(layer, tensors, place) if layer.kind == MODEL_KIND else ()
    except SpecError as error:
        return _Trial(None, error=error.problem, field=_field(error, _PROBE))
    shape = tuple(output.shape[1:])
    if 0 in shape:
        return _Trial(
            None, error=f"nothing is left of the input, {shape_text(shape)}: use a smaller window"
        )
    sample = _Sample(shape, keras.backend.standardize_dtype(output.dtype))
    return _Trial(sample, *counts, weights=weights, inside=inside)


def _input_trial(layer: LayerSpec, network: NetworkSpec, info: DataInfo) -> _Trial:
    try:
        shape = input_shape(layer, info)
    except SpecError as error:
        return _Trial(None, error=error.problem, field=_field(error, layer.id))
    own = layer.parameters.get("dtype") or "float32"
    dtype = own if layer.noise else input_dtype(network, info)
    return _Trial(_Sample(shape, dtype))


def _field(error: SpecError, layer_id: str) -> str:
    """Return the field that the error names below its layer, "" if none."""
    return error.where.removeprefix(f"network.layers.{layer_id}").lstrip(".")


def _wired(layer: LayerSpec, placed: int, wires: int) -> bool:
    """Tell whether all ports are fed; a wire that closes a cycle has no source yet."""
    least, most = wires_taken(layer, catalog().family("layer").get(layer.kind))
    return max(least, 1) <= placed == wires and (most is None or wires <= most)


def _facts(layer: LayerSpec, trial: _Trial) -> LayerFacts:
    return LayerFacts(
        output_shape=trial.output.shape if trial.output else None,
        parameters=trial.parameters,
        trainable_parameters=trial.trainable if layer.trainable else 0,
        error=trial.error,
        field=trial.field,
        weights=trial.weights,
        inside=trial.inside,
    )
