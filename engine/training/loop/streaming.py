"""Brings samples to the device block by block when they do not fit there whole.

A block is some whole batches of the epoch's order, gathered on the host while the device works on the block
before. The device then gathers each batch from its block as it would from all samples: same batches, same
graphs, same results.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from engine.data.column_array import Inputs

Tensor: TypeAlias = Any
Array: TypeAlias = npt.NDArray[Any]
Pair: TypeAlias = tuple[Tensor, Tensor]

_BLOCKS: Final = 3  # in memory at a time: in use, waiting, being gathered
_LARGEST_BLOCK_BYTES: Final = 2**25  # 32 MiB are gathered in about 10 ms: no chunk waits long


def bytes_per_sample(x: Inputs, y: Array) -> int:
    """Return the bytes of one sample with its label; at least 1."""
    return max(1, math.prod(x.shape[1:]) * x.itemsize + math.prod(y.shape[1:]) * y.itemsize)


def block_samples(x: Inputs, y: Array, memory_limit_bytes: int) -> int:
    """Return how many samples a block may have so that all blocks keep to the limit; at least 1."""
    share = min(memory_limit_bytes // _BLOCKS, _LARGEST_BLOCK_BYTES)
    return max(1, share // bytes_per_sample(x, y))


class Source:
    """Samples on the host.

    Parameters
    ----------
    x, y
        (n, ...) samples and encoded labels; samples may lie on disk, and are read as they are needed.
    block
        How many samples go to the device at a time.
    """

    def __init__(self, x: Inputs, y: Array, block: int) -> None:
        self._x, self._y = x, y
        self.block = block
        # Traced once: a pipeline made anew for every epoch would leave half a megabyte behind each time.
        self._pipeline = tf.function(
            self._gathered, input_signature=[tf.TensorSpec((None, None), tf.int32)], autograph=False
        )

    def blocks(self, rows: npt.NDArray[np.int32]) -> Iterator[Pair]:
        """Return the samples of (blocks, samples) rows, gathered ahead on a thread of TensorFlow."""
        with tf.device("/cpu:0"):
            return iter(self._pipeline(tf.constant(rows)))

    def _gathered(self, rows: Tensor) -> tf.data.Dataset:
        types = (tf.as_dtype(self._x.dtype), tf.as_dtype(self._y.dtype))

        def gathered(block: Tensor) -> Pair:
            x, y = tf.numpy_function(self._gather, [block], types, stateful=False)
            x = tf.ensure_shape(x, (None, *self._x.shape[1:]))
            return x, tf.ensure_shape(y, (None, *self._y.shape[1:]))

        blocks = tf.data.Dataset.from_tensor_slices(rows)
        return blocks.map(gathered, num_parallel_calls=1).prefetch(1)

    def _gather(self, rows: npt.NDArray[np.int32]) -> tuple[Array, Array]:
        return np.asarray(self._x[rows]), np.asarray(self._y[rows])


class Stream:
    """The batches of a size in a given order, a block of them at a time.

    Every block has the same number of batches, so that one graph serves all: what the last one lacks is filled
    with the first sample, which nobody reads.

    Parameters
    ----------
    rows
        (batches, batch size) int32, at least one batch.
    batches
        Of a block, at least 1.

    Attributes
    ----------
    rows
        (batches of a block, batch size) int32 on the device: each batch's places in its block.
    """

    def __init__(
        self, source: Source, rows: npt.NDArray[np.int32], batches: int, device: str
    ) -> None:
        count, size = rows.shape
        self._source = source
        self._batches = min(batches, count)
        self._device = device
        blocks = -(-count // self._batches)
        padded = np.zeros((blocks * self._batches, size), np.int32)
        padded[:count] = rows
        self._blocks = padded.reshape(blocks, -1)
        with tf.device(device):
            local = np.arange(self._batches * size, dtype=np.int32)
            self.rows = tf.constant(local.reshape(self._batches, size))
        self._coming: Iterator[Pair] = iter(())
        self._held: Pair | None = None
        self._number = -1

    def batch(self, number: int) -> tuple[Pair, int]:
        """Return the block that holds a batch, on the device, and the batch's place in ``rows``.

        Batches are quickest one after another; any other way begins to read anew.
        """
        block, place = divmod(number, self._batches)
        if self._held is None or block != self._number:
            self._held = self._next(block)
            self._number = block
        return self._held, place

    def _next(self, block: int) -> Pair:
        # Freed before the next one comes, or there would be one block more than the limit allows.
        self._held = None
        if block != self._number + 1 or block == 0:
            self._coming = self._source.blocks(self._blocks[block:])
        x, y = next(self._coming)
        with tf.device(self._device):
            return tf.identity(x), tf.identity(y)
