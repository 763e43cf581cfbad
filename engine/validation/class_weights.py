"""Findings about how much each class counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from engine.errors import quoted
from engine.spec.issues import Cure, Issue
from engine.validation.subject import Subject

_FIELD: Final = "training.class_weights"


def class_weights(subject: Subject) -> Iterator[Issue]:
    """Weights for data without classes, of classes that are not there, and weights that leave nothing."""
    chosen, info = subject.training.class_weights, subject.info
    if chosen == "none" or info is None:
        return
    none = Cure("Weigh no class", training=subject.training.but(class_weights="none"))
    if not info.n_classes:
        problem = "Class weights need classes but the data wants numbers: choose none."
        yield Issue(problem, field=_FIELD, cures=(none,))
    elif isinstance(chosen, Mapping):
        yield from _unknown(subject, chosen, info.labels)
        if all(chosen.get(label, 1.0) == 0 for label in info.labels):
            problem = "Every class weighs 0, so nothing would be learned: weigh one more than 0."
            yield Issue(problem, field=_FIELD, cures=(none,))


def _unknown(
    subject: Subject, chosen: Mapping[str, float], labels: tuple[str, ...]
) -> Iterator[Issue]:
    kept = {label: weight for label, weight in chosen.items() if label in labels}
    mended = subject.training.but(class_weights=kept or "none")
    for label in chosen:
        if label not in labels:
            name = quoted(label, 40)
            yield Issue(
                f'The data has no class "{name}": remove its weight.',
                field=_FIELD,
                cures=(Cure("Remove weights of unknown classes", training=mended),),
            )
            return  # the cure mends them all
