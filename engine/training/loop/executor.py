"""Runs many training steps in one call into TensorFlow.

``model.fit`` crosses from Python into TensorFlow for every batch. Here a graph loops over the steps of a
`Program`, gathers each batch by index from samples on the device and comes back after a chunk of
steps. How the steps are cut into chunks changes no number, nor whether the samples lie on the device or stream
there.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from engine.data.column_array import Inputs
from engine.errors import JobFailed
from engine.training.diagnose.failure import numbers_per_sample
from engine.training.live.events import Floats, Phase
from engine.training.loop import compiling
from engine.training.loop.batches import LARGEST_CHUNK as LARGEST_CHUNK
from engine.training.loop.batches import Feed, cut_orders, order_of
from engine.training.loop.batches import Order as Order
from engine.training.loop.batches import Samples as Samples
from engine.training.loop.batches import sample_order as sample_order
from engine.training.loop.chunk_sizer import ChunkSizer
from engine.training.loop.compiling import VARIANTS, Choice, Variant
from engine.training.loop.epoch_graph import Epoch, EpochGraph, Evaluate, TakeSteps
from engine.training.loop.measuring import kept_state, measure
from engine.training.loop.streaming import Source, block_samples, bytes_per_sample
from engine.training.procedures.program import Program

_EVALUATION_BATCH: Final = 256
# Numbers that all layers make of a batch of evaluation: a batch of 256 through a residual network took 0.2 s,
# for which no request was heard.
_EVALUATION_NUMBERS: Final = 2**24
_log = logging.getLogger(__name__)

Tensor: TypeAlias = Any


def devices() -> tuple[str, ...]:
    """Return what can train here: ``("cpu",)`` or ``("cpu", "gpu:0", ...)``.

    Every GPU is told to take memory as it needs it, not all at once.
    """
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        # Too late once the GPU is in use: then it was told before.
        with contextlib.suppress(RuntimeError):
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
class Chunk:
    """What some steps gave.

    Attributes
    ----------
    series
        Name -> (steps,) values of each batch by itself, the watched ones first. They end with the first of those that
        is not finite, if any.
    metrics
        Running values over the epoch, the series excluded.
    learning_rate
        As the last step used it.
    """

    series: Mapping[str, Floats]
    metrics: Mapping[str, float]
    learning_rate: float
    seconds: float

    @property
    def losses(self) -> Floats:
        """(steps,) of the watched series."""
        return next(iter(self.series.values()))


class Executor:
    """Trains and evaluates one program on one device, a chunk of steps a call.

    Attributes
    ----------
    device
        ``"cpu"``, ``"gpu:0"``...
    choice
        How the steps run, and why; final after `prepare`.

    Parameters
    ----------
    measurements
        A folder of the user for measurements: `prepare` measures a network that was not measured on this machine
        before, and chooses what is faster. None: the layers' kinds decide, the same on every machine.
    memory_limit_bytes
        Samples that take more stream to the device instead of lying there; None for no limit.
    compiles_rest
        The smaller last batch of an epoch runs under XLA too where the others do. It comes once an epoch: to compile
        a second time pays where there are many.
    """

    def __init__(
        self,
        program: Program,
        batch_size: int,
        device: str = "auto",
        *,
        measurements: Path | None = None,
        memory_limit_bytes: int | None = None,
        compiles_rest: bool = False,
    ) -> None:
        self.program = program
        self.device = resolve_device(device)
        self.choice: Choice = compiling.by_kind(program.model, self.device)
        self._measurements = measurements
        self._memory_limit_bytes = memory_limit_bytes
        self._compiles_rest = compiles_rest
        self._batch_size = batch_size
        self._dtype = program.dtype
        self._functions: dict[tuple[Variant, tuple[int, ...], tuple[int, ...]], Any] = {}
        self._epochs: dict[tuple[int, int], EpochGraph] = {}  # by the sizes of both parts
        self._evaluate: Callable[..., Mapping[str, Tensor]] | None = None
        self._evaluation_chunk_sizer = ChunkSizer(LARGEST_CHUNK)
        self._numbers_per_sample = max(1, numbers_per_sample(program.model))
        # Traced: variable by variable from Python took 0.4 ms, as long as an epoch of a tiny set.
        self._reset_metrics = tf.function(program.reset, autograph=False)

    # ---- Preparing ----

    @property
    def compiled(self) -> bool:
        """XLA compiles the steps."""
        return self.choice.variant == "xla"

    def place(self, x: Inputs, y: npt.NDArray[Any]) -> Samples:
        """Copy samples (n, ...) and encoded labels (n, ...) to the device; bytes stay bytes there.

        What the memory limit does not allow stays where it is and streams when it is used, be it in memory or on disk.
        """
        limit = self._memory_limit_bytes
        if limit is not None and len(x) * bytes_per_sample(x, y) > limit:
            return Samples(x, y, Source(x, y, block_samples(x, y, limit)))
        with self._on_device():
            return Samples(tf.constant(np.asarray(x)), tf.constant(y))

    def order(self, samples: Samples, seed: int, epoch: int) -> Order:
        """Return the batches of an epoch."""
        return order_of(samples, self._size(samples), seed, epoch, f"/{self.device}")

    def prepare(
        self, samples: Samples, *evaluated: Samples, entered: Callable[[Phase], None] | None = None
    ) -> None:
        """Choose how the steps run, trace and compile all that training will call.

        The first chunk is then as quick as the others. Changes no weight, nor anything else that the steps read,
        but for the metrics, which are reset. ``evaluated`` are the parts that `evaluate` will get. ``entered`` is
        told what is being done.
        """
        enter = entered or _tell_nobody
        self._build_metrics(samples)
        self.start_epoch()
        order = self.order(samples, 0, 0)
        feed = order.feed(samples, 0)
        self._choose(samples, feed, enter)
        enter("compiling")
        try:
            self._call(feed, 0)
        except tf.errors.OpError as error:
            if not self.compiled:
                raise
            # Nothing has run yet: XLA refuses while it compiles, before the first step.
            _log.info("XLA cannot compile this network, training goes on without: %s", error)
            self.choice = Choice("plain", "Without XLA: it cannot compile this network.")
            self._call(feed, 0)
        self._functions = {
            key: function
            for key, function in self._functions.items()
            if key[0] == self.choice.variant
        }
        if order.rest is not None:
            self._call(order.feed(samples, order.full_batches), 0)
        for part in evaluated:
            self._call_evaluation(part, 0, 0)

    # ---- Training ----

    def start_epoch(self) -> None:
        """Forget the metrics of the epoch before."""
        with self._on_device():
            self._reset_metrics()

    def train(self, samples: Samples, order: Order, first: int, steps: int) -> Chunk:
        """Take ``steps`` steps from batch ``first`` of the epoch, fewer if a loss is not finite.

        A chunk never holds both whole batches and the smaller last one, nor batches of two blocks: fewer steps
        are taken then.
        """
        started = time.perf_counter()
        feed = order.feed(samples, first)
        steps = min(steps, feed.batches, LARGEST_CHUNK)
        done, series, rate, metrics = self._call(feed, steps)
        taken = {name: values.numpy()[: int(done)] for name, values in series.items()}
        figures = {name: float(value) for name, value in metrics.items() if name not in series}
        return Chunk(taken, figures, float(rate), time.perf_counter() - started)

    def has_epochs(self, samples: Samples, validation: Samples | None) -> bool:
        """Tell whether `prepare_epochs` has nothing to do."""
        return _sizes(samples, validation) in self._epochs

    def prepare_epochs(self, samples: Samples, validation: Samples | None) -> None:
        """Trace and compile what `train_epochs` calls, unless that is done; takes no step."""
        if self.has_epochs(samples, validation):
            return
        rows = self._cut(samples, 0, range(1))
        with self._on_device():
            graph = self._epoch_graph(samples, validation, [order.shape[1:] for order in rows])
            graph.compile(*rows)
        self._epochs[_sizes(samples, validation)] = graph

    def train_epochs(
        self, samples: Samples, validation: Samples | None, seed: int, epochs: range
    ) -> list[Epoch]:
        """Train whole epochs and evaluate after each, with the very numbers of `train` and `evaluate`.

        Only after `prepare_epochs`, and for samples that lie on the device. Fewer epochs if a loss is not finite:
        the last of them ends with it.
        """
        graph = self._epochs[_sizes(samples, validation)]
        with self._on_device():
            return graph(*self._cut(samples, seed, epochs))

    # ---- Evaluating ----

    def evaluate(self, samples: Samples, between: Callable[[], None]) -> dict[str, float]:
        """Return the series and the metrics over all samples, as ``keras.Model.evaluate`` gives them.

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
            steps = min(self._evaluation_chunk_sizer.steps, batches - first)
            if samples.block:
                steps = min(steps, max(1, samples.block // size))
            started = time.perf_counter()
            figures = {
                name: float(value)
                for name, value in self._call_evaluation(samples, first, steps).items()
            }
            self._evaluation_chunk_sizer.note(steps, time.perf_counter() - started)
            first += steps
        return dict(figures)

    def evaluation_batch(self, samples: Samples) -> int:
        """Return how many samples a batch of evaluation has: no more than are quickly done."""
        fitting = max(1, _EVALUATION_NUMBERS // self._numbers_per_sample)
        return min(max(self._batch_size, _EVALUATION_BATCH), fitting)

    # ---- Choosing ----

    def _choose(self, samples: Samples, feed: Feed, enter: Callable[[Phase], None]) -> None:
        """Let a measurement, kept or new, decide where that is requested and may matter."""
        if self._measurements is None or not compiling.worth_measuring(
            self.program.model, self.device
        ):
            return
        file = compiling.measurement_file(
            self._measurements,
            self.program.model,
            feed.rows.shape[1],
            self.device,
            samples.x,
            samples.y,
        )
        if file is None:
            return
        speeds = compiling.read_measurement(file)
        if speeds is None:
            enter("measuring")
            with kept_state(self._changed_variables(feed)):
                speeds = measure(
                    lambda variant, steps: self._losses(variant, feed, steps),
                    VARIANTS,
                    min(feed.batches, LARGEST_CHUNK),
                )
            if speeds:
                compiling.keep_measurement(file, speeds)
        self.choice = compiling.decided(self.choice, speeds)

    def _losses(self, variant: Variant, feed: Feed, steps: int) -> Floats:
        done, series, *_ = self._call_variant(variant, feed, steps)
        taken: Floats = series[self.program.series[0]].numpy()[: int(done)]
        return taken

    def _changed_variables(self, feed: Feed) -> list[tf.Variable]:
        """Return every variable that the steps may change, whoever made it."""
        with self._on_device():
            traced = self._traced("plain", feed)
        known = [each for group in self.program.variables.values() for each in group]
        return [*(variable.value for variable in known), *traced.graph.variables]

    # ---- The graphs ----

    def _on_device(self) -> contextlib.AbstractContextManager[None]:
        scope: contextlib.AbstractContextManager[None] = tf.device(f"/{self.device}")
        return scope

    def _build_metrics(self, samples: Samples) -> None:
        """Let Keras make the variables of metrics and optimizer outside the graphs."""
        with self._on_device():
            self.program.build(tf.cast(samples.x[:1], self._dtype), samples.y[:1])

    def _cut(self, samples: Samples, seed: int, epochs: range) -> tuple[npt.NDArray[np.int32], ...]:
        return cut_orders(len(samples), self._size(samples), seed, epochs)

    def _size(self, samples: Samples) -> int:
        return min(self._batch_size, len(samples))

    def _call(self, feed: Feed, steps: int) -> tuple[Tensor, ...]:
        return self._call_variant(self.choice.variant, feed, steps)

    def _call_variant(self, variant: Variant, feed: Feed, steps: int) -> tuple[Tensor, ...]:
        with self._on_device():
            result: tuple[Tensor, ...] = self._traced(variant, feed)(
                feed.x, feed.y, feed.rows, tf.constant(feed.first), tf.constant(steps)
            )
        return result

    def _traced(self, variant: Variant, feed: Feed) -> Any:
        """Return the graph for samples and batches of these shapes, traced once.

        To let TensorFlow find it again by its arguments took longer than the call itself.
        """
        key = (variant, tuple(feed.x.shape), tuple(feed.rows.shape))
        if key not in self._functions:
            function = tf.function(
                self._training_steps,
                autograph=False,
                jit_compile=variant == "xla" and (feed.whole or self._compiles_rest),
            )
            none = tf.constant(0)
            self._functions[key] = function.get_concrete_function(
                feed.x, feed.y, feed.rows, none, none
            )
        return self._functions[key]

    def _epoch_graph(
        self,
        samples: Samples,
        validation: Samples | None,
        shapes: Sequence[tuple[int, int]],
    ) -> EpochGraph:
        x, y = samples.x, samples.y

        def takes(shape: tuple[int, int], whole: bool) -> TakeSteps:
            rows = tf.zeros(shape, tf.int32)
            steps = self._traced(self.choice.variant, Feed(x, y, rows, 0, shape[0], whole))
            return lambda rows, count: steps(x, y, rows, tf.constant(0), count)

        def evaluates(part: Samples) -> Evaluate:
            batches = -(-len(part) // self.evaluation_batch(part))
            return lambda wanted: self._call_evaluation(part, 0, tf.where(wanted, batches, 0))

        return EpochGraph(
            self.program,
            [takes(shape, number == 0) for number, shape in enumerate(shapes)],
            evaluates(validation) if validation is not None else None,
            shapes,
            compiled=self.compiled and (self._compiles_rest or len(shapes) == 1),
        )

    def _training_steps(
        self, x: Tensor, y: Tensor, rows: Tensor, first: Tensor, steps: Tensor
    ) -> tuple[Tensor, ...]:
        """Loop over batches ``first`` to ``first + steps``; returns (done, series, learning rate, metrics)."""
        program = self.program

        def goes_on(done: Tensor, last: Tensor, _rate: Tensor, *_series: Tensor) -> Tensor:
            return tf.logical_and(done < steps, tf.math.is_finite(last))

        def step(done: Tensor, _last: Tensor, _rate: Tensor, *series: Tensor) -> tuple[Tensor, ...]:
            # Not rows[first + done]: XLA would take the position for a constant and compile for each anew.
            batch = tf.gather(rows, first + done)
            rate = tf.cast(tf.convert_to_tensor(program.learning_rate), tf.float32)
            inputs = tf.cast(tf.gather(x, batch), self._dtype)
            found = program.step(inputs, tf.gather(y, batch))
            new = [tf.cast(found[name], tf.float32) for name in program.series]
            written = [
                tf.tensor_scatter_nd_update(values, [[done]], [value])
                for values, value in zip(series, new, strict=True)
            ]
            return done + 1, new[0], rate, *written

        empty = [tf.zeros((LARGEST_CHUNK,)) for _ in program.series]
        start = (tf.constant(0), tf.constant(0.0), tf.constant(0.0), *empty)
        done, _, rate, *series = tf.while_loop(goes_on, step, start, parallel_iterations=1)
        return done, dict(zip(program.series, series, strict=True)), rate, program.running()

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
        size = self.evaluation_batch(samples)
        x, y = samples.x, samples.y
        if samples.block:  # only the samples of these steps go to the device
            start, end = first * size, (first + max(1, steps)) * size
            x, y, first = x[start:end], y[start:end], 0
        with self._on_device():
            return self._evaluate(
                tf.convert_to_tensor(x),
                tf.convert_to_tensor(y),
                tf.constant(size),
                tf.constant(first),
                tf.convert_to_tensor(steps),
            )

    def _evaluation_steps(
        self, x: Tensor, y: Tensor, size: Tensor, first: Tensor, steps: Tensor
    ) -> Mapping[str, Tensor]:
        def step(done: Tensor) -> tuple[Tensor]:
            start = (first + done) * size
            end = tf.minimum(start + size, tf.shape(x)[0])
            self.program.evaluate(tf.cast(x[start:end], self._dtype), y[start:end])
            return (done + 1,)

        tf.while_loop(lambda done: done < steps, step, (tf.constant(0),), parallel_iterations=1)
        return self.program.running()


def _tell_nobody(_phase: Phase) -> None:
    """Stand in for who would be told what is being done."""


def _sizes(samples: Samples, validation: Samples | None) -> tuple[int, int]:
    return len(samples), len(validation) if validation is not None else 0
