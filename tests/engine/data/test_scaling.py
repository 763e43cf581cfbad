"""The fitted scaling as a plain value: which layer, with which numbers."""

import numpy as np
import pytest

from engine.data.info import DataInfo
from engine.data.loaded import Statistics
from engine.data.loading import load
from engine.data.readers import READERS
from engine.data.scaling import fitted_scaling
from engine.spec.data import DataSpec


def info(dtype="float32", features=2):
    return DataInfo.single(
        "file", "x", "number", "regression", (features,), ("y",), input_dtype=dtype
    )


def fitted(mean, variance, dtype="float32"):
    found = fitted_scaling(
        info(dtype, len(mean)), "standard", Statistics(np.array(mean), np.array(variance))
    )
    return found.kind, found.parameters


@pytest.mark.parametrize("source", ["iris", "wine", "breast_cancer", "diabetes", "moons", "sine"])
def test_usual_data_are_standardised_as_keras_does_it(source):
    data = load(DataSpec(source=source))
    found = fitted_scaling(data.info, "standard", data.statistics)
    assert found.kind == "Normalization"
    assert found.parameters["dtype"] == "float32"
    x = data.training.x.astype(np.float64).reshape(-1, data.info.input_shape[-1])
    away = x - x.sum(axis=0) / len(x)
    variance = (np.einsum("nf,nf->f", away, away) / len(x)).astype(np.float32)
    assert found.parameters["mean"] == tuple((x.sum(axis=0) / len(x)).astype(np.float32).tolist())
    assert np.allclose(found.parameters["variance"], variance, rtol=1e-6)
    assert data.info.input_dtype == READERS[source].info.input_dtype == "float32"


@pytest.mark.parametrize(
    ("mean", "variance", "dtype"),
    [
        ([0.0, 1.0], [1e-18, 2.0], "float32"),  # below what Keras takes for nothing
        ([1.7e9, 0.0], [0.9, 4.0], "float32"),  # the mean has no digits left for the deviation
        ([5.0, 6.0], [2.0, 3.0], "float64"),
    ],
)
def test_what_32_bits_would_lose_is_scaled_in_64(mean, variance, dtype):
    kind, parameters = fitted(mean, variance, dtype)
    assert (kind, parameters["dtype"]) == ("Rescaling", "float64")
    x = np.array(mean) + np.sqrt(variance) * np.array([[-1.0], [0.0], [2.0]])
    scaled = x * np.array(parameters["scale"]) + np.array(parameters["offset"])
    assert np.allclose(scaled, [[-1, -1], [0, 0], [2, 2]], atol=1e-5)


def test_a_constant_feature_stays_in_32_bits_and_at_zero():
    kind, parameters = fitted([123_456.0, 2.0], [1.0, 4.0])
    assert kind == "Normalization"
    assert parameters["variance"] == (1.0, 4.0)


@pytest.mark.parametrize("variance", [0.0, 1e-320, 1e-300, 1e300])
def test_no_scale_is_infinite(variance):
    _kind, parameters = fitted([1.0, 1.0], [variance, 1e-18])
    assert np.isfinite(parameters["scale"]).all()
    assert np.isfinite(parameters["offset"]).all()
