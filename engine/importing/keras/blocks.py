"""Turn parts of a network that share weights into blocks.

If all uses of a layer are in one nested model, that model becomes the block. Otherwise the block is the smallest
part of the network that contains them and has one output: from the first uses to the first layer that every path
after them passes. If masks would cross its border, the whole network becomes the block.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.catalog.calls import CALL_SETTINGS, of_constructor
from engine.errors import BadInput, quoted
from engine.importing.keras.description import Described
from engine.spec.base import is_name
from engine.spec.inner import FIELD, MOST_LAYERS, InnerNetwork
from engine.spec.network import INPUT_KIND, MODEL_KIND, LayerSpec, NetworkSpec, WireSpec

INSIDE: Final = ":"  # separates the ids of a block and of a layer inside; no id contains it
_LONGEST_STEM: Final = 90  # leaves room for a suffix


@dataclass(frozen=True)
class Gathered:
    """A network whose shared layers are in blocks.

    Attributes
    ----------
    names
        Id of each layer that is now in a block -> ``"<block>:<layer inside>"``.
    """

    network: NetworkSpec
    names: Mapping[str, str]


@dataclass(frozen=True)
class _Part:
    """Layers that become one block, and the prefix to remove from their ids."""

    block: str
    ids: frozenset[str]
    prefix: str = ""


def gathered(network: NetworkSpec, described: Described) -> Gathered:
    """Return the network with a block in place of each part that shares weights.

    Parameters
    ----------
    network
        The network of ``described``, possibly changed since.

    Raises
    ------
    BadInput
        If a part that shares weights has several outputs.
    """
    shared = described.shared
    if not shared and not described.parted:
        return Gathered(network, {})
    names: dict[str, str] = {}
    for part in _parts(network, described):
        network, inside = _with_block(network, part, shared)
        names.update(inside)
    return Gathered(network, names)


# ---- Which layers ----


def _parts(network: NetworkSpec, described: Described) -> list[_Part]:
    uses = _uses(described.shared) + [list(pair) for pair in described.parted.items()]
    around = {_model_around(each, described) for each in uses}
    models = [_model_part(network, model, described) for model in sorted(around)]
    if all(part is not None for part in models):
        return [part for part in models if part is not None]
    together = {name for each in uses for name in each}
    return [_Part(described.name, _smallest(network, together, described.shared))]


def _uses(shared: Mapping[str, str]) -> list[list[str]]:
    uses: dict[str, list[str]] = {}
    for name, owner in shared.items():
        uses.setdefault(owner, [owner]).append(name)
    return list(uses.values())


def _model_around(ids: Iterable[str], described: Described) -> str:
    """Return the id of the innermost model that contains all layers, "" for the whole network."""
    paths = [described.models.get(name, ()) for name in ids]
    common = ""
    for models in zip(*paths, strict=False):
        if len(set(models)) > 1:
            break
        common = models[0]
    return common


def _model_part(network: NetworkSpec, model: str, described: Described) -> _Part | None:
    """Return the part that is one nested model; None if there is none, or it has several outputs."""
    ids = frozenset(name for name, models in described.models.items() if model in models)
    if not ids or len(_ends(network, ids)) != 1:
        return None
    return _Part(model, ids, f"{model}.")


def _ends(network: NetworkSpec, ids: frozenset[str]) -> set[str]:
    """Return the layers whose output leaves the part, or is unused."""
    outputs = {layer.id for layer in network.outputs}
    leaving = {wire.source for wire in network.wires if wire.target not in ids}
    return (leaving | outputs) & ids


def _smallest(
    network: NetworkSpec, together: set[str], shared: Mapping[str, str]
) -> frozenset[str]:
    """Return the smallest part with one output that contains the layers."""
    whole = frozenset(layer.id for layer in network.layers if layer.kind != INPUT_KIND)
    if not any(_masks(layer) for layer in network.layers):
        part = _up_to_one(network, together)
        if part:
            return part
    if len(network.outputs) == 1:
        return whole
    name = quoted(min(shared.values(), default=min(together)), 40)
    what = f'uses the layer "{name}" in several places' if shared else f'takes states of "{name}"'
    raise BadInput(
        f"it {what} and gives {len(network.outputs)} outputs: save the part up to one of them"
    )


def _up_to_one(network: NetworkSpec, shared: set[str]) -> frozenset[str]:
    """Return the layers after the shared ones, up to the first that every path passes; empty if there is none."""
    behind = network.downstream(shared)
    targets, sources = _neighbours(network)
    to_come = {name: len(found) for name, found in targets.items()}
    part: set[str] = set()
    # Layers of the part whose outputs are still needed, or are outputs of the network.
    leading_on: set[str] = set()
    left = len(shared)
    for name in network.order():
        if name not in behind:
            continue
        part.add(name)
        leading_on.add(name)
        left -= name in shared
        for source in sources[name]:
            to_come[source] -= 1
            if not to_come[source]:
                leading_on.discard(source)
        if not left and leading_on == {name}:
            return frozenset(part)
    return frozenset()


def _neighbours(network: NetworkSpec) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return targets and sources of every layer, one entry a wire."""
    targets: dict[str, list[str]] = {layer.id: [] for layer in network.layers}
    sources: dict[str, list[str]] = {layer.id: [] for layer in network.layers}
    for wire in network.wires:
        targets[wire.source].append(wire.target)
        sources[wire.target].append(wire.source)
    return targets, sources


