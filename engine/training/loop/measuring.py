"""Measure which variant of the training steps is the fastest, without changing the network."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import tensorflow as tf

from engine.training.live.events import Floats
from engine.training.loop.chunk_sizer import ChunkSizer
from engine.training.loop.compiling import Variant

# Takes so many steps with a variant, from the first batch of an epoch; returns their losses.
Run: TypeAlias = Callable[[Variant, int], Floats]

_ROUNDS: Final = (
    3  # rounds over all variants, so that load of other programs affects all; the median counts
)
_ROUND_S: Final = 0.1
_SLOW_ROUND_S: Final = 0.5  # if all variants together take longer, there is only one round


def measure(run: Run, variants: Sequence[Variant], most_steps: int) -> dict[Variant, float]:
    """Return steps a second by variant, without those that TensorFlow refuses.

    Returns {} if a loss is not finite: such a chunk ends early and tells nothing about speed.

    Parameters
    ----------
    most_steps
        Largest number of steps of a chunk.
    """
    found: dict[Variant, list[float]] = {}
    for variant in variants:
        with contextlib.suppress(tf.errors.OpError):
            run(variant, 0)  # traces and compiles
            found[variant] = []
    paces = {variant: ChunkSizer(most_steps) for variant in found}
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        for variant, speeds in found.items():
            speed = _speed(run, variant, paces[variant])
            if speed is None:
                return {}
            speeds.append(speed)
        if time.perf_counter() - started > _SLOW_ROUND_S:
            break
    return {variant: statistics.median(speeds) for variant, speeds in found.items()}


def _speed(run: Run, variant: Variant, pace: ChunkSizer) -> float | None:
    """Return the measured steps a second; None if a loss is not finite."""
    started = now = time.perf_counter()
    taken = 0
    while now - started < _ROUND_S:
        losses = run(variant, pace.steps)
        if not np.isfinite(losses[-1]):
            return None
        before, now = now, time.perf_counter()
        pace.note(len(losses), now - before)
        taken += len(losses)
    return taken / (now - started)


@contextlib.contextmanager
def kept_state(variables: Iterable[Any]) -> Iterator[None]:
    """Restore TensorFlow variables on exit, bit for bit."""
    distinct = {id(variable): variable for variable in variables}
    # Copies, as a tensor might share memory with its variable.
    copies = [(variable, np.array(variable)) for variable in distinct.values()]
    try:
        yield
    finally:
        for variable, copy in copies:
            variable.assign(copy)
