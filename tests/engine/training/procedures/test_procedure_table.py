"""A way of learning is a row: one that is added from outside is trained like the others."""

import numpy as np
import pytest

from engine.errors import BadInput
from engine.spec.base import ObjectSpec
from engine.spec.training import StageSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import StepsEnded
from engine.training.loop.session import train
from engine.training.procedures import PROCEDURES, procedure_of, supervised
from engine.training.procedures.procedure import Procedure
from tests.engine.training.problems import Follower, project, xor_data

TWICE = Procedure(
    "twice",
    "Twice",
    "Learns from each batch twice.",
    series=("loss", "loss_again"),
    program=f"{__name__}:make",
)


class Twice(supervised.Supervised):
    """Takes the step of supervised learning two times."""

    series = TWICE.series

    def step(self, x, y, weights=None):
        first = super().step(x, y, weights)["loss"]
        return {"loss": first, "loss_again": super().step(x, y, weights)["loss"]}


def make(spec, model, data):
    usual = supervised.make(spec, model, data)
    return Twice(model, usual.figures, usual.labels)


def trained(procedure, epochs):
    sgd = ObjectSpec(kind="SGD", parameters={"learning_rate": 0.1})
    spec = project(optimizer=sgd, epochs=epochs, stages=(StageSpec(procedure=procedure),))
    follower = Follower()
    train("run", spec, xor_data(), follower.emit, TrainingControl())
    return follower


@pytest.mark.usefixtures("without_xla")
def test_a_procedure_from_outside_is_trained(monkeypatch):
    monkeypatch.setitem(PROCEDURES, TWICE.id, TWICE)
    twice, once = trained("twice", 5), trained("supervised", 10)
    assert twice.ended.outcome == "finished"
    assert twice.ended.steps == 5
    for one, another in zip(twice.ended.weights, once.ended.weights, strict=True):
        np.testing.assert_allclose(one, another, rtol=1e-6)
    first, again, usual = (
        np.concatenate([event.series[name] for event in follower.of(StepsEnded)])
        for follower, name in ((twice, "loss"), (twice, "loss_again"), (once, "loss"))
    )
    np.testing.assert_allclose(np.stack([first, again], 1).ravel(), usual, rtol=1e-6)


def test_an_unknown_procedure_is_refused_by_its_name():
    with pytest.raises(BadInput, match='there is no procedure "twice": choose supervised'):
        procedure_of(project(stages=(StageSpec(procedure="twice"),)))
