"""The arrays of CuDNNLSTM and CuDNNGRU, Keras 2's layers for NVIDIA cards, as LSTM and GRU keep them today.

They answer as LSTM and as GRU with ``reset_after``, and kept their numbers as cuDNN takes them: the matrix of
each gate, (units, features), row by row inside a block of the shape (features, units), and one bias for the input
and one for the state, one behind the other. Keras 2 told them from others by the length of the bias; so does this.
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


# Number of gates -> today's bias: an LSTM has one, the sum; a GRU keeps both.
_BIAS: Final[Mapping[int, Callable[[Array], Array]]] = {4: _summed, 3: _apart}
_KINDS: Final = frozenset({"LSTM", "GRU"})


def repacked(
    network: NetworkSpec, groups: Mapping[str, tuple[str, ...]], weights: Mapping[str, Array]
) -> dict[str, Array]:
    """Return the arrays of a whole-model file, those in cuDNN's order in today's.

    Parameters
    ----------
    groups, weights
        As in `engine.importing.opener.OpenedModel`; also inside wrappers and models inside.
    """
    made = dict(weights)
    for group, ids in groups.items():
        if any(_KINDS.intersection(_kinds(network.layer(layer_id))) for layer_id in ids):
            keys = [key for key in weights if key.rpartition("/")[0] == group]
            made |= zip(keys, todays([weights[key] for key in keys]), strict=True)
    return made


def todays(arrays: Sequence[Array]) -> list[Array]:
    """Return a layer's arrays, or those of several, with what cuDNN's order shows in today's."""
    made = list(arrays)
    for start in range(len(made) - _ARRAYS + 1):
        kernel, recurrent, bias = made[start : start + _ARRAYS]
        if gates := _gates(kernel, recurrent, bias):
            turned = [_turned(kernel, gates), _turned(recurrent, gates), _BIAS[gates](bias)]
            made[start : start + _ARRAYS] = turned
    return made


def _gates(kernel: Array, recurrent: Array, bias: Array) -> int:
    """Return how many gates three arrays in cuDNN's order have; 0 if they are in another."""
    if (kernel.ndim, recurrent.ndim, bias.ndim) != (2, 2, 1):
        return 0
    units, columns = recurrent.shape
    gates = next((count for count in _BIAS if columns == count * units), 0)
    return gates if kernel.shape[1] == columns and len(bias) == 2 * columns else 0


def _turned(kernel: Array, gates: int) -> Array:
    """Turn each gate's matrix: the numbers of a block (features, units) are those of (units, features)."""
    blocks = np.split(kernel, gates, axis=1)
    return np.concatenate([block.reshape(block.shape[::-1]).T for block in blocks], axis=1)


def _kinds(layer: LayerSpec) -> Iterator[str]:
    """Give the kind of a layer and of those that it wraps."""
    yield layer.kind
    yield from _wrapped(layer.parameters)


def _wrapped(parameters: Mapping[str, Any]) -> Iterator[str]:
    for value in parameters.values():
        if isinstance(value, Mapping) and isinstance(value.get("parameters"), Mapping):
            yield str(value.get("kind"))
            yield from _wrapped(value["parameters"])
