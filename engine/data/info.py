"""What is known of a data set without holding its samples. Loads without TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

InputKind = Literal["image", "table", "points", "text", "series"]
Task = Literal["classification", "regression"]


@dataclass(frozen=True)
class ImagePreparation:
    """How any picture becomes what the network was trained on; stored inside exported models.

    Attributes
    ----------
    height, width
        Target size in pixels.
    channels
        1 grey, 3 RGB.
    value_range
        What black and white become, ``(0, 255)`` or, for the digits, ``(0, 16)``.
    fit
        ``stretch`` to the size; ``crop`` the longer side centrally; ``pad`` the shorter with background;
        ``glyph``: cut to the ink, centre it and leave the margin the training pictures have.
    background
        ``dark``: the training pictures are light on dark, so a picture with a light border is inverted.
        ``any``: left as it is.
    resampling
        ``area``: exact means of what each pixel covers. ``bilinear``: Pillow's filter on bytes, of a JPEG
        that was decoded no larger than needed: many times faster, for pictures read in thousands.
    """

    height: int
    width: int
    channels: int
    value_range: tuple[float, float] = (0.0, 255.0)
    fit: Literal["stretch", "crop", "pad", "glyph"] = "stretch"
    background: Literal["any", "dark"] = "any"
    resampling: Literal["area", "bilinear"] = "area"


@dataclass(frozen=True)
class DataInfo:
    """A data set as the network and the window see it.

    Attributes
    ----------
    source
        Id of the set, as in `DataSpec.source`.
    input_shape
        One sample, without the batch axis: ``(h, w, c)`` image, ``(features,)`` table or points,
        ``(time,)`` text as word numbers, ``(time, features)`` series.
    input_dtype
        ``"float32"``, ``"float64"`` (where 32 bits would lose differences), ``"uint8"`` or ``"int32"``, as the
        network's input takes it.
    value_range
        Smallest and largest value that the inputs can take, before scaling; None if unbounded.
    labels
        Class names by index, or the names of the numbers to predict.
    n_targets
        Classes: 1 (the class index). Regression: numbers a sample.
    counts
        Samples in the training, validation and test part; zeros before loading.
    class_counts
        Samples of each class over all parts, in the order of ``labels``; empty before loading or for regression.
    feature_names
        Columns of a table; empty otherwise.
    vocabulary_size
        Text: word numbers are below this.
    own_test
        The set brings its own test part.
    image
        How a user's picture is prepared; None if the inputs are no pictures.
    notes
        How a local file was understood and what is unusual in it, one sentence each; no part of what the data is.
    """

    source: str
    title: str
    kind: InputKind
    task: Task
    input_shape: tuple[int, ...]
    labels: tuple[str, ...]
    input_dtype: str = "float32"
    value_range: tuple[float, float] | None = None
    n_targets: int = 1
    counts: tuple[int, int, int] = (0, 0, 0)
    class_counts: tuple[int, ...] = ()
    feature_names: tuple[str, ...] = ()
    vocabulary_size: int | None = None
    own_test: bool = False
    image: ImagePreparation | None = None
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def answer_shape(self) -> tuple[int, int, int] | None:
        """(h, w, channels) where the numbers to predict are a picture as large as the input, else None."""
        if self.kind != "image" or self.task != "regression":
            return None
        height, width = self.input_shape[:2]
        channels, rest = divmod(self.n_targets, height * width)
        return (height, width, channels) if channels in (1, 3) and not rest else None

    @property
    def n_classes(self) -> int:
        """Number of classes; 0 for regression."""
        return len(self.labels) if self.task == "classification" else 0
