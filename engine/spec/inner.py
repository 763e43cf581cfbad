"""A network inside one layer, which may contain shared layers."""

from __future__ import annotations

import graphlib
from collections.abc import Mapping
from typing import Any, Final, Self

from pydantic import ValidationError, model_validator

from engine.spec.base import Frozen, frozen
from engine.spec.network import INPUT_KIND, MODEL_KIND, LayerSpec, NetworkSpec, WireSpec

FIELD: Final = "network"  # the one parameter of a layer of the kind `MODEL_KIND`
MOST_LAYERS: Final = 5000


class InnerNetwork(Frozen):
    """The network inside a layer of the kind `MODEL_KIND`.

    Attributes
    ----------
    layers, wires
        As in `NetworkSpec`. The input layers are the ports, in order; their shapes are those of the inputs.
    shared
        Layer -> the layer whose weights it shares; both have the same parameters, but may differ in call settings.
    """

    layers: tuple[LayerSpec, ...]
    wires: tuple[WireSpec, ...]
    shared: dict[str, str] = {}

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if len(self.layers) > MOST_LAYERS:
            raise ValueError(f"has more than {MOST_LAYERS:,} layers")
        network = self.network
        _check_wires(network)
        layers = {layer.id: layer for layer in self.layers}
        for name, owner in self.shared.items():
            alike = name in layers and owner in layers and owner not in self.shared
            if not alike or layers[name].kind != layers[owner].kind:
                raise ValueError("shares the weights of layers that differ")
        return self

    @classmethod
    def of(cls, value: Any) -> Self:
        """Parse the parameter.

        Raises
        ------
        ValueError
            If it is invalid; says why, ``"has no input"``.
        """
        if not isinstance(value, Mapping):
            raise ValueError("is no network")  # noqa: TRY004 - a value of the file, not a mistake of the caller
        try:
            return cls.model_validate(dict(value))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            own = first["type"] == "value_error"
            raise ValueError(str(first["ctx"]["error"]) if own else "cannot be read") from error
        except RecursionError as error:
            raise ValueError("is nested too deep") from error

    @classmethod
    def inside(cls, layer: LayerSpec) -> Self:
        """Parse the network inside a layer of the kind `MODEL_KIND`; ValueError as in `of`."""
        return cls.of(layer.parameters.get(FIELD))

    @property
    def network(self) -> NetworkSpec:
        """The same as a plain network, without sharing."""
        return NetworkSpec(layers=self.layers, wires=self.wires)

    def value(self) -> dict[str, Any]:
        """Return the value for the parameter."""
        made: dict[str, Any] = frozen(self.model_dump(mode="json"))
        return made


def _check_wires(network: NetworkSpec) -> None:
    if not network.inputs:
        raise ValueError("has no input")
    if len(network.outputs) != 1:
        raise ValueError("must have one output")
    into: dict[str, list[int]] = {layer.id: [] for layer in network.layers}
    for wire in network.wires:
        into[wire.target].append(wire.port)
    for layer in network.layers:
        ports = sorted(into[layer.id])
        if ports != list(range(len(ports))) or bool(ports) == (layer.kind == INPUT_KIND):
            raise ValueError(f'has a layer "{layer.id}" that is wired wrongly')
        if layer.kind == MODEL_KIND:
            raise ValueError("holds a further block: lay it out flat")
    try:
        network.order()
    except graphlib.CycleError as error:
        raise ValueError("has layers in a circle") from error


def port_names(layer: LayerSpec) -> tuple[str, ...]:
    """Return the names of the ports of a layer of the kind `MODEL_KIND`, without validation."""
    return tuple(name for name, kind in _stored(layer) if kind == INPUT_KIND)


def inner_counts(layer: LayerSpec) -> tuple[int, int]:
    """Return the number of its layers, and of those that are shared, without validation."""
    value = layer.parameters.get(FIELD)
    uses = value.get("shared") if isinstance(value, Mapping) else None
    shared = uses if isinstance(uses, Mapping) else {}
    own = [name for name, kind in _stored(layer) if kind != INPUT_KIND and name not in shared]
    return len(own), len({str(owner) for owner in shared.values()})


def _stored(layer: LayerSpec) -> list[tuple[str, str]]:
    """Return (id, kind) of each layer in the parameter."""
    value = layer.parameters.get(FIELD)
    layers = value.get("layers") if isinstance(value, Mapping) else None
    if not isinstance(layers, (list, tuple)):
        return []
    items = [item for item in layers if isinstance(item, Mapping)]
    return [(str(item.get("id")), str(item.get("kind"))) for item in items]
