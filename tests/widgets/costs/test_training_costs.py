from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from widgets.base.theme import LIGHT, palette
from widgets.costs.training_costs import CostPanel, ShownCosts

COSTS = ShownCosts(
    parameters=21_386, trainable=21_000, flops=638_000, training_flops=1_914_000,
    memory_bytes=12_000_000, fixed_bytes=2_000_000, sample_bytes=10_000, free_bytes=9_800_000_000,
    batch_size=100, samples=100_000, steps=1000, largest_batch=13_000,
)  # fmt: skip


@pytest.fixture
def panel(qtbot):
    panel = CostPanel()
    qtbot.addWidget(panel)
    panel.setPalette(palette(LIGHT))
    panel.resize(280, panel.sizeHint().height())
    return panel


def text(panel, name):
    return panel.findChild(QWidget, f"costs.{name}").text()


def press(qtbot, panel, name):
    qtbot.mouseClick(panel.findChild(QWidget, f"costs.{name}"), Qt.MouseButton.LeftButton)


def test_every_figure_is_said_and_nothing_asked(panel, qtbot):
    with qtbot.assertNotEmitted(panel.batch_requested):
        panel.show_costs(COSTS)
    assert text(panel, "parameters") == "21,386"
    assert text(panel, "flops") == "638 k per sample"
    assert text(panel, "memory") == "12 MB of 9.8 GB free"
    assert text(panel, "iterations") == "1,000 per epoch"
    assert text(panel, "largest_batch") == "13,000 fits"
    assert text(panel, "time") == "not measured"


def test_nothing_known_is_said_so(panel):
    for name in ("parameters", "memory", "largest_batch"):
        assert text(panel, name) == "not known yet"
    assert not is_offered(panel)


def is_offered(panel):
    return panel.findChild(QWidget, "costs.use_batch").isVisibleTo(panel)


def test_the_largest_batch_is_offered_only_in_place_of_one_that_does_not_fit(panel, qtbot):
    panel.show_costs(COSTS)
    assert not is_offered(panel)  # it fits, and a larger one would learn worse
    panel.show_costs(replace(COSTS, batch_size=50_000))
    assert text(panel, "use_batch") == "Use 13,000"
    with qtbot.waitSignal(panel.batch_requested) as asked:
        press(qtbot, panel, "use_batch")
    assert asked.args == [13_000]
    panel.show_costs(replace(COSTS, batch_size=13_000))
    assert not is_offered(panel)


def test_a_batch_of_all_samples_is_said_and_not_offered(panel):
    panel.show_costs(replace(COSTS, samples=1257, largest_batch=1_000_000))
    assert text(panel, "largest_batch") == "1,257 (all in one step)"
    tip = panel.findChild(QWidget, "costs.largest_batch").toolTip()
    assert "Largest batch that fits: 1,257 (all samples in one step)." in tip
    assert not is_offered(panel)


def test_no_batch_is_offered_before_the_samples_are_counted(panel):
    panel.show_costs(replace(COSTS, samples=0, steps=0, largest_batch=100_000))
    assert text(panel, "largest_batch") == "up to 100,000 fit"
    assert not is_offered(panel)


def test_what_does_not_fit_is_shown_in_red_and_said(panel):
    panel.show_costs(COSTS)
    memory = panel.findChild(QWidget, "costs.memory")
    usual = memory.foregroundRole()
    panel.show_costs(replace(COSTS, batch_size=50_000))
    assert memory.foregroundRole() != usual
    assert "does not fit" in memory.toolTip()
    panel.show_costs(replace(COSTS, largest_batch=0))
    assert text(panel, "largest_batch") == "none fits"
    assert not is_offered(panel)


def test_unknown_layers_make_the_figures_a_least(panel):
    panel.show_costs(replace(COSTS, is_whole=False, free_bytes=None, largest_batch=None))
    assert text(panel, "parameters") == "at least 21,386"
    assert text(panel, "memory") == "at least 12 MB"


def test_a_least_of_nothing_is_not_known(panel):
    panel.show_costs(replace(COSTS, is_whole=False, parameters=0, flops=0))
    for name in ("parameters", "flops", "memory"):
        assert text(panel, name) == "not known yet"


def test_a_measurement_is_asked_for_and_can_be_stopped(panel, qtbot):
    panel.show_costs(COSTS)
    with qtbot.waitSignal(panel.measure_requested):
        press(qtbot, panel, "measure")
    panel.show_measuring("measuring …")
    assert text(panel, "time") == "measuring …"
    with qtbot.waitSignal(panel.measure_stopped):
        press(qtbot, panel, "measure")
    panel.show_measuring("")
    panel.show_time(3.2)
    assert text(panel, "time") == "about 3.2 s, measured"
    assert (
        "about 3.2 s per epoch, measured"
        in panel.findChild(QWidget, "costs.time").toolTip().lower()
    )


def test_what_cannot_be_measured_says_why(panel):
    panel.set_measurable("stop the training first")
    button = panel.findChild(QWidget, "costs.measure")
    assert not button.isEnabled()
    assert "stop the training first" in button.toolTip()
