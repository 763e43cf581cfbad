import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.spec.training import ScheduleSpec, TrainingSpec
from engine.training.live.schedules import FIELDS, issues, rates, values, varies

KINDS = sorted(FIELDS)


def curve(steps=100, per_epoch=10, base=2.0, **fields):
    return values(ScheduleSpec(**fields), base, steps, per_epoch)


@pytest.mark.parametrize(
    ("fields", "at", "expected"),
    [
        ({"kind": "constant"}, [0, 50, 99], [2, 2, 2]),
        ({"kind": "plateau"}, [0, 99], [2, 2]),
        (
            {"kind": "step", "factor": 0.5, "every": 3},
            [0, 29, 30, 59, 60, 90],
            [2, 2, 1, 1, 0.5, 0.25],
        ),
        ({"kind": "step", "factor": 0.1, "every": 0.1}, [0, 1, 3], [2, 0.2, 0.002]),
        ({"kind": "exponential", "factor": 0.25, "every": 4}, [0, 20, 40], [2, 1, 0.5]),
        ({"kind": "cosine", "final": 0.5}, [0, 50, 100], [2, 1.5, 1]),
        ({"kind": "warmup", "warmup": 2, "start": 0}, [0, 9, 19, 20, 99], [0.1, 1, 2, 2, 2]),
        (
            {"kind": "warmup_cosine", "warmup": 2, "start": 0, "final": 0},
            [0, 19, 20, 60],
            [0.1, 2, 2, 1],
        ),
        (
            {"kind": "one_cycle", "peak": 0.4, "start": 0.1, "final": 0},
            [0, 20, 40, 70],
            [0.2, 1.1, 2, 1],
        ),
    ],
)
def test_curves_go_through_points_worked_out_by_hand(fields, at, expected):
    steps = 101 if 100 in at else 100
    found = rates(ScheduleSpec(**fields), 2.0, 0, steps, 10, 10)
    np.testing.assert_allclose(found[at], expected, rtol=1e-6)


@given(
    kind=st.sampled_from(KINDS),
    per_epoch=st.integers(1, 50),
    epochs=st.integers(1, 20),
    cut=st.integers(0, 1000),
)
def test_a_cut_curve_is_a_piece_of_the_whole(kind, per_epoch, epochs, cut):
    schedule = ScheduleSpec(kind=kind, every=1.7, warmup=0.6)
    whole = values(schedule, 0.1, epochs * per_epoch, per_epoch)
    first = cut % len(whole)
    piece = rates(schedule, 0.1, first, len(whole) - first, per_epoch, epochs)
    np.testing.assert_array_equal(piece, whole[first:])
    assert np.isfinite(whole).all()
    assert (whole >= 0).all()
    assert whole.max() <= np.float32(0.1)


@pytest.mark.parametrize("kind", KINDS)
def test_the_curve_does_not_depend_on_the_batch_size_but_for_the_steps_own_length(kind):
    schedule = ScheduleSpec(kind=kind, every=2, warmup=2)
    fine = rates(schedule, 1.0, 0, 80, 40, 10, epochs_before=4)[::40]
    coarse = rates(schedule, 1.0, 0, 2, 1, 10, epochs_before=4)
    np.testing.assert_allclose(fine, coarse, rtol=1e-6)


def test_which_schedules_vary_by_plan():
    assert [kind for kind in KINDS if not varies(ScheduleSpec(kind=kind))] == [
        "constant",
        "plateau",
    ]


def test_every_field_of_the_table_exists():
    named = {name for names in FIELDS.values() for name in names}
    assert named | {"kind"} == set(ScheduleSpec.model_fields)


@pytest.mark.parametrize(
    ("fields", "field", "severity"),
    [
        ({"kind": "warmup", "warmup": 5}, "training.schedule.warmup", "error"),
        ({"kind": "warmup_cosine", "warmup": 7}, "training.schedule.warmup", "error"),
        ({"kind": "step", "every": 9}, "training.schedule.every", "warning"),
        ({"kind": "plateau", "patience": 6}, "training.schedule.patience", "warning"),
        (
            {"kind": "plateau", "patience": 2, "monitor": "sun"},
            "training.schedule.monitor",
            "error",
        ),
    ],
)
def test_impossible_settings_are_said_and_their_cure_mends_them(fields, field, severity):
    training = TrainingSpec(epochs=5, schedule=ScheduleSpec(**fields))
    (issue,) = issues(training, ("val_loss", "loss"))
    assert (issue.field, issue.severity) == (field, severity)
    assert len(issue.message) <= 160
    assert not list(issues(issue.cures[0].training, ("val_loss", "loss")))


@pytest.mark.parametrize("kind", KINDS)
def test_the_usual_settings_fit_a_run_of_thirty_epochs(kind):
    training = TrainingSpec(epochs=30, schedule=ScheduleSpec(kind=kind))
    assert not list(issues(training, ("val_loss",)))
