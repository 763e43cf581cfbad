"""The histogram's axes, which cost more than its bars."""

import numpy as np
import pytest

from widgets.plots import HistogramView


@pytest.fixture
def histogram(qtbot):
    made = HistogramView()
    qtbot.addWidget(made)
    return made


def ranges(histogram):
    return histogram.plot.getViewBox().viewRange()


def test_axes_stay_while_counts_and_values_change_little(histogram):
    changes = []
    histogram.show_counts(np.array([3, 80, 5]), -0.2, 0.3, 0.0, 0.1)
    histogram.plot.getViewBox().sigRangeChanged.connect(lambda *_: changes.append(1))
    for most in (82, 78, 81, 79):
        histogram.show_counts(np.array([3, most, 5]), -0.2 + most / 1e4, 0.3, 0.0, 0.1)
    assert not changes


def test_bars_stand_on_the_axis_and_fit_between_its_ends(histogram):
    histogram.show_counts(np.array([3, 80, 5]), -0.2, 0.3, 0.0, 0.1)
    (left, right), (bottom, top) = ranges(histogram)
    assert left < -0.2
    assert right > 0.3
    assert (bottom, top > 80) == (0, True)
    histogram.show_counts(np.array([9, 800, 5]), -2.0, 0.3, 0.0, 0.1)
    (left, _), (bottom, top) = ranges(histogram)
    assert left < -2.0
    assert (bottom, top > 800) == (0, True)


@pytest.mark.parametrize("height", [60, 100, 300])
def test_bars_have_room_for_numbers_beside_them(qtbot, histogram, height):
    histogram.show_counts(np.array([3, 8, 5]), -0.2, 0.3, 0.0, 0.1)
    histogram.resize(260, height)
    histogram.show()
    qtbot.waitUntil(lambda: histogram.plot.getViewBox().height() > 40)
    assert histogram.plot_widget.height() >= 84
    axis = histogram.plot.getAxis("left")
    assert len(axis.labels(axis.height())) >= 2
    assert histogram.plot.getAxis("bottom").label.isVisible() == (height == 300)