def _masks(layer: LayerSpec) -> bool:
    return layer.kind == "Masking" or layer.parameters.get("mask_zero") is True


# ---- The block ----


def _with_block(
    network: NetworkSpec, part: _Part, shared: Mapping[str, str]
) -> tuple[NetworkSpec, dict[str, str]]:
    """Return the network with the part as one block, and the new names of its layers."""
    if len(part.ids) > MOST_LAYERS:
        raise BadInput(f"the part that uses layers again has more than {MOST_LAYERS:,} layers")
    entering = [
        wire for wire in network.wires if wire.target in part.ids and wire.source not in part.ids
    ]
    sources = list(dict.fromkeys(wire.source for wire in _in_order(network, entering)))
    inner, inside = _inner(network, part, shared, sources)
    block = LayerSpec(id=part.block, kind=MODEL_KIND, parameters={FIELD: inner.value()})
    (end,) = _ends(network, part.ids)
    layers = [block if layer.id == end else layer for layer in network.layers]
    kept = [wire for wire in network.wires if wire.target not in part.ids]
    wires = [
        *(wire.but(source=block.id) if wire.source == end else wire for wire in kept),
        *(
            WireSpec(source=source, target=block.id, port=port)
            for port, source in enumerate(sources)
        ),
    ]
    made = NetworkSpec(
        layers=tuple(layer for layer in layers if layer.id not in part.ids), wires=tuple(wires)
    )
    return made, {name: f"{block.id}{INSIDE}{own}" for name, own in inside.items()}


def _in_order(network: NetworkSpec, wires: Iterable[WireSpec]) -> list[WireSpec]:
    """Return wires sorted by source, inputs of the network first, then by target."""
    places = {layer.id: number for number, layer in enumerate(network.layers)}
    inputs = {layer.id for layer in network.inputs}
    return sorted(
        wires,
        key=lambda wire: (
            wire.source not in inputs,
            places[wire.source],
            places[wire.target],
            wire.port,
        ),
    )


def _inner(
    network: NetworkSpec, part: _Part, shared: Mapping[str, str], sources: list[str]
) -> tuple[InnerNetwork, dict[str, str]]:
    own = _own_names(network, part, shared, sources)
    inputs = [LayerSpec(id=own[source], kind=INPUT_KIND) for source in sources]
    members = [layer for layer in network.layers if layer.id in part.ids]
    by_id = {layer.id: layer for layer in members}
    layers = [_use(by_id[name], by_id[shared.get(name, name)]).but(id=own[name]) for name in by_id]
    wires = [
        wire.but(source=own[wire.source], target=own[wire.target])
        for wire in network.wires
        if wire.target in part.ids
    ]
    uses = {own[name]: own[owner] for name, owner in shared.items() if name in part.ids}
    inner = InnerNetwork(layers=(*inputs, *layers), wires=tuple(wires), shared=uses)
    return inner, {name: own[name] for name in part.ids}


def _use(layer: LayerSpec, owner: LayerSpec) -> LayerSpec:
    """Return a further use of a layer: constructed like the first, with its own call settings."""
    called = {name: layer.parameters[name] for name in CALL_SETTINGS & layer.parameters.keys()}
    parameters = {**of_constructor(owner.parameters), **called}
    use: LayerSpec = layer.but(parameters=parameters, trainable=owner.trainable)
    return use


def _own_names(
    network: NetworkSpec, part: _Part, shared: Mapping[str, str], sources: Iterable[str]
) -> dict[str, str]:
    """Return the names of layers and inputs inside the block; further uses are numbered."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    members = [layer.id for layer in network.layers if layer.id in part.ids]
    for name in (*(name for name in members if name not in shared), *sources):
        short = name.removeprefix(part.prefix) if name in part.ids else name
        found[name] = _free(short if is_name(short) else name, taken)
    for name in members:
        if name in shared:
            found[name] = _free(found[shared[name]], taken)
    return found


def _free(stem: str, taken: set[str]) -> str:
    """Reserve and return the stem, numbered if it is taken."""
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem[:_LONGEST_STEM]}_{number}"
    taken.add(name)
    return name
