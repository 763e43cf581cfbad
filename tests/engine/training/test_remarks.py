"""What is said of rates that learn nothing, before a run and after it."""

import numpy as np
import pytest

from engine.data.choice import describe
from engine.spec.base import ObjectSpec
from engine.spec.data import DataSpec
from engine.spec.training import TrainingSpec
from engine.templates import new_project
from engine.training.diagnose.base_rate import judged
from engine.training.diagnose.remarks import Witness
from engine.training.live.events import RunEnded, RunStarted, StepsEnded
from engine.validation import validate

DIGITS = describe(DataSpec(reader="digits"))
SINE = describe(DataSpec(reader="sine"))
USUAL = TrainingSpec()


def with_rate(rate, kind="Adam"):
    return TrainingSpec(optimizer=ObjectSpec(kind=kind, parameters={"learning_rate": rate}))


@pytest.mark.parametrize(
    ("kind", "rate", "judgement"),
    [
        ("Adam", 1000, "too high"),
        ("Adam", 1, "too high"),
        ("Adam", 0.1, ""),
        ("Adam", 0.001, ""),
        ("Adam", 1e-6, ""),
        ("Adam", 1e-9, "too low"),
        ("Adam", 0, "zero"),
        ("SGD", 1.0, ""),
        ("SGD", 100.0, "too high"),
        ("Adadelta", 1.0, ""),
        ("Lion", 5.0, "too high"),
        ("Adam", True, ""),  # no number: the check of values says so
        ("NoSuchOptimizer", 1000.0, ""),
    ],
)
def test_rates_far_from_any_that_learn_are_told_apart(kind, rate, judgement):
    assert judged(with_rate(rate, kind)) == judgement


def test_usual_rates_of_all_optimizers_are_let_pass():
    from engine.catalog import catalog

    for kind in catalog().family("optimizer"):
        assert not judged(TrainingSpec(optimizer=ObjectSpec(kind=kind))), kind


def test_an_absurd_rate_is_a_warning_with_a_cure_before_training():
    data = DataSpec(reader="digits")
    spec = new_project("mlp", data, DIGITS, "Digits").but(training=with_rate(1000.0))
    (found,) = validate(spec, DIGITS)
    assert found.message == "A learning rate of 1000 is far too high for Adam: try 0.001."
    assert (found.severity, found.field) == ("warning", "training.optimizer.learning_rate")
    (cure,) = found.cures
    assert cure.label == "Set learning rate to 0.001"
    assert validate(cure.applied_to(spec), DIGITS) == ()


def judge(info, figures, *, losses=(2.3, 2.0), is_new=True, steps_before=0, training=USUAL, **end):
    witness = Witness(is_new=is_new)
    witness.see(RunStarted("run", 3, 2, 32, 64, "cpu", 10, (), steps_before=steps_before))
    first = steps_before + 1
    witness.see(StepsEnded("run", 1, first, {"loss": np.float32(losses)}, {}, 0.001, 0.1, 64))
    ended = {"outcome": "finished", "epochs": 3, "steps": 6, "seconds": 1.0, **end}
    return witness.remark(training, info, RunEnded("run", figures=figures, **ended))


def test_an_accuracy_of_guessing_is_said_with_cause_and_cure():
    remark = judge(DIGITS, {"loss": 2.4, "test_accuracy": 0.1}, training=with_rate(1000.0))
    assert remark.startswith("Nothing was learned: a test accuracy of 10.0% is no better than")
    assert remark.endswith("A learning rate of 1000 is far too high for Adam: try 0.001.")
    assert "another learning rate" in judge(DIGITS, {"loss": 2.3, "test_accuracy": 0.11})


def test_a_rare_class_that_is_found_counts_as_learned():
    from dataclasses import replace

    rare = replace(DIGITS.with_target(labels=("no", "yes")), class_counts=(990, 10))
    assert judge(rare, {"loss": 0.1, "test_accuracy": 0.99})
    assert not judge(rare, {"loss": 0.1, "test_accuracy": 0.995})


def test_the_test_part_speaks_before_the_training_part():
    assert judge(DIGITS, {"loss": 0.1, "accuracy": 0.99, "val_accuracy": 0.1})
    assert not judge(DIGITS, {"loss": 0.1, "accuracy": 0.1, "test_accuracy": 0.9})


def test_numbers_are_judged_by_the_loss_that_never_fell():
    remark = judge(SINE, {"loss": 0.7, "test_loss": 0.7}, losses=(0.5, 0.6))
    assert remark.startswith("Nothing was learned: the loss began at 0.5 and ended at 0.7.")
    assert not judge(SINE, {"loss": 0.1, "test_loss": 0.1}, losses=(0.5, 0.3))


@pytest.mark.parametrize(
    "case",
    [{"is_new": False}, {"steps_before": 10}, {"outcome": "discarded"}, {"outcome": "failed"}, {"epochs": 0}],
)  # fmt: skip
def test_runs_that_began_well_or_were_given_up_are_not_judged_by_their_loss(case):
    assert not judge(SINE, {"loss": 0.7}, losses=(0.5, 0.6), **case)
