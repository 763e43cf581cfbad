import errno
import threading

import numpy as np
import pytest
import tensorflow as tf

from engine.data.info import DataInfo
from engine.editing.preprocessing import with_scaling
from engine.errors import JobFailed
from engine.models.card import ModelCard, Moment
from engine.probes.activations import LayerOutput
from engine.probes.probe import VIEW_PERIOD_S, Probe, Unavailable
from engine.spec.base import ObjectSpec
from engine.spec.training import EarlyStoppingSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import (
    EpochsEnded,
    PhaseChanged,
    RunEnded,
    RunStarted,
    Sampled,
    SnapshotTaken,
    StepsEnded,
    WriteFailed,
    WriteRecovered,
)
from engine.training.loop import preparation, session
from engine.training.loop.executor import Executor
from engine.training.state import checkpoint_scheduler
from tests.engine.training.problems import (
    MLP,
    XOR_X,
    XOR_Y,
    Follower,
    adam,
    chain,
    epoch_ended,
    loaded,
    points,
    project,
    xor_data,
)
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.usefixtures("without_xla")
GENERATOR = np.random.default_rng(0)
XOR = (XOR_X, XOR_Y)


def phase(name):
    return lambda event: isinstance(event, PhaseChanged) and event.phase == name


def step(number):
    return lambda event: (
        isinstance(event, StepsEnded) and event.first_step + len(event.losses) > number
    )


def noise(n, features=4):
    """Return samples whose labels cannot be learned."""
    x = GENERATOR.normal(size=(n, features)).astype(np.float32)
    return x, GENERATOR.integers(0, 2, n).astype(np.int32)


def watch(control, layer):
    """Ask for a layer's weights, with all their figures."""
    control.observe("test", (Probe("test", "histograms", layer, period_s=VIEW_PERIOD_S),))


def assert_equal_weights(one, another):
    assert len(one) == len(another) > 0
    for first, second in zip(one, another, strict=True):
        np.testing.assert_array_equal(first, second)


# ---- A whole run ----


def test_xor_is_learned_and_told_in_order(follow, control):
    watch(control, "hidden")
    data = xor_data(validation=XOR, test=XOR)
    follower = follow(project(epochs=200), data)
    ended = follower.ended
    assert (ended.outcome, ended.error, ended.epochs, ended.steps) == ("finished", "", 200, 200)
    assert ended.samples == 800
    assert ended.figures["test_accuracy"] == ended.figures["val_accuracy"] == 1.0
    assert {"loss", "accuracy", "val_loss", "val_accuracy", "test_loss"} <= set(ended.figures)
    started = follower.of(RunStarted)[0]
    assert (started.steps_per_epoch, started.samples, started.parameters) == (1, 4, 42)
    assert (started.metrics, started.device) == (("accuracy",), "cpu")
    assert [event.epoch for event in follower.epoch_ends] == list(range(1, 201))
    kinds = [type(event) for event in follower.events]
    first = kinds.index(RunStarted)
    assert kinds[first : first + 2] == [RunStarted, Sampled]
    before = [event.phase for event in follower.events[:first]]
    assert before == ["preparing", "loading", "compiling"]
    assert kinds.index(StepsEnded) < kinds.index(EpochsEnded)
    assert all(event.run == "run" for event in follower.events)


def test_steps_are_numbered_without_gap_and_add_up(follow):
    x, y = noise(50)
    follower = follow(project(epochs=3, batch_size=8), loaded(points(features=4), (x, y)))
    chunks = follower.of(StepsEnded)
    following = 1
    for chunk in chunks:
        assert chunk.first_step == following
        following += len(chunk.losses)
        assert chunk.epoch == (chunk.first_step - 1) // 7 + 1
    assert following - 1 == 21
    assert sum(chunk.samples for chunk in chunks) == 150
    for epoch in follower.epoch_ends:
        own = [chunk for chunk in chunks if chunk.epoch == epoch.epoch]
        losses = np.concatenate([chunk.losses for chunk in own])
        mean = np.average(losses, weights=[8] * 6 + [2])
        assert epoch.figures["loss"] == pytest.approx(mean, rel=1e-6)
        assert own[-1].metrics["loss"] == epoch.figures["loss"]
    assert chunks[0].learning_rate == pytest.approx(0.05)


