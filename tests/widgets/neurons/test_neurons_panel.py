"""The picture of neurons: which are shown, what the pointer reads, what a click asks for."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from engine.probes.neurons import MOST_SHOWN, Column, DenseChain, synapses_of
from widgets.base.theme import DARK
from widgets.neurons import NeuronsPanel
from widgets.neurons.geometry import LEAST_PITCH, Hit, hit, stand


def synapses(kernel, bias):
    return synapses_of(np.asarray(kernel), bias, MOST_SHOWN)


CHAIN = DenseChain(
    (Column("in", 2, names=("x", "y")), Column("a", 3, "relu"), Column("b", 2)), is_whole=True
)
KERNELS = (
    synapses(np.array([[0.5, -1.0, 0.0], [0.25, 2.0, -0.412]]), np.array([0.0, -0.5, 1.0])),
    synapses(np.ones((3, 2)), None),
)


@pytest.fixture
def panel(qtbot):
    made = NeuronsPanel()
    qtbot.addWidget(made)
    made.resize(600, 220)
    made.show()
    return made


def line(panel):
    return panel.findChild(QLabel, "neurons.line").text()


def point(panel, x, y):
    QTest.mouseMove(panel.picture, QPoint(1, 1))
    QTest.mouseMove(panel.picture, QPoint(round(x), round(y)))


def standing(panel):
    return panel.picture._columns


def test_large_layers_show_some_neurons_and_how_many_more_there_are():
    small, large = stand([4, 784], 50, 550, 10, 200)
    assert (list(small.shown), small.hidden) == ([0, 1, 2, 3], 0)
    assert large.shown[0] == 0
    assert large.shown[-1] == 783
    assert large.hidden == 784 - len(large.shown)
    assert np.diff(large.y).min() >= LEAST_PITCH - 1
    assert large.y[-1] < large.hidden_y <= 200


def test_neurons_are_hit_before_synapses_and_nothing_between_them():
    columns = stand([2, 2], 50, 250, 0, 100)
    assert hit(columns, 50, columns[0].y[1]) == Hit(0, 1)
    middle = (columns[0].y[0] + columns[1].y[0]) / 2
    assert hit(columns, 150, middle) == Hit(1, 0, source=0)
    assert hit(columns, 400, 50) is None


def test_pointing_reads_weights_and_biases(panel):
    panel.show_chain(CHAIN, KERNELS)
    first, second, third = standing(panel)
    point(panel, second.x, second.y[1])
    assert line(panel) == "Neuron 1 of a: bias −0.5000"
    point(panel, first.x, first.y[0])
    assert line(panel) == "Neuron 0 of in (x)"
    share = 0.3
    y = first.y[1] * (1 - share) + second.y[2] * share
    point(panel, first.x + share * (second.x - first.x), y)
    assert line(panel) == "Weight from neuron 1 of in (y) to neuron 2 of a: −0.4120"
    point(panel, third.x, third.y[0])
    assert line(panel) == "Neuron 0 of b"


def test_before_training_the_structure_alone_is_drawn(panel):
    panel.show_chain(CHAIN, None, "a note")
    assert line(panel) == "a note"
    first, second, _third = standing(panel)
    point(panel, (first.x + second.x) / 2, (first.y[0] + second.y[0]) / 2)
    assert line(panel) == "Weight from neuron 0 of in (x) to neuron 0 of a"
    assert not panel.grab().isNull()


def test_a_click_asks_for_the_layer(panel, qtbot):
    panel.show_chain(CHAIN, KERNELS)
    column = standing(panel)[1]
    with qtbot.waitSignal(panel.layer_requested) as asked:
        place = QPoint(round(column.x), round(column.y[0]))
        QTest.mouseClick(panel.picture, Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == ["a"]


def test_other_weights_are_another_picture(panel):
    panel.show_chain(CHAIN, KERNELS)
    before = panel.grab().toImage()
    panel.show_chain(CHAIN, (synapses(-KERNELS[0].kernel, None), KERNELS[1]))
    after = panel.grab().toImage()
    assert before != after
    panel.set_theme(DARK)
    panel.show_selected(("a",))
    assert panel.grab().toImage() != after


def test_weights_that_are_no_numbers_are_drawn_too(panel):
    kernel = np.array([[np.nan, np.inf, 1.0], [0.0, 0.0, 0.0]])
    panel.show_chain(CHAIN, (synapses(kernel, np.array([np.nan, 0, 1])), KERNELS[1]))
    assert not panel.grab().isNull()


def test_a_sentence_stands_in_place_of_the_picture(panel):
    panel.show_chain(CHAIN, KERNELS)
    panel.show_empty("There are none.")
    assert panel.findChild(QLabel, "neurons.words").isVisible()
    assert not panel.picture.isVisible()


DEEP = DenseChain(
    (
        Column("input", 4),
        *(Column(f"dense_{n}", 64, "relu") for n in range(1, 6)),
        Column("dense_6", 3, "softmax", names=("setosa", "versicolor", "virginica")),
    ),
    is_whole=True,
)


@pytest.mark.parametrize("width", [330, 420, 576, 1100])
def test_what_stands_below_the_columns_is_whole(panel, width, monkeypatch):
    """ "64 · relu" was cut where columns stand close."""
    panel.resize(width, 260)
    written = []
    real = panel.picture._word

    def kept(painter, text, x, y, colour):
        apart = standing(panel)[1].x - standing(panel)[0].x
        room = min(apart, 2 * min(x, panel.picture.width() - x))
        assert y + panel.fontMetrics().height() / 2 <= panel.picture.height() + 1
        written.append((text, panel.fontMetrics().horizontalAdvance(text) <= room))
        real(painter, text, x, y, colour)

    monkeypatch.setattr(panel.picture, "_word", kept)
    panel.show_chain(DEEP, None)
    panel.grab()
    told = {text for text, _ in written}
    assert {"64 · relu"} <= told or {"64", "relu"} <= told
    assert all(fits for text, fits in written if "relu" in text or text == "64")


@pytest.mark.parametrize("width", [250, 420, 700])
def test_the_line_below_is_read_whole_and_keeps_its_height(panel, width):
    panel.resize(width, 240)
    panel.show_chain(DEEP, None)
    line = panel.findChild(QLabel, "neurons.line")
    assert line.heightForWidth(line.width()) <= line.height() + 2
    before = line.height()
    point(panel, standing(panel)[1].x, standing(panel)[1].y[0])
    assert "neuron" in line.text().lower()
    assert line.height() == before
