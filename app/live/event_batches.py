"""What a batch of events says together, so that the window does everything once a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final

import numpy as np

from engine.training.live.events import (
    EpochsEnded,
    PhaseChanged,
    StepsEnded,
    TrainingEvent,
    WeightsSampled,
)


def merged(events: Sequence[TrainingEvent]) -> tuple[TrainingEvent, ...]:
    """Return the events with all chunks of steps as one, all epochs as one, and of phases and samples the last only.

    Each stands in the place of its last. Chunks and epochs of a tiny network are far shorter than a frame: dozens
    come in each batch.
    """
    alike: dict[type, list[Any]] = {}
    for event in events:
        alike.setdefault(type(event), []).append(event)
    kept: list[TrainingEvent] = []
    for event in reversed(events):
        join = _JOINED.get(type(event))
        if join is None:
            kept.append(event)
        elif type(event) in alike:
            kept.append(join(alike.pop(type(event))))
    return tuple(reversed(kept))


def _costing(samples: Sequence[WeightsSampled]) -> WeightsSampled:
    """Return the last of some samples, with what all of them cost."""
    if len(samples) == 1:
        return samples[0]
    return replace(samples[-1], seconds=sum(sample.seconds for sample in samples))


def _joined(chunks: Sequence[StepsEnded]) -> StepsEnded:
    """Return consecutive chunks as one that ends with the last."""
    if len(chunks) == 1:
        return chunks[0]
    return replace(
        chunks[-1],
        first_step=chunks[0].first_step,
        losses=np.concatenate([chunk.losses for chunk in chunks]),
        seconds=sum(chunk.seconds for chunk in chunks),
        samples=sum(chunk.samples for chunk in chunks),
        waited_s=sum(chunk.waited_s for chunk in chunks),
    )


def _all_epochs(events: Sequence[EpochsEnded]) -> EpochsEnded:
    return replace(events[-1], ends=tuple(chain.from_iterable([event.ends for event in events])))


_JOINED: Final[dict[type, Callable[[list[Any]], TrainingEvent]]] = {
    StepsEnded: _joined,
    EpochsEnded: _all_epochs,
    PhaseChanged: lambda phases: phases[-1],
    WeightsSampled: _costing,
}
