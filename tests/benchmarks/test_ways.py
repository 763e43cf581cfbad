"""What is measured and how; that every way measures is seen in `test_one_case`, speeds are for `main.py bench`."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import ways
from benchmarks.cases import CASES
from engine.errors import JobFailed
from engine.training.events import EpochEnd, EpochsEnded, PhaseChanged, RunEnded, StepsEnded

LOSSES = np.ones(4, np.float32)


def steps(samples):
    return StepsEnded("r", 1, 1, LOSSES, {}, 0.1, 0.1, samples)


EPOCH = EpochsEnded("r", (EpochEnd(1, 4, {}, 0.1, best=True),))
TRAINING = PhaseChanged("r", "training")


@pytest.fixture
def clock(monkeypatch):
    """Time that passes only when it is told to."""
    now = [100.0]
    monkeypatch.setattr(ways.time, "perf_counter", lambda: now[0])
    return now


def test_counting_starts_after_the_warm_up_and_takes_what_lies_between(clock):
    watch = ways.Stopwatch()
    for seconds, event in [
        (0.0, TRAINING), (0.1, steps(1000)), (0.0, EPOCH),  # too early: still warming
        (1.0, steps(1000)), (0.0, EPOCH),  # from here on
        (0.5, steps(30)), (0.2, EPOCH), (0.3, steps(70)),
        (9.0, RunEnded("r", "stopped", 3, 12, 10.0)),
    ]:  # fmt: skip
        clock[0] += seconds
        watch(event)
    assert watch.samples_per_second == pytest.approx(100 / 1.0)


def test_a_run_that_was_not_measured_says_so(clock):
    watch = ways.Stopwatch()
    watch(RunEnded("r", "failed", 0, 0, 0.0, error="The disk is full: make room."))
    with pytest.raises(JobFailed, match="The disk is full"):
        _ = watch.samples_per_second
    with pytest.raises(JobFailed, match="before it could be measured"):
        _ = ways.Stopwatch().samples_per_second


@pytest.fixture(scope="module")
def small():
    """A case that trains in no time."""
    case = replace(CASES["circles-b10"], samples=64)
    return case, case.data()


def test_the_user_trains_the_same_model_as_the_engine(small):
    """Same layers, loss and metric; so the same loss for the same weights."""
    from engine.build.model import build, compile_model

    case, data = small
    theirs = ways._compiled_by_a_user(case, data, tuned=True)
    ours = build(case.network, data.info, case.scaling, data.statistics)
    compile_model(ours, case.project(1), data.info)
    ours.set_weights(theirs.get_weights())
    part = data.training
    found = [model.evaluate(part.x, part.y, verbose=0) for model in (ours, theirs)]
    np.testing.assert_allclose(*found, rtol=1e-6)
    assert type(ours.optimizer) is type(theirs.optimizer)
    assert float(ours.optimizer.learning_rate) == float(theirs.optimizer.learning_rate)
    assert theirs.steps_per_execution == min(ways.STEPS_PER_EXECUTION, 7)


def test_the_pipeline_gives_every_sample_once_an_epoch(small):
    case, data = small
    seen = list(itertools.chain.from_iterable(x.numpy() for x, _ in ways._pipeline(case, data)))
    assert sorted(map(tuple, seen)) == sorted(map(tuple, data.training.x))
