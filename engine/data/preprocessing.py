"""Preprocessing: layers that prepare the samples of an input, and the numbers that they take from the data."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np

from engine.catalog.keras_form import WIDE_DTYPE
from engine.data.features import Scaling as Scaling
from engine.data.features import kind_of
from engine.data.info import DataInfo
from engine.data.loaded import Statistics
from engine.errors import SpecError
from engine.spec.base import ObjectSpec
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec

Block: TypeAlias = tuple[str, Mapping[str, Any]]  # kind and parameters of a layer

LEAST_DEVIATION: Final = 1e-6  # ten times what Keras takes for nothing
_STEPS: Final = 1000 * float(np.finfo(np.float32).eps)  # of a mean: 32 bits have so many steps less
_LEAST_DIVISOR: Final = 1e-290
_FLOAT: Final = "float32"
_BYTES: Final = "uint8"


@dataclass(frozen=True)
class Preprocessing:
    """A kind of layer that prepares samples.

    Attributes
    ----------
    from_data
        Parameters that the data gives where all of them are absent; () if it learns nothing.
    fitted
        Returns kind and parameters with them filled in.
    keeps_values
        The range, mean and variance of the samples hold behind it too.
    is_scaling
        It changes the range of the values and nothing else.
    """

    from_data: tuple[str, ...] = ()
    fitted: Callable[[LayerSpec, DataInfo, Statistics], ObjectSpec] | None = None
    keeps_values: bool = False
    is_scaling: bool = False


def _rescaled(layer: LayerSpec, info: DataInfo, _statistics: Statistics) -> ObjectSpec:
    """Return the Rescaling that takes the range of the data to that from ``offset`` to 1."""
    low, high = info.value_range or (0.0, math.inf)
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        raise SpecError(
            f"network.layers.{layer.id}.scale",
            "the values have no fixed range: set scale, or use Normalization",
        )
    start, width = layer.parameters.get("offset", 0.0), high - low
    if not isinstance(start, (int, float)) or not start < 1.0:
        raise SpecError(
            f"network.layers.{layer.id}.offset", "the range ends at 1: set offset below 1"
        )
    # So written, version 0.1 gave the same bits for the ranges that it knew, from 0 and from -1.
    numbers = {"scale": (1.0 - start) / width, "offset": (start * high - low) / width}
    return ObjectSpec(kind=layer.kind, parameters=numbers)


def _normalized(layer: LayerSpec, info: DataInfo, statistics: Statistics) -> ObjectSpec:
    """Return the layer that takes each feature to mean 0 and standard deviation 1.

    `Normalization` does so in 32 bits and takes no deviation below 1e-7 for what it is. Where that
    would lose a feature, a `Rescaling` in 64 bits takes the samples as they are.
    """
    for name, usual in (("axis", -1), ("invert", False)):
        if layer.parameters.get(name, usual) != usual:
            problem = f"it must be {usual} where mean and variance come from the data"
            raise SpecError(f"network.layers.{layer.id}.{name}", problem)
    mean, variance = (
        np.asarray(each, np.float64) for each in (statistics.mean, statistics.variance)
    )
    deviation = np.sqrt(variance)
    is_exact = (deviation >= LEAST_DEVIATION) & (deviation >= _STEPS * np.abs(mean))
    is_constant = variance == 1.0  # as `Statistics` has it
    if (is_exact | is_constant).all() and info.input_dtype != WIDE_DTYPE:
        numbers = {"mean": mean, "variance": variance}
        rounded = {name: each.astype(np.float32).tolist() for name, each in numbers.items()}
        return ObjectSpec(kind="Normalization", parameters=rounded)
    # Deviations whose inverse would be infinite belong to features that are as good as constant.
    divisor = np.where(deviation >= _LEAST_DIVISOR, deviation, 1.0)
    numbers = {"scale": 1.0 / divisor, "offset": -mean / divisor}
    parameters = {name: each.tolist() for name, each in numbers.items()}
    return ObjectSpec(kind="Rescaling", parameters=parameters)


_PLAIN: Final = Preprocessing()
_KEEPS: Final = Preprocessing(keeps_values=True)
PREPROCESSING: Final[Mapping[str, Preprocessing]] = MappingProxyType({
    "Rescaling": Preprocessing(("scale",), _rescaled, is_scaling=True),
    "Normalization": Preprocessing(("mean", "variance"), _normalized, is_scaling=True),
    **dict.fromkeys(
        ("Resizing", "CenterCrop", "RandomFlip", "RandomTranslation", "RandomRotation", "RandomZoom"), _KEEPS
    ),
    **dict.fromkeys(
        (
            "AugMix", "AutoContrast", "CategoryEncoding", "ContrastLimitedAdaptiveHistogramEqualization",
            "Discretization", "Hashing", "HashedCrossing", "IntegerLookup", "MelSpectrogram", "RandAugment",
            "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast",
            "RandomElasticTransform", "RandomErasing", "RandomGaussianBlur", "RandomGrayscale", "RandomHue",
            "RandomInvert", "RandomPerspective", "RandomPosterization", "RandomSaturation", "RandomSharpness",
            "RandomShear", "Solarization", "STFTSpectrogram", "StringLookup", "TextVectorization",
        ),
        _PLAIN,
    ),
})  # fmt: skip
"""Kinds that prepare samples where they stand between an input and the first layer that learns."""


def preprocessing_layers(network: NetworkSpec) -> tuple[str, ...]:
    """Return the ids of the layers that prepare samples: those that an input feeds through such layers only."""
    return _fed_through(network, lambda row: row is not None)


def lacks_numbers(kind: str, parameters: Mapping[str, Any]) -> bool:
    """Tell whether parameters leave to the data what this kind can take from it."""
    row = PREPROCESSING.get(kind)
    return row is not None and bool(row.from_data) and parameters.keys().isdisjoint(row.from_data)


def takes_from_data(layer: LayerSpec) -> bool:
    """Tell whether a layer leaves numbers of its own to the data."""
    return lacks_numbers(layer.kind, layer.parameters)


def learns_statistics(network: NetworkSpec) -> bool:
    """Tell whether a layer takes its mean and variance from the training part."""
    return any(layer.kind == "Normalization" and takes_from_data(layer) for layer in network.layers)


def fitted(
    network: NetworkSpec, info: DataInfo, statistics: Statistics | None = None
) -> NetworkSpec:
    """Return the network with all numbers that its preprocessing takes from the data.

    A Normalization of columns that 32 bits would lose becomes a Rescaling that computes in 64.

    Parameters
    ----------
    statistics
        Of the training part, as the samples enter the network.

    Raises
    ------
    SpecError
        If the data does not give them, or the layer stands where it cannot know them; ``where`` names the
        parameter.
    """
    for layer in network.layers:
        if takes_from_data(layer):
            network = network.with_changed(fitted_layer(network, layer, info, statistics))
    return network


def fitted_layer(
    network: NetworkSpec, layer: LayerSpec, info: DataInfo, statistics: Statistics | None
) -> LayerSpec:
    """Return one layer of `fitted`; errors as there."""
    row = PREPROCESSING[layer.kind]
    if row.fitted is None or not knows_the_data(network, layer.id):
        raise missing_numbers(layer.kind, f"network.layers.{layer.id}")
    if statistics is None and layer.kind == "Normalization":
        problem = "mean and variance come from the training samples: load the data first"
        raise SpecError(f"network.layers.{layer.id}", problem)
    found = row.fitted(layer, info, statistics or neutral(info))
    others = {k: v for k, v in layer.parameters.items() if k not in ("offset", *row.from_data)}
    own = others if found.kind == layer.kind else {}
    return LayerSpec(
        id=layer.id,
        kind=found.kind,
        parameters={**own, **found.parameters},
        trainable=layer.trainable,
    )


def missing_numbers(kind: str, where: str) -> SpecError:
    """Return the refusal of a layer that would have to take its numbers from the data and cannot."""
    names = PREPROCESSING[kind].from_data
    problem = f"only right behind an input can it come from the data: set {' and '.join(names)}"
    return SpecError(f"{where}.{names[0]}", problem)


def neutral(info: DataInfo) -> Statistics:
    """Return statistics of samples that nobody has to scale: for shapes, where the numbers do not matter."""
    features = info.input_shape[-1]
    return Statistics(np.zeros(features), np.ones(features))


def input_dtype(network: NetworkSpec, info: DataInfo) -> str:
    """Return the number type in which samples enter the model.

    Only preprocessing turns the bytes of pictures into the numbers that layers compute with: where anything else takes
    them, they enter as floats.
    """
    own = network.data_inputs[0].parameters.get("dtype")
    if isinstance(own, str):
        return own
    entering = {layer.id for layer in network.data_inputs}
    takers = [network.layer(wire.target).kind for wire in network.wires if wire.source in entering]
    rows = [PREPROCESSING.get(kind) for kind in takers]
    scaled = bool(rows) and all(row is not None and row.is_scaling for row in rows)
    return _FLOAT if info.input_dtype == _BYTES and not scaled else info.input_dtype


def usual_scaling(info: DataInfo) -> Scaling:
    """Return how the first input is usually scaled."""
    feature = info.inputs[0]
    return kind_of(feature).scaling(feature)


def sizing_blocks(info: DataInfo) -> tuple[Block, ...]:
    """Return the layer that brings pictures to the network's size, where they come from files of any size."""
    picture = info.inputs[0].picture
    if picture is None or picture.resampling != "bilinear":
        return ()
    return (("Resizing", {"height": picture.height, "width": picture.width}),)


