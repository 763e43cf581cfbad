"""A run that is interrupted and resumed against the same run unbroken, bit for bit."""

import json
import math
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from engine.errors import BadInput, JobFailed, NewerFile
from engine.spec.base import ObjectSpec
from engine.spec.training import EarlyStoppingSpec, ScheduleSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import (
    PhaseChanged,
    RunStarted,
    StepsEnded,
    ValueApplied,
    WriteFailed,
)
from engine.training.loop import state_keeper
from engine.training.state import checkpoint_scheduler, resume_point
from tests.engine.training.problems import (
    MLP,
    Follower,
    adam,
    chain,
    epoch_ended,
    loaded,
    picture_info,
    points,
    project,
    series_info,
)

pytestmark = pytest.mark.usefixtures("without_xla")
GENERATOR = np.random.default_rng(11)


def point_data():
    x = GENERATOR.normal(size=(50, 4)).astype(np.float32)
    y = (x[:, 0] * x[:, 1] > 0).astype(np.int32)
    return loaded(points(features=4), (x, y), validation=(x[:20], y[:20]))


def picture_data():
    x = GENERATOR.integers(0, 17, (50, 6, 6, 1)).astype(np.uint8)
    y = (x.reshape(50, -1).mean(axis=1) > 8).astype(np.int32)
    return loaded(picture_info(), (x, y), validation=(x[:20], y[:20]))


def series_data():
    x = GENERATOR.normal(size=(50, 5, 3)).astype(np.float32)
    y = (x[:, -1, 0] > 0).astype(np.int32)
    return loaded(series_info(), (x, y), validation=(x[:20], y[:20]))


OUTPUT = ("output", "Dense", {"units": 2, "activation": "softmax"})
CONVOLUTION = chain(
    ("conv", "Conv2D", {"filters": 3, "kernel_size": (3, 3), "activation": "relu"}),
    ("norm", "BatchNormalization", {}),
    ("flat", "Flatten", {}),
    ("drop", "Dropout", {"rate": 0.3}),
    OUTPUT,
)
LSTM = chain(("lstm", "LSTM", {"units": 4, "dropout": 0.2}), OUTPUT)
CASES = {
    "dense": (MLP, point_data, {"optimizer": adam(0.05)}),
    "conv": (CONVOLUTION, picture_data, {"schedule": ScheduleSpec(kind="one_cycle")}),
    "lstm": (LSTM, series_data, {"optimizer": ObjectSpec(kind="RMSprop")}),
    "plateau": (
        MLP,
        point_data,
        {
            "schedule": ScheduleSpec(kind="plateau", patience=1, min_delta=1.0),
            "early_stopping": EarlyStoppingSpec(enabled=True, patience=40),
            "class_weights": "balanced",
        },
    ),
}


def run(spec, data, resume=None, reactions=(), control=None, **options):
    """Train on this thread; returns the follower and the states that were kept."""
    from engine.training.loop.session import train

    control = control or TrainingControl()
    follower, kept = Follower(), []
    for when, action in reactions:
        follower.when(when, lambda action=action: action(control))
    train(
        "run", spec, data, follower.emit, control, resume=resume, keep_state=kept.append, **options
    )
    assert follower.ended.error == ""
    return follower, kept


def at_step(number):
    return lambda event: (
        isinstance(event, StepsEnded) and event.first_step + len(event.losses) > number
    )


def paused_at(number):
    """Reactions that stop a run after exactly so many steps."""
    return [
        (lambda event: isinstance(event, RunStarted), lambda control: control.step(number)),
        (
            lambda event: isinstance(event, PhaseChanged) and event.phase == "paused",
            lambda control: control.stop(),
        ),
    ]


def losses_of(follower):
    return np.concatenate([event.losses for event in follower.of(StepsEnded)])


def figures_of(follower):
    return {event.epoch: dict(event.figures) for event in follower.epoch_ends}


def assert_equal_arrays(one, another):
    assert len(one) == len(another)
    for first, second in zip(one, another, strict=True):
        np.testing.assert_array_equal(first, second)


def through_a_file(point, folder):
    path = folder / resume_point.FILE_NAME
    resume_point.write(path, point)
    return resume_point.read(path)


