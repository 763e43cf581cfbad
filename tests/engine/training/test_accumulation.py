"""Gradients gathered over several steps: what validation says of them is what training does."""

from dataclasses import replace

import numpy as np
import pytest

from engine.spec.base import ObjectSpec
from engine.training.state import checkpoint_scheduler
from engine.validation import validate
from tests.engine.training.problems import project, xor_data

pytestmark = pytest.mark.usefixtures("without_xla")


def gathering(steps, epochs):
    """Four steps an epoch whose gradients are gathered."""
    parameters = {"learning_rate": 0.05, "gradient_accumulation_steps": steps}
    return project(
        epochs=epochs, batch_size=1, optimizer=ObjectSpec(kind="Adam", parameters=parameters)
    )


def said_of(spec):
    info = replace(xor_data().info, counts=(4, 0, 0))
    return [
        (issue.severity, issue.message)
        for issue in validate(spec, info)
        if "accumulation" in issue.message
    ]


def test_weights_change_only_when_as_many_steps_were_gathered(follow, monkeypatch):
    monkeypatch.setattr(checkpoint_scheduler, "CHECKPOINT_PERIOD_S", 0.0)
    monkeypatch.setattr(checkpoint_scheduler, "SHARE", float("inf"))
    after = {}

    def keep(model, moment):
        after[moment.epochs] = np.concatenate([array.ravel() for array in model.get_weights()])

    follow(gathering(100, 1), xor_data(), keep)
    untrained = after[1]
    follow(gathering(6, 3), xor_data(), keep)
    assert np.array_equal(after[1], untrained)  # 4 of 6 steps
    assert not np.array_equal(after[2], untrained)  # 8 steps: once, 2 left over
    assert not np.array_equal(after[3], after[2])  # 12 steps: twice


def test_what_would_be_lost_is_said():
    assert said_of(gathering(100, 1)) == [
        (
            "error",
            "Gradient accumulation gathers 100 steps, but the run has 4: nothing would be learned; gather 4.",
        )
    ]
    ((severity, message),) = said_of(gathering(6, 3))
    assert severity == "warning"
    assert "an epoch has 4: some epochs change no weight; gather 4" in message
    ((severity, message),) = said_of(gathering(3, 5))
    assert (severity, "the last 2 of 20 steps change no weight" in message) == ("warning", True)
    assert said_of(gathering(2, 1)) == said_of(gathering(4, 1)) == []
