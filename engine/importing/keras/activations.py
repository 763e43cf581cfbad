"""Layers used as another layer's activation: replaced by a function, or placed after the layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.errors import BadInput, quoted
from engine.importing.keras.class_names import ClassName

_FUNCTION: Final = "function"
# Layers that apply their activation last, so that it can be a layer of its own after them.
_LAST: Final = frozenset(
    {"Dense", "EinsumDense", "Activation", "Conv1D", "Conv2D", "Conv3D", "SeparableConv1D"}
    | {"SeparableConv2D", "DepthwiseConv1D", "DepthwiseConv2D", "Conv1DTranspose"}
    | {"Conv2DTranspose", "Conv3DTranspose"}
)
# (layer, its settings that differ from the function's defaults) -> the equivalent activation.
_NAMES: Final[Mapping[str, tuple[Mapping[str, Any], str]]] = {
    "ReLU": ({"max_value": None, "negative_slope": 0.0, "threshold": 0.0}, "relu"),
    "LeakyReLU": ({"negative_slope": 0.2}, "leaky_relu"),
    "ELU": ({"alpha": 1.0}, "elu"),
    "Softmax": ({"axis": -1}, "softmax"),
    "Identity": ({}, "linear"),
}


def is_layer(value: Any) -> bool:
    """Tell whether an activation is stored as a layer with its own settings."""
    return isinstance(value, Mapping) and ClassName.of(value).name != _FUNCTION


def parted(
    kind: str, config: Mapping[str, Any], where: str
) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    """Return a layer's settings with a plain activation, and the stored layer to place after it, if any.

    Raises
    ------
    BadInput
        If the layer applies the activation before its last step.
    """
    value = config.get("activation")
    if not isinstance(value, Mapping) or not is_layer(value):
        return config, None
    name = _same_function(value)
    if name is not None:
        return {**config, "activation": name}, None
    if kind in _LAST:
        return {**config, "activation": "linear"}, value
    raise inner_refusal(value, where)


def inner_refusal(value: Mapping[str, Any], where: str) -> BadInput:
    """Return the error for a layer as the activation inside another one."""
    return BadInput(
        f'layer "{quoted(where, 30)}" has a layer, {quoted(ClassName.of(value).name, 20)}, as '
        'activation: give it a name, such as "relu"'
    )


def named(value: Mapping[str, Any], where: str) -> str:
    """Return the name of the activation equivalent to a layer; BadInput if there is none."""
    name = _same_function(value)
    if name is None:
        raise inner_refusal(value, where)
    return name


def _same_function(value: Any) -> str | None:
    told, config = ClassName.of(value), value.get("config")
    if told.is_foreign:
        raise told.refusal()
    if not isinstance(config, Mapping):
        return None
    if told.name == "Activation" and isinstance(config.get("activation"), str):
        return str(config["activation"])
    usual, name = _NAMES.get(told.name or "", (None, None))
    alike = usual is not None and all(config.get(key) == usual[key] for key in usual)
    return name if alike else None
