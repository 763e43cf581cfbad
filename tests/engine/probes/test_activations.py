"""What a layer gives, reduced to what a screen shows; no TensorFlow."""

import numpy as np
import pytest

from engine.probes.activations import LEAST_MAP_PX, layer_output, maps_that_fit
from engine.probes.probe import ProbeError

SIZE = (300, 500)


def output_of(array, size_px=SIZE, **fields):
    return layer_output("layer", [np.asarray(array)], size_px, **fields)


def test_maps_keep_their_channel_and_place():
    whole = np.zeros((4, 6, 3), np.float32)
    whole[1, 2, 0], whole[3, 5, 2] = 5.0, -7.0
    found = output_of(whole)
    assert (found.form, found.shape, found.total, found.slices) == ("maps", (4, 6, 3), 3, 1)
    assert found.values.shape == (3, 4, 6)
    assert (found.values[0, 1, 2], found.values[2, 3, 5]) == (5.0, -7.0)
    assert (found.minimum, found.maximum) == (-7.0, 5.0)


def test_channels_that_come_first_are_maps_too():
    whole = np.random.default_rng(0).normal(size=(3, 4, 6)).astype(np.float32)
    np.testing.assert_array_equal(output_of(whole, channels_first=True).values, whole)


def test_a_vector_is_bars_and_a_sequence_a_strip_that_runs_from_left_to_right():
    assert output_of([1.0, -2.0, 3.0]).values.tolist() == [1.0, -2.0, 3.0]
    strip = output_of([[1, 10], [2, 20], [3, 30]])
    assert (strip.form, strip.total) == ("strip", 2)
    assert strip.values.tolist() == [[1, 2, 3], [10, 20, 30]]  # (features, time)
    assert output_of(4.0).values.tolist() == [4.0]


def test_only_the_first_maps_and_units_that_fit_are_given():
    found = output_of(np.arange(512.0)[None, None].repeat(28, 0).repeat(28, 1))
    shown = len(found.values)
    assert 1 < shown < found.total == 512
    assert found.values[:, 0, 0].tolist() == list(range(shown))
    bars = output_of(np.arange(10_000))
    assert bars.values.tolist() == list(range(SIZE[1] // 2))
    assert (bars.total, bars.maximum) == (10_000, 9999.0)


@pytest.mark.parametrize("total", [1, 2, 7, 64, 512])
@pytest.mark.parametrize("sides", [(28, 28), (1, 1), (224, 100), (3, 300)])
@pytest.mark.parametrize("size_px", [(300, 500), (72, 72), (500, 120)])
def test_a_grid_of_maps_has_room(total, sides, size_px):
    count, columns, scale = maps_that_fit(total, sides, size_px)
    assert 1 <= columns <= count <= total
    rows = -(-count // columns)
    assert rows * sides[0] * scale + rows - 1 <= size_px[0] + 1e-6
    assert columns * sides[1] * scale + columns - 1 <= size_px[1] + 1e-6
    if count > 1:
        assert max(sides) * scale >= LEAST_MAP_PX * 0.9


def test_a_map_larger_than_its_place_is_given_as_block_means():
    found = output_of(np.arange(200.0)[None, :, None].repeat(200, 0), (50, 50))
    assert found.values.shape == (1, 50, 50)
    np.testing.assert_allclose(found.values[0, 0], np.arange(200).reshape(50, 4).mean(axis=1))


def test_a_long_sequence_is_reduced_to_the_pixels():
    assert output_of(np.ones((10_000, 4)), (100, 250)).values.shape == (4, 250)
    assert output_of(np.ones((10, 900)), (100, 250)).values.shape == (100, 10)


def test_of_a_volume_the_middle_slice_is_shown():
    whole = np.zeros((4, 5, 5, 2), np.float32)
    whole[2] = 3.0
    found = output_of(whole)
    assert (found.form, found.total, found.slices) == ("maps", 2, 4)
    assert found.values.min() == 3.0
    assert output_of(np.ones((2, 3, 4, 4, 1))).slices == 6


@pytest.mark.parametrize("shape", [(8,), (5, 3), (6, 6, 2)])
def test_what_is_not_a_number_is_counted_and_stays(shape):
    whole = np.ones(shape, np.float32)
    whole.flat[0], whole.flat[-1] = np.nan, np.inf
    found = output_of(whole)
    assert found.not_finite == 2
    assert (found.minimum, found.maximum) == (1.0, 1.0)
    assert np.isnan(found.values).sum() == np.isinf(found.values).sum() == 1


def test_nan_does_not_vanish_in_a_block_mean():
    whole = np.ones((400, 400, 1), np.float32)
    whole[7, 7] = np.nan
    assert np.isnan(output_of(whole, (50, 50)).values).sum() == 1


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int32, np.uint8, np.bool_])
def test_any_type_of_number_is_shown(dtype):
    found = output_of(np.array([0, 1], dtype))
    assert found.values.dtype == np.float32
    assert found.values.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("shape", [(0,), (0, 8), (4, 4, 0)])
def test_an_output_without_numbers_is_refused_with_its_shape(shape):
    with pytest.raises(ProbeError, match=r"layer gives no numbers.*0"):
        output_of(np.zeros(shape))


def test_text_is_refused():
    with pytest.raises(ProbeError, match="gives text"):
        output_of(np.array([b"word"], object))


def test_one_of_several_outputs_is_chosen():
    outputs = [np.ones((5, 3)), np.full(3, 2.0)]
    second = layer_output("lstm", outputs, SIZE, output=2)
    assert (second.form, second.output, second.outputs) == ("bars", 2, 2)
    assert second.values.tolist() == [2.0, 2.0, 2.0]
    with pytest.raises(ProbeError, match="no output 3"):
        layer_output("lstm", outputs, SIZE, output=3)


def test_the_sample_shares_no_memory_with_the_network():
    given = np.ones((4, 4, 2), np.float32)
    found = output_of(given)
    given[:] = 9
    assert found.values.max() == 1.0
