"""The whole program without TensorFlow: what every command and name stands on."""

import gc

import pytest
from PySide6.QtCore import SIGNAL, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QMessageBox, QWidget

from app import bootstrap, heavy
from app.actions import palette_commands
from app.start import load_window
from engine.data.readers import READERS
from engine.errors import BadInput, JobFailed
from engine.machine.facts import EngineFacts
from engine.runs.project_folder import ProjectFolder
from engine.runs.store import EpochRecord
from engine.runs.trained import Trained
from engine.spec.data import DataSpec
from tests.patience import PATIENCE_S
from widgets.base.theme import DARK, LIGHT
from widgets.data import DataPanel
from widgets.shell.command_palette import CommandPalette


@pytest.fixture
def window(qtbot, monkeypatch):
    monkeypatch.setattr(heavy, "load_tensorflow", lambda: EngineFacts("3", "2", ("cpu",)))
    monkeypatch.setattr(heavy.Shapes, "facts", lambda *_arguments: {})
    made = bootstrap.build(None)
    yield made
    assert made.program.end(PATIENCE_S)
    made.may_close = lambda: True
    made.close()
    made.deleteLater()


def test_every_command_is_found_by_its_id_and_does_something(window):
    for spec in window.program.actions.table:
        action = window.findChild(QAction, spec.id)
        assert action is not None, spec.id
        assert action.receivers(SIGNAL("triggered(bool)")) > 0, f"{spec.id} does nothing"


def test_names_that_others_rely_on_are_there(window):
    for name in ("canvas", "palette", "page.data", "page.studio", "page.classify", "page.export", "plot.loss",
                 "form.layer", "form.training", "field.training.batch_size"):  # fmt: skip
        assert window.findChild(QWidget, name) is not None, name


def test_tensorflow_is_loaded_once_the_window_is_painted(qtbot, request):
    window = request.getfixturevalue("window")  # made here: no event has been handled yet
    order = []
    window.painted.connect(lambda: order.append("painted"))
    window.program.app_model.engine_changed.connect(lambda: order.append("loaded"))
    window.show()
    qtbot.waitUntil(lambda: "loaded" in order)
    assert order[0] == "painted"


def test_garbage_is_collected_again_once_the_window_is_made(qtbot, request):
    request.addfinalizer(gc.enable)
    load_window()
    assert not gc.isenabled()
    request.getfixturevalue("window")
    assert gc.isenabled()


def test_pages_are_made_when_they_are_first_shown(window):
    pages = window.pages
    assert list(pages.made_pages()) == [window.studio_page]
    window.findChild(QAction, "view.theme.dark").trigger()
    window.findChild(QAction, "view.page.data").trigger()
    data = window.findChild(DataPanel, "page.data")
    assert list(pages.made_pages()) == [window.studio_page, data]
    assert window.page == "data"
    assert data._tokens == DARK
    window.findChild(QAction, "view.theme.light").trigger()
    assert data._tokens == LIGHT


def test_a_page_that_is_made_late_shows_what_is_so(window, tmp_path):
    program, document = window.program, window.program.document
    spec = document.spec
    document.edit("Choose", spec.but(data=DataSpec(reader="file")))
    program.app_model.set_training("running")
    window.show_page("data")
    data = window.panels.data
    assert data.findChild(QLabel, "data.title").text() == READERS["file"].title
    assert "No data file is chosen" in data.findChild(QLabel, "data.message").text()
    assert data.findChild(QLabel, "data.lock").isVisibleTo(data)
    program.app_model.set_training("")
    assert not data.findChild(QLabel, "data.lock").isVisibleTo(data)
    assert window.panels.export.findChild(QLineEdit, "field.export.path").text().endswith(".keras")


def test_what_is_not_possible_says_why(window):
    window.program.refresh()
    action = window.findChild(QAction, "export.model")
    assert not action.isEnabled()
    assert "train the network first" in action.toolTip()


def test_a_project_that_cannot_be_opened_is_refused_and_leaves_no_thread(qtbot, tmp_path):
    with pytest.raises(BadInput):
        bootstrap.build(tmp_path / "nothing")


