"""The live plot: what it shows, and how often."""

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QPushButton, QSlider, QTabBar, QToolButton
from shiboken6 import isValid

from widgets.base.theme import DARK, LIGHT
from widgets.plots import LossPlot
from widgets.plots.chart import Chart
from widgets.plots.legend import common_start
from widgets.plots.loss import HINT


@pytest.fixture
def plot(qtbot):
    made = LossPlot()
    qtbot.addWidget(made)
    made.resize(1000, 320)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def redraws(monkeypatch):
    """Names of the charts drawn so far."""
    drawn = []
    real = Chart.redraw

    def counted(self):
        drawn.append(self.objectName())
        real(self)

    monkeypatch.setattr(Chart, "redraw", counted)
    return drawn


def wait_drawn(qtbot, plot, step):
    def has_step():
        x, _ = plot.loss_chart.drawn("smoothed")
        assert len(x)
        assert x[-1] == step

    qtbot.waitUntil(has_step)


def colours(plot):
    """Every colour on the chart of the loss."""
    picture = plot.loss_chart.plot_widget.grab().toImage()
    return {
        picture.pixelColor(x, y).name()
        for x in range(0, picture.width(), 3)
        for y in range(picture.height())
    }


def child(plot, kind, name):
    found = plot.findChild(kind, name)
    assert found is not None, name
    return found


def test_the_first_frame_shows_the_losses(qtbot, plot):
    plot.start(1, 40)
    plot.append_steps(1, np.linspace(2.3, 1.4, 40, dtype=np.float32))
    wait_drawn(qtbot, plot, 40)
    assert LIGHT.series[0] in colours(plot)


def test_an_empty_plot_says_what_to_do(plot):
    assert plot.is_empty()
    assert HINT in plot.findChild(object, "plot.loss.hint").text()
    plot.start(2, 10)
    assert plot.is_empty()
    assert "20" in plot.findChild(object, "plot.loss.hint").text()
    plot.clear()
    assert plot.findChild(object, "plot.loss.hint").text() == HINT


def test_the_screen_never_loses_the_best_or_worst_batch(qtbot, plot):
    losses = np.random.default_rng(0).gamma(3, 0.2, 50_000).astype(np.float32)
    losses[31_234], losses[7] = 91.5, 1e-6
    plot.start(10, 5000)
    for first in range(0, 50_000, 500):
        plot.append_steps(first + 1, losses[first : first + 500])
    wait_drawn(qtbot, plot, 50_000)
    x, y = plot.loss_chart.drawn("batch")
    assert (y.min(), y.max()) == (np.float32(1e-6), 91.5)
    assert len(x) < 8000
    assert not plot.is_empty()
    steps, values = plot.points()
    assert np.array_equal(values, losses)
    assert steps[[0, -1]].tolist() == [1, 50_000]


def test_appends_are_drawn_together(qtbot, plot, redraws):
    plot.append_steps(1, [1.0])
    wait_drawn(qtbot, plot, 1)
    redraws.clear()
    for step in range(2, 302):
        plot.append_steps(step, [1.0])
    assert not redraws
    wait_drawn(qtbot, plot, 301)
    assert redraws.count("plot.metrics") <= 2


def test_a_hidden_plot_is_not_drawn_until_it_is_shown(qtbot, plot, redraws):
    plot.append_steps(1, [1.0])
    wait_drawn(qtbot, plot, 1)
    plot.hide()
    redraws.clear()
    plot.append_steps(2, [2.0])
    qtbot.waitUntil(lambda: not plot._timer.isActive())
    assert not redraws
    plot.show()
    wait_drawn(qtbot, plot, 2)


