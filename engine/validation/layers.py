"""Findings about single layers: kind, parameters, what Keras said, what the data needs."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog import check_parameters
from engine.errors import LONGEST_MESSAGE, quoted
from engine.issues import Cure, Issue
from engine.spec.network import LayerSpec
from engine.validation.shapes import holds, shape_text
from engine.validation.subject import (
    Subject,
    inserted_before,
    is_input,
    named,
    removed,
    with_parameter,
)

_WORD_VECTOR = 32  # length of the vectors that a cure's Embedding makes
# They take word numbers, so that text may reach them directly.
_TAKE_WORDS = frozenset({
    "Embedding", "ReversibleEmbedding", "CategoryEncoding", "IntegerLookup", "Hashing",
    "HashedCrossing", "StringLookup", "TextVectorization", "Discretization",
})  # fmt: skip
# They pass on what they take, so that the question goes to the layers behind them.
_PASS_WORDS = frozenset({"Identity", "Reshape", "Flatten", "Permute", "Masking"})


def kinds(subject: Subject) -> Iterator[Issue]:
    """Layers that Keras does not have or that cannot be placed."""
    for layer in subject.network.layers:
        kind = subject.kind(layer)
        if kind is None:
            message = f'Keras has no layer called "{quoted(layer.kind, 40)}": remove or replace it.'
            yield Issue(message, layer=layer.id, cures=(_removal(subject, layer),))
        elif kind.unsupported:
            yield Issue(
                f"{kind.name} cannot be used. {kind.unsupported}",
                layer=layer.id,
                cures=(_removal(subject, layer),),
            )


def parameters(subject: Subject) -> Iterator[Issue]:
    """Values out of bounds or of the wrong type, names that the kind does not have."""
    for layer in subject.network.layers:
        kind = subject.kind(layer)
        if kind is None or kind.unsupported:
            continue
        fields = {field.name: field for field in kind.fields}
        for name, problem in check_parameters(kind, layer.parameters).items():
            field = fields.get(name)
            value = field.default if field is not None and field.required else None
            label = "Remove it" if field is None else "Use the default"
            mended = with_parameter(subject.network, layer.id, name, value)
            yield Issue(
                _sentence(problem), layer=layer.id, field=name, cures=(Cure(label, mended),)
            )


def keras_findings(subject: Subject) -> Iterator[Issue]:
    """What Keras said when the layers were tried."""
    for layer_id in subject.layers:
        facts = subject.known.get(layer_id)
        if facts is not None and facts.error:
            yield Issue(_sentence(facts.error), layer=layer_id, field=facts.field)


def input_shapes(subject: Subject) -> Iterator[Issue]:
    """Inputs whose own shape does not hold the data."""
    if subject.info is None:
        return
    for layer in subject.network.inputs:
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


def words_without_embedding(subject: Subject) -> Iterator[Issue]:
    """Text is numbers of words; their size means nothing to a layer that computes with it."""
    if subject.info is None or subject.info.kind != "text":
        return
    vocabulary = subject.info.vocabulary_size or 10_000
    for layer in _first_to_compute(subject):
        if layer.kind == "Embedding":
            yield from _vocabulary_too_small(subject, layer, vocabulary)
        elif layer.kind not in _TAKE_WORDS:
            mended = inserted_before(
                subject.network,
                layer.id,
                "Embedding",
                input_dim=vocabulary,
                output_dim=_WORD_VECTOR,
            )
            yield Issue(
                f"Text reaches {named(layer.id)} as bare word numbers: "
                "insert an Embedding before it.",
                layer=layer.id,
                cures=(Cure("Insert Embedding", mended),),
            )


def dense_on_picture(subject: Subject) -> Iterator[Issue]:
    """A Dense that looks at each pixel alone, which is rarely meant."""
    if subject.info is None or subject.info.kind != "image":
        return
    for layer in subject.network.layers:
        if layer.kind == "Dense" and any(is_input(source) for source in subject.sources(layer.id)):
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
        yield Issue(f"Nothing in this network can learn: {cure}.")


def _removal(subject: Subject, layer: LayerSpec) -> Cure:
    return Cure("Remove it", removed(subject.network, layer.id))


def _first_to_compute(subject: Subject) -> Iterator[LayerSpec]:
    """Yield the layers that text reaches unchanged, those that only pass it on left out."""
    waiting = [layer.id for layer in subject.network.inputs]
    targets: dict[str, list[str]] = {layer_id: [] for layer_id in subject.layers}
    for wire in subject.network.wires:
        targets[wire.source].append(wire.target)
    seen: set[str] = set()
    while waiting:
        for target in targets[waiting.pop(0)]:
            if target not in seen:
                seen.add(target)
                layer = subject.layers[target]
                if layer.kind in _PASS_WORDS:
                    waiting.append(target)
                else:
                    yield layer


def _vocabulary_too_small(subject: Subject, layer: LayerSpec, vocabulary: int) -> Iterator[Issue]:
    size = layer.parameters.get("input_dim")
    if isinstance(size, int) and size < vocabulary:
        mended = with_parameter(subject.network, layer.id, "input_dim", vocabulary)
        yield Issue(
            f"The data numbers {vocabulary} words but {named(layer.id)} knows {size}: "
            "raise input_dim.",
            layer=layer.id,
            field="input_dim",
            cures=(Cure(f"Set input_dim to {vocabulary}", mended),),
        )


def _sentence(problem: str) -> str:
    """Return a problem as a sentence; a field's name keeps its small letter."""
    return f"{quoted(problem, LONGEST_MESSAGE - 1).rstrip('.')}."
