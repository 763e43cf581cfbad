"""What is measured and how; that every way measures is seen in `test_one_case`, speeds are for `main.py bench`."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import ways
from benchmarks.cases import CASES


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
    ours = build(case.whole, data.info, data.statistics)
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
