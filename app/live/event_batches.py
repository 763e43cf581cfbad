"""What a batch of events says together, so that the window does everything once a batch."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final

import numpy as np

from engine.training.live.events import (
    EpochsEnded,
    PhaseChanged,
    Sampled,
    StepsEnded,
    TrainingEvent,
)


def merged(events: Sequence[TrainingEvent]) -> tuple[TrainingEvent, ...]:
    """Return the events with chunks of steps as one, epochs as one, and of phases and of a probe's samples the last.

    Each stands in the place of its last. Chunks and epochs of a tiny network are far shorter than a frame: dozens
    come in each batch.
    """
    alike: dict[Hashable, list[Any]] = {}
    for event in events:
        alike.setdefault(_key(event), []).append(event)
    kept: list[TrainingEvent] = []
    for event in reversed(events):
        join = _JOINED.get(type(event))
        if join is None:
            kept.append(event)
        elif _key(event) in alike:
            kept.append(join(alike.pop(_key(event))))
    return tuple(reversed(kept))


def _key(event: TrainingEvent) -> Hashable:
    """Return what events have in common that are merged into one."""
    return type(event), event.probe.id if isinstance(event, Sampled) else ""


def _latest(samples: Sequence[Sampled]) -> Sampled:
    """Return the last of a probe's samples, with what all of them cost."""
    if len(samples) == 1:
        return samples[0]
    return replace(samples[-1], cost_s=sum(sample.cost_s for sample in samples))


def _joined(chunks: Sequence[StepsEnded]) -> StepsEnded:
    """Return consecutive chunks as one that ends with the last."""
    if len(chunks) == 1:
        return chunks[0]
    return replace(
        chunks[-1],
        first_step=chunks[0].first_step,
        series={
            name: np.concatenate([chunk.series[name] for chunk in chunks])
            for name in chunks[-1].series
        },
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
    Sampled: _latest,
}