# 7 batches an epoch: inside an epoch, and between two
@pytest.mark.usefixtures("with_xla")
@pytest.mark.parametrize(
    ("case", "breaks"), [("dense", [9]), ("conv", [9, 14]), ("lstm", [9]), ("plateau", [9])]
)
def test_a_resumed_run_equals_the_unbroken_one_bit_for_bit(case, breaks, tmp_path):
    network, make, training = CASES[case]
    data = make()
    spec = project(network, epochs=4, batch_size=8, **training)
    unbroken = run(spec, data)
    for steps in breaks:
        assert_goes_on(spec, data, steps, unbroken, tmp_path)


def assert_goes_on(spec, data, steps, unbroken, tmp_path):
    whole, whole_states = unbroken
    first, states = run(spec, data, reactions=paused_at(steps))
    assert first.ended.steps == steps
    second, second_states = run(spec, data, through_a_file(states[-1], tmp_path))
    assert second.ended.steps == whole.ended.steps == 28
    assert second.of(RunStarted)[0].steps_before == steps
    np.testing.assert_array_equal(
        np.concatenate([losses_of(first), losses_of(second)]), losses_of(whole)
    )
    assert figures_of(first) | figures_of(second) == figures_of(whole)
    assert_equal_arrays(second.ended.weights, whole.ended.weights)
    one, another = second_states[-1], whole_states[-1]
    for group in ("model", "optimizer"):
        assert_equal_arrays(one.variables.groups[group], another.variables.groups[group])
    same = {"seconds": 0.0}
    assert str(replace(one.progress, **same)) == str(replace(another.progress, **same))


def test_a_run_stopped_during_validation_validates_again():
    data, spec = point_data(), project(epochs=3, batch_size=8)
    whole, _ = run(spec, data)
    validating = (
        lambda event: isinstance(event, PhaseChanged) and event.phase == "validating",
        lambda control: control.stop(),
    )
    first, states = run(spec, data, reactions=[validating])
    assert (first.ended.steps, first.epoch_ends) == (7, [])
    second, _ = run(spec, data, states[-1])
    assert figures_of(second) == figures_of(whole)
    assert_equal_arrays(second.ended.weights, whole.ended.weights)


def test_values_changed_before_the_break_hold_after_it_streamed_too(tmp_path):
    schedule = ScheduleSpec(kind="warmup_cosine", warmup=0.5)
    spec = project(CONVOLUTION, epochs=3, batch_size=8, schedule=schedule, class_weights="balanced")
    data = picture_data()

    def change(control):
        for name, value in (
            ("learning_rate", 0.01),
            ("momentum", 0.5),
            ("batch_size", 16),
            ("dropout:drop", 0.6),
            ("trainable:conv", 0),
            ("class_weight:b", 2.0),
        ):
            control.set_value(name, value)

    changing = (epoch_ended(), change)
    stopping = (at_step(9), lambda control: control.stop())
    whole, _ = run(spec, data, reactions=[changing])
    assert all(answer.applied is not None for answer in whole.of(ValueApplied))
    limit = {"memory_limit_bytes": 3 * 20 * 40}
    first, states = run(spec, data, reactions=[changing, stopping], **limit)
    second, _ = run(spec, data, through_a_file(states[-1], tmp_path), **limit)
    assert 9 <= first.ended.steps < second.ended.steps == whole.ended.steps == 7 + 2 * 4
    assert_equal_arrays(second.ended.weights, whole.ended.weights)


def test_a_finished_run_goes_on_for_more_epochs():
    data = point_data()
    long, _ = run(project(epochs=5, batch_size=8), data)
    _, states = run(project(epochs=2, batch_size=8), data)
    more, _ = run(project(epochs=5, batch_size=8), data, states[-1])
    assert_equal_arrays(more.ended.weights, long.ended.weights)
    assert [event.epoch for event in more.epoch_ends] == [3, 4, 5]


def test_the_best_epoch_before_the_break_is_gone_back_to():
    stopping = EarlyStoppingSpec(enabled=True, patience=3)
    data, spec = point_data(), project(epochs=60, optimizer=adam(0.5), early_stopping=stopping)
    whole, _ = run(spec, data)
    best = [event for event in whole.epoch_ends if event.best][-1]
    assert whole.ended.outcome == "stopped_early"
    _, states = run(spec, data, reactions=paused_at(best.step + 5))
    second, _ = run(spec, data, states[-1])
    assert second.ended.outcome == "stopped_early"
    assert not any(event.best for event in second.epoch_ends)
    assert_equal_arrays(second.ended.weights, whole.ended.weights)


