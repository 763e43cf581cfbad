"""Findings and cures for inputs of the wrong rank: an image where a row is expected..."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from engine.spec.issues import Cure, Issue
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.shapes import Shape, shape_text
from engine.validation.subject import Subject, inserted_on, named

RECURRENT: Final = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN"})
_POOLS: Final = {2: "GlobalAveragePooling1D", 3: "GlobalAveragePooling2D"}


def steps_missing(subject: Subject) -> Iterator[Issue]:
    """A recurrent layer that returns only its last step to a layer that reads steps."""
    for layer in subject.network.layers:
        kind, shapes = subject.kind(layer), subject.given(layer.id)
        if kind is None or 2 not in kind.ranks or not shapes or len(shapes[0]) != 1:
            continue
        wire = subject.into[layer.id][0]
        if _all_steps(subject.layers[wire.source]) is not None:
            yield Issue(
                f"{named(wire.source)} gives its last step only but {named(layer.id)} reads all "
                "steps: switch return_sequences on.",
                layer=layer.id,
                cures=tuple(rank_cures(subject.network, wire, shapes[0], kind.ranks)),
            )


def rank_cures(
    network: NetworkSpec,
    wire: WireSpec,
    shape: Shape,
    ranks: Sequence[int],
    window: Sequence[int] = (),
) -> Iterator[Cure]:
    """Yield cures that give the target of ``wire`` an input of one of ``ranks`` instead of ``shape``.

    Shapes that a ``window`` of the target does not fit into are not proposed.
    """
    source = network.layer(wire.source)
    if len(shape) == 1 and 2 in ranks and (whole := _all_steps(source)) is not None:
        yield Cure(f"Switch return_sequences of {named(source.id)} on", network.with_changed(whole))
    if len(shape) == 1 and 1 not in ranks and source.kind == "Flatten":
        yield from _before_flatten(network, wire)
    rank = min(ranks, key=lambda rank: abs(rank - len(shape)))
    if rank == 1:
        yield Cure("Insert Flatten", inserted_on(network, wire, ("Flatten", {})))
        if len(shape) in _POOLS:
            pool = _POOLS[len(shape)]
            yield Cure(f"Insert {pool}", inserted_on(network, wire, (pool, {})))
    elif (fitting := reshaped(shape, rank)) is not None and _has_room(fitting, window):
        reshape = ("Reshape", {"target_shape": fitting})
        yield Cure(f"Insert Reshape to {shape_text(fitting)}", inserted_on(network, wire, reshape))


def _has_room(shape: Sequence[int], window: Sequence[int]) -> bool:
    """Tell whether a window fits into the sides of a shape, channels last."""
    return all(size >= side for size, side in zip(shape, window, strict=False))


def reshaped(shape: Shape, rank: int) -> tuple[int, ...] | None:
    """Return a shape of ``rank`` with the same number of elements, keeping its first sizes; None with a free size."""
    sizes = tuple(size for size in shape if size is not None)
    if len(sizes) < len(shape) or not sizes:
        return None
    if len(sizes) > rank:
        return (*sizes[: rank - 1], math.prod(sizes[rank - 1 :]))
    side = math.isqrt(sizes[0])
    if len(sizes) == 1 and rank == 3 and side * side == sizes[0]:
        return (side, side, 1)
    return (*sizes, *(1,) * (rank - len(sizes)))


def _all_steps(layer: LayerSpec) -> LayerSpec | None:
    """Return a recurrent or bidirectional layer that returns every step; None for other layers."""
    whole: LayerSpec
    if layer.kind in RECURRENT:
        whole = layer.but(parameters={**layer.parameters, "return_sequences": True})
        return whole
    inner = layer.parameters.get("layer")
    if layer.kind != "Bidirectional" or not isinstance(inner, Mapping):
        return None
    held: Mapping[str, Any] = inner.get("parameters", {})
    stepwise = {**inner, "parameters": {**held, "return_sequences": True}}
    whole = layer.but(parameters={**layer.parameters, "layer": stepwise})
    return whole


def _before_flatten(network: NetworkSpec, wire: WireSpec) -> Iterator[Cure]:
    """Connect to the input of Flatten; remove Flatten if nothing else needs it."""
    into = network.wires_into(wire.source)
    if len(into) != 1 or into[0].source == wire.target:
        return
    mended = network.with_wire(wire.but(source=into[0].source))
    if not mended.wires_from(wire.source):
        mended = mended.without_layers([wire.source])
    yield Cure(f"Connect it before {named(wire.source)}", mended)
