"""Split layers that a network calls several times into one layer for each call.

For layers without weights this changes nothing. Copies of layers with weights would diverge in training; these become
one block, see `engine.importing.keras.blocks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.catalog import catalog

_PLAIN_GROUPS: Final = frozenset({"Merging", "Pooling", "Regularization", "Reshaping"})
_PLAIN: Final = frozenset(
    {"Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "Identity", "Rescaling", "Masking"}
)
_MOST_USES: Final = 5000
Json = dict[str, Any]
Place = tuple[str, int]


@dataclass(frozen=True)
class Unshared:
    """A model's description in which every layer is called once.

    Attributes
    ----------
    config
        The model's ``config``.
    repeats
        Name of a further use -> name of the layer.
    """

    config: Mapping[str, Any]
    repeats: Mapping[str, str] = field(default_factory=dict)


def is_plain(kind_name: str) -> bool:
    """Tell whether layers of this kind have no weights and can be copied."""
    kind = catalog().family("layer").get(kind_name)
    return kind is not None and (kind.group in _PLAIN_GROUPS or kind_name in _PLAIN)


def unshared(config: Mapping[str, Any]) -> Unshared:
    """Split the layers of a functional model's ``config``; malformed parts are left for later checks."""
    layers = config.get("layers")
    if not isinstance(layers, list):
        return Unshared(config)
    shared = {layer["name"]: layer for layer in layers if _is_shared(layer)}
    uses = sum(len(layer["inbound_nodes"]) for layer in shared.values())
    if not shared or uses > _MOST_USES:
        return Unshared(config)
    firsts = _first_numbers(config, layers, shared)
    taken = {str(_name(layer)) for layer in layers}
    names: dict[Place, str] = {}
    parted: list[Any] = []
    for layer in layers:
        is_one = _is_shared(layer)
        parted += _copies(layer, firsts[layer["name"]], taken, names) if is_one else [layer]
    ends = {key: _renamed(config.get(key), names) for key in ("input_layers", "output_layers")}
    repeats = {name: own for (own, _), name in names.items() if name != own}
    return Unshared(
        {**config, "layers": [_rewired(layer, names) for layer in parted], **ends}, repeats
    )


def _first_numbers(
    config: Mapping[str, Any], layers: list[Any], shared: Mapping[str, Any]
) -> dict[str, int]:
    """Return the number of each layer's first call: 0, or 1 for a nested model, which counts its creation as 0."""
    firsts = dict.fromkeys(shared, 0)
    nodes = [layer.get("inbound_nodes") for layer in layers if isinstance(layer, Mapping)]
    for name, number in _references([nodes, config.get("output_layers")]):
        if name in shared and number == len(shared[name]["inbound_nodes"]):
            firsts[name] = 1
    return firsts


def _references(value: Any) -> Iterator[Place]:
    """Yield (layer, number of its call) of every connection."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list):
        return
    if _is_reference(value):
        yield value[0], value[1]
    for item in value:
        yield from _references(item)


def _is_reference(value: list[Any]) -> bool:
    return len(value) in (3, 4) and isinstance(value[0], str) and isinstance(value[1], int)


def _name(layer: Any) -> Any:
    return layer.get("name") if isinstance(layer, Mapping) else None


def _is_shared(layer: Any) -> bool:
    if not isinstance(layer, Mapping) or not isinstance(layer.get("name"), str):
        return False
    nodes = layer.get("inbound_nodes")
    return isinstance(nodes, list) and len(nodes) > 1


def _copies(layer: Json, first: int, taken: set[str], names: dict[Place, str]) -> Iterator[Json]:
    """Yield a layer for each of its calls; adds their names to ``names``."""
    own = layer["name"]
    for number, node in enumerate(layer["inbound_nodes"]):
        name, count = own, number + 1
        while number and name in taken:
            name, count = f"{own}_{count}", count + 1
        taken.add(name)
        names[own, first + number] = name
        config = layer.get("config")
        renamed = {**config, "name": name} if isinstance(config, Mapping) else config
        yield {**layer, "name": name, "config": renamed, "inbound_nodes": [node]}


def _rewired(layer: Any, names: Mapping[Place, str]) -> Any:
    if not isinstance(layer, Mapping):
        return layer
    return {**layer, "inbound_nodes": _renamed(layer.get("inbound_nodes"), names)}


def _renamed(value: Any, names: Mapping[Place, str]) -> Any:
    """Return a connection with the names of copies in every ``[layer, call, output]``."""
    if isinstance(value, Mapping):
        return {key: _renamed(item, names) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if _is_reference(value):
        new = names.get((value[0], value[1]))
        rest = [_renamed(item, names) for item in value[2:]]
        return [value[0], value[1], *rest] if new is None else [new, 0, *rest]
    return [_renamed(item, names) for item in value]
