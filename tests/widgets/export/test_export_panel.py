from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QWidget

from widgets.base.theme import DARK, LIGHT
from widgets.export.panel import ExportPanel, report_rows, size_text

FORMATS = (
    ("keras", "Keras model", "One file.", ".keras"),
    ("saved_model", "SavedModel folder", "A folder.", ""),
    ("weights", "Weights only", "Numbers.", ".weights.h5"),
)


@dataclass(frozen=True)
class Report:
    format: str = "keras"
    path: Path = Path("digits.keras")
    bytes: int = 1_434_567
    samples: int = 256
    max_abs_difference: float = 1.2e-7
    agreement: float = 1.0
    milliseconds: float = 0.0813


@pytest.fixture
def panel(qtbot):
    panel = ExportPanel()
    qtbot.addWidget(panel)
    panel.show_formats(FORMATS)
    return panel


@pytest.fixture
def asked(panel):
    made = []
    panel.export_requested.connect(lambda *args: made.append(("export", *args)))
    panel.browse_requested.connect(lambda *args: made.append(("browse", *args)))
    return made


def part(panel, name):
    found = panel.findChild(QWidget, name)
    assert found is not None, name
    return found


def test_an_export_is_asked_for_with_format_and_path(panel, asked):
    assert panel.objectName() == "page.export"
    part(panel, "field.export.format.weights").click()
    panel.show_path("  out/numbers.weights.h5 ")
    part(panel, "export.start").click()
    part(panel, "export.browse").click()
    assert asked == [("export", "weights", "out/numbers.weights.h5"), ("browse", "weights")]


def test_enter_in_the_path_exports(panel, asked, qtbot):
    qtbot.keyClicks(part(panel, "field.export.path"), "a.keras")
    qtbot.keyClick(part(panel, "field.export.path"), Qt.Key.Key_Return)
    assert asked == [("export", "keras", "a.keras")]


def test_the_ending_follows_the_format(panel, asked):
    panel.show_path("digits.keras")
    path = part(panel, "field.export.path")
    part(panel, "field.export.format.weights").click()
    assert path.text() == "digits.weights.h5"
    part(panel, "field.export.format.saved_model").click()
    assert path.text() == "digits"
    part(panel, "field.export.format.keras").click()
    assert path.text() == "digits.keras"
    assert asked == []


@pytest.mark.parametrize(
    ("ready", "path", "running", "word"),
    [
        (False, "a.keras", False, "Train the network first."),
        (True, "", False, "Choose where"),
        (True, "a.keras", True, "fresh process"),
    ],
)
def test_a_disabled_export_says_why(panel, asked, qtbot, ready, path, running, word):
    panel.show_path(path)
    panel.set_ready(ready, "Train the network first.")
    panel.set_running(running)
    assert not part(panel, "export.start").isEnabled()
    assert word in part(panel, "export.status").text()
    assert word in part(panel, "export.start").toolTip()
    assert part(panel, "export.progress").isVisibleTo(panel) == running
    qtbot.keyClick(part(panel, "field.export.path"), Qt.Key.Key_Return)
    assert asked == []


def test_nothing_can_be_changed_while_an_export_is_under_way(panel, qtbot):
    panel.show_path("a.keras")
    names = ("field.export.path", "export.browse", "field.export.format.weights")
    cancel = part(panel, "export.cancel")
    assert not cancel.isVisibleTo(panel)
    panel.set_running(True)
    assert not any(part(panel, name).isEnabled() for name in names)
    with qtbot.waitSignal(panel.cancel_requested):
        cancel.click()
    panel.show_cancelling()
    assert not cancel.isEnabled()
    panel.set_running(False)
    assert all(part(panel, name).isEnabled() for name in names)
    assert not cancel.isVisibleTo(panel)
    panel.set_running(True)
    assert cancel.isEnabled()


def test_a_report_names_its_model_and_grows_old(panel):
    panel.show_report(Report(), "Digits, run 3")
    assert part(panel, "export.report.model").text() == "Digits, run 3"
    assert part(panel, "export.report.age").isHidden()
    panel.set_report_age("An earlier export: the network changed since.")
    assert part(panel, "export.report.age").isVisibleTo(panel)
    verdict = part(panel, "export.report.verdict")
    assert verdict.foregroundRole() == QPalette.ColorRole.PlaceholderText
    assert LIGHT.good not in panel.styleSheet()
    panel.show_report(Report(), "Digits, run 4")
    assert part(panel, "export.report.age").isHidden()
    assert verdict.foregroundRole() == QPalette.ColorRole.WindowText


def test_a_report_and_a_message_come_and_go(panel):
    panel.show_message("The folder is gone: choose another.")
    assert part(panel, "export.message").isVisibleTo(panel)
    panel.show_report(Report())
    assert not part(panel, "export.message").isVisibleTo(panel)
    assert part(panel, "export.report").isVisibleTo(panel)
    assert part(panel, "export.report.size").text() == "1.4 MB"
    assert part(panel, "export.report.agreement").text() == "100.00% of the samples"
    panel.show_report(None)
    assert not part(panel, "export.report").isVisibleTo(panel)


def test_the_verdict_holds_what_was_measured():
    assert report_rows(Report())["verdict"] == "The exported file gives the same answers."
    assert "almost" in report_rows(Report(agreement=0.995))["verdict"]


def test_formats_can_be_shown_again(panel, asked):
    panel.show_formats(FORMATS[1:])
    assert panel.format() == "saved_model"
    assert panel.findChild(QWidget, "field.export.format.keras") is None
    assert asked == []


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2e9, "2.0 GB")]
)
def test_sizes_in_words(count, text):
    assert size_text(count) == text


def test_a_theme_colours_the_result_card(panel):
    panel.show_report(Report())
    panel.resize(600, 700)
    panel.show()
    for theme in (LIGHT, DARK):
        panel.set_theme(theme)
        card = part(panel, "export.report")
        picture = card.grab().toImage()
        scale = picture.devicePixelRatio()
        colour = picture.pixelColor(int(1 * scale), int(card.height() / 2 * scale))
        assert colour.name() == theme.good
