"""What the view of generated samples asks for and shows."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal

from app.app_model import AppModel
from app.controllers.live.generated import GeneratedController
from app.document import Document
from engine.data.readers import READERS
from engine.machine.facts import EngineFacts
from engine.probes.generated import GeneratedSamples
from engine.probes.probe import Probe
from engine.runs.trained import Trained
from engine.spec.project import ProjectSpec
from engine.spec.training import StageSpec
from engine.templates import new_project
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunEnded, Sampled
from tests.engine.training.problems import loaded
from widgets.plots.generated import GeneratedPanel

RING = READERS["ring"].info
DIGITS = READERS["digits"].info
RANDOM = np.random.default_rng(2)
POINTS = RANDOM.normal(size=(700, 2)).astype(np.float32)
MADE = RANDOM.normal(size=(500, 2)).astype(np.float32)
PLAIN = ProjectSpec()


def ring_project():
    from engine.spec.data import DataSpec

    return new_project("gan_points", DataSpec(reader="ring"), RING)


class Worker(QObject):
    events_ready = Signal(object)
    control: TrainingControl | None = None
    is_running = False


class AtOnce:
    def submit(self, _lane, job):
        job.done(job.work(job))


class Observer:
    def __init__(self):
        self.asked = []

    def samples(self, trained, probes, step):
        self.asked.append((trained, probes))
        return (Sampled(trained.run, step, probes[0], GeneratedSamples(MADE, step)),)


@pytest.fixture
def parts(qtbot):
    document, app_model, worker = Document(PLAIN, lambda _spec: None), AppModel(), Worker()
    panel, observer = GeneratedPanel(), Observer()
    qtbot.addWidget(panel)
    with qtbot.waitExposed(panel):
        panel.show()
    controller = GeneratedController(document, app_model, AtOnce(), worker, observer, panel)
    return SimpleNamespace(
        document=document, app_model=app_model, worker=worker, panel=panel, observer=observer,
        controller=controller,
    )  # fmt: skip


def with_ring(parts):
    parts.document.edit("Use a template", ring_project())
    parts.app_model.set_data(loaded(RING, (POINTS, np.zeros(700, np.int32))))


def test_a_usual_project_is_told_where_samples_come_from(parts):
    assert "GAN for points" in parts.panel._hint.text()
    parts.app_model.set_data(loaded(RING, (POINTS, np.zeros(700, np.int32))))
    assert not len(parts.panel.points[0])


def test_a_project_that_makes_samples_shows_real_ones_and_wants_to_be_seen(parts, qtbot):
    with qtbot.waitSignal(parts.controller.wanted):
        parts.document.edit("Use a template", ring_project())
    parts.app_model.set_data(loaded(RING, (POINTS, np.zeros(700, np.int32))))
    np.testing.assert_allclose(parts.panel.points[0], POINTS[:500])


def test_a_training_is_asked_while_the_view_is_seen(parts):
    with_ring(parts)
    parts.worker.control, parts.worker.is_running = TrainingControl(), True
    parts.app_model.running_spec = parts.document.spec
    parts.app_model.set_training("running")
    (probe,) = parts.worker.control.requests.probes
    assert (probe.kind, probe.options["count"]) == ("generated", 500)
    sample = Sampled("run", 40, probe, GeneratedSamples(MADE, 40))
    other = Sampled("run", 41, Probe("dock.weights", "weights"), GeneratedSamples(MADE + 1, 41))
    parts.worker.events_ready.emit((sample, other))
    np.testing.assert_allclose(parts.panel.points[1], MADE)
    assert "40" in parts.panel.caption
    parts.panel.hide()
    parts.worker.events_ready.emit(())
    assert parts.worker.control.requests.probes == ()


def test_a_training_without_a_generator_is_not_asked(parts):
    parts.worker.control = TrainingControl()
    parts.app_model.running_spec = PLAIN
    parts.app_model.set_training("running")
    assert parts.worker.control.requests.probes == ()


def test_the_trained_model_is_asked_where_none_is_trained(parts):
    with_ring(parts)
    parts.app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
    parts.controller.take_history(((280, 20, {}),))
    trained = Trained("run", parts.document.spec, RING, None, (), {})
    parts.app_model.set_trained(trained)
    assert parts.observer.asked[-1][0] is trained
    np.testing.assert_allclose(parts.panel.points[1], MADE)
    assert "280" in parts.panel.caption


@pytest.mark.parametrize("model_first", [True, False])
def test_samples_of_a_finished_training_name_its_last_step(parts, model_first):
    with_ring(parts)
    parts.app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
    parts.controller.take_history(((32, 4, {}),))  # of an earlier run
    ended = RunEnded("run", "finished", 20, 280, 1.0, weights=(MADE,))
    trained = Trained("run", parts.document.spec, RING, None, (), {})
    deeds = [
        lambda: parts.app_model.set_trained(trained),
        lambda: parts.worker.events_ready.emit((ended,)),
    ]
    for deed in deeds if model_first else reversed(deeds):
        deed()
    assert "280" in parts.panel.caption


def test_a_trained_network_that_answers_is_not_asked(parts):
    with_ring(parts)
    parts.app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
    parts.app_model.set_trained(Trained("run", PLAIN, RING, None, (), {}))
    assert not parts.observer.asked


def test_pictures_are_shown_as_sheets(parts):
    from engine.spec.data import DataSpec

    parts.document.edit("Use", new_project("gan_digits", DataSpec(reader="digits"), DIGITS))
    x = np.full((70, 8, 8, 1), 16.0, np.float32)
    parts.app_model.set_data(loaded(DIGITS, (x, np.zeros(70, np.int32))))
    assert parts.panel._real_sheet._image.image.shape == (8 * 9 - 1, 8 * 9 - 1)
    assert parts.panel._real_sheet._image.image.max() == 255


def test_samples_of_other_data_are_not_shown(parts):
    with_ring(parts)
    stray = Sampled(
        "r", 1, Probe("dock.generated", "generated"), GeneratedSamples(np.ones((4, 8, 8, 1)))
    )
    parts.worker.events_ready.emit((stray,))
    assert not len(parts.panel.points[1])
    learned = parts.document.spec.training.but(stages=(StageSpec(),))
    parts.document.edit("Learn", replace_training(parts.document.spec, learned))
    assert "GAN for points" in parts.panel._hint.text()


def replace_training(spec, training):
    return spec.but(training=training)