def test_final_sample_shows_the_final_weights(follow, control):
    watch(control, "output")
    data = xor_data()
    follower = follow(project(epochs=5), data)
    sample = follower.of(Sampled)[-1].payload
    assert [(view.name, view.shape) for view in sample.tensors] == [
        ("kernel", (8, 2)),
        ("bias", (2,)),
    ]
    assert (sample.layer, sample.kind, sample.step) == ("output", "Dense", 5)
    assert_equal_weights([view.values for view in sample.tensors], follower.ended.weights[2:])
    assert {event.step for event in follower.of(Sampled)} == {0, 1, 2, 3, 4, 5}


def test_the_trained_model_can_be_rebuilt(follow):
    data = xor_data(test=XOR)
    spec = project(epochs=200)
    ended = follow(spec, data).ended
    model = session.trained_model(spec, data.info, data.statistics, ended.weights)
    assert model.predict(XOR_X, verbose=0).argmax(axis=1).tolist() == XOR_Y.tolist()
    with pytest.raises(JobFailed, match="another network"):
        session.trained_model(spec, data.info, data.statistics, ended.weights[:-1])


def test_layers_that_are_not_trainable_keep_every_bit(follow, control):
    frozen = MLP.with_changed(MLP.layer("hidden").but(trainable=False))
    follower = Follower()
    follower.when(lambda event: isinstance(event, RunStarted), control.request_snapshot)
    follow(project(frozen, epochs=3), xor_data(), follower=follower)
    (snapshot,) = follower.of(SnapshotTaken)
    assert snapshot.step == 0
    assert_equal_weights(snapshot.weights[:2], follower.ended.weights[:2])
    assert not np.array_equal(snapshot.weights[2], follower.ended.weights[2])
    assert not follower.ended.weights[0].flags.writeable


@pytest.mark.parametrize(
    ("loss", "output"),
    [
        ("CategoricalCrossentropy", {"units": 2, "activation": "softmax"}),
        ("MeanSquaredError", {"units": 2, "activation": "softmax"}),
        ("auto", {"units": 1, "activation": "sigmoid"}),
        ("auto", {"units": 2}),
    ],
)
def test_labels_reach_every_loss_in_its_form(follow, loss, output):
    network = chain(
        ("hidden", "Dense", {"units": 8, "activation": "tanh"}), ("output", "Dense", output)
    )
    spec = project(network, loss=ObjectSpec(kind=loss), epochs=250)
    ended = follow(spec, xor_data(test=XOR)).ended
    assert (ended.error, ended.figures["test_accuracy"]) == ("", 1.0)


def test_numbers_are_learned_too(follow):
    x = np.linspace(-1, 1, 32, dtype=np.float32)[:, None]
    info = points("regression", ("y",), 1)
    network = chain(("output", "Dense", {"units": 1}))
    spec = project(network, optimizer=adam(0.1), epochs=60, batch_size=8)
    ended = follow(spec, loaded(info, (x, 3 * x + 1), test=(x, 3 * x + 1))).ended
    assert ended.figures["test_loss"] < 1e-3
    assert ended.weights[0][0, 0] == pytest.approx(3, abs=0.05)


# ---- Same seed, same bits ----


def dropout_project(**training):
    network = chain(
        ("hidden", "Dense", {"units": 16, "activation": "relu"}),
        ("drop", "Dropout", {"rate": 0.4}),
        ("output", "Dense", {"units": 2, "activation": "softmax"}),
    )
    return project(network, epochs=4, batch_size=8, **training)


