"""Stream samples to the device block by block if they do not fit into its memory.

A block is some whole batches in the epoch's order, gathered on the host while the device works on the previous block.
The device then gathers each batch from its block as it would from all samples: same batches, same graphs, same
results.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from engine.training.loop import nested
from engine.training.loop.nested import Nested

Tensor: TypeAlias = Any
Array: TypeAlias = npt.NDArray[Any]
Pair: TypeAlias = tuple[Tensor, Tensor]

_BLOCKS: Final = 3  # in memory at a time: in use, waiting, being gathered
_LARGEST_BLOCK_BYTES: Final = 2**25  # 32 MiB are gathered in about 10 ms: no chunk waits long


def block_samples(x: Nested, y: Nested, memory_limit_bytes: int) -> int:
    """Return the largest number of samples of a block within the memory limit; at least 1."""
    share = min(memory_limit_bytes // _BLOCKS, _LARGEST_BLOCK_BYTES)
    return max(1, share // nested.bytes_per_sample(x, y))


class Source:
    """Samples on the host.

    Parameters
    ----------
    x, y
        (n, ...) samples and encoded labels; samples may lie on disk, and are read as they are needed.
    block
        How many samples go to the device at a time.
    """

    def __init__(self, x: Nested, y: Nested, block: int) -> None:
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
        arrays = nested.flat(self._x, self._y)
        types = tuple(tf.as_dtype(array.dtype) for array in arrays)
        inputs = len(nested.flat(self._x))

        def gathered(block: Tensor) -> Pair:
            found = tf.numpy_function(self._gather, [block], types, stateful=False)
            shaped = tuple(
                tf.ensure_shape(tensor, (None, *array.shape[1:]))
                for tensor, array in zip(found, arrays, strict=True)
            )
            x, y = shaped[:inputs], shaped[inputs:]
            return (
                x if isinstance(self._x, tuple) else x[0],
                y if isinstance(self._y, tuple) else y[0],
            )

        blocks = tf.data.Dataset.from_tensor_slices(rows)
        return blocks.map(gathered, num_parallel_calls=1).prefetch(1)

    def _gather(self, rows: npt.NDArray[np.int32]) -> tuple[Array, ...]:
        return tuple(np.asarray(array[rows]) for array in nested.flat(self._x, self._y))


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
            return nested.each(tf.identity, x), nested.each(tf.identity, y)
