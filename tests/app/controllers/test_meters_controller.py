from dataclasses import replace

import numpy as np
import pytest

from app import heavy
from app.app_model import AppModel
from app.controllers.live.meters import MetersController
from app.training_worker import TrainingWorker
from engine.machine.facts import EngineFacts
from engine.machine.meters import GpuMemory
from engine.training.live.events import RunStarted, StepsEnded
from widgets.shell.meter_line import MeterLine


@pytest.fixture
def parts(qtbot):
    app_model, worker, line = AppModel(), TrainingWorker(), MeterLine()
    qtbot.addWidget(line)
    meters = MetersController(app_model, worker, line)
    yield app_model, worker, line, meters
    meters.deleteLater()


def steps(count, seconds, samples):
    return StepsEnded(
        "run", 1, 1, {"loss": np.ones(count, np.float32)}, {}, 0.001, seconds, samples
    )


def test_speed_is_that_of_all_steps_since_the_last_look(parts):
    app_model, worker, line, meters = parts
    app_model.set_training("running")
    worker.events_ready.emit(
        (RunStarted("run", 2, 2, 32, 64, "cpu", 10, (), choice="With XLA: it helps Dense."),)
    )
    worker.events_ready.emit((steps(39, 0.039, 1248), steps(1, 0.041, 32)))
    meters.renew()
    assert line.text().startswith("2.0 ms per step · 16,000 samples/s")
    assert line.text().endswith("CPU · XLA")
    meters.renew()  # nothing happened since: a pause shows the last speed
    assert "2.0 ms per step" in line.text()
    app_model.set_training("")
    worker.events_ready.emit((steps(1, 0.041, 32),))  # the last ones of the run
    meters.renew()
    assert line.text().startswith("memory ")
    assert "XLA" not in line.text()


def test_slow_motion_passes_fewer_samples_but_computes_as_fast(parts):
    app_model, worker, line, meters = parts
    app_model.set_training("running")
    worker.events_ready.emit((replace(steps(10, 0.02, 320), waited_s=0.98),))
    meters.renew()
    assert line.text().startswith("2.0 ms per step · 320 samples/s")


def test_gpu_memory_is_asked_for_where_there_is_a_gpu(parts, monkeypatch):
    app_model, _, line, meters = parts
    asked = []

    def gpu_memory(devices):
        asked.append(devices)
        return (GpuMemory("gpu:0", 2_000_000_000),)

    monkeypatch.setattr(heavy, "gpu_memory", gpu_memory)
    meters.renew()
    app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
    meters.renew()
    assert asked == []
    app_model.set_engine(EngineFacts("3", "2", ("cpu", "gpu:0")))
    meters.renew()
    assert asked == [("cpu", "gpu:0")]
    assert "GPU 0 2.0 GB" in line.text()
