"""The network as a graph of layers and wires."""

from __future__ import annotations

import graphlib
from collections.abc import Iterable, Mapping
from typing import Self

from pydantic import Field, model_validator

from engine.spec.base import Flag, Frozen, LayerId, Name, Parameters, Whole
from engine.spec.reach import reached

INPUT_KIND = "InputLayer"
MODEL_KIND = "Model"  # a whole network as one layer, see `engine.spec.inner`
OUTPUT_KIND = "Output"  # a further output of a layer, inside such a network only


class LayerSpec(Frozen):
    """One layer: a block on the canvas, a layer of the built model with the same name.

    Attributes
    ----------
    id
        Unique in the network; the Keras layer's ``name``.
    kind
        Name of the public Keras class, a key of the catalogue.
    parameters
        Constructor arguments that differ from the catalogue's defaults, as JSON values. Objects
        (initializers, wrapped layers...) are ``{"kind": ..., "parameters": {...}}``; activations are names.
        An ``InputLayer`` without ``shape`` takes the shape of the data.
    trainable
        False: training leaves its weights alone.
    noise
        Of an ``InputLayer``: it takes normally distributed numbers of its own ``shape`` instead of samples.
    """

    id: Name
    kind: str
    parameters: Parameters = {}
    trainable: Flag = True
    # Left out where it is False: a description without it keeps the text, and the key, that it has always had.
    noise: Flag = Field(default=False, exclude_if=lambda value: not value)


class WireSpec(Frozen):
    """A connection from one layer's output to one input port of another.

    Attributes
    ----------
    port
        Position among the target's inputs, from 0. Merges take any number; most layers have port 0 only.
    """

    source: Name
    target: Name
    port: Whole = Field(default=0, ge=0, le=999)


