"""Weights of CuDNNLSTM and CuDNNGRU (Keras 2) in the layout of LSTM and GRU (Keras 3).

Both compute what LSTM, and GRU with ``reset_after``, compute. Their weights have cuDNN's layout: the matrix of each
gate, (units, features), is stored row by row in a block of shape (features, units), and the biases of input and state
follow each other. Like Keras 2, this recognises the layout by the length of the bias.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from engine.importing.safe.numbers import Array
from engine.spec.network import LayerSpec, NetworkSpec

_ARRAYS: Final = 3  # kernel, recurrent kernel and bias


def _summed(bias: Array) -> Array:
    of_input, of_state = bias.reshape(2, -1)
    return of_input + of_state


def _apart(bias: Array) -> Array:
    return bias.reshape(2, -1)


# Number of gates -> bias in Keras 3: an LSTM has the sum, a GRU both.
_BIAS: Final[Mapping[int, Callable[[Array], Array]]] = {4: _summed, 3: _apart}
_KINDS: Final = frozenset({"LSTM", "GRU"})


def repacked(
    network: NetworkSpec, groups: Mapping[str, tuple[str, ...]], weights: Mapping[str, Array]
) -> dict[str, Array]:
    """Return the arrays of a whole-model file, with cuDNN layouts converted to those of Keras 3.

    Parameters
    ----------
    groups, weights
        As in `engine.importing.opened.OpenedModel`; wrappers and nested models are converted too.
    """
    made = dict(weights)
    for group, ids in groups.items():
        if any(_KINDS.intersection(_kinds(network.layer(layer_id))) for layer_id in ids):
            keys = [key for key in weights if key.rpartition("/")[0] == group]
            made |= zip(keys, todays([weights[key] for key in keys]), strict=True)
    return made


def todays(arrays: Sequence[Array]) -> list[Array]:
    """Return the arrays of one or more layers, with cuDNN layouts converted."""
    made = list(arrays)
    for start in range(len(made) - _ARRAYS + 1):
        kernel, recurrent, bias = made[start : start + _ARRAYS]
        if gates := _gates(kernel, recurrent, bias):
            turned = [_turned(kernel, gates), _turned(recurrent, gates), _BIAS[gates](bias)]
            made[start : start + _ARRAYS] = turned
    return made


def _gates(kernel: Array, recurrent: Array, bias: Array) -> int:
    """Return the number of gates of three arrays in cuDNN's layout; 0 if they are in another."""
    if (kernel.ndim, recurrent.ndim, bias.ndim) != (2, 2, 1):
        return 0
    units, columns = recurrent.shape
    gates = next((count for count in _BIAS if columns == count * units), 0)
    return gates if kernel.shape[1] == columns and len(bias) == 2 * columns else 0


def _turned(kernel: Array, gates: int) -> Array:
    """Transpose each gate's matrix: a block (features, units) holds a matrix (units, features)."""
    blocks = np.split(kernel, gates, axis=1)
    return np.concatenate([block.reshape(block.shape[::-1]).T for block in blocks], axis=1)


def _kinds(layer: LayerSpec) -> Iterator[str]:
    """Yield the kind of a layer and of the layers that it wraps."""
    yield layer.kind
    yield from _wrapped(layer.parameters)


def _wrapped(parameters: Mapping[str, Any]) -> Iterator[str]:
    for value in parameters.values():
        if isinstance(value, Mapping) and isinstance(value.get("parameters"), Mapping):
            yield str(value.get("kind"))
            yield from _wrapped(value["parameters"])