def test_a_detached_plot_keeps_what_happens_and_draws_it_when_attached(qtbot, plot, redraws):
    plot.append_steps(1, [1.0])
    wait_drawn(qtbot, plot, 1)
    qtbot.waitUntil(lambda: not plot._timer.isActive())
    plot._rest.now()  # nothing is owed from before
    plot.set_attached(False)
    redraws.clear()
    plot.append_steps(2, [2.0])
    assert not plot._timer.isActive()
    assert not redraws
    plot.set_attached(True)
    wait_drawn(qtbot, plot, 2)


def test_a_growing_run_leaves_the_axes_alone_most_of_the_time(plot):
    """Axes cost several times what the curves cost."""
    ranges = []
    plot.loss_chart.plot.getViewBox().sigRangeChanged.connect(lambda *_: ranges.append(1))
    losses = np.random.default_rng(0).random(1000)
    for first in range(0, 100_000, 1000):
        plot.append_steps(first + 1, losses)
        plot.loss_chart.redraw()
    assert len(ranges) < 40
    (left, right), (low, high) = plot.loss_chart.plot.getViewBox().viewRange()
    assert left < 1
    assert 100_000 < right < 125_000
    assert low < losses.min() < losses.max() < high


def test_what_is_drawn_does_not_grow_with_the_run(plot):
    """Ten million steps are read and drawn as a thousand are; the best and the worst are there."""
    losses = np.random.default_rng(0).random(2_500_000).astype(np.float32)
    drawn = {}
    for first in range(0, 10_000_000, len(losses)):
        plot.append_steps(first + 1, losses)
    plot.append_steps(10_000_001, [-7.0, 9.0, 0.5])
    for name in ("batch", "smoothed"):
        plot.loss_chart.redraw()
        drawn[name] = len(plot.loss_chart.drawn(name)[0])
    pixels = plot.loss_chart.plot.getViewBox().width()
    assert drawn["batch"] <= 2 * (pixels + 2)
    assert drawn["smoothed"] <= pixels
    values = plot.loss_chart.drawn("batch")[1]
    assert (values.min(), values.max()) == (-7.0, 9.0)


def test_a_chart_behind_the_other_is_drawn_when_chosen(qtbot, plot, redraws):
    plot.append_running(1, {"accuracy": 0.5}, 0.01)
    qtbot.waitUntil(lambda: "plot.metrics" in redraws)
    assert "plot.learning_rate" not in redraws
    child(plot, object, "field.side_plot").setCurrentIndex(2)
    qtbot.waitUntil(lambda: "plot.learning_rate" in redraws)
    x, y = plot.rate_chart.drawn("learning_rate")
    assert (x.tolist(), y.tolist()) == ([1.0], pytest.approx([0.01]))


def test_figures_of_an_epoch_go_where_they_belong(plot):
    plot.append_figures(40, 2, {"loss": 0.5, "val_loss": 0.6, "accuracy": 0.8, "val_accuracy": 0.7})
    assert plot.points("loss")[1].tolist() == pytest.approx([0.5])
    assert plot.points("val_loss")[0].tolist() == [40]
    assert set(plot.metrics_chart.curves()) == {"accuracy", "val_accuracy"}
    plot.metrics_chart.update_legend()
    assert "accuracy, validation 0.7000" in plot.metrics_chart.legend.text()


def test_a_log_scale_shows_zeros_at_the_bottom(qtbot, plot):
    child(plot, QCheckBox, "field.log_scale").setChecked(True)
    plot.append_steps(1, [1.0, 0.0, 0.1, -2.0, np.nan, 10.0])
    wait_drawn(qtbot, plot, 6)
    low, high = plot.loss_chart.plot.getViewBox().viewRange()[1]
    assert low < np.log10(0.05) < np.log10(10) < high
    assert low > -3
    frame = plot.loss_chart._layer.frame
    places = frame.y_px(plot.loss_chart.drawn("batch")[1])
    assert np.isnan(places[4])
    assert places[1] == places[3] == places[[0, 1, 2, 3, 5]].max() < frame.height


