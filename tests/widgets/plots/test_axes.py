"""Axes: which numbers they write, and where."""

import math
from itertools import pairwise

import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from widgets.plots.axes import ValueAxis, WholeAxis
from widgets.plots.plot_view import PlotView

pytestmark = pytest.mark.usefixtures("qapp")


def ranged(axis, low, high):
    axis.setRange(low, high)
    return axis


def test_a_whole_axis_has_no_ticks_between():
    axis = WholeAxis("bottom")
    assert all(spacing >= 1 for spacing, _ in axis.tickSpacing(0, 3, 600))
    assert axis.tickStrings([1000, 2000], 1.0, 1000) == ["1,000", "2,000"]


def test_a_log_axis_numbers_one_two_and_five():
    axis = ValueAxis("left")
    exponents = [-2, math.log10(0.02), math.log10(0.03), math.log10(0.05), 0, 2, 7]
    assert axis.logTickStrings(exponents, 1.0, None) == [
        "0.01", "0.02", "", "0.05", "1", "100", "1e7",
    ]  # fmt: skip


@pytest.mark.parametrize("length", [60, 200, 1000])
@pytest.mark.parametrize("span", [(1, 30), (-1e-4, 3e-4), (0, 1_300_000), (-7.5, 2.25)])
@pytest.mark.parametrize("kind", [WholeAxis, ValueAxis])
@pytest.mark.parametrize("orientation", ["left", "bottom"])
def test_numbers_stand_where_they_belong_and_do_not_touch(kind, orientation, span, length):
    axis = ranged(kind(orientation), *span)
    labels = axis.labels(length)
    metrics = QFontMetricsF(QApplication.font())
    px = length / (span[1] - span[0])
    for at, text in labels.items():
        value = float(text.replace(",", ""))
        assert at == pytest.approx((value - span[0]) * px, abs=0.1)
    places = sorted(labels)
    for one, other in pairwise(places):
        if orientation == "left":
            assert other - one >= metrics.height()
        else:
            half = [metrics.horizontalAdvance(labels[at]) / 2 for at in (one, other)]
            assert other - one >= sum(half)


def test_a_long_axis_has_more_numbers():
    axis = ranged(ValueAxis("left"), 0.0, 1.0)
    assert len(axis.labels(60)) < len(axis.labels(200)) <= len(axis.labels(800)) <= 25
    assert len(axis.labels(200)) >= 4


def test_a_short_axis_has_two_numbers():
    assert len(ranged(ValueAxis("left"), 0.1, 1.1).labels(45)) >= 2


def test_an_axis_may_be_upside_down():
    axis = ranged(WholeAxis("left"), 99.5, -0.5)
    labels = axis.labels(400)
    assert labels[398.0] == "0"
    other_way = ranged(WholeAxis("left"), -0.5, 99.5).labels(400)
    assert set(labels.values()) == set(other_way.values())
    assert len(labels) >= 4


def test_an_axis_of_epochs_counts_epochs():
    axis = ranged(WholeAxis("bottom"), 1, 1000)
    axis.setScale(1 / 100)
    labels = axis.labels(500)
    assert set(labels.values()) <= {str(number) for number in range(11)}
    place = {text: at for at, text in labels.items()}
    assert place["2"] == pytest.approx(500 * 199 / 999, abs=0.1)


def test_a_short_log_range_still_has_numbers():
    axis = ValueAxis("left")
    axis.setLogMode(y=True)
    ranged(axis, math.log10(0.3), math.log10(6))
    assert {"0.5", "1", "2", "5"} <= set(axis.labels(300).values())


def test_a_wide_number_widens_its_axis(qtbot):
    bottom, left = WholeAxis("bottom"), ValueAxis("left")
    plot = PlotView(bottom, left)
    qtbot.addWidget(plot)
    plot.resize(300, 200)
    with qtbot.waitExposed(plot):
        plot.show()
    plot.setYRange(1.0, 2.0)
    plot.grab()
    before = left.width()
    plot.setYRange(-1_200_000.0, 1_200_000.0)
    plot.grab()
    qtbot.waitUntil(lambda: left.width() > before)
