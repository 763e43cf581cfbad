"""A temporary copy of a project's model that takes some real steps, without changing the project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from engine.data.loaded import LoadedData, Part
from engine.spec.project import ProjectSpec
from engine.training.diagnose.rate_range import Doubles
from engine.training.loop.batches import PlacedSamples
from engine.training.loop.devices import resolve_device
from engine.training.loop.executor import Executor
from engine.training.loop.preparation import class_weights_of, new_program
from engine.training.loop.train_step import TrainStep


class Trial:
    """A new model of the project with its samples, ready for its first step.

    Attributes
    ----------
    stepping
        Takes the learning rates of the coming steps, if ``scheduled``.
    steps_per_epoch
        Batches an epoch, the last, smaller one included.

    Parameters
    ----------
    scheduled
        Whether the rate changes from step to step.
    validated
        Whether `validate` will be called.
    measurements
        As in `Executor`.

    Raises
    ------
    JobFailed
        If there is nothing to train on.
    SpecError
        If Keras cannot build the network, or the class weights do not fit the data.
    """

    def __init__(
        self,
        spec: ProjectSpec,
        data: LoadedData,
        *,
        scheduled: bool = False,
        validated: bool = False,
        measurements: Path | None = None,
    ) -> None:
        self._seed = spec.training.seed
        self._epoch = 0
        self._position = 0
        with tf.device(f"/{resolve_device(spec.training.device)}"):
            self._make(spec, data, scheduled, measurements)
            self._place(data, validated)
        self._order = self._executor.order(self._samples, self._seed, self._epoch)
        self.steps_per_epoch = self._order.batches

    def take(self, steps: int) -> Doubles:
        """Take up to so many steps; return their (n,) losses, n at least 1.

        Stops at the end of an epoch and at the first loss that is not finite.
        """
        if self._position >= self._order.batches:
            self._epoch, self._position = self._epoch + 1, 0
            self._order = self._executor.order(self._samples, self._seed, self._epoch)
        count = min(steps, self._order.batches - self._position)
        losses = self._executor.train(self._samples, self._order, self._position, count).losses
        self._position += len(losses)
        return losses.astype(np.float64)

    def validate(self, between: Callable[[], None]) -> None:
        """Evaluate the validation part once, if there is one; errors of ``between`` end it."""
        if self._validation is not None:
            self._executor.evaluate(self._validation, between)

    def _make(
        self, spec: ProjectSpec, data: LoadedData, scheduled: bool, measurements: Path | None
    ) -> None:
        training = spec.training
        self._program = new_program(spec, data)
        weights = class_weights_of(spec, data)
        self.stepping = TrainStep(self._program, scheduled=scheduled, class_weights=weights)
        self._executor = Executor(
            self._program, training.batch_size, training.device, measurements=measurements
        )

    def _place(self, data: LoadedData, validated: bool) -> None:
        def placed(part: Part) -> PlacedSamples:
            return self._executor.place(part.x, self._program.labels(part.y))

        self._samples = placed(data.training)
        self._validation = placed(data.validation) if validated and len(data.validation) else None
        self._executor.prepare(self._samples, *([self._validation] if self._validation else []))
