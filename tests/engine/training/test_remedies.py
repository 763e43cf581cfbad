import pytest

from engine.spec.base import ObjectSpec
from engine.spec.training import ScheduleSpec, TrainingSpec
from engine.training.diagnose.remedies import cures
from engine.training.live.events import Fault, RunEnded

SGD = TrainingSpec(optimizer=ObjectSpec(kind="SGD", parameters={"learning_rate": 0.5}))


def failed(fault=None, fitting=None):
    return RunEnded("r", "failed", 1, 9, 1.0, error="no", fault=fault, fitting_batch=fitting)


@pytest.mark.parametrize(
    ("fault", "training", "labels"),
    [
        (Fault(3, "a", "output", 0.5), SGD, ["Set learning rate to 0.05"]),
        (Fault(3, "", "loss", 0.03), SGD, ["Set learning rate to 0.003"]),  # steered meanwhile
        (Fault(3, "", "loss"), TrainingSpec(), ["Set learning rate to 0.0001"]),
        (
            Fault(3, "a", "kernel", 0.1),
            SGD.but(schedule=ScheduleSpec(kind="cosine")),
            ["Set learning rate to 0.05"],
        ),
        (
            Fault(3, "a", "gradient of kernel", 0.5),
            SGD,
            ["Clip gradient norm at 1", "Set learning rate to 0.05"],
        ),
        (
            Fault(3, "", ""),
            SGD,
            ["Clip gradient norm at 1", "Set learning rate to 0.05"],
        ),  # not found
        (Fault(3, "", "samples", 0.5), SGD, []),
        (None, SGD, []),
    ],
)
def test_a_fault_has_the_cures_its_sentence_names(fault, training, labels):
    found = cures(failed(fault), training)
    assert [cure.label for cure in found] == labels
    assert all(cure.training != training for cure in found)


@pytest.mark.parametrize(("fitting", "sizes"), [(16, [16]), (0, []), (64, []), (None, [])])
def test_a_batch_that_fits_is_one_click_away(fitting, sizes):
    found = cures(failed(fitting=fitting), TrainingSpec(batch_size=48))
    assert [cure.training.batch_size for cure in found] == sizes
