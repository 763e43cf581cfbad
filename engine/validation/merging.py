"""Cures for a merge whose inputs do not have one shape: a branch brought to the other's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from engine.spec.issues import Cure
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.shapes import Shape, shape_text
from engine.validation.subject import inserted_on, named, with_parameter

_Layers: TypeAlias = tuple[tuple[str, Mapping[str, object]], ...]
_SAME_SHAPE: Final = frozenset(
    {"Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract", "Dot", "Concatenate"}
)
_MOST_NUMBERS: Final = 10_000  # that a Dense of a cure gives; more would cost more than it mends


def merge_cures(
    network: NetworkSpec, layer: LayerSpec, wires: Sequence[WireSpec], shapes: Sequence[Shape]
) -> Iterator[Cure]:
    """Yield what lets a merge take inputs of these shapes, the first branch changed last."""
    if layer.kind not in _SAME_SHAPE or len(set(shapes)) < 2:
        return
    joins = layer.kind == "Concatenate"
    if joins and _differ_at_the_end_only(shapes):
        yield Cure("Join along the last axis", with_parameter(network, layer.id, "axis", None))
        return
    if joins and len({len(shape) for shape in shapes}) > 1:
        yield Cure("Flatten all inputs", _flattened(network, wires, shapes))
        return
    for goal in (shapes[0], *({shapes[-1]} - {shapes[0]})):
        if (mended := _all_brought(network, wires, shapes, goal, joins=joins)) is not None:
            others = [
                wire.source
                for wire, shape in zip(wires, shapes, strict=True)
                if _goal(shape, goal, joins=joins) != shape
            ]
            yield Cure(_label(others, goal, joins=joins), mended)
    if joins:
        yield Cure("Flatten all inputs", _flattened(network, wires, shapes))
    elif layer.kind != "Dot" and _differ_at_the_end_only(shapes):
        joined = layer.but(kind="Concatenate", parameters={})
        yield Cure("Use Concatenate instead", network.with_changed(joined))


def _differ_at_the_end_only(shapes: Sequence[Shape]) -> bool:
    return len({(len(shape), shape[:-1]) for shape in shapes}) == 1


def _goal(shape: Shape, goal: Shape, *, joins: bool) -> Shape:
    """Return the shape that a branch needs beside one of shape ``goal``; a join keeps its depth."""
    return (*goal[:-1], shape[-1]) if joins and len(shape) == len(goal) else goal


def _label(sources: Sequence[str], goal: Shape, *, joins: bool) -> str:
    what = named(sources[0]) if len(sources) == 1 else f"{len(sources)} inputs"
    return f"Bring {what} to {shape_text(goal[:-1] if joins and len(goal) > 1 else goal)}"


def _all_brought(
    network: NetworkSpec,
    wires: Sequence[WireSpec],
    shapes: Sequence[Shape],
    goal: Shape,
    *,
    joins: bool,
) -> NetworkSpec | None:
    """Return the network with layers that bring every branch to the goal; None if none can."""
    for wire, shape in zip(wires, shapes, strict=True):
        wanted = _goal(shape, goal, joins=joins)
        if wanted == shape:
            continue
        layers = _adapter(shape, wanted)
        if layers is None:
            return None
        network = inserted_on(network, wire, *layers)
    return network


def _adapter(shape: Shape, goal: Shape) -> _Layers | None:
    """Return layers, each (kind, parameters), from one shape to another; None with a free size."""
    if None in shape or None in goal:
        return None
    given = tuple(size for size in shape if size is not None)
    wanted = tuple(size for size in goal if size is not None)
    if len(given) == len(wanted) == 3:
        return _picture_adapter(given, wanted)
    if len(given) == len(wanted) and given[:-1] == wanted[:-1]:
        return (("Dense", {"units": wanted[-1]}),)
    numbers = math.prod(wanted)
    if numbers > _MOST_NUMBERS:
        return None
    layers: _Layers = (("Dense", {"units": numbers}),)
    if len(given) > 1:
        layers = (("Flatten", {}), *layers)
    if len(wanted) > 1:
        layers = (*layers, ("Reshape", {"target_shape": wanted}))
    return layers


def _picture_adapter(given: tuple[int, ...], wanted: tuple[int, ...]) -> _Layers:
    """A 1 × 1 convolution for the channels, as in residual networks; resizing for the sides."""
    (height, width, channels), (to_height, to_width, to_channels) = given, wanted
    project: dict[str, object] = {"filters": to_channels, "kernel_size": (1, 1)}
    if (height, width) == (to_height, to_width):
        return (("Conv2D", project),)
    if channels != to_channels and height % to_height == 0 and width % to_width == 0:
        steps = (height // to_height, width // to_width)
        return (("Conv2D", {**project, "strides": steps}),)
    resize = ("Resizing", {"height": to_height, "width": to_width})
    return (resize,) if channels == to_channels else (resize, ("Conv2D", project))


def _flattened(
    network: NetworkSpec, wires: Sequence[WireSpec], shapes: Sequence[Shape]
) -> NetworkSpec:
    for wire, shape in zip(wires, shapes, strict=True):
        if len(shape) > 1:
            network = inserted_on(network, wire, ("Flatten", {}))
    return network
