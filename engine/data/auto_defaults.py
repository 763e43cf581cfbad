"""Resolve "auto": the loss, metrics and label encoding for a task and an output."""

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
LOGITS: Final = "linear"  # no bounding activation, so the outputs are logits
# Their outputs are in [0, 1], so a loss takes them for probabilities.
PROBABILITIES: Final = frozenset({"softmax", "sigmoid", "hard_sigmoid", "sparsemax"})

# These take (n,) class indices; all other losses take labels of the output's shape.
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
# Layers that keep the size of the last axis.
_KEEP_UNITS: Final = frozenset({
    "Activation", "Softmax", "ReLU", "LeakyReLU", "PReLU", "ELU", "Dropout", "Identity",
    "ActivityRegularization", "GaussianNoise", "GaussianDropout", "AlphaDropout",
    "BatchNormalization", "LayerNormalization", "UnitNormalization", "Rescaling", "Add",
    "Average", "Maximum", "Minimum", "Multiply", "Subtract", "GlobalAveragePooling1D",
    "GlobalAveragePooling2D", "GlobalAveragePooling3D", "GlobalMaxPooling1D",
    "GlobalMaxPooling2D", "GlobalMaxPooling3D",
})  # fmt: skip
# Layers that keep values, so that probabilities stay probabilities.
_KEEP_RANGE: Final = frozenset({
    "Dropout", "Identity", "ActivityRegularization", "Flatten", "Reshape", "Permute", "Average",
    "Concatenate", "Maximum", "Minimum", "GlobalAveragePooling1D", "GlobalAveragePooling2D",
    "GlobalAveragePooling3D", "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D",
})  # fmt: skip
_FIXED_ACTIVATIONS: Final[Mapping[str, str]] = {"Softmax": "softmax", "ReLU": "relu"}


@dataclass(frozen=True)
class Output:
    """Facts about a network's output from its description.

    Attributes
    ----------
    layer
        Id of the output layer.
    units
        Size for one sample, None if only Keras can tell.
    activation
        Name of the last activation, ``"linear"`` if the output is not bounded.
    sized_by, size_field
        The layer and field that determine ``units``, "" if none does.
    activated_by
        The layer that applies ``activation``, "" if several or none do.
    """

    layer: str
    units: int | None
    activation: str
    sized_by: str = ""
    size_field: str = ""
    activated_by: str = ""

    @property
    def logits(self) -> bool:
        """Whether a classification loss has to apply softmax or sigmoid itself."""
        return self.activation not in PROBABILITIES


def output_of(network: NetworkSpec) -> Output | None:
    """Return the facts about the network's output; None unless there is exactly one output layer."""
    if len(network.outputs) != 1:
        return None
    layer_id = network.outputs[0].id
    activation, activated_by = _activation(network, layer_id)
    units, sized_by, size_field = _units(network, layer_id)
    return Output(layer_id, units, activation, sized_by, size_field, activated_by)


def resolve_loss(spec: ProjectSpec, info: DataInfo, units: int | None = None) -> ObjectSpec:
    """Return the loss for the training: the chosen one, or the one for "auto".

    Parameters
    ----------
    units
        Output size of the built model for one sample, if known; otherwise taken from the description.
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
    """Return the metrics to report, without duplicates and with "auto" resolved.

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
    """Return the label encoding for a loss.

    Parameters
    ----------
    loss_kind
        Kind of the resolved loss, not "auto".
    units
        Output size of the model (its last axis); None if unknown.

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
    """Return the name of each metric in an epoch's results, ``"mean_absolute_error"``.

    The first accuracy of any kind is ``"accuracy"``; others have Keras's name for their kind, with a
    number for a second one of the same kind.
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
    # A logit above 0 means a probability above one half.
    logits = kind == "BinaryAccuracy" and (output is None or output.logits)
    return ObjectSpec(kind=kind, parameters={"threshold": 0.0} if logits else {})


def _units(network: NetworkSpec, layer_id: str) -> tuple[int | None, str, str]:
    """Return the output size, and the layer and field that determine it."""
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
    """Return the activation of a layer's output, and the layer that applies it.

    Merged branches must all have the same one, and then no single layer applies it.
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
    """Return the layer inside TimeDistributed wrappers."""
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
