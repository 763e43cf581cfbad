"""Opening a model file: one undo step, or one sentence; no TensorFlow."""

from pathlib import Path

import pytest

from app import heavy
from app.app_model import AppModel
from app.controllers.editor.importing import ImportController, is_model
from app.document import Document
from app.jobs import JobRunner
from engine.data.choice import describe
from engine.errors import BadInput
from engine.runs.project_folder import ProjectFolder
from engine.runs.trained import Trained
from engine.spec.network import LayerSpec, NetworkSpec
from engine.spec.project import ProjectSpec
from tests.engine.training.problems import chain
from widgets.canvas import NetworkCanvas

OPENED = NetworkSpec(layers=(LayerSpec(id="from_file", kind="InputLayer"),))


@pytest.fixture
def parts(qtbot, monkeypatch, tmp_path):
    answers, said = [], []

    def import_model(_file, spec, _info, _data, _project):
        answer = answers.pop()
        if isinstance(answer, Exception):
            raise answer
        answer(spec) if callable(answer) else None
        info = describe(spec.data)
        after = spec.but(network=OPENED, canvas={})
        trained = Trained("run", after, info, None, (), {}, opened=True)
        return heavy.ImportedModel(after, trained, "what was found")

    monkeypatch.setattr(heavy, "import_model", import_model)
    app_model, jobs, canvas = AppModel(), JobRunner(), NetworkCanvas()
    document = Document(ProjectSpec(), lambda _spec: None)
    qtbot.addWidget(canvas)
    app_model.said.connect(said.append)
    controller = ImportController(
        document, app_model, jobs, lambda: ProjectFolder(tmp_path), canvas
    )
    yield controller, document, app_model, answers, said
    assert jobs.close()


def test_a_model_is_one_undo_step_with_its_weights(parts, qtbot):
    controller, document, app_model, answers, said = parts
    before = document.spec
    answers.append(None)
    controller.open(Path("model.keras"))
    qtbot.waitUntil(lambda: said == ["what was found"])
    assert document.spec.network == OPENED
    assert set(document.spec.canvas) == {"from_file"}
    assert app_model.trained.run == "run"
    assert document.undo_stack.undoText() == "Open the model model.keras"
    document.undo_stack.undo()
    assert document.spec == before


def test_undoing_an_opened_model_brings_back_what_was_learned_before(parts, qtbot):
    controller, document, app_model, answers, said = parts
    info = describe(document.spec.data)
    learned = Trained("mine", document.spec, info, None, (), {}, number=4)
    app_model.set_trained(learned)
    answers.append(None)
    with qtbot.waitSignal(app_model.replaced) as replaced:
        controller.open(Path("model.keras"))
    assert replaced.args == ["The network was replaced by the model model.keras, 1 layer.", None]
    document.undo_stack.undo()
    assert app_model.trained is learned
    document.undo_stack.redo()
    assert app_model.trained.run == "run"
    document.undo_stack.undo()
    assert app_model.trained is learned
    assert said


def test_weights_of_a_file_can_be_taken_back(parts, qtbot, monkeypatch):
    controller, document, app_model, _answers, _said = parts
    info = describe(document.spec.data)
    app_model.set_info(info)
    learned = Trained("mine", document.spec, info, None, (), {}, number=4)
    theirs = Trained("file", document.spec, info, None, (), {})
    app_model.set_trained(learned)
    loaded = heavy.LoadedWeights(theirs, "taken")
    monkeypatch.setattr(heavy, "load_weights", lambda *_arguments: loaded)
    with qtbot.waitSignal(app_model.replaced) as replaced:
        controller.load_weights(Path("model.keras"))
    sentence, undo = replaced.args
    assert sentence == f"The weights of {info.title}, run 4 were replaced by the file's."
    assert app_model.trained is theirs
    undo()
    assert app_model.trained is learned


@pytest.mark.parametrize("inner", ["saved_model.pb", "netsmith.json"])
def test_a_folder_is_opened_by_a_file_in_it(inner, parts, qtbot):
    controller, document, _app_model, answers, said = parts
    answers.append(None)
    controller.open(Path("served", inner))
    qtbot.waitUntil(lambda: bool(said))
    assert document.undo_stack.undoText() == "Open the model served"


def test_models_are_told_from_other_files(tmp_path):
    assert is_model(Path("a.H5"))
    assert is_model(Path("x", "saved_model.pb"))
    assert not is_model(Path("photo.png"))
    assert not is_model(tmp_path)
    (tmp_path / "saved_model.pb").touch()
    assert is_model(tmp_path)


def test_a_refusal_is_said_and_changes_nothing(parts, qtbot):
    controller, document, app_model, answers, said = parts
    before = document.spec
    answers.append(BadInput('"evil.keras" was not opened: it is damaged'))
    controller.open(Path("evil.keras"))
    qtbot.waitUntil(lambda: bool(said))
    assert "evil.keras" in said[0]
    assert (document.spec, app_model.trained) == (before, None)


def test_an_edit_meanwhile_is_not_overwritten(parts, qtbot):
    controller, document, app_model, answers, said = parts
    answers.append(None)
    controller.open(Path("model.keras"))
    document.edit("Rename", document.spec.but(name="other"))
    qtbot.waitUntil(lambda: bool(said))
    assert "changed" in said[0]
    assert document.spec.name == "other"
    assert document.spec.network != OPENED
    assert app_model.trained is None


def test_nothing_is_opened_while_a_training_runs(parts):
    controller, _document, app_model, _answers, said = parts
    app_model.set_training("running")
    controller.open(Path("model.keras"))
    assert "stop it" in said[0]


def test_an_opened_model_can_be_trained_on_while_it_is_shown(parts, qtbot):
    controller, document, app_model, _answers, _said = parts
    assert "open a model" in controller.why_not
    network = chain(("dense", "Dense", {"units": 10}))
    document.edit("Open", document.spec.but(network=network))
    info = describe(document.spec.data)
    app_model.set_trained(Trained("run", document.spec, info, None, (), {}, opened=True))
    assert controller.why_not == ""
    with qtbot.waitSignal(controller.train_on_wanted):
        controller.train_on()
    document.undo_stack.undo()
    assert "another network" in controller.why_not
