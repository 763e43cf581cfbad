"""Arithmetic with an array, ``x * np.array([1.0, 2.0])``, as a frozen layer with these weights."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import numpy as np

from engine.errors import BadInput, quoted
from engine.importing.keras.arguments import Constant, Given, TensorRef
from engine.importing.safe.numbers import Array
from engine.spec.network import LayerSpec

_Rule: TypeAlias = Callable[[Array], tuple[Array, "Array | None"]]

_KIND: Final = "EinsumDense"
_LARGEST: Final = 1_000_000  # numbers of an array
# (operation, whether the tensor is the first operand) -> (kernel, bias) of x * kernel + bias.
_RULES: Final[Mapping[tuple[str, bool], _Rule]] = {
    ("Add", True): lambda array: (np.ones_like(array), array),
    ("Add", False): lambda array: (np.ones_like(array), array),
    ("Subtract", True): lambda array: (np.ones_like(array), -array),
    ("Subtract", False): lambda array: (-np.ones_like(array), array),
    ("Multiply", True): lambda array: (array, None),
    ("Multiply", False): lambda array: (array, None),
    ("TrueDivide", True): lambda array: (1 / array, None),
    ("Divide", True): lambda array: (1 / array, None),
}


def constant_layer(
    layer: LayerSpec, operation: str, given: Given, where: str
) -> tuple[LayerSpec, tuple[Array, ...]]:
    """Return the frozen layer equivalent to an operation with an array, and its weights.

    Parameters
    ----------
    layer
        Layer whose id it gets.
    operation
        Class of the operation, ``"Multiply"``.

    Raises
    ------
    BadInput
        If there is no equivalent layer.
    """
    rank, rule, array = _understood(operation, given)
    if rule is None or not 1 <= array.size <= _LARGEST:
        raise BadInput(
            f'"{quoted(where, 30)}" ({quoted(operation, 20)}) takes an array of numbers: '
            "only + - * / do, along axes of known size"
        )
    kernel, bias = rule(array)
    axes = string.ascii_lowercase[:rank]
    own = axes[rank - kernel.ndim :]
    parameters = {
        "equation": f"{axes},{own}->{axes}",
        "output_shape": (*(None,) * (rank - 1 - kernel.ndim), *kernel.shape),
    }
    arrays = (kernel,) if bias is None else (kernel, bias)
    if bias is not None:
        parameters["bias_axes"] = own
    made = layer.but(kind=_KIND, parameters=parameters, trainable=False)
    return made, arrays


def _understood(operation: str, given: Given) -> tuple[int, _Rule | None, Array]:
    """Return the tensor's rank, the rule, and the array broadcast to the axes that it changes."""
    nothing = (0, None, np.zeros(0, np.float32))
    if len(given.positional) != 2 or given.named:
        return nothing
    first, second = given.positional
    tensor, constant = (first, second) if isinstance(first, TensorRef) else (second, first)
    if not isinstance(tensor, TensorRef) or not isinstance(constant, Constant) or not tensor.shape:
        return nothing
    rank, array = len(tensor.shape), constant.array
    if array.ndim == rank and array.shape[0] == 1:
        array = array[0]
    sizes = tensor.shape[rank - array.ndim :] if 1 <= array.ndim < rank else (None,)
    if None in sizes or ((array == 0).any() and "Divide" in operation):
        return nothing
    try:
        array = np.ascontiguousarray(np.broadcast_to(array, [size or 1 for size in sizes]))
    except ValueError:
        return nothing
    return rank, _RULES.get((operation, tensor is first)), array
