import numpy as np
import pytest

from engine.errors import Cancelled, JobFailed
from engine.training.diagnose.epoch_time import EpochTime, measure_epoch
from tests.engine.training.problems import XOR_X, XOR_Y, project, xor_data


def test_an_epoch_is_its_steps_and_its_validation():
    assert EpochTime(step_s=0.002, steps=1000, validation_s=0.5).seconds == pytest.approx(2.5)


def test_the_copy_takes_real_steps_and_validates():
    data = xor_data(repeats=10, validation=(XOR_X, XOR_Y))
    looks = []
    found = measure_epoch(project(), data, cancelled=lambda: bool(looks.append(1)))
    assert found.steps == 10
    assert found.step_s > 0
    assert found.validation_s > 0
    assert len(looks) > 5  # often enough to be stopped soon


def test_it_stops_when_told_to_and_says_what_is_wrong():
    data = xor_data(repeats=2)
    with pytest.raises(Cancelled):
        measure_epoch(project(), data, cancelled=lambda: True)
    data.training.x[:] = np.nan
    with pytest.raises(JobFailed, match="lower the learning rate"):
        measure_epoch(project(), data)
