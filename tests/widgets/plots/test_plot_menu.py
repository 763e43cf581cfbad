"""The menu of every plot, and what it writes."""

import csv
import gc
import io
import weakref

import numpy as np
import pytest
from pyqtgraph.exporters import CSVExporter
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QImage,
    QMouseEvent,
    QPainter,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QMenu, QWidget

from engine.probes.activations import layer_output
from engine.training.diagnose.rate_range import RangeResult, smooth
from widgets.activations import ActivationsPanel
from widgets.base.theme import DARK, LIGHT
from widgets.classify import ProbabilityBars
from widgets.data.class_bars import ClassBars, PartCounts
from widgets.forms.activation_graph import ActivationGraph
from widgets.forms.loss_graph import LossGraph
from widgets.plots import FilterGrid, HeatmapView, HistogramView, LossPlot
from widgets.plots.colours import mixed
from widgets.plots.generated import GeneratedPanel
from widgets.plots.plot_files import PLOT_FORMATS, PlotExportRequested, file_name, write_pieces
from widgets.plots.plot_menu import MOST_COPIED_ROWS, open_menu
from widgets.plots.plot_view import PlotView
from widgets.plots.range_plot import RangePlot
from widgets.plots.rate_plot import RatePlot

# Whoever is around a plot may have the button too.
pytestmark = pytest.mark.qt_log_ignore("Mouse event .* not accepted")
LOSSES = np.array([2.0, 1.5, 1.25, 0.5], np.float32)


def loss():
    made = LossPlot()
    made.append_steps(1, LOSSES)
    made.append_figures(4, 1, {"val_loss": 0.75, "accuracy": 0.5})
    made.append_running(4, {}, 0.001)
    for chart in (made.loss_chart, made.metrics_chart, made.rate_chart):
        chart.redraw()
    return made


def heatmap():
    made = HeatmapView()
    made.setObjectName("plot.weights.kernel")
    made.show_values([[1.0, -2.0], [0.5, 0.0]])
    return made


def histogram():
    made = HistogramView()
    made.setObjectName("plot.histogram.kernel")
    made.show_counts(np.array([3, 0, 5]), 0.0, 3.0, 1.5, 1.0)
    return made


def filters():
    made = FilterGrid()
    made.setObjectName("plot.weights.filters")
    made.show_kernel(np.float32([-1.0, 0.25, 1.0, 0.5]).reshape(1, 2, 1, 2))
    return made


def generated_points():
    made = GeneratedPanel()
    made.show_real_points(np.float32([[1.0, 2.0], [0.0, 0.0]]))
    made.show_points(np.float32([[0.5, 0.25]]), 10)
    return made


def generated_pictures():
    made = GeneratedPanel()
    made.show_real_pictures(np.uint8([[[255, 0, 1], [0, 7, 2]]]))
    return made


def activations():
    made = ActivationsPanel()
    output = layer_output("dense", [np.float32([1.0, -2.0, 0.5])], made.size_px)
    made.show_output(output, "run 3")
    return made


def rate_range():
    made = RangePlot()
    rates = np.geomspace(1e-7, 1e-1, 4)
    made.show_result(RangeResult(rates, LOSSES.astype(float), smooth(LOSSES.astype(float)), 1e-3))
    return made


def schedule():
    made = RatePlot()
    made.show_rates(np.float32([0.1, 0.05, 0.01, 0.001]), 2)
    return made


def activation():
    made = ActivationGraph()
    made.show_kind("relu")
    return made


def loss_function():
    made = LossGraph()
    made.show_kind("MeanSquaredError")
    return made


def classes():
    made = ClassBars()
    made.set_theme(LIGHT)
    made.show_counts(
        ("cat", "<b>dog"), (PartCounts("training", (60, 20)), PartCounts("test", (4, 2)))
    )
    return made


def probabilities():
    made = ProbabilityBars()
    made.show_result((("a", 0.75), ("b", 0.25)))
    return made


