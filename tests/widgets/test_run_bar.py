import numpy as np
import pytest
from PySide6.QtWidgets import QLabel

from engine.training.events import RunEnded, RunStarted, StepsEnded
from widgets.run_bar import RunBar

WIDE, NARROW = 1400, 420


@pytest.fixture
def bar(qtbot):
    made = RunBar()
    qtbot.addWidget(made)
    made.show()
    made.resize(WIDE, 40)
    return made


def text_of(bar, name):
    return bar.findChild(QLabel, name)


def run(bar):
    bar.start(RunStarted("r", 40, 40, 32, 1257, "cpu", 10, ("accuracy",)))
    bar.show_phase("training")
    losses = np.ones(7, np.float32)
    bar.show_steps(StepsEnded("r", 1, 1, losses, {}, 0.001, 0.02, 7 * 32))


def test_a_wide_bar_shows_every_counter(bar):
    run(bar)
    for name in ("run.epoch", "run.iteration", "run.speed", "run.eta", "run.device"):
        assert text_of(bar, name).isVisible(), name


def test_in_a_narrow_bar_the_least_important_give_way_and_nothing_is_cut(bar):
    bar.resize(NARROW, 40)
    run(bar)
    assert text_of(bar, "run.eta").isVisible()
    assert not text_of(bar, "run.device").isVisible()
    bar.show_ended(RunEnded("r", "stopped", 1, 7, 3.0, 224, {"test_accuracy": 0.9876}))
    bar.layout().activate()
    for label in bar.findChildren(QLabel):
        if label.isVisible():
            assert label.width() >= label.sizeHint().width(), label.text()
    assert text_of(bar, "run.phase").text() == "Stopped and kept: test accuracy 98.76%"


def test_another_project_starts_with_a_blank_bar(bar):
    run(bar)
    bar.clear()
    assert text_of(bar, "run.phase").text() == "Ready"
    assert not text_of(bar, "run.epoch").isVisible()
    assert bar.progress.value() == 0


def test_slow_motion_is_part_of_the_speed_and_of_what_is_left(bar):
    bar.start(RunStarted("r", 1, 100, 32, 3200, "cpu", 10, ()))
    losses = np.ones(1, np.float32)
    bar.show_steps(StepsEnded("r", 1, 1, losses, {}, 0.001, 0.01, 32, waited_s=0.99))
    assert "32 samples/s · 1000.00 ms/step" in text_of(bar, "run.speed").text()
    assert text_of(bar, "run.eta").text() == "ETA 1:39"


def test_slow_first_steps_hardly_count(bar, qtbot):
    bar.start(RunStarted("r", 1, 1000, 32, 32000, "cpu", 10, ()))
    bar.show_steps(StepsEnded("r", 1, 1, np.ones(1, np.float32), {}, 0.001, 0.25, 32))
    bar.show_steps(StepsEnded("r", 1, 2, np.ones(99, np.float32), {}, 0.001, 0.25, 99 * 32))
    qtbot.waitUntil(lambda: "6,400 samples/s · 5.00 ms/step" in text_of(bar, "run.speed").text())
    # Of what came before more than a second of work ago little is left.
    bar.show_steps(StepsEnded("r", 1, 101, np.ones(400, np.float32), {}, 0.001, 1.0, 400 * 32))
    qtbot.waitUntil(lambda: "2.50 ms/step" in text_of(bar, "run.speed").text())


def test_of_many_chunks_the_counters_show_the_last(bar, qtbot):
    run(bar)
    losses = np.ones(7, np.float32)
    for first in range(8, 80, 7):
        bar.show_steps(StepsEnded("r", 2, first, losses, {}, 0.001, 0.02, 7 * 32))
    qtbot.waitUntil(lambda: text_of(bar, "run.iteration").text().startswith("iteration 84/"))
