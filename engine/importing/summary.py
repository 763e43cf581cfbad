"""What an opened network consists of, without building it where rules tell. Loads without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import BadInput, quoted
from engine.estimate import estimate
from engine.machine.memory import check_memory

if TYPE_CHECKING:
    from engine.importing.opener import OpenedModel

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class LayerSummary:
    """One layer as Keras sees it.

    Attributes
    ----------
    output_shape
        Without the batch axis, None for a free size.
    parameters
        Numbers in its weights.
    """

    name: str
    kind: str
    output_shape: Shape
    parameters: int


@dataclass(frozen=True)
class ModelSummary:
    """A network as Keras sees it; ``inputs`` and ``outputs``: layer name -> shape of one sample."""

    layers: tuple[LayerSummary, ...]
    parameters: int
    inputs: Mapping[str, Shape]
    outputs: Mapping[str, Shape]


def summarize(opened: OpenedModel) -> ModelSummary:
    """Return layers, shapes and counts as Keras sees them, without taking memory for weights.

    Keras and TensorFlow are loaded only where `summarize_by_rules` does not tell.

    Raises
    ------
    BadInput
        If Keras cannot build the network, or the numbers do not fit it.
    """
    found = summarize_by_rules(opened)
    if found is not None:
        return found
    from engine.importing.rebuild import summarize_by_keras

    return summarize_by_keras(opened)


def summarize_by_rules(opened: OpenedModel) -> ModelSummary | None:
    """Return the summary of a network whose layers all have rules in `engine.estimate`; None: ask Keras.

    Raises
    ------
    BadInput
        If the numbers do not fit the network.
    """
    found = estimate(opened.network, opened.inputs)
    if found is None or any(name not in found for ids in opened.groups.values() for name in ids):
        return None
    check_counts(opened, {name: each.parameters for name, each in found.items()})
    layers = tuple(
        LayerSummary(spec.id, spec.kind, found[spec.id].shape, found[spec.id].parameters)
        for spec in opened.network.layers
    )
    return ModelSummary(
        layers=layers,
        parameters=sum(layer.parameters for layer in layers),
        inputs=opened.inputs,
        outputs={spec.id: found[spec.id].shape for spec in opened.network.outputs},
    )


def check_samples(opened: OpenedModel, shapes: Sequence[Shape]) -> None:
    """Refuse samples for which a layer's answer would be larger than this computer's memory.

    Parameters
    ----------
    shapes
        Of one sample for each input, in order, where the network leaves sizes free.

    Raises
    ------
    BadInput
        Names the layer; also if Keras refuses these sizes.
    """
    if all(None not in shape for shape in opened.inputs.values()):
        return
    inputs = dict(zip(opened.inputs, shapes, strict=True))
    network = opened.network
    for name, shape in inputs.items():
        layer = network.layer(name)
        told = layer.but(parameters={**layer.parameters, "shape": tuple(shape)})
        network = network.with_changed(told)
    for row in summarize(replace(opened, network=network, inputs=inputs)).layers:
        check_memory(row.output_shape, f'layer "{quoted(row.name, 40)}"')


def check_counts(opened: OpenedModel, parameters: Mapping[str, int]) -> None:
    """Compare how many numbers each group of layers has with what they take, before they exist.

    Raises
    ------
    BadInput
        If a group has too few or too many.
    """
    counts: dict[str, int] = dict.fromkeys(opened.groups, 0)
    for key, array in opened.weights.items():
        if array.dtype != np.uint32:  # the state of a random generator is no weight
            counts[key.partition("/")[0]] += array.size
    for group, ids in opened.groups.items():
        wanted = sum(parameters[layer_id] for layer_id in ids)
        # A wrapper's file may hold an array twice; where each belongs is checked by its path.
        fits = counts[group] >= wanted if opened.format == "keras" else counts[group] == wanted
        if not fits:
            raise BadInput(
                f'the weights of layer "{quoted(group, 40)}" do not fit: it takes {wanted:,} '
                f"numbers, the file has {counts[group]:,}"
            )
