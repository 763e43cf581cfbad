"""Findings about settings that do not go together, or not with what reaches the layer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from engine.catalog.model import Kind
from engine.catalog.windows import each, has_field, setting, spatial
from engine.spec.issues import Cure, Issue
from engine.spec.network import LayerSpec
from engine.spec.shapes import shape_text
from engine.validation.subject import Subject, named, with_parameter

_PER_AXIS: Final = 3  # the most axes along which a window moves


def steps_and_gaps(subject: Subject) -> Iterator[Issue]:
    """A window that both leaps and has gaps, which Keras does not compute."""
    for layer, kind in _sound(subject):
        if not (has_field(kind, "strides") and has_field(kind, "dilation_rate")):
            continue
        leaps, gaps = (
            max(each(setting(kind, layer.parameters, name), _PER_AXIS))
            for name in ("strides", "dilation_rate")
        )
        if leaps > 1 and gaps > 1:
            yield Issue(
                f"{named(layer.id)} has strides and dilation_rate above 1: Keras takes only one "
                "of them.",
                layer=layer.id,
                field="strides",
                cures=tuple(
                    _default(subject, layer, name, f"Set {name} to 1")
                    for name in ("strides", "dilation_rate")
                ),
            )


def output_padding(subject: Subject) -> Iterator[Issue]:
    """A margin at the end that is wider than the steps leave room for."""
    for layer, kind in _sound(subject):
        padding = layer.parameters.get("output_padding")
        if padding is None or not has_field(kind, "strides"):
            continue
        count = len(padding) if isinstance(padding, tuple) else 1
        steps = each(setting(kind, layer.parameters, "strides"), count)
        if any(wide >= step for wide, step in zip(each(padding, count), steps, strict=False)):
            yield Issue(
                f"output_padding of {named(layer.id)} must be below its strides, "
                f"{shape_text(steps)}.",
                layer=layer.id,
                field="output_padding",
                cures=(_default(subject, layer, "output_padding", "Leave output_padding empty"),),
            )


def margins(subject: Subject) -> Iterator[Issue]:
    """Margins as wide as the picture that they are cut off from."""
    for layer, kind in _sound(subject):
        shapes = subject.given(layer.id)
        if not has_field(kind, "cropping") or not shapes or len(shapes[0]) not in kind.ranks:
            continue
        room = spatial(kind, layer.parameters, shapes[0])
        sides = each(setting(kind, layer.parameters, "cropping"), kind.field("cropping").length)
        lost = [before + after for before, after in zip(sides[::2], sides[1::2], strict=True)]
        if all(size is None or cut < size for cut, size in zip(lost, room, strict=False)):
            continue
        yield Issue(
            f"The margins of {named(layer.id)} leave nothing of {shape_text(room)}: cut off less.",
            layer=layer.id,
            field="cropping",
            cures=(
                Cure(
                    "Cut off nothing",
                    with_parameter(subject.network, layer.id, "cropping", (0,) * len(sides)),
                ),
            ),
        )


def groups(subject: Subject) -> Iterator[Issue]:
    """Channels that cannot be dealt out evenly over the groups."""
    for layer, kind in _sound(subject):
        count = setting(kind, layer.parameters, "groups")
        if not isinstance(count, int) or count < 2:
            continue
        filters = layer.parameters.get("filters")
        dealt = {"filters": filters} if isinstance(filters, int) else {}
        if channels := _channels(subject, layer, kind):
            dealt["channels"] = channels
        uneven = next((name for name, number in dealt.items() if number % count), None)
        if uneven is None:
            continue
        fitting = math.gcd(count, *dealt.values())
        cures = [
            Cure(
                f"Set groups to {fitting}",
                with_parameter(subject.network, layer.id, "groups", fitting),
            )
        ]
        if uneven == "filters":
            more = math.ceil(dealt["filters"] / count) * count
            mended = with_parameter(subject.network, layer.id, "filters", more)
            cures.append(Cure(f"Set filters to {more}", mended))
        yield Issue(
            f"The {dealt[uneven]} {uneven} of {named(layer.id)} cannot be dealt out over "
            f"{count} groups: use a number that divides them.",
            layer=layer.id,
            field="groups",
            cures=tuple(cures),
        )


def axes(subject: Subject) -> Iterator[Issue]:
    """An axis that what reaches the layer does not have; 0 counts the samples."""
    for layer, _ in _sound(subject):
        axis, shapes = layer.parameters.get("axis"), subject.given(layer.id)
        if not isinstance(axis, int) or not shapes:
            continue
        rank = min(len(shape) for shape in shapes)
        if 1 <= (axis if axis > 0 else rank + 1 + axis) <= rank and axis:
            continue
        yield Issue(
            f"{named(layer.id)} cannot work along axis {axis}: it receives "
            f"{shape_text(shapes[0])}, which has {rank} {'axis' if rank == 1 else 'axes'}.",
            layer=layer.id,
            field="axis",
            cures=(_default(subject, layer, "axis", "Use the last axis"),),
        )


def _sound(subject: Subject) -> Iterator[tuple[LayerSpec, Kind]]:
    """Yield the layers whose settings are each fine by themselves."""
    for layer in subject.network.layers:
        kind = subject.kind(layer)
        if kind and kind.can_stand and not subject.wrong_settings[layer.id]:
            yield layer, kind


def _channels(subject: Subject, layer: LayerSpec, kind: Kind) -> int | None:
    """Return how many channels reach a layer that deals them out, None if unknown."""
    shapes = subject.given(layer.id)
    if not shapes or not shapes[0] or (kind.ranks and len(shapes[0]) not in kind.ranks):
        return None
    first = setting(kind, layer.parameters, "data_format") == "channels_first"
    return shapes[0][0 if first else -1]


def _default(subject: Subject, layer: LayerSpec, name: str, label: str) -> Cure:
    return Cure(label, with_parameter(subject.network, layer.id, name, None))
