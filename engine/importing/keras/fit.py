"""Check that a file's weights fit its description, before any memory is allocated."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.errors import BadInput, UnsafeFile, quoted
from engine.importing.keras.description import Described
from engine.importing.keras.old_weights import todays_paths
from engine.importing.safe.numbers import Array, StoredNumbers
from engine.spec.network import LayerSpec

MOST_WEIGHTS: Final = 1_500_000_000
_BYTES_EACH: Final = 4
_GB: Final = 1e9
_NOBODYS: Final = "it is damaged: it holds weights that belong to no layer"

Least = Callable[[Mapping[str, Any], int], int]


def _windows(parameters: Mapping[str, Any], features: int) -> int:
    """Least number of weights of a convolution: window times filters times channels of a group."""
    window = parameters.get("kernel_size", 1)
    size = math.prod(window) if isinstance(window, tuple) else window
    groups = parameters.get("groups", 1)
    return int(size * parameters.get("filters", 1) * max(1, features // groups))


def _gates(count: int) -> Least:
    def least(parameters: Mapping[str, Any], features: int) -> int:
        units = parameters.get("units", 1)
        return int(count * units * (units + features))

    return least


# Kind -> least number of weights, by its parameters and the features that enter it (1 or more).
_LEAST: Final[Mapping[str, Least]] = {
    "Dense": lambda p, features: p.get("units", 1) * features,
    "Embedding": lambda p, _: p.get("input_dim", 1) * p.get("output_dim", 1),
    "Conv1D": _windows,
    "Conv2D": _windows,
    "Conv3D": _windows,
    "Conv1DTranspose": _windows,
    "Conv2DTranspose": _windows,
    "Conv3DTranspose": _windows,
    "SimpleRNN": _gates(1),
    "GRU": _gates(3),
    "LSTM": _gates(4),
    "MultiHeadAttention": lambda p, _: 3 * p.get("num_heads", 1) * p.get("key_dim", 1),
}


def _least(layer: LayerSpec, features: int) -> int:
    least = _LEAST.get(layer.kind)
    return least(layer.parameters, features) if least else 0


def check_size(described: Described) -> None:
    """Refuse a network whose weights cannot fit into any computer's memory.

    Raises
    ------
    UnsafeFile
        Names the memory that it would need.
    """
    total = sum(
        _least(layer, described.input_sizes.get(layer.id, 1))
        for layer in described.network.layers
        if layer.id not in described.shared
    )
    if total > MOST_WEIGHTS:
        raise UnsafeFile(
            f"its network would need at least {total * _BYTES_EACH / _GB:,.0f} GB of memory"
        )


def sorted_weights(described: Described, stored: StoredNumbers) -> dict[str, Array]:
    """Return the arrays of a ``.keras`` archive by layer: ``"conv2d_1/vars/0"``.

    Raises
    ------
    BadInput
        If an array belongs to no layer, or a layer lacks its arrays.
    """
    _check_names(described, stored)
    weights: dict[str, Array] = {}
    paths = todays_paths(stored.arrays)
    for told, array in stored.arrays.items():
        path = paths[told]
        place = _place_of(path, described.places)
        weights[described.places[place] + path[len(place) :]] = array
    _check_present(described, {layer_id: (layer_id,) for layer_id in _ids(described)}, weights)
    return weights


def listed_weights(described: Described, stored: StoredNumbers) -> dict[str, Array]:
    """Return the arrays of a whole-model file by group: ``"conv2d_1/0"``; errors as above."""
    arrays = iter(stored.arrays.values())
    weights: dict[str, Array] = {}
    for name, count in stored.layers.items():
        for number in range(count):
            array = next(arrays, None)
            if array is None or name not in described.groups:
                raise BadInput(_NOBODYS)
            weights[f"{name}/{number}"] = array
    _check_present(described, described.groups, weights)
    return weights


def _ids(described: Described) -> list[str]:
    return [place.partition("/")[0] for place in described.places.values()]


def _check_names(described: Described, stored: StoredNumbers) -> None:
    """Check that the layer names stored with the weights match the description."""
    for path, name in stored.names.items():
        own = described.own_names.get(path.removesuffix("/vars"))
        if own is not None and own != name:
            raise BadInput(
                f'it is damaged: the weights of "{quoted(own, 30)}" are those of '
                f'"{quoted(name, 30)}"'
            )


def _place_of(path: str, places: Mapping[str, str]) -> str:
    place = path
    while place not in places:
        place, slash, _ = place.rpartition("/")
        if not slash:
            raise BadInput(_NOBODYS)
    return place


def _check_present(
    described: Described, groups: Mapping[str, tuple[str, ...]], weights: Mapping[str, Array]
) -> None:
    counts: Counter[str] = Counter()
    for key, array in weights.items():
        counts[key.partition("/")[0]] += array.size
    layers = {layer.id: layer for layer in described.network.layers}
    for name, ids in groups.items():
        if counts[name] < sum(_least(layers[layer_id], 1) for layer_id in ids):
            raise BadInput(f'it is damaged: weights of layer "{quoted(name, 40)}" are missing')
