import psutil
import pytest

from app.system.free_memory import free_for_training
from engine.machine.facts import EngineFacts

CPU = EngineFacts("3", "2", ("cpu",))
GPUS = EngineFacts("3", "2", ("cpu", "gpu:0", "gpu:1"), (10, 20))


@pytest.mark.parametrize(("device", "engine"), [("auto", None), ("auto", CPU), ("cpu", GPUS)])
def test_on_the_cpu_the_free_memory_counts(device, engine):
    assert 0 < free_for_training(device, engine) <= psutil.virtual_memory().total


def test_on_a_gpu_its_own_counts_and_an_unknown_one_is_not_guessed():
    assert free_for_training("auto", GPUS) == 10
    assert free_for_training("gpu:1", GPUS) == 20
    assert free_for_training("gpu:2", GPUS) is None
    assert free_for_training("auto", EngineFacts("3", "2", ("cpu", "gpu:0"))) is None
