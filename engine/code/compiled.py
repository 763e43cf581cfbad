"""Tell from a description whether its training is compiled by XLA."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Final

from engine.spec.network import NetworkSpec
from engine.training.loop.compiling import by_kind

_WRAPPED: Final = ("layer", "forward_layer", "backward_layer")


def runs_under_xla(network: NetworkSpec) -> bool:
    """Tell whether XLA compiles the training steps on a CPU, by the kinds of the layers.

    XLA rounds differently: for a dense network on the digits, the loss of a script without it differs by 1e-4 after
    15 epochs, with it by 1e-8.
    """
    layers = [_as_made(layer.kind, layer.parameters) for layer in network.layers]
    return by_kind(SimpleNamespace(layers=layers), "cpu").variant == "xla"


def _as_made(kind: str, parameters: Mapping[str, Any]) -> Any:
    """Return an object with the class name, settings and wrapped layers of the Keras layer."""
    attributes = {
        name: _as_made(value["kind"], value.get("parameters", {}))
        if name in _WRAPPED and isinstance(value, Mapping)
        else value
        for name, value in parameters.items()
    }
    return type(kind, (), attributes)()
