import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.spec.training import EarlyStoppingSpec
from engine.training.live.command_handler import CommandHandler
from engine.training.live.control import TrainingControl
from engine.training.loop.chunk_sizer import LONGEST_S, TARGET_S, ChunkSizer
from engine.training.loop.early_stopping import Monitor, should_rise
from engine.training.loop.targets import encode

# ---- Pace ----


@given(step_s=st.floats(1e-5, 1.0), call_s=st.floats(0, 1e-3))
def test_a_chunk_settles_near_the_target_and_never_exceeds_it(step_s, call_s):
    pace = ChunkSizer(most=10_000)
    assert pace.steps == 1
    for _ in range(12):
        pace.note(pace.steps, call_s + pace.steps * step_s)
    seconds = call_s + pace.steps * step_s
    assert seconds <= LONGEST_S or pace.steps == 1
    assert seconds >= TARGET_S / 2 or pace.steps in (1, 10_000) or step_s > TARGET_S / 3


def test_a_slow_moment_shortens_the_next_chunk_and_a_short_epoch_does_not():
    pace = ChunkSizer(most=1000)
    for _ in range(6):
        pace.note(pace.steps, pace.steps * 0.0004)
    settled = pace.steps
    pace.note(2, 0.002)
    assert pace.steps == settled
    pace.note(settled, 4 * TARGET_S)
    assert pace.steps == pytest.approx(settled / 4, abs=1)


# ---- Targets ----


def test_labels_are_encoded_as_the_loss_wants_them():
    y = np.array([2, 0], np.int64)
    assert encode(y, "index", 3).tolist() == [2, 0]
    assert encode(y, "one_hot", 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert encode(y, "number", 3).tolist() == [[2], [0]]
    assert encode(y, "index", 3).dtype == np.int32
    assert encode(np.ones((2, 3)), "number", 0).shape == (2, 3)


# ---- Early stopping ----


def noted(spec, name, values):
    monitor = Monitor(spec)
    best, exhausted = [], []
    for value in values:
        best.append(monitor.note({"loss": 1.0, name: value}))
        exhausted.append(monitor.exhausted)
    return best, exhausted


def test_a_loss_should_fall():
    spec = EarlyStoppingSpec(enabled=True, patience=2)
    best, exhausted = noted(spec, "val_loss", [3, 2, 2.5, 2, 1])
    assert best == [True, True, False, False, True]
    assert exhausted == [False, False, False, True, False]


def test_an_accuracy_should_rise_by_the_least_difference():
    spec = EarlyStoppingSpec(enabled=True, monitor="val_accuracy", patience=1, min_delta=0.1)
    best, exhausted = noted(spec, "val_accuracy", [0.5, 0.55, 0.7])
    assert best == [True, False, True]
    assert exhausted == [False, True, False]


def test_nan_is_never_best_and_disabled_never_stops():
    best, exhausted = noted(EarlyStoppingSpec(patience=1), "val_loss", [math.nan, 2, math.nan, 3])
    assert best == [False, True, False, False]
    assert not any(exhausted)


def test_without_validation_the_training_figure_stands_in():
    monitor = Monitor(EarlyStoppingSpec(monitor="val_accuracy"))
    assert monitor.note({"loss": 1.0, "accuracy": 0.5})
    assert monitor.note({"loss": 2.0, "accuracy": 0.6})
    assert Monitor(EarlyStoppingSpec(monitor="val_auc")).note({"loss": 1.0})


@pytest.mark.parametrize(
    ("figure", "rises"),
    [
        ("val_loss", False),
        ("mean_absolute_error", False),
        ("val_accuracy", True),
        ("top_k_categorical_accuracy", True),
        ("auc", True),
        ("val_r2_score", True),
        ("f1_score", True),
        ("mean_io_u", True),
        ("false_positives", False),
        ("true_negatives", True),
        ("kl_divergence", False),
        ("cosine_similarity", True),
        ("val_hinge", False),
    ],
)
def test_which_figures_should_rise(figure, rises):
    assert should_rise(figure) is rises


# ---- Slow motion ----


SUBJECT = SimpleNamespace(renew=lambda _step: None, elsewhere_s=0.0)
PROGRAM = SimpleNamespace()


def nothing(*_):
    """Stand in for what applies values and for what writes."""


def obedient(control):
    return CommandHandler("r", PROGRAM, lambda _event: None, control, nothing, nothing, SUBJECT)


def test_a_pause_during_validation_is_obeyed_after_a_single_step_that_was_resumed():
    control, phases = TrainingControl(), []

    def emit(event):
        phases.append(event.phase)
        if event.phase == "paused":
            control.resume()

    course = CommandHandler("r", PROGRAM, emit, control, nothing, nothing, SUBJECT)
    control.step()
    course.may_train()
    control.resume()
    between = course.during_validation()
    control.pause()
    between()
    assert phases[-3:] == ["validating", "paused", "validating"]


def test_slow_motion_says_how_long_it_held_steps_back_and_does_so_once():
    control = TrainingControl()
    control.limit_speed(100.0)
    course = obedient(control)
    course.may_train()
    course.took(2)
    assert course.waited_s == 0.0
    course.may_train()
    waited_s = course.waited_s
    assert waited_s > 0.0
    course.may_train()  # an epoch begins: asked twice before a step
    assert course.waited_s == waited_s
    course.took(1)
    assert course.waited_s == 0.0
