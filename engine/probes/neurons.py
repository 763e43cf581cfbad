"""The dense part of a network as columns of neurons, for the classical picture of neurons and synapses."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data.info import DataInfo
from engine.probes.probe import Probe, ProbeKind, Subject, Take
from engine.spec.issues import LayerFacts
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec

Array = npt.NDArray[Any]

MOST_SHOWN: Final = 32  # largest number of neurons of a layer

_DENSE: Final = "Dense"
_LINEAR: Final = "linear"
# Elementwise layers, which may stand between two dense layers.
_NORMALIZING: Final = frozenset(
    {"BatchNormalization", "LayerNormalization", "Normalization", "Rescaling"}
)
_SILENT: Final = frozenset(
    {
        "Dropout",
        "AlphaDropout",
        "GaussianDropout",
        "GaussianNoise",
        "ActivityRegularization",
        "Identity",
    }
)
_ACTIVATING: Final = frozenset({"Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax"})
_PASSING: Final = _NORMALIZING | _SILENT | _ACTIVATING
NO_DENSE: Final = "This network has no dense layer: there are no neurons and synapses to draw."
NOT_BUILT: Final = "The neurons appear once the marked problems of the network are mended."


@dataclass(frozen=True)
class Column:
    """A column of neurons.

    Attributes
    ----------
    layer
        Id of their layer, which is not dense in the first column.
    activation
        Name of the activation, "" for linear.
    names
        One for each neuron if the data has names, else empty.
    """

    layer: str
    size: int
    activation: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Synapses:
    """The shown weights of one dense layer.

    Attributes
    ----------
    kernel
        (sources, targets).
    bias
        (targets,), None if the layer has none.
    shape
        Of the whole kernel.
    sources, targets
        Indices of these neurons, ascending.
    """

    kernel: Array
    bias: Array | None
    shape: tuple[int, int]
    sources: Array
    targets: Array

    def between(self, sources: Array, targets: Array) -> Array | None:
        """Return the weights (sources, targets) between neurons, None if some are unknown."""
        rows, columns = _places(self.sources, sources), _places(self.targets, targets)
        if rows is None or columns is None:
            return None
        found: Array = self.kernel[np.ix_(rows, columns)]
        return found

    def biases(self, targets: Array) -> Array | None:
        """Return the biases of neurons, None if there are none or some are unknown."""
        columns = _places(self.targets, targets)
        return None if self.bias is None or columns is None else self.bias[columns]


@dataclass(frozen=True, eq=False)
class ChainWeights:
    """The weights of a `DenseChain` at one step, one item of ``synapses`` for each dense layer."""

    synapses: tuple[Synapses, ...]
    step: int = 0

    def fits(self, chain: DenseChain) -> bool:
        """Tell whether they match a chain."""
        sizes = [column.size for column in chain.columns]
        return [each.shape for each in self.synapses] == list(itertools.pairwise(sizes))


@dataclass(frozen=True)
class DenseChain:
    """Consecutive dense layers.

    Attributes
    ----------
    columns
        The input of the first dense layer, then one column for each dense layer.
    is_whole
        Whether the chain is the whole network.
    """

    columns: tuple[Column, ...]
    is_whole: bool

    @property
    def layers(self) -> tuple[str, ...]:
        """Ids of the dense layers."""
        return tuple(column.layer for column in self.columns[1:])


def dense_chain(
    network: NetworkSpec, facts: Mapping[str, LayerFacts], info: DataInfo | None
) -> DenseChain | None:
    """Return the longest chain of dense layers, the last one of several; None if there is none.

    Parameters
    ----------
    facts
        Facts of every layer; chains of unknown size are ignored.
    info
        The data, with names for the first and last neurons.
    """
    chain = _longest(network)
    if not chain:
        return None
    source, _passed = _feeding(network, chain[0])
    ends = (_size(facts, source), *(_size(facts, name) for name in chain))
    sizes = tuple(size for size in ends if size is not None)
    if source is None or len(sizes) != len(ends):
        return None
    columns = [Column(source, sizes[0], names=_input_names(network, source, sizes[0], info))]
    for name, size in zip(chain, sizes[1:], strict=True):
        columns.append(Column(name, size, _activation(network, name)))
    behind = _behind(network, chain[-1])
    is_last = not network.wires_from(behind[-1].id if behind else chain[-1])
    if is_last and info is not None and len(info.labels) == columns[-1].size:
        last = columns[-1]
        columns[-1] = Column(last.layer, last.size, last.activation, info.labels)
    is_flat = network.layer(source).kind == "Flatten"
    start = _feeding(network, source)[0] if is_flat else source
    is_first = start is not None and network.layer(start).kind == INPUT_KIND
    return DenseChain(tuple(columns), is_whole=is_first and is_last)


def has_dense(network: NetworkSpec) -> bool:
    """Tell whether there is a dense layer."""
    return any(layer.kind == _DENSE for layer in network.layers)


def shown_neurons(size: int, room: int) -> npt.NDArray[np.intp]:
    """Return the indices of the neurons that are shown in a column of limited room, ascending."""
    count = size if size <= room else room - 1  # the last place shows how many are left out
    return np.round(np.linspace(0, size - 1, count)).astype(np.intp)


def synapses_of(kernel: Array, bias: Array | None, room: int) -> Synapses:
    """Return the weights between the neurons that a column of ``room`` shows."""
    sources, targets = (shown_neurons(size, room) for size in kernel.shape)
    shown = np.asarray(kernel[np.ix_(sources, targets)], np.float32)
    own = None if bias is None else np.asarray(bias[targets], np.float32)
    return Synapses(shown, own, (kernel.shape[0], kernel.shape[1]), sources, targets)


def _places(known: Array, wanted: Array) -> Array | None:
    places = np.searchsorted(known, wanted).clip(max=max(0, len(known) - 1))
    return places if len(known) and np.array_equal(known[places], wanted) else None


def _make(subject: Subject, probe: Probe) -> Take:
    room = int(probe.options.get("room", MOST_SHOWN))
    layers = probe.options.get("layers") or (probe.target,)
    weights = [subject.layer(name).weights[:2] for name in layers]

    def take() -> ChainWeights:
        arrays = [[subject.read(each) for each in own] for own in weights]
        found = (synapses_of(own[0], own[1] if len(own) > 1 else None, room) for own in arrays)
        return ChainWeights(tuple(found), subject.step)

    return take


NEURONS: Final = ProbeKind("neurons", "The neurons of the dense layers", _make, ChainWeights)


def _longest(network: NetworkSpec) -> list[str]:
    best: list[str] = []
    reached: dict[str, list[str]] = {}
    kinds = {layer.id: layer.kind for layer in network.layers}
    for name in _sorted(network):
        if kinds[name] == _DENSE:
            source, _passed = _feeding(network, name)
            reached[name] = [*reached.get(source or "", []), name]
            if len(reached[name]) >= len(best):
                best = reached[name]
    return best


def _sorted(network: NetworkSpec) -> tuple[str, ...]:
    try:
        return network.order()
    except ValueError:  # a cycle, which validation reports
        return ()


def _feeding(network: NetworkSpec, name: str) -> tuple[str | None, list[LayerSpec]]:
    """Return the source layer of a layer's inputs, and the elementwise layers in between."""
    passed: list[LayerSpec] = []
    for _ in network.layers:
        wires = network.wires_into(name)
        if len(wires) != 1:
            return None, passed
        layer = network.layer(wires[0].source)
        if layer.kind not in _PASSING:
            return layer.id, passed
        passed.append(layer)
        name = layer.id
    return None, passed