def restless_project(**training):
    """Return a project whose layers draw random numbers, count, remember and add losses."""
    network = chain(
        ("noise", "GaussianNoise", {"stddev": 0.1}),
        ("hidden", "Dense", {"units": 16, "activation": "relu"}),
        ("norm", "BatchNormalization", {}),
        ("penalty", "ActivityRegularization", {"l2": 0.01}),
        ("drop", "Dropout", {"rate": 0.4}),
        ("output", "Dense", {"units": 2, "activation": "softmax"}),
    )
    return project(network, epochs=4, batch_size=8, **training)


def observe_everything(control, spec):
    """Ask for what every layer gives, for its weights and their figures, as often as possible."""
    kinds, layers = ("activations", "weights", "histograms"), spec.network.ids
    probes = (Probe(f"test:{k}:{i}", k, i, period_s=0.0) for k in kinds for i in layers)
    control.limit_views(1.0, 0.0)
    control.observe("test", (*probes, Probe("test:gone", "activations", "gone")))


@pytest.mark.usefixtures("with_xla")
@pytest.mark.parametrize(
    "make", [dropout_project, restless_project, lambda: project(epochs=4, batch_size=8)]
)
def test_observing_every_layer_changes_no_bit(follow, control, make):
    data = loaded(points(features=4), noise(60), validation=noise(20))
    plain = follow(make(), data)
    observe_everything(control, make())
    observed = follow(make(), data)
    assert_equal_weights(observed.ended.weights, plain.ended.weights)
    losses = [np.concatenate([e.losses for e in f.of(StepsEnded)]) for f in (plain, observed)]
    np.testing.assert_array_equal(*losses)
    samples = observed.of(Sampled)
    activations = [s.payload for s in samples if s.probe.kind == "activations"]
    assert {s.layer for s in activations[:-1] if isinstance(s, LayerOutput)} == set(
        make().network.ids
    )
    gone = [s.payload for s in samples if s.probe.target == "gone"]
    assert gone == [Unavailable('The network being shown has no layer "gone".')]


def test_activations_are_those_of_the_weights_at_that_step(follow, control):
    data = xor_data(validation=XOR)
    options = {"part": "validation", "number": 1}
    control.observe("test", (Probe("test", "activations", "output", options),))
    follower = follow(project(epochs=3), data)
    last = follower.of(Sampled)[-1]
    assert last.step == last.payload.step == 3
    model = session.trained_model(project(), data.info, data.statistics, follower.ended.weights)
    wanted = model(XOR_X[1:2], training=False)
    np.testing.assert_allclose(last.payload.values, np.asarray(wanted)[0], rtol=1e-5)


@pytest.mark.usefixtures("with_xla")
@pytest.mark.parametrize("make", [dropout_project, lambda: project(epochs=4, batch_size=8)])
def test_pausing_stepping_watching_and_snapshots_change_no_bit(follow, started, control, make):
    data = loaded(points(features=4), noise(60), validation=noise(20))
    plain = follow(make(), data).ended
    follower = Follower()
    follower.when(step(3), control.pause)
    watch(control, "hidden")
    started(make(), data, follower)
    follower.wait_for(phase("paused"))
    control.step(4)
    control.request_snapshot()
    follower.wait_for(step(follower.of(StepsEnded)[-1].first_step + 4))
    watch(control, "output")
    control.resume()
    busy = follower.wait_for(lambda event: isinstance(event, RunEnded))
    assert busy.steps == plain.steps
    assert_equal_weights(busy.weights, plain.weights)


def test_another_seed_gives_other_weights(follow):
    one, other = (follow(project(seed=seed), xor_data()).ended for seed in (1, 2))
    assert not np.array_equal(one.weights[0], other.weights[0])


# ---- Requests ----


