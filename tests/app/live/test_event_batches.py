"""A batch of events, merged: nothing that is plotted is lost."""

from dataclasses import replace

import numpy as np

from app.live.event_batches import merged
from engine.probes.probe import Probe
from engine.training.live.events import (
    EpochEnd,
    EpochsEnded,
    PhaseChanged,
    RunEnded,
    RunStarted,
    Sampled,
    StepsEnded,
    ValueApplied,
)

STARTED = RunStarted("r", 3, 2, 8, 16, "cpu", 10, ())
ENDED = RunEnded("r", "finished", 3, 6, 1.0)


def chunk(epoch, first, *losses, waited_s=0.0):
    array = np.array(losses, np.float32)
    return StepsEnded(
        "r", epoch, first, {"loss": array}, {"loss": losses[-1]}, 0.1, 0.5, 8, waited_s
    )


def ended(*numbers):
    ends = (EpochEnd(number, 2 * number, {"loss": 1.0 / number}, 0.5, True) for number in numbers)
    return EpochsEnded("r", tuple(ends))


def test_chunks_become_one_in_the_place_of_the_last():
    mark = ValueApplied("r", 4, "momentum", 0.5, 0.5)
    first, second = chunk(1, 1, 4.0, 3.0), chunk(2, 3, 2.0, waited_s=1.0)
    found = merged((STARTED, first, ended(1, 2), mark, second, ended(3), ENDED))
    assert found == (STARTED, mark, found[2], ended(1, 2, 3), ENDED)
    steps = found[2]
    assert (steps.first_step, steps.epoch, steps.losses.tolist()) == (1, 2, [4.0, 3.0, 2.0])
    assert (steps.seconds, steps.samples, steps.waited_s) == (1.0, 16, 1.0)
    assert steps.metrics == {"loss": 2.0}


def test_of_phases_the_last_counts():
    events = (PhaseChanged("r", "validating"), ended(1), PhaseChanged("r", "training"), ended(2))
    assert merged(events) == (events[2], ended(1, 2))


def sampled(probe_id, step):
    return Sampled("r", step, Probe(probe_id, "weights"), step, 0.25)


def test_the_last_sample_of_a_probe_stands_for_what_all_of_them_cost():
    first, last = sampled("dock", 3), sampled("dock", 5)
    assert merged((first, last)) == (replace(last, cost_s=0.5),)


def test_no_sample_of_another_probe_is_lost():
    events = (sampled("a", 1), sampled("b", 1), sampled("a:x", 1), sampled("a", 2))
    assert merged(events) == (events[1], events[2], replace(events[3], cost_s=0.5))


def test_every_other_event_is_kept():
    marks = tuple(ValueApplied("r", step, "momentum", 0.5, 0.5) for step in range(3))
    assert merged(marks) == marks
    assert merged(()) == ()
