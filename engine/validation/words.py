"""Findings about words: numbers that name entries of a list, and layers that look them up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.spec.issues import Cure, Issue
from engine.spec.network import LayerSpec
from engine.validation.subject import (
    Subject,
    inserted_before,
    is_input,
    named,
    removed,
    with_parameter,
)

_WORD_VECTOR: Final = 32  # length of the vectors that a cure's Embedding makes
# They take word numbers, so that text may reach them directly.
_TAKE_WORDS: Final = frozenset({
    "Embedding", "ReversibleEmbedding", "CategoryEncoding", "IntegerLookup", "Hashing",
    "HashedCrossing", "StringLookup", "TextVectorization", "Discretization",
})  # fmt: skip
# They pass on what they take, so that the question goes to the layers behind them.
_PASS_WORDS: Final = frozenset({"Identity", "Reshape", "Flatten", "Permute", "Masking"})
# Layers that give numbers of entries, whatever they take.
_GIVE_WORDS: Final = frozenset(
    {"IntegerLookup", "Hashing", "HashedCrossing", "StringLookup", "TextVectorization"}
    | {"Discretization"}
)
_LOOKUPS: Final = frozenset({"Embedding", "ReversibleEmbedding"})


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


def fractions_looked_up(subject: Subject) -> Iterator[Issue]:
    """An Embedding reads whole numbers; of anything else it would cut off the fraction."""
    for layer in subject.network.layers:
        if layer.kind not in _LOOKUPS or not subject.into[layer.id]:
            continue
        origin = _origin(subject, layer)
        if origin is None:
            continue
        words = f"{layer.kind} looks up whole numbers but {named(origin.id)} gives fractions"
        replaced = layer.but(
            kind="Dense", parameters={"units": layer.parameters.get("output_dim", _WORD_VECTOR)}
        )
        yield Issue(
            f"{words}: use Dense in place of {named(layer.id)}.",
            layer=layer.id,
            cures=(
                Cure("Use Dense instead", subject.network.with_changed(replaced)),
                Cure("Remove it", removed(subject.network, layer.id)),
            ),
        )


def _origin(subject: Subject, layer: LayerSpec) -> LayerSpec | None:
    """Return the layer whose fractions reach a lookup, None if whole numbers do."""
    seen: set[str] = set()
    while layer.id not in seen and (sources := subject.sources(layer.id)):
        seen.add(layer.id)
        layer = sources[0]
        if layer.kind not in _PASS_WORDS and not is_input(layer):
            return None if layer.kind in _GIVE_WORDS else layer
    return None  # columns that nothing scales may well be numbers of categories


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
