"""Layers, shapes and counts of an opened model. Loads without TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.errors import quoted
from engine.estimate import estimate
from engine.importing.opened import LayerSummary, ModelSummary, OpenedModel, check_counts
from engine.machine.memory import check_memory
from engine.spec.shapes import Shape


def summarize(opened: OpenedModel) -> ModelSummary:
    """Return layers, shapes and counts as Keras computes them, without allocating weights.

    Keras is only loaded for layers that `summarize_by_rules` does not know.

    Raises
    ------
    BadInput
        If Keras cannot build the network, or the weights do not fit it.
    """
    found = summarize_by_rules(opened)
    if found is not None:
        return found
    from engine.importing.rebuild import summarize_by_keras

    return summarize_by_keras(opened)


def summarize_by_rules(opened: OpenedModel) -> ModelSummary | None:
    """Return the summary by the rules of `engine.estimate`; None if a layer has no rule.

    Raises
    ------
    BadInput
        If the weights do not fit the network.
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
    """Refuse samples for which a layer's output would not fit into this computer's memory.

    Parameters
    ----------
    shapes
        Shape of one sample for each input, in order; used where the network leaves sizes free.

    Raises
    ------
    BadInput
        If an output is too large (names the layer), or Keras refuses these sizes.
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
