import numpy as np
import pytest

from engine.training.diagnose.rate_range import RangeResult, smooth
from tests.widgets.plots.plot_items import marked
from widgets.base.theme import DARK
from widgets.plots.range_plot import RangePlot

RATES = np.geomspace(1e-7, 1e-1, 120)
LOSSES = 2 - 1 / (1 + np.exp(-4 * (np.log10(RATES) + 3)))
FOUND = RangeResult(RATES, LOSSES, smooth(LOSSES), 1e-3)


@pytest.fixture
def plot(qtbot):
    plot = RangePlot()
    qtbot.addWidget(plot)
    plot.resize(400, 250)
    return plot


def test_rates_stand_on_a_log_axis_with_the_suggestion_marked(plot):
    plot.show_result(FOUND)
    rates, losses = plot.drawn()
    np.testing.assert_allclose(rates, RATES)
    np.testing.assert_allclose(losses, FOUND.smoothed)
    assert marked(plot) == pytest.approx(1e-3)
    (left, right), (low, high) = plot.plot.viewRange()
    assert (left, right) == pytest.approx((-7, 1))
    assert low < LOSSES.min() < LOSSES.max() < high


def test_a_course_without_suggestion_has_no_mark_and_clearing_forgets(plot):
    plot.show_result(RangeResult(RATES, LOSSES, FOUND.smoothed))
    assert marked(plot) is None
    plot.show_result(FOUND)
    plot.clear()
    assert marked(plot) is None
    assert len(plot.drawn()[0]) == 0


def test_how_high_it_climbs_at_the_end_hides_nothing(plot):
    losses = np.append(LOSSES, [1e6, 1e9])
    rates = np.append(RATES, [1.0, 2.0])
    plot.show_result(RangeResult(rates, losses, smooth(losses), 1e-3))
    assert plot.plot.viewRange()[1][1] < 3


def test_a_flat_or_single_loss_can_be_drawn(plot):
    plot.show_result(RangeResult(RATES[:1], LOSSES[:1], LOSSES[:1]))
    plot.show_result(RangeResult(RATES, np.zeros(120), np.zeros(120)))
    plot.set_theme(DARK)
    assert not plot.grab().isNull()
