"""Open model files of any origin, without TensorFlow and without running anything in them.

Archives and JSON are read here, under limits; HDF5 and ONNX only by the helper process. The
description is translated into a `NetworkSpec`, so Keras never sees a foreign configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from engine.errors import LONGEST_MESSAGE, BadInput, NewerFile, UnsafeFile, quoted
from engine.importing.keras.blocks import gathered
from engine.importing.keras.cudnn import repacked
from engine.importing.keras.description import Described, describe
from engine.importing.keras.fit import check_size, listed_weights, sorted_weights
from engine.importing.keras.old_files import is_old, renewed
from engine.importing.keras.old_sigmoid import with_todays
from engine.importing.keras.old_weights import joined
from engine.importing.keras.statistics import with_statistics
from engine.importing.onnx.external_data import DataFiles
from engine.importing.onnx.graph import check_description, graph_of
from engine.importing.onnx.layers import translate
from engine.importing.opened import OpenedFormat, OpenedModel
from engine.importing.safe import saved_model
from engine.importing.safe.archive import (
    CONFIG,
    DAMAGED,
    METADATA,
    PROGRAM,
    WEIGHTS,
    Archive,
    FileFormat,
    opened_file,
)
from engine.importing.safe.numbers import Array, read_numbers
from engine.importing.safe.strict_json import LARGEST_BYTES, parse
from engine.models.card import ModelCard
from engine.spec.network import NetworkSpec

if TYPE_CHECKING:
    import keras


_CARD_KEY = "netsmith"
# First bytes of a SavedModel, which an ONNX file of 2017 could share up to the second byte.
_SAVED_MODEL_MARK: Final = b"\x08\x01\x12"


def open_model(path: Path, key: bytes | None = None) -> OpenedModel:
    """Open a ``.keras``, whole-model ``.h5`` or ``.onnx`` file, or a SavedModel that this user exported.

    Parameters
    ----------
    path
        For a SavedModel its folder, or its ``saved_model.pb`` or ``netsmith.json``.
    key
        The user's key (`engine.models.signing`), which verifies SavedModels; None refuses them all.

    Raises
    ------
    BadInput
        If it is damaged, no model, or contains something Netsmith does not support.
    UnsafeFile
        If it contains more than layers and numbers, or is a SavedModel from elsewhere.
    NewerFile
        If its card was written by a newer Netsmith.
    """
    path = Path(path)
    folder = saved_model.folder_of(path)
    try:
        if folder is not None:
            return _open_folder(folder, key)
        with opened_file(path) as (stream, form):
            return _OPENERS[form](stream, path)
    except BadInput as error:
        kind = next(k for k in (UnsafeFile, NewerFile, BadInput) if isinstance(error, k))
        name = quoted((folder or path).name.encode("utf-8", "replace").decode(), 30)
        raise kind(quoted(f'"{name}" was not opened: {error}', LONGEST_MESSAGE)) from error


def restore(opened: OpenedModel) -> keras.Model:
    """Return the Keras model with the file's weights, built from the catalogue's own layers.

    Raises
    ------
    BadInput
        If the weights do not fit the network; names the layer.
    """
    # TensorFlow is loaded only after the file has passed every check.
    from engine.importing.rebuild import rebuild

    return rebuild(opened)


def _open_archive(stream: BinaryIO, _path: Path) -> OpenedModel:
    archive = Archive(stream)
    metadata = parse(archive.read(METADATA, LARGEST_BYTES))
    card = _card(metadata)
    version = _version(metadata)
    described = _described(archive.read(CONFIG, LARGEST_BYTES), version)
    with archive.extracted(WEIGHTS) as weights_file:
        stored = read_numbers(weights_file, "keras")
    weights = sorted_weights(described, stored)
    owners = (place.partition("/")[0] for place in described.places.values())
    groups: dict[str, tuple[str, ...]] = {layer_id: (layer_id,) for layer_id in owners}
    groups |= _constants(described, weights, "vars/")
    network = with_statistics(described.network, groups, weights)
    return _with_blocks(_opened(network, weights, groups, card, version, "keras"), described)


def _open_hdf5(stream: BinaryIO, _path: Path) -> OpenedModel:
    stored = read_numbers(stream, "h5")
    version = quoted(stored.keras_version, 20)
    described = _described(stored.config.encode("utf-8", errors="replace"), version)
    weights = listed_weights(described, stored)
    if is_old(version):
        weights = joined(described.network, described.groups, weights)
        weights = repacked(described.network, described.groups, weights)
    groups = {**described.groups, **_constants(described, weights)}
    network = with_statistics(described.network, groups, weights)
    opened = _opened(network, weights, groups, None, version, "h5")
    return _with_blocks(opened, described)


def _open_folder(folder: Path, key: bytes | None) -> OpenedModel:
    own = saved_model.read(folder, key)
    version = quoted(own.stored.keras_version, 20)
    described = _translated(own.config, version)
    weights = listed_weights(described, own.stored)
    groups = {**described.groups, **_constants(described, weights)}
    network = with_statistics(described.network, groups, weights)
    card = ModelCard.from_values(own.card)
    opened = _opened(network, weights, groups, card, version, "saved_model")
    return _with_blocks(opened, described)


def _open_onnx(stream: BinaryIO, path: Path) -> OpenedModel:
    if stream.read(len(_SAVED_MODEL_MARK)) == _SAVED_MODEL_MARK:
        raise UnsafeFile(PROGRAM)
    with DataFiles(path.absolute().parent, check_description) as data_files:
        stored = read_numbers(stream, "onnx", data_files)
    try:
        graph = graph_of(stored)
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


_OPENERS: Final[Mapping[FileFormat, Callable[[BinaryIO, Path], OpenedModel]]] = {
    "keras": _open_archive,
    "h5": _open_hdf5,
    "onnx": _open_onnx,
}


def _described(content: bytes, version: str) -> Described:
    return _translated(parse(content), version)


def _translated(value: Any, version: str) -> Described:
    try:
        described = describe(renewed(value) if is_old(version) else value)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # A description that no check above recognises as malformed.
        raise BadInput(DAMAGED) from error
    check_size(described)
    return described


def _constants(
    described: Described, weights: dict[str, Array], path: str = ""
) -> dict[str, tuple[str, ...]]:
    """Add weights that are stored in the description; return a group for each of their layers."""
    for layer_id, arrays in described.constants.items():
        for number, array in enumerate(arrays):
            weights[f"{layer_id}/{path}{number}"] = array
    return {layer_id: (layer_id,) for layer_id in described.constants}


def _opened(
    network: NetworkSpec,
    weights: Mapping[str, Array],
    groups: Mapping[str, tuple[str, ...]],
    card: ModelCard | None,
    keras_version: str,
    form: OpenedFormat,
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


def _with_blocks(opened: OpenedModel, described: Described) -> OpenedModel:
    """Return the model with each part that reuses layers as one block, and its weights renamed to match."""
    made = gathered(opened.network, described)
    if not made.names:
        return opened
    names = made.names
    weights = {_renamed(key, names): array for key, array in opened.weights.items()}
    groups = {
        names.get(group, group): tuple(names.get(name, name) for name in ids)
        for group, ids in opened.groups.items()
    }
    steeper = {names.get(name, name) for name in opened.steeper - described.shared.keys()}
    if opened.format != "keras":
        weights = dict(opened.weights)
        groups = dict(zip(opened.groups, groups.values(), strict=True))
    return replace(
        opened,
        network=made.network,
        weights=MappingProxyType(weights),
        groups=MappingProxyType(groups),
        steeper=frozenset(steeper),
    )


def _renamed(key: str, names: Mapping[str, str]) -> str:
    layer_id, _, path = key.partition("/")
    return f"{names.get(layer_id, layer_id)}/{path}"


def _card(metadata: Any) -> ModelCard | None:
    if not isinstance(metadata, Mapping):
        raise BadInput(DAMAGED)
    values = metadata.get(_CARD_KEY)
    return None if values is None else ModelCard.from_values(values)


def _version(metadata: Mapping[str, Any]) -> str:
    return quoted(metadata.get("keras_version", ""), 20)
