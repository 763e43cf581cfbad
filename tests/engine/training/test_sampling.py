"""When probes are sampled and what of the training's time they get; no TensorFlow."""

from types import SimpleNamespace

import pytest

from engine.probes.probe import VIEW_PERIOD_S, Probe, ProbeError, ProbeKind, Unavailable
from engine.probes.table import PROBES
from engine.training.live.control import VIEW_SHARE, Requests
from engine.training.live.sampling import ProbeSampler


class Bench:
    """A sampler whose clock stands still but for the time that each sample takes."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        self.costs = {}  # seconds by target
        self.samples = []
        self.subject = SimpleNamespace(step=0, elsewhere_s=0.0, renew=lambda step: None)
        clock = lambda: self.now  # noqa: E731
        self.sampler = ProbeSampler("r", self.subject, self.samples.append, clock, clock)
        monkeypatch.setitem(PROBES, "toy", ProbeKind("toy", "Toy", self.make, str))
        monkeypatch.setitem(PROBES, "other", ProbeKind("other", "Other", self.make, str))

    def make(self, _subject, probe):
        if probe.target == "gone":
            raise ProbeError("The layer is gone.")

        def take():
            if probe.target == "broken":
                raise RuntimeError("shape")
            self.now += self.costs.get(probe.target, 0.0)
            return probe.target

        return take

    def run(self, steps, *probes, step_s=0.001, epochs=False):
        for step in range(steps):
            self.now += step_s
            self.sampler.look(Requests(probes=probes), step)
            if epochs and step % 10 == 0:
                self.sampler.look_at_epoch_end(Requests(probes=probes), step, step // 10 + 1)

    def count(self, target):
        return sum(sample.payload == target for sample in self.samples)


@pytest.fixture
def bench(monkeypatch):
    return Bench(monkeypatch)


def toy(target="a", kind="toy", **fields):
    return Probe(f"{kind}:{target}", kind, target, **fields)


def test_samples_come_at_most_twenty_times_a_second(bench):
    bench.run(1000, toy())
    assert bench.count("a") == pytest.approx(1 / VIEW_PERIOD_S, abs=1)


def test_no_probe_is_sampled_more_often_than_views_are_drawn(bench):
    for step in range(1000):
        bench.now += 0.001
        bench.sampler.look(Requests(probes=(toy(),), view_period_s=0.2), step)
    assert bench.count("a") == pytest.approx(5, abs=1)


@pytest.mark.parametrize("chunk_s", [0.04, 0.045])
def test_chunks_that_end_between_two_frames_do_not_halve_their_rate(bench, chunk_s):
    bench.run(1000, toy(), step_s=chunk_s)
    assert bench.count("a") / bench.now == pytest.approx(1 / VIEW_PERIOD_S, rel=0.02)


def test_the_first_epochs_do_not_hold_back_what_follows(bench):
    requests = Requests(probes=(toy(),))
    for step in range(30):
        bench.now += 0.001
        bench.sampler.look_at_epoch_end(requests, step, epoch=step + 1)
    assert bench.count("a") == 30
    bench.now += VIEW_PERIOD_S
    bench.sampler.look(requests, 31)
    assert bench.count("a") == 31


def test_expensive_samples_keep_to_their_share(bench):
    bench.costs["a"] = 0.02
    bench.run(100_000, toy(), epochs=True)
    assert all(event.cost_s == pytest.approx(0.02) for event in bench.samples)
    assert bench.count("a") > 100
    assert 0.02 * bench.count("a") <= VIEW_SHARE * bench.now + 30 * 0.02


def test_an_expensive_probe_slows_down_itself_alone(bench):
    bench.costs["dear"] = 0.2
    bench.run(20_000, toy("cheap"), toy("dear", "other"))
    assert bench.count("cheap") == pytest.approx(bench.now / VIEW_PERIOD_S, rel=0.1)
    assert bench.count("dear") > 2
    assert 0.2 * bench.count("dear") <= VIEW_SHARE / 2 * bench.now + 0.2


def test_probes_of_one_kind_are_taken_together_and_share_their_part(bench):
    targets = [f"block {number}" for number in range(10)]
    bench.costs = dict.fromkeys(targets, 0.01)
    bench.run(20_000, *map(toy, targets), toy("cheap", "other"))
    assert len({bench.count(target) for target in targets}) == 1
    assert 0.1 * bench.count(targets[0]) <= VIEW_SHARE / 2 * bench.now + 0.1
    assert bench.count("cheap") == pytest.approx(bench.now / VIEW_PERIOD_S, rel=0.1)


def test_a_kind_of_less_weight_gets_less_of_the_time(bench, monkeypatch):
    monkeypatch.setitem(PROBES, "other", ProbeKind("other", "Other", bench.make, str, weight=0.25))
    bench.costs = {"a": 0.05, "b": 0.05}
    bench.run(50_000, toy("a"), toy("b", "other"))
    assert bench.count("a") == pytest.approx(4 * bench.count("b"), rel=0.2)


def test_a_new_probe_is_sampled_at_once_and_others_are_not_disturbed(bench):
    requests = [Requests(probes=probes) for probes in ((toy("a"),), (toy("a"), toy("b")))]
    for each in (*requests, requests[1]):
        bench.sampler.look(each, 7)
    assert [sample.payload for sample in bench.samples] == ["a", "b"]


def test_a_probe_that_asks_for_something_else_is_sampled_at_once(bench):
    for size in ((10, 10), (10, 10), (20, 20)):
        bench.sampler.look(Requests(probes=(toy(size_px=size),)), 7)
    assert len(bench.samples) == 2


def test_in_a_pause_everything_is_sampled_once(bench):
    requests = Requests(probes=(toy("a"), toy("b", "other", period_s=99.0)))
    for step in (1, 2, 2):
        bench.sampler.sample(requests, step)
    assert [(sample.step, sample.payload) for sample in bench.samples] == [
        (1, "a"), (1, "b"), (2, "a"), (2, "b"),
    ]  # fmt: skip
    bench.sampler.forget()
    bench.sampler.sample(requests, 2)
    assert len(bench.samples) == 6


@pytest.mark.parametrize(
    ("probe", "words"),
    [
        (toy("gone"), "The layer is gone."),
        (toy("broken"), "Toy of broken: this could not be computed, see the log."),
        (toy("a", "nonsense"), 'There is no probe "nonsense".'),
    ],
)
def test_a_probe_that_fails_says_so_once_and_costs_nothing(bench, probe, words):
    bench.run(1000, probe, toy("fine", "other"))
    failed = [sample for sample in bench.samples if sample.probe == probe]
    assert [sample.payload for sample in failed] == [Unavailable(words)]
    assert failed[0].cost_s == 0.0
    assert bench.count("fine") == pytest.approx(1 / VIEW_PERIOD_S, abs=1)


def test_a_probe_that_is_asked_for_again_is_tried_again(bench):
    for probes in ((toy("gone"),), (toy("a"),), (toy("b"),), (toy("gone"),)):
        bench.sampler.look(Requests(probes=probes), 1)
    assert sum(isinstance(sample.payload, Unavailable) for sample in bench.samples) == 2


def test_what_other_threads_work_for_a_sample_is_counted(bench):
    def waits(_subject, _probe):
        def take():
            bench.subject.elsewhere_s += 0.3

        return take

    PROBES["toy"] = ProbeKind("toy", "Toy", waits, object)
    bench.sampler.look(Requests(probes=(toy(),)), 1)
    assert bench.samples[0].cost_s == pytest.approx(0.3)