def test_pause_step_watch_snapshot_and_resume(started, control):
    follower = Follower()
    follower.when(step(2), control.pause)
    watch(control, "hidden")
    started(project(epochs=100_000), xor_data(), follower)
    follower.wait_for(phase("paused"))
    taken = sum(len(event.losses) for event in follower.of(StepsEnded))
    control.step(3)
    follower.wait_for(lambda event: isinstance(event, Sampled) and event.step == taken + 3)
    assert sum(len(event.losses) for event in follower.of(StepsEnded)) == taken + 3
    watch(control, "output")
    follower.wait_for(lambda event: isinstance(event, Sampled) and event.payload.layer == "output")
    control.request_snapshot()
    snapshot = follower.wait_for(lambda event: isinstance(event, SnapshotTaken))
    assert snapshot.step == taken + 3
    assert not control.requests.snapshot
    control.resume()
    follower.wait_for(step(taken + 10))
    control.stop()
    ended = follower.wait_for(lambda event: isinstance(event, RunEnded))
    assert (ended.outcome, ended.error) == ("stopped", "")
    assert len(ended.weights) == 4
    assert follower.of(PhaseChanged)[-1].phase == "training"


class CountingControl(TrainingControl):
    """Counts how often a paused training looks up."""

    looks = 0

    def wait_for_change(self, seen, timeout_s):
        self.looks += 1
        super().wait_for_change(seen, timeout_s)


def test_a_paused_training_sleeps():
    control, follower = CountingControl(), Follower()
    follower.when(step(1), control.pause)
    arguments = ("run", project(), xor_data(), follower.emit, control)
    thread = threading.Thread(target=session.train, args=arguments, name="training-test")
    thread.start()
    follower.wait_for(phase("paused"))
    for _ in range(5):
        control.request_snapshot()
        follower.wait_for(lambda event: isinstance(event, SnapshotTaken))
    control.discard()
    thread.join(PATIENCE_S)
    assert control.looks <= 12
    assert follower.ended.outcome == "discarded"


def test_discard_forgets_what_was_learned(follow, control):
    follower = Follower()
    follower.when(step(2), control.discard)
    kept = []
    follow(project(epochs=50), xor_data(test=XOR), lambda *state: kept.append(state), follower)
    ended = follower.ended
    assert (ended.outcome, ended.weights) == ("discarded", ())
    assert ended.steps < 50
    assert not any(name.startswith("test_") for name in ended.figures)
    assert kept == []


def test_stop_during_validation_is_obeyed_there(follow, control):
    follower = Follower()
    follower.when(phase("validating"), control.stop)
    follow(project(epochs=5), xor_data(repeats=4, validation=XOR, test=XOR), follower=follower)
    assert follower.epoch_ends == []
    assert (follower.ended.outcome, follower.ended.epochs, follower.ended.steps) == (
        "stopped",
        0,
        4,
    )
    assert "test_accuracy" in follower.ended.figures


def test_stop_during_the_test_goes_without_its_figures(follow, control):
    follower = Follower()
    follower.when(phase("testing"), control.stop)
    follow(project(), xor_data(test=XOR), follower=follower)
    assert follower.ended.outcome == "finished"
    assert set(follower.ended.figures) == {"loss", "accuracy"}
    assert len(follower.ended.weights) == 4


def test_a_single_step_that_ends_an_epoch_shows_its_validation(started, control):
    follower = Follower()
    follower.when(step(1), control.pause)
    started(project(epochs=50), xor_data(repeats=2, validation=XOR), follower)
    follower.wait_for(phase("paused"))
    while not follower.epoch_ends:
        before = sum(len(event.losses) for event in follower.of(StepsEnded))
        control.step()
        follower.wait_for(step(before + 1))
        if (before + 1) % 2 == 0:
            follower.wait_for(epoch_ended())
    assert "val_loss" in follower.epoch_ends[0].figures


