"""One sample flowing through a network that is being edited, layer by layer.

Each layer is called on its own, on the processor, as in prediction. What it gives is remembered with what it was made
from, so that an edit computes only what lies downstream of it, and an untrained layer keeps its first weights.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import keras
import numpy as np
import numpy.typing as npt

from engine.build.construct import call_layer
from engine.build.inputs import input_shape, noise_shape
from engine.build.layer_call import make_layer
from engine.build.seed_lock import KERAS_SEED_LOCK
from engine.data.info import DataInfo
from engine.data.loaded import Statistics
from engine.data.preprocessing import fitted_layer, input_dtype, takes_from_data
from engine.editing.layout import forward_sources
from engine.errors import BadInput, Cancelled, SpecError
from engine.spec.issues import LayerFacts
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec
from engine.spec.reach import reached

MOST_PARAMETERS: Final = 20_000_000  # 80 MB in addition to the network that is trained
Array: TypeAlias = npt.NDArray[Any]
Weights: TypeAlias = Mapping[str, Sequence[Array]]
_Tensor: TypeAlias = Any  # TensorFlow has no type stubs


@dataclass(frozen=True)
class Sample:
    """A sample as the input of a network.

    Attributes
    ----------
    x
        (*input_shape), unscaled.
    statistics
        Of the training part, for a Normalization without mean and variance.
    """

    x: Array
    info: DataInfo
    statistics: Statistics | None = None


@dataclass(frozen=True)
class _Step:
    """A layer that was called.

    Attributes
    ----------
    made_from
        Kind, parameters and input shapes; the layer is reused if these and ``weights`` are unchanged.
    taken
        Versions of its inputs; the output is reused if these are unchanged.
    """

    made_from: tuple[object, ...]
    weights: Sequence[Array] | None
    layer: keras.layers.Layer | None
    taken: tuple[object, ...]
    outputs: tuple[_Tensor, ...]
    stamp: int

    @property
    def output(self) -> _Tensor:
        """What other layers take."""
        return self.outputs[0]


class SampleFlow:
    """Caches the output of each layer. Only one thread at a time may use it."""

    def __init__(self) -> None:
        self._steps: dict[str, _Step] = {}
        self._stamp = 0

    def outputs(
        self,
        network: NetworkSpec,
        facts: Mapping[str, LayerFacts],
        sample: Sample,
        wanted: Iterable[str],
        weights: Weights | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> dict[str, list[Array]]:
        """Return the outputs of each wanted layer for the sample, without the batch axis.

        Layers that cannot be called, and those after them, are missing.

        Parameters
        ----------
        wanted
            Ids of layers; only these and the layers upstream are computed.
        weights
            Weights by layer id, as returned by ``get_weights()``; layers that they do not fit get new weights. The
            same object is assumed to have the same values.

        Raises
        ------
        BadInput
            If the network has more than `MOST_PARAMETERS`.
        Cancelled
            If ``cancelled``, checked before each layer, returns True.
        """
        total = sum(fact.parameters for fact in facts.values())
        if total > MOST_PARAMETERS:
            raise BadInput(
                f"the network has {total:,} parameters: samples flow through up to {MOST_PARAMETERS:,}"
            )
        sources = forward_sources(network)
        layers = {layer.id: layer for layer in network.layers}
        asked = set(wanted) & set(layers)
        needed = reached(asked, lambda name: sources[name])
        self._steps = {name: step for name, step in self._steps.items() if name in layers}
        given: dict[str, _Step] = {}
        with keras.device("cpu"):
            for name, taken in sources.items():
                if cancelled():
                    raise Cancelled("The sample is no longer wanted.")
                if name not in needed or any(source not in given for source in taken):
                    continue
                inputs = [given[source] for source in taken]
                own = None if weights is None else weights.get(name)
                step = self._step(layers[name], inputs, network, sample, own)
                if step is not None:
                    given[name] = self._steps[name] = step
        return {
            name: [np.asarray(each)[0] for each in given[name].outputs]
            for name in asked & set(given)
        }

    def _step(
        self,
        layer: LayerSpec,
        inputs: Sequence[_Step],
        network: NetworkSpec,
        sample: Sample,
        weights: Sequence[Array] | None,
    ) -> _Step | None:
        """Return a layer's output, cached or computed; None if it cannot be called."""
        known = self._steps.get(layer.id)
        if takes_from_data(layer):
            try:
                layer = fitted_layer(network, layer, sample.info, sample.statistics)
            except SpecError:
                return None
        parameters = json.dumps(layer.parameters, sort_keys=True, default=repr)
        shapes = tuple(tuple(step.output.shape) for step in inputs)
        made_from = (layer.kind, parameters, shapes)
        is_input = layer.kind == INPUT_KIND
        taken = _identity(sample) if is_input else tuple(step.stamp for step in inputs)
        is_same = known is not None and known.made_from == made_from and known.weights is weights
        if known is not None and is_same and known.taken == taken:
            return known
        try:
            if is_input:
                made, outputs = None, (_entered(layer, network, sample),)
            elif inputs:
                kept = known.layer if known is not None and is_same else None
                made, outputs = _called(layer, kept, [step.output for step in inputs], weights)
            else:
                return None
        except Exception:  # noqa: BLE001 - Keras reports a misfit by many kinds; the canvas says which
            return None
        self._stamp += 1
        return _Step(made_from, weights, made, taken, outputs, self._stamp)


def _identity(sample: Sample) -> tuple[object, ...]:
    """Return a key that identifies a sample."""
    x = np.ascontiguousarray(sample.x)
    mean = None if sample.statistics is None else sample.statistics.mean.tobytes()
    return (x.tobytes(), x.shape, str(x.dtype), sample.info, mean)


def _entered(layer: LayerSpec, network: NetworkSpec, sample: Sample) -> _Tensor:
    """Return the output of an input layer for the sample, with a batch axis."""
    input_shape(layer, sample.info)  # refused if it does not fit the data
    if layer.noise:  # always the same, so that differences come from the network
        noise = np.random.default_rng(0).standard_normal((1, *noise_shape(layer)))
        return keras.ops.convert_to_tensor(noise, dtype="float32")
    dtype = input_dtype(network, sample.info)
    return keras.ops.convert_to_tensor(sample.x[np.newaxis], dtype=dtype)


def _called(
    spec: LayerSpec,
    kept: keras.layers.Layer | None,
    inputs: Sequence[_Tensor],
    weights: Sequence[Array] | None,
) -> tuple[keras.layers.Layer, tuple[_Tensor, ...]]:
    """Return a layer and its outputs; a new layer gets ``weights`` if they fit."""
    if kept is not None:
        return kept, _flat(call_layer(spec, partial(kept, training=False), inputs))
    with KERAS_SEED_LOCK:
        made = make_layer(spec, inputs)
        output = call_layer(spec, partial(made, training=False), inputs)
    if weights and [tuple(w.shape) for w in made.weights] == [w.shape for w in weights]:
        made.set_weights(list(weights))
        output = call_layer(spec, partial(made, training=False), inputs)
    return made, _flat(output)


def _flat(output: Any) -> tuple[_Tensor, ...]:
    return tuple(keras.tree.flatten(output))
