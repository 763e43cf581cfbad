import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SpecError
from engine.training.loop.class_weights import resolve_class_weights
from tests.engine.training.problems import points

INFO = points(labels=("a", "b", "c"))


@given(y=st.lists(st.integers(0, 2), min_size=1, max_size=60))
def test_balanced_classes_all_count_the_same_and_a_sample_weighs_1_on_average(y):
    y = np.array(y, np.int32)
    weights = resolve_class_weights("balanced", INFO, y)
    of_samples = weights[y]
    totals = [of_samples[y == c].sum() for c in range(3) if (y == c).any()]
    np.testing.assert_allclose(totals, totals[0], rtol=1e-5)
    assert of_samples.mean() == pytest.approx(1.0, rel=1e-5)


def test_named_weights_follow_the_labels():
    y = np.array([0, 1, 2])
    assert resolve_class_weights({"c": 3.0, "a": 0.5}, INFO, y).tolist() == [0.5, 1.0, 3.0]
    assert resolve_class_weights("none", INFO, y) is None


def test_weights_without_their_class_are_refused():
    with pytest.raises(SpecError, match='no class "d"'):
        resolve_class_weights({"d": 1.0}, INFO, np.array([0]))
    with pytest.raises(SpecError, match="not classes"):
        resolve_class_weights("balanced", points("regression", ("y",)), np.array([0.5]))