def test_a_pause_during_the_last_steps_of_an_epoch_does_not_wait_for_its_validation(
    started, control
):
    follower = Follower()
    follower.when(step(4), control.pause)
    started(project(epochs=50), xor_data(repeats=4, validation=XOR), follower)
    follower.wait_for(phase("paused"))
    assert follower.epoch_ends == []
    control.resume()
    follower.wait_for(epoch_ended())
    assert "val_loss" in follower.epoch_ends[0].figures


def test_no_step_follows_a_stop(follow, control):
    x, y = noise(20_000)
    data = loaded(points(features=4), (x, y), validation=(x, y))
    follower = Follower()
    follower.when(step(2000), control.stop)
    follow(project(epochs=10_000, batch_size=16), data, follower=follower)
    last = follower.of(StepsEnded)[-1]
    assert last.first_step <= 2000 < last.first_step + len(last.losses)
    assert follower.ended.outcome == "stopped"


# ---- Early stopping ----


def test_early_stopping_goes_back_to_the_best_epoch(follow, control):
    x, y = noise(40)
    stopping = EarlyStoppingSpec(enabled=True, patience=3)
    spec = project(optimizer=adam(0.1), epochs=500, batch_size=8, early_stopping=stopping)
    follower = Follower()
    weights = {}
    data = loaded(points(features=4), (x, y), validation=noise(40), test=noise(40))
    watch(control, "hidden")
    emit = follower.emit

    def emit_and_keep(event):
        emit(event)
        if isinstance(event, EpochsEnded):
            control.request_snapshot()  # taken before the next step
        if isinstance(event, SnapshotTaken):
            weights[event.step] = event.weights

    follower.emit = emit_and_keep
    follow(spec, data, follower=follower)
    epochs = follower.epoch_ends
    losses = [event.figures["val_loss"] for event in epochs]
    best = int(np.argmin(losses))
    assert follower.ended.outcome == "stopped_early"
    assert len(epochs) == best + 1 + 3 < 500
    assert [event.epoch for event in epochs if event.best][-1] == best + 1
    assert_equal_weights(follower.ended.weights, weights[epochs[best].step])
    sample = follower.of(Sampled)[-1].payload
    assert_equal_weights([view.values for view in sample.tensors], follower.ended.weights[:2])


def test_without_early_stopping_the_last_epoch_is_kept(follow):
    x, y = noise(40)
    data = loaded(points(features=4), (x, y), validation=noise(40))
    short, long = (
        follow(project(epochs=count, batch_size=8), data).ended.weights for count in (3, 30)
    )
    assert not np.array_equal(short[0], long[0])


# ---- Failures ----


def test_a_loss_that_is_no_number_names_step_and_cure(follow):
    x, y = noise(32)
    x[5, 0] = np.inf
    network = chain(("output", "Dense", {"units": 2, "activation": "softmax"}))
    follower = follow(project(network, epochs=3), loaded(points(features=4), (x, y)))
    ended = follower.ended
    losses = np.concatenate([event.losses for event in follower.of(StepsEnded)])
    assert ended.outcome == "failed"
    assert not np.isfinite(losses[-1])
    assert np.isfinite(losses[:-1]).all()
    assert ended.steps == len(losses)
    assert f"step {len(losses)}" in ended.error
    assert "samples" in ended.error
    assert "Data page" in ended.error
    fault = ended.fault
    assert (fault.step, fault.layer, fault.tensor) == (len(losses), "", "samples")
    assert len(ended.error) <= 160
    assert follower.epoch_ends == []
    assert len(ended.weights) == 2


@pytest.mark.parametrize("epochs", [1, 5])
def test_weights_that_overflow_leave_the_last_good_ones(follow, epochs):
    network = chain(("output", "Dense", {"units": 1}))
    x = np.full((8, 2), 1e18, np.float32)  # the loss is finite, the first update is not
    info = points("regression", ("y",))
    sgd = ObjectSpec(kind="SGD", parameters={"learning_rate": 1000.0})
    spec = project(network, optimizer=sgd, epochs=epochs, batch_size=8)
    ended = follow(spec, loaded(info, (x, 0 * x[:, :1]))).ended
    assert ended.outcome == "failed"
    assert all(np.isfinite(array).all() for array in ended.weights)
    assert len(ended.weights) == 2


