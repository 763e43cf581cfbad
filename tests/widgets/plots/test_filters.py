"""Filters: every weight in its place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QComboBox, QLabel

from widgets.base.theme import DARK, LIGHT
from widgets.forms.boxes import NumberBox
from widgets.plots import FilterGrid
from widgets.plots.colours import EMPTY, GAP, SLICE, ZERO, colour_indices, diverging_table
from widgets.plots.filter_stack import GAP_PX, beside, compose, filter_stack, plan_grid
from widgets.plots.filters import IDLE_TEXT, RGB, SINGLE


@pytest.fixture
def grid(qtbot):
    made = FilterGrid()
    qtbot.addWidget(made)
    made.resize(360, 320)
    with qtbot.waitExposed(made):
        made.show()
    return made


def choose(grid, mode, place=0):
    combo = grid.findChild(QComboBox, "field.filters.mode")
    combo.setCurrentIndex(combo.findData(mode))
    grid.findChild(NumberBox, "field.filters.input").setValue(place)


def value_line(grid):
    return grid.findChild(QLabel, "plot.filters.value").text()


def counted(*shape):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def test_axes_of_a_convolution_kernel():
    kernel = counted(3, 2, 4, 5)  # (h, w, inputs, filters)
    stack = filter_stack(kernel, "conv")
    assert stack.shape == (5, 4, 1, 3, 2)
    assert stack[4, 1, 0, 2, 0] == kernel[2, 0, 1, 4]


def test_axes_of_a_transposed_convolution_kernel():
    kernel = counted(3, 2, 4, 5)  # (h, w, filters, inputs)
    stack = filter_stack(kernel, "transpose")
    assert stack.shape == (4, 5, 1, 3, 2)
    assert stack[3, 1, 0, 2, 0] == kernel[2, 0, 3, 1]


def test_axes_of_a_depthwise_kernel():
    kernel = counted(3, 2, 4, 5)  # (h, w, inputs, multiplier)
    stack = filter_stack(kernel, "depthwise")
    assert stack.shape == (20, 1, 1, 3, 2)
    assert stack[2 * 5 + 3, 0, 0, 1, 1] == kernel[1, 1, 2, 3]


def test_axes_of_one_and_three_dimensions():
    line, space = counted(7, 2, 3), counted(2, 3, 4, 5, 6)
    assert filter_stack(line, "conv").shape == (3, 2, 1, 1, 7)
    assert filter_stack(line, "conv")[2, 1, 0, 0, 6] == line[6, 1, 2]
    assert filter_stack(space, "conv").shape == (6, 5, 2, 3, 4)
    assert filter_stack(space, "conv")[5, 4, 1, 2, 3] == space[1, 2, 3, 4, 5]


@pytest.mark.parametrize("shape", [(3,), (3, 3), (1,) * 6])
def test_what_is_no_kernel_is_refused(shape):
    with pytest.raises(ValueError, match="Received"):
        filter_stack(np.zeros(shape), "conv")


@given(
    st.integers(1, 200),
    st.integers(1, 7),
    st.integers(1, 7),
    st.integers(4, 400),
    st.integers(4, 400),
)
def test_the_pixel_of_a_weight_leads_back_to_it(count, height, width, space_height, space_width):
    plan = plan_grid(count, height, width, (space_height, space_width))
    assert 1 <= plan.count <= count
    if plan.count == count and plan.scale > 1:
        assert plan.rows * plan.cell_height <= space_height
        assert plan.columns * plan.cell_width <= space_width
    panels = (
        (np.arange(count * height * width) % 251).astype(np.uint8).reshape(count, height, width)
    )
    picture = compose(panels, plan, GAP, EMPTY)
    index, row, column = plan.count - 1, height - 1, width // 2
    y = index // plan.columns * plan.cell_height + row * plan.scale + plan.scale // 2
    x = index % plan.columns * plan.cell_width + column * plan.scale + plan.scale // 2
    assert plan.weight_at(x, y) == (index, row, column)
    assert picture[y, x] == panels[index, row, column]
    gap = index % plan.columns * plan.cell_width + width * plan.scale + GAP_PX - 1
    assert plan.weight_at(gap, y) is None
    assert picture[y, gap] == GAP


def test_places_without_a_filter_stay_empty():
    plan = plan_grid(3, 2, 2, (60, 60))
    assert plan.columns * plan.rows > 3
    picture = compose(np.zeros((3, 2, 2), dtype=np.uint8), plan, GAP, EMPTY)
    assert picture[-1, -1] == EMPTY


def test_slices_lie_beside_one_another():
    wide = beside(counted(1, 2, 2, 3).astype(np.uint8), SLICE)
    assert wide.shape == (1, 2, 7)
    assert wide[0, 1].tolist() == [3, 4, 5, SLICE, 9, 10, 11]


def place(grid, index, row, column):
    """Middle of a weight in the canvas's own coordinate."""
    plan, ratio = grid.plot_widget.plan(), grid.devicePixelRatioF()
    x = index % plan.columns * plan.cell_width + (column + 0.5) * plan.scale
    y = index // plan.columns * plan.cell_height + (row + 0.5) * plan.scale
    return QPoint(int(x / ratio), int(y / ratio))


def painted(grid, index, row, column):
    picture = grid.plot_widget.grab().toImage()
    at = place(grid, index, row, column) * picture.devicePixelRatio()
    return picture.pixelColor(at).getRgb()[:3]