def test_clipping_outliers_leaves_the_extreme_out_of_the_range(qtbot, plot):
    losses = np.full(400, 0.5)
    losses[::2] = 0.6
    losses[100] = 1e6
    plot.append_steps(1, losses)
    wait_drawn(qtbot, plot, 400)
    top = lambda: plot.loss_chart.plot.getViewBox().viewRange()[1][1]  # noqa: E731
    assert top() > 1e6
    child(plot, QSlider, "field.smoothing").setValue(0)
    child(plot, QCheckBox, "field.clip_outliers").setChecked(True)
    qtbot.waitUntil(lambda: top() < 10)
    assert plot.loss_chart.drawn("batch")[1].max() == 1e6


def test_zooming_ends_following_and_reset_brings_it_back(qtbot, plot):
    reset = child(plot, QPushButton, "plot.loss.reset_view")
    plot.append_steps(1, np.ones(100))
    wait_drawn(qtbot, plot, 100)
    assert not reset.isEnabled()
    view_box = plot.loss_chart.plot.getViewBox()
    view_box.setXRange(20, 30, padding=0)
    view_box.sigRangeChangedManually.emit([True, True])
    assert reset.isEnabled()
    plot.append_steps(101, np.ones(100))
    qtbot.waitUntil(lambda: plot.loss_chart.drawn("batch")[0][-1] == 31)
    assert view_box.viewRange()[0] == pytest.approx([20, 30])
    qtbot.mouseClick(reset, Qt.MouseButton.LeftButton)
    wait_drawn(qtbot, plot, 200)
    assert view_box.viewRange()[0][1] > 200
    assert not reset.isEnabled()


def test_the_cursor_reads_every_curve_at_its_step(qtbot, plot):
    plot.start(2, 10)
    child(plot, QSlider, "field.smoothing").setValue(0)
    plot.append_steps(1, np.arange(1, 21) / 10)
    plot.append_figures(10, 1, {"val_loss": 7.5})
    wait_drawn(qtbot, plot, 20)
    qtbot.waitUntil(lambda: "Step 20 (epoch 2)" in plot.loss_chart.legend.text())
    chart = plot.loss_chart
    at = chart.plot.getViewBox().mapViewToScene(QPointF(12.2, 1.0))
    chart.plot_widget.scene().sigMouseMoved.emit(at)
    text = chart.legend.text()
    assert "Step 12 (epoch 2)" in text
    assert "Batch 1.200" in text
    assert "Validation 7.500" in text
    chart.plot_widget.scene().sigMouseMoved.emit(QPointF(-50, -50))
    assert "Step 20" in chart.legend.text()


def test_keys_read_values_and_come_nearer(qtbot, plot):
    plot.start(1, 60)
    plot.append_steps(1, np.arange(1, 61) / 10)
    wait_drawn(qtbot, plot, 60)
    chart = plot.loss_chart
    view = chart.plot_widget
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_Left)
    assert "Step 57" in chart.legend.text()
    assert "Batch 5.700" in chart.legend.text()
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert "Step 58" in chart.legend.text()
    first, last = chart.plot.getViewBox().viewRange()[0]
    QTest.keyClick(view, Qt.Key.Key_Plus)
    nearer = chart.plot.getViewBox().viewRange()[0]
    assert nearer[1] - nearer[0] == pytest.approx(0.8 * (last - first))
    assert child(plot, QPushButton, "plot.loss.reset_view").isEnabled()
    QTest.keyClick(view, Qt.Key.Key_Minus)
    farther = chart.plot.getViewBox().viewRange()[0]
    assert farther[1] - farther[0] == pytest.approx(last - first)


def test_a_value_that_is_not_finite_is_named(plot):
    plot.append_steps(1, [1.0, np.nan])
    assert "Batch not finite" in _legend(plot)


def _legend(plot):
    plot.loss_chart.update_legend()
    return plot.loss_chart.legend.text()


