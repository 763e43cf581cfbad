"""The graphs of training and evaluation steps, traced once for each shape of samples and batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import tensorflow as tf

from engine.training.loop import nested
from engine.training.loop.batches import LARGEST_CHUNK, Feed, PlacedSamples
from engine.training.loop.compiling import Variant
from engine.training.procedures.program import Program

Tensor: TypeAlias = Any
Shapes: TypeAlias = tuple[tuple[int, ...], ...]


class StepGraphs:
    """The training and evaluation graphs of a program. To be called within the scope of a device.

    Parameters
    ----------
    compiles_rest
        As in `engine.training.loop.executor.Executor`.
    """

    def __init__(self, program: Program, *, compiles_rest: bool) -> None:
        self._program = program
        self._compiles_rest = compiles_rest
        self._dtype = program.dtype
        self._functions: dict[tuple[Variant, Shapes, tuple[int, ...]], Any] = {}
        self._evaluate: Callable[..., Mapping[str, Tensor]] | None = None

    def take(self, variant: Variant, feed: Feed, steps: int) -> tuple[Tensor, ...]:
        """Take steps; returns (done, series, learning rate, metrics)."""
        result: tuple[Tensor, ...] = self.traced(variant, feed)(
            feed.x, feed.y, feed.rows, tf.constant(feed.first), tf.constant(steps)
        )
        return result

    def traced(self, variant: Variant, feed: Feed) -> Any:
        """Return the graph for samples and batches of these shapes, traced once.

        To let TensorFlow find it again by its arguments took longer than the call itself.
        """
        key = (variant, nested.shapes(feed.x), tuple(feed.rows.shape))
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

    def keep(self, variant: Variant) -> None:
        """Drop the graphs of all other variants."""
        self._functions = {
            key: function for key, function in self._functions.items() if key[0] == variant
        }

    def evaluate(
        self, samples: PlacedSamples, size: int, first: int, steps: Tensor
    ) -> Mapping[str, Tensor]:
        """Evaluate ``steps`` batches of ``size`` samples from batch ``first`` on; returns the running figures."""
        if self._evaluate is None:
            # Any number of samples and any size of the last batch: one graph serves all parts.
            signature = [
                *(nested.each(_any_number, each) for each in (samples.x, samples.y)),
                *[tf.TensorSpec((), tf.int32)] * 3,
            ]
            self._evaluate = tf.function(
                self._evaluation_steps, input_signature=signature, autograph=False
            )
        x, y = samples.x, samples.y
        if samples.block:  # only the samples of these steps go to the device
            start, end = first * size, (first + max(1, steps)) * size
            x, y = (nested.sliced(each, slice(start, end)) for each in (x, y))
            first = 0
        return self._evaluate(
            nested.each(tf.convert_to_tensor, x),
            nested.each(tf.convert_to_tensor, y),
            tf.constant(size),
            tf.constant(first),
            tf.convert_to_tensor(steps),
        )

    def build(self, samples: PlacedSamples) -> None:
        """Let Keras make the variables of metrics and optimizer outside the graphs."""
        one = slice(1)
        x = nested.cast(nested.sliced(samples.x, one), self._dtype)
        self._program.build(x, nested.sliced(samples.y, one))

    def _training_steps(
        self, x: Tensor, y: Tensor, rows: Tensor, first: Tensor, steps: Tensor
    ) -> tuple[Tensor, ...]:
        """Loop over batches ``first`` to ``first + steps``; returns (done, series, learning rate, metrics)."""
        program = self._program

        def goes_on(done: Tensor, last: Tensor, _rate: Tensor, *_series: Tensor) -> Tensor:
            return tf.logical_and(done < steps, tf.math.is_finite(last))

        def step(done: Tensor, _last: Tensor, _rate: Tensor, *series: Tensor) -> tuple[Tensor, ...]:
            # Not rows[first + done]: XLA would take the position for a constant and compile for each anew.
            batch = tf.gather(rows, first + done)
            rate = tf.cast(tf.convert_to_tensor(program.learning_rate), tf.float32)
            inputs = nested.cast(nested.gathered(x, batch), self._dtype)
            found = program.step(inputs, nested.gathered(y, batch))
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

    def _evaluation_steps(
        self, x: Tensor, y: Tensor, size: Tensor, first: Tensor, steps: Tensor
    ) -> Mapping[str, Tensor]:
        def step(done: Tensor) -> tuple[Tensor]:
            start = (first + done) * size
            end = tf.minimum(start + size, tf.shape(nested.flat(x)[0])[0])
            inputs = nested.cast(nested.sliced(x, slice(start, end)), self._dtype)
            self._program.evaluate(inputs, nested.sliced(y, slice(start, end)))
            return (done + 1,)

        tf.while_loop(lambda done: done < steps, step, (tf.constant(0),), parallel_iterations=1)
        return self._program.running()


def _any_number(array: Any) -> tf.TensorSpec:
    return tf.TensorSpec((None, *array.shape[1:]), array.dtype)
