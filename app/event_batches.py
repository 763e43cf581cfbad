"""What a batch of events says together, so that the window does everything once a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from engine.training.events import (
    PhaseChanged,
    StepsEnded,
    TrainingEvent,
    WeightsSampled,
)

_LAST_COUNTS: Final = (PhaseChanged, StepsEnded, WeightsSampled)


def merged(events: Sequence[TrainingEvent]) -> tuple[TrainingEvent, ...]:
    """Return the events with all chunks of steps as one, and of phases and samples the last only.

    Each stands in the place of its last. Chunks of a tiny network are far shorter than a frame: dozens come in each
    batch.
    """
    last = {type(event): place for place, event in enumerate(events)}
    kept = [
        event
        for place, event in enumerate(events)
        if not isinstance(event, _LAST_COUNTS) or place == last[type(event)]
    ]
    chunks = [event for event in events if isinstance(event, StepsEnded)]
    samples = [event for event in events if isinstance(event, WeightsSampled)]
    joined = {StepsEnded: chunks and _joined(chunks), WeightsSampled: samples and _costing(samples)}
    return tuple(joined.get(type(event)) or event for event in kept)


def _costing(samples: Sequence[WeightsSampled]) -> WeightsSampled:
    """Return the last of some samples, with what all of them cost."""
    return replace(samples[-1], seconds=sum(sample.seconds for sample in samples))


def _joined(chunks: Sequence[StepsEnded]) -> StepsEnded:
    """Return consecutive chunks as one that ends with the last."""
    return replace(
        chunks[-1],
        first_step=chunks[0].first_step,
        losses=np.concatenate([chunk.losses for chunk in chunks]),
        seconds=sum(chunk.seconds for chunk in chunks),
        samples=sum(chunk.samples for chunk in chunks),
        waited_s=sum(chunk.waited_s for chunk in chunks),
    )
