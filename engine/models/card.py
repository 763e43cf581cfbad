"""The card inside an exported model: how to prepare its inputs and interpret its outputs."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from engine.data.info import DataInfo, ImagePreparation, Task
from engine.data.loaded import Statistics
from engine.data.preprocessing import learns_statistics
from engine.errors import BadInput, NewerFile, quoted
from engine.spec.base import Frozen
from engine.spec.network import LayerSpec, NetworkSpec
from engine.spec.project import ProjectSpec

NETSMITH_VERSION = "0.1.0"
FORMAT = 3  # raised when an older Netsmith would misread a new card
_MOST_LABELS = 100_000
LONGEST_TEXT = 200  # letters of a label or title
_LARGEST_SIDE_PX = 65_536

Text = Annotated[str, AfterValidator(lambda text: quoted(text, LONGEST_TEXT))]
_Size = Annotated[int, Field(ge=1, le=2**31 - 1)]
_Number = Annotated[float, Field(allow_inf_nan=False)]
_Amount = Annotated[float, Field(allow_inf_nan=False, ge=0.0)]

# What cards of formats 1 and 2 call the kinds of `engine.data.features.FEATURES`.
_OLD_KINDS = {"image": "picture", "table": "number", "points": "point", "series": "sequence"}
# Layers without an activation of their own: the activation before them is the network's.
_PASSING = frozenset({"Flatten", "Reshape", "Dropout", "Permute", "Identity"})
_ACTIVATION_LAYERS = {
    "Softmax": "softmax",
    "ReLU": "relu",
    "ELU": "elu",
    "LeakyReLU": "leaky_relu",
    "PReLU": "prelu",
}


class Moment(Frozen):
    """The moment of a run at which a model was written.

    Attributes
    ----------
    epochs
        Number of completed epochs.
    samples
        Training samples used, every epoch counted.
    """

    epochs: Annotated[int, Field(ge=0)] = 0
    samples: Annotated[int, Field(ge=0)] = 0


class ModelCard(Frozen):
    """Inputs of a model and the meaning of its outputs; texts are cleaned when a card is made.

    Attributes
    ----------
    format
        Version of the card.
    title
        Name of the project.
    kind, task, labels, input_shape, input_dtype, value_range, n_targets, feature_names
        As in `DataInfo`, as are ``vocabulary_size`` and ``image``.
    output_activation
        Name of the last activation, ``"softmax"``, ``"linear"``...
    from_logits
        Whether the outputs are logits, for softmax (one unit: sigmoid).
    mean, variance
        Of each feature (last axis) over the training samples; empty unless a Normalization takes them.
    data_title
        Name of the data set, "" in a card of format 1.
    data_key
        Which samples it learned from, `engine.runs.sample_parts.SampleParts.key`; "" if not known.
    moment
        Of a checkpoint; None of an exported model.
    """

    format: Literal[1, 2, 3] = 3
    title: Text = "Untitled"
    task: Task = "classification"
    kind: Text = "number"
    labels: Annotated[tuple[Text, ...], Field(max_length=_MOST_LABELS)] = ()
    input_shape: Annotated[tuple[_Size, ...], Field(max_length=8)] = ()
    input_dtype: Literal["float32", "float64", "uint8", "int32"] = "float32"
    value_range: tuple[_Number, _Number] | None = None
    n_targets: Annotated[int, Field(ge=1, le=_MOST_LABELS)] = 1
    feature_names: Annotated[tuple[Text, ...], Field(max_length=_MOST_LABELS)] = ()
    vocabulary_size: _Size | None = None
    image: ImagePreparation | None = None
    output_activation: Text = "softmax"
    from_logits: bool = False
    mean: Annotated[tuple[_Number, ...], Field(max_length=_MOST_LABELS)] = ()
    variance: Annotated[tuple[_Amount, ...], Field(max_length=_MOST_LABELS)] = ()
    data_title: Text = ""
    data_key: Text = ""
    moment: Moment | None = None
    netsmith_version: Text = NETSMITH_VERSION
    keras_version: Text = ""

    @field_validator("kind", mode="before")
    @classmethod
    def _kind_of_today(cls, kind: object) -> object:
        return _OLD_KINDS.get(kind, kind) if isinstance(kind, str) else kind

    @field_validator("image")
    @classmethod
    def _picture_is_possible(cls, image: ImagePreparation | None) -> ImagePreparation | None:
        if image is None:
            return None
        sides_fit = all(1 <= side <= _LARGEST_SIDE_PX for side in (image.height, image.width))
        low, high = image.value_range
        if not sides_fit or image.channels not in (1, 3) or not -1e9 < low < high < 1e9:
            raise ValueError("the picture's size, channels or value range are impossible")
        return image

    @model_validator(mode="after")
    def _range_rises(self) -> Self:
        if self.value_range is not None and self.value_range[0] >= self.value_range[1]:
            raise ValueError("the value range must rise")
        return self

    @model_validator(mode="after")
    def _statistics_belong_together(self) -> Self:
        if len(self.mean) != len(self.variance):
            raise ValueError("mean and variance must be of the same features")
        return self

    @property
    def statistics(self) -> Statistics | None:
        """Mean and variance of the standardisation; None if there is none."""
        if not self.mean:
            return None
        return Statistics(np.array(self.mean), np.array(self.variance))

    @property
    def info(self) -> DataInfo:
        """The data that the model was made for, without counts."""
        return DataInfo.single(
            source="model",
            title=self.data_title or self.title,
            kind=self.kind,
            task=self.task,
            input_shape=self.input_shape,
            labels=self.labels,
            input_dtype=self.input_dtype,
            value_range=self.value_range,
            n_targets=self.n_targets,
            feature_names=self.feature_names,
            vocabulary_size=self.vocabulary_size,
            image=self.image,
        )

    def to_json(self) -> str:
        """Return the card as one line of JSON."""
        return json.dumps(self.to_values(), ensure_ascii=False, allow_nan=False)

    def to_values(self) -> dict[str, Any]:
        """Return the card as plain JSON values."""
        return self.model_dump(mode="json")

    @classmethod
    def from_values(cls, values: object) -> Self:
        """Return the card for plain JSON values.

        Raises
        ------
        NewerFile
            If a newer Netsmith wrote it.
        BadInput
            If it is no card or has impossible values.
        """
        if not isinstance(values, Mapping):
            raise BadInput("the model's card is damaged: export the model again")
        version = values.get("format")
        if isinstance(version, int) and version > FORMAT:
            raise NewerFile("the model is from a newer Netsmith: update Netsmith to open it")
        try:
            return cls.model_validate_json(json.dumps(values), strict=True)
        except (ValidationError, ValueError, RecursionError) as error:
            problem = f"the model's card is not usable{_place(error)}: export the model again"
            raise BadInput(problem) from error


def card_of(
    spec: ProjectSpec, info: DataInfo, statistics: Statistics | None = None, data_key: str = ""
) -> ModelCard:
    """Return the card of a project's model, which is the same for runs with equal network and data.

    Parameters
    ----------
    statistics
        Of the samples it learned from; kept where a Normalization takes them.
    data_key
        As in `ModelCard`.
    """
    activation = output_activation(spec.network)
    kept = statistics if learns_statistics(spec.network) else None
    return ModelCard(
        title=spec.name,
        task=info.task,
        kind=info.kind,
        labels=info.labels,
        input_shape=info.input_shape,
        input_dtype=info.input_dtype,  # type: ignore[arg-type]  # checked by the card
        value_range=info.value_range,
        n_targets=info.n_targets,
        feature_names=info.feature_names,
        vocabulary_size=info.vocabulary_size,
        image=info.image,
        output_activation=activation,
        from_logits=info.task == "classification" and activation == "linear",
        mean=() if kept is None else tuple(kept.mean.tolist()),
        variance=() if kept is None else tuple(kept.variance.tolist()),
        data_title=info.title,
        data_key=data_key,
        keras_version=importlib.metadata.version("keras"),
    )


def output_activation(network: NetworkSpec) -> str:
    """Return the name of the last activation before the first output, ``"linear"`` if there is none."""
    outputs = network.outputs
    if not outputs:
        return "linear"
    layer: LayerSpec = outputs[0]
    for _ in network.layers:  # at most one step a layer, in case of a cycle
        before = network.wires_into(layer.id)
        if layer.kind not in _PASSING or not before:
            break
        layer = network.layer(before[0].source)
    named = layer.parameters.get("activation") or _ACTIVATION_LAYERS.get(layer.kind)
    return named if isinstance(named, str) else "linear"


def _place(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return ""
    where = ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"])
    return f" ({quoted(where, 40)})" if where else ""
