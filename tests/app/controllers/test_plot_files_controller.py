"""Plots anywhere in the window are written where the user says."""

import numpy as np
import pytest
from PySide6.QtGui import QAction, QImage
from PySide6.QtSvg import QSvgRenderer

from app import bootstrap, heavy
from app.app_model import EngineFacts
from app.shell import file_dialogs
from engine.errors import JobFailed
from engine.training.diagnose.rate_range import RangeResult
from tests.patience import PATIENCE_S
from widgets.plots.plot_files import PLOT_FORMATS
from widgets.plots.plot_menu import open_menu
from widgets.plots.plot_view import PlotView


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


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Where the dialog says to write, and what it was asked with."""
    calls = []

    def save_file(parent, title, name, kinds=""):
        calls.append((parent, name, kinds))
        return tmp_path / name

    monkeypatch.setattr(file_dialogs, "save_file", save_file)
    return calls


@pytest.fixture
def said(window):
    sentences = []
    window.program.app_model.said.connect(sentences.append)
    return sentences


def fill(panels):
    panels.loss_plot.append_steps(1, np.array([2.0, 1.0]))
    panels.loss_plot.loss_chart.redraw()
    panels.classify.bars.show_result((("a", 0.75), ("b", 0.25)))
    rates = np.geomspace(1e-6, 1e-2, 3)
    panels.rate_finder.plot.show_result(RangeResult(rates, rates + 1, rates + 1, 1e-3))


def plots(panels):
    """A plot of a dock, one of a page and one of a dialog."""
    return (
        panels.loss_plot.loss_chart.plot_widget,
        panels.classify.bars,
        panels.rate_finder.plot.plot_widget,
    )


def save(plot, format_id):
    menu = open_menu(plot, plot.mapToGlobal(plot.rect().center()))
    menu.findChild(QAction, f"plot.menu.save_{format_id}").trigger()
    menu.close()


@pytest.mark.parametrize("format_id", PLOT_FORMATS)
def test_every_plot_is_written_in_every_format(qtbot, window, asked, said, tmp_path, format_id):
    fill(window.panels)
    suffix = PLOT_FORMATS[format_id].suffix
    names = []
    for plot in plots(window.panels):
        assert isinstance(plot, PlotView)
        save(plot, format_id)
        parent, name, kinds = asked[-1]
        assert parent is plot.window()
        assert suffix in kinds
        names.append(name)
        qtbot.waitUntil(lambda name=name: f'Saved the plot as "{name}".' in said)
        path = tmp_path / name
        if format_id == "png":
            assert not QImage(str(path)).isNull()
        elif format_id == "svg":
            assert QSvgRenderer(str(path)).isValid()
        else:
            assert path.read_text().count("\n") >= 2
    assert names == [f"{name}{suffix}" for name in ("loss", "classify-bars", "range")]


def test_the_table_of_the_loss_is_what_was_appended(qtbot, window, asked, said, tmp_path):
    fill(window.panels)
    save(plots(window.panels)[0], "csv")
    qtbot.waitUntil(lambda: bool(said))
    assert (
        tmp_path / "loss.csv"
    ).read_text() == "Step (batch),Batch,Smoothed\n1,2.0,2.0\n2,1.0,1.5\n"


def test_a_dialog_that_is_left_writes_nothing(window, monkeypatch, said, tmp_path):
    fill(window.panels)
    monkeypatch.setattr(file_dialogs, "save_file", lambda *_arguments: None)
    save(plots(window.panels)[0], "png")
    assert not list(tmp_path.iterdir())
    assert not said


def test_a_failed_write_is_said_and_leaves_the_old_file(
    qtbot, window, asked, said, tmp_path, monkeypatch
):
    fill(window.panels)
    (tmp_path / "loss.csv").write_text("old")

    def refuse(path, _writer):
        raise JobFailed(f'"{path.name}" was not written: the disk is full: free some space')

    monkeypatch.setattr("app.controllers.take_away.plot_files.write_with", refuse)
    save(plots(window.panels)[0], "csv")
    qtbot.waitUntil(lambda: bool(said))
    assert "the disk is full" in said[-1]
    assert (tmp_path / "loss.csv").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["loss.csv"]
