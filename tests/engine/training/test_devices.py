"""Which device trains; cards are pretended, since the computers that run this have none."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import tensorflow as tf

from engine.errors import BadInput, JobFailed
from engine.training.loop import devices

ROOT = Path(__file__).resolve().parents[3]
# Two processors stand in for two cards: TensorFlow makes them of one when it starts.
ON_THE_SECOND = """
import json, sys
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from engine.training.loop import devices, executor, session
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunEnded, RunStarted
from tests.engine.training.problems import XOR_X, XOR_Y, chain, loaded, points
from engine.spec.data import DataSpec
from engine.spec.project import ProjectSpec
from engine.spec.training import TrainingSpec

devices.devices = lambda: ("cpu", "gpu:0", "gpu:1")
real = devices.resolve_device
def pretended(device):
    return {"gpu:0": "cpu:0", "gpu:1": "cpu:1"}.get(real(device) if device != "cpu:1" else device, device)
devices.resolve_device = executor.resolve_device = session.resolve_device = pretended
network = chain(("hidden", "Dense", {"units": 4}), ("end", "Dense", {"units": 2}))
spec = ProjectSpec(network=network, training=TrainingSpec(epochs=1, device=sys.argv[1]))
places, outcome = [], []
def keep(model, *_rest):
    places.extend(str(variable.value.device) for variable in model.trainable_variables)
def emit(event):
    if isinstance(event, RunEnded):
        outcome.append((event.outcome, event.error))
session.train("run", spec, loaded(points(), (XOR_X, XOR_Y)), emit, TrainingControl(), keep)
print(json.dumps({"outcome": outcome[0], "places": sorted({place[-5:] for place in places})}))
"""


def _cards(monkeypatch, count):
    grown = []
    monkeypatch.setattr(
        tf.config,
        "list_physical_devices",
        lambda kind=None: [SimpleNamespace(name=f"/physical_device:GPU:{n}") for n in range(count)],
    )
    monkeypatch.setattr(
        tf.config.experimental,
        "set_memory_growth",
        lambda gpu, on: grown.append((gpu.name[-1], on)),
    )
    return grown


@pytest.mark.parametrize(("count", "known"), [(0, ("cpu",)), (2, ("cpu", "gpu:0", "gpu:1"))])
def test_every_card_is_a_choice_and_takes_memory_as_it_needs_it(monkeypatch, count, known):
    grown = _cards(monkeypatch, count)
    assert devices.devices() == known
    assert grown == [(str(number), True) for number in range(count)]


def test_auto_is_the_first_card_and_each_can_be_chosen(monkeypatch):
    _cards(monkeypatch, 2)
    assert devices.resolve_device("auto") == "gpu:0"
    assert devices.resolve_device("gpu:1") == "gpu:1"
    assert devices.resolve_device("cpu") == "cpu"
    with pytest.raises((BadInput, JobFailed), match="choose one of auto, cpu, gpu:0, gpu:1"):
        devices.resolve_device("gpu:2")


@pytest.mark.slow
@pytest.mark.parametrize(("device", "place"), [("gpu:0", "CPU:0"), ("gpu:1", "CPU:1")])
def test_a_training_takes_place_on_the_chosen_card(device, place):
    ran = subprocess.run(
        [sys.executable, "-c", ON_THE_SECOND, device],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert json.loads(ran.stdout.splitlines()[-1]) == {
        "outcome": ["finished", ""],
        "places": [place],
    }
