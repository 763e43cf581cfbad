"""Runs many training steps in one call into TensorFlow.

``model.fit`` crosses from Python into TensorFlow for every batch. Here a graph loops over
``model.train_step``, gathers each batch by index from samples on the device and comes back after a chunk of
steps. How the steps are cut into chunks changes no number.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from engine.errors import JobFailed
from engine.training import compiling
from engine.training.events import Floats
from engine.training.pace import Pace

LARGEST_CHUNK: Final = 2048  # steps; the length of the buffer for their losses
_EVALUATION_BATCH: Final = 256
_EVALUATION_NUMBERS: Final = (
    2**20
)  # input numbers a batch of evaluation: large pictures come in few
_log = logging.getLogger(__name__)

Tensor: TypeAlias = Any
ChunkFunction: TypeAlias = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], tuple[Tensor, ...]]


def devices() -> tuple[str, ...]:
    """Return what can train here: ``("cpu",)`` or ``("cpu", "gpu:0", ...)``.

    Every GPU is told to take memory as it needs it, not all at once.
    """
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        with contextlib.suppress(
            RuntimeError
        ):  # too late once the GPU is in use: then it was told before
            tf.config.experimental.set_memory_growth(gpu, True)
    return ("cpu", *(f"gpu:{number}" for number in range(len(gpus))))


def resolve_device(device: str) -> str:
    """Return ``"cpu"`` or ``"gpu:0"``...; "auto" is the first GPU if there is one.

    Raises
    ------
    JobFailed
        If there is no such device.
    """
    known = devices()
    if device == "auto":
        return known[1] if len(known) > 1 else known[0]
    if device not in known:
        raise JobFailed(
            f'There is no device "{device}" here: choose one of auto, {", ".join(known)}.'
        )
    return device


@dataclass(frozen=True)
class Samples:
    """Samples and labels on the device, in the number types they came in."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return int(self.x.shape[0])


@dataclass(frozen=True)
class Order:
    """One epoch's samples, batch by batch, as indices on the device.

    Attributes
    ----------
    full
        (batches, batch size) int32.
    rest
        (1, samples) int32 of the last, smaller batch; None if the batches divide the samples.
    """

    full: Tensor
    rest: Tensor | None

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


@dataclass(frozen=True)
class Chunk:
    """What some steps gave.

    Attributes
    ----------
    losses
        (steps,) of each batch by itself. Ends with the first that is not finite, if any.
    metrics
        Running values over the epoch, the loss excluded.
    learning_rate
        As the last step used it.
    """

    losses: Floats
    metrics: Mapping[str, float]
    learning_rate: float
    seconds: float


def sample_order(samples: int, seed: int, epoch: int) -> npt.NDArray[np.int32]:
    """Return (samples,) the order of an epoch: the same for the same seed and epoch, whatever came before."""
    return np.random.default_rng((seed, epoch)).permutation(samples).astype(np.int32)


