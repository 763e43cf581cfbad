"""What "auto" means: the loss, metrics and label encoding that fit a task and an output."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from engine.catalog import catalog
from engine.data.info import DataInfo
from engine.spec.base import ObjectSpec
from engine.spec.network import NetworkSpec
from engine.spec.project import ProjectSpec

LabelEncoding = Literal["index", "one_hot", "number"]

AUTO: Final = "auto"
LOGITS: Final = "linear"  # no activation that bounds the output: what a loss calls logits
# Their outputs lie in [0, 1], so that a loss reads them as probabilities.
PROBABILITIES: Final = frozenset({"softmax", "sigmoid", "hard_sigmoid", "sparsemax"})

# These take (n,) class indices; every other loss takes labels of the output's own shape.
INDEX_LOSSES: Final = frozenset(
    {"SparseCategoricalCrossentropy", "CategoricalGeneralizedCrossEntropy", "Circle", "CTC"}
)
ACCURACIES: Final = frozenset(
    {"Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy"}
)
_AUTO_ACCURACY: Final[Mapping[LabelEncoding, str]] = {
    "index": "SparseCategoricalAccuracy",
    "one_hot": "CategoricalAccuracy",
    "number": "BinaryAccuracy",
}
_UNIT_FIELDS: Final = ("units", "filters", "output_dim")
# Layers whose last axis is as long as that of what they take.
_KEEP_UNITS: Final = frozenset({
    "Activation", "Softmax", "ReLU", "LeakyReLU", "PReLU", "ELU", "Dropout", "Identity",
    "ActivityRegularization", "GaussianNoise", "GaussianDropout", "AlphaDropout",
    "BatchNormalization", "LayerNormalization", "UnitNormalization", "Rescaling", "Add",
    "Average", "Maximum", "Minimum", "Multiply", "Subtract", "GlobalAveragePooling1D",
    "GlobalAveragePooling2D", "GlobalAveragePooling3D", "GlobalMaxPooling1D",
    "GlobalMaxPooling2D", "GlobalMaxPooling3D",
})  # fmt: skip
# Layers that leave numbers what they are: probabilities stay probabilities.
_KEEP_RANGE: Final = frozenset({
    "Dropout", "Identity", "ActivityRegularization", "Flatten", "Reshape", "Permute", "Average",
    "Concatenate", "Maximum", "Minimum", "GlobalAveragePooling1D", "GlobalAveragePooling2D",
    "GlobalAveragePooling3D", "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D",
})  # fmt: skip
_FIXED_ACTIVATIONS: Final[Mapping[str, str]] = {"Softmax": "softmax", "ReLU": "relu"}


@dataclass(frozen=True)
class Output:
    """What the description alone says of a network's output.

    Attributes
    ----------
    layer
        Id of the output layer.
    units
        Numbers a sample, None if only Keras can tell.
    activation
        Name of the last activation, ``"linear"`` if nothing bounds the numbers.
    sized_by, size_field
        The layer and its field that decide ``units``, "" if none does.
    activated_by
        The layer that applies ``activation``, "" if several do or none.
    """

    layer: str
    units: int | None
    activation: str
    sized_by: str = ""
    size_field: str = ""
    activated_by: str = ""

    @property
    def logits(self) -> bool:
        """A loss for classes has to apply softmax or sigmoid itself."""
        return self.activation not in PROBABILITIES


def output_of(network: NetworkSpec) -> Output | None:
    """Return what is known of the network's output; None unless exactly one layer is the output."""
    if len(network.outputs) != 1:
        return None
    layer_id = network.outputs[0].id
    activation, activated_by = _activation(network, layer_id)
    units, sized_by, size_field = _units(network, layer_id)
    return Output(layer_id, units, activation, sized_by, size_field, activated_by)


def resolve_loss(spec: ProjectSpec, info: DataInfo, units: int | None = None) -> ObjectSpec:
    """Return the loss to train with: the chosen one, or what "auto" stands for.

    Parameters
    ----------
    units
        Numbers a sample that the built model gives, if known; otherwise read from the description.
    """
    if spec.training.loss.kind != AUTO:
        return spec.training.loss
    return fitting_loss(spec.network, info, units)


def fitting_loss(network: NetworkSpec, info: DataInfo, units: int | None = None) -> ObjectSpec:
    """Return the usual loss for the task and the network's output."""
    if info.task == "regression":
        return ObjectSpec(kind="MeanSquaredError")
    output = output_of(network)
    logits = {"from_logits": True} if output is None or output.logits else {}
    known = units if units is not None else (output.units if output else None)
    if info.n_classes == 2 and known == 1:
        return ObjectSpec(kind="BinaryCrossentropy", parameters=logits)
    return ObjectSpec(kind="SparseCategoricalCrossentropy", parameters=logits)


