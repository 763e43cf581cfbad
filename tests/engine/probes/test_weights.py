import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from engine.probes.weights import BINS, LARGEST_EXACT, LayerReader, tensor_names, tensor_view


class FakeVariable:
    def __init__(self, path, array):
        self.path = path
        self._array = np.asarray(array, np.float32)

    def numpy(self):
        return self._array


class FakeLayer:
    def __init__(self, *weights):
        self.weights = [FakeVariable(path, array) for path, array in weights]


def test_small_tensor_is_given_exactly_and_as_a_copy():
    kernel = np.arange(6, dtype=np.float32).reshape(2, 3)
    view = tensor_view("kernel", kernel)
    kernel[:] = 0
    assert view.values.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert (view.minimum, view.maximum, view.mean) == (0, 5, 2.5)
    assert view.deviation == pytest.approx(math.sqrt(35 / 12))
    assert view.shape == (2, 3)


def test_block_means_of_a_matrix_stand_where_their_numbers_stood():
    kernel = np.zeros((1024, 600), np.float32)
    kernel[:512, 300:] = 8  # upper right quarter: a flip or transpose would show
    view = tensor_view("kernel", kernel)
    rows, columns = view.values.shape
    assert rows * columns <= LARGEST_EXACT
    assert view.shape == (1024, 600)
    np.testing.assert_array_equal(view.values[: rows // 2, : columns // 2], 0)
    np.testing.assert_array_equal(view.values[: rows // 2, columns // 2 :], 8)
    np.testing.assert_array_equal(view.values[rows // 2 :], 0)


def test_a_matrix_has_no_more_rows_and_columns_than_the_screen():
    kernel = np.arange(3136, dtype=np.float32)[:, None].repeat(10, axis=1)
    view = tensor_view("kernel", kernel, sides=(256, 512))
    assert view.values.shape == (196, 10)
    np.testing.assert_array_equal(view.values[:, 0], np.arange(3136).reshape(196, 16).mean(axis=1))
    assert tensor_view("kernel", kernel.T, sides=(256, 512)).values.shape == (10, 392)
    assert tensor_view("kernel", kernel[:256], sides=(256, 512)).values.shape == (256, 10)


def test_a_side_of_the_screen_is_shared_by_the_gates_and_a_vector_is_a_row():
    assert tensor_view("w", np.ones((2, 4 * 300)), 4, sides=(128, 512)).values.shape == (2, 4 * 75)
    assert tensor_view("bias", np.ones(4 * 300), 4, sides=(128, 512)).values.shape == (4 * 75,)
    assert tensor_view("scalar", np.float32(3), sides=(128, 128)).values.tolist() == 3


def test_of_more_axes_as_many_numbers_are_given_as_a_matrix_would_have():
    view = tensor_view("kernel", np.ones((3, 3, 64, 64)), sides=(128, 128))
    assert view.values.shape == (3, 3, 16, 64)


def test_uneven_last_block_is_the_mean_of_what_is_left():
    kernel = np.ones((700, 601), np.float32)
    np.testing.assert_allclose(tensor_view("kernel", kernel).values, 1)


def test_convolution_keeps_windows_and_filters():
    kernel = np.random.default_rng(0).normal(size=(3, 3, 512, 512)).astype(np.float32)
    view = tensor_view("kernel", kernel)
    height, width, channels, filters = view.values.shape
    assert (height, width, filters) == (3, 3, 512)
    expected = kernel.reshape(3, 3, channels, -1, 512).mean(axis=3)
    np.testing.assert_allclose(view.values, expected, atol=1e-6)


@pytest.mark.parametrize(("gates", "units"), [(4, 300), (3, 333)])
def test_no_block_mixes_two_gates(gates, units):
    kernel = np.repeat(np.arange(gates, dtype=np.float32), units)[None].repeat(900, axis=0)
    values = tensor_view("kernel", kernel, gates).values
    assert set(np.unique(values)) == set(range(gates))
    assert values.shape[1] % gates == 0


@pytest.mark.parametrize(
    "shape", [(2_000_000,), (16, 16, 16, 16, 16, 2), (1, 300_000), (3, 3, 1, 90_000)]
)
def test_every_large_shape_fits(shape):
    view = tensor_view("w", np.ones(shape, np.float32))
    assert view.values.size <= LARGEST_EXACT
    assert view.values.ndim == len(shape)
    np.testing.assert_allclose(view.values, 1)


def test_nan_and_infinity_are_counted_and_left_out_of_the_statistics():
    view = tensor_view("w", np.array([1, np.nan, 3, np.inf, -np.inf], np.float32))
    assert view.not_finite == 3
    assert (view.minimum, view.maximum, view.mean) == (1, 3, 2)
    assert view.histogram.sum() == 2


def test_tensor_of_nan_and_empty_tensor_have_no_range():
    for array in (np.full((2, 2), np.nan), np.zeros((0, 3))):
        view = tensor_view("w", array)
        assert (view.minimum, view.maximum, view.mean, view.deviation) == (0, 0, 0, 0)
        assert view.histogram.sum() == 0


def test_infinite_weights_of_a_large_tensor_do_not_warn():
    kernel = np.ones((1024, 1024), np.float32)
    kernel[0, 0], kernel[0, 1] = np.inf, -np.inf
    assert np.isnan(tensor_view("w", kernel).values[0, 0])


def test_equal_numbers_are_in_the_middle_bin():
    histogram = tensor_view("w", np.full(7, 3.0)).histogram
    assert histogram[BINS // 2] == histogram.sum() == 7


@given(
    arrays(
        np.float32,
        array_shapes(max_dims=4, max_side=6),
        elements=st.floats(-(2.0**99), 2.0**99, width=32),
    )
)
def test_histogram_is_that_of_numpy_up_to_rounding_at_the_edges(array):
    view = tensor_view("w", array)
    assert view.histogram.sum() == array.size
    assert view.histogram.shape == (BINS,)
    if view.minimum < view.maximum:
        expected, edges = np.histogram(array.astype(np.float64), BINS, (view.minimum, view.maximum))
        near = [
            abs(array.astype(np.float64).ravel()[:, None] - edges).min(axis=1)
            < 1e-9 * np.ptp(edges)
        ]
        assert np.abs(view.histogram - expected).sum() <= 2 * np.sum(near)


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["dense/kernel", "dense/bias"], ("kernel", "bias")),
        (
            ["lstm/lstm_cell/kernel", "lstm/lstm_cell/recurrent_kernel"],
            ("kernel", "recurrent_kernel"),
        ),
        (
            ["b/forward_lstm/lstm_cell/kernel", "b/backward_lstm/lstm_cell/kernel"],
            ("forward_kernel", "backward_kernel"),
        ),
        (
            ["a/query/kernel", "a/key/kernel", "a/attention_output/kernel", "a/query/bias"],
            ("query_kernel", "key_kernel", "attention_output_kernel", "bias"),
        ),
        (["x/w", "x/w"], ("w", "w_2")),
        (["w"], ("w",)),
    ],
)
def test_names_tell_the_tensors_apart(paths, names):
    assert tensor_names(paths) == names


def test_layer_views_keep_the_order_of_the_weights():
    views = LayerReader(FakeLayer(("d/kernel", [[1, 2]]), ("d/bias", [3]))).views()
    assert [(view.name, view.shape) for view in views] == [("kernel", (1, 2)), ("bias", (1,))]


def test_a_scalar_weight_has_a_view():
    (view,) = LayerReader(FakeLayer(("n/count", 5))).views()
    assert (view.shape, view.mean) == ((), 5)
