import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.splits import cut
from engine.errors import BadInput
from engine.spec.data import SplitSpec

shares = st.floats(0.0, 0.45)
specs = st.builds(
    SplitSpec,
    validation=shares,
    test=shares,
    seed=st.integers(0, 2**31 - 1),
    stratified=st.booleans(),
)


@given(specs, st.lists(st.integers(0, 5), min_size=12, max_size=300), st.booleans(), st.booleans())
def test_parts_hold_every_sample_exactly_once(spec, classes, classified, own_test):
    labels = np.array(classes) if classified else None
    parts = cut(len(classes), spec, labels, own_test=own_test)
    everything = np.concatenate([parts.training, parts.validation, parts.test])
    assert sorted(everything) == list(range(len(classes)))
    wanted = max(1, round(len(classes) * spec.validation)) if spec.validation else 0
    assert len(parts.validation) == wanted
    if own_test or spec.test == 0.0:
        assert len(parts.test) == 0


@given(st.integers(0, 1000), st.lists(st.integers(20, 80), min_size=2, max_size=6))
def test_each_part_keeps_the_share_of_each_class(seed, sizes):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    spec = SplitSpec(validation=0.2, test=0.1, seed=seed)
    parts = cut(len(labels), spec, labels, own_test=False)
    for part, share in ((parts.validation, 0.2), (parts.test, 0.1)):
        counts = np.bincount(labels[part], minlength=len(sizes))
        assert np.all(np.abs(counts - share * np.array(sizes)) < 2.0)


def test_a_class_of_one_sample_stays_in_training():
    labels = np.array([0] * 50 + [1] + [2] * 2)
    for seed in range(20):
        parts = cut(53, SplitSpec(validation=0.2, test=0.2, seed=seed), labels, own_test=False)
        assert {0, 1, 2} == set(labels[parts.training])


def test_equal_seeds_cut_alike_and_others_do_not():
    first, again, other = (
        cut(100, SplitSpec(seed=seed), None, own_test=False) for seed in (1, 1, 2)
    )
    assert np.array_equal(first.training, again.training)
    assert not np.array_equal(first.training, other.training)


def test_samples_are_shuffled_within_each_part():
    labels = np.repeat([0, 1], 100)
    parts = cut(200, SplitSpec(), labels, own_test=False)
    assert set(labels[parts.training][:20]) == {0, 1}
    assert not np.all(np.diff(parts.training) > 0)


def test_too_few_samples_are_refused():
    with pytest.raises(BadInput, match="too few"):
        cut(2, SplitSpec(), None, own_test=False)
