"""An answer of the Classify page is of the shown input and the shown weights, or it is grey; no TensorFlow."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QObject, Qt, QUrl, Signal
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QLabel, QPushButton, QTableView

from app import heavy
from app.app_model import AppModel
from app.classify import answering
from app.classify.newest_weights import NewestWeights
from app.controllers.judge.classifying import ClassifyController
from app.document import Document
from app.jobs import JobRunner
from engine.data.choice import describe
from engine.data.loaded import LoadedData, Part, Statistics
from engine.runs.trained import Trained
from engine.spec.data import DataSpec
from engine.templates import new_project
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunEnded, RunStarted, SnapshotTaken, StepsEnded
from tests.patience import PATIENCE_S
from widgets.classify import ClassifyPanel

NOTHING = np.zeros(0, np.float32)


class FakeWorker(QObject):
    """Stands in for the training thread: the test says what happens."""

    events_ready = Signal(object)

    def __init__(self):
        super().__init__()
        self.control = None
        self.is_running = False

    def start(self):
        self.control, self.is_running = TrainingControl(), True
        started = RunStarted("live", 9, 9, 9, 9, "cpu", 9, (), number=2)
        self.events_ready.emit((started,))

    def steps(self, last):
        self.events_ready.emit((StepsEnded("live", 1, last, {"loss": NOTHING}, {}, 0.0, 0.0, 0),))

    def snapshot(self, step, value):
        assert self.control.requests.snapshot
        self.control.snapshot_taken()
        self.events_ready.emit((SnapshotTaken("live", step, (np.float32(value),)),))

    def end(self, outcome="finished"):
        self.control, self.is_running = None, False
        self.events_ready.emit((RunEnded("live", outcome, epochs=1, steps=9, seconds=1.0),))


class Page:
    """The page over a fake training and a network that answers with its only weight and the input's sum."""

    def __init__(self, qtbot, monkeypatch, source):
        self.qtbot = qtbot
        self.gate = threading.Event()
        self.gate.set()
        self.asked = []
        monkeypatch.setattr(heavy.Classifier, "answers", self.answers)
        self.info = describe(DataSpec(reader=source))
        spec = new_project("mlp", DataSpec(reader=source), self.info, "test")
        self.document = Document(spec, lambda _spec: None)
        self.app_model, self.jobs = AppModel(), JobRunner()
        self.worker, self.panel = FakeWorker(), ClassifyPanel()
        self.controller = ClassifyController(
            self.document, self.app_model, self.jobs, self.worker, self.panel
        )
        self.app_model.set_info(self.info)
        part = Part(np.ones((1, *self.info.input_shape), np.float32), np.zeros(1))
        data = LoadedData(self.info, part, part, part, Statistics(np.zeros(1), np.ones(1)))
        self.app_model.running_spec, self.app_model.running_data = spec, data
        qtbot.addWidget(self.panel)
        self.panel.resize(1000, 700)
        with qtbot.waitExposed(self.panel):
            self.panel.show()

    def answers(self, trained, samples):
        assert self.gate.wait(PATIENCE_S)
        self.asked.append(len(samples))
        return tuple(
            ((f"{trained.weights[0]:g}:{float(sample.sum()):.1f}", 1.0),) for sample in samples
        )

    def trained(self, weight, run="past", number=1):
        return Trained(
            run, self.document.spec, self.info, None, (np.float32(weight),), {}, number=number
        )

    def shows(self, words):
        """Wait until these words are the answer, and not in grey."""
        bars = self.panel.bars
        self.qtbot.waitUntil(lambda: bars.text() == f"{words} 100.0 %" and not bars.is_old)

    def text(self, name):
        return self.panel.findChild(QLabel, name).text()

    def button(self, name):
        return self.panel.findChild(QPushButton, name)

    @property
    def cells(self):
        model = self.panel.findChild(QTableView, "classify.table").model()
        return [
            tuple(model.index(row, column).data() for column in range(3))
            for row in range(model.rowCount())
        ]


@pytest.fixture
def page_of(qtbot, monkeypatch):
    made = []

    def make(source):
        made.append(Page(qtbot, monkeypatch, source))
        return made[-1]

    yield make
    for page in made:
        page.gate.set()
        assert page.jobs.close(PATIENCE_S)


