"""What the checks look at: the description, the data, and what was computed from both once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.catalog import catalog, check_parameters
from engine.catalog.model import Kind
from engine.data.auto_defaults import Output, output_of
from engine.data.info import DataInfo
from engine.editing.layout import forward_sources
from engine.errors import quoted
from engine.spec.issues import LayerFacts
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from engine.spec.training import TrainingSpec
from engine.training.procedures import PROCEDURES, Procedure


@dataclass(frozen=True)
class Subject:
    """A project under examination.

    Attributes
    ----------
    info
        The data, None if it is not known yet: what depends on it is not examined.
    known
        What Keras said of the layers, as far as that was asked.
    free_bytes
        Memory that training may take, None if not known.
    devices
        What can train on this computer, ``("cpu", "gpu:0")``; () if not known.
    """

    spec: ProjectSpec
    info: DataInfo | None
    known: Mapping[str, LayerFacts]
    free_bytes: int | None = None
    devices: tuple[str, ...] = ()

    @property
    def network(self) -> NetworkSpec:
        """Layers and wires."""
        return self.spec.network

    @property
    def training(self) -> TrainingSpec:
        """The hyperparameters."""
        return self.spec.training

    @property
    def procedure(self) -> Procedure | None:
        """How it learns, None if that is unknown."""
        return PROCEDURES.get(self.training.stage.procedure)

    @property
    def answers(self) -> bool:
        """One network learns answers to samples; also where nobody knows how the project learns."""
        return self.procedure is None or self.procedure.answers

    @cached_property
    def layers(self) -> dict[str, LayerSpec]:
        """Layers by id."""
        return {layer.id: layer for layer in self.network.layers}

    @cached_property
    def wrong_settings(self) -> dict[str, dict[str, str]]:
        """What is wrong with the settings of each layer that can be placed, by its id and their names."""
        kinds = ((layer, self.kind(layer)) for layer in self.network.layers)
        return {
            layer.id: check_parameters(kind, layer.parameters)
            for layer, kind in kinds
            if kind is not None and kind.can_stand
        }

    @cached_property
    def into(self) -> dict[str, list[WireSpec]]:
        """Wires that end at each layer, by port."""
        wires: dict[str, list[WireSpec]] = {layer_id: [] for layer_id in self.layers}
        for wire in sorted(self.network.wires, key=lambda wire: wire.port):
            wires[wire.target].append(wire)
        return wires

    @cached_property
    def order(self) -> dict[str, int]:
        """Place of each layer, sources before targets."""
        return {layer_id: place for place, layer_id in enumerate(forward_sources(self.network))}

    @cached_property
    def fed(self) -> frozenset[str]:
        """Layers that the data reaches."""
        return self.network.downstream(layer.id for layer in self.network.inputs)

    @cached_property
    def outputs(self) -> tuple[LayerSpec, ...]:
        """Output layers that the data reaches."""
        return tuple(layer for layer in self.network.outputs if layer.id in self.fed)

    @cached_property
    def output(self) -> Output | None:
        """What is known of the output, None unless there is exactly one."""
        return output_of(self.network)

    @cached_property
    def output_shape(self) -> tuple[int | None, ...] | None:
        """Shape that Keras gives for the only output, None if unknown."""
        return self.shape(self.output.layer) if self.output else None

    @cached_property
    def units(self) -> int | None:
        """Numbers a sample at the only output, None if unknown."""
        if self.output_shape:
            return self.output_shape[-1]
        return self.output.units if self.output else None

    def kind(self, layer: LayerSpec) -> Kind | None:
        """Return the catalogue's entry of a layer, None if it has none."""
        return catalog().family("layer").get(layer.kind)

    def shape(self, layer_id: str) -> tuple[int | None, ...] | None:
        """Return what a layer gives for one sample as Keras said, None if unknown."""
        facts = self.known.get(layer_id)
        return facts.output_shape if facts else None

    def given(self, layer_id: str) -> tuple[tuple[int | None, ...], ...]:
        """Return the shapes that reach a layer, by port; () unless all are known."""
        shapes = [self.shape(wire.source) for wire in self.into[layer_id]]
        known = tuple(shape for shape in shapes if shape is not None)
        return known if len(known) == len(shapes) else ()

    def sources(self, layer_id: str) -> list[LayerSpec]:
        """Return the layers that a layer takes from, by port."""
        return [self.layers[wire.source] for wire in self.into[layer_id]]


def named(layer_id: str) -> str:
    """Return a layer's id as messages write it."""
    return f'"{quoted(layer_id, 30)}"'


def is_input(layer: LayerSpec) -> bool:
    """Tell whether the layer brings the data in."""
    return layer.kind == INPUT_KIND


def with_parameter(network: NetworkSpec, layer_id: str, name: str, value: object) -> NetworkSpec:
    """Return the network with one parameter of a layer set; None removes it."""
    parameters = {k: v for k, v in network.layer(layer_id).parameters.items() if k != name}
    if value is not None:
        parameters[name] = value
    return network.with_parameters(layer_id, parameters)


def inserted_on(
    network: NetworkSpec, wire: WireSpec, *layers: tuple[str, Mapping[str, object]]
) -> NetworkSpec:
    """Return the network with new layers, each (kind, parameters), one after another in a wire."""
    network = network.without_wires([wire])
    source = wire.source
    for kind, parameters in layers:
        network = appended(network, source, kind, **parameters)
        source = network.layers[-1].id
    return network.with_wire(wire.but(source=source))


def inserted_before(
    network: NetworkSpec, layer_id: str, kind: str, **parameters: object
) -> NetworkSpec:
    """Return the network with a new layer in the first wire that ends at ``layer_id``."""
    return inserted_on(network, network.wires_into(layer_id)[0], (kind, parameters))


def appended(network: NetworkSpec, layer_id: str, kind: str, **parameters: object) -> NetworkSpec:
    """Return the network with a new layer that takes what ``layer_id`` gives."""
    new = LayerSpec(id=network.free_name(kind), kind=kind, parameters=parameters)
    return network.with_layer(new).with_wire(WireSpec(source=layer_id, target=new.id))


def removed(network: NetworkSpec, layer_id: str) -> NetworkSpec:
    """Return the network without a layer; what it took goes on to where it led, if it took one."""
    into, out_of = network.wires_into(layer_id), network.wires_from(layer_id)
    bridged = network.without_layers([layer_id])
    if len(into) != 1 or into[0].source == layer_id:
        return bridged
    for wire in out_of:
        bridged = bridged.with_wire(wire.but(source=into[0].source))
    return bridged
