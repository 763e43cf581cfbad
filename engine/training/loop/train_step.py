"""Learning rate and class weights in the steps of a program.

Both are variables, so that changes between two chunks need no recompilation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from engine.training.procedures.program import Program

WINDOW: Final = 16_384  # steps whose rates are known to the device at a time
Tensor: TypeAlias = Any


class TrainStep:
    """Replaces ``program.step`` by one with sample weights and scheduled rates.

    Without either, the program's own step is used unchanged.

    Parameters
    ----------
    scheduled
        Whether the rate changes from step to step; `plan` must then be called before each chunk.
    class_weights
        (classes,), None if all are 1.
    """

    def __init__(
        self,
        program: Program,
        *,
        scheduled: bool,
        class_weights: npt.NDArray[np.float32] | None = None,
    ) -> None:
        self._program = cast("Any", program)  # its method is replaced
        self._own = program.step
        self._rates: Any = None
        self._next: Any = None
        self._class_weights: Any = None
        if scheduled:
            self._rates = tf.Variable(tf.zeros((WINDOW,)), trainable=False, name="rates")
            self._next = tf.Variable(0, trainable=False, name="next_rate")
            self._program.step = self._step
        if class_weights is not None:
            self.weigh(class_weights)

    # ---- Between chunks ----

    def plan(self, rates: npt.NDArray[np.float32]) -> None:
        """Set the rates of the next steps: (n,), n from 1 to `WINDOW`."""
        self._rates.assign(np.pad(rates, (0, WINDOW - len(rates)), mode="edge"))
        self._next.assign(0)
        self.set_rate(float(rates[0]))

    def set_rate(self, rate: float) -> None:
        """Set the rate of the next step, and of all following ones unless rates are planned."""
        self._program.set_rate(rate)

    def weigh(self, class_weights: npt.NDArray[np.float32]) -> bool:
        """Set the class weights; True if the graphs must be rebuilt, which is so the first time."""
        if self._class_weights is not None:
            self._class_weights.assign(class_weights)
            return False
        self._class_weights = tf.Variable(class_weights, trainable=False, name="class_weights")
        self._program.step = self._step
        return True

    # ---- Inside the graphs ----

    def _step(self, x: Tensor, y: Tensor) -> Mapping[str, Tensor]:
        weighted = self._class_weights is not None
        weights = tf.gather(self._class_weights, _classes(y)) if weighted else None
        found = self._own(x, y, weights)
        if self._rates is not None:
            # After the step, so that the rate between two steps is that of the next one.
            self._next.assign_add(1)
            place = tf.minimum(self._next, WINDOW - 1)
            self._program.set_rate(tf.gather(self._rates, place))
        return found


def _classes(y: Tensor) -> Tensor:
    """Return (n,) class indices of labels in any of the encodings of `engine.data.auto_defaults.label_encoding`."""
    if len(y.shape) == 1:
        return tf.cast(y, tf.int32)
    if y.shape[-1] == 1:
        return tf.cast(tf.round(tf.squeeze(y, -1)), tf.int32)
    return tf.argmax(y, -1, output_type=tf.int32)
