"""Whether the window's training runs under XLA, told from the description alone."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Final

from engine.spec.network import NetworkSpec
from engine.training.loop.compiling import by_kind

_WRAPPED: Final = ("layer", "forward_layer", "backward_layer")
_SCALER: Final = "Rescaling"


def runs_under_xla(network: NetworkSpec, *, scaled: bool) -> bool:
    """Tell whether the kinds of the layers let XLA compile the steps on a CPU.

    XLA rounds differently: a script that does not follow drifts from the window by 1e-4 of the loss within 15
    epochs of a dense network on the digits, one that does by 1e-8.
    """
    layers = [_as_made(layer.kind, layer.parameters) for layer in network.layers]
    layers += [_as_made(_SCALER, {})] if scaled else []
    return by_kind(SimpleNamespace(layers=layers), "cpu").variant == "xla"


def _as_made(kind: str, parameters: Mapping[str, Any]) -> Any:
    """Return what stands for the Keras layer: its class name, its settings, what it wraps."""
    attributes = {
        name: _as_made(value["kind"], value.get("parameters", {}))
        if name in _WRAPPED and isinstance(value, Mapping)
        else value
        for name, value in parameters.items()
    }
    return type(kind, (), attributes)()
