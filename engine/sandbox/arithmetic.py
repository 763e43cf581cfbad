"""Plain arithmetic between layers, ``x * 2 + 1``, shown as the layers that do the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import BadInput, quoted
from engine.sandbox.calls import Call, TensorRef
from engine.sandbox.class_names import ClassName
from engine.sandbox.settings import Config

_MODULES: Final = ("keras.src.ops.", "keras.ops")
_MERGES: Final = frozenset({"Add", "Subtract", "Multiply", "Maximum", "Minimum"})
_ACTIVATIONS: Final[Mapping[str, str]] = {
    "Relu": "relu",
    "Relu6": "relu6",
    "Sigmoid": "sigmoid",
    "HardSigmoid": "hard_sigmoid",
    "Tanh": "tanh",
    "Silu": "silu",
    "HardSilu": "hard_silu",
    "Softplus": "softplus",
    "Softsign": "softsign",
}
# (scale, offset) of x op number and of number op x.
_WITH_NUMBER: Final[Mapping[tuple[str, bool], Callable[[float], tuple[float, float]]]] = {
    ("Add", True): lambda number: (1.0, number),
    ("Add", False): lambda number: (1.0, number),
    ("Subtract", True): lambda number: (1.0, -number),
    ("Subtract", False): lambda number: (-1.0, number),
    ("Multiply", True): lambda number: (number, 0.0),
    ("Multiply", False): lambda number: (number, 0.0),
    ("TrueDivide", True): lambda number: (1.0 / number, 0.0),
    ("Divide", True): lambda number: (1.0 / number, 0.0),
}
# Keras stores how it finds the steps that a mask leaves out; the layers here find them again.
MASK_STEPS: Final = frozenset({"NotEqual", "Any"})
_NO_LAYERS: Final = MASK_STEPS | _ACTIVATIONS.keys() | {"TrueDivide", "Divide"}


@dataclass(frozen=True)
class Arithmetic:
    """The layer that does the same as a stored operation, and what it takes."""

    kind: str
    parameters: dict[str, Any]
    tensors: tuple[TensorRef, ...]


def is_operation(value: Config) -> bool:
    """Tell whether a stored layer is an operation; files of the older form do not say so."""
    told = ClassName.of(value)
    if told.module is None:
        return told.name in _NO_LAYERS
    return told.module.startswith(_MODULES)


def may_be_operation(value: Config) -> bool:
    """Tell whether only the call shows what it is: older files name merges and sums alike."""
    told = ClassName.of(value)
    return is_operation(value) or (told.module is None and told.name in _MERGES)


def is_arithmetic_call(value: Config, call: Call) -> bool:
    """Tell whether a call is one of an operation: a sum takes two arguments, a merge a list."""
    return is_operation(value) or (may_be_operation(value) and len(call.arguments) == 2)


def arithmetic(name: str, config: object, call: Call, where: str) -> Arithmetic:
    """Return the layer for an operation.

    Raises
    ------
    BadInput
        If no layer does the same.
    """
    settings = config if isinstance(config, Mapping) else {}
    usual = all(value in (None, False) for key, value in settings.items() if key not in _IDLE)
    arguments = call.arguments
    if name in _ACTIVATIONS and usual and _tensors_only(arguments, 1):
        return Arithmetic("Activation", {"activation": _ACTIVATIONS[name]}, arguments)
    if name in _MERGES and usual and _tensors_only(arguments, 2):
        if arguments[0].rank == arguments[1].rank:
            return Arithmetic(name, {}, arguments)
    elif usual and len(arguments) == 2 and any(isinstance(a, TensorRef) for a in arguments):
        found = _with_number(name, arguments)
        if found is not None:
            return found
    raise BadInput(
        f'it computes "{quoted(name, 30)}" ("{quoted(where, 30)}") outside of layers, '
        "which Netsmith cannot show yet"
    )


_IDLE: Final = frozenset({"name", "dtype", "trainable"})


def _tensors_only(arguments: tuple[Any, ...], count: int) -> bool:
    return len(arguments) == count and all(isinstance(item, TensorRef) for item in arguments)


def _with_number(name: str, arguments: tuple[Any, ...]) -> Arithmetic | None:
    tensor_first = isinstance(arguments[0], TensorRef)
    tensor, number = arguments if tensor_first else arguments[::-1]
    rule = _WITH_NUMBER.get((name, tensor_first))
    fits = isinstance(number, (int, float)) and not isinstance(number, bool)
    if rule is None or not fits or not math.isfinite(number) or (number == 0 and "Div" in name):
        return None
    scale, offset = rule(float(number))
    return Arithmetic("Rescaling", {"scale": scale, "offset": offset}, (tensor,))
