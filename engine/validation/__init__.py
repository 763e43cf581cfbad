"""Findings about a description, without TensorFlow, fast enough to look at every key stroke.

A finding belongs into the module whose subject it is, as a function from a `Subject` to issues; a
row in ``_CHECKS`` makes it run.
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
    ranks,
    roles,
    training,
    words,
)
from engine.validation.subject import Subject

# In this order a person would mend them: what Keras says of a layer counts only if nothing else was
# found there.
_CHECKS: Final[tuple[Callable[[Subject], Iterator[Issue]], ...]] = (
    roles.procedure,
    roles.noise_unused,
    roles.roles,
    roles.crossing_wires,
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
    training.scaling,
)

# These are about the answer of one network: a project whose networks learn without answers has none.
_OF_ANSWERS: Final = frozenset({
    graph.output_missing, graph.several_outputs, output.rank, output.units, output.activation,
    training.loss, training.metrics, class_weights.class_weights,
})  # fmt: skip

# Said before all else: while there is a circle, most other findings only follow from it.
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
        The data; None: what depends on it is not examined.
    facts
        What `engine.build.shapes.ShapeCache` says of the layers; of layers without, only the
        description is examined.
    free_bytes
        Memory that training may take; None: not examined.
    devices
        What can train here, ``("cpu", "gpu:0")``; (): not examined.

    Returns
    -------
    tuple[Issue, ...]
        A circle first; then errors before warnings, each in the order of the graph, then training and data.
    """
    subject = Subject(spec, info, facts or {}, free_bytes, devices)
    checks = [check for check in _CHECKS if subject.answers or check not in _OF_ANSWERS]
    found = [issue for check in checks for issue in check(subject)]
    wrong = {issue.layer for issue in found if issue.severity == "error"}
    found += [issue for issue in layers.keras_findings(subject) if issue.layer not in wrong]
    return (*_FIRST(subject), *sorted(found, key=lambda issue: _place(subject, issue)))


def _place(subject: Subject, issue: Issue) -> tuple[bool, bool, int]:
    """Sort key; the sort is stable, so that findings at one place keep the order of the checks."""
    whole = issue.field.startswith(("training.", "data."))
    return issue.severity != "error", whole, subject.order.get(issue.layer, -1)
