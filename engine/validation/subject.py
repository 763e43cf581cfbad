"""The subject of the checks: description, data, and values computed from both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.catalog import catalog, check_parameters
from engine.catalog.model import Kind
from engine.data.auto_defaults import Output, output_of
from engine.data.info import DataInfo
from engine.data.preprocessing import preprocessing_layers
from engine.editing.layout import forward_sources
from engine.errors import quoted
from engine.spec.issues import LayerFacts
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from engine.spec.training import TrainingSpec
from engine.training.procedures import PROCEDURES, Procedure


@dataclass(frozen=True)
class Subject:
    """A project to be checked.

    Attributes
    ----------
    info
        The data, None if unknown; checks that need it are skipped.
    known
        Results of Keras for the layers, as far as there are any.
    free_bytes
        Memory that training may take, None if not known.
    devices
        Devices of this computer, ``("cpu", "gpu:0")``; () if unknown.
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
        """Problems of the settings by layer id and field, for layers of known kinds."""
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
        """Position of each layer, sources before targets."""
        return {layer_id: place for place, layer_id in enumerate(forward_sources(self.network))}

    @cached_property
    def fed(self) -> frozenset[str]:
        """Layers that the data reaches."""
        return self.network.downstream(layer.id for layer in self.network.inputs)

    @cached_property
    def prepared(self) -> tuple[str, ...]:
        """Ids of the layers that only prepare the samples, sources before targets."""
        return preprocessing_layers(self.network)

    @cached_property
    def is_bare(self) -> bool:
        """There are inputs, and behind them nothing but preprocessing."""
        entering = len(self.network.inputs)
        return entering > 0 and entering + len(self.prepared) == len(self.network.layers)

    @cached_property
    def outputs(self) -> tuple[LayerSpec, ...]:
        """Output layers that the data reaches."""
        if self.is_bare:
            return ()
        return tuple(layer for layer in self.network.outputs if layer.id in self.fed)

    @cached_property
    def output(self) -> Output | None:
        """The output layer's facts, None unless there is exactly one output."""
        return None if self.is_bare else output_of(self.network)

    @cached_property
    def output_shape(self) -> tuple[int | None, ...] | None:
        """Shape of the only output, None if unknown."""
        return self.shape(self.output.layer) if self.output else None

    @cached_property
    def units(self) -> int | None:
        """Size of the only output for one sample, None if unknown."""
        if self.output_shape:
            return self.output_shape[-1]
        return self.output.units if self.output else None

    def kind(self, layer: LayerSpec) -> Kind | None:
        """Return the catalogue's entry of a layer, None if it has none."""
        return catalog().family("layer").get(layer.kind)

    def shape(self, layer_id: str) -> tuple[int | None, ...] | None:
        """Return a layer's output shape for one sample, None if unknown."""
        facts = self.known.get(layer_id)
        return facts.output_shape if facts else None

    def given(self, layer_id: str) -> tuple[tuple[int | None, ...], ...]:
        """Return the input shapes of a layer by port; () unless all are known."""
        shapes = [self.shape(wire.source) for wire in self.into[layer_id]]
        known = tuple(shape for shape in shapes if shape is not None)
        return known if len(known) == len(shapes) else ()

    def sources(self, layer_id: str) -> list[LayerSpec]:
        """Return the sources of a layer by port."""
        return [self.layers[wire.source] for wire in self.into[layer_id]]


def named(layer_id: str) -> str:
    """Return a layer's id for messages."""
    return f'"{quoted(layer_id, 30)}"'


def is_input(layer: LayerSpec) -> bool:
    """Tell whether a layer is an input."""
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
    """Return the network with new layers, each (kind, parameters), inserted into a wire."""
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
    """Return the network with a new layer after ``layer_id``."""
    new = LayerSpec(id=network.free_name(kind), kind=kind, parameters=parameters)
    return network.with_layer(new).with_wire(WireSpec(source=layer_id, target=new.id))


def removed(network: NetworkSpec, layer_id: str) -> NetworkSpec:
    """Return the network without a layer; a single input is reconnected to its targets."""
    into, out_of = network.wires_into(layer_id), network.wires_from(layer_id)
    bridged = network.without_layers([layer_id])
    if len(into) != 1 or into[0].source == layer_id:
        return bridged
    for wire in out_of:
        bridged = bridged.with_wire(wire.but(source=into[0].source))
    return bridged
