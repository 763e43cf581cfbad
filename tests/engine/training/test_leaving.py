"""The window closes: what was learned is kept at once, without the test."""

import pytest

from engine.training.live.events import PhaseChanged
from tests.engine.training.problems import XOR_X, XOR_Y, Follower, project, xor_data

PART = (XOR_X, XOR_Y)


@pytest.mark.parametrize("phase", ["training", "validating", "testing"])
def test_a_run_that_is_left_keeps_its_weights_and_skips_the_test(follow, control, phase):
    follower = Follower()
    follower.when(
        lambda event: isinstance(event, PhaseChanged) and event.phase == phase, control.leave
    )
    ended = follow(project(), xor_data(8, validation=PART, test=PART), follower=follower).ended
    assert ended.outcome == ("finished" if phase == "testing" else "stopped")
    assert ended.weights
    assert "test_loss" not in ended.figures
