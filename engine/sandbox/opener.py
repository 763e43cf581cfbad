"""Model files made anywhere, opened without running anything in them and without TensorFlow.

The archive and the JSON are read here, under limits; HDF5 only by the helper process. The
description is translated into our own `NetworkSpec`, so that what Keras builds is always ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from engine.card import ModelCard
from engine.errors import LONGEST_MESSAGE, BadInput, NewerFile, UnsafeFile, quoted
from engine.sandbox.archive import (
    CONFIG,
    DAMAGED,
    METADATA,
    WEIGHTS,
    Archive,
    FileFormat,
    opened_file,
)
from engine.sandbox.description import Described, describe
from engine.sandbox.fit import check_size, listed_weights, sorted_weights
from engine.sandbox.numbers import Array, read_numbers
from engine.sandbox.old_files import is_old, renewed
from engine.sandbox.old_sigmoid import with_todays
from engine.sandbox.old_weights import joined
from engine.sandbox.onnx_graph import graph_of
from engine.sandbox.onnx_layers import translate
from engine.sandbox.statistics import with_statistics
from engine.sandbox.strict_json import LARGEST_BYTES, parse
from engine.spec.network import NetworkSpec

if TYPE_CHECKING:
    import keras

    from engine.sandbox.rebuild import ModelSummary

_CARD_KEY = "netsmith"


@dataclass(frozen=True)
class OpenedModel:
    """A model file's content as plain values.

    Attributes
    ----------
    network
        Every input layer has its ``shape``; a scaling layer of ours is one of the layers.
    inputs
        Input layer id -> shape of one sample, None for a free size.
    weights
        ``"<group>/<path>"`` -> numbers. In a ``.keras`` file each layer is a group of its own and
        the path is where Keras stores the array; in an ``.h5`` file the path counts the group's
        arrays, those that training changes first.
    groups
        Group -> ids of its layers, in order.
    card
        What Netsmith noted on export; None if something else wrote the file.
    steeper
        Layers whose weights count 1.2 times, see `engine.sandbox.old_sigmoid`.
    """

    network: NetworkSpec
    inputs: Mapping[str, tuple[int | None, ...]]
    weights: Mapping[str, Array]
    groups: Mapping[str, tuple[str, ...]]
    card: ModelCard | None
    keras_version: str
    format: FileFormat
    steeper: frozenset[str] = frozenset()


def open_model(path: Path) -> OpenedModel:
    """Open a ``.keras``, a whole-model ``.h5`` or an ``.onnx`` file, whoever made it.

    Raises
    ------
    BadInput
        If it is damaged, no model, or holds what Netsmith cannot show.
    UnsafeFile
        If it asks for more than plain layers and numbers.
    NewerFile
        If a newer Netsmith wrote its card.
    """
    try:
        with opened_file(Path(path)) as (stream, form):
            return _OPENERS[form](stream)
    except BadInput as error:
        kind = next(k for k in (UnsafeFile, NewerFile, BadInput) if isinstance(error, k))
        name = quoted(Path(path).name.encode("utf-8", "replace").decode(), 30)
        raise kind(quoted(f'"{name}" was not opened: {error}', LONGEST_MESSAGE)) from error


def restore(opened: OpenedModel) -> keras.Model:
    """Return the Keras model, built from our own catalogue, with the file's numbers in it.

    Raises
    ------
    BadInput
        If the numbers do not fit the network; names the layer.
    """
    # TensorFlow is loaded only for a file that has passed every check.
    from engine.sandbox.rebuild import rebuild

    return rebuild(opened)


def summary(opened: OpenedModel) -> ModelSummary:
    """Return layers, shapes and counts as Keras sees them, without taking memory for weights.

    Raises
    ------
    BadInput
        If Keras cannot build the network, or the numbers do not fit it.
    """
    from engine.sandbox.rebuild import summarize

    return summarize(opened)


def _open_archive(stream: BinaryIO) -> OpenedModel:
    archive = Archive(stream)
    metadata = parse(archive.read(METADATA, LARGEST_BYTES))
    card = _card(metadata)
    version = _version(metadata)
    described = _described(archive.read(CONFIG, LARGEST_BYTES), version)
    with archive.extracted(WEIGHTS) as weights_file:
        stored = read_numbers(weights_file, "keras")
    weights = sorted_weights(described, stored)
    groups = {layer_id: (layer_id,) for layer_id in described.places.values()}
    network = with_statistics(described.network, groups, weights)
    return _opened(network, weights, groups, card, version, "keras")


def _open_hdf5(stream: BinaryIO) -> OpenedModel:
    stored = read_numbers(stream, "h5")
    version = quoted(stored.keras_version, 20)
    described = _described(stored.config.encode("utf-8", errors="replace"), version)
    weights = listed_weights(described, stored)
    if is_old(version):
        weights = joined(described.network, described.groups, weights)
    network = with_statistics(described.network, described.groups, weights)
    return _opened(network, weights, described.groups, None, version, "h5")


def _open_onnx(stream: BinaryIO) -> OpenedModel:
    try:
        graph = graph_of(read_numbers(stream, "onnx"))
        translated = translate(graph)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise BadInput(DAMAGED) from error
    groups = {layer_id: (layer_id,) for layer_id in translated.weights}
    check_size(Described(translated.network, {}, {}, groups, {}))
    weights = {
        f"{layer_id}/{number}": array
        for layer_id, arrays in translated.weights.items()
        for number, array in enumerate(arrays)
    }
    return _opened(translated.network, weights, groups, None, "", "onnx")


_OPENERS: Final[Mapping[FileFormat, Callable[[BinaryIO], OpenedModel]]] = {
    "keras": _open_archive,
    "h5": _open_hdf5,
    "onnx": _open_onnx,
}


def _described(content: bytes, version: str) -> Described:
    try:
        value = parse(content)
        described = describe(renewed(value) if is_old(version) else value)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # Whatever oddity no check has a name for: a foreign description never stops the program.
        raise BadInput(DAMAGED) from error
    check_size(described)
    return described


def _opened(
    network: NetworkSpec,
    weights: Mapping[str, Array],
    groups: Mapping[str, tuple[str, ...]],
    card: ModelCard | None,
    keras_version: str,
    form: FileFormat,
) -> OpenedModel:
    steeper: frozenset[str] = frozenset()
    if form != "onnx" and is_old(keras_version):
        network, steeper = with_todays(network)
    inputs = {layer.id: layer.parameters["shape"] for layer in network.inputs}
    return OpenedModel(
        network=network,
        inputs=MappingProxyType(inputs),
        weights=MappingProxyType(dict(weights)),
        groups=MappingProxyType(dict(groups)),
        card=card,
        keras_version=keras_version,
        format=form,
        steeper=steeper,
    )


def _card(metadata: Any) -> ModelCard | None:
    if not isinstance(metadata, Mapping):
        raise BadInput(DAMAGED)
    values = metadata.get(_CARD_KEY)
    return None if values is None else ModelCard.from_values(values)


def _version(metadata: Mapping[str, Any]) -> str:
    return quoted(metadata.get("keras_version", ""), 20)