class NetworkSpec(Frozen):
    """Layers and wires. May be unfinished or wrong: `engine.validation` says how; only names must fit.

    Every method is a pure function; the edits return a new network.
    """

    layers: tuple[LayerSpec, ...] = ()
    wires: tuple[WireSpec, ...] = ()

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        ids = [layer.id for layer in self.layers]
        twice = (
            sorted({name for name in ids if ids.count(name) > 1})
            if len(set(ids)) < len(ids)
            else []
        )
        if twice:
            raise ValueError(f'two layers are named "{twice[0]}": rename one')
        known = set(ids)
        for wire in self.wires:
            for end in (wire.source, wire.target):
                if end not in known:
                    raise ValueError(f'a wire names "{end}", which is not a layer: remove the wire')
        return self

    # ---- Questions ----

    def layer(self, layer_id: str) -> LayerSpec:
        """Return the layer with this id; KeyError if there is none."""
        for layer in self.layers:
            if layer.id == layer_id:
                return layer
        raise KeyError(layer_id)

    @property
    def ids(self) -> tuple[LayerId, ...]:
        """Ids in the order of ``layers``."""
        return tuple(LayerId(layer.id) for layer in self.layers)

    def wires_into(self, layer_id: str) -> tuple[WireSpec, ...]:
        """Wires that end at the layer, by port."""
        return tuple(sorted((w for w in self.wires if w.target == layer_id), key=lambda w: w.port))

    def wires_from(self, layer_id: str) -> tuple[WireSpec, ...]:
        """Wires that start at the layer."""
        return tuple(w for w in self.wires if w.source == layer_id)

    @property
    def inputs(self) -> tuple[LayerSpec, ...]:
        """The input layers, in order."""
        return tuple(layer for layer in self.layers if layer.kind == INPUT_KIND)

    @property
    def data_inputs(self) -> tuple[LayerSpec, ...]:
        """The input layers that take samples, in order."""
        return tuple(layer for layer in self.inputs if not layer.noise)

    @property
    def outputs(self) -> tuple[LayerSpec, ...]:
        """Layers whose output nothing takes, in order, unconnected ones included."""
        sources = {wire.source for wire in self.wires}
        return tuple(
            layer for layer in self.layers if layer.id not in sources and layer.kind != INPUT_KIND
        )

    def order(self) -> tuple[LayerId, ...]:
        """Return every id, sources before targets.

        Raises
        ------
        graphlib.CycleError
            If the wires close a circle; ``args[1]`` lists its layers.
        """
        into: dict[str, list[str]] = {layer.id: [] for layer in self.layers}
        for wire in self.wires:
            into[wire.target].append(wire.source)
        return tuple(LayerId(name) for name in graphlib.TopologicalSorter(into).static_order())

    def downstream(self, layer_ids: Iterable[str]) -> frozenset[str]:
        """Return the given layers and all that take, directly or not, what they give."""
        targets: dict[str, list[str]] = {}
        for wire in self.wires:
            targets.setdefault(wire.source, []).append(wire.target)
        return reached(layer_ids, lambda name: targets.get(name, ()))

    def upstream(self, layer_ids: Iterable[str]) -> frozenset[str]:
        """Return the given layers and all that they depend on, directly or not."""
        sources: dict[str, list[str]] = {}
        for wire in self.wires:
            sources.setdefault(wire.target, []).append(wire.source)
        return reached(layer_ids, lambda name: sources.get(name, ()))

    def free_name(self, kind: str, taken: Iterable[str] = ()) -> LayerId:
        """Return an unused id for a new layer: ``conv2d``, ``conv2d_2``, ``conv2d_3``..."""
        used = {layer.id for layer in self.layers} | set(taken)
        stem = "input" if kind == INPUT_KIND else kind.lower()
        number = 1
        while (name := stem if number == 1 else f"{stem}_{number}") in used:
            number += 1
        return LayerId(name)

    def free_port(self, layer_id: str) -> int:
        """Return the lowest input port of the layer that no wire uses."""
        used = {wire.port for wire in self.wires_into(layer_id)}
        return next(port for port in range(len(used) + 1) if port not in used)

    # ---- Edits ----

    def with_layer(self, layer: LayerSpec) -> NetworkSpec:
        """Return the network with one more layer, unconnected."""
        return NetworkSpec(layers=(*self.layers, layer), wires=self.wires)

    def without_layers(self, layer_ids: Iterable[str]) -> NetworkSpec:
        """Return the network without these layers and the wires at them."""
        gone = set(layer_ids)
        return NetworkSpec(
            layers=tuple(layer for layer in self.layers if layer.id not in gone),
            wires=tuple(w for w in self.wires if w.source not in gone and w.target not in gone),
        )

    def with_wire(self, wire: WireSpec) -> NetworkSpec:
        """Return the network with the wire; one that held the same port is replaced."""
        kept = tuple(w for w in self.wires if (w.target, w.port) != (wire.target, wire.port))
        return NetworkSpec(layers=self.layers, wires=(*kept, wire))

    def without_wires(self, wires: Iterable[WireSpec]) -> NetworkSpec:
        """Return the network without these wires."""
        gone = set(wires)
        return NetworkSpec(layers=self.layers, wires=tuple(w for w in self.wires if w not in gone))

    def with_parameters(self, layer_id: str, parameters: Mapping[str, object]) -> NetworkSpec:
        """Return the network with the layer's parameters replaced."""
        changed = self.layer(layer_id).but(parameters=dict(parameters))
        return self.with_changed(changed)

    def with_changed(self, changed: LayerSpec) -> NetworkSpec:
        """Return the network with the layer of the same id replaced."""
        layers = tuple(changed if layer.id == changed.id else layer for layer in self.layers)
        return NetworkSpec(layers=layers, wires=self.wires)

    def renamed(self, old: str, new: str) -> NetworkSpec:
        """Return the network with a layer's id changed everywhere."""

        def name(layer_id: str) -> str:
            return new if layer_id == old else layer_id

        return NetworkSpec(
            layers=tuple(layer.but(id=name(layer.id)) for layer in self.layers),
            wires=tuple(w.but(source=name(w.source), target=name(w.target)) for w in self.wires),
        )
