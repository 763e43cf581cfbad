"""Shapes and weights of dense, merging, reshaping and normalizing layers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from engine.estimate.layer import Estimate, Layer, Unknown, known, product

Rule = Callable[[Layer], Estimate]


def _same(layer: Layer) -> Estimate:
    return Estimate(layer.taken)


def _dense(layer: Layer) -> Estimate:
    layer.refuse("lora_rank")
    if not layer.taken:
        raise Unknown
    units = layer.number("units")
    weights = units * (known(layer.taken[-1]) + bool(layer.value("use_bias")))
    return Estimate((*layer.taken[:-1], units), weights)


def _embedding(layer: Layer) -> Estimate:
    layer.refuse("lora_rank")
    width = layer.number("output_dim")
    return Estimate((*layer.taken, width), layer.number("input_dim") * width)


# ---- Shapes ----


def _flatten(layer: Layer) -> Estimate:
    return Estimate((product(layer.taken),))


def _reshape(layer: Layer) -> Estimate:
    target = tuple(layer.value("target_shape") or ())
    total = product(layer.taken)
    if -1 not in target:
        if total is not None and total != math.prod(target):
            raise Unknown
        return Estimate(target)
    others = math.prod(size for size in target if size != -1)
    if target.count(-1) > 1 or not others or (total is not None and total % others):
        raise Unknown
    rest = None if total is None else total // others
    return Estimate(tuple(rest if size == -1 else size for size in target))


def _permute(layer: Layer) -> Estimate:
    taken = layer.taken
    dims = layer.numbers("dims", len(taken))
    if sorted(dims) != list(range(1, len(taken) + 1)):
        raise Unknown
    return Estimate(tuple(taken[axis - 1] for axis in dims))


def _repeat(layer: Layer) -> Estimate:
    if len(layer.taken) != 1:
        raise Unknown
    return Estimate((layer.number("n"), *layer.taken))


# ---- Several inputs ----


def _merged(layer: Layer) -> Estimate:
    if len(layer.inputs) < 2 or len(set(layer.inputs)) > 1:
        raise Unknown  # broadcasting is left to Keras
    return Estimate(layer.inputs[0])


def _concatenated(layer: Layer) -> Estimate:
    first = layer.inputs[0] if len(layer.inputs) > 1 else ()
    axis = layer.number("axis")
    place = axis - 1 if axis > 0 else axis + len(first)
    rests = {shape[:place] + shape[place + 1 :] for shape in layer.inputs}
    is_usual = 0 <= place < len(first) and len(rests) == 1
    if not is_usual or any(len(shape) != len(first) for shape in layer.inputs):
        raise Unknown
    sizes = [shape[place] for shape in layer.inputs]
    total = None if None in sizes else sum(known(size) for size in sizes)
    return Estimate((*first[:place], total, *first[place + 1 :]))


# ---- Normalization ----


def _axes(layer: Layer, name: str = "axis") -> tuple[int, ...]:
    """Return the axes in an argument, counted from 0 without the batch axis."""
    value, rank = layer.value(name), len(layer.taken)
    axes = (value,) if isinstance(value, int) else tuple(value or ())
    places = tuple(axis - 1 if axis > 0 else axis + rank for axis in axes)
    if not places or not all(0 <= place < rank for place in places):
        raise Unknown
    return places


def _normalized(arrays: int) -> Rule:
    """Return the rule of a normalization with ``arrays`` statistics for each position on its axes."""

    def rule(layer: Layer) -> Estimate:
        layer.refuse("rms_scaling", "renorm", "virtual_batch_size")
        size = math.prod(known(layer.taken[place]) for place in _axes(layer))
        kept = arrays + bool(layer.value("scale")) + bool(layer.value("center"))
        return Estimate(layer.taken, size * kept)

    return rule


def _leaky(layer: Layer) -> Estimate:
    shared = _axes(layer, "shared_axes") if layer.value("shared_axes") else ()
    sizes = (1 if place in shared else size for place, size in enumerate(layer.taken))
    return Estimate(layer.taken, math.prod(known(size) for size in sizes))


_SAME: Final = (
    "Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "Dropout", "SpatialDropout1D", "SpatialDropout2D",
    "SpatialDropout3D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "ActivityRegularization", "Identity",
    "Masking", "Rescaling", "Normalization", "UnitNormalization", "RandomFlip", "RandomRotation", "RandomZoom",
    "RandomTranslation", "RandomBrightness", "RandomContrast",
)  # fmt: skip
_MERGING: Final = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")

RULES: Final[Mapping[str, Rule]] = {
    **dict.fromkeys(_SAME, _same),
    **dict.fromkeys(_MERGING, _merged),
    "Concatenate": _concatenated,
    "Dense": _dense,
    "Embedding": _embedding,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Permute": _permute,
    "RepeatVector": _repeat,
    "BatchNormalization": _normalized(2),
    "LayerNormalization": _normalized(0),
    "GroupNormalization": _normalized(0),
    "PReLU": _leaky,
}