def test_a_run_that_may_stop_early_only_after_the_break_goes_back_to_an_epoch_it_knows():
    data, spec = point_data(), project(epochs=2, batch_size=8)
    _, states = run(spec, data)
    assert states[-1].best == ()
    stopping = EarlyStoppingSpec(enabled=True, patience=1, min_delta=1000.0)
    second, _ = run(project(epochs=9, batch_size=8, early_stopping=stopping), data, states[-1])
    assert [event.best for event in second.epoch_ends] == [True, False]
    assert second.ended.outcome == "stopped_early"


def test_a_discarded_run_leaves_no_state_and_a_full_disk_does_not_stop_a_run(monkeypatch):
    from engine.training.loop.session import train

    monkeypatch.setattr(checkpoint_scheduler, "STATE_PERIOD_S", math.inf)
    _, states = run(
        project(epochs=50),
        point_data(),
        reactions=[(at_step(3), lambda control: control.discard())],
    )
    assert states == []
    monkeypatch.setattr(checkpoint_scheduler, "STATE_PERIOD_S", 0.0)
    monkeypatch.setattr(state_keeper, "ANCHOR_PERIOD_S", 0.0)

    def fail(point):
        raise JobFailed("the disk is full")

    follower = Follower()
    train("run", project(), point_data(), follower.emit, TrainingControl(), keep_state=fail)
    assert follower.ended.outcome == "finished"
    (failed,) = follower.of(WriteFailed)
    assert (failed.what, failed.sentence) == ("state", "the disk is full")


def test_the_state_is_kept_within_an_epoch_too(monkeypatch):
    monkeypatch.setattr(checkpoint_scheduler, "STATE_PERIOD_S", 0.0)
    monkeypatch.setattr(state_keeper, "ANCHOR_PERIOD_S", 0.0)
    monkeypatch.setattr(state_keeper, "SHARE", 1e9)
    monkeypatch.setattr(checkpoint_scheduler, "SHARE", 1e9)
    data, spec = point_data(), project(epochs=2, batch_size=4)
    whole, states = run(spec, data)
    inside = [each for each in states if each.progress.position not in (0, 13)]
    assert inside
    second, _ = run(spec, data, inside[0])
    assert_equal_arrays(second.ended.weights, whole.ended.weights)


@pytest.mark.parametrize(
    "other", [{"seed": 5}, {"optimizer": ObjectSpec(kind="SGD")}, {"network": LSTM}]
)
def test_a_state_of_another_run_is_refused(other):
    from engine.training.loop.session import train

    data, spec = point_data(), project(epochs=2)
    _, states = run(spec, data)
    follower = Follower()
    train("run", project(**other), data, follower.emit, TrainingControl(), resume=states[-1])
    assert follower.ended.outcome == "failed"
    assert len(follower.ended.error) <= 160
    changed = loaded(
        data.info,
        (data.training.x + 1, data.training.y),
        validation=(data.validation.x, data.validation.y),
    )
    follower = Follower()
    train("run", spec, changed, follower.emit, TrainingControl(), resume=states[-1])
    assert "another network, data or seed" in follower.ended.error


# ---- The file ----


def point():
    arrays = (np.arange(6, dtype=np.float32).reshape(2, 3), np.array(3, np.int64), np.zeros((0, 2)))
    variables = resume_point.Variables(
        {"model": arrays, "optimizer": (np.array([1, 2], np.uint32),), "metrics": ()}
    )
    progress = resume_point.Progress(
        epochs=2, steps=9, figures={"loss": 0.1, "auc": math.nan}, granted=(("momentum", 0.5),)
    )
    return resume_point.ResumePoint("abc", progress, variables, arrays[:1])