def test_the_axis_counts_epochs_if_asked(plot):
    plot.start(2, 50)
    child(plot, QComboBox, "field.step_axis").setCurrentIndex(1)
    axis = plot.loss_chart.plot.getAxis("bottom")
    assert axis.scale == pytest.approx(1 / 50)
    assert axis.tickStrings([50, 100], axis.scale, 50) == ["1", "2"]
    assert axis.labelText == "Epoch"


@pytest.mark.parametrize("width", [250, 420, 560, 1200])
def test_tools_without_room_open_from_a_button(qtbot, plot, width):
    plot.append_steps(1, [1.0])
    plot.resize(width, 300)
    qtbot.waitUntil(lambda: plot.tools.width() <= width)
    assert plot.width() == width
    shown = [part for part in plot.tools.parts() if part.parent() is plot.tools]
    assert (child(plot, QCheckBox, "field.log_scale") in shown) == (width > 250)
    more = child(plot, QToolButton, "plot.loss.more")
    in_row = [*shown, more] if width < 1200 else shown

    def stands_apart():
        edges = sorted((part.geometry().left(), part.geometry().right()) for part in in_row)
        apart = all(right < left for (_, right), (left, _) in itertools.pairwise(edges))
        return apart and edges[-1][1] <= plot.tools.width()

    qtbot.waitUntil(stands_apart)
    assert more.isVisible() == (width < 1200)
    if more.isVisible():
        qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
        assert all(part.isVisible() for part in plot.tools.parts())
        slider = child(plot, QSlider, "field.smoothing")
        slider.setValue(slider.maximum())
        assert plot.tools.choice().smoothing == 10_000


def test_a_narrow_plot_shows_one_chart_at_a_time(qtbot, plot):
    plot.append_steps(1, [1.0, 2.0])
    plot.append_figures(2, 1, {"accuracy": 0.5})
    tabs = child(plot, QTabBar, "field.side_plot")
    assert plot.loss_chart.isVisible()
    assert plot.metrics_chart.isVisible()
    assert not tabs.isTabVisible(0)
    plot.resize(300, 220)
    assert tabs.isTabVisible(0)
    tabs.setCurrentIndex(0)
    assert plot.loss_chart.isVisible()
    assert not plot.metrics_chart.isVisible()
    tabs.setCurrentIndex(2)
    assert plot.rate_chart.isVisible()
    assert not plot.loss_chart.isVisible()
    qtbot.waitUntil(lambda: plot.rate_chart.width() > 270)
    tabs.setCurrentIndex(0)
    plot.resize(1000, 320)
    assert plot.loss_chart.isVisible()
    assert plot.metrics_chart.isVisible()


@pytest.mark.parametrize(("width", "height"), [(300, 180), (560, 250), (1200, 330)])
def test_curves_have_room_for_their_numbers(qtbot, plot, width, height):
    """The accuracy was 35 pixels high under a legend of four lines."""
    plot.resize(width, height)
    plot.append_steps(1, np.linspace(2.3, 0.1, 200))
    for epoch in range(1, 5):
        figures = {"loss": 1 / epoch, "val_loss": 0.9 / epoch, "accuracy": 0.5, "val_accuracy": 0.6}
        plot.append_figures(50 * epoch, epoch, figures)
    plot.append_running(200, {"accuracy": 0.55}, 0.001)
    plot.settle()
    wait_drawn(qtbot, plot, 200)
    for chart in (plot.loss_chart, plot.metrics_chart):
        if chart.isVisible():
            assert chart.plot.getViewBox().height() > 0.55 * chart.height()
            assert chart.plot.getViewBox().height() > 70


