"""Layers without weights that a network uses in several places: each use becomes a layer of its own.

Two copies answer as one layer does where there is nothing to learn. A layer with weights in two places stays
refused: copies of it would part as soon as they are trained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.catalog import catalog
from engine.sandbox.class_names import ClassName

_PLAIN_GROUPS: Final = frozenset({"Merging", "Pooling", "Regularization", "Reshaping"})
_PLAIN: Final = frozenset(
    {"Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "Identity", "Rescaling", "Masking"}
)
_MOST_USES: Final = 5000
Json = dict[str, Any]
Place = tuple[str, int]


def unshared(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a functional model's ``config`` in which every layer without weights is called once.

    What is odd is left as it stands, for the checks that follow.
    """
    layers = config.get("layers")
    if not isinstance(layers, list):
        return config
    taken = {str(_name(layer)) for layer in layers}
    names: dict[Place, str] = {}
    parted: list[Any] = []
    for layer in layers:
        copies = list(_copies(layer, taken, names)) if _is_shared(layer) else [layer]
        parted += copies
    if not names or len(parted) > _MOST_USES:
        return config
    ends = {key: _renamed(config.get(key), names) for key in ("input_layers", "output_layers")}
    return {**config, "layers": [_rewired(layer, names) for layer in parted], **ends}


def _name(layer: Any) -> Any:
    return layer.get("name") if isinstance(layer, Mapping) else None


def _is_shared(layer: Any) -> bool:
    if not isinstance(layer, Mapping) or not isinstance(layer.get("name"), str):
        return False
    nodes = layer.get("inbound_nodes")
    told = ClassName.of(layer).name or ""
    kind = catalog().family("layer").get(told)
    is_plain = kind is not None and (kind.group in _PLAIN_GROUPS or told in _PLAIN)
    return is_plain and isinstance(nodes, list) and len(nodes) > 1


def _copies(layer: Json, taken: set[str], names: dict[Place, str]) -> Iterator[Json]:
    """Give a layer for each of its calls; ``names`` learns how each is named."""
    own = layer["name"]
    for number, node in enumerate(layer["inbound_nodes"]):
        name, count = own, number + 1
        while number and name in taken:
            name, count = f"{own}_{count}", count + 1
        taken.add(name)
        names[own, number] = name
        config = layer.get("config")
        renamed = {**config, "name": name} if isinstance(config, Mapping) else config
        yield {**layer, "name": name, "config": renamed, "inbound_nodes": [node]}


def _rewired(layer: Any, names: Mapping[Place, str]) -> Any:
    if not isinstance(layer, Mapping):
        return layer
    return {**layer, "inbound_nodes": _renamed(layer.get("inbound_nodes"), names)}


def _renamed(value: Any, names: Mapping[Place, str]) -> Any:
    """Return a connection with every ``[layer, call, output]`` of a copy naming that copy."""
    if isinstance(value, Mapping):
        return {key: _renamed(item, names) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if len(value) in (3, 4) and isinstance(value[0], str) and isinstance(value[1], int):
        new = names.get((value[0], value[1]))
        rest = [_renamed(item, names) for item in value[2:]]
        return [value[0], value[1], *rest] if new is None else [new, 0, *rest]
    return [_renamed(item, names) for item in value]
