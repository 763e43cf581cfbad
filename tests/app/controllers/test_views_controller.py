"""Live views: attached, measured, limited."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Signal

from app.controllers.live.views import ViewsController
from app.settings import SettingsFile
from engine.probes.probe import Probe
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunStarted, Sampled
from widgets.activations import ActivationsPanel
from widgets.plots import LossPlot, WeightsPanel
from widgets.training.view_settings import ViewSettings


class FakeWorker(QObject):
    events_ready = Signal(object)

    def __init__(self):
        super().__init__()
        self.control = TrainingControl()


@pytest.fixture
def house(qtbot, tmp_path):
    now = [0.0]
    made = SimpleNamespace(
        worker=FakeWorker(), file=SettingsFile(tmp_path / "settings.json"), settings=ViewSettings(),
        plot=LossPlot(), weights=WeightsPanel(), activations=ActivationsPanel(), now=now, drawn=[0.0],
    )  # fmt: skip
    for widget in (made.settings, made.plot, made.weights, made.activations):
        qtbot.addWidget(widget)
    made.controller = ViewsController(
        made.worker,
        made.file,
        made.settings,
        made.plot,
        made.weights,
        made.activations,
        lambda: made.drawn[0],
        now=lambda: now[0],
    )
    made.worker.events_ready.emit((RunStarted("r", 1, 1, 1, 1, "cpu", 1, ()),))
    return made


def sampled(house, seconds, every_s):
    """Let samples of one cost come for a while."""
    for _ in range(30):  # the first second does not count
        house.now[0] += every_s
        sample = Sampled("r", 1, Probe("a", "weights"), None, seconds)
        house.worker.events_ready.emit((sample,))


def test_dear_samples_make_every_view_slower(house):
    before = house.worker.control.requests
    sampled(house, 0.02, 0.1)  # a fifth of the time
    after = house.worker.control.requests
    assert after.view_period_s >= 2 * before.view_period_s > 0
    assert after.view_share == before.view_share == 0.05
    assert "of 5 %" in house.settings._cost.text()


def test_the_limit_reaches_the_training_and_is_remembered(house):
    house.settings.limit_requested.emit(0.02)
    assert house.worker.control.requests.view_share == 0.02
    assert house.file.read().view_limit == 0.02


def test_a_detached_view_asks_for_nothing(house):
    house.weights.show()
    assert house.weights.is_live
    house.settings.attached.emit("weights", False)
    assert not house.weights.is_live
    house.settings.attached.emit("histogram", False)
    assert not house.weights.has_histogram


def test_pictures_in_blocks_count_and_activations_can_be_detached(house):
    for second in range(1, 6):
        house.now[0], house.drawn[0] = float(second), 10.0 * second
        house.worker.events_ready.emit(())
    assert house.worker.control.requests.view_period_s > 0.1
    house.activations.show()
    assert house.activations.is_live
    house.settings.attached.emit("activations", False)
    assert not house.activations.is_live