def test_a_state_survives_its_file(tmp_path):
    path = tmp_path / resume_point.FILE_NAME
    resume_point.write(path, point())
    back = resume_point.read(path)
    assert str(back.progress) == str(point().progress)
    assert back.key == "abc"
    for group in ("model", "optimizer", "metrics"):
        one, another = back.variables.groups[group], point().variables.groups[group]
        assert_equal_arrays(one, another)
        assert [array.dtype for array in one] == [array.dtype for array in another]
    assert_equal_arrays(back.best, point().best)
    assert [entry.name for entry in path.parent.iterdir()] == [resume_point.FILE_NAME]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_cut_state_is_refused(tmp_path, share):
    path = tmp_path / resume_point.FILE_NAME
    resume_point.write(path, point())
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(BadInput) as caught:
        resume_point.read(path)
    assert len(str(caught.value)) <= 160


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (b'"format": 2', b'"format": 3', NewerFile),
        (b'"epochs": 2', b'"epochs": x', BadInput),
        (b'"steps": 9', b'"steps":-9', BadInput),
        (b'"float32"', b'"objects"', BadInput),
        (b"[2, 3]", b"[2, 9]", BadInput),
        (b"[2, 3]", b"[-2,3]", BadInput),
        (b'"granted"', b'"grantee"', BadInput),
    ],
)
def test_a_forged_state_is_refused(tmp_path, old, new, error):
    path = tmp_path / resume_point.FILE_NAME
    resume_point.write(path, point())
    with np.load(path) as stored:
        entries = dict(stored)
    about = entries["about"].tobytes()
    assert old in about
    entries["about"] = np.frombuffer(about.replace(old, new, 1), np.uint8)
    np.savez(path, **entries)
    with pytest.raises(error):
        resume_point.read(path)


def test_a_state_of_format_1_opens_with_its_totals(tmp_path):
    path = tmp_path / resume_point.FILE_NAME
    resume_point.write(path, point())
    with np.load(path) as stored:
        entries = dict(stored)
    about = json.loads(entries["about"].tobytes())
    about["format"] = 1
    del about["progress"]["totals"], about["progress"]["samples_counted"]
    about["progress"] |= {"loss_total": 12.5, "loss_samples": 24}
    entries["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    np.savez(path, **entries)
    progress = resume_point.read(path).progress
    assert progress.totals == {"loss": 12.5}
    assert progress.samples_counted == 24
    assert_equal_arrays(
        resume_point.read(path).variables.groups["model"], point().variables.groups["model"]
    )


def test_the_weights_of_another_network_change_nothing():
    class Variable:
        def __init__(self, array):
            self.array, self.shape = array, array.shape

        def assign(self, array):
            raise AssertionError

    model = (Variable(np.zeros((2, 3))), Variable(np.zeros(4)))
    program = SimpleNamespace(variables={"model": model, "metrics": ()})
    arrays = (np.zeros((2, 3)), np.zeros(4))
    for groups in (
        {"model": (arrays[0], np.zeros(5)), "metrics": ()},
        {"model": arrays},
        {"model": arrays, "metrics": (), "average": ()},
    ):
        with pytest.raises(JobFailed, match="another network"):
            resume_point.restore(program, resume_point.Variables(groups))


WRITER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    import numpy as np
    from engine.training.state.resume_point import Progress, ResumePoint, Variables, write

    path = Path(sys.argv[1])
    number = 0
    while True:
        number += 1
        arrays = tuple(np.full(20_000, number, np.float32) for _ in range(20))
        point = ResumePoint("k", Progress(steps=number), Variables({"model": arrays, "optimizer": arrays}))
        write(path, point)
        print(number, flush=True)
    """
)


@pytest.mark.skipif(os.name == "nt", reason="there is no signal 9")
def test_a_writer_killed_at_any_moment_leaves_a_whole_state_not_older_than_it_said(tmp_path):
    path = tmp_path / resume_point.FILE_NAME
    for delay in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        said = [int(process.stdout.readline()) for _ in range(2 + delay)][-1]
        process.send_signal(signal.SIGKILL)
        said = ([int(line) for line in process.stdout.read().splitlines()] or [said])[-1]
        process.wait()
        process.stdout.close()
        back = resume_point.read(path)
        assert back.progress.steps >= said
        for array in (*back.variables.groups["model"], *back.variables.groups["optimizer"]):
            assert (array == back.progress.steps).all()


def test_a_full_disk_leaves_the_last_state(tmp_path):
    resource = pytest.importorskip("resource")
    path = tmp_path / resume_point.FILE_NAME
    resume_point.write(path, point())
    large = resume_point.Variables({"model": (np.zeros(200_000),)})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(JobFailed, match="was not written"):
            resume_point.write(path, replace(point(), variables=large))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert resume_point.read(path).progress.steps == 9
    assert [entry.name for entry in tmp_path.iterdir()] == [resume_point.FILE_NAME]
