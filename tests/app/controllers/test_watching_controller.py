"""Trainings that would be over in a moment are slowed in the window, and one click or a switch ends that."""

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from app.app_model import AppModel
from app.controllers.live.watching import WatchingController
from app.settings import SettingsFile
from app.training_worker import TrainingWorker
from engine.data.choice import describe
from engine.data.loaded import LoadedData, Part, Statistics
from engine.spec.data import DataSpec
from engine.templates import new_project
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunStarted, StepsEnded
from engine.training.live.watchable import WATCHED_S
from widgets.training.live_controls import LiveControls
from widgets.training.run_bar import RunBar

CIRCLES = describe(DataSpec(reader="circles"))
SPEC = new_project("mlp", DataSpec(reader="circles"), CIRCLES)
SAMPLES = 320
STEPS = SPEC.training.epochs * 10


def data():
    part = Part(np.zeros((SAMPLES, 2), np.float32), np.zeros(SAMPLES, np.int32))
    return LoadedData(CIRCLES, part, part, part, Statistics(np.zeros(2), np.ones(2)))


class Parts:
    def __init__(self, qtbot, tmp_path):
        self.app_model, self.worker = AppModel(), TrainingWorker()
        self.settings = SettingsFile(tmp_path / "settings.json")
        self.controls, self.bar = LiveControls(), RunBar()
        for widget in (self.controls, self.bar):
            qtbot.addWidget(widget)
        self.bar.show()
        self.controller = WatchingController(
            self.app_model, self.worker, self.settings, self.controls, self.bar
        )

    def begin(self, run="one"):
        self.worker.run, self.worker.control = run, TrainingControl()
        self.app_model.running_spec, self.app_model.running_data = SPEC, data()
        self.app_model.set_training("running")
        self.bar.start(RunStarted(run, 100, 10, 32, SAMPLES, "cpu", 9, ()))
        self.bar.show_phase("training")

    def take_steps(self, seconds, times=6):
        for n in range(times):
            losses = np.ones(1, np.float32)
            event = StepsEnded(
                "one", 1, n + 1, {"loss": losses}, {}, 0.1, seconds, 32, waited_s=0.1
            )
            self.worker.events_ready.emit((event,))

    @property
    def speed(self):
        return self.worker.control.requests.speed

    @property
    def button(self):
        return self.bar.findChild(QPushButton, "run.offer")


@pytest.fixture
def parts(qtbot, tmp_path):
    return Parts(qtbot, tmp_path)


def test_a_toy_is_slowed_and_the_bar_says_so(parts):
    parts.begin()
    assert parts.speed == STEPS / WATCHED_S
    parts.take_steps(0.001)
    assert parts.speed == STEPS / WATCHED_S
    assert parts.bar.findChild(QLabel, "run.phase").text() == "Training, slowed"
    assert parts.controls.findChild(QLabel, "applied.speed").text() == "125/s"
    assert parts.button.isVisible()


def test_one_click_goes_full_speed(parts):
    parts.begin()
    parts.take_steps(0.001)
    parts.button.click()
    assert parts.speed == 0
    assert parts.controls.findChild(QLabel, "applied.speed").text() == "full speed"
    assert not parts.button.isVisible()
    assert parts.bar.findChild(QLabel, "run.phase").text() == "Training"
    parts.take_steps(0.001)
    assert not parts.button.isVisible()


def test_what_takes_its_time_is_let_go_and_was_never_called_slowed(parts):
    parts.begin()
    parts.take_steps(0.01, times=3)
    assert parts.bar.findChild(QLabel, "run.phase").text() == "Training"
    assert not parts.button.isVisible()
    parts.take_steps(0.01)
    assert parts.speed == 0
    assert not parts.button.isVisible()


def test_with_the_switch_off_nothing_is_slowed_in_this_session_and_the_next(parts, qtbot):
    parts.controls.watchable_chosen.emit(False)
    parts.begin()
    assert parts.speed == 0
    assert not parts.settings.read().watchable
    again = LiveControls()
    qtbot.addWidget(again)
    WatchingController(AppModel(), TrainingWorker(), parts.settings, again, parts.bar)
    assert not again.findChild(object, "control.watchable").isChecked()


def test_a_speed_of_ones_own_is_left_alone(parts):
    parts.begin()
    parts.worker.control.limit_speed(7.0)
    parts.controls.speed_requested.emit(7.0)
    parts.take_steps(0.01)
    assert parts.speed == 7.0


def test_going_on_after_a_pause_slows_nothing_anew(parts):
    parts.begin()
    parts.take_steps(0.001)
    parts.button.click()
    parts.app_model.set_training("paused")
    parts.app_model.set_training("running")
    assert parts.speed == 0
