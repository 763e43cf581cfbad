"""Many epochs in one call give the very numbers, and the very events, of epochs taken one by one."""

from types import SimpleNamespace

import numpy as np
import pytest

from engine.spec.base import ObjectSpec
from engine.spec.training import EarlyStoppingSpec, ScheduleSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import PhaseChanged, StepsEnded
from engine.training.loop import training_loop, whole_epochs
from engine.training.loop.epoch_graph import EpochGraph
from engine.training.loop.executor import LARGEST_CHUNK, Executor
from engine.training.loop.session import train
from engine.training.loop.whole_epochs import WholeEpochs
from tests.engine.training.problems import Follower, chain, epoch_ended, loaded, points, project

GENERATOR = np.random.default_rng(3)
NEVER, AT_ONCE = 10**9, 1
DENSE, WIDE = (
    chain(
        ("hidden", "Dense", {"units": units, "activation": "tanh"}),
        ("output", "Dense", {"units": 2, "activation": "softmax"}),
    )
    for units in (8, 96)
)
WITH_DROPOUT = chain(
    ("hidden", "Dense", {"units": 8, "activation": "tanh"}),
    ("dropout", "Dropout", {"rate": 0.3}),
    ("output", "Dense", {"units": 2, "activation": "softmax"}),
)


def blobs(n):
    y = GENERATOR.integers(0, 2, n).astype(np.int32)
    return (GENERATOR.normal(size=(n, 2)) + y[:, None]).astype(np.float32), y


DATA = loaded(points(), blobs(22), validation=blobs(9))  # five whole batches and a smaller one


@pytest.fixture(autouse=True)
def eight_at_once(monkeypatch):
    """How many epochs a call takes does not depend on how quick the machine is."""
    pace = SimpleNamespace(steps=8, note=lambda epochs, seconds: None)
    monkeypatch.setattr(whole_epochs, "ChunkSizer", lambda most: pace)


@pytest.fixture
def calls(monkeypatch):
    """Return how many epochs each call took that took whole ones."""
    taken = []
    real = Executor.train_epochs

    def counted(self, *arguments):
        found = real(self, *arguments)
        taken.append(len(found))
        return found

    monkeypatch.setattr(Executor, "train_epochs", counted)
    return taken


@pytest.fixture
def run(monkeypatch):
    """Train; ``worth`` epochs to come make whole ones worth while."""

    def train_it(worth, spec, data=DATA, follower=None, control=None, **options):
        monkeypatch.setattr(whole_epochs, "_WORTH_MAKING", worth)
        follower = follower or Follower()
        train("run", spec, data, follower.emit, control or TrainingControl(), **options)
        return follower

    return train_it


def told(follower):
    """Return what a run said, however its steps were cut."""
    steps = follower.of(StepsEnded)
    ends = [
        (event.epoch, event.step, dict(event.figures), event.best) for event in follower.epoch_ends
    ]
    losses = np.concatenate([event.losses for event in steps])
    return losses.tolist(), ends, sum(event.samples for event in steps), steps[-1].learning_rate


def assert_same(one, another):
    assert told(one) == told(another)
    for first, second in zip(one.ended.weights, another.ended.weights, strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    "schedule", [ScheduleSpec(), ScheduleSpec(kind="cosine")], ids=["constant", "cosine"]
)
@pytest.mark.parametrize(
    ("xla", "network"),
    [("with_xla", DENSE), ("with_xla", WIDE), ("without_xla", WITH_DROPOUT)],
    ids=["one piece of code", "XLA", "plain"],
)
def test_no_number_differs(run, calls, monkeypatch, request, xla, network, schedule):
    request.getfixturevalue(xla)
    # Whoever takes epochs one by one because few are to come has taken the same graphs.
    monkeypatch.setattr(WholeEpochs, "are_many", True)
    spec = project(network, epochs=40, schedule=schedule)
    one_by_one = run(NEVER, spec)
    assert not calls
    at_once = run(AT_ONCE, spec)
    assert calls == [8] * 5
    assert_same(one_by_one, at_once)
    first = [event.first_step for event in at_once.of(StepsEnded)]
    sizes = [len(event.losses) for event in at_once.of(StepsEnded)]
    assert first == np.cumsum([1, *sizes])[:-1].tolist()