def scaling_blocks(scaling: Scaling, info: DataInfo | None) -> tuple[Block, ...]:
    """Return the layers that scale samples so; a range that is known is written into them."""
    if scaling == "none" or (info is not None and not kind_of(info.inputs[0]).is_amount):
        return ()
    if scaling == "standard":
        return (("Normalization", {}),)
    free = {"offset": -1.0} if scaling == "symmetric" else {}
    if info is None or info.value_range is None:
        return (("Rescaling", free),)
    alone = LayerSpec(id="rescaling", kind="Rescaling", parameters=free)
    numbers = _rescaled(alone, info, neutral(info)).parameters
    # An offset of 0 is Keras's default.
    return (("Rescaling", {name: value for name, value in numbers.items() if value}),)


def knows_the_data(network: NetworkSpec, layer_id: str) -> bool:
    """Tell whether a layer takes the samples with the values that they enter with."""
    keeping = _fed_through(network, lambda row: row is not None and row.keeps_values)
    known = {*keeping, *(layer.id for layer in network.data_inputs)}
    wires = network.wires_into(layer_id)
    return bool(wires) and all(wire.source in known for wire in wires)


def _fed_through(
    network: NetworkSpec, passes: Callable[[Preprocessing | None], bool]
) -> tuple[str, ...]:
    """Return the layers of rows that pass which take from inputs and such layers only, sources first."""
    layers = {layer.id: layer for layer in network.layers}
    sources: dict[str, set[str]] = {name: set() for name in layers}
    for wire in network.wires:
        sources[wire.target].add(wire.source)
    found = dict.fromkeys(
        name for name, layer in layers.items() if layer.kind == INPUT_KIND and not layer.noise
    )
    entering = len(found)

    def further() -> Iterator[str]:
        for name, taken in sources.items():
            fed = taken and all(source in found for source in taken)
            if name not in found and fed and passes(PREPROCESSING.get(layers[name].kind)):
                yield name

    while more := tuple(further()):
        found.update(dict.fromkeys(more))
    return tuple(found)[entering:]