PLOTS = {
    made.__name__: made
    for made in (
        loss, heatmap, histogram, filters, rate_range, schedule, activation, loss_function, classes, probabilities,
        generated_points, generated_pictures, activations,
    )
}  # fmt: skip
WITH_LOG = {"loss", "histogram", "rate_range", "schedule"}
WITHOUT_FIT = {"classes", "probabilities"}
TABLES = {
    "loss": [["Step (batch)", "Batch", "Smoothed", "Validation"], ["1", "2.0", "2.0", ""]],
    "heatmap": [["row", "0", "1"], ["0", "1.0", "-2.0"], ["1", "0.5", "0.0"]],
    "histogram": [
        ["from", "to", "count"],
        ["0.0", "1.0", "3"],
        ["1.0", "2.0", "0"],
        ["2.0", "3.0", "5"],
    ],
    "filters": [
        ["filter", "depth", "row", "0", "1"],
        ["0", "0", "0", "-1.0", "1.0"],
        ["1", "0", "0", "0.25", "0.5"],
    ],
    "generated_points": [
        ["Real: x", "Real", "Generated: x", "Generated"],
        ["1.0", "2.0", "0.5", "0.25"],
    ],
    "activations": [["unit", "value"], ["0", "1.0"]],
    "generated_pictures": [
        ["row", "red 0", "red 1", "green 0", "green 1", "blue 0", "blue 1"],
        ["0", "255", "0", "0", "7", "1", "2"],
    ],
    "rate_range": [["Learning rate", "Batch", "Smoothed"], ["1e-07", "2.0", "2.0"]],
    "schedule": [["step", "epoch", "learning rate"], ["0", "0.0", "0.1"], ["1", "0.5", "0.05"]],
    "activation": [["x", "relu"], ["-4.0", "0.0"]],
    "loss_function": [["x", "MeanSquaredError"], ["-3.0", "9.0"]],
    "classes": [["name", "training", "test"], ["cat", "60", "4"], ["<b>dog", "20", "2"]],
    "probabilities": [["name", "probability"], ["a", "0.75"], ["b", "0.25"]],
}


@pytest.fixture(params=PLOTS)
def name(request):
    return request.param


@pytest.fixture
def widget(qtbot, name):
    made = PLOTS[name]()
    qtbot.addWidget(made)
    made.resize(420, max(200, made.sizeHint().height()))
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def plot(widget):
    return plot_of(widget)


@pytest.fixture
def menu(qtbot, plot):
    made = open_menu(plot, plot.mapToGlobal(plot.rect().center()))
    yield made
    made.close()


def choose(menu, item):
    action = menu.findChild(QAction, f"plot.menu.{item}")
    assert action is not None, item
    action.trigger()


def plot_of(widget):
    if isinstance(widget, LossPlot):
        return widget.loss_chart.plot_widget
    if isinstance(widget, GeneratedPanel):
        return next(plot for plot in widget.findChildren(PlotView) if plot.isVisibleTo(widget))
    return widget if isinstance(widget, PlotView) else widget.findChild(PlotView)


def right_click(plot):
    at = plot.viewport().rect().center()
    QTest.mouseMove(plot.viewport(), at)
    QTest.mouseClick(plot.viewport(), Qt.MouseButton.RightButton, pos=at)


def opened(plot):
    return [menu for menu in plot.findChildren(QMenu, "plot.menu") if menu.isVisible()]


def test_a_right_click_offers_what_the_plot_can_do(plot, name):
    right_click(plot)
    (menu,) = opened(plot)
    names = [action.objectName() for action in menu.actions() if not action.isSeparator()]
    wanted = ["fit"] * (name not in WITHOUT_FIT) + ["log"] * (name in WITH_LOG)
    wanted += ["copy", "save_png", "save_svg", "save_csv"]
    assert names == [f"plot.menu.{each}" for each in wanted]
    menu.close()


def test_the_keyboard_opens_the_menu(plot):
    at = plot.viewport().rect().center()
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Keyboard, at, plot.viewport().mapToGlobal(at)
    )
    QApplication.sendEvent(plot.viewport(), event)
    menus = opened(plot)
    assert len(menus) == 1
    menus[0].close()