def test_opening_something_broken_keeps_the_open_project(window, qtbot, tmp_path):
    program = window.program
    before = program.document.spec
    (tmp_path / "project.json").write_text("{")
    with pytest.raises(BadInput):
        program.project.open(tmp_path)
    assert program.document.spec == before
    assert (tmp_path / "project.json").read_text() == "{"


def test_a_closed_panel_is_opened_again_from_the_menu(window):
    dock = window.studio_page.docks["dock.layers"]
    dock.close()
    shown = [
        action
        for menu in window.menuBar().findChildren(QMenu)
        for action in menu.actions()
        if action is dock.toggleViewAction()
    ]
    shown[0].trigger()
    assert not dock.isHidden()


def test_reset_layout_brings_back_panels_that_were_closed_or_taken_out(window, qtbot):
    window.resize(1280, 800)
    window.show()
    docks = window.studio_page.docks
    docks["dock.weights"].close()
    docks["dock.layers"].setFloating(True)
    window.show_page("data")
    window.program.actions["view.reset_layout"].trigger()
    assert window.page == "studio"
    qtbot.waitUntil(lambda: docks["dock.weights"].isVisible())
    assert not docks["dock.layers"].isFloating()
    assert "Reset Layout" in [
        action.text() for menu in window.menuBar().findChildren(QMenu) for action in menu.actions()
    ]


@pytest.mark.parametrize("size", [(1000, 700), (1280, 800), (1920, 1080)])
def test_canvas_and_plots_share_the_height_as_a_designer_would(window, qtbot, size):
    window.resize(847, 500)
    window.show()
    window.resize(*size)
    page = window.studio_page
    plots, canvas = page.docks["dock.live"], window.panels.canvas
    qtbot.waitUntil(lambda: 0.34 < plots.height() / page.height() < 0.45)
    assert page.docks["dock.layer"].width() >= 252
    shown = canvas.mapToScene(canvas.viewport().rect()).boundingRect()
    assert shown.contains(canvas.graph.content())  # all of the default network


def test_the_palette_adds_a_layer_before_it_replaces_the_network(window, qtbot):
    program = window.program
    qtbot.waitUntil(lambda: program.app_model.data is not None)
    before = program.document.spec.network
    window.findChild(QAction, "help.palette").trigger()
    palette = window.findChild(CommandPalette)
    qtbot.keyClicks(palette.findChild(QLineEdit), "dense")
    with qtbot.waitSignal(palette.chosen):
        qtbot.keyClick(palette.findChild(QLineEdit), Qt.Key.Key_Return)
    assert len(program.document.spec.network.layers) == len(before.layers) + 1


def test_what_replaces_the_network_says_so_and_offers_undo(window, qtbot):
    program = window.program
    qtbot.waitUntil(lambda: program.app_model.data is not None)
    before = program.document.spec
    commands = palette_commands(program.actions, program.app_model.info)
    texts = [command.text for command in commands if command.replaces]
    assert "Replace the Network by DenseNet121, 432 layers" in texts
    window.show_page("data")
    window.findChild(QAction, "network.template.lenet5").trigger()
    assert window.page == "studio"
    assert (
        program.notices.topic("replaced").sentence
        == "The network was replaced by LeNet-5, 10 layers."
    )
    window.panels.notice.chosen.emit("undo")
    assert program.document.spec == before
    assert program.notices.topic("replaced").sentence == ""


@pytest.mark.parametrize(("pressed", "calls"), [("Cancel", []), ("Discard", ["discarded"])])
def test_a_training_is_thrown_away_only_after_a_question(window, monkeypatch, pressed, calls):
    program, done = window.program, []
    answer = getattr(QMessageBox.StandardButton, pressed)
    monkeypatch.setattr(QMessageBox, "question", lambda *_arguments: answer)
    monkeypatch.setattr(program.training, "discard", lambda: done.append("discarded"))
    monkeypatch.setattr(type(program.worker), "is_running", True)
    program.app_model.set_training("running")
    window.findChild(QAction, "train.discard").trigger()
    assert done == calls
    program.app_model.set_training("")


