"""Maps, bars and strips of what a layer gives, read and said."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from engine.probes.activations import layer_output
from widgets.activations import ActivationsPanel
from widgets.activations.cells import composed, grid_of
from widgets.base.theme import DARK
from widgets.plots.colours import EMPTY, GAP, NOT_FINITE, ZERO

MAPS = np.arange(5 * 4 * 3, dtype=np.float32).reshape(5, 4, 3)


@pytest.fixture
def panel(qtbot):
    made = ActivationsPanel()
    qtbot.addWidget(made)
    made.resize(320, 360)
    with qtbot.waitExposed(made):
        made.show()
    return made


def show(panel, array, name="conv", **fields):
    panel.show_output(layer_output(name, [np.asarray(array)], panel.size_px, **fields), "run 3")


def facts(panel):
    return panel._facts.text()


def read(panel, x, y):
    return panel.view.text_at(QPointF(x, y))


# ---- Cells ----


def test_every_number_of_every_map_stands_at_its_place():
    output = layer_output("conv", [MAPS])
    grid = grid_of(output, (200, 300))
    level, indices = composed(output, grid)
    assert level == 59.0
    assert indices.shape == grid.shape
    for row, column in np.ndindex(grid.shape):
        found = grid.at(row, column)
        if found is None:
            assert indices[row, column] in (GAP, EMPTY)
        else:
            number, y, x = found
            wanted = ZERO + round(MAPS[y, x, number] / 59 * ZERO)
            assert abs(int(indices[row, column]) - wanted) <= 1
    found = {grid.at(*place) for place in np.ndindex(grid.shape)} - {None}
    assert found == set(np.ndindex(3, 5, 4))


def test_what_is_left_of_the_last_row_is_empty():
    output = layer_output("conv", [np.ones((4, 4, 5))])
    grid = grid_of(output, (100, 100))
    _, indices = composed(output, grid)
    assert indices[-1, -1] == EMPTY
    assert (indices == GAP).any()


def test_a_number_that_is_none_has_its_own_colour():
    maps = np.ones((4, 4, 2))
    maps[1, 2, 1] = np.nan
    output = layer_output("conv", [maps])
    grid = grid_of(output, (100, 100))
    _, indices = composed(output, grid)
    bad = {grid.at(*place) for place in np.argwhere(indices == NOT_FINITE)}
    assert bad == {(1, 1, 2)}


# ---- The panel ----


def test_a_hint_stands_there_until_something_is_shown(panel):
    assert panel.is_empty()
    show(panel, MAPS)
    assert not panel.is_empty()
    panel.show_empty("gone")
    assert panel._hint.text() == "gone"


def test_maps_are_named_and_read(panel):
    show(panel, MAPS)
    assert facts(panel) == "conv 5 × 4 × 3 · 0\N{NO-BREAK SPACE}…\N{NO-BREAK SPACE}59.0"
    assert panel._source.text() == "run 3"
    assert read(panel, 0.5, 0.5) == "map 0, row 0, column 0: 0"
    zoom = panel.view._tiles.zoom
    assert read(panel, 1.5 * zoom, 2.5 * zoom) == "map 0, row 2, column 1: 27.00"
    assert read(panel, -5, -5) == ""
    assert panel.view._bar.isVisible()


def test_bars_are_read_and_show_what_is_not_finite(panel):
    show(panel, [0.25, -0.5, np.nan, np.inf], "dense")
    assert panel.view.image.isVisible() is False
    assert [len(bars.opts["x"]) for bars in panel.view.bars] == [1, 1, 2]
    assert read(panel, 1.2, 0.0) == "unit 1: −0.5000"
    assert read(panel, 2.0, 0.0) == "unit 2: not finite"
    assert read(panel, 9.0, 0.0) == ""
    assert panel._warning.text() == "Not finite: 2 values."
    assert panel._warning.isVisible()
    assert not panel.view._bar.isVisible()


def test_a_strip_runs_from_left_to_right(panel):
    show(panel, [[1, 10], [2, 20], [3, 30]], "lstm")
    assert panel.view.image.image.shape == (2, 3)
    assert read(panel, 2.0, 1.0) == "step 2, feature 1: 30.00"
    axis = panel.view.getPlotItem().getAxis("bottom")
    assert "Time step" in axis.labelText


def test_what_is_left_out_or_averaged_is_said(panel):
    show(panel, np.ones((28, 28, 512)))
    shown = len(panel.view.output.values)
    assert 1 < shown < 512
    assert facts(panel).endswith(f"the first {shown} of 512 maps")
    show(panel, np.ones((9, 4, 4, 2)))
    assert facts(panel).endswith("the middle one of 9 slices")
    show(panel, np.arange(5000), "flat")
    assert f"of {5000:,} units" in facts(panel)
    show(panel, np.ones((9000, 2)), "lstm")
    assert facts(panel).endswith("block means")
    assert "mean" in read(panel, 100.0, 0.0)


@pytest.mark.parametrize("array", [MAPS, [1.0, 2.0], [[1.0, 2.0]], [[0.0]], np.zeros((1, 1, 1))])
def test_every_form_is_drawn_in_both_themes(panel, array):
    show(panel, array)
    light = panel.grab().toImage()
    panel.set_theme(DARK)
    show(panel, array)
    assert panel.grab().toImage() != light


def test_a_layer_of_several_outputs_offers_them(panel, qtbot):
    outputs = [np.ones((5, 3)), np.ones(3)]
    panel.show_output(layer_output("lstm", outputs, panel.size_px), "")
    assert panel._outputs.isVisible()
    assert [panel._outputs.itemText(n) for n in range(2)] == ["Output 1 of 2", "Output 2 of 2"]
    with qtbot.waitSignal(panel.request_changed):
        panel._outputs.setCurrentIndex(1)
    assert panel.output == 2
    panel.forget_choice()
    assert panel.output == 1
    show(panel, MAPS)
    assert not panel._outputs.isVisible()


def test_the_view_stays_while_values_change_and_a_double_click_shows_all(panel):
    show(panel, MAPS)
    box = panel.view.getPlotItem().getViewBox()
    whole = box.viewRange()
    box.setRange(xRange=(0, 5), yRange=(0, 5), padding=0)
    zoomed = box.viewRange()
    show(panel, -MAPS)
    assert box.viewRange() == zoomed
    panel.view.show_everything()
    np.testing.assert_allclose(box.viewRange(), whole)


def test_bars_keep_their_axis_until_they_do_not_fit(panel):
    def spread():
        return panel.view._spread

    show(panel, [0.0, 1.0])
    before = spread()
    show(panel, [0.0, 0.9])
    assert spread() == before
    show(panel, [-1.0, 3.0])
    assert spread()[0] < -1.0 < 3.0 < spread()[1]
    show(panel, [0.0, 0.001])
    assert spread()[1] < 0.01


def test_an_old_picture_is_grey_and_says_why(panel):
    show(panel, MAPS)
    clear = panel.grab().toImage()
    panel.show_old("run 3; the network changed since")
    assert panel.is_old()
    assert panel.view.toolTip() == "run 3; the network changed since"
    assert panel.grab().toImage() != clear
    panel.show_old("")
    assert not panel.is_old()


def test_a_resize_asks_for_another_number_of_maps(panel, qtbot):
    show(panel, MAPS)
    before = panel.size_px
    with qtbot.waitSignal(panel.request_changed):
        panel.resize(500, 500)
    assert panel.size_px != before


def test_it_is_live_only_while_it_is_seen_and_attached(panel):
    assert panel.is_live
    panel.set_attached(False)
    assert not panel.is_live
    panel.set_attached(True)
    panel.hide()
    assert not panel.is_live


def test_drawing_is_counted(panel):
    show(panel, MAPS)
    panel.grab()
    assert panel.spent_s > 0


def test_names_that_tests_and_programs_rely_on(panel):
    assert panel.findChild(type(panel.view), "plot.activations") is panel.view


@pytest.mark.parametrize(
    ("array", "titles", "rows"),
    [
        (MAPS, ("map", "row", "0", "1", "2", "3"), 15),
        ([0.5, -1.0], ("unit", "value"), 2),
        ([[1, 10], [2, 20], [3, 30]], ("step", "feature 0", "feature 1"), 3),
    ],
)
def test_the_numbers_can_be_copied(panel, array, titles, rows):
    show(panel, array)
    table = panel.view.take_table()()
    assert (table.titles, table.rows, panel.view.row_count) == (titles, rows, rows)
    last = [float(column[-1]) for column in table.columns]
    assert last[-1] == np.asarray(array, float).reshape(-1)[-1]
