"""Heatmaps: the right number at the right place in the right colour."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QLabel

from widgets.base.theme import DARK, LIGHT, THEMES
from widgets.plots import HeatmapView
from widgets.plots.colours import (
    NOT_FINITE,
    SCALE_SIZE,
    ZERO,
    colour_indices,
    diverging_table,
    largest_magnitude,
)
from widgets.plots.heatmap import IDLE_TEXT


def value_line(view):
    return view.findChild(QLabel, "plot.heatmap.value").text()


@pytest.fixture
def view(qtbot):
    made = HeatmapView()
    qtbot.addWidget(made)
    made.resize(420, 380)
    with qtbot.waitExposed(made):
        made.show()
    return made


def scene_position(view, row, column):
    return view.plot.getViewBox().mapViewToScene(QPointF(column, row))


def painted(view, row, column):
    """Return the colour on screen in the middle of a cell."""
    picture = view.plot_widget.grab().toImage()
    at = view.plot_widget.mapFromScene(scene_position(view, row, column))
    return picture.pixelColor(at * picture.devicePixelRatio()).getRgb()[:3]


def in_table(tokens, index):
    return tuple(int(part) for part in diverging_table(tokens)[index])


def test_an_asymmetric_stamp_stands_upright(view):
    """No flip or transpose maps this matrix onto itself."""
    stamp = np.array([[-1.0, -0.6, -0.2], [0.2, 0.6, 1.0]])
    view.show_values(stamp)
    for (row, column), value in np.ndenumerate(stamp):
        expected = in_table(LIGHT, colour_indices(np.array([value]), 1.0)[0])
        assert painted(view, row, column) == pytest.approx(expected, abs=2)
    left = view.plot_widget.mapFromScene(scene_position(view, 0, 0))
    right = view.plot_widget.mapFromScene(scene_position(view, 1, 2))
    assert left.x() < right.x()
    assert left.y() < right.y()
    assert np.array_equal(view.values, stamp)


@pytest.mark.parametrize("tokens", THEMES.values(), ids=THEMES)
def test_zero_and_not_finite_have_colours_of_their_own(view, tokens):
    view.set_theme(tokens)
    view.show_values([[0.0, np.nan, np.inf, -2.0]])
    table = diverging_table(tokens)
    assert view.level == 2.0
    assert painted(view, 0, 0) == pytest.approx(in_table(tokens, ZERO), abs=2)
    for column in (1, 2):
        assert painted(view, 0, column) == pytest.approx(in_table(tokens, NOT_FINITE), abs=2)
    distances = np.abs(table[:SCALE_SIZE].astype(int) - table[NOT_FINITE]).sum(axis=1)
    assert distances.min() > 60


@pytest.mark.parametrize(
    ("values", "level"),
    [([[0.0, 0.0]], 1.0), ([[np.nan]], 1.0), ([[np.inf, 0.5]], 0.5), ([[-3.0, 2.0]], 3.0)],
)
def test_the_scale_is_centred_on_zero(view, values, level):
    view.show_values(values)
    assert view.level == level


@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 9), st.integers(1, 9)),
        elements=st.floats(width=32, allow_nan=True, allow_infinity=True),
    )
)
def test_colours_follow_the_values(values):
    with np.errstate(all="raise", under="ignore"):
        level = largest_magnitude(values)
        indices = colour_indices(values, level)
    finite = np.isfinite(values)
    assert ((indices == NOT_FINITE) == ~finite).all()
    shares = values[finite].astype(np.float64) / level
    assert np.abs((indices[finite].astype(int) - ZERO) / ZERO - shares).max(initial=0) <= 0.01
    assert (indices[finite][values[finite] == 0] == ZERO).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (30, 41)])
def test_every_size_is_shown_whole(view, shape):
    view.show_values(np.ones(shape))
    (x_low, x_high), (y_low, y_high) = view.plot.getViewBox().viewRange()
    assert (x_low, y_low) == pytest.approx((-0.5, -0.5))
    assert (x_high, y_high) == pytest.approx((shape[1] - 0.5, shape[0] - 0.5))


def test_the_cell_under_the_mouse_is_read(view):
    values = np.zeros((20, 8))
    values[12, 3] = -0.183
    view.show_values(values)
    scene = view.plot_widget.scene()
    scene.sigMouseMoved.emit(scene_position(view, 12, 3))
    assert value_line(view) == "row 12, column 3: −0.1830"
    values[12, 3] = 0.5
    view.show_values(values.copy())
    assert value_line(view) == "row 12, column 3: 0.5000"
    view.show_values(np.zeros((2, 2)))
    assert value_line(view) == IDLE_TEXT
    scene.sigMouseMoved.emit(QPointF(-9, -9))
    assert value_line(view) == IDLE_TEXT


def test_a_value_update_keeps_the_zoom(view):
    view.show_values(np.zeros((50, 50)))
    box = view.plot.getViewBox()
    box.setRange(xRange=(10, 20), yRange=(5, 15), padding=0)
    view.show_values(np.ones((50, 50)))
    assert box.viewRange()[0] == pytest.approx([10, 20])
    view.show_everything()
    assert box.viewRange()[0] == pytest.approx([-0.5, 49.5])


def test_block_means_name_the_neurons_they_stand_for(view):
    view.show_values(np.arange(13 * 5).reshape(13, 5) / 10, full_shape=(100, 5))
    assert view.cell_text(0, 4) == "rows 0–7, column 4: mean 0.4000"
    assert view.cell_text(12, 0) == "rows 96–99, column 0: mean 6.000"
    assert view.cell_at(2, 8) == (1, 2)
    assert view.cell_at(2, 99) == (12, 2)
    assert view.cell_at(5, 0) is None
    assert view.plot.getViewBox().viewRange()[1] == pytest.approx([-0.5, 99.5])


def test_gates_divide_the_columns(view):
    view.set_blocks(("input", "forget", "cell", "output"))
    view.show_values(np.arange(24.0).reshape(3, 8))
    assert view.cell_text(1, 3) == "forget gate, row 1, column 1: 11.00"
    assert view.plot_widget.parted == (1.5, 3.5, 5.5)
    # Gates of 5 units shown as 3 blocks each: the last block of a gate is shorter.
    view.show_values(np.zeros((3, 12)), full_shape=(3, 20))
    assert view.cell_text(0, 5) == "forget gate, row 0, column 4: mean 0"
    assert view.cell_text(0, 6) == "cell gate, row 0, columns 0–1: mean 0"
    view.set_blocks(())
    assert not view.plot_widget.parted


def test_a_vector_is_a_single_row(view):
    view.show_values([1.0, -2.0, 3.0])
    assert view.values.shape == (1, 3)
    assert view.cell_text(0, 1) == "column 1: −2.000"


@pytest.mark.parametrize("values", [[], np.zeros((0, 3)), np.zeros((2, 2, 2))])
def test_what_is_no_matrix_is_refused(view, values):
    with pytest.raises(ValueError, match="Received"):
        view.show_values(values)


def test_a_theme_recolours_what_is_shown(view):
    view.show_values([[1.0, -1.0]])
    view.set_theme(DARK)
    assert painted(view, 0, 0) == pytest.approx(in_table(DARK, SCALE_SIZE - 1), abs=2)


def test_other_values_of_the_same_shape_are_painted(view):
    view.show_values(np.zeros((20, 30)))
    assert painted(view, 10, 15) == pytest.approx(in_table(LIGHT, ZERO), abs=2)
    view.show_values(np.ones((20, 30)))
    assert painted(view, 10, 15) == pytest.approx(in_table(LIGHT, SCALE_SIZE - 1), abs=2)


@pytest.mark.parametrize(
    ("height", "titles"), [(90, (False, False)), (140, (False, True)), (300, (True, True))]
)
def test_titles_are_left_out_where_they_would_be_cut(view, height, titles):
    view.show_values(np.zeros((30, 40)))
    view.resize(300, height)
    axes = [view.plot.getAxis(side) for side in ("left", "bottom")]
    assert tuple(axis.label.isVisible() for axis in axes) == titles
    if titles[0]:
        assert axes[0].label.boundingRect().width() < axes[0].height()
