"""The networks that probes look into, and the samples they are shown."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from engine.errors import quoted
from engine.probes.probe import ProbeError

Array: TypeAlias = npt.NDArray[Any]
Tensor: TypeAlias = Any
Samples: TypeAlias = Callable[[str, str, int], Sequence[Array]]
_MOST_INPUTS: Final = 8  # samples that are kept at hand
_Shown: TypeAlias = tuple[str, str, int]  # network, part, number of a sample


class KerasSubject:
    """Networks with what was computed of them since the last step; for one thread.

    Nothing here changes a network: calls are in inference mode, and whatever a layer would assign (moving means,
    states, counters of random numbers) is thrown away.

    Parameters
    ----------
    networks
        By name.
    samples
        Called with the name of a network, a part of the data and the number of a sample; returns what the network is
        shown, one array (1, ...) an input. May raise `ProbeError`.

    Attributes
    ----------
    step
        Steps taken so far.
    elsewhere_s
        For how long the calling thread has waited for TensorFlow's own threads.
    """

    def __init__(self, networks: Mapping[str, keras.Model], samples: Samples | None = None) -> None:
        self.networks = dict(networks)
        self.step = 0
        self.elsewhere_s = 0.0
        self._samples = samples
        self._layers: dict[str, tuple[str, Any]] = {}
        for name, model in self.networks.items():
            for layer in model.layers:  # one that several networks share is shown in the last
                self._layers[layer.name] = name, layer
        self._inputs: dict[_Shown, Sequence[Array]] = {}
        self._graphs: dict[str, _EveryOutput] = {}
        self._outputs: dict[_Shown, Mapping[str, Sequence[Tensor]]] = {}

    def renew(self, step: int) -> None:
        """Forget what was computed: the weights have changed since."""
        self.step = step
        self._outputs.clear()

    def layer(self, layer_id: str) -> Any:
        """Return a Keras layer of any of the networks; `ProbeError` if there is none."""
        return self._found(layer_id)[1]

    def network(self, name: str = "") -> Any:
        """Return the Keras model of this name, the only one for ""; `ProbeError` if there is none."""
        if name in self.networks:
            return self.networks[name]
        if not name and len(self.networks) == 1:
            return next(iter(self.networks.values()))
        raise ProbeError(f'There is no network "{quoted(name, 40)}" in this training.')

    def read(self, variable: Any) -> Array:
        """Return the numbers of a weight; Keras's way through ``numpy()`` takes three times as long."""
        value = getattr(variable, "value", None)
        if not isinstance(value, tf.Variable):
            return np.asarray(variable.numpy())
        return np.asarray(tf.raw_ops.ReadVariableOp(resource=value.handle, dtype=value.dtype))

    def outputs(self, layer_id: str, part: str, number: int) -> list[Tensor]:
        """Return what a layer gives for a sample, (1, ...) each; several for a layer of several outputs.

        All layers of the network are computed at the first call after a step, none at those that follow.
        """
        name, _ = self._found(layer_id)
        shown = (name, part, number)
        if shown not in self._outputs:
            self._outputs[shown] = self._every_output(shown)
        return list(self._outputs[shown][layer_id])

    def call(self, name: str, inputs: Sequence[Array]) -> list[Tensor]:
        """Return what a network gives for some inputs, in inference mode and without changing its state."""
        model = self.network(name)
        with self._waiting(), keras.StatelessScope():
            given: list[Tensor] = keras.tree.flatten(model(_nested(inputs), training=False))
        return given

    def _every_output(self, shown: _Shown) -> Mapping[str, Sequence[Tensor]]:
        name = shown[0]
        if self._samples is None:
            raise ProbeError("No sample is shown to this network: its layers have nothing to give.")
        if shown not in self._inputs:  # one that is read from disk is read once
            self._inputs = {
                **dict(list(self._inputs.items())[-_MOST_INPUTS:]),
                shown: self._samples(*shown),
            }
        inputs = self._inputs[shown]
        if name not in self._graphs:
            self._graphs[name] = _EveryOutput(self.networks[name])
        with self._waiting():
            return self._graphs[name](inputs)

    @contextlib.contextmanager
    def _waiting(self) -> Iterator[None]:
        """Count for how long this thread waits for others."""
        started_s, worked_s = time.perf_counter(), time.thread_time()
        yield
        waited_s = time.perf_counter() - started_s - (time.thread_time() - worked_s)
        self.elsewhere_s += max(0.0, waited_s)

    def _found(self, layer_id: str) -> tuple[str, Any]:
        found = self._layers.get(layer_id)
        if found is None:
            raise ProbeError(f'The network being shown has no layer "{quoted(layer_id, 40)}".')
        return found


class _EveryOutput:
    """Computes what every layer of a network gives for the same inputs, in one graph."""

    def __init__(self, model: keras.Model) -> None:
        given = {layer.name: _symbolic_outputs(model, layer) for layer in model.layers}
        self._dtypes = [each.dtype for each in model.inputs]
        self._inner = keras.Model(_nested(model.inputs), given)
        self._graph = tf.function(self._given, autograph=False)

    def __call__(self, inputs: Sequence[Array]) -> Mapping[str, Sequence[Tensor]]:
        """Return layer name -> its outputs, with the weights as they are now."""
        tensors = [tf.cast(x, dtype) for x, dtype in zip(inputs, self._dtypes, strict=True)]
        found: Mapping[str, Sequence[Tensor]] = self._graph(tensors)
        return found

    def _given(self, inputs: Sequence[Tensor]) -> Any:
        # Whatever the layers assign goes to the scope, which nobody reads.
        with keras.StatelessScope():
            return self._inner(_nested(inputs), training=False)


def _symbolic_outputs(model: keras.Model, layer: Any) -> list[Tensor]:
    """Return a layer's outputs within a model; ``layer.output`` of a submodel is that of its own inside."""
    own = {id(node) for nodes in model._nodes_by_depth.values() for node in nodes}
    node = next(node for node in layer._inbound_nodes if id(node) in own)
    return list(node.outputs)


def _nested(inputs: Sequence[Any]) -> Any:
    """Return inputs as Keras takes them: one by itself."""
    return inputs[0] if len(inputs) == 1 else list(inputs)