@pytest.fixture
def iris(page_of):
    return page_of("iris")


@pytest.fixture
def digits(page_of):
    return page_of("digits")


def picture(path: Path, shade=255):
    image = QImage(16, 16, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    for y in range(3, 13):
        image.setPixelColor(8, y, QColor(shade, shade, shade))
    assert image.save(str(path))
    return str(path)


@pytest.fixture
def three(tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG nothing more")
    return [picture(tmp_path / "a.png"), picture(tmp_path / "b.png"), str(broken)]


# ---- The weights ----


def test_the_answer_follows_the_training_and_says_its_iteration(iris):
    iris.app_model.set_trained(iris.trained(1))
    iris.controller.classify((1.0, 1.0, 1.0, 1.0))
    iris.shows("1:4.0")
    iris.worker.start()
    iris.worker.snapshot(463, 2)
    iris.shows("2:4.0")
    assert iris.text("classify.model").endswith("as it is in training, iteration 463")
    iris.worker.steps(1210)
    iris.qtbot.waitUntil(lambda: iris.worker.control.requests.snapshot)  # by itself
    iris.worker.snapshot(1210, 3)
    iris.shows("3:4.0")
    assert iris.text("classify.model").endswith("as it is in training, iteration 1,210")
    iris.app_model.set_trained(iris.trained(4, "live", 2))
    iris.worker.end()
    iris.shows("4:4.0")
    assert iris.text("classify.model").endswith("run 2")


def test_a_training_that_took_no_steps_is_not_asked_again(iris, qtbot):
    iris.worker.start()
    iris.worker.snapshot(0, 1)
    iris.controller.classify((1.0, 1.0, 1.0, 1.0))
    iris.shows("1:4.0")
    iris.worker.snapshot(0, 1)  # the one that every input asks for
    with qtbot.waitSignal(iris.controller._newest._timer.timeout):
        pass
    assert not iris.worker.control.requests.snapshot


def test_nobody_asks_while_the_page_is_hidden(iris):
    iris.worker.start()
    iris.worker.snapshot(0, 1)
    iris.controller.classify((1.0, 1.0, 1.0, 1.0))
    iris.shows("1:4.0")
    iris.panel.hide()
    iris.worker.snapshot(5, 2)
    iris.qtbot.waitUntil(lambda: iris.panel.bars.text().startswith("2:"))
    iris.worker.steps(9)
    assert not iris.controller._newest._timer.isActive()
    iris.panel.show()
    iris.qtbot.waitUntil(lambda: iris.worker.control.requests.snapshot)


def test_expensive_answers_come_more_rarely(iris):
    newest = iris.controller._newest
    iris.worker.start()
    iris.worker.snapshot(0, 1)
    share = iris.worker.control.requests.view_share
    paces = {}
    for cost_s in (0.0, 1.2 * share, 1000.0):
        newest.ask_later(cost_s)
        paces[cost_s] = newest._timer.interval()
    assert list(paces.values()) == [500, 1200, 2000]


def test_building_the_model_does_not_make_the_second_answer_late(iris, monkeypatch):
    costs = []
    monkeypatch.setattr(iris.controller._newest, "ask_later", costs.append)
    iris.worker.start()
    iris.worker.snapshot(0, 1)
    iris.controller.classify((1.0, 1.0, 1.0, 1.0))
    iris.shows("1:4.0")
    iris.worker.snapshot(9, 2)
    iris.shows("2:4.0")
    assert costs[0] == 0.0
    assert costs[1] > 0.0


@pytest.mark.parametrize("outcome", ["failed", "discarded"])
def test_a_run_that_leaves_nothing_gives_way_to_the_model_before(iris, outcome):
    iris.app_model.set_trained(iris.trained(1))
    iris.controller.classify((1.0, 1.0, 1.0, 1.0))
    iris.worker.start()
    iris.worker.snapshot(7, 2)
    iris.shows("2:4.0")
    iris.worker.end(outcome)
    iris.shows("1:4.0")
    assert iris.text("classify.model").endswith("run 1")


def test_an_answer_is_grey_until_the_new_weights_have_answered(iris):
    iris.app_model.set_trained(iris.trained(1))
    iris.controller.classify((1.0, 1.0, 1.0, 1.0))
    iris.shows("1:4.0")
    iris.gate.clear()
    iris.app_model.set_trained(iris.trained(2))
    assert iris.panel.bars.is_old
    iris.gate.set()
    iris.shows("2:4.0")


def test_an_edited_network_makes_the_answer_grey_and_undo_does_not(iris):
    iris.app_model.set_trained(iris.trained(1))
    iris.controller.classify((1.0, 1.0, 1.0, 1.0))
    iris.shows("1:4.0")
    spec = iris.document.spec
    iris.document.edit("Remove", spec.but(network=spec.network.but(wires=())))
    assert iris.panel.bars.is_old
    assert "run 1: the network changed since" in iris.text("classify.age")
    iris.document.undo_stack.undo()
    iris.shows("1:4.0")
    assert iris.panel.findChild(QLabel, "classify.age").isHidden()
    iris.document.edit("Data", spec.but(data=DataSpec(reader="wine")))
    assert "the data changed since" in iris.text("classify.age")
    assert iris.panel.bars.is_old


def test_what_the_network_fails_to_answer_leaves_no_answer(iris, monkeypatch):
    iris.app_model.set_trained(iris.trained(1))
    iris.controller.classify((1.0, 1.0, 1.0, 1.0))
    iris.shows("1:4.0")

    def fail(*_arguments):
        raise MemoryError

    monkeypatch.setattr(heavy.Classifier, "answers", fail)
    iris.app_model.set_trained(iris.trained(2))
    iris.qtbot.waitUntil(lambda: "memory" in iris.text("classify.message"))
    assert iris.panel.bars.isHidden()


# ---- The input ----


def test_a_changed_value_makes_the_answer_grey_and_is_answered(iris):
    iris.app_model.set_trained(iris.trained(1))
    iris.controller.classify(iris.panel.features.values())
    iris.shows("1:0.0")
    iris.gate.clear()
    field = iris.panel.findChild(QObject, "field.feature.3")
    field.selectAll()
    iris.qtbot.keyClicks(field, "2.5")
    assert iris.panel.bars.is_old
    iris.gate.set()
    iris.shows("1:2.5")


def test_what_is_no_number_leaves_the_answer_grey_and_escape_brings_it_back(iris):
    iris.app_model.set_trained(iris.trained(1))
    iris.controller.classify(iris.panel.features.values())
    iris.shows("1:0.0")
    field = iris.panel.findChild(QObject, "field.feature.3")
    field.selectAll()
    iris.qtbot.keyClicks(field, "2;5")
    iris.qtbot.waitUntil(lambda: "petal width" in iris.text("classify.message"))
    assert iris.panel.bars.is_old
    assert iris.asked == [1]
    iris.qtbot.keyClick(field, Qt.Key.Key_Escape)
    iris.shows("1:0.0")
    assert iris.text("classify.message") == ""


def test_values_are_not_answered_before_they_were_asked_for(iris):
    iris.app_model.set_trained(iris.trained(1))
    iris.panel.findChild(QObject, "field.feature.0").setValue(3.0)
    assert not iris.controller._typing.isActive()
    assert iris.asked == []


def test_fields_that_were_filled_anew_keep_no_answer_of_the_values_before(iris):
    iris.app_model.set_trained(iris.trained(1))
    iris.controller.classify((1.0, 1.0, 1.0, 1.0))
    iris.shows("1:4.0")
    assert iris.panel.features.values() == (1.0, 1.0, 1.0, 1.0)
    other = iris.info.with_input(columns=("a", "b", "c", "d"))
    iris.app_model.set_trained(replace(iris.trained(2), info=other))
    assert iris.panel.features.values() == (0.0, 0.0, 0.0, 0.0)
    assert iris.panel.bars.isHidden()
    assert not iris.jobs.is_wanted("classify")


def test_a_stroke_makes_the_answer_grey_until_the_drawing_is_answered(digits):
    digits.app_model.set_trained(digits.trained(1))
    pad, qtbot = digits.panel.pad, digits.qtbot
    qtbot.mouseClick(pad, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: digits.panel.bars.isVisible() and not digits.panel.bars.is_old)
    qtbot.mousePress(pad, Qt.MouseButton.LeftButton)
    assert digits.panel.bars.is_old
    qtbot.mouseRelease(pad, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: digits.asked == [1, 1] and not digits.panel.bars.is_old)
    qtbot.mouseClick(digits.button("classify.undo_stroke"), Qt.MouseButton.LeftButton)
    assert digits.panel.bars.is_old


def test_a_file_takes_the_drawing_away(digits, three):
    digits.app_model.set_trained(digits.trained(1))
    digits.qtbot.mouseClick(digits.panel.pad, Qt.MouseButton.LeftButton)
    digits.qtbot.waitUntil(lambda: digits.asked == [1])
    digits.controller.classify_files(three[:1])
    digits.qtbot.waitUntil(lambda: digits.asked == [1, 1])
    assert digits.panel.pad.is_empty()


def test_a_refused_picture_leaves_no_answer_of_the_one_before(digits, three):
    digits.app_model.set_trained(digits.trained(1))
    digits.controller.classify_files(three[:1])
    digits.qtbot.waitUntil(lambda: not digits.panel.bars.isHidden())
    digits.controller.classify_files(three[2:])
    digits.qtbot.waitUntil(lambda: "broken.png" in digits.text("classify.message"))
    assert digits.panel.bars.isHidden()
    assert digits.panel._source.image() is None


def test_another_project_finds_an_empty_page(digits, three):
    digits.app_model.set_trained(digits.trained(1))
    digits.qtbot.mouseClick(digits.panel.pad, Qt.MouseButton.LeftButton)
    digits.qtbot.waitUntil(lambda: digits.asked == [1])
    digits.app_model.set_trained(None)
    digits.controller.forget()
    assert digits.panel.pad.is_empty()
    assert digits.panel.bars.isHidden()
    digits.controller.classify_files(three)
    digits.qtbot.waitUntil(lambda: digits.panel.pictures.is_table_shown)
    digits.controller.forget()
    assert not digits.panel.pictures.is_table_shown
    assert digits.cells == []


# ---- Several pictures ----


def test_three_pictures_become_a_table_with_the_reason_of_the_refused(digits, three):
    digits.app_model.set_trained(digits.trained(1))
    digits.panel.files_dropped.emit(tuple(three))
    digits.qtbot.waitUntil(lambda: len(digits.cells) == 3 and digits.cells[1][2] == "100.0 %")
    names, answers, shares = zip(*digits.cells, strict=True)
    assert names == ("a.png", "b.png", "broken.png")
    assert answers[0].startswith("1:")
    assert "damaged" in answers[2] or "no picture" in answers[2]
    assert shares == ("100.0 %", "100.0 %", "")
    assert digits.text("classify.table.title") == "3 pictures"
    digits.panel.table.row_chosen.emit(2)
    assert "broken.png" in digits.text("classify.message")
    assert digits.panel.bars.isHidden()
    digits.panel.table.row_chosen.emit(1)
    assert digits.panel.bars.text() == f"{answers[1]} 100.0 %"
    assert digits.text("classify.message") == ""


def test_the_table_follows_the_training(digits, three):
    digits.worker.start()
    digits.worker.snapshot(0, 1)
    digits.controller.classify_files(three)
    digits.qtbot.waitUntil(lambda: len(digits.cells) == 3 and digits.cells[0][1].startswith("1:"))
    digits.worker.snapshot(20, 2)
    digits.qtbot.waitUntil(lambda: digits.cells[0][1].startswith("2:"))
    assert digits.cells[1][1].startswith("2:")
    assert digits.text("classify.model").endswith("iteration 20")


def test_a_table_of_an_edited_network_is_grey_and_not_saved(digits, three):
    digits.app_model.set_trained(digits.trained(1))
    digits.controller.classify_files(three)
    save = digits.button("classify.table.save")
    digits.qtbot.waitUntil(save.isEnabled)
    spec = digits.document.spec
    digits.document.edit("Remove", spec.but(network=spec.network.but(wires=())))
    assert not save.isEnabled()
    model = digits.panel.findChild(QTableView, "classify.table").model()
    colour = model.index(0, 1).data(Qt.ItemDataRole.ForegroundRole)
    digits.document.undo_stack.undo()
    assert model.index(0, 1).data(Qt.ItemDataRole.ForegroundRole) != colour
    assert save.isEnabled()


def test_rows_are_sorted_by_what_is_clicked(digits, three):
    digits.app_model.set_trained(digits.trained(1))
    digits.controller.classify_files(three)
    digits.qtbot.waitUntil(digits.button("classify.table.save").isEnabled)
    view = digits.panel.findChild(QTableView, "classify.table")
    view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert [row[0] for row in digits.cells] == ["broken.png", "b.png", "a.png"]
    view.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    assert digits.cells[0][0] == "broken.png"
    with digits.qtbot.waitSignal(digits.panel.table.row_chosen) as chosen:
        view.selectRow(0)
    assert chosen.args == [2]  # as they were given


def test_a_folder_stands_for_its_pictures_up_to_a_number_that_is_said(
    digits, tmp_path, monkeypatch
):
    monkeypatch.setattr(answering, "MOST_PICTURES", 2)
    monkeypatch.setattr("app.controllers.judge.classifying.MOST_PICTURES", 2)
    folder = tmp_path / "pictures"
    (folder / "inner").mkdir(parents=True)
    for name in ("b.png", "a.PNG", "inner/c.png"):
        picture(folder / name)
    (folder / "notes.txt").write_text("none")
    digits.app_model.set_trained(digits.trained(1))
    digits.controller.classify_files([str(folder)])
    digits.qtbot.waitUntil(lambda: len(digits.cells) == 2)
    assert [row[0] for row in digits.cells] == ["a.PNG", "b.png"]
    assert digits.text("classify.table.title") == "The first 2 of 3 pictures"


def test_a_folder_without_pictures_is_refused_in_words(digits, tmp_path):
    digits.app_model.set_trained(digits.trained(1))
    digits.controller.classify_files([str(tmp_path)])
    digits.qtbot.waitUntil(lambda: "holds no pictures" in digits.text("classify.message"))


def test_what_is_cancelled_says_so_and_the_rest_is_answered(digits, tmp_path):
    files = [picture(tmp_path / f"{n:02}.png") for n in range(40)]
    digits.app_model.set_trained(digits.trained(1))
    digits.gate.clear()
    digits.controller.classify_files(files)
    digits.qtbot.waitUntil(lambda: len(digits.cells) == 40)
    cancel = digits.button("classify.table.cancel")
    digits.qtbot.waitUntil(cancel.isVisible)
    digits.qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    digits.gate.set()
    assert {row[1] for row in digits.cells} == {"cancelled: drop it again for an answer"}
    assert cancel.isHidden()
    digits.app_model.set_trained(digits.trained(2))
    assert digits.cells[0][1].startswith("cancelled")


def test_the_table_is_written_as_csv(digits, three, tmp_path):
    digits.app_model.set_trained(digits.trained(1, number=3))
    digits.controller.classify_files(three)
    digits.qtbot.waitUntil(digits.button("classify.table.save").isEnabled)
    digits.controller._table.save(tmp_path / "answers.csv")
    lines = (tmp_path / "answers.csv").read_text().splitlines()
    assert lines[0] == "file,answer,value,refused,model,iteration"
    assert lines[1] == f'{three[0]},{digits.cells[0][1]},1,,"Handwritten digits, run 3",'
    assert lines[3].startswith(f"{three[2]},,,")
    digits.controller._table.save(tmp_path / "none" / "answers.csv")
    assert digits.text("classify.table.problem") != ""


def test_files_on_the_clipboard_are_all_taken(digits, three):
    digits.app_model.set_trained(digits.trained(1))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path) for path in three])
    QGuiApplication.clipboard().setMimeData(mime)
    digits.controller.paste()
    digits.qtbot.waitUntil(lambda: len(digits.cells) == 3)
    QGuiApplication.clipboard().clear()


def test_a_page_made_during_a_training_follows_it(iris):
    iris.app_model.set_trained(iris.trained(1.0))
    iris.worker.start()
    iris.app_model.running_number = 2
    late = NewestWeights(iris.app_model, iris.worker)
    assert late.current.trained.run == "past"
    iris.worker.snapshot(3, 5.0)
    assert (late.current.step, late.current.trained.number) == (3, 2)
