"""Choose how many whole epochs one TensorFlow call takes."""

from __future__ import annotations

from typing import Final

from engine.spec.training import TrainingSpec
from engine.training.loop.chunk_sizer import ChunkSizer
from engine.training.loop.executor import LARGEST_CHUNK, Executor, PlacedSamples
from engine.training.loop.train_step import WINDOW

# Fewest epochs in the time of a chunk: longer epochs save little.
_SHORT: Final = 4
# Fewest remaining epochs: each saves half a millisecond, compiling takes most of a second.
_WORTH_MAKING: Final = 1500


class WholeEpochs:
    """Decides when whole epochs are taken at once, and how many.

    Not if something is decided after each epoch (early stopping, plateau schedule), samples are streamed, or a step
    returns several series.
    """

    def __init__(self, training: TrainingSpec) -> None:
        self._training = training
        self._chunk_sizer = ChunkSizer(LARGEST_CHUNK)
        self._is_allowed = (
            not training.early_stopping.enabled and training.schedule.kind != "plateau"
        )

    @property
    def are_many(self) -> bool:
        """Whether the run has enough epochs for compiling to pay off; depends on the settings only."""
        return self._training.epochs >= _WORTH_MAKING

    def count(
        self,
        executor: Executor,
        samples: PlacedSamples,
        validation: PlacedSamples | None,
        batches: int,
        epoch: int,
    ) -> int:
        """Return how many epochs of ``batches`` steps to take from ``epoch`` (from 1) on; 0 for step by step."""
        left = self._training.epochs - epoch + 1
        several = len(executor.program.series) > 1
        streams = samples.block or (validation is not None and validation.block)
        # The buffer for the losses of an epoch limits its steps.
        if (
            not self._is_allowed
            or several
            or streams
            or batches > LARGEST_CHUNK
            or self._chunk_sizer.steps < _SHORT
        ):
            return 0
        if left < _WORTH_MAKING and not executor.has_epochs(samples, validation):
            return 0
        return min(self._chunk_sizer.steps, WINDOW // batches, left)

    def note(self, epochs: int, seconds: float) -> None:
        """Record the time of ``epochs`` epochs, taken at once or, for a single one, step by step."""
        self._chunk_sizer.note(epochs, seconds)
