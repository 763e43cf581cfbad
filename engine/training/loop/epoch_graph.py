"""Whole epochs in one call into TensorFlow.

An epoch of a tiny network takes less time than what Python does around it: cutting the batches, forgetting the
metrics, a call for the batches, one for the smaller last, one for the validation. Here a graph goes from epoch to
epoch by itself. It holds the graphs that single epochs call, so that no number differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from engine.training.live.events import Floats
from engine.training.procedures.program import Program

Tensor: TypeAlias = Any
# Takes the places of some batches' samples, and how many of these batches to take; returns as `Executor`'s graphs do.
TakeSteps: TypeAlias = Callable[
    [Tensor, Tensor], tuple[Tensor, Mapping[str, Tensor], Tensor, Mapping[str, Tensor]]
]
# Takes whether to evaluate at all; returns the figures.
Evaluate: TypeAlias = Callable[[Tensor], Mapping[str, Tensor]]


@dataclass(frozen=True)
class Epoch:
    """What one epoch gave.

    Attributes
    ----------
    losses
        (steps,) of each batch by itself. Ends with the first that is not finite, if any; the figures mean nothing
        then.
    metrics
        Of the training part, the loss excluded.
    validation
        Of the validation part, the loss included; empty without one.
    learning_rate
        As the last step used it.
    """

    losses: Floats
    metrics: Mapping[str, float]
    validation: Mapping[str, float]
    learning_rate: float


class EpochGraph:
    """The graph that trains whole epochs of one shape, of a program with one series.

    Parameters
    ----------
    takes
        What takes the batches of the usual size and, if there is one, the smaller last batch.
    evaluate
        What evaluates the validation part; None without one.
    shapes
        Of a whole epoch's (batches, samples a batch), for each of ``takes``.
    compiled
        XLA compiles what ``takes`` do: it then does so for an epoch's steps in one piece, which is called once.
    """

    def __init__(
        self,
        program: Program,
        takes: Sequence[TakeSteps],
        evaluate: Evaluate | None,
        shapes: Sequence[tuple[int, int]],
        *,
        compiled: bool,
    ) -> None:
        self._program = program
        self._takes = takes
        self._train = tf.function(self._trained, autograph=False, jit_compile=compiled)
        self._evaluate = evaluate
        self._figures: tuple[str, ...] = ()  # names, in their order
        self._evaluated: tuple[str, ...] = ()
        rows = [tf.TensorSpec((None, *shape), tf.int32) for shape in shapes]
        wanted = tf.TensorSpec((), tf.bool)
        graph = tf.function(self._epochs, autograph=False)
        self._graph = graph.get_concrete_function(wanted, *rows)

    def compile(self, *rows: npt.NDArray[np.int32]) -> None:
        """Let TensorFlow compile what it does when it is called first; takes no step, but forgets the metrics."""
        self._run(False, *rows)

    def __call__(self, *rows: npt.NDArray[np.int32]) -> list[Epoch]:
        """Train as many epochs as there are ``rows``, see `engine.training.loop.batches.cut_orders`.

        Fewer if a loss is not finite: the last of them ends with it.
        """
        losses, figures = (each.numpy() for each in self._run(True, *rows))
        return [self._epoch(*each) for each in zip(losses, figures.tolist(), strict=True)]

    def _run(self, wanted: bool, *rows: npt.NDArray[np.int32]) -> tuple[Tensor, Tensor]:
        found: tuple[Tensor, Tensor] = self._graph(tf.constant(wanted), *map(tf.constant, rows))
        return found

    def _epoch(self, losses: Floats, figures: list[float]) -> Epoch:
        taken, rate, *values = figures
        trained = len(self._figures)
        return Epoch(
            losses[: int(taken)],
            dict(zip(self._figures, values[:trained], strict=True)),
            dict(zip(self._evaluated, values[trained:], strict=True)),
            rate,
        )

    # ---- Within the graph ----

    def _epochs(self, wanted: Tensor, *rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the (epochs, steps) losses and (epochs, figures) of each epoch; unless wanted no step is taken."""
        count = tf.shape(rows[0])[0]

        def goes_on(epoch: Tensor, finite: Tensor, *_: Any) -> Tensor:
            return tf.logical_and(epoch < count, finite)

        def step(epoch: Tensor, _: Tensor, *columns: tf.TensorArray) -> tuple[Any, ...]:
            orders = [tf.gather(order, epoch) for order in rows]
            finite, *found = self._one_epoch(wanted, orders)
            return (
                epoch + 1,
                finite,
                *(column.write(epoch, new) for column, new in zip(columns, found, strict=True)),
            )

        columns = [tf.TensorArray(tf.float32, size=count) for _ in range(2)]
        done, _, *columns = tf.while_loop(
            goes_on, step, (tf.constant(0), tf.constant(True), *columns), parallel_iterations=1
        )
        losses, figures = (column.gather(tf.range(done)) for column in columns)
        return losses, figures

    def _one_epoch(self, wanted: Tensor, orders: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Return whether all losses are finite, the (steps,) losses and the (figures,) of an epoch."""
        finite, losses, figures = self._train(wanted, *orders)
        if self._evaluate is not None:
            self._program.reset()
            validation = self._evaluate(finite)
            self._evaluated = tuple(validation)
            figures = tf.concat([figures, _stacked(validation.values())], 0)
        return finite, losses, figures

    def _trained(self, wanted: Tensor, *orders: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Take the steps of an epoch; returns as `_one_epoch`, the figures of the training part."""
        self._program.reset()
        finite, taken, rate = wanted, tf.constant(0), tf.constant(0.0)
        losses: list[Tensor] = []
        watched = self._program.series[0]
        metrics: Mapping[str, Tensor] = {}
        for order, take in zip(orders, self._takes, strict=True):
            batches = order.shape[0]
            done, found, rate, metrics = take(order, tf.where(finite, batches, 0))
            losses.append(found[watched][:batches])
            taken += done
            finite = tf.logical_and(finite, tf.reduce_all(tf.math.is_finite(losses[-1])))
        metrics = {name: value for name, value in metrics.items() if name != watched}
        self._figures = tuple(metrics)
        return finite, tf.concat(losses, 0), _stacked([taken, rate, *metrics.values()])


def _stacked(numbers: Iterable[Tensor]) -> Tensor:
    return tf.stack([tf.cast(each, tf.float32) for each in numbers])