class Executor:
    """Trains and evaluates one compiled model on one device, a chunk of steps a call.

    Attributes
    ----------
    device
        ``"cpu"``, ``"gpu:0"``...
    compiled
        XLA compiles the steps.
    """

    def __init__(self, model: keras.Model, batch_size: int, device: str = "auto") -> None:
        self.model = model
        self.device = resolve_device(device)
        self.compiled = self.device == "cpu" and compiling.pays(model)
        self._batch_size = batch_size
        self._dtype = model.inputs[0].dtype
        self._functions: dict[tuple[int, ...], ChunkFunction] = {}
        self._evaluate: Callable[..., Mapping[str, Tensor]] | None = None
        self._evaluation_pace = Pace(LARGEST_CHUNK)

    # ---- Preparing ----

    def place(self, x: npt.NDArray[Any], y: npt.NDArray[Any]) -> Samples:
        """Copy samples (n, ...) and encoded labels (n, ...) to the device; bytes stay bytes there."""
        with self._on_device():
            return Samples(tf.constant(x), tf.constant(y))

    def order(self, samples: Samples, seed: int, epoch: int) -> Order:
        """Return the batches of an epoch."""
        size = min(self._batch_size, len(samples))
        indices = sample_order(len(samples), seed, epoch)
        full = len(indices) // size * size
        with self._on_device():
            rest = tf.constant(indices[None, full:]) if full < len(indices) else None
            return Order(tf.constant(indices[:full].reshape(-1, size)), rest)

    def prepare(self, samples: Samples, *evaluated: Samples) -> None:
        """Trace and compile all that training will call, so that the first chunk is as quick as the others.

        Changes no weight. ``evaluated`` are the parts that `evaluate` will get.
        """
        self._build_metrics(samples)
        order = self.order(samples, 0, 0)
        try:
            self._call(samples, order.full, 0, 0)
        except tf.errors.OpError as error:
            if not self.compiled:
                raise
            # Nothing has run yet: XLA refuses while it compiles, before the first step.
            _log.info("XLA cannot compile this network, training goes on without: %s", error)
            self.compiled = False
            self._functions.clear()
            self._call(samples, order.full, 0, 0)
        if order.rest is not None:
            self._call(samples, order.rest, 0, 0)
        for part in evaluated:
            self._call_evaluation(part, 0, 0)

    # ---- Training ----

    def start_epoch(self) -> None:
        """Forget the metrics of the epoch before."""
        with self._on_device():
            self.model.reset_metrics()

    def train(self, samples: Samples, order: Order, first: int, steps: int) -> Chunk:
        """Take ``steps`` steps from batch ``first`` of the epoch, fewer if a loss is not finite.

        A chunk never holds both whole batches and the smaller last one: fewer steps are taken then.
        """
        started = time.perf_counter()
        if first < order.full_batches:
            steps = min(steps, order.full_batches - first, LARGEST_CHUNK)
            done, losses, rate, metrics = self._call(samples, order.full, first, steps)
        else:
            done, losses, rate, metrics = self._call(samples, order.rest, 0, 1)
        taken = losses.numpy()[: int(done)]
        figures = {name: float(value) for name, value in metrics.items() if name != "loss"}
        return Chunk(taken, figures, float(rate), time.perf_counter() - started)

    # ---- Evaluating ----

    def evaluate(self, samples: Samples, between: Callable[[], None]) -> dict[str, float]:
        """Return ``loss`` and the metrics over all samples, as ``keras.Model.evaluate`` gives them.

        ``between`` is called between chunks; what it raises ends the evaluation. The running metrics of
        training are lost.
        """
        size = self.evaluation_batch(samples)
        batches = -(-len(samples) // size)
        self.start_epoch()
        first = 0
        figures: Mapping[str, Tensor] = {}
        while first < batches:
            between()
            steps = min(self._evaluation_pace.steps, batches - first)
            started = time.perf_counter()
            figures = {
                name: float(value)
                for name, value in self._call_evaluation(samples, first, steps).items()
            }
            self._evaluation_pace.note(steps, time.perf_counter() - started)
            first += steps
        return dict(figures)

    def evaluation_batch(self, samples: Samples) -> int:
        """Return how many samples a batch of evaluation has: training's own, or more where that is safe."""
        numbers = max(1, int(np.prod(samples.x.shape[1:])))
        return max(self._batch_size, min(_EVALUATION_BATCH, _EVALUATION_NUMBERS // numbers))

    # ---- The graphs ----

    def _on_device(self) -> contextlib.AbstractContextManager[None]:
        scope: contextlib.AbstractContextManager[None] = tf.device(f"/{self.device}")
        return scope

    def _build_metrics(self, samples: Samples) -> None:
        """Let Keras make the variables of metrics and optimizer outside the graphs."""
        with self._on_device():
            batch = (tf.cast(samples.x[:1], self._dtype), samples.y[:1])
            self.model.test_step(batch)
            self.model.reset_metrics()
            self.model.optimizer.build(self.model.trainable_variables)

    def _call(self, samples: Samples, rows: Tensor, first: int, steps: int) -> tuple[Tensor, ...]:
        shape = tuple(rows.shape)
        with self._on_device():
            if shape not in self._functions:
                self._functions[shape] = self._function(whole=shape[1] == self._size(samples))
            return self._functions[shape](
                samples.x, samples.y, rows, tf.constant(first), tf.constant(steps)
            )

    def _size(self, samples: Samples) -> int:
        return min(self._batch_size, len(samples))

    def _function(self, *, whole: bool) -> ChunkFunction:
        # The smaller last batch comes once an epoch: compiling a second time would not pay.
        function: ChunkFunction = tf.function(
            self._training_steps, autograph=False, jit_compile=self.compiled and whole
        )
        return function

    def _training_steps(
        self, x: Tensor, y: Tensor, rows: Tensor, first: Tensor, steps: Tensor
    ) -> tuple[Tensor, ...]:
        """Loop over batches ``first`` to ``first + steps``; returns (done, losses, learning rate, metrics)."""
        model = self.model
        loss_tracker = model.metrics[0]

        def goes_on(done: Tensor, _losses: Tensor, last: Tensor, _rate: Tensor) -> Tensor:
            return tf.logical_and(done < steps, tf.math.is_finite(last))

        def step(
            done: Tensor, losses: Tensor, _last: Tensor, _rate: Tensor
        ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
            # Not rows[first + done]: XLA would take the position for a constant and compile for each anew.
            batch = tf.gather(rows, first + done)
            rate = tf.cast(tf.convert_to_tensor(model.optimizer.learning_rate), tf.float32)
            loss_tracker.reset_state()  # else Keras gives the running mean of the epoch
            inputs = tf.cast(tf.gather(x, batch), self._dtype)
            logs = model.train_step((inputs, tf.gather(y, batch)))
            loss = tf.cast(logs["loss"], tf.float32)
            losses = tf.tensor_scatter_nd_update(losses, [[done]], [loss])
            return done + 1, losses, loss, rate

        start = (tf.constant(0), tf.zeros((LARGEST_CHUNK,)), tf.constant(0.0), tf.constant(0.0))
        done, losses, _, rate = tf.while_loop(goes_on, step, start, parallel_iterations=1)
        return done, losses, rate, model.get_metrics_result()

    def _call_evaluation(self, samples: Samples, first: int, steps: int) -> Mapping[str, Tensor]:
        if self._evaluate is None:
            # Any number of samples and any size of the last batch: one graph serves all parts.
            signature = [
                *(
                    tf.TensorSpec((None, *each.shape[1:]), each.dtype)
                    for each in (samples.x, samples.y)
                ),
                *[tf.TensorSpec((), tf.int32)] * 3,
            ]
            self._evaluate = tf.function(
                self._evaluation_steps, input_signature=signature, autograph=False
            )
        with self._on_device():
            size = tf.constant(self.evaluation_batch(samples))
            return self._evaluate(
                samples.x, samples.y, size, tf.constant(first), tf.constant(steps)
            )

    def _evaluation_steps(
        self, x: Tensor, y: Tensor, size: Tensor, first: Tensor, steps: Tensor
    ) -> Mapping[str, Tensor]:
        def step(done: Tensor) -> tuple[Tensor]:
            start = (first + done) * size
            end = tf.minimum(start + size, tf.shape(x)[0])
            self.model.test_step((tf.cast(x[start:end], self._dtype), y[start:end]))
            return (done + 1,)

        tf.while_loop(lambda done: done < steps, step, (tf.constant(0),), parallel_iterations=1)
        figures: Mapping[str, Tensor] = self.model.get_metrics_result()
        return figures
