import numpy as np
import pytest

from engine.data.loading import load
from engine.data.readers import READERS
from engine.spec.data import DataSpec, SplitSpec

ALL_TRAINING = SplitSpec(validation=0.0, test=0.0)


def whole(source, **options):
    return load(DataSpec(reader=source, options=options, split=ALL_TRAINING)).training


def test_circles_without_noise_lie_on_their_rings():
    part = whole("circles", noise=0.0)
    radius = np.hypot(*part.x.T)
    assert np.allclose(radius[part.y == 0], 1.0, atol=1e-5)
    assert np.allclose(radius[part.y == 1], 0.5, atol=1e-5)


def test_xor_is_the_product_of_signs():
    part = whole("xor", noise=0.0)
    assert np.array_equal(part.y == 1, part.x[:, 0] * part.x[:, 1] < 0)


def test_moons_interlock():
    part = whole("moons", noise=0.0, samples=2000)
    upper, lower = part.x[part.y == 0], part.x[part.y == 1]
    assert upper[:, 1].max() > lower[:, 1].max()
    assert upper[:, 1].min() < lower[:, 1].max()  # no horizontal line parts them
    assert np.allclose(upper.min(axis=0), -lower.max(axis=0), atol=0.02)
    assert np.allclose(upper.max(axis=0), -lower.min(axis=0), atol=0.02)


def test_parabola_is_a_square():
    part = whole("parabola", noise=0.0)
    assert np.allclose(part.y, part.x**2, atol=1e-6)


def test_the_sine_window_is_followed_by_its_target():
    part = load(
        DataSpec(
            reader="sine", options={"noise": 0.0, "window": 12, "samples": 60}, split=ALL_TRAINING
        )
    ).training
    angle = np.arcsin(1.0) * 4 / 25
    # Two past values of a pure wave determine the next: s[t+1] = 2 cos(w) s[t] - s[t-1].
    expected = 2 * np.cos(angle) * part.x[:, -1] - part.x[:, -2]
    assert part.x.shape == (60, 12, 1)
    assert np.allclose(part.y, expected, atol=1e-5)


@pytest.mark.parametrize(("source", "classes"), [("blobs", 7), ("spiral", 4)])
def test_classes_are_as_many_as_wanted_and_even(source, classes):
    part = whole(source, classes=classes, samples=140)
    assert np.array_equal(np.bincount(part.y), np.full(classes, 140 // classes))


@pytest.mark.parametrize(
    "source", ["circles", "moons", "xor", "spiral", "blobs", "parabola", "sine"]
)
def test_noise_moves_points(source):
    quiet, noisy = whole(source, noise=0.0), whole(source, noise=0.3)
    moved = noisy.y if READERS[source].id == "parabola" else noisy.x
    rest = quiet.y if READERS[source].id == "parabola" else quiet.x
    assert 0.1 < np.abs(moved - rest).mean() < 0.5
