"""A training that would be over in a moment can be slowed, and learns the same."""

import numpy as np
import pytest

from engine.training.live.control import TrainingControl
from engine.training.live.events import StepsEnded
from engine.training.live.watchable import MOMENT_S, WATCHED_S, OwnSpeed, watchable_speed
from engine.training.loop.session import train
from tests.engine.training.problems import XOR_X, XOR_Y, Follower, project, xor_data


@pytest.mark.parametrize(
    ("epochs", "samples", "batch", "steps_per_s"),
    [(100, 350, 32, 1100 / WATCHED_S), (50, 4, 4, 50 / WATCHED_S), (2, 4, 4, 4.0)],
)
def test_a_whole_training_takes_a_few_seconds(epochs, samples, batch, steps_per_s):
    assert watchable_speed(epochs, samples, batch) == steps_per_s


def test_what_takes_longer_at_its_own_speed_is_not_over_in_a_moment():
    quick, slow = OwnSpeed(1000), OwnSpeed(1000)
    assert slow.is_over_in_a_moment  # nothing is known yet
    for _ in range(5):
        quick.note(10, 10 * 0.9 * MOMENT_S / 1000)
        slow.note(10, 10 * 1.1 * MOMENT_S / 1000)
    assert quick.is_over_in_a_moment
    assert not slow.is_over_in_a_moment


def test_the_first_chunks_do_not_make_a_quick_network_slow():
    speed = OwnSpeed(1000)
    for seconds in (1.0, 0.5, 0.001, 0.001, 0.001):
        speed.note(1, seconds)
    assert speed.is_over_in_a_moment


def test_a_slowed_training_learns_bit_for_bit_the_same():
    runs = []
    for speed in (0.0, 400.0):
        follower, control = Follower(), TrainingControl()
        control.limit_speed(speed)
        train(
            "run", project(epochs=60), xor_data(validation=(XOR_X, XOR_Y)), follower.emit, control
        )
        runs.append(follower)
    fast, slow = runs
    assert len(slow.of(StepsEnded)) > 1
    for one, other in zip(fast.ended.weights, slow.ended.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    losses = [np.concatenate([e.losses for e in run.of(StepsEnded)]) for run in runs]
    np.testing.assert_array_equal(*losses)
