"""Arithmetic between layers, ``x * 2 + 1``, translated into equivalent layers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.catalog import catalog
from engine.formula.functions import stored_names
from engine.importing.keras.arguments import Given, TensorRef
from engine.importing.keras.class_names import ClassName
from engine.importing.keras.settings import Config

_MODULES: Final = ("keras.src.ops.", "keras.ops")
PART: Final = "GetItem"  # x[:, 0]
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
_OF_LAYERS: Final = frozenset(
    {"trainable", "dtype"}
)  # settings that every layer has and operations lack


@dataclass(frozen=True)
class Arithmetic:
    """The layer equivalent to a stored operation, and its inputs."""

    kind: str
    parameters: dict[str, Any]
    tensors: tuple[TensorRef, ...]


def is_operation(value: Config) -> bool:
    """Tell whether a stored layer is an operation, which older files do not mark."""
    told, config = ClassName.of(value), value.get("config")
    if told.module is not None:
        return told.module.startswith(_MODULES)
    if told.name not in catalog().family("layer"):
        return told.name == PART or told.name in stored_names()
    nodes = value.get("inbound_nodes")
    is_new = isinstance(nodes, list) and bool(nodes) and isinstance(nodes[0], Mapping)
    return is_new and isinstance(config, Mapping) and config.keys().isdisjoint(_OF_LAYERS)


def arithmetic(name: str, config: object, given: Given) -> Arithmetic | None:
    """Return the layer for an operation, None if there is no equivalent."""
    settings = config if isinstance(config, Mapping) else {}
    usual = all(value in (None, False) for key, value in settings.items() if key not in _IDLE)
    arguments = given.positional
    if given.named or any(isinstance(each, TensorRef) and each.is_whole for each in arguments):
        return None  # the layer computes with floats
    if name in _ACTIVATIONS and usual and _tensors_only(arguments, 1):
        return Arithmetic("Activation", {"activation": _ACTIVATIONS[name]}, arguments)
    if name in _MERGES and usual and _tensors_only(arguments, 2):
        if arguments[0].rank == arguments[1].rank:
            return Arithmetic(name, {}, arguments)
    elif usual and len(arguments) == 2 and any(isinstance(a, TensorRef) for a in arguments):
        return _with_number(name, arguments)
    return None


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
