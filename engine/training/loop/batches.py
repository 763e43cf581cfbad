"""The batches of an epoch: the order of samples, and their place on the device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from engine.training.loop import nested
from engine.training.loop.streaming import Source, Stream

LARGEST_CHUNK: Final = 2048  # steps; the length of the buffer for their losses
Tensor: TypeAlias = Any


@dataclass(frozen=True)
class PlacedSamples:
    """Samples and labels in their own dtypes.

    Attributes
    ----------
    x, y
        On the device, or arrays on the host if they are streamed. A tuple for several inputs or targets.
    source
        Streams them to the device, if they are streamed.
    """

    x: Tensor
    y: Tensor
    source: Source | None = None

    def __len__(self) -> int:
        return nested.count(self.x)

    @property
    def block(self) -> int:
        """Number of samples that are streamed at a time; 0 if all are on the device."""
        return self.source.block if self.source is not None else 0


@dataclass(frozen=True)
class Feed:
    """The place of batches on the device.

    Attributes
    ----------
    rows
        (batches, batch size) int32, places in ``x`` and ``y``.
    first
        The next batch in ``rows``.
    batches
        Number of batches from it on.
    whole
        Whether they have the usual size.
    """

    x: Tensor
    y: Tensor
    rows: Tensor
    first: int
    batches: int
    whole: bool


@dataclass(frozen=True)
class Order:
    """The order of an epoch's samples by batch, as indices.

    Attributes
    ----------
    full
        (batches, batch size) int32; on the device unless the samples stream.
    rest
        (1, samples) int32 of the last, smaller batch; None if the batches divide the samples.
    streams
        What brings the batches of ``full`` and of ``rest``; empty if the samples are on the device.
    """

    full: Tensor
    rest: Tensor | None
    streams: tuple[Stream, ...] = ()

    @property
    def full_batches(self) -> int:
        """Batches of the whole size."""
        return int(self.full.shape[0])

    @property
    def batches(self) -> int:
        """All batches."""
        return self.full_batches + (self.rest is not None)

    def batch_sizes(self, first: int, count: int) -> npt.NDArray[np.int64]:
        """Return (count,) how many samples each batch from number ``first`` has."""
        sizes = np.full(count, self.full.shape[1], np.int64)
        if self.rest is not None and first + count > self.full_batches:
            sizes[-1] = self.rest.shape[1]
        return sizes

    def feed(self, samples: PlacedSamples, first: int) -> Feed:
        """Return what batch ``first`` of the epoch and those after it are taken from."""
        whole = first < self.full_batches
        rows: Any = self.full if whole else self.rest
        place = first if whole else 0
        left = int(rows.shape[0]) - place
        if not self.streams:
            return Feed(samples.x, samples.y, rows, place, left, whole)
        stream = self.streams[0 if whole else 1]
        (x, y), place = stream.batch(place)
        return Feed(x, y, stream.rows, place, min(left, int(stream.rows.shape[0]) - place), whole)


def sample_order(samples: int, seed: int, epoch: int) -> npt.NDArray[np.int32]:
    """Return the (samples,) order of an epoch, which depends only on seed and epoch."""
    return np.random.default_rng((seed, epoch)).permutation(samples).astype(np.int32)


def batch_sizes(samples: int, size: int) -> npt.NDArray[np.int64]:
    """Return (batches,) how many samples each batch of an epoch has."""
    return np.minimum(size, samples - np.arange(0, samples, size))


def cut_orders(
    samples: int, size: int, seed: int, epochs: range
) -> tuple[npt.NDArray[np.int32], ...]:
    """Return the batches of some epochs, of ``size`` samples each, which are not more than there are.

    Returns
    -------
    tuple
        (epochs, batches, size), and (epochs, 1, samples) of the last, smaller batch if there is one.
    """
    indices = np.stack([sample_order(samples, seed, epoch) for epoch in epochs])
    full = samples // size * size
    whole = indices[:, :full].reshape(len(epochs), -1, size)
    return (whole, indices[:, None, full:]) if full < samples else (whole,)


def order_of(samples: PlacedSamples, size: int, seed: int, epoch: int, device: str) -> Order:
    """Return an epoch's batches of ``size`` samples, which are not more than there are.

    ``device`` is TensorFlow's name of where the batches shall be.
    """
    orders = cut_orders(len(samples), size, seed, range(epoch, epoch + 1))
    parts = [rows[0] for rows in orders]
    if samples.source is not None:
        streams = tuple(_stream(samples.source, rows, device) for rows in parts)
        return Order(parts[0], parts[1] if len(parts) > 1 else None, streams)
    with tf.device(device):
        placed = [tf.constant(rows) for rows in parts]
    return Order(placed[0], placed[1] if len(placed) > 1 else None)


def _stream(source: Source, rows: npt.NDArray[np.int32], device: str) -> Stream:
    batches = max(1, min(source.block // rows.shape[1], LARGEST_CHUNK))
    return Stream(source, rows, batches, device)