def resolve_metrics(
    spec: ProjectSpec, info: DataInfo, units: int | None = None
) -> tuple[ObjectSpec, ...]:
    """Return the metrics to report, each "auto" replaced by what it stands for; none twice.

    ``units`` as in `resolve_loss`.
    """
    fitting = _fitting_metric(spec, info, units)
    chosen = (fitting if metric.kind == AUTO else metric for metric in spec.training.metrics)
    distinct: list[ObjectSpec] = []
    for metric in chosen:
        if metric not in distinct:
            distinct.append(metric)
    return tuple(distinct)


def label_encoding(loss_kind: str, info: DataInfo, units: int | None) -> LabelEncoding:
    """Return how labels must reach a loss.

    Parameters
    ----------
    loss_kind
        Kind of the resolved loss, not "auto".
    units
        Numbers a sample that the model gives (its last axis); None if unknown.

    Returns
    -------
    LabelEncoding
        ``"index"``: (n,) int32 class indices. ``"one_hot"``: (n, classes) float32 of 0 and 1.
        ``"number"``: (n, targets) float32, of two classes the index as (n, 1).
    """
    if info.task == "regression":
        return "number"
    if loss_kind in INDEX_LOSSES:
        return "index"
    return "number" if units == 1 else "one_hot"


def figure_names(metrics: tuple[ObjectSpec, ...]) -> tuple[str, ...]:
    """Return what each metric is called in an epoch's figures, ``"mean_absolute_error"``.

    The first accuracy of any kind is ``"accuracy"``; others carry Keras's name for their kind; a
    second of the same kind gets a number.
    """
    names: list[str] = []
    for metric in metrics:
        plain = _snake_case(metric.kind)
        name = "accuracy" if metric.kind in ACCURACIES and "accuracy" not in names else plain
        number = 1
        while (numbered := name if number == 1 else f"{name}_{number}") in names:
            number += 1
        names.append(numbered)
    return tuple(names)


def _fitting_metric(spec: ProjectSpec, info: DataInfo, units: int | None) -> ObjectSpec:
    if info.task == "regression":
        return ObjectSpec(kind="MeanAbsoluteError")
    output = output_of(spec.network)
    known = units if units is not None else (output.units if output else None)
    loss = resolve_loss(spec, info, units)
    kind = _AUTO_ACCURACY[label_encoding(loss.kind, info, known)]
    # A logit above 0 is a probability above one half.
    logits = kind == "BinaryAccuracy" and (output is None or output.logits)
    return ObjectSpec(kind=kind, parameters={"threshold": 0.0} if logits else {})


def _units(network: NetworkSpec, layer_id: str) -> tuple[int | None, str, str]:
    """Return the numbers a sample, and the layer and field that decide them."""
    seen: set[str] = set()
    while layer_id not in seen:
        seen.add(layer_id)
        layer = network.layer(layer_id)
        kind, parameters = _innermost(layer.kind, layer.parameters)
        sources = network.wires_into(layer_id)
        if kind not in _KEEP_UNITS or not sources:
            field = next((name for name in _UNIT_FIELDS if name in parameters), "")
            value = parameters.get(field)
            direct = bool(field) and kind == layer.kind
            units = value if isinstance(value, int) else None
            return units, layer_id if direct else "", field if direct else ""
        layer_id = sources[0].source
    return None, "", ""


def _activation(network: NetworkSpec, layer_id: str) -> tuple[str, str]:
    """Return the activation behind the numbers that a layer gives, and who applies it.

    Where branches meet, all must share it; then no single layer applies it.
    """
    found: dict[str, str] = {}
    seen: set[str] = set()
    waiting = [layer_id]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        layer = network.layer(name)
        kind, parameters = _innermost(layer.kind, layer.parameters)
        sources = [wire.source for wire in network.wires_into(name)]
        if kind in _KEEP_RANGE and sources:
            waiting += sources
            continue
        value = parameters.get("activation", _default_activation(kind))
        found[name] = value if isinstance(value, str) else LOGITS
    if len(set(found.values())) != 1:
        return LOGITS, ""
    activated_by, activation = next(iter(found.items()))
    return activation, activated_by if len(found) == 1 else ""


def _innermost(kind: str, parameters: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Look through the wrapper that does the same at each time step."""
    inner = parameters.get("layer")
    if kind == "TimeDistributed" and isinstance(inner, Mapping):
        return str(inner.get("kind", "")), inner.get("parameters", {})
    return kind, parameters


def _default_activation(kind: str) -> str:
    if kind in _FIXED_ACTIVATIONS:
        return _FIXED_ACTIVATIONS[kind]
    entry = catalog().family("layer").get(kind)
    fields = entry.fields if entry else ()
    default = next((field.default for field in fields if field.name == "activation"), None)
    return default if isinstance(default, str) else LOGITS


def _snake_case(kind: str) -> str:
    """``MeanAbsoluteError`` -> ``mean_absolute_error``, as Keras names its objects."""
    words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", kind)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", words).lower()
