"""Validation of a description, without TensorFlow, fast enough to run at every key stroke.

A check is a function from a `Subject` to issues in the module of its topic, with a row in ``_CHECKS``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from engine.data.info import DataInfo
from engine.spec.issues import Issue, LayerFacts
from engine.spec.project import ProjectSpec
from engine.validation import (
    accumulation,
    class_weights,
    combinations,
    graph,
    layers,
    memory,
    output,
    preprocessing,
    ranks,
    roles,
    training,
    words,
)
from engine.validation.subject import Subject

# In the order in which to mend them: Keras's error of a layer is only shown if no check found one.
_CHECKS: Final[tuple[Callable[[Subject], Iterator[Issue]], ...]] = (
    roles.procedure,
    roles.noise_unused,
    roles.roles,
    roles.crossing_wires,
    roles.settings_unused,
    graph.input_missing,
    graph.output_missing,
    graph.unused_inputs,
    graph.unconnected,
    graph.ports,
    graph.several_outputs,
    layers.kinds,
    layers.parameters,
    layers.input_shapes,
    words.words_without_embedding,
    words.fractions_looked_up,
    combinations.steps_and_gaps,
    combinations.output_padding,
    combinations.margins,
    combinations.groups,
    combinations.axes,
    ranks.steps_missing,
    layers.dense_on_picture,
    layers.nothing_learns,
    output.rank,
    output.units,
    output.activation,
    training.loss,
    training.metrics,
    training.optimizer,
    training.learning_rate,
    training.device,
    training.batches,
    accumulation.accumulation,
    memory.batch,
    training.early_stopping,
    training.schedule,
    class_weights.class_weights,
    preprocessing.numbers_from_data,
    preprocessing.numbers_per_feature,
    preprocessing.values_as_they_are,
    preprocessing.other_range,
)

# For the output of one network with targets; not for procedures that learn without targets.
_OF_ANSWERS: Final = frozenset({
    graph.output_missing, graph.several_outputs, output.rank, output.units, output.activation,
    training.loss, training.metrics, class_weights.class_weights,
})  # fmt: skip

# Shown first: most other findings follow from a cycle.
_FIRST: Final = graph.circles


def validate(
    spec: ProjectSpec,
    info: DataInfo | None,
    facts: Mapping[str, LayerFacts] | None = None,
    free_bytes: int | None = None,
    devices: tuple[str, ...] = (),
) -> tuple[Issue, ...]:
    """Return everything that keeps the project from training, and warnings.

    Parameters
    ----------
    info
        The data; None skips the checks that need it.
    facts
        Results of `engine.build.shapes.ShapeCache`; for layers without one, only the description
        is checked.
    free_bytes
        Memory that training may take; None skips the check.
    devices
        Devices of this computer, ``("cpu", "gpu:0")``; () skips the check.

    Returns
    -------
    tuple[Issue, ...]
        Cycles first, then errors before warnings, each in the order of the graph, then training and data.
    """
    subject = Subject(spec, info, facts or {}, free_bytes, devices)
    checks = [check for check in _CHECKS if subject.answers or check not in _OF_ANSWERS]
    found = [issue for check in checks for issue in check(subject)]
    wrong = {issue.layer for issue in found if issue.severity == "error"}
    found += [issue for issue in layers.keras_findings(subject) if issue.layer not in wrong]
    return (*_FIRST(subject), *sorted(found, key=lambda issue: _place(subject, issue)))


def _place(subject: Subject, issue: Issue) -> tuple[bool, bool, int]:
    """Return the sort key; the sort is stable, so findings of one layer keep the order of the checks."""
    whole = issue.field.startswith(("training.", "data."))
    return issue.severity != "error", whole, subject.order.get(issue.layer, -1)
