"""Exporting: under way, cancelled, and what the report is of; no TensorFlow."""

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from app import heavy
from app.app_model import AppModel
from app.controllers.take_away.exporting import ExportController
from app.document import Document
from app.jobs import Job, JobRunner
from app.settings import SettingsFile
from engine.data.choice import describe
from engine.errors import Cancelled
from engine.export.report import ExportReport
from engine.runs.trained import Trained
from engine.spec.data import DataSpec
from engine.templates import new_project
from tests.patience import PATIENCE_S
from widgets.export.panel import ExportPanel


class Page:
    """The page over an export that ends when the test says so."""

    def __init__(self, qtbot, monkeypatch, folder):
        self.gate = threading.Event()
        monkeypatch.setattr(heavy, "export_model", self.export)
        SettingsFile().write(SettingsFile().read().but(last_folder=str(folder)))
        data = DataSpec(reader="digits")
        self.info = describe(data)
        self.document = Document(new_project("mlp", data, self.info, "Mine"), lambda _spec: None)
        self.app_model, self.jobs, self.panel = AppModel(), JobRunner(), ExportPanel()
        qtbot.addWidget(self.panel)
        self.controller = ExportController(self.document, self.app_model, self.jobs, self.panel)
        self.app_model.set_info(self.info)
        self.app_model.set_trained(self.trained(3))
        self.controller.suggest_place()

    def trained(self, number):
        return Trained(f"r{number}", self.document.spec, self.info, None, (), {}, number=number)

    def export(self, _trained, form, path, _data, _overwrite, cancelled):
        while not self.gate.wait(0.01):
            if cancelled():
                raise Cancelled("The export was cancelled: nothing was written.")
        return ExportReport(form, path, 1000, 64, 0.0, 1.0, 0.1, 0.1, 32)

    def part(self, name):
        found = self.panel.findChild(QWidget, name)
        assert found is not None, name
        return found

    def text(self, name):
        return self.part(name).text()

    def is_shown(self, name):
        return self.part(name).isVisibleTo(self.panel)

    def finish(self, qtbot):
        self.part("export.start").click()
        self.gate.set()
        qtbot.waitUntil(lambda: self.is_shown("export.report"))


@pytest.fixture
def page(qtbot, monkeypatch, tmp_path):
    made = Page(qtbot, monkeypatch, tmp_path)
    yield made
    made.gate.set()
    assert made.jobs.close(PATIENCE_S)


def test_an_export_lets_the_checks_of_the_network_go_on(page, qtbot):
    page.part("export.start").click()
    done = []
    page.jobs.submit("engine", Job("shapes", "", lambda _job: 1, done.append, done.append))
    qtbot.waitUntil(lambda: done == [1])
    assert page.is_shown("export.progress")


def test_a_cancelled_export_says_that_nothing_was_written(page, qtbot):
    page.part("export.start").click()
    page.part("export.cancel").click()
    assert not page.part("export.start").isEnabled()  # until it is over
    qtbot.waitUntil(lambda: "nothing was written" in page.text("export.message"))
    assert page.part("export.start").isEnabled()
    assert not page.is_shown("export.report")


def test_the_report_names_model_project_and_file(page, qtbot, tmp_path):
    page.finish(qtbot)
    assert page.text("export.report.model") == "Handwritten digits, run 3 (project Mine)"
    assert page.text("export.report.path") == str(tmp_path / "Mine.keras")
    assert not page.is_shown("export.report.age")


def test_the_report_is_old_once_the_network_is_another(page, qtbot):
    page.finish(qtbot)
    spec = page.document.spec
    page.document.edit("Cut", spec.but(network=spec.network.but(wires=())))
    assert page.text("export.report.age") == "An earlier export: the network changed since."
    assert "an old one: the network changed since" in page.text("export.age")
    page.document.undo_stack.undo()
    assert not page.is_shown("export.report.age")
    assert not page.is_shown("export.age")
    page.app_model.set_trained(page.app_model.trained)  # a discarded run gives the model back
    assert not page.is_shown("export.report.age")
    page.app_model.set_trained(page.trained(4))
    assert page.text("export.report.age") == "An earlier export: there is another model by now."
    assert page.text("export.model") == "Model: Handwritten digits, run 4"


def test_another_project_finds_no_report(page, qtbot):
    page.finish(qtbot)
    page.app_model.set_trained(None)
    page.controller.forget()
    assert not page.is_shown("export.report")
    assert not page.is_shown("export.model")


def test_the_place_of_a_running_export_stays(page, tmp_path):
    page.part("export.start").click()
    page.panel.show_path("elsewhere.keras")
    page.controller.suggest_place()
    assert page.text("field.export.path") == "elsewhere.keras"
    assert Path(page.text("field.export.path")) != tmp_path / "Mine.keras"
