"""Findings about the memory that training takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.estimate.costs import costs, largest_batch
from engine.spec.issues import Cure, Issue
from engine.validation.subject import Subject

_FIELD: Final = "training.batch_size"
_GB: Final = 1e9
_MB: Final = 1e6


def batch(subject: Subject) -> Iterator[Issue]:
    """A batch whose training does not fit into the free memory."""
    info, training, free = subject.info, subject.training, subject.free_bytes
    if info is None or free is None:
        return
    found = costs(subject.network, subject.known, info, training.batch_size, training.optimizer)
    size = min(training.batch_size, info.counts[0] or training.batch_size)
    largest = largest_batch(found, free)
    if found.unknown or size <= largest:
        return
    needed = (
        f"needs about {_text(found.training_bytes_at(size))} and {_text(free)} of memory is free"
    )
    if not largest:
        yield Issue(
            f"Training {needed}: make the network smaller.", field=_FIELD, severity="warning"
        )
        return
    cure = Cure(f"Set batch size to {largest}", training=training.but(batch_size=largest))
    yield Issue(
        f"A batch of {size:,} {needed}: set at most {largest:,}.",
        field=_FIELD,
        severity="warning",
        cures=(cure,),
    )


def _text(count: int) -> str:
    return f"{count / _GB:,.1f} GB" if count >= _GB else f"{count / _MB:,.0f} MB"