def test_the_legend_lies_over_the_plot_where_no_curve_is(qtbot, plot):
    plot.append_steps(1, np.linspace(5.0, 0.1, 200))
    plot.append_figures(200, 1, {"val_loss": 0.2})
    wait_drawn(qtbot, plot, 200)
    chart = plot.loss_chart
    chart.update_legend()
    assert chart.legend.isVisible()
    assert chart.legend.corner == "top right"
    box = chart.legend.sceneBoundingRect()
    assert chart.plot.getViewBox().sceneBoundingRect().contains(box)
    plot.clear()
    plot.append_steps(1, np.linspace(0.1, 5.0, 200))  # it rises
    wait_drawn(qtbot, plot, 200)
    chart.update_legend()
    assert chart.legend.corner in ("top left", "bottom right")


def test_what_all_names_begin_with_is_said_once(plot):
    plot.append_running(1, {"accuracy": 0.5}, None)
    plot.append_figures(1, 1, {"accuracy": 0.5, "val_accuracy": 0.7})
    assert plot.metrics_chart.plot.getAxis("left").labelText == "Accuracy"
    plot.append_figures(1, 1, {"top_k_<b>accuracy": 0.5})
    assert plot.metrics_chart.plot.getAxis("left").labelText == "Metric"
    titles = ["accuracy, running", "accuracy, training", "accuracy, validation"]
    assert common_start(titles) == "accuracy, "
    assert common_start(titles[:1]) == common_start(["Batch", "Smoothed"]) == ""


def test_curves_stand_in_one_order_whatever_came_first(plot):
    plot.append_figures(1, 1, {"loss": 0.5, "val_loss": 0.7, "accuracy": 0.5, "val_accuracy": 0.7})
    plot.append_running(1, {"accuracy": 0.5}, None)
    plot.append_steps(1, np.array([0.5]))
    assert plot.loss_chart.curves() == ("batch", "smoothed", "loss", "val_loss")
    assert plot.metrics_chart.curves() == ("running accuracy", "accuracy", "val_accuracy")


def test_a_label_marks_one_step(plot):
    plot.append_steps(1, np.ones(30))
    plot.mark(10, "best epoch")
    plot.mark(20, "best epoch")
    plot.mark(5, "<b>paused</b> {value}")
    assert plot.loss_chart.marks() == {"best epoch": 20, "<b>paused</b> {value}": 5}


def test_a_step_that_comes_again_replaces_what_followed(plot):
    plot.append_steps(1, [1.0, 2.0, 3.0, 4.0])
    plot.append_steps(3, [9.0])
    assert plot.points()[1].tolist() == [1.0, 2.0, 9.0]


def test_history_refills_the_plot(plot):
    plot.append_steps(1, [1.0])
    plot.show_history([(10, 1, {"loss": 0.9}), (20, 2, {"loss": 0.7, "val_loss": 0.8})])
    assert plot.points("loss")[0].tolist() == [10, 20]
    with pytest.raises(KeyError):
        plot.points("batch")
    assert "epoch 2" in _legend(plot)
    plot.show_history([])
    assert plot.is_empty()


def test_names_from_files_are_plain_and_short(plot):
    plot.append_figures(1, 1, {"<img src=x>\u202e" + "m" * 200: 1.0})
    text = plot.metrics_chart.legend.text()
    assert "\u202e" not in text
    assert len(text) < 150


def test_a_theme_reaches_background_and_curves(qtbot, plot):
    plot.append_steps(1, [1.0] * 20)
    wait_drawn(qtbot, plot, 20)
    plot.set_theme(DARK)
    assert plot.loss_chart.plot_widget.backgroundBrush().color().name() == DARK.surface
    qtbot.waitUntil(lambda: DARK.series[0] in colours(plot))


def test_a_dropped_plot_leaves_nothing(qtbot):
    plot = LossPlot()
    plot.append_steps(1, [1.0])
    parts = [plot, plot.loss_chart, plot.loss_chart.plot_widget, plot.tools]
    plot.deleteLater()
    qtbot.waitUntil(lambda: not any(isValid(part) for part in parts))


