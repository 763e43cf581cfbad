"""Replace a layer by another kind, keeping the settings and wires that fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from engine.catalog import catalog, check_value, clean_parameters, default_parameters
from engine.catalog.model import Field, Kind
from engine.spec.base import LayerId
from engine.spec.network import INPUT_KIND, NetworkSpec

# Different names for the same thing: the number of outputs.
_SAME_MEANING: Final = {"units": "filters", "filters": "units"}


def swapped(network: NetworkSpec, layer_id: str, kind_name: str) -> tuple[NetworkSpec, LayerId]:
    """Return the network with a layer replaced by another kind, and the new layer's id.

    Settings that are valid for the new kind are kept, and wires that it has ports for. An id that was
    generated follows the kind; one that the user chose stays.

    Raises
    ------
    KeyError
        If there is no such layer or no such kind.
    """
    layer, kind = network.layer(layer_id), catalog().layer(kind_name)
    if layer.kind == kind_name:
        return network, LayerId(layer_id)
    parameters = {**default_parameters(kind), **fitting(kind, layer.parameters)}
    changed = layer.but(kind=kind_name, parameters=clean_parameters(kind, parameters))
    _least, most = (0, 0) if kind_name == INPUT_KIND else kind.inputs
    lost = [w for w in network.wires_into(layer_id) if most is not None and w.port >= most]
    network = network.with_changed(changed).without_wires(lost)
    new = network.free_name(kind_name) if _is_given_name(layer_id, layer.kind) else layer_id
    return network.renamed(layer_id, new), LayerId(new)


def fitting(kind: Kind, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that are valid for ``kind``, adapted to it."""
    fields = {field.name: field for field in kind.fields}
    kept: dict[str, Any] = {}
    for name, value in parameters.items():
        meant = name if name in fields else _SAME_MEANING.get(name, "")
        if meant in fields:
            fitted = _of_length(fields[meant], value)
            if not check_value(fields[meant], fitted):
                kept[meant] = fitted
    return kept


def _of_length(field: Field, value: Any) -> Any:
    """Return equal sides for the field's number of axes: 3 × 3 becomes 3 × 3 × 3."""
    sides = tuple(value) if isinstance(value, (list, tuple)) else ()
    if field.type == "ints" and field.length and sides and set(sides) == {sides[0]}:
        return sides[:1] * field.length
    return value


def _is_given_name(layer_id: str, kind_name: str) -> bool:
    """Tell whether the layer's id was generated (`NetworkSpec.free_name`)."""
    return re.fullmatch(rf"{re.escape(kind_name.lower())}(_\d+)?", layer_id) is not None
