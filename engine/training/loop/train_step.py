"""What surrounds the steps of a program: the learning rate of each step and the weights of the classes.

Both live in variables, so that a change between two chunks compiles nothing anew.
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
    """Replaces ``program.step`` by one that adds sample weights and moves the rate on, where wanted.

    With neither, the program's own is left in place, number for number.

    Parameters
    ----------
    scheduled
        The rate differs from step to step: `plan` must be called before each chunk.
    class_weights
        (classes,), None: every sample counts once.
    """

    def __init__(
        self,
        program: Program,
        *,
        scheduled: bool,
        class_weights: npt.NDArray[np.float32] | None = None,
    ) -> None:
        self._program = cast("Any", program)  # whose method is replaced
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

    # ---- Between the chunks ----

    def plan(self, rates: npt.NDArray[np.float32]) -> None:
        """Say the rates of the steps to come: (n,), n from 1 to `WINDOW`."""
        self._rates.assign(np.pad(rates, (0, WINDOW - len(rates)), mode="edge"))
        self._next.assign(0)
        self.set_rate(float(rates[0]))

    def set_rate(self, rate: float) -> None:
        """Set the rate of the next step, and of all that follow if none are planned."""
        self._program.set_rate(rate)

    def weigh(self, class_weights: npt.NDArray[np.float32]) -> bool:
        """Set the weights of the classes; True if the graphs must be made anew, which the first time needs."""
        if self._class_weights is not None:
            self._class_weights.assign(class_weights)
            return False
        self._class_weights = tf.Variable(class_weights, trainable=False, name="class_weights")
        self._program.step = self._step
        return True

    # ---- Within the graphs ----

    def _step(self, x: Tensor, y: Tensor) -> Mapping[str, Tensor]:
        weighted = self._class_weights is not None
        weights = tf.gather(self._class_weights, _classes(y)) if weighted else None
        found = self._own(x, y, weights)
        if self._rates is not None:
            # Now, not before the step: whoever looks at the rate between two steps sees the coming one.
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