@pytest.mark.usefixtures("without_xla")
def test_compiling_is_no_time_of_any_step(run, calls, monkeypatch):
    """Else the speed that the window shows is that of the compiler for the next seconds."""
    passed_s, compiled = [0.0], EpochGraph.compile

    def slowly(self, *rows):
        assert not calls
        compiled(self, *rows)
        passed_s[0] += 1e6

    monkeypatch.setattr(EpochGraph, "compile", slowly)
    clock = SimpleNamespace(perf_counter=lambda: passed_s[0])
    monkeypatch.setattr(training_loop, "time", clock)
    follower = run(AT_ONCE, project(epochs=100))
    assert passed_s == [1e6]
    assert {event.seconds for event in follower.of(StepsEnded) if len(event.losses) == 48} == {0.0}


@pytest.mark.usefixtures("without_xla")
class TestRequests:
    @pytest.mark.parametrize(
        "training",
        [
            {"early_stopping": EarlyStoppingSpec(enabled=True, patience=50)},
            {"schedule": ScheduleSpec(kind="plateau")},
        ],
        ids=["early stopping", "plateau"],
    )
    def test_what_decides_after_each_epoch_is_asked_after_each(self, run, calls, training):
        run(AT_ONCE, project(epochs=30, **training))
        assert not calls

    def test_a_validation_part_that_streams_is_evaluated_block_by_block(self, run, calls):
        data = loaded(points(), blobs(22), validation=blobs(200))
        ended = run(AT_ONCE, project(epochs=12), data, memory_limit_bytes=1000).ended
        assert ended.outcome == "finished"
        assert not calls

    def test_an_epoch_of_more_steps_than_a_call_holds_is_taken_in_pieces(self, run, calls):
        data = loaded(points(), blobs(LARGEST_CHUNK + 1))
        follower = run(AT_ONCE, project(epochs=2, batch_size=1), data)
        assert follower.ended.steps == 2 * (LARGEST_CHUNK + 1)
        assert not calls

    def test_few_epochs_are_not_worth_a_graph_of_their_own(self, run, calls):
        run(31, project(epochs=30))
        assert not calls

    def test_a_pause_requested_on_an_epochs_end_comes_after_the_next(self, run, calls):
        control, follower, ended = TrainingControl(), Follower(), []

        def paused():
            ended.append(len(follower.epoch_ends))
            control.resume()

        follower.when(epoch_ended(20), control.run_epoch)
        follower.when(
            lambda event: isinstance(event, PhaseChanged) and event.phase == "paused", paused
        )
        run(AT_ONCE, project(epochs=40), follower=follower, control=control)
        assert calls[:3] == [8, 8, 8]
        assert ended == [25]
        assert len(follower.epoch_ends) == 40

    def test_a_stop_ends_the_run_between_two_calls(self, run, calls):
        control, follower = TrainingControl(), Follower()
        follower.when(epoch_ended(20), control.stop)
        ended = run(AT_ONCE, project(epochs=10**6), follower=follower, control=control).ended
        assert ended.outcome == "stopped"
        assert ended.epochs == 24
        assert ended.steps == 6 * ended.epochs

    def test_a_batch_size_changed_meanwhile_is_used_from_the_next_epoch_on(self, run, calls):
        control, follower = TrainingControl(), Follower()
        follower.when(
            epoch_ended(20),
            lambda: control.set_value("batch_size", 11),
        )
        follower.when(epoch_ended(60), control.stop)
        run(AT_ONCE, project(epochs=10**6), follower=follower, control=control)
        steps = np.diff([event.step for event in follower.epoch_ends])
        assert set(steps[:19]) == {6}
        assert steps[-1] == 2
        assert (np.diff(steps) != 0).sum() == 1


@pytest.mark.usefixtures("without_xla")
def test_a_run_that_diverges_ends_at_the_same_step_with_the_same_words(run, calls):
    x, y = blobs(22)
    info = points("regression", ("y",))
    network = chain(("output", "Dense", {"units": 1}))
    sgd = ObjectSpec(kind="SGD", parameters={"learning_rate": 0.9})
    spec = project(network, optimizer=sgd, epochs=3000)
    data = loaded(info, (4 * x, y[:, None].astype(np.float32)))
    one_by_one, at_once = run(NEVER, spec, data), run(AT_ONCE, spec, data)
    assert calls
    assert one_by_one.ended.outcome == at_once.ended.outcome == "failed"
    assert one_by_one.ended.steps == at_once.ended.steps
    assert one_by_one.ended.error == at_once.ended.error
    assert one_by_one.ended.fault == at_once.ended.fault
    for first, second in zip(one_by_one.ended.weights, at_once.ended.weights, strict=True):
        np.testing.assert_array_equal(first, second)
