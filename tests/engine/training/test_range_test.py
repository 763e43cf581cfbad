import numpy as np
import pytest

from engine.errors import Cancelled, JobFailed
from engine.spec.base import ObjectSpec
from engine.training.diagnose.range_test import STEPS, range_test
from engine.training.diagnose.rate_range import HIGHEST, LOWEST, smooth, suggest
from tests.engine.training.problems import XOR_X, XOR_Y, chain, loaded, points, project, xor_data

GENERATOR = np.random.default_rng(4)


def line(n=200):
    x = np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32)
    y = (x @ np.array([[2.0], [-1.0]], np.float32)).astype(np.float32)
    sgd = ObjectSpec(kind="SGD", parameters={"learning_rate": 0.123})
    net = chain(("output", "Dense", {"units": 1}))
    return project(net, optimizer=sgd, batch_size=16), loaded(points("regression", ("y",)), (x, y))


def test_a_good_rate_is_suggested_and_every_step_counted():
    spec, data = line()
    told = []
    found = range_test(spec, data, told.append)
    # Of a bowl with curvature near 2 rates above 1 diverge, and from 1e-3 on some steps are enough.
    assert 1e-3 < found.suggestion < 1.0
    assert len(found.rates) == len(found.losses) == len(found.smoothed) < STEPS
    assert np.isfinite(found.losses).all()
    assert found.rates[0] == pytest.approx(LOWEST)
    assert found.rates[-1] < HIGHEST
    sizes = [len(part.losses) for part in told]
    assert sizes == sorted(set(sizes))
    for part in told:
        assert part.suggestion is None
        np.testing.assert_array_equal(part.rates, found.rates[: len(part.rates)])
        np.testing.assert_array_equal(part.smoothed, found.smoothed[: len(part.rates)])
    again = range_test(spec, data)
    np.testing.assert_array_equal(again.losses, found.losses)


def test_classes_get_a_rate_too_and_their_weights_count():
    data = xor_data(repeats=50)
    plain = range_test(project(), data)
    assert 1e-4 < plain.suggestion < 1.0
    weighted = range_test(project(class_weights={"yes": 3.0}), data)
    assert weighted.losses[0] > 1.2 * plain.losses[0]


def test_it_stops_when_told_to():
    spec, data = line()
    looks = iter([False, False, True])
    with pytest.raises(Cancelled):
        range_test(spec, data, cancelled=lambda: next(looks))


def test_bad_data_is_said():
    spec, data = line()
    data.training.x[:] = np.nan
    with pytest.raises(JobFailed, match="from the start"):
        range_test(spec, data)
    with pytest.raises(JobFailed, match="training part is empty"):
        range_test(spec, loaded(points(), (XOR_X[:0], XOR_Y[:0])))


def test_smoothing_is_unbiased_from_the_first_step():
    np.testing.assert_allclose(smooth(np.full(20, 3.0)), 3.0)
    assert smooth(np.array([1.0, 2.0]))[1] == pytest.approx((0.9 * 0.1 * 1 + 0.1 * 2) / 0.19)


def test_the_steepest_descent_is_found_and_a_rising_curve_suggests_nothing():
    rates = np.geomspace(1e-6, 1, 61)
    logs = np.log10(rates)
    losses = 2 - 1 / (1 + np.exp(-4 * (logs + 3))) + 5 * np.clip(logs + 1, 0, None)
    assert suggest(rates, losses) == pytest.approx(1e-3, rel=0.3)
    assert suggest(rates, np.linspace(1, 2, 61)) is None
    assert suggest(rates, GENERATOR.normal(5, 1, 61)) is None