def test_several_losses_are_curves_of_their_own(qtbot, plot):
    plot.start(2, 20)
    first, second = np.linspace(1, 0.2, 40), np.linspace(0.5, 0.6, 40)
    plot.append_series(1, {"maker_loss": first, "judge_loss": second})
    plot.append_running(40, {"maker_loss": 0.2, "judge_accuracy": 0.5}, 0.1)
    plot.append_figures(20, 1, {"maker_loss": 0.6, "val_maker_loss": 0.7, "judge_accuracy": 0.4})
    for name, values in (("maker_loss", first), ("judge_loss", second)):
        np.testing.assert_allclose(plot.points(f"batch {name}")[1], values, rtol=1e-6)
    assert set(plot.loss_chart.curves()) == {
        "batch maker_loss", "smoothed maker_loss", "batch judge_loss", "smoothed judge_loss",
    }  # fmt: skip
    assert set(plot.metrics_chart.curves()) == {"running judge_accuracy", "judge_accuracy"}
    qtbot.waitUntil(lambda: len(plot.loss_chart.drawn("smoothed judge_loss")[0]) > 1)


def test_several_losses_of_an_earlier_run_are_shown_by_their_epochs(plot):
    plot.show_history([(20, 1, {"maker_loss": 0.6, "val_maker_loss": 0.7, "judge_loss": 0.5})])
    assert set(plot.loss_chart.curves()) == {"maker_loss", "val_maker_loss", "judge_loss"}
    plot.clear()
    plot.start(1, 2)
    plot.append_series(1, {"loss": [2.0, 1.0]})
    assert set(plot.loss_chart.curves()) == {"batch", "smoothed"}


def test_losses_of_several_networks_are_named_in_a_small_plot(qtbot, plot):
    """Values without names: nobody can tell whose they are."""
    plot.resize(570, 190)
    steps = 0.3 + 0.5 * np.exp(-np.arange(200) / 8)
    for first in range(0, 200, 20):
        losses = {"maker_loss": steps[first : first + 20], "judge_loss": steps[first : first + 20]}
        plot.append_series(first + 1, losses)
        plot.append_figures(first + 20, first // 20 + 1, {"judge_accuracy": 0.5})
    plot.settle()
    qtbot.waitUntil(lambda: plot.loss_chart.legend.isVisible())
    plot.loss_chart.update_legend()
    form = plot.loss_chart.legend._form
    assert form.has_names
    assert {entry.title for entry in form.entries} >= {"Maker", "Judge"}


def test_two_losses_are_named_where_more_would_hide_curves(qtbot, plot):
    plot.resize(390, 190)
    for epoch in range(1, 40):
        losses = {
            "maker_loss": 0.3,
            "judge_loss": 0.55,
            "val_maker_loss": 0.3,
            "val_judge_loss": 0.5,
        }
        first = {"judge_loss": 0.7, "maker_loss": 0.2}
        plot.append_figures(20 * epoch, epoch, losses | (first if epoch == 1 else {}))
    plot.settle()
    qtbot.waitUntil(lambda: plot.loss_chart.legend.isVisible())
    plot.loss_chart.update_legend()
    form = plot.loss_chart.legend._form
    assert form.has_names
    assert {entry.title for entry in form.entries} >= {"Maker, validation", "Judge, validation"}


@pytest.mark.parametrize("height", [150, 600])
def test_a_title_longer_than_its_axis_is_cut_with_dots(qtbot, plot, height):
    plot.resize(570, height)
    plot.append_figures(20, 1, {"a_very_long_name_of_a_metric": 0.5})
    axis = plot.metrics_chart.plot.getAxis("left")
    whole = "A very long name of a metric"
    qtbot.waitUntil(lambda: (axis.labelText == whole) == (height > 300))
    assert axis.labelText.rstrip("…") == whole[: len(axis.labelText.rstrip("…"))]
    assert axis.label.boundingRect().width() <= axis.size().height() + 12
