import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF

from widgets.base.theme import DARK
from widgets.plots.rate_plot import RatePlot


@pytest.fixture
def plot(qtbot):
    plot = RatePlot()
    qtbot.addWidget(plot)
    plot.resize(300, plot.sizeHint().height())
    return plot


def column(plot, epoch):
    """The pixel column of the plot where an epoch lies."""
    view_box = plot.getPlotItem().getViewBox()
    return plot.mapFromScene(view_box.mapViewToScene(QPointF(epoch, 0))).x()


def test_the_pointer_reads_rate_and_epoch(plot):
    plot.show_rates(np.repeat(np.float32([0.1, 0.01]), 50), 10)
    assert plot.reading(column(plot, 9.85)) == "0.01 after 9.8 epochs"
    assert plot.reading(column(plot, 2.05)) == "0.1 after 2 epochs"
    assert plot.reading(0) == ""
    assert "begins at 0.1, highest 0.1, ends at 0.01" in plot.accessibleName()


def test_nothing_is_drawn_of_nothing(plot):
    plot.show_rates(np.empty(0, np.float32), 10)
    empty = plot.grab().toImage()
    assert plot.reading(150) == ""
    plot.show_rates(np.float32([0.1]), 1)
    assert plot.grab().toImage() != empty
    plot.set_theme(DARK)
    assert plot.grab().toImage() != empty


@given(rates=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=400))
def test_a_curve_of_many_steps_keeps_its_highest_and_lowest(qapp, rates):
    plot = RatePlot()
    plot.show_rates(np.float32(rates), 7)
    shares, drawn = plot.curve(20)
    assert len(shares) == len(drawn) <= 40
    assert (drawn.max(), drawn.min()) == (np.float32(rates).max(), np.float32(rates).min())
    assert (np.diff(shares) >= 0).all()
    plot.deleteLater()
