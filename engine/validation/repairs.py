"""Cures for layers that Keras refuses: changes of the layer or of its inputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.catalog.kind_rows import FORMULA
from engine.catalog.model import Kind
from engine.catalog.windows import (
    any_window_field,
    each,
    reach,
    setting,
    spatial,
    window_field,
)
from engine.formula import inputs_of, is_comparison
from engine.spec.issues import Cure
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.shapes import Shape, shape_text
from engine.validation.merging import merge_cures
from engine.validation.ranks import rank_cures
from engine.validation.subject import Subject, removed, with_parameter

_SIZES: Final = ("units", "filters", "output_dim", "num_tokens")
_MODEST: Final = (
    32  # units or filters that a cure proposes if the requested number does not fit into memory
)
_LARGEST: Final = 1_000_000  # sizes above this are taken for the mistake


@dataclass(frozen=True)
class Misfit:
    """A layer that Keras refuses.

    Attributes
    ----------
    wires, shapes
        Its inputs by port; every shape is known, without the batch axis.
    """

    network: NetworkSpec
    layer: LayerSpec
    kind: Kind
    wires: tuple[WireSpec, ...]
    shapes: tuple[Shape, ...]

    def with_value(self, name: str, value: object) -> NetworkSpec:
        """Return the network with one setting of the layer changed; None: its default."""
        return with_parameter(self.network, self.layer.id, name, value)


def cures_of(subject: Subject, layer: LayerSpec) -> tuple[Cure, ...]:
    """Return the cures for a refused layer, the most likely first; its removal if there is no other."""
    kind, shapes = subject.kind(layer), subject.given(layer.id)
    cures: list[Cure] = []
    if kind is not None and shapes:
        misfit = Misfit(subject.network, layer, kind, tuple(subject.into[layer.id]), shapes)
        cures += [cure for repair in _REPAIRS for cure in repair(misfit)]
    if len(subject.into[layer.id]) == 1 or not cures:
        cures.append(_removal(subject, layer, kind, shapes))
    return tuple(cures)


def _removal(
    subject: Subject, layer: LayerSpec, kind: Kind | None, shapes: tuple[Shape, ...]
) -> Cure:
    """Remove the layer, and those after it that need the same rank, which would be refused next."""
    network, gone = removed(subject.network, layer.id), [layer.id]
    wants_other_rank = (
        kind is not None and kind.ranks and shapes and len(shapes[0]) not in kind.ranks
    )
    behind = subject.network.wires_from(layer.id) if wants_other_rank else ()
    while len(behind) == 1:
        following = subject.layers[behind[0].target]
        found = subject.kind(following)
        if found is None or not found.ranks or len(shapes[0]) in found.ranks:
            break
        if len(subject.into[following.id]) > 1:
            break
        gone.append(following.id)
        behind = subject.network.wires_from(following.id)
        network = removed(network, following.id)
    label = "Remove it" if len(gone) == 1 else f"Remove it and {len(gone) - 1} more like it"
    return Cure(label, network)


def _rank(misfit: Misfit) -> Iterator[Cure]:
    for wire, shape in zip(misfit.wires, misfit.shapes, strict=True):
        if misfit.kind.ranks and len(shape) not in misfit.kind.ranks:
            yield from rank_cures(
                misfit.network, wire, shape, misfit.kind.ranks, _window_of(misfit)
            )
            return


def _window_of(misfit: Misfit) -> tuple[int, ...]:
    """Return the size of the layer's window along each axis; () if it has none that must fit."""
    name = any_window_field(misfit.kind)
    if not name or "Transpose" in misfit.kind.name:
        return ()
    return reach(misfit.kind, misfit.layer.parameters, name, min(misfit.kind.ranks) - 1)


def _merge(misfit: Misfit) -> Iterator[Cure]:
    yield from merge_cures(misfit.network, misfit.layer, misfit.wires, misfit.shapes)


def _window(misfit: Misfit) -> Iterator[Cure]:
    """A window larger than its input, as after too many poolings."""
    kind, parameters = misfit.kind, misfit.layer.parameters
    name = window_field(kind, parameters)
    if not name or len(misfit.shapes[0]) not in kind.ranks:
        return
    room = spatial(kind, parameters, misfit.shapes[0])
    sizes = each(setting(kind, parameters, name), len(room))
    steps = each(setting(kind, parameters, "dilation_rate") or 1, len(room))
    fitting = tuple(
        size if given is None else max(1, min(size, (given - 1) // step + 1))
        for size, given, step in zip(sizes, room, steps, strict=False)
    )
    if fitting == sizes:
        return
    if setting(kind, parameters, "data_format") == "channels_first":
        yield Cure("Take the channels last", misfit.with_value("data_format", None))
    yield Cure('Set padding to "same"', misfit.with_value("padding", "same"))
    yield Cure(f"Set {name} to {shape_text(fitting)}", misfit.with_value(name, fitting))


def _reshape(misfit: Misfit) -> Iterator[Cure]:
    """A target shape with another number of elements."""
    target, shape = misfit.layer.parameters.get("target_shape"), misfit.shapes[0]
    if misfit.kind.name != "Reshape" or not isinstance(target, tuple) or None in shape:
        return
    numbers = math.prod(size for size in shape if size is not None)
    fitting = _filled(numbers, target)
    yield Cure(
        f"Set target_shape to {shape_text(fitting)}", misfit.with_value("target_shape", fitting)
    )
    flat = misfit.layer.but(kind="Flatten", parameters={})
    yield Cure("Use Flatten instead", misfit.network.with_changed(flat))


def _filled(numbers: int, target: Shape) -> tuple[int, ...]:
    """Return a shape of the same rank and number of elements, keeping its first sizes if possible."""
    kept: list[int] = []
    for size in target[:-1]:
        rest = numbers // math.prod(kept)
        if not isinstance(size, int) or size < 1 or rest % size:
            break
        kept.append(size)
    filled = (*kept, numbers // math.prod(kept))
    return (*filled, *(1,) * (len(target) - len(filled)))


def _permute(misfit: Misfit) -> Iterator[Cure]:
    """An order with another number of axes than the input."""
    axes = len(misfit.shapes[0])
    if misfit.kind.name != "Permute" or not axes:
        return
    order = tuple(range(axes, 0, -1))
    words = ", ".join(str(axis) for axis in order)
    yield Cure(f"Set dims to {words}", misfit.with_value("dims", order))


def _size(misfit: Misfit) -> Iterator[Cure]:
    """More units than this computer has memory for."""
    for name in _SIZES:
        value = misfit.layer.parameters.get(name)
        if isinstance(value, int) and value > _LARGEST:
            yield Cure(f"Set {name} to {_MODEST}", misfit.with_value(name, _MODEST))


def _formula(misfit: Misfit) -> Iterator[Cure]:
    """A formula that does not use an input, or that returns booleans."""
    if misfit.kind.name != FORMULA:
        return
    formula = str(misfit.layer.parameters.get("expression", ""))
    wanted = inputs_of(formula)
    if len(misfit.wires) > wanted:
        idle = misfit.wires[wanted:]
        yield Cure("Remove what it does not use", misfit.network.without_wires(idle))
    elif is_comparison(formula):
        told = f"where({formula}, 1.0, 0.0)"
        yield Cure("Give 1 for yes and 0 for no", misfit.with_value("expression", told))


_REPAIRS: Final[tuple[Callable[[Misfit], Iterator[Cure]], ...]] = (
    _rank,
    _merge,
    _window,
    _reshape,
    _permute,
    _size,
    _formula,
)
