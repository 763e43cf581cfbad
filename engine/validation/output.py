"""Findings about the output: its shape, its size and its activation against the data."""

from __future__ import annotations

from collections.abc import Iterator

from engine.data.auto_defaults import LOGITS, Output, resolve_loss
from engine.data.info import DataInfo
from engine.spec.issues import Cure, Issue
from engine.spec.network import NetworkSpec
from engine.spec.shapes import Shape, shape_text
from engine.validation.ranks import RECURRENT
from engine.validation.subject import (
    Subject,
    appended,
    inserted_before,
    named,
    with_parameter,
)

# These compare the classes with one another, so that their shares should add up to 1.
_ONE_OF_MANY = frozenset({"SparseCategoricalCrossentropy", "CategoricalCrossentropy"})
# What an activation does to an output that stands for classes or for numbers.
_HARMFUL_FOR_CLASSES = {
    "relu": "cuts off negative values",
    "tanh": "keeps values between -1 and 1",
    "exponential": "grows without bound",
}
_HARMFUL_FOR_NUMBERS = {
    "softmax": "makes all outputs add up to 1",
    "sigmoid": "keeps values between 0 and 1",
    "hard_sigmoid": "keeps values between 0 and 1",
    "tanh": "keeps values between -1 and 1",
}


def rank(subject: Subject) -> Iterator[Issue]:
    """An output that is a picture or a series where the data wants a row of numbers."""
    output, shape, info = subject.output, subject.output_shape, subject.info
    if output is None or info is None or shape is None or len(shape) == 1:
        return
    do, cure = _flattened(subject, output, shape)
    yield Issue(
        f"{named(output.layer)} gives {shape_text(shape)} a sample but the data wants "
        f"{wanted_words(info)}: {do}.",
        layer=output.layer,
        cures=(cure,),
    )


def units(subject: Subject) -> Iterator[Issue]:
    """As many outputs as classes or numbers to predict; one also does for two classes."""
    output, shape, info = subject.output, subject.output_shape, subject.info
    if output is None or info is None or (shape is not None and len(shape) != 1):
        return
    given, wanted = subject.units, _wanted(info)
    if not given or given == wanted or (given == 1 and info.n_classes == 2):
        return
    plural = "unit" if given == 1 else "units"
    what = f"The output has {given} {plural} but {info.title} has {wanted_words(info)}"
    if output.sized_by:
        mended = with_parameter(subject.network, output.sized_by, output.size_field, wanted)
        yield Issue(
            f"{what}: set {output.size_field} of {named(output.sized_by)} to {wanted}.",
            layer=output.sized_by,
            field=output.size_field,
            cures=(Cure(f"Set {output.size_field} to {wanted}", mended),),
        )
    else:
        mended = appended(subject.network, output.layer, "Dense", units=wanted)
        yield Issue(
            f"{what}: add a Dense layer with {wanted} units after {named(output.layer)}.",
            layer=output.layer,
            cures=(Cure(f"Add Dense with {wanted} units", mended),),
        )


def activation(subject: Subject) -> Iterator[Issue]:
    """A last activation that keeps the output from saying what it has to."""
    output, info = subject.output, subject.info
    if output is None or info is None:
        return
    if output.activation == "softmax" and subject.units == 1:
        fitting = "sigmoid" if info.n_classes == 2 else LOGITS
        yield _activation_issue(
            subject, output, "softmax of a single unit is always 1", fitting, "error"
        )
        return
    if output.activation == "sigmoid" and (subject.units or 1) > 1 and info.n_classes:
        if resolve_loss(subject.spec, info, subject.units).kind in _ONE_OF_MANY:
            why = "sigmoid judges each class by itself though only one is right"
            yield _activation_issue(subject, output, why, "softmax", "warning")
        return
    harmful = _HARMFUL_FOR_CLASSES if info.n_classes else _HARMFUL_FOR_NUMBERS
    if output.activation in harmful:
        fitting = LOGITS if not info.n_classes else ("sigmoid" if subject.units == 1 else "softmax")
        why = f"{output.activation} {harmful[output.activation]}"
        yield _activation_issue(subject, output, why, fitting, "warning")


def with_activation(network: NetworkSpec, output: Output, name: str) -> NetworkSpec:
    """Return the network with another last activation, applied by a new layer if need be."""
    layer = network.layer(output.activated_by or output.layer)
    if "activation" in layer.parameters or layer.kind in ("Dense", "Activation"):
        return with_parameter(network, layer.id, "activation", name)
    return appended(network, output.layer, "Activation", activation=name)


def _activation_issue(
    subject: Subject, output: Output, why: str, fitting: str, severity: str
) -> Issue:
    layer_id = output.activated_by or output.layer
    mended = with_activation(subject.network, output, fitting)
    return Issue(
        f"At the output, {why}: set the activation of {named(layer_id)} to {fitting}.",
        layer=layer_id,
        field="activation",
        severity="error" if severity == "error" else "warning",
        cures=(Cure(f"Set activation to {fitting}", mended),),
    )


def _wanted(info: DataInfo) -> int:
    return info.n_classes or info.n_targets


def wanted_words(info: DataInfo) -> str:
    """Return what a data set wants as its answer: ``"10 classes"``, ``"1 number"``."""
    count, what = (info.n_classes, "class") if info.n_classes else (info.n_targets, "number")
    if count == 1:
        return f"1 {what}"
    return f"{count} {what}es" if what == "class" else f"{count} {what}s"


def _flattened(subject: Subject, output: Output, shape: Shape) -> tuple[str, Cure]:
    """Return what makes the output a row of numbers, in words and done."""
    network, sources = subject.network, subject.sources(output.layer)
    kind = "GlobalAveragePooling1D" if None in shape and len(shape) == 2 else "Flatten"
    last = sources[0] if len(sources) == 1 else None
    if last is not None and output.sized_by == output.layer:
        if last.kind in RECURRENT and last.parameters.get("return_sequences"):
            mended = with_parameter(network, last.id, "return_sequences", None)
            do = f"switch return_sequences of {named(last.id)} off"
            return do, Cure("Give the last step only", mended)
        if network.layer(output.layer).kind == "Dense":
            mended = inserted_before(network, output.layer, kind)
            return f"insert {kind} before it", Cure(f"Insert {kind}", mended)
    return f"add {kind} after it", Cure(f"Add {kind}", appended(network, output.layer, kind))