def test_a_training_that_waits_for_its_data_is_taken_back_unasked(window, monkeypatch):
    monkeypatch.setattr(QMessageBox, "question", lambda *_arguments: pytest.fail("it asked"))
    window.program.app_model.set_training("waiting")
    window.findChild(QAction, "train.discard").trigger()
    assert window.program.app_model.training == ""


def test_no_project_is_opened_under_a_running_training(window, tmp_path):
    program = window.program
    here = program.project.folder
    program.app_model.set_training("running")
    other = here.path.parent / "other"
    program.project.folder.copy_to(ProjectFolder(other))
    window.files_dropped.emit((str(other),))
    program.project.open_recent(str(other))
    for change in (program.project.new, lambda: program.project.save_as(tmp_path / "copy")):
        with pytest.raises(BadInput, match="stop the training first"):
            change()
    assert program.project.folder is here
    program.app_model.set_training("")


def test_several_dropped_pictures_are_all_classified(window, monkeypatch):
    taken = []
    monkeypatch.setattr(window.program.classify, "classify_files", taken.append)
    window.files_dropped.emit(("/a.png", "/b.png"))
    assert taken == [("/a.png", "/b.png")]
    assert window.page == "classify"


@pytest.mark.parametrize("name", ["table.csv", "notes", "letter.docx"])
def test_a_dropped_file_of_no_known_kind_is_refused_where_it_was_dropped(window, name, monkeypatch):
    said = []
    monkeypatch.setattr(window, "say", said.append)
    before = window.program.document.spec
    window.show_page("data")
    window.files_dropped.emit((f"/{name}",))
    assert window.page == "data"
    assert window.program.document.spec == before
    assert said[-1].startswith(f'"{name}" is not taken: drop a picture')


@pytest.mark.parametrize(("pressed", "leaves"), [("Cancel", False), ("Lose It", True)])
def test_what_is_not_on_disk_is_asked_about_before_it_is_lost(
    window, monkeypatch, tmp_path, pressed, leaves
):
    program, asked = window.program, []

    def answer(box):
        asked.append(box.text())
        next(button for button in box.buttons() if button.text().strip("&") == pressed).click()

    monkeypatch.setattr(QMessageBox, "exec", answer)
    other = ProjectFolder(tmp_path / "other")
    other.create(program.document.spec)
    before = program.project.folder.path
    assert program.project.may_leave()
    assert asked == []  # all is on disk
    monkeypatch.setattr(program.document, "_write", refuse)
    edited = program.document.spec.training.but(seed=77)
    program.document.edit("Seed", program.document.spec.but(training=edited))
    assert window.panels.notice.sentence == "Your edits are not on disk: the disk is full."
    program.project.open(other.path)
    assert asked == ["Your edits are not on disk: the disk is full.\nThis is lost if you go on."]
    assert program.project.folder.path == (other.path if leaves else before)
    assert bool(window.panels.notice.sentence) != leaves
    program.saving.forget()
    monkeypatch.undo()
    assert program.document.save()


def refuse(_spec):
    raise JobFailed("the disk is full")


def test_the_end_of_the_session_asks_nothing_and_writes_what_it_can(window, monkeypatch):
    program = window.program
    monkeypatch.setattr(program.document, "_write", refuse)
    edited = program.document.spec.training.but(seed=78)
    program.document.edit("Seed", program.document.spec.but(training=edited))
    monkeypatch.undo()  # there is room again
    program.keep_all()
    assert program.project.folder.read().training.seed == 78
    assert program.saving.at_risk == ()


def test_weights_older_than_the_run_are_said_when_a_project_is_opened(window, qtbot):
    program = window.program
    spec, info = program.document.spec, program.app_model.info
    epochs = tuple(EpochRecord(number, number * 10, {}, 1.0) for number in (1, 30, 100))
    with qtbot.waitSignal(program.app_model.said) as said:
        program.project._on_restored((Trained("r", spec, info, None, (), {}, epochs=30), epochs))
    assert said.args[0].startswith(
        "The run came to epoch 100, but the weights on disk are those after epoch 30: go on"
    )


def test_a_small_window_stays_as_small_as_it_was_made(window, qtbot):
    window.resize(900, 600)
    with qtbot.waitExposed(window):
        window.show()
    assert (window.width(), window.height()) == (900, 600)
