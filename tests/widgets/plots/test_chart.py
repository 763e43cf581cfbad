"""A chart that grows shows what one drawn at once shows."""

import numpy as np
import pytest

from widgets.base.theme import LIGHT
from widgets.plots.chart import Chart
from widgets.plots.curve import Curve

LOSSES = np.exp(-np.arange(4000) / 900) + np.random.default_rng(3).gamma(2, 0.05, 4000)
ODD = {"hole": (700, np.nan), "zero": (900, 0.0), "spike": (1500, 60.0)}


def chart_of(qtbot):
    made = Chart("Loss")
    qtbot.addWidget(made)
    made.resize(500, 260)
    with qtbot.waitExposed(made):
        made.show()
    made.set_smoothing(25)
    series = made.set_curve("batch", Curve("Batch", 0, "band"))
    made.set_curve("smoothed", Curve("Smoothed", 0, "line"), series)
    made.set_curve("val_loss", Curve("Validation", 1, "markers"))
    return made


def feed(chart, losses, first, last):
    chart.series("batch").append(first + 1, losses[first:last])
    for step in range(first // 100 * 100 + 100, last + 1, 100):
        chart.series("val_loss").append(step, [float(np.nanmean(losses[step - 100 : step]))])


def pixels(chart):
    image = chart._layer._picture
    shape = image.height(), image.width(), 4
    return (
        np.frombuffer(image.constBits(), np.uint8, image.sizeInBytes()).reshape(shape).astype(int)
    )


def differences_to_one_drawn_anew(chart):
    grown = pixels(chart)
    chart.set_theme(LIGHT)
    chart.redraw()
    return np.abs(grown - pixels(chart))


@pytest.mark.parametrize("size", [(400, 260), (401, 263), (407, 271)])
def test_the_picture_reaches_every_edge(qtbot, size):
    """Else what another theme left there stays on screen."""
    chart = chart_of(qtbot)
    chart.resize(*size)
    chart.show()
    feed(chart, LOSSES, 0, 500)
    chart.redraw()
    box, (rows, columns, _) = chart.plot.getViewBox(), pixels(chart).shape
    assert columns >= box.width() * chart.devicePixelRatioF()
    assert rows >= box.height() * chart.devicePixelRatioF()


@pytest.mark.parametrize("odd", ["", *ODD])
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("piece", [37, 260])
def test_a_picture_that_grew_is_the_picture_drawn_at_once(qtbot, odd, log, piece):
    losses = LOSSES.copy()
    if odd:
        place, value = ODD[odd]
        losses[place] = value
    chart = chart_of(qtbot)
    chart.set_log_scale(log)
    for first in range(0, 2300, piece):
        feed(chart, losses, first, min(2300, first + piece))
        chart.redraw()
        if first % 3 == 0:
            # Smoothed edges at the seam are rounded by a hair.
            assert differences_to_one_drawn_anew(chart).max() <= 12
    assert pixels(chart).any()


def test_a_frame_draws_only_what_is_new(qtbot, monkeypatch):
    chart = chart_of(qtbot)
    feed(chart, LOSSES, 0, 3000)
    chart.redraw()
    read = []
    real = type(chart.series("batch")).view

    def counted(series, start, stop, width):
        read.append(stop - start)
        return real(series, start, stop, width)

    monkeypatch.setattr(type(chart.series("batch")), "view", counted)
    chart.redraw()
    assert not read
    feed(chart, LOSSES, 3000, 3020)
    chart.redraw()
    assert 0 < max(read) < 200


def test_a_view_that_shows_the_same_points_elsewhere_is_drawn_anew(qtbot):
    chart = chart_of(qtbot)
    feed(chart, LOSSES, 0, 1000)
    chart.redraw()
    before = pixels(chart)
    chart.set_follows(False)
    chart.plot.getViewBox().setXRange(-500, 1500, padding=0)
    chart.redraw()
    assert (pixels(chart) != before).any()
    assert not differences_to_one_drawn_anew(chart).any()


def test_a_run_that_goes_back_is_drawn_anew(qtbot):
    chart = chart_of(qtbot)
    feed(chart, LOSSES, 0, 1000)
    chart.redraw()
    chart.series("batch").append(501, LOSSES[:400])
    chart.redraw()
    assert not differences_to_one_drawn_anew(chart).any()


def test_another_spacing_shows_the_same_values_of_a_zoomed_view(qtbot):
    chart = chart_of(qtbot)
    feed(chart, LOSSES, 0, 500)
    chart.redraw()
    chart.set_follows(False)
    view_box = chart.plot.getViewBox()
    view_box.setYRange(0.5, 2.0, padding=0)
    chart.set_log_scale(True)
    assert view_box.viewRange()[1] == pytest.approx(np.log10([0.5, 2.0]))
    chart.set_log_scale(True)
    assert view_box.viewRange()[1] == pytest.approx(np.log10([0.5, 2.0]))
    chart.set_log_scale(False)
    assert view_box.viewRange()[1] == pytest.approx([0.5, 2.0])
    view_box.setYRange(-1.0, 10.0, padding=0)
    chart.set_log_scale(True)
    assert view_box.viewRange()[1] == pytest.approx([-2.0, 1.0])
