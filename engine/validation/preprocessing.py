"""Findings about what prepares the samples: numbers that the data cannot give, values of another range."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from engine.data.features import kind_of
from engine.data.info import DataInfo
from engine.data.preprocessing import (
    PREPROCESSING,
    Scaling,
    fitted_layer,
    neutral,
    scaling_blocks,
    takes_from_data,
    usual_scaling,
)
from engine.editing.preprocessing import scaling_layers, with_scaling
from engine.errors import SpecError
from engine.spec.issues import Cure, Issue
from engine.spec.network import LayerSpec, NetworkSpec
from engine.validation.subject import Subject, named, removed, with_parameter

_WIDEST: Final = 10.0  # values so far from 0 saturate activations and make gradients large
_NARROWEST: Final = 0.1  # differences so small are lost among the first weights
# Layers that take numbers of any size.
_TAKE_ANY: Final = frozenset(
    {"BatchNormalization", "LayerNormalization", "UnitNormalization", "GroupNormalization"}
)
# Settings that hold one number for all features or one for each.
_PER_FEATURE: Final[Mapping[str, tuple[str, ...]]] = {
    "Rescaling": ("scale", "offset"),
    "Normalization": ("mean", "variance"),
}
_LOOK_UP: Final = frozenset({"Embedding", "ReversibleEmbedding"})


def numbers_from_data(subject: Subject) -> Iterator[Issue]:
    """A layer that leaves its numbers to the data, which cannot give them."""
    info = subject.info
    if info is None:
        return
    for layer in subject.network.layers:
        if not takes_from_data(layer):
            continue
        try:
            fitted_layer(subject.network, layer, info, neutral(info))
        except SpecError as error:
            field = error.where.rpartition(".")[2]
            yield Issue(
                f"{error.problem[:1].upper()}{error.problem[1:]}.",
                layer=layer.id,
                field=field,
                cures=tuple(_cures(subject, layer, field)),
            )


def numbers_per_feature(subject: Subject) -> Iterator[Issue]:
    """A layer with a number for each feature that takes another number of features."""
    for layer in subject.network.layers:
        given = subject.given(layer.id)
        if not given or not given[0] or layer.parameters.get("axis", -1) != -1:
            continue
        features = given[0][-1]
        for field in _PER_FEATURE.get(layer.kind, ()):
            numbers = layer.parameters.get(field)
            if not isinstance(numbers, (list, tuple)) or len(numbers) in (1, features):
                continue
            yield Issue(
                f"{field} holds {len(numbers)} numbers but {named(layer.id)} takes {features} features: "
                "give one for each.",
                layer=layer.id,
                field=field,
                cures=_from_data(subject, layer),
            )
            break


def _from_data(subject: Subject, layer: LayerSpec) -> tuple[Cure, ...]:
    if layer.id not in subject.prepared:
        return ()
    names = _PER_FEATURE[layer.kind]
    kept = {name: value for name, value in layer.parameters.items() if name not in names}
    return (Cure("Take them from the data", subject.network.with_parameters(layer.id, kept)),)


def values_as_they_are(subject: Subject) -> Iterator[Issue]:
    """Columns or bytes that reach the first layer that learns without being scaled."""
    info = subject.info
    if info is None or not kind_of(info.inputs[0]).is_amount or not _is_large(info):
        return
    takes = _unscaled(subject)
    if takes is None:
        return
    scaling = usual_scaling(info)
    kind = scaling_blocks(scaling, info)[0][0]
    low, high = info.value_range or (0.0, 0.0)
    what = f"Values from {low:g} to {high:g} reach" if info.value_range else "The columns reach"
    yield Issue(
        f"{what} {named(takes)} as they are: insert {kind} behind the input.",
        layer=takes,
        severity="warning",
        cures=(_scaled(subject.network, scaling, info),),
    )


def other_range(subject: Subject) -> Iterator[Issue]:
    """A Rescaling with numbers that are for data of another range."""
    info, network = subject.info, subject.network
    if info is None or info.value_range is None or not kind_of(info.inputs[0]).is_amount:
        return
    inputs = {layer.id for layer in network.data_inputs}
    for layer_id in scaling_layers(network):
        layer = subject.layers[layer_id]
        if any(wire.source not in inputs for wire in subject.into[layer_id]):
            continue
        scale, offset = layer.parameters.get("scale"), layer.parameters.get("offset", 0.0)
        if layer.kind != "Rescaling":
            continue
        if not isinstance(scale, (int, float)) or not isinstance(offset, (int, float)):
            continue
        low, high = sorted(value * scale + offset for value in info.value_range)
        if high - low >= _NARROWEST and max(abs(low), abs(high)) <= _WIDEST:
            continue
        scaling: Scaling = "symmetric" if offset < 0 else "unit"
        yield Issue(
            f"{named(layer_id)} takes the values of {info.title} to {low:.3g} to {high:.3g}: "
            "set scale to what their range needs.",
            layer=layer_id,
            field="scale",
            severity="warning",
            cures=(_scaled(network, scaling, info, f"Set scale for {info.title}"),),
        )


def _is_large(info: DataInfo) -> bool:
    """Tell whether the values can be far from 0, as far as that is known."""
    if info.value_range is None:
        return True
    return max(map(abs, info.value_range)) > _WIDEST


def _unscaled(subject: Subject) -> str | None:
    """Return the first layer with weights that takes samples as they are, None if there is none."""
    known = {layer.id for layer in subject.network.data_inputs}
    for name in sorted(subject.order, key=lambda each: subject.order[each]):
        layer = subject.layers[name]
        wires = subject.into[name]
        if not wires or not any(wire.source in known for wire in wires):
            continue
        row = PREPROCESSING.get(layer.kind)
        if layer.kind in _TAKE_ANY | _LOOK_UP or (row is not None and not row.keeps_values):
            continue
        facts = subject.known.get(name)
        if facts is not None and facts.parameters:
            return name
        known.add(name)
    return None


def _scaled(network: NetworkSpec, scaling: Scaling, info: DataInfo, label: str = "") -> Cure:
    kind = scaling_blocks(scaling, info)[0][0]
    return Cure(label or f"Insert {kind}", with_scaling(network, scaling, info))


def _cures(subject: Subject, layer: LayerSpec, field: str) -> Iterator[Cure]:
    network, info = subject.network, subject.info
    if field in ("axis", "invert"):
        yield Cure("Use the default", with_parameter(network, layer.id, field, None))
    elif layer.id not in subject.prepared:
        if layer.kind == "Normalization":
            batch = LayerSpec(id=layer.id, kind="BatchNormalization")
            yield Cure("Use BatchNormalization", network.with_changed(batch))
        yield Cure("Remove it", removed(network, layer.id))
    elif info is not None and field == "scale":
        standard = LayerSpec(id=layer.id, kind="Normalization")
        yield Cure("Use Normalization", network.with_changed(standard))
    elif field == "offset":
        yield Cure("Use the default", with_parameter(network, layer.id, field, None))
