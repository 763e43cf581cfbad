"""Keep the names that Keras generates for mask operations apart from layer ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import keras

from engine.spec.network import LayerSpec, NetworkSpec

_NUMBERED: Final = re.compile(r"([a-z_]+?)(?:_(\d{1,3}))?")
_TENSOR: Final = keras.KerasTensor((1, 1))
# Name -> creates one such operation, which Keras names with the next number.
_MAKERS: Final[Mapping[str, Callable[[], Any]]] = {
    "any": lambda: keras.ops.any(_TENSOR),
    "concatenate": keras.layers.Concatenate,
    "expand_dims": lambda: keras.ops.expand_dims(_TENSOR, -1),
    "logical_or": lambda: keras.ops.logical_or(_TENSOR, _TENSOR),
    "not_equal": lambda: keras.ops.not_equal(_TENSOR, 0),
    "ones_like": lambda: keras.ops.ones_like(_TENSOR),
    "zeros_like": lambda: keras.ops.zeros_like(_TENSOR),
}


def reserve(network: NetworkSpec) -> None:
    """Use up the numbers of such names in the calling thread, so that Keras does not generate them again."""
    if not any(_masks(layer) for layer in network.layers):
        return
    last: dict[str, int] = {}
    for layer_id in network.ids:
        found = _NUMBERED.fullmatch(layer_id)
        if found and found[1] in _MAKERS:
            last[found[1]] = max(last.get(found[1], 0), int(found[2] or 0))
    for name, number in last.items():
        for _ in range(number + 1):
            _MAKERS[name]()


def _masks(layer: LayerSpec) -> bool:
    return layer.kind == "Masking" or layer.parameters.get("mask_zero") is True
