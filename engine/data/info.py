"""Description of a data set without its samples. Loads without TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

from engine.data.features.feature import Feature
from engine.data.features.feature import ImagePreparation as ImagePreparation

Task = Literal["classification", "regression"]


@dataclass(frozen=True)
class DataInfo:
    """A data set as the network and the window see it.

    Attributes
    ----------
    source
        Id of the set, as in `DataSpec.source`.
    inputs
        What a network takes; at least one.
    targets
        What it predicts; at least one.
    counts
        Samples in the training, validation and test part; zeros before loading.
    class_counts
        Samples of each class over all parts, in the order of ``labels``; empty before loading or for regression.
    own_test
        The set brings its own test part.
    notes
        How a local file was understood and what is unusual in it, one sentence each; no part of what the data is.
    """

    source: str
    title: str
    inputs: tuple[Feature, ...]
    targets: tuple[Feature, ...]
    counts: tuple[int, int, int] = (0, 0, 0)
    class_counts: tuple[int, ...] = ()
    own_test: bool = False
    notes: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def single(
        cls,
        source: str,
        title: str,
        kind: str,
        task: Task,
        input_shape: Sequence[int],
        labels: Sequence[str],
        input_dtype: str = "float32",
        value_range: tuple[float, float] | None = None,
        *,
        n_targets: int = 1,
        feature_names: tuple[str, ...] = (),
        vocabulary_size: int | None = None,
        image: ImagePreparation | None = None,
        **more: Any,
    ) -> Self:
        """Return a set with one input, of a kind of `engine.data.features.FEATURES`, and one target.

        Parameters
        ----------
        labels
            Class names by index, or the names of the numbers to predict.
        n_targets
            How many numbers are to be predicted; of classes it is not used.
        feature_names
            Names along the last axis of the input.
        more
            Further fields of the set.
        """
        taken = Feature(
            kind, kind, tuple(input_shape), input_dtype, value_range,
            columns=feature_names, vocabulary_size=vocabulary_size, picture=image,
        )  # fmt: skip
        if task == "classification":
            target = Feature("class", "category", (), "int32", labels=tuple(labels))
        else:
            target = Feature("target", "number", (n_targets,), columns=tuple(labels))
        return cls(source, title, (taken,), (target,), **more)

    def with_input(self, **changes: Any) -> Self:
        """Return the set with fields of its first input replaced."""
        return replace(self, inputs=(replace(self.inputs[0], **changes), *self.inputs[1:]))

    def with_target(self, **changes: Any) -> Self:
        """Return the set with fields of its first target replaced."""
        return replace(self, targets=(replace(self.targets[0], **changes), *self.targets[1:]))

    # ---- The first input and target ----

    @property
    def kind(self) -> str:
        """Kind of the first input."""
        return self.inputs[0].kind

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample of the first input, without the batch axis."""
        return self.inputs[0].shape

    @property
    def input_dtype(self) -> str:
        """Number type of the first input."""
        return self.inputs[0].dtype

    @property
    def value_range(self) -> tuple[float, float] | None:
        """Range of the first input before any preprocessing; None if unbounded."""
        return self.inputs[0].value_range

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names along the last axis of the first input."""
        return self.inputs[0].columns

    @property
    def vocabulary_size(self) -> int | None:
        """Word numbers of the first input are below this; None if it is no text."""
        return self.inputs[0].vocabulary_size

    @property
    def image(self) -> ImagePreparation | None:
        """How a user's picture is prepared for the first input; None if it takes no pictures."""
        return self.inputs[0].picture

    @property
    def task(self) -> Task:
        """What the first target asks for."""
        return "classification" if self.targets[0].kind == "category" else "regression"

    @property
    def labels(self) -> tuple[str, ...]:
        """Class names by index, or the names of the numbers to predict."""
        target = self.targets[0]
        return target.labels if self.task == "classification" else target.columns

    @property
    def n_targets(self) -> int:
        """Numbers of the first target: 1, the class index, or as many as are to be predicted."""
        return self.targets[0].size

    @property
    def n_classes(self) -> int:
        """Number of classes; 0 for regression."""
        return len(self.labels) if self.task == "classification" else 0

    @property
    def answer_shape(self) -> tuple[int, int, int] | None:
        """(h, w, channels) where the numbers to predict are a picture as large as the input, else None."""
        if self.kind != "picture" or self.task != "regression":
            return None
        height, width = self.input_shape[:2]
        channels, rest = divmod(self.n_targets, height * width)
        return (height, width, channels) if channels in (1, 3) and not rest else None
