"""The hard sigmoid of Keras 1 and 2, which is steeper than that of Keras 3.

It was ``clip(0.2 x + 0.5, 0, 1)`` and is ``clip(x / 6 + 0.5, 0, 1)``: the old function of ``x`` is the new one of
``1.2 x``. A layer that ends in it gives the same outputs with its weights multiplied by 1.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from engine.errors import BadInput, quoted
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec

STEEPER: Final = 1.2
_NAME: Final = "hard_sigmoid"
_GATED: Final = frozenset({"LSTM", "GRU", "LSTMCell", "GRUCell"})
_WEIGHED: Final = frozenset(
    {
        "Dense", "EinsumDense", "Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose",
        "Conv3DTranspose", "DepthwiseConv1D", "DepthwiseConv2D",
    }
)  # fmt: skip
_LAST_STAGE: Final = frozenset({"SeparableConv1D", "SeparableConv2D"})  # scale the last two arrays
# Class -> which quarters or thirds of the columns are gates.
_GATES: Final[Mapping[str, tuple[bool, ...]]] = {
    "LSTM": (True, True, False, True),  # input, forget, candidate, output
    "GRU": (True, True, False),  # update, reset, candidate
}


def with_todays(network: NetworkSpec) -> tuple[NetworkSpec, frozenset[str]]:
    """Return the network with a Rescaling before each hard sigmoid layer, and the layers to scale.

    Raises
    ------
    BadInput
        If scaling a layer's weights cannot make up for the difference.
    """
    weighed: set[str] = set()
    for layer in network.layers:
        uses = list(_uses(layer.kind, layer.parameters))
        if not uses:
            continue
        if layer.kind == "Activation":
            network = _with_scaling(network, layer)
        elif all(_can_be_weighed(kind, field) for kind, field in uses):
            weighed.add(layer.id)
        else:
            raise BadInput(
                f'layer "{quoted(layer.id, 40)}" uses the hard sigmoid of old Keras, which no layer '
                "has today"
            )
    return network, frozenset(weighed)


def _uses(kind: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (kind, field) of each hard sigmoid in a layer and the layers it wraps."""
    for field, value in parameters.items():
        if value == _NAME:
            yield kind, field
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Mapping) and isinstance(item.get("parameters"), Mapping):
                yield from _uses(str(item.get("kind")), item["parameters"])


def _can_be_weighed(kind: str, field: str) -> bool:
    if field == "recurrent_activation":
        return kind in _GATED
    return field == "activation" and kind in (_WEIGHED | _LAST_STAGE)


def _with_scaling(network: NetworkSpec, layer: LayerSpec) -> NetworkSpec:
    name = network.free_name("Rescaling")
    scaling = LayerSpec(id=name, kind="Rescaling", parameters={"scale": STEEPER})
    moved = tuple(w.but(target=name) if w.target == layer.id else w for w in network.wires)
    place = [item.id for item in network.layers].index(layer.id)
    layers = (*network.layers[:place], scaling, *network.layers[place:])
    return NetworkSpec(layers=layers, wires=(*moved, WireSpec(source=name, target=layer.id)))


def weigh(layer: Any) -> None:
    """Multiply the weights that feed each hard sigmoid of a built layer by 1.2."""
    for part in _parts(layer):
        kind = type(part).__name__.removesuffix("Cell")
        if _named(part, "recurrent_activation"):
            for variable in part.weights:
                _multiply(variable, _columns(kind, variable.shape[-1]))
        elif _named(part, "activation"):
            stage = part.weights[1:] if type(part).__name__ in _LAST_STAGE else part.weights
            for variable in stage:
                _multiply(variable, np.float32(STEEPER))


def _parts(layer: Any) -> Iterator[Any]:
    """Yield the layers that hold the weights, inside wrappers and cells."""
    inner = [getattr(layer, name, None) for name in ("forward_layer", "backward_layer")]
    inner = [part for part in inner if part is not None] or [
        part for part in (getattr(layer, "layer", None),) if part is not None
    ]
    cell = getattr(layer, "cell", None)
    inner += getattr(cell, "cells", [cell]) if cell is not None else []
    if not inner:
        yield layer
    for part in inner:
        yield from _parts(part)


def _named(part: Any, name: str) -> bool:
    return getattr(getattr(part, name, None), "__name__", "") == _NAME


def _columns(kind: str, width: int) -> Any:
    gates = _GATES[kind]
    factors = np.where(gates, STEEPER, 1.0).astype(np.float32)
    return np.repeat(factors, width // len(gates))


def _multiply(variable: Any, factor: Any) -> None:
    variable.assign(np.asarray(variable) * factor)
