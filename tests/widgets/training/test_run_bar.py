import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from engine.training.live.events import RunEnded, RunStarted, StepsEnded
from widgets.training.run_bar import RunBar, outcome_in_words

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
    bar.show_steps(StepsEnded("r", 1, 1, {"loss": losses}, {}, 0.001, 0.02, 7 * 32))


def test_a_wide_bar_shows_every_counter(bar):
    run(bar)
    for name in ("run.epoch", "run.iteration", "run.eta"):
        assert text_of(bar, name).isVisible(), name


def test_in_a_narrow_bar_the_least_important_give_way_and_nothing_is_cut(bar):
    bar.resize(NARROW, 40)
    run(bar)
    assert text_of(bar, "run.eta").isVisible()
    assert not text_of(bar, "run.iteration").isVisible()
    bar.show_result("Stopped: test accuracy 98.76%", "Handwritten digits, run 12")
    bar.layout().activate()
    for label in bar.findChildren(QLabel):
        if label.isVisible():
            assert label.width() >= label.sizeHint().width(), label.text()


def test_another_project_starts_with_a_blank_bar(bar):
    run(bar)
    bar.clear()
    assert text_of(bar, "run.phase").text() == "Ready"
    assert not text_of(bar, "run.epoch").isVisible()
    assert not bar.progress.isVisible()


def test_slow_motion_is_part_of_the_speed_and_of_what_is_left(bar):
    bar.start(RunStarted("r", 1, 100, 32, 3200, "cpu", 10, ()))
    losses = np.ones(1, np.float32)
    bar.show_steps(StepsEnded("r", 1, 1, {"loss": losses}, {}, 0.001, 0.01, 32, waited_s=0.99))
    assert text_of(bar, "run.eta").text() == "ETA 1:39"


def test_slow_first_steps_hardly_count(bar, qtbot):
    bar.start(RunStarted("r", 100, 1000, 32, 32000, "cpu", 10, ()))
    bar.show_steps(StepsEnded("r", 1, 1, {"loss": np.ones(1, np.float32)}, {}, 0.001, 0.25, 32))
    bar.show_steps(
        StepsEnded("r", 1, 2, {"loss": np.ones(99, np.float32)}, {}, 0.001, 0.25, 99 * 32)
    )
    qtbot.waitUntil(lambda: text_of(bar, "run.eta").text()[:6] == "ETA 8:")  # 200 steps/s
    # Of what came before more than a second of work ago little is left.
    bar.show_steps(
        StepsEnded("r", 1, 101, {"loss": np.ones(400, np.float32)}, {}, 0.001, 1.0, 400 * 32)
    )
    qtbot.waitUntil(lambda: text_of(bar, "run.eta").text()[:6] == "ETA 4:")  # 400 steps/s


def test_of_many_chunks_the_counters_show_the_last(bar, qtbot):
    run(bar)
    losses = np.ones(7, np.float32)
    for first in range(8, 80, 7):
        bar.show_steps(StepsEnded("r", 2, first, {"loss": losses}, {}, 0.001, 0.02, 7 * 32))
    qtbot.waitUntil(lambda: text_of(bar, "run.iteration").text().startswith("iteration 84/"))


def test_preparing_is_an_empty_bar_that_moves_not_the_full_one_of_the_last_run(bar):
    run(bar)
    bar.show_result("Finished: test accuracy 98.76%", "Handwritten digits, run 1")
    assert not bar.progress.isVisible()
    for phase, words in (
        ("preparing", "Building the network …"),
        ("loading", "Loading the data …"),
        ("measuring", "Measuring what is faster …"),
        ("compiling", "Compiling …"),
    ):
        bar.show_phase(phase)
        assert text_of(bar, "run.phase").text() == words
        assert bar.progress.isVisible()
        assert (bar.progress.minimum(), bar.progress.maximum()) == (0, 0)  # it moves
        assert not text_of(bar, "run.epoch").isVisible()
        assert not text_of(bar, "run.detail").isVisible()


def test_a_result_says_what_it_is_of_and_an_old_one_is_grey(bar):
    bar.show_result("Finished: test accuracy 98.89%", "Handwritten digits, run 3")
    assert text_of(bar, "run.detail").text() == "Handwritten digits, run 3"
    roles = bar.palette().ColorRole
    text, muted = (bar.palette().color(role) for role in (roles.WindowText, roles.PlaceholderText))
    assert bar.palette().color(text_of(bar, "run.phase").foregroundRole()) == text
    bar.show_result("Old result: 98.89%", "the data changed since", is_current=False)
    assert bar.palette().color(text_of(bar, "run.phase").foregroundRole()) == muted != text


def test_one_thing_is_offered_as_a_button(bar, qtbot):
    bar.offer("fast", "Full Speed")
    button = bar.findChild(QPushButton, "run.offer")
    assert button.isVisible()
    with qtbot.waitSignal(bar.chosen) as chosen:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert chosen.args == ["fast"]
    bar.offer("", "")
    assert not button.isVisible()


@pytest.mark.parametrize(
    ("outcome", "figures", "words"),
    [
        (
            "stopped",
            {"loss": 0.1, "test_accuracy": 0.9876, "test_loss": 0.2},
            "Stopped: test accuracy 98.76%",
        ),
        ("finished", {"test_loss": 0.25}, "Finished: test loss 0.25"),
        ("failed", {}, "Failed"),
    ],
)
def test_an_outcome_has_its_most_telling_figure(outcome, figures, words):
    assert outcome_in_words(RunEnded("r", outcome, 1, 7, 3.0, 224, figures)) == words


def test_a_slowed_run_does_not_flicker_between_training_and_validating(bar):
    run(bar)
    bar.set_slowed(slowed=True)
    for phase in ("training", "validating", "training"):
        bar.show_phase(phase)
        assert text_of(bar, "run.phase").text() == "Training, slowed"
    bar.show_phase("testing")
    assert text_of(bar, "run.phase").text() == "Testing"
    bar.set_slowed(slowed=False)
    bar.show_phase("validating")
    assert text_of(bar, "run.phase").text() == "Validating"
