"""Findings about a description, without TensorFlow, fast enough to look at every key stroke.

A finding belongs into the module whose subject it is, as a function from a `Subject` to issues; a
row in ``_CHECKS`` makes it run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from engine.data.info import DataInfo
from engine.issues import Issue, LayerFacts
from engine.spec.project import ProjectSpec
from engine.validation import graph, layers, output, training
from engine.validation.subject import Subject

# In this order a person would mend them: what Keras says of a layer counts only if nothing else was
# found there.
_CHECKS: Final[tuple[Callable[[Subject], Iterator[Issue]], ...]] = (
    graph.input_missing,
    graph.output_missing,
    graph.unused_inputs,
    graph.unconnected,
    graph.ports,
    graph.several_outputs,
    layers.kinds,
    layers.parameters,
    layers.input_shapes,
    layers.words_without_embedding,
    layers.dense_on_picture,
    layers.nothing_learns,
    output.rank,
    output.units,
    output.activation,
    training.loss,
    training.metrics,
    training.optimizer,
    training.batches,
    training.early_stopping,
    training.scaling,
)


# Said before all else: while there is a circle, most other findings only follow from it.
_FIRST: Final = graph.circles


def validate(
    spec: ProjectSpec, info: DataInfo | None, facts: Mapping[str, LayerFacts] | None = None
) -> tuple[Issue, ...]:
    """Return everything that keeps the project from training, and warnings.

    Parameters
    ----------
    info
        The data; None: what depends on it is not examined.
    facts
        What `engine.build.shapes.ShapeCache` says of the layers; of layers without, only the
        description is examined.

    Returns
    -------
    tuple[Issue, ...]
        A circle first; then errors before warnings, each in the order of the graph, then training and data.
    """
    subject = Subject(spec, info, facts or {})
    found = [issue for check in _CHECKS for issue in check(subject)]
    wrong = {issue.layer for issue in found if issue.severity == "error"}
    found += [issue for issue in layers.keras_findings(subject) if issue.layer not in wrong]
    return (*_FIRST(subject), *sorted(found, key=lambda issue: _place(subject, issue)))


def _place(subject: Subject, issue: Issue) -> tuple[bool, bool, int]:
    """Sort key; the sort is stable, so that findings at one place keep the order of the checks."""
    whole = issue.field.startswith(("training.", "data."))
    return issue.severity != "error", whole, subject.order.get(issue.layer, -1)