def test_weights_are_painted_where_they_belong(grid):
    kernel = np.linspace(-1, 1, 3 * 2 * 4, dtype=np.float32).reshape(3, 2, 1, 4)
    grid.show_kernel(kernel)
    table = diverging_table(LIGHT)
    for (row, column, _, index), value in np.ndenumerate(kernel):
        expected = table[colour_indices(np.array([value]), 1.0)[0]].tolist()
        assert painted(grid, index, row, column) == pytest.approx(tuple(expected), abs=1)


def test_the_weight_under_the_mouse_is_read(qtbot, grid):
    kernel = np.zeros((3, 3, 4, 6), dtype=np.float32)
    kernel[1, 0, 2, 5] = 0.12
    grid.show_kernel(kernel)
    choose(grid, SINGLE, 2)
    qtbot.mouseMove(grid.plot_widget.viewport(), place(grid, 5, 1, 0))
    qtbot.waitUntil(lambda: value_line(grid) != IDLE_TEXT)
    assert value_line(grid) == "filter 5, input 2, row 1, column 0: 0.1200"
    grid.findChild(QComboBox, "field.filters.mode").setCurrentIndex(0)
    assert value_line(grid) == "filter 5, mean of inputs, row 1, column 0: 0.03000"


def test_the_first_three_inputs_can_be_red_green_and_blue(grid):
    kernel = np.zeros((1, 1, 3, 2), dtype=np.float32)
    kernel[0, 0, :, 1] = (1.0, -1.0, 0.0)
    grid.show_kernel(kernel)
    choose(grid, RGB)
    red, green, blue = painted(grid, 1, 0, 0)
    assert red > 240
    assert green < 10
    assert 115 < blue < 140


def test_painting_is_counted(grid):
    before = grid.painted_s
    grid.grab()
    assert grid.painted_s > before


def test_a_theme_reaches_a_grid_that_has_its_values(grid):
    grid.show_kernel(np.zeros((3, 3, 1, 2)))
    grid.set_theme(DARK)
    zero, gap = (tuple(diverging_table(DARK)[index]) for index in (ZERO, GAP))
    assert painted(grid, 1, 1, 1) == zero
    picture, plan = grid.plot_widget.grab().toImage(), grid.plot_widget.plan()
    assert picture.pixelColor(plan.cell_width - 1, 0).getRgb()[:3] == gap


def test_inputs_are_offered_only_where_there_are_several(grid):
    mode, chosen = (
        grid.findChild(QComboBox, "field.filters.mode"),
        grid.findChild(NumberBox, "field.filters.input"),
    )
    grid.show_kernel(np.zeros((3, 3, 1, 2)))
    assert not mode.isVisible()
    grid.show_kernel(np.zeros((3, 3, 2, 2)))
    assert mode.isVisible()
    assert mode.findData(RGB) < 0
    grid.show_kernel(np.zeros((3, 3, 5, 2)))
    assert mode.findData(RGB) >= 0
    choose(grid, SINGLE, 4)
    assert chosen.isVisible()
    chosen.setValue(5)
    assert "from 0 to 4" in chosen.problem()
    assert chosen.value() == 4
    chosen.setValue(4)
    assert not chosen.problem()


def test_a_new_sample_keeps_the_chosen_input(grid):
    grid.show_kernel(np.zeros((3, 3, 5, 2)))
    choose(grid, SINGLE, 4)
    grid.show_kernel(np.ones((3, 3, 5, 2)))
    assert grid.mode() == SINGLE
    assert grid.shown.shape == (2, 1, 3, 3)
    assert grid.findChild(NumberBox, "field.filters.input").value() == 4


def test_filters_that_do_not_fit_are_counted(grid):
    grid.show_kernel(np.zeros((9, 9, 1, 5000)))
    fitting = grid.plot_widget.count()
    assert fitting < 5000
    assert f"{5000 - fitting:,} filters do not fit" in value_line(grid)


def test_zoomed_filters_stay_where_they_are_and_are_read(qtbot, grid):
    kernel = np.zeros((3, 3, 1, 4), np.float32)
    grid.show_kernel(kernel)
    plan = grid.plot_widget.plan()
    view_box = grid.plot_widget.getPlotItem().getViewBox()
    x = (3 % plan.columns) * plan.cell_width + 2.5 * plan.scale
    y = (3 // plan.columns) * plan.cell_height + 1.5 * plan.scale
    view_box.setRange(xRange=(x - 5, x + 5), yRange=(y - 5, y + 5), padding=0)
    kernel[1, 2, 0, 3] = 0.5
    grid.show_kernel(kernel.copy())
    assert view_box.viewRange()[0] == pytest.approx([x - 5, x + 5])
    middle = view_box.sceneBoundingRect().center()
    grid.plot_widget.scene().sigMouseMoved.emit(middle)
    assert value_line(grid) == "filter 3, row 1, column 2: 0.5000"
    grid.plot_widget.fit_requested.emit()
    assert view_box.viewRange()[0][0] == pytest.approx(0)
    assert grid.plot_widget.plan() == plan


def test_colours_of_three_inputs_are_a_table_of_three(grid):
    kernel = np.arange(2 * 3 * 2, dtype=np.float32).reshape(1, 2, 3, 2)
    grid.show_kernel(kernel)
    choose(grid, RGB)
    table = grid.plot_widget.take_table()()
    assert table.titles == ("filter", "input", "depth", "row", "0", "1")
    assert table.rows == grid.plot_widget.row_count * 3 == 6
    lines = [line.split(",") for line in table.text().splitlines()[1:]]
    for filter_index, input_index, _, row, *values in lines:
        expected = kernel[int(row), :, int(input_index), int(filter_index)]
        assert [float(value) for value in values] == expected.tolist()
