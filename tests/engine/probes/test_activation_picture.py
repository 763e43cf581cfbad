"""Outputs of any shape as small matrices."""

import numpy as np
import pytest

from engine.probes.activation_picture import SIDE, activation_picture


def test_feature_maps_stand_side_by_side():
    maps = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    found = activation_picture(maps)
    assert found.shape == (4, 6)
    np.testing.assert_array_equal(found[:2, 3:], maps[:, :, 1])
    np.testing.assert_array_equal(found[2:, :3], maps[:, :, 2])


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((10,), (1, 10)), ((100,), (10, 10)), ((30, 4), (4, 30)), ((), (1, 1)), ((0,), (1, 1)),
     ((5, 4, 4, 1), (4, 4)), ((8, 8, 3), (8, 16)), ((8, 8, 64), (24, 24))],
)  # fmt: skip
def test_every_shape_has_its_picture(shape, expected):
    assert activation_picture(np.zeros(shape)).shape == expected


@pytest.mark.parametrize("shape", [(500, 300, 64), (5000, 3), (100_000,), (1, 900, 1)])
def test_no_picture_is_larger_than_can_be_seen(shape):
    assert max(activation_picture(np.zeros(shape)).shape) <= SIDE


def test_a_long_vector_is_read_row_by_row():
    found = activation_picture(np.arange(18))
    assert found.shape == (4, 5)
    assert found.ravel().tolist() == [*range(18), 0, 0]
