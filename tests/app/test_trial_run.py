"""Trials with scripted work: no TensorFlow, no time."""

import threading

import pytest

from app.app_model import AppModel
from app.jobs import JobRunner
from app.trial_run import TrialRun
from engine.errors import Cancelled, JobFailed
from engine.machine.facts import EngineFacts
from tests.patience import PATIENCE_S

ENGINE = EngineFacts("3", "2", ("cpu",))


@pytest.fixture
def parts(qtbot):
    app_model, jobs = AppModel(), JobRunner()
    trial = TrialRun("trial", "Trying …", app_model, jobs)
    said = []
    trial.ended.connect(lambda sentence, is_bad: said.append((sentence, is_bad)))
    yield trial, app_model, said
    assert jobs.close()


def make_ready(app_model):
    app_model.set_engine(ENGINE)
    app_model.set_data("samples")


def test_it_waits_visibly_for_what_is_not_there_and_then_begins(parts, qtbot):
    trial, app_model, _ = parts
    waits = []
    trial.waiting.connect(waits.append)
    with qtbot.waitSignal(trial.data_wanted):
        trial.start(lambda data, _job: data)
    assert waits == ["Waiting for TensorFlow …"]
    assert trial.is_active
    app_model.set_engine(ENGINE)
    with qtbot.waitSignal(trial.found) as found:
        app_model.set_data("samples")
    assert found.args == ["samples"]
    assert not trial.is_active


def test_data_that_does_not_come_ends_the_wait_only(parts):
    trial, app_model, said = parts
    trial.give_up_waiting("Download it first.")
    assert said == []
    trial.start(lambda data, _job: data)
    trial.give_up_waiting("Download it first.")
    assert said == [("Download it first.", True)]
    make_ready(app_model)
    assert not trial.is_active


def test_a_failure_is_said(parts, qtbot):
    trial, app_model, said = parts
    make_ready(app_model)

    def fail(_data, _job):
        raise JobFailed("The loss is not a number.")

    with qtbot.waitSignal(trial.ended):
        trial.start(fail)
    assert said == [("The loss is not a number.", True)]


def test_a_training_overtakes_it_and_its_result_never_comes(parts, qtbot):
    trial, app_model, said = parts
    make_ready(app_model)
    begun, stopped = threading.Event(), threading.Event()

    def work(_data, job):
        begun.set()
        job.unwanted.wait(PATIENCE_S)
        stopped.set()
        raise Cancelled("stopped")

    with qtbot.assertNotEmitted(trial.found):
        trial.start(work)
        assert begun.wait(PATIENCE_S)
        app_model.set_training("running")
        assert stopped.wait(PATIENCE_S)
    assert [is_bad for _, is_bad in said] == [False]
    assert not trial.is_active


def test_stopping_says_nothing(parts):
    trial, app_model, said = parts
    make_ready(app_model)
    begun = threading.Event()

    def work(_data, job):
        begun.set()
        job.unwanted.wait(PATIENCE_S)

    trial.start(work)
    assert begun.wait(PATIENCE_S)
    trial.stop()
    assert said == []
    assert not trial.is_active
