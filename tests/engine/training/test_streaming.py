"""Samples that stream give the same numbers as samples on the device."""

import numpy as np
import pytest
import tensorflow as tf

from engine.data.column_array import ColumnArray
from engine.training.loop import nested
from engine.training.loop.executor import Executor, sample_order
from engine.training.loop.streaming import Source, Stream, block_samples
from engine.training.procedures.supervised import Supervised
from tests.engine.training.test_executor import (
    dense_net,
    linear,
    picture_net,
    pictures,
    run_epochs,
)

BYTES = 6 * 6 + 4  # of a picture and its label


def numbered(samples):
    x = np.arange(samples * 2, dtype=np.float32).reshape(samples, 2)
    return x, np.arange(samples, dtype=np.int32)


def test_the_bytes_of_a_sample_count_its_label():
    x, y = pictures(3)
    assert nested.bytes_per_sample(x, y) == BYTES
    assert block_samples(x, y, 3 * 10 * BYTES) == 10
    assert block_samples(x, y, 1) == 1


@pytest.mark.parametrize(
    ("make", "samples", "limit", "block"),
    [
        (picture_net, 50, 1, 1),
        (picture_net, 50, 3 * 16 * BYTES, 16),
        (picture_net, 50, 49 * BYTES, 16),
        # XLA compiles it, and a loop over so few samples as another piece of code.
        (dense_net, 9_001, 9_000 * BYTES, 3_000),
        (dense_net, 9_001, 6_000 * BYTES, 2_000),
    ],
)
def test_streaming_changes_no_bit(make, samples, limit, block):
    x, y = pictures(samples)
    chunk = -(-samples // 16)
    placed, streamed = make(), make()
    _, expected = run_epochs(placed, x, y, chunk)
    executor, losses = run_epochs(streamed, x, y, chunk, memory_limit_bytes=limit)
    assert losses == expected
    for one, another in zip(placed.get_weights(), streamed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, another)
    here, there = Executor(Supervised(placed), 8, "cpu").place(x, y), executor.place(x, y)
    assert not here.block
    assert there.block == block
    figures = executor.evaluate(there, lambda: None)
    np.testing.assert_allclose(
        list(figures.values()), list(executor.evaluate(here, lambda: None).values()), rtol=1e-6
    )


class Kept:
    """Pictures on disk, as a column."""

    def __init__(self, x, folder):
        np.save(folder / "x.npy", x)
        self.array = np.load(folder / "x.npy", mmap_mode="r")
        self.shape, self.dtype = x.shape[1:], x.dtype

    def __len__(self):
        return len(self.array)

    def take(self, rows):
        return np.asarray(self.array[rows])


@pytest.mark.parametrize("limit", [None, 3 * 16 * BYTES])
def test_samples_on_disk_give_the_bits_of_those_in_memory(tmp_path, limit):
    x, y = pictures(50)
    placed, read = picture_net(), picture_net()
    _, expected = run_epochs(placed, x, y, 3)
    there = ColumnArray(Kept(x[::-1], tmp_path), np.arange(50)[::-1])
    executor, losses = run_epochs(read, there, y, 3, memory_limit_bytes=limit)
    assert losses == expected
    for one, another in zip(placed.get_weights(), read.get_weights(), strict=True):
        np.testing.assert_array_equal(one, another)
    samples = executor.place(there, y)
    assert samples.block == (0 if limit is None else 16)
    figures = executor.evaluate(samples, lambda: None)
    here = executor.place(x, y)
    np.testing.assert_allclose(
        list(figures.values()), list(executor.evaluate(here, lambda: None).values()), rtol=1e-6
    )


def test_what_the_limit_allows_lies_on_the_device():
    x, y = pictures(50)
    assert (
        not Executor(Supervised(dense_net()), 8, "cpu", memory_limit_bytes=50 * BYTES)
        .place(x, y)
        .block
    )


@pytest.mark.parametrize("positions", [range(7), (5, 6, 0, 1, 3, 2, 2, 6)])
@pytest.mark.parametrize("batches", [1, 2, 3, 100])
def test_every_batch_is_found_from_wherever_the_last_one_was(positions, batches):
    x, y = numbered(35)
    rows = sample_order(35, 0, 0).reshape(7, 5)
    stream = Stream(Source(x, y, 1), rows, batches, "/cpu")
    for number in positions:
        (held_x, held_y), place = stream.batch(number)
        found = tf.gather(stream.rows, place)
        np.testing.assert_array_equal(tf.gather(held_y, found), rows[number])
        np.testing.assert_array_equal(tf.gather(held_x, found), x[rows[number]])
        assert len(held_y) == min(batches, 7) * 5


class Watched(np.ndarray):
    """Says how many samples were read at a time."""

    read: list[int]

    def __getitem__(self, rows):
        if isinstance(rows, np.ndarray):
            self.read.append(len(rows))
        return np.asarray(self)[rows]


def test_the_host_never_copies_more_than_a_block():
    x, y = numbered(600)
    watched = x.view(Watched)
    watched.read = []
    executor = Executor(Supervised(linear_of_two()), 4, "cpu", memory_limit_bytes=3 * 40 * 12)
    samples = executor.place(watched, y[:, None].astype(np.float32))
    order = executor.order(samples, 0, 0)
    executor.prepare(samples)
    position = 0
    while position < order.batches:
        position += len(executor.train(samples, order, position, 1000).losses)
    assert set(watched.read) == {40}
    assert sum(watched.read) >= 600


def linear_of_two():
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    return model


def test_a_file_that_cannot_be_read_ends_the_chunk_with_an_error():
    class Broken(np.ndarray):
        def __getitem__(self, rows):
            if isinstance(rows, np.ndarray):
                raise OSError("gone")
            return np.asarray(self)[rows]

    x = np.zeros((9, 3), np.float32).view(Broken)
    executor = Executor(Supervised(linear()), 3, "cpu", memory_limit_bytes=1)
    samples = executor.place(x, np.zeros((9, 1), np.float32))
    order = executor.order(samples, 0, 0)
    with pytest.raises(tf.errors.OpError, match="gone"):
        executor.train(samples, order, 0, 1)
