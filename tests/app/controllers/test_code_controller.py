import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel, QPlainTextEdit, QPushButton

from app.app_model import AppModel
from app.controllers.editor.code import CodeController
from app.document import Document
from app.jobs import JobRunner
from engine.data.choice import describe
from engine.data.loaded import LoadedData, Part, Statistics
from engine.spec.base import ObjectSpec
from engine.spec.data import DataSpec
from engine.templates import new_project
from widgets.code import ScriptOpener, ScriptView

SCRIPT = """
import keras
model = keras.Sequential([
    keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax"),
])
model.compile(optimizer=keras.optimizers.SGD(0.5), loss="sparse_categorical_crossentropy")
model.fit(x, y, epochs=4)
"""


class Parts:
    """A controller over real windows and the ready project; no TensorFlow."""

    def __init__(self, source="digits"):
        data = DataSpec(reader=source)
        spec = new_project("mlp", data, describe(data), "test")
        self.document, self.app_model = Document(spec, lambda _spec: None), AppModel()
        self.app_model.set_info(describe(data))
        self.jobs, self.view, self.opener = JobRunner(), ScriptView(), ScriptOpener()
        self.controller = CodeController(
            self.document, self.app_model, self.jobs, self.view, self.opener
        )

    @property
    def code(self):
        return self.view.findChild(QPlainTextEdit, "script.code").toPlainText()

    @property
    def note(self):
        return self.view.findChild(QLabel, "script.note").text()

    @property
    def said(self):
        return self.opener.findChild(QLabel, "script_opener.said").text()


@pytest.fixture
def make(qtbot):
    made = []

    def parts(*arguments):
        made.append(Parts(*arguments))
        for widget in (made[-1].view, made[-1].opener):
            qtbot.addWidget(widget)
        return made[-1]

    yield parts
    for each in made:
        each.jobs.close()
        each.view.close()
        each.opener.close()


def test_the_script_follows_the_edits(make):
    parts = make()
    parts.controller.show_code()
    assert "layers.Dense(128" in parts.code
    spec = parts.document.spec
    fewer = spec.network.with_parameters("dense", {"units": 7})
    parts.document.edit("Fewer units", spec.but(network=fewer))
    assert "layers.Dense(7" in parts.code
    parts.document.edit("Nothing", spec.but(network=spec.network.without_layers(spec.network.ids)))
    assert "there is no input" in parts.note
    parts.document.undo_stack.undo()
    assert "layers.Dense(7" in parts.code


def test_copy_and_save(make, tmp_path, monkeypatch):
    parts = make()
    parts.controller.show_code()
    parts.view.findChild(QPushButton, "script.copy").click()
    assert QGuiApplication.clipboard().text() == parts.code
    target = tmp_path / "mine"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    parts.view.findChild(QPushButton, "script.save").click()
    assert (tmp_path / "mine.py").read_text(encoding="utf-8") == parts.code
    assert not (tmp_path / "mine.npz").exists()


def test_samples_that_no_library_has_are_written_beside(make, tmp_path, qtbot, monkeypatch):
    parts = make("moons")
    target = tmp_path / "mine.py"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    parts.controller.show_code()
    parts.view.findChild(QPushButton, "script.save").click()
    assert "not loaded" in parts.note
    x, y = np.zeros((4, 2), np.float32), np.zeros(4, np.int32)
    part, none = Part(x, y), Part(x[:0], y[:0])
    statistics = Statistics(np.zeros(2), np.ones(2))
    parts.app_model.set_data(LoadedData(parts.app_model.info, part, none, part, statistics))
    parts.view.findChild(QPushButton, "script.save").click()
    qtbot.waitUntil(lambda: "mine.npz" in parts.note)
    assert '"mine.npz"' in target.read_text(encoding="utf-8")
    with np.load(tmp_path / "mine.npz") as arrays:
        assert set(arrays) == {"x_train", "y_train", "x_test", "y_test"}


def test_a_script_replaces_the_network_as_one_step(make, qtbot):
    parts = make()
    before = parts.document.spec
    parts.opener.show_script(SCRIPT)
    assert parts.said.startswith("Understood: 2 layers; taken over too: optimizer, loss, epochs.")
    with qtbot.waitSignal(parts.controller.network_replaced):
        parts.opener.findChild(QPushButton, "script_opener.use").click()
    spec = parts.document.spec
    assert [layer.kind for layer in spec.network.layers] == ["InputLayer", "Flatten", "Dense"]
    assert spec.network.layer("input").parameters == {}  # the data's own shape
    assert spec.training.loss == ObjectSpec(kind="auto")  # what auto stands for
    assert spec.training.optimizer.parameters == {"learning_rate": 0.5}
    assert spec.training.epochs == 4
    assert set(spec.canvas) == set(spec.network.ids)
    parts.document.undo_stack.undo()
    assert parts.document.spec == before


def test_a_refused_script_changes_nothing(make):
    parts = make()
    before = parts.document.spec
    parts.opener.show_script("import keras\nkeras.layers.Lambda(1)(keras.Input((3,)))\n")
    assert parts.said.startswith("Line 2: Lambda")
    parts.opener.use_requested.emit("model = (")
    assert parts.said.startswith("Line 1: ")
    assert parts.document.spec == before
    parts.opener.show_script("  \n")
    assert parts.said == "Paste a script or open a file."


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_a_file_that_is_no_script_is_refused(make, tmp_path, content):
    parts = make()
    path = tmp_path / "odd.py"
    if content is not None:
        path.write_bytes(content)
    parts.controller.open_file(path)
    assert '"odd.py"' in parts.said


def test_a_script_brings_its_own_preprocessing(make):
    parts = make()
    text = SCRIPT.replace("keras.layers.Flatten()", "keras.layers.Rescaling(1 / 16)")
    parts.controller.use(text)
    kinds = [layer.kind for layer in parts.document.spec.network.layers]
    assert kinds.count("Rescaling") == 1
    parts.controller.use(SCRIPT)
    assert "Rescaling" not in [layer.kind for layer in parts.document.spec.network.layers]
