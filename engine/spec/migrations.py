"""Descriptions of earlier schemas, made ones of today; on plain values, as JSON holds them.

Version 0.1 wrote schema 1. Its models began with a layer that was not on the canvas and scaled the samples of every
input as ``data.scaling`` said. In schema 2 such layers are part of the network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.errors import SpecError, quoted

_LONGEST_NAME: Final = 100  # letters
_ENDING: Final = "_scaling"
_TEXTS: Final = frozenset({"imdb", "reuters"})  # sets of version 0.1 that were never scaled
# Numbers that are absent come from the data: the range to [0, 1], to [-1, 1], mean 0 and deviation 1.
_LAYERS: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    "unit": ("Rescaling", {}),
    "symmetric": ("Rescaling", {"offset": -1.0}),
    "standard": ("Normalization", {}),
}
_KEYS: Final = {"source": "reader"}  # of the data
_BLOCK: Final = (180.0, 64.0)  # width and height, in scene units
_ROW: Final = 100.0  # from one row of blocks to the next

Place = tuple[float, float]


def with_scaling_layers(content: dict[str, Any]) -> dict[str, Any]:
    """Return a description of schema 1 as one of schema 2.

    What does not have the form of a description is left to the decoder.

    Raises
    ------
    SpecError
        If ``data.scaling`` is none of those that there were.
    """
    data, network = content.get("data", {}), content.get("network", {})
    if not isinstance(data, dict) or not isinstance(network, dict):
        return content
    scaling, source = data.get("scaling", "unit"), data.get("source")
    rest = {_KEYS.get(name, name): value for name, value in data.items() if name != "scaling"}
    content = {**content, "data": rest} if "data" in content else content
    if scaling == "none" or (isinstance(source, str) and source in _TEXTS):
        return content
    if not isinstance(scaling, str) or scaling not in _LAYERS:
        names = ", ".join(("none", *_LAYERS))
        raise SpecError("data.scaling", f'must be one of {names}, not "{quoted(scaling, 30)}"')
    if not _is_network(network):
        return content
    for input_id in _feeding(network):
        content = _with_layer_behind(content, input_id, *_LAYERS[scaling])
    return content


MIGRATIONS: Final[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    1: with_scaling_layers
}
"""Schema -> what makes a description of that schema one of the next."""


def name_behind(input_id: str, taken: set[str]) -> str:
    """Return ``"<input id>_scaling"``, with a number if the user took that name."""
    number = 1
    while True:
        ending = _ENDING + (f"_{number}" if number > 1 else "")
        name = input_id[: _LONGEST_NAME - len(ending)] + ending
        if name not in taken:
            return name
        number += 1


def placed_behind(places: Mapping[str, Place], source: str, name: str) -> dict[str, Place]:
    """Return the places of blocks with a new one below ``source``, without moving others where there is room.

    Otherwise ``source`` moves up a row and leaves its place; where that is not free either, all that stands below it
    moves down a row. A source without a place leaves the new block without one.
    """
    if source not in places:
        return dict(places)
    x, y = places[source]
    others = {each: place for each, place in places.items() if each != source}
    if _is_free((x, y + _ROW), others):
        return {**places, name: (x, y + _ROW)}
    if _is_free((x, y - _ROW), others):
        return {**places, source: (x, y - _ROW), name: (x, y)}
    moved = {each: (left, top + _ROW if top > y else top) for each, (left, top) in others.items()}
    return {**moved, source: (x, y), name: (x, y + _ROW)}


def _is_free(place: Place, others: Mapping[str, Place]) -> bool:
    width, height = _BLOCK
    return not any(
        abs(place[0] - x) < width and abs(place[1] - y) < height for x, y in others.values()
    )


def _is_network(network: Mapping[str, Any]) -> bool:
    layers, wires = network.get("layers", []), network.get("wires", [])
    return (
        isinstance(layers, list)
        and isinstance(wires, list)
        and all(isinstance(layer, dict) and isinstance(layer.get("id"), str) for layer in layers)
        and all(isinstance(wire, dict) and isinstance(wire.get("source"), str) for wire in wires)
    )


def _feeding(network: Mapping[str, Any]) -> list[str]:
    """Return the inputs that feed layers; of a network in which none does, the first."""
    sources = {wire.get("source") for wire in network.get("wires", [])}
    inputs = [
        layer["id"] for layer in network.get("layers", []) if layer.get("kind") == "InputLayer"
    ]
    return [name for name in inputs if name in sources] or inputs[:1]


def _with_layer_behind(
    content: Mapping[str, Any], input_id: str, kind: str, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    network = content["network"]
    name = name_behind(input_id, {layer["id"] for layer in network["layers"]})
    new = {"id": name, "kind": kind, "parameters": dict(parameters)}
    layers = []
    for layer in network["layers"]:
        layers += [layer, new] if layer["id"] == input_id else [layer]
    wires = []
    entry = [{"source": input_id, "target": name, "port": 0}]
    for wire in network.get("wires", []):
        is_led = wire["source"] == input_id
        wires += [*entry, {**wire, "source": name}] if is_led else [wire]
        entry = [] if is_led else entry
    wires += entry
    return {
        **content,
        "network": {**network, "layers": layers, "wires": wires},
        **_beside(content, input_id, name),
    }


def _beside(content: Mapping[str, Any], input_id: str, name: str) -> dict[str, Any]:
    """Return canvas and groups with the new layer, as far as they have the form that they should have."""
    found: dict[str, Any] = {}
    canvas, groups = content.get("canvas"), content.get("groups")
    if isinstance(canvas, dict) and all(_is_place(place) for place in canvas.values()):
        places = {each: (place[0], place[1]) for each, place in canvas.items()}
        found["canvas"] = placed_behind(places, input_id, name)
    if isinstance(groups, list):
        found["groups"] = [_joined(group, input_id, name) for group in groups]
    return found


def _is_place(place: object) -> bool:
    if not isinstance(place, (list, tuple)) or len(place) != 2:
        return False
    return all(isinstance(number, (int, float)) for number in place)


def _joined(group: Any, input_id: str, name: str) -> Any:
    """Return a group that holds the input with the layer behind it, any other as it is."""
    layers = group.get("layers") if isinstance(group, dict) else None
    if not isinstance(layers, list) or input_id not in layers:
        return group
    return {**group, "layers": [*layers, name]}
