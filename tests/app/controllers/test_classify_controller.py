"""The Classify page when the network changes under what was given to it; no TensorFlow."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from app import heavy
from app.app_model import AppModel
from app.controllers.judge.classifying import ClassifyController
from app.document import Document
from app.jobs import JobRunner
from app.training_worker import TrainingWorker
from engine.data.choice import describe
from engine.data.loaded import LoadedData, Part, Statistics
from engine.runs.trained import Trained
from engine.spec.data import DataSpec
from engine.spec.project import ProjectSpec
from engine.templates import new_project
from widgets.classify import ClassifyPanel
from widgets.classify.picture_view import PictureView


def trained_on(source):
    info = describe(DataSpec(reader=source))
    return Trained("run", ProjectSpec(), info, None, (), {})


def data_of(source, sample):
    info = describe(DataSpec(reader=source))
    part = Part(np.asarray([sample], np.float32).reshape(1, *info.input_shape), np.zeros(1))
    return LoadedData(info, part, part, part, Statistics(np.zeros(1), np.ones(1)))


@pytest.fixture
def parts(qtbot, monkeypatch):
    asked = []

    def answers(_self, trained, samples):
        asked.append((trained.info.source, samples.shape))
        if trained.info.answer_shape is not None:
            return (tuple((name, 0.5) for name in trained.info.labels),) * len(samples)
        return ((("a", 1.0),),) * len(samples)

    monkeypatch.setattr(heavy.Classifier, "answers", answers)
    app_model, jobs, worker, panel = AppModel(), JobRunner(), TrainingWorker(), ClassifyPanel()
    qtbot.addWidget(panel)
    document = Document(ProjectSpec(), lambda _spec: None)
    controller = ClassifyController(document, app_model, jobs, worker, panel)
    yield controller, app_model, panel, asked
    assert jobs.close()


def test_numbers_of_another_table_are_forgotten_with_its_network(parts, qtbot):
    controller, app_model, panel, asked = parts
    app_model.set_trained(trained_on("iris"))
    controller.classify((5.0, 3.0, 1.0, 0.2))
    qtbot.waitUntil(lambda: asked == [("iris", (1, 4))])
    app_model.set_trained(trained_on("wine"))
    controller.classify(tuple(range(13)))
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert asked[1] == ("wine", (1, 13))
    assert panel._message.text() == ""


def test_number_fields_start_with_a_real_sample(parts):
    _controller, app_model, panel, _asked = parts
    app_model.set_trained(trained_on("iris"))
    app_model.set_data(data_of("iris", (4.8, 3.4, 1.6, 0.2)))
    assert panel.features.values() == (4.8, 3.4, 1.6, 0.2)


def test_a_wave_can_be_typed_in(parts, qtbot):
    _controller, app_model, panel, asked = parts
    app_model.set_trained(trained_on("sine"))
    app_model.set_data(data_of("sine", np.linspace(-1, 1, 20)))
    assert len(panel.features.values()) == 20
    panel.features.findChild(object, "classify.predict_button").click()
    qtbot.waitUntil(lambda: asked == [("sine", (1, 20, 1))])


def test_an_answer_that_is_a_picture_is_shown_as_one(parts, qtbot, tmp_path):
    controller, app_model, panel, _asked = parts
    app_model.set_trained(trained_on("digits_to_clean"))
    drawn = panel.findChild(PictureView, "classify.drawn")
    picture = tmp_path / "drawn.png"
    image = QImage(20, 20, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    for y in range(4, 16):
        image.setPixelColor(10, y, QColor("white"))
    image.save(str(picture))
    controller.classify(picture)
    qtbot.waitUntil(lambda: drawn.image() is not None)
    assert (drawn.image().width(), drawn.image().height()) == (8, 8)
    assert drawn.image().pixelColor(0, 0).name() == "#808080"
    assert not drawn.isHidden()
    assert panel.bars.isHidden()
    app_model.set_trained(trained_on("digits"))
    qtbot.waitUntil(drawn.isHidden)
    assert not panel.bars.isHidden()


def test_networks_that_make_samples_are_asked_nothing(parts):
    _controller, app_model, panel, _asked = parts
    ring = describe(DataSpec(reader="ring"))
    spec = new_project("gan_points", DataSpec(reader="ring"), ring)
    app_model.set_trained(Trained("run", spec, ring, None, (), {}))
    sentence = panel._inputs.currentWidget()
    assert "Generated panel" in sentence.text()
    assert sentence.margin() >= 4  # the ring of the focus lies over the edges
    assert panel._note.isHidden()
    app_model.set_trained(trained_on("iris"))
    assert panel._inputs.currentWidget() is panel.features
    assert not panel._note.isHidden()