def test_an_unforeseen_failure_ends_the_run_and_is_logged(follow, monkeypatch, caplog):
    def fail(*arguments):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(preparation, "fresh_model", fail)
    follower = follow(project(), xor_data())
    assert follower.ended.outcome == "failed"
    assert "planted" in follower.ended.error
    assert "ZeroDivisionError" in caplog.text


def test_a_failure_in_mid_run_keeps_the_last_good_state(control, monkeypatch):
    x, y = noise(40)
    states, train_steps = [], Executor.train

    def train_until_step_7(executor, samples, order, position, steps):
        if any(step(7)(event) for event in follower.events):
            raise MemoryError
        return train_steps(executor, samples, order, position, steps)

    monkeypatch.setattr(Executor, "train", train_until_step_7)
    follower = Follower()
    data = loaded(points(features=4), (x, y))
    emit = follower.emit
    session.train(
        "run", project(epochs=5, batch_size=8), data, emit, control, keep_state=states.append
    )
    assert follower.ended.outcome == "failed"
    assert "batch size" in follower.ended.error
    (state,) = states
    assert state.progress.steps <= 7
    assert_equal_weights(follower.ended.weights, state.variables.groups["model"][:4])


def test_a_network_that_cannot_be_built_ends_in_a_sentence(follow, caplog):
    network = chain(("conv", "Conv2D", {"filters": 2, "kernel_size": (3, 3)}))
    follower = follow(project(network), xor_data())
    assert (follower.ended.outcome, follower.ended.weights) == ("failed", ())
    assert 0 < len(follower.ended.error) <= 160
    assert "conv" in follower.ended.error
    assert caplog.text == ""


def test_no_training_samples_and_no_such_device_are_said(follow):
    empty = (XOR_X[:0], XOR_Y[:0])
    assert "training part is empty" in follow(project(), loaded(points(), empty)).ended.error
    assert "gpu:99" in follow(project(device="gpu:99"), xor_data()).ended.error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "batch size 16"),
        (ValueError("shapes\nmany lines"), "Training failed (shapes): check the last layer"),
        (ValueError("x" * 5000), "…"),
        (KeyError(), "KeyError"),
        (OSError(errno.ENOSPC, "No space left"), "the disk is full: free some space, then train"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), "Broken pipe"),
        (tf.errors.InvalidArgumentError(None, None, "labels out of range"), "the data."),
        (tf.errors.UnimplementedError(None, None, "no kernel"), "choose another device"),
        (tf.errors.InternalError(None, None, "CUDA failed"), "start Netsmith again"),
        (ImportError("no module"), ".venv"),
        (RecursionError("too deep"), "fewer layers"),
        (ZeroDivisionError("planted"), "details are in the log"),
    ],
)
def test_every_failure_becomes_one_sentence(error, words):
    from engine.training.diagnose.failure import sentence

    said = sentence(error, 32)
    assert words in said
    assert len(said) <= 160
    assert "\n" not in said
    assert isinstance(error, (ValueError, LookupError, tf.errors.InvalidArgumentError)) == (
        "last layer" in said
    )


# ---- Checkpoints ----


def test_the_last_state_is_kept_and_a_full_disk_is_told_and_does_not_stop_the_run(follow):
    kept = []

    def keep(model, moment):
        kept.append((moment, model.get_weights()))
        raise JobFailed("the disk is full")

    told = follow(project(epochs=3), xor_data(), keep)
    assert told.ended.outcome == "finished"
    assert [moment for moment, _ in kept] == [Moment(epochs=3, samples=told.ended.samples)]
    assert_equal_weights(kept[-1][1], told.ended.weights)
    assert told.of(WriteFailed) == [WriteFailed("run", "weights", "the disk is full", None)]


