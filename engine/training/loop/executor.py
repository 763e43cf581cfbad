"""Run many training steps in one call into TensorFlow.

``model.fit`` calls TensorFlow from Python for every batch. Here a graph loops over the steps of a `Program`, gathers
each batch by index from samples on the device, and returns after a chunk of steps. The results do not depend on the
chunks, nor on whether samples are on the device or streamed.
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

from engine.training.diagnose.failure import numbers_per_sample
from engine.training.live.events import Floats, Phase
from engine.training.loop import compiling, nested
from engine.training.loop.batches import LARGEST_CHUNK as LARGEST_CHUNK
from engine.training.loop.batches import Feed, cut_orders, order_of
from engine.training.loop.batches import Order as Order
from engine.training.loop.batches import PlacedSamples as PlacedSamples
from engine.training.loop.batches import sample_order as sample_order
from engine.training.loop.chunk_sizer import ChunkSizer
from engine.training.loop.compiling import VARIANTS, Choice, Variant
from engine.training.loop.devices import resolve_device
from engine.training.loop.epoch_graph import Epoch, EpochGraph, Evaluate, TakeSteps
from engine.training.loop.measuring import kept_state, measure
from engine.training.loop.nested import Nested
from engine.training.loop.step_graphs import StepGraphs
from engine.training.loop.streaming import Source, block_samples
from engine.training.procedures.program import Program

_EVALUATION_BATCH: Final = 256
# Numbers that all layers make of a batch of evaluation: a batch of 256 through a residual network took 0.2 s,
# for which no request was heard.
_EVALUATION_NUMBERS: Final = 2**24
_log = logging.getLogger(__name__)

Tensor: TypeAlias = Any


@dataclass(frozen=True)
class Chunk:
    """The result of some steps.

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
        How the steps are executed, and why; final after `prepare`.

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
        self._graphs = StepGraphs(program, compiles_rest=compiles_rest)
        self._batch_size = batch_size
        self._epochs: dict[tuple[int, int], EpochGraph] = {}  # by the sizes of both parts
        self._evaluation_chunk_sizer = ChunkSizer(LARGEST_CHUNK)
        self._numbers_per_sample = max(1, numbers_per_sample(program.model))
        # Traced: variable by variable from Python took 0.4 ms, as long as an epoch of a tiny set.
        self._reset_metrics = tf.function(program.reset, autograph=False)

    # ---- Preparing ----

    @property
    def compiled(self) -> bool:
        """XLA compiles the steps."""
        return self.choice.variant == "xla"

    def place(self, x: Nested, y: Nested) -> PlacedSamples:
        """Copy samples (n, ...) and encoded labels (n, ...) to the device; bytes stay bytes there.

        Where there are several inputs or targets, each is a tuple of arrays.

        What the memory limit does not allow stays where it is and streams when it is used, be it in memory or on disk.
        """
        limit = self._memory_limit_bytes
        if limit is not None and nested.count(x) * nested.bytes_per_sample(x, y) > limit:
            return PlacedSamples(x, y, Source(x, y, block_samples(x, y, limit)))
        with self._on_device():
            return PlacedSamples(nested.tensors(x), nested.tensors(y))

    def order(self, samples: PlacedSamples, seed: int, epoch: int) -> Order:
        """Return the batches of an epoch."""
        return order_of(samples, self._size(samples), seed, epoch, f"/{self.device}")

    def prepare(
        self,
        samples: PlacedSamples,
        *evaluated: PlacedSamples,
        entered: Callable[[Phase], None] | None = None,
    ) -> None:
        """Choose how the steps run, trace and compile all that training will call.

        The first chunk is then as quick as the others. Changes no weight, nor anything else that the steps read,
        but for the metrics, which are reset. ``evaluated`` are the parts that `evaluate` will get. ``entered`` is
        told what is being done.
        """
        enter = entered or _tell_nobody
        with self._on_device():
            self._graphs.build(samples)
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
        self._graphs.keep(self.choice.variant)
        if order.rest is not None:
            self._call(order.feed(samples, order.full_batches), 0)
        for part in evaluated:
            self._evaluate(part, 0, 0)

    # ---- Training ----

    def start_epoch(self) -> None:
        """Reset the metrics."""
        with self._on_device():
            self._reset_metrics()

    def train(self, samples: PlacedSamples, order: Order, first: int, steps: int) -> Chunk:
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

    def has_epochs(self, samples: PlacedSamples, validation: PlacedSamples | None) -> bool:
        """Tell whether `prepare_epochs` has nothing to do."""
        return _sizes(samples, validation) in self._epochs

    def prepare_epochs(self, samples: PlacedSamples, validation: PlacedSamples | None) -> None:
        """Trace and compile what `train_epochs` calls, unless that is done; takes no step."""
        if self.has_epochs(samples, validation):
            return
        rows = self._cut(samples, 0, range(1))
        with self._on_device():
            graph = self._epoch_graph(samples, validation, [order.shape[1:] for order in rows])
            graph.compile(*rows)
        self._epochs[_sizes(samples, validation)] = graph

    def train_epochs(
        self, samples: PlacedSamples, validation: PlacedSamples | None, seed: int, epochs: range
    ) -> list[Epoch]:
        """Train whole epochs and evaluate after each, with the very numbers of `train` and `evaluate`.

        Only after `prepare_epochs`, and for samples that lie on the device. Fewer epochs if a loss is not finite:
        the last of them ends with it.
        """
        graph = self._epochs[_sizes(samples, validation)]
        with self._on_device():
            return graph(*self._cut(samples, seed, epochs))

    # ---- Evaluating ----

    def evaluate(self, samples: PlacedSamples, between: Callable[[], None]) -> dict[str, float]:
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
                name: float(value) for name, value in self._evaluate(samples, first, steps).items()
            }
            self._evaluation_chunk_sizer.note(steps, time.perf_counter() - started)
            first += steps
        return dict(figures)

    def evaluation_batch(self, samples: PlacedSamples) -> int:
        """Return how many samples a batch of evaluation has: no more than are quickly done."""
        fitting = max(1, _EVALUATION_NUMBERS // self._numbers_per_sample)
        return min(max(self._batch_size, _EVALUATION_BATCH), fitting)

    # ---- Choosing ----

    def _choose(self, samples: PlacedSamples, feed: Feed, enter: Callable[[Phase], None]) -> None:
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
            nested.flat(samples.x, samples.y),
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
        done, series, *_ = self._take(variant, feed, steps)
        taken: Floats = series[self.program.series[0]].numpy()[: int(done)]
        return taken

    def _changed_variables(self, feed: Feed) -> list[tf.Variable]:
        """Return every variable that the steps may change."""
        with self._on_device():
            traced = self._graphs.traced("plain", feed)
        known = [each for group in self.program.variables.values() for each in group]
        return [*(variable.value for variable in known), *traced.graph.variables]

    # ---- The graphs ----

    def _on_device(self) -> contextlib.AbstractContextManager[None]:
        scope: contextlib.AbstractContextManager[None] = tf.device(f"/{self.device}")
        return scope

    def _cut(
        self, samples: PlacedSamples, seed: int, epochs: range
    ) -> tuple[npt.NDArray[np.int32], ...]:
        return cut_orders(len(samples), self._size(samples), seed, epochs)

    def _size(self, samples: PlacedSamples) -> int:
        return min(self._batch_size, len(samples))

    def _take(self, variant: Variant, feed: Feed, steps: int) -> tuple[Tensor, ...]:
        with self._on_device():
            return self._graphs.take(variant, feed, steps)

    def _evaluate(self, samples: PlacedSamples, first: int, steps: Any) -> Mapping[str, Tensor]:
        with self._on_device():
            return self._graphs.evaluate(samples, self.evaluation_batch(samples), first, steps)

    def _call(self, feed: Feed, steps: int) -> tuple[Tensor, ...]:
        return self._take(self.choice.variant, feed, steps)

    def _epoch_graph(
        self,
        samples: PlacedSamples,
        validation: PlacedSamples | None,
        shapes: Sequence[tuple[int, int]],
    ) -> EpochGraph:
        x, y = samples.x, samples.y

        def takes(shape: tuple[int, int], whole: bool) -> TakeSteps:
            rows = tf.zeros(shape, tf.int32)
            steps = self._graphs.traced(self.choice.variant, Feed(x, y, rows, 0, shape[0], whole))
            return lambda rows, count: steps(x, y, rows, tf.constant(0), count)

        def evaluates(part: PlacedSamples) -> Evaluate:
            batches = -(-len(part) // self.evaluation_batch(part))
            return lambda wanted: self._evaluate(part, 0, tf.where(wanted, batches, 0))

        return EpochGraph(
            self.program,
            [takes(shape, number == 0) for number, shape in enumerate(shapes)],
            evaluates(validation) if validation is not None else None,
            shapes,
            compiled=self.compiled and (self._compiles_rest or len(shapes) == 1),
        )


def _tell_nobody(_phase: Phase) -> None:
    """Ignore progress."""


def _sizes(samples: PlacedSamples, validation: PlacedSamples | None) -> tuple[int, int]:
    return len(samples), len(validation) if validation is not None else 0
