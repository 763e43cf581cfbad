"""Findings about single layers: kind, parameters, what Keras said, what the data needs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from engine.catalog import catalog
from engine.catalog.model import Field
from engine.errors import LONGEST_MESSAGE, quoted
from engine.formula import mended_formula
from engine.spec.issues import Cure, Issue
from engine.spec.network import LayerSpec, NetworkSpec
from engine.spec.shapes import holds, shape_text
from engine.validation.repairs import cures_of
from engine.validation.subject import (
    Subject,
    appended,
    inserted_before,
    named,
    removed,
    with_parameter,
)

_SIMILAR_ENOUGH = 0.7  # of 1: names less alike are another kind, not a slip of the finger


def kinds(subject: Subject) -> Iterator[Issue]:
    """Layers that Keras does not have or that cannot be placed."""
    for layer in subject.network.layers:
        kind = subject.kind(layer)
        if kind is None:
            message = f'Keras has no layer called "{quoted(layer.kind, 40)}": remove or replace it.'
            cures = (*_similar(subject, layer), _removal(subject, layer))
            yield Issue(message, layer=layer.id, cures=cures)
        elif not kind.can_stand:
            yield Issue(
                f"{kind.name} cannot be used. {kind.unsupported}",
                layer=layer.id,
                cures=(_removal(subject, layer),),
            )


def parameters(subject: Subject) -> Iterator[Issue]:
    """Values out of bounds or of the wrong type, names that the kind does not have."""
    for layer in subject.network.layers:
        kind = subject.kind(layer)
        if kind is None or not kind.can_stand:
            continue
        fields = {field.name: field for field in kind.fields}
        for name, problem in subject.wrong_settings[layer.id].items():
            field = fields.get(name)
            cures = (*_respelled(subject, layer, name, field), _reset(subject, layer, name, field))
            yield Issue(_sentence(problem), layer=layer.id, field=name, cures=cures)


def keras_findings(subject: Subject) -> Iterator[Issue]:
    """What Keras said when the layers were tried."""
    for layer_id in subject.layers:
        facts = subject.known.get(layer_id)
        if facts is not None and facts.error:
            yield Issue(
                _started(subject, subject.layers[layer_id], _sentence(facts.error)),
                layer=layer_id,
                field=facts.field,
                cures=cures_of(subject, subject.layers[layer_id]),
            )


def input_shapes(subject: Subject) -> Iterator[Issue]:
    """Inputs whose own shape does not hold the data."""
    if subject.info is None:
        return
    for layer in subject.network.data_inputs:
        shape = layer.parameters.get("shape")
        if not isinstance(shape, tuple) or holds(shape, subject.info.input_shape):
            continue
        yield Issue(
            f"The data gives {shape_text(subject.info.input_shape)}, "
            f"not {quoted(shape_text(shape), 30)}: leave shape empty.",
            layer=layer.id,
            field="shape",
            cures=(
                Cure(
                    "Use the data's shape", with_parameter(subject.network, layer.id, "shape", None)
                ),
            ),
        )


def dense_on_picture(subject: Subject) -> Iterator[Issue]:
    """A Dense that looks at each pixel alone, which is rarely meant."""
    if subject.info is None or subject.info.kind != "picture":
        return
    entering = {*subject.prepared, *(layer.id for layer in subject.network.data_inputs)}
    for layer in subject.network.layers:
        takes = {source.id for source in subject.sources(layer.id)}
        if layer.kind == "Dense" and takes & entering:
            yield Issue(
                f"{named(layer.id)} looks at each pixel by itself: "
                "insert Flatten before it to see the picture.",
                layer=layer.id,
                severity="warning",
                cures=(
                    Cure("Insert Flatten", inserted_before(subject.network, layer.id, "Flatten")),
                ),
            )


def nothing_learns(subject: Subject) -> Iterator[Issue]:
    """No weight is free to change."""
    facts = [subject.known.get(layer_id) for layer_id in subject.layers]
    if not subject.outputs or any(one is None or one.output_shape is None for one in facts):
        return
    if not any(one.trainable_parameters for one in facts if one is not None):
        frozen = any(one.parameters for one in facts if one is not None)
        cure = "switch trainable on" if frozen else "add a layer with weights, such as Dense"
        mended = _thawed(subject) if frozen else _with_dense(subject)
        yield Issue(f"Nothing in this network can learn: {cure}.", cures=mended)


def _thawed(subject: Subject) -> tuple[Cure, ...]:
    free = tuple(layer.but(trainable=True) for layer in subject.network.layers)
    mended = NetworkSpec(layers=free, wires=subject.network.wires)
    return (Cure("Let every layer learn", mended),)


def _with_dense(subject: Subject) -> tuple[Cure, ...]:
    """A Dense at the end, as wide as what it takes, if there is one end and its size is known."""
    shape = subject.output_shape
    if subject.output is None or not shape or shape[-1] is None:
        return ()
    activation = {} if subject.output.logits else {"activation": subject.output.activation}
    mended = appended(subject.network, subject.output.layer, "Dense", units=shape[-1], **activation)
    return (Cure(f"Add Dense with {shape[-1]} units", mended),)


def _respelled(
    subject: Subject, layer: LayerSpec, name: str, field: Field | None
) -> Iterator[Cure]:
    """The formula with the word that was probably meant."""
    mended = mended_formula(layer.parameters[name]) if field and field.type == "formula" else None
    if mended is not None:
        formula, word = mended
        network = with_parameter(subject.network, layer.id, name, formula)
        yield Cure(f'Write "{word}"', network)


def _reset(subject: Subject, layer: LayerSpec, name: str, field: Field | None) -> Cure:
    if field is not None and field.type == "network":  # the layer itself: another is no mending
        return _removal(subject, layer)
    value = field.default if field is not None and field.required else None
    label = "Remove it" if field is None else "Use the default"
    return Cure(label, with_parameter(subject.network, layer.id, name, value))


def _similar(subject: Subject, layer: LayerSpec) -> Iterator[Cure]:
    """The kind that an unknown name is probably a slip of."""
    names = {name.lower(): name for name in catalog().family("layer")}
    alike = difflib.get_close_matches(layer.kind.lower(), names, n=1, cutoff=_SIMILAR_ENOUGH)
    for name in alike:
        kind = names[name]
        if not catalog().layer(kind).unsupported:
            mended = subject.network.with_changed(layer.but(kind=kind))
            yield Cure(f"Make it {kind}", mended)


def _removal(subject: Subject, layer: LayerSpec) -> Cure:
    return Cure("Remove it", removed(subject.network, layer.id))


def _started(subject: Subject, layer: LayerSpec, sentence: str) -> str:
    """Return the sentence with a capital letter, unless it starts with the name of a field."""
    kind = subject.kind(layer)
    fields = {field.name for field in kind.fields} if kind else set()
    if sentence.split(" ")[0] in fields:
        return sentence
    return sentence[:1].upper() + sentence[1:]


def _sentence(problem: str) -> str:
    """Return a problem as a sentence; a field's name keeps its small letter."""
    return f"{quoted(problem, LONGEST_MESSAGE - 1).rstrip('.')}."
