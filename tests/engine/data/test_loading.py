import math

import numpy as np
import pytest

from engine.data.choice import describe
from engine.data.loading import load
from engine.data.readers import READERS
from engine.errors import BadInput, Cancelled, SpecError
from engine.spec.data import DataSpec, SplitSpec

SAMPLES = {
    "digits": 1797,
    "digits_to_clean": 1797,
    "iris": 150,
    "wine": 178,
    "breast_cancer": 569,
    "diabetes": 442,
    "ring": 5000,
}
OFFLINE = [name for name, each in READERS.items() if each.origin in ("bundled", "generated")]


@pytest.mark.parametrize("name", OFFLINE)
def test_offline_sets_are_what_they_were_described_as(name):
    spec = DataSpec(reader=name)
    data, described = load(spec), describe(spec)
    parts = (data.training, data.validation, data.test)
    total = SAMPLES.get(name, 500)
    assert data.info.counts == tuple(len(part) for part in parts)
    assert sum(data.info.counts) == total
    assert READERS[name].samples in (0, total)
    assert data.info.input_shape == described.input_shape
    assert data.info.labels == described.labels
    for part in parts:
        assert part.x.shape == (len(part), *described.input_shape)
        assert part.x.dtype == np.float32
        if described.task == "classification":
            assert part.y.dtype == np.int32
            assert part.y.shape == (len(part),)
        else:
            assert part.y.dtype == np.float32
            assert part.y.shape == (len(part), math.prod(described.answer_shape or (1,)))
    assert sum(data.info.class_counts) == (total if described.n_classes else 0)
    if described.value_range:
        low, high = described.value_range
        assert all(low <= part.x.min() and part.x.max() <= high for part in parts)


def test_known_facts_of_bundled_sets():
    assert load(DataSpec(reader="iris")).info.class_counts == (50, 50, 50)
    assert load(DataSpec(reader="breast_cancer")).info.class_counts == (212, 357)
    digits = load(DataSpec(reader="digits"))
    assert digits.info.counts == (1257, 270, 270)
    assert (digits.training.x.min(), digits.training.x.max()) == (0.0, 16.0)
    ages = load(DataSpec(reader="diabetes")).training.x[:, 0]
    assert ages.min() >= 18  # the measured years, not the shrunk ones
    assert ages.max() <= 80


def test_equal_specs_load_equal_data_and_seeds_differ():
    spec = DataSpec(reader="moons", options={"seed": 3}, split=SplitSpec(seed=5))
    first, again = load(spec), load(spec)
    assert np.array_equal(first.training.x, again.training.x)
    assert np.array_equal(first.test.y, again.test.y)
    other = load(spec.but(options={"seed": 4}))
    assert not np.array_equal(first.training.x, other.training.x)
    shuffled = load(spec.but(split=SplitSpec(seed=6)))
    assert not np.array_equal(first.training.x, shuffled.training.x)
    assert np.array_equal(
        np.sort(
            np.concatenate([p.x[:, 0] for p in (first.training, first.validation, first.test)])
        ),
        np.sort(
            np.concatenate(
                [p.x[:, 0] for p in (shuffled.training, shuffled.validation, shuffled.test)]
            )
        ),
    )


def test_statistics_are_those_of_the_training_part():
    data = load(DataSpec(reader="wine"))
    x = data.training.x.astype(np.float64)
    assert np.allclose(data.statistics.mean, x.mean(axis=0), rtol=1e-5)
    assert np.allclose(data.statistics.variance, x.var(axis=0), rtol=1e-4)
    pictures = load(DataSpec(reader="digits"))
    assert pictures.statistics.mean.shape == (1,)
    assert np.allclose(pictures.statistics.variance, pictures.training.x.var(), rtol=1e-4)


def test_a_constant_feature_gets_variance_one(tmp_path):
    x = np.column_stack([np.full(40, 7.0), np.arange(40.0)])
    np.savez(tmp_path / "t.npz", x=x, y=np.arange(40) % 2)
    data = load(DataSpec(reader="file", path=str(tmp_path / "t.npz")))
    assert data.statistics.mean[0] == 7.0
    assert data.statistics.variance[0] == 1.0
    assert data.statistics.variance[1] > 1.0


def test_progress_is_told_and_a_request_to_stop_is_obeyed():
    told = []
    load(DataSpec(reader="xor"), lambda *facts: told.append(facts))
    assert told
    with pytest.raises(Cancelled):
        load(DataSpec(reader="xor"), cancelled=lambda: True)


def test_unfit_choices_are_refused():
    with pytest.raises(BadInput, match="no data set"):
        load(DataSpec(reader="nonsense"))
    with pytest.raises(SpecError, match="samples"):
        load(DataSpec(reader="xor", options={"samples": "x"}))
    with pytest.raises(BadInput, match="no file is chosen"):
        load(DataSpec(reader="file"))