def test_a_write_that_failed_is_tried_again_and_its_success_told(follow, monkeypatch):
    monkeypatch.setattr(checkpoint_scheduler, "CHECKPOINT_PERIOD_S", 0.0)
    for share in ("SHARE", "SHARE_AGAIN"):  # whatever one of them takes
        monkeypatch.setattr(checkpoint_scheduler, share, float("inf"))
    tried = []

    def keep(model, moment):
        tried.append(moment.epochs)
        if moment.epochs in (2, 3):
            raise OSError(errno.ENOSPC, "full")

    told = follow(project(epochs=4), xor_data(), keep)
    assert tried == [1, 2, 3, 4, 4]
    (failed,) = told.of(WriteFailed)
    assert (failed.what, failed.kept_epochs) == ("weights", 1)
    assert "the disk is full: free some space" in failed.sentence
    assert told.of(WriteRecovered) == [WriteRecovered("run", "weights", 4)]


def test_a_receiver_that_raises_does_not_reach_the_training(follow, caplog):
    quiet = follow(project(epochs=3), xor_data()).ended

    def emit(event):
        told.append(event)
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    told = []
    session.train("run", project(epochs=3), xor_data(), emit, TrainingControl())
    assert (told[-1].outcome, told[-1].epochs) == ("finished", 3)
    assert_equal_weights(told[-1].weights, quiet.weights)
    assert caplog.text.count("was not taken") == 1


def test_checkpoints_come_at_epoch_ends_in_time(follow, monkeypatch):
    monkeypatch.setattr(checkpoint_scheduler, "CHECKPOINT_PERIOD_S", 0.0)
    monkeypatch.setattr(checkpoint_scheduler, "SHARE", float("inf"))  # whatever one of them takes
    epochs = []
    follow(project(epochs=3), xor_data(), lambda model, moment: epochs.append(moment.epochs))
    assert epochs == [1, 2, 3, 3]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's saving
def test_the_checkpoint_file_opens_in_plain_keras(follow, tmp_path):
    keras = pytest.importorskip("keras")
    from engine.models.card import card_of
    from engine.training.state.checkpoint import Checkpoint

    spec, data = project(MLP), xor_data()
    path = tmp_path / "1" / "last.keras"
    ended = follow(spec, data, Checkpoint(path, card_of(spec, data.info))).ended
    assert_equal_weights(keras.saving.load_model(path).get_weights(), ended.weights)
    assert [entry.name for entry in path.parent.iterdir()] == ["last.keras"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    from engine.training.state.checkpoint import Checkpoint

    (tmp_path / "runs").write_text("a file")
    for project_folder in (tmp_path, tmp_path / "gone"):
        with pytest.raises(JobFailed, match="save the project elsewhere"):
            Checkpoint(project_folder / "runs" / "1" / "last.keras", ModelCard())(None, Moment())
    assert not (tmp_path / "gone").exists()


def test_bytes_of_pictures_are_scaled_by_the_model(follow):
    x = GENERATOR.integers(0, 17, (24, 4, 4, 1)).astype(np.uint8)
    y = (x.reshape(24, -1).mean(axis=1) > 8).astype(np.int32)
    info = DataInfo.single(
        "test",
        "Test",
        "picture",
        "classification",
        (4, 4, 1),
        ("dark", "light"),
        "uint8",
        (0.0, 16.0),
    )
    network = chain(
        ("flat", "Flatten", {}), ("output", "Dense", {"units": 2, "activation": "softmax"})
    )
    network = with_scaling(network, "unit", info)
    spec = project(network, epochs=200, batch_size=8)
    data = loaded(info, (x, y), test=(x, y))
    assert follow(spec, data).ended.figures["test_accuracy"] == 1.0
