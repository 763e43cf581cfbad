"""The table of layers and what they cost."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QTableView

from widgets.base.theme import DARK
from widgets.costs import LayerCostRow, LayerCostsPanel
from widgets.costs.model import SHARE_ROLE

ROWS = (
    LayerCostRow("input", "InputLayer", "8 × 8 × 1", 0, 0, 500),
    LayerCostRow("conv", "Conv2D", "6 × 6 × 4", 40, 1_296_000, 9_000),
    LayerCostRow("dense", "Dense", "10", 1450, 1440, 18_000),
    LayerCostRow("new", "Dense"),
)


@pytest.fixture
def panel(qtbot):
    made = LayerCostsPanel()
    qtbot.addWidget(made)
    made.resize(700, 240)
    made.show()
    made.show_rows(ROWS, "1,490 parameters")
    return made


def cells(panel, column):
    model = panel.findChild(QTableView).model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def choose(panel, row):
    table = panel.findChild(QTableView)
    table.setCurrentIndex(table.model().index(row, 0))


def test_rows_stand_in_the_networks_order_with_readable_numbers(panel):
    assert cells(panel, 0) == ["input", "conv", "dense", "new"]
    assert cells(panel, 2)[1] == "6 × 6 × 4"
    assert cells(panel, 3) == ["0", "40", "1,450", "?"]
    assert cells(panel, 4) == ["0", "1.3 M", "1.4 k", "?"]
    assert cells(panel, 5)[2] == "18 kB"


def test_bars_are_shares_of_the_largest(panel):
    model = panel.findChild(QTableView).model()
    assert [model.index(row, 5).data(SHARE_ROLE) for row in range(4)] == [500 / 18_000, 0.5, 1, 0]


def test_a_column_sorts_by_its_numbers_and_the_first_by_the_network(panel):
    table = panel.findChild(QTableView)
    table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert cells(panel, 0) == ["dense", "conv", "input", "new"]
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert cells(panel, 0) == ["input", "conv", "dense", "new"]


def test_a_chosen_row_names_its_layer_and_a_shown_one_does_not(panel, qtbot):
    panel.findChild(QTableView).sortByColumn(3, Qt.SortOrder.DescendingOrder)
    with qtbot.waitSignal(panel.layer_chosen) as said:
        choose(panel, 1)
    assert said.args == ["conv"]
    with qtbot.assertNotEmitted(panel.layer_chosen):
        panel.show_selected("dense")
    selected = panel.findChild(QTableView).selectionModel().selectedRows()
    assert [index.data() for index in selected] == ["dense"]
    panel.show_selected("unknown")
    assert not panel.findChild(QTableView).selectionModel().selectedRows()


def test_new_numbers_of_the_same_layers_keep_the_selection(panel):
    panel.show_selected("dense")
    panel.show_rows(
        (*ROWS[:2], LayerCostRow("dense", "Dense", "20", 2900, 2880, 36000), *ROWS[3:]), ""
    )
    assert cells(panel, 3)[2] == "2,900"
    selected = panel.findChild(QTableView).selectionModel().selectedRows()
    assert [index.data() for index in selected] == ["dense"]


def test_what_comes_while_nobody_looks_is_drawn_when_the_panel_is_seen(panel):
    panel.hide()
    panel.show_rows(ROWS[:1], "")
    panel.show_selected("input")
    assert len(cells(panel, 0)) == 4
    panel.show()
    assert cells(panel, 0) == ["input"]
    assert panel.findChild(QTableView).selectionModel().selectedRows()


def test_the_measure_of_the_blocks_is_asked_for(panel, qtbot):
    choice = panel.findChild(QComboBox, "layer_costs.measure")
    panel.show_measure("memory")
    assert choice.currentText() == "Memory"
    with qtbot.waitSignal(panel.measure_chosen) as said:
        choice.setCurrentIndex(0)
        choice.activated.emit(0)
    assert said.args == ["off"]


def test_bars_are_drawn_in_both_themes(panel):
    light = panel.grab().toImage()
    panel.set_theme(DARK)
    assert panel.grab().toImage() != light
