"""Samples of a generator while it trains."""

import numpy as np
import pytest

from engine.probes.generated import SAMPLER, noise_for
from engine.probes.keras_subject import KerasSubject
from engine.probes.probe import Probe, ProbeError
from engine.probes.table import PROBES
from engine.training.live.control import TrainingControl
from engine.training.live.events import Sampled
from engine.training.loop.preparation import new_program
from tests.engine.training.procedures.test_adversarial import DATA, project, run


def test_it_is_the_averaged_generator_on_the_same_noise_each_time():
    program = new_program(project(), DATA)
    averaged = program.observed[SAMPLER]
    averaged.set_weights([weight + 0.5 for weight in averaged.get_weights()])
    subject = KerasSubject(program.observed)
    take = PROBES["generated"].make(subject, Probe("view", "generated", options={"count": 7}))
    made = take()
    expected = averaged.predict(noise_for(averaged, 7, 0)[0], verbose=0)
    np.testing.assert_allclose(made.values, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(take().values, made.values)


def test_a_network_that_answers_has_no_samples():
    subject = KerasSubject({"network": new_program(project(), DATA).model})
    with pytest.raises(ProbeError):
        PROBES["generated"].make(subject, Probe("view", "generated"))


def test_a_training_sends_them_and_learns_the_same():
    control, plain = TrainingControl(), run(project(epochs=1))
    control.observe("view", [Probe("view", "generated", options={"count": 5}, period_s=0.0)])
    follower = run(project(epochs=1), control)
    samples = [event for event in follower.events if isinstance(event, Sampled)]
    assert samples[-1].payload.values.shape == (5, 2)
    assert samples[-1].step == 3
    assert np.any(samples[0].payload.values != samples[-1].payload.values)
    for one, another in zip(plain.ended.weights, follower.ended.weights, strict=True):
        np.testing.assert_array_equal(one, another)