def _behind(network: NetworkSpec, name: str) -> list[LayerSpec]:
    """Return the elementwise layers after a layer."""
    found: list[LayerSpec] = []
    for _ in network.layers:
        wires = network.wires_from(name)
        if len(wires) != 1 or network.layer(wires[0].target).kind not in _PASSING:
            break
        found.append(network.layer(wires[0].target))
        name = found[-1].id
    return found


def _activation(network: NetworkSpec, name: str) -> str:
    own = network.layer(name).parameters.get("activation") or _LINEAR
    following = [layer for layer in _behind(network, name) if layer.kind in _ACTIVATING]
    if own == _LINEAR and following:
        layer = following[0]
        own = (
            layer.parameters.get("activation", _LINEAR)
            if layer.kind == "Activation"
            else layer.kind
        )
    shown = own if isinstance(own, str) else str(own.get("kind", ""))
    return "" if shown == _LINEAR else shown


def _size(facts: Mapping[str, LayerFacts], name: str | None) -> int | None:
    shape = facts[name].output_shape if name is not None and name in facts else None
    return shape[-1] if shape else None


def _input_names(
    network: NetworkSpec, source: str, size: int, info: DataInfo | None
) -> tuple[str, ...]:
    if info is None or network.layer(source).kind != INPUT_KIND:
        return ()
    return info.feature_names if len(info.feature_names) == size else ()
