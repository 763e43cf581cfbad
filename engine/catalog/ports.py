"""Number of wires that a layer takes."""

from __future__ import annotations

from engine.catalog.calls import further_wires
from engine.catalog.kind_rows import FORMULA
from engine.catalog.model import Kind
from engine.formula import inputs_of
from engine.spec.inner import port_names
from engine.spec.network import MODEL_KIND, LayerSpec


def wires_taken(layer: LayerSpec, kind: Kind | None) -> tuple[int, int | None]:
    """Return (least, most) input wires; most is None for any number and for unknown kinds."""
    if kind is None:
        return (1, None)
    if layer.kind == MODEL_KIND and (names := port_names(layer)):
        return (len(names), len(names))
    if layer.kind == FORMULA:
        return (inputs_of(layer.parameters.get("expression")), kind.inputs[1])
    if further := further_wires(layer.kind, layer.parameters):
        own = kind.inputs[1] or kind.inputs[0]  # further wires come after all ports of the layer
        return (own + further, own + further)
    return kind.inputs