def test_the_button_that_begins_to_zoom_opens_no_menu(plot, name):
    viewport = plot.viewport()
    button, place = Qt.MouseButton.RightButton, QPointF(viewport.rect().center())
    before = plot.getPlotItem().getViewBox().viewRange()

    def send(kind, buttons):
        at = viewport.mapToGlobal(place)
        event = QMouseEvent(kind, place, at, button, buttons, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(viewport, event)

    send(QEvent.Type.MouseButtonPress, button)
    for _ in range(12):
        place += QPointF(5, 5)
        send(QEvent.Type.MouseMove, button)
    send(QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton)
    assert (plot.getPlotItem().getViewBox().viewRange() == before) == (name in WITHOUT_FIT)
    assert not opened(plot)


def test_values_are_copied_as_a_table(menu, name):
    choose(menu, "copy")
    rows = list(csv.reader(io.StringIO(QGuiApplication.clipboard().text()), delimiter="\t"))
    assert rows[: len(TABLES[name])] == TABLES[name]


@pytest.mark.parametrize("name", sorted(PLOTS.keys() - WITHOUT_FIT))
def test_fit_shows_everything_again(plot, menu):
    view_box = plot.getPlotItem().getViewBox()
    before = view_box.viewRange()
    view_box.scaleBy((0.5, 0.5))
    view_box.sigRangeChangedManually.emit([True, True])
    assert view_box.viewRange()[0] != pytest.approx(before[0])
    choose(menu, "fit")
    QCoreApplication.processEvents()
    for found, wanted in zip(view_box.viewRange(), before, strict=True):
        assert found == pytest.approx(wanted, abs=0.05 * (wanted[1] - wanted[0]))


@pytest.mark.parametrize("name", sorted(WITH_LOG))
def test_log_scale_spaces_values_by_powers_of_ten(plot, menu, name):
    axis = plot.getPlotItem().getAxis("left")
    assert not axis.logMode
    choose(menu, "log")
    QCoreApplication.processEvents()
    assert axis.logMode
    highest = {"loss": 2.0, "histogram": 5, "rate_range": 2.0, "schedule": 0.1}[name]
    low, high = plot.getPlotItem().getViewBox().viewRange()[1]
    assert low < np.log10(highest) < high < np.log10(highest) + 1
    again = open_menu(plot, plot.mapToGlobal(plot.rect().center()))
    assert again.findChild(QAction, "plot.menu.log").isChecked()
    choose(again, "log")
    QCoreApplication.processEvents()
    assert not axis.logMode
    again.close()


def test_the_menu_and_the_tools_of_the_loss_agree(qtbot):
    made = loss()
    qtbot.addWidget(made)
    box = made.findChild(QCheckBox, "field.log_scale")
    menu = open_menu(made.loss_chart.plot_widget, made.mapToGlobal(made.rect().center()))
    choose(menu, "log")
    assert box.isChecked()
    menu.close()


def test_too_many_rows_to_copy_are_to_be_saved(qtbot):
    made = loss()
    qtbot.addWidget(made)
    made.append_steps(1, np.ones(MOST_COPIED_ROWS + 1))
    menu = open_menu(made.loss_chart.plot_widget, made.mapToGlobal(made.rect().center()))
    copy = menu.findChild(QAction, "plot.menu.copy")
    assert not copy.isEnabled()
    assert "CSV" in copy.toolTip()
    menu.close()


# ---- Files ----


class Host(QWidget):
    """Takes what plots inside ask for."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def customEvent(self, event):
        if isinstance(event, PlotExportRequested):
            event.accept()
            self.asked.append((event.plot, event.format_id))


def test_a_request_reaches_the_window_around(qtbot, plot, widget, menu):
    for format_id in PLOT_FORMATS:
        choose(menu, f"save_{format_id}")  # nobody is there to take it
    host, other = Host(), Host()
    qtbot.addWidget(other)
    host.setParent(other)
    between = QWidget(host)
    widget.setParent(between)
    for format_id in PLOT_FORMATS:
        choose(menu, f"save_{format_id}")
    assert host.asked == [(plot, format_id) for format_id in PLOT_FORMATS]
    assert not other.asked
    widget.setParent(None)


def written(plot, format_id, folder):
    path = folder / f"{file_name(plot)}{PLOT_FORMATS[format_id].suffix}"
    write_pieces(path, PLOT_FORMATS[format_id].take(plot))
    return path


FRONT = {
    "loss": LIGHT.series[0], "heatmap": LIGHT.negative, "rate_range": LIGHT.series[0],
    "histogram": mixed(LIGHT.series[0], LIGHT.surface, 0.55), "schedule": LIGHT.accent,
    "activation": LIGHT.accent, "loss_function": LIGHT.accent, "classes": LIGHT.series[0],
    "probabilities": LIGHT.accent, "filters": LIGHT.negative,
    "generated_points": LIGHT.series[1], "generated_pictures": "#ff0001",
    "activations": LIGHT.positive,
}  # fmt: skip


def colours(image):
    """Every colour of an image."""
    packed = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(packed.constBits(), np.uint32, packed.sizeInBytes() // 4)
    return {QColor.fromRgb(int(pixel)).name() for pixel in np.unique(pixels)}


def test_a_picture_is_twice_as_fine_as_the_screen(plot, name, tmp_path):
    image = QImage(str(written(plot, "png", tmp_path)))
    box = plot.getPlotItem().sceneBoundingRect()
    assert image.width() == pytest.approx(2 * box.width(), abs=2)
    assert image.height() == pytest.approx(2 * box.height(), abs=2)
    assert {FRONT[name], LIGHT.window if name == "filters" else LIGHT.surface} <= colours(image)


def test_a_drawing_shows_the_same(plot, name, tmp_path):
    path = written(plot, "svg", tmp_path)
    renderer = QSvgRenderer(str(path))
    assert renderer.isValid()
    image = QImage(renderer.defaultSize(), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    assert {FRONT[name], LIGHT.window if name == "filters" else LIGHT.surface} <= colours(image)


def test_the_curves_of_a_drawing_are_lines(qtbot, tmp_path):
    made = loss()
    qtbot.addWidget(made)
    text = written(made.loss_chart.plot_widget, "svg", tmp_path).read_text()
    assert "<image" not in text
    assert f'stroke="{LIGHT.series[1]}"' in text


def test_after_a_file_the_screen_is_as_before(plot, tmp_path):
    before = plot.grab().toImage()
    for format_id in PLOT_FORMATS:
        written(plot, format_id, tmp_path)
    assert plot.grab().toImage() == before


def test_a_table_has_all_numbers(plot, name, tmp_path):
    rows = list(csv.reader(io.StringIO(written(plot, "csv", tmp_path).read_text())))
    assert rows[: len(TABLES[name])] == TABLES[name]
    if name == "loss":
        assert [row[1] for row in rows[1:]] == ["2.0", "1.5", "1.25", "0.5"]
        assert [row[3] for row in rows[1:]] == ["", "", "", "0.75"]


def test_a_table_holds_what_was_shown_when_it_was_taken(qtbot, tmp_path):
    made = loss()
    qtbot.addWidget(made)
    pieces = PLOT_FORMATS["csv"].take(made.loss_chart.plot_widget)
    made.append_steps(2, np.full(9, 7.0))
    write_pieces(tmp_path / "loss.csv", pieces)
    assert "7.0" not in (tmp_path / "loss.csv").read_text()


def test_smoothed_losses_are_written_as_they_are_shown(qtbot, tmp_path):
    made = loss()
    qtbot.addWidget(made)
    losses = np.random.default_rng(0).random(400).astype(np.float32)
    made.append_steps(1, losses)
    made.loss_chart.redraw()
    path = written(made.loss_chart.plot_widget, "csv", tmp_path)
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert float(rows[399]["Smoothed"]) == pytest.approx(losses[370:].mean())
    assert float(rows[9]["Smoothed"]) == pytest.approx(losses[:10].mean())


def test_epochs_on_the_axis_are_epochs_in_the_table(qtbot, tmp_path):
    made = loss()
    qtbot.addWidget(made)
    made.loss_chart.set_epochs(2, on_axis=True)
    path = written(made.loss_chart.plot_widget, "csv", tmp_path)
    rows = list(csv.reader(io.StringIO(path.read_text())))
    assert [row[0] for row in rows] == ["Epoch", "0.5", "1.0", "1.5", "2.0"]


def test_a_dark_plot_is_written_dark(qtbot, tmp_path):
    made = heatmap()
    qtbot.addWidget(made)
    made.set_theme(DARK)
    assert DARK.surface in colours(QImage(str(written(made.plot_widget, "png", tmp_path))))


def test_files_are_named_after_their_plots(qtbot):
    names = set()
    for make in PLOTS.values():
        made = make()
        qtbot.addWidget(made)
        names.add(file_name(plot_of(made)))
    assert {"loss", "weights-kernel", "histogram-kernel", "range", "schedule", "function"} <= names


# ---- pyqtgraph ----


def test_curves_are_read_as_any_item_of_pyqtgraph(qtbot, tmp_path):
    made = loss()
    qtbot.addWidget(made)
    item = made.loss_chart.plot
    batch, smoothed, validation = item.listDataItems()
    assert [each.name() for each in (batch, smoothed, validation)] == [
        "Batch",
        "Smoothed",
        "Validation",
    ]
    steps, values = batch.getData()
    assert steps.tolist() == [1, 2, 3, 4]
    assert values.tolist() == LOSSES.tolist()
    assert batch.dataBounds(0) == (1.0, 4.0)
    assert batch.dataBounds(1) == (0.5, 2.0)
    CSVExporter(item).export(str(tmp_path / "loss.csv"))
    with (tmp_path / "loss.csv").open() as stream:
        rows = list(csv.reader(stream))
    assert rows[0][:2] == ["Batch_x", "Batch_y"]
    assert [float(row[1]) for row in rows[1:]] == LOSSES.tolist()


def test_a_heatmap_is_an_image_with_a_table_of_colours(qtbot):
    made = heatmap()
    qtbot.addWidget(made)
    image = made.plot_widget.image
    assert image in made.plot.items
    assert image.image.dtype == np.uint8
    assert image.axisOrder == "row-major"
    assert image.lut.shape == (256, 3)


# ---- Nothing is left ----


def test_a_plot_whose_menu_was_opened_is_collected(qtbot, name):
    widget = PLOTS[name]()
    widget.show()
    plot = plot_of(widget)
    menu = open_menu(plot, plot.mapToGlobal(plot.rect().center()))
    choose(menu, "copy")
    for row in PLOT_FORMATS.values():
        row.take(plot)
    menu.close()
    widget.hide()
    left = [weakref.ref(each) for each in (widget, plot, plot.getPlotItem(), menu)]
    widget.deleteLater()
    del widget, plot, menu
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()
    gc.collect()
    assert [each() for each in left] == [None] * len(left)
