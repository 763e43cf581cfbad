"""Writers of export formats: each creates a new file or folder, with the model's card."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import h5py
import keras

from engine.models import signing
from engine.models.card import ModelCard
from engine.storage import write_with

CARD_KEY = "netsmith"
_METADATA = "metadata.json"


def write_keras(model: keras.Model, card: ModelCard, path: Path) -> None:
    """Write the model to ``path`` (``.keras``) atomically, in a form that plain Keras opens.

    The card is in the archive's ``metadata.json`` under ``"netsmith"``. Optimizer and loss of a
    compiled model are included, so that training can continue.

    Raises
    ------
    JobFailed
        If writing fails; an existing file is unchanged and no temporary file remains.
    """
    write_with(path, lambda temporary: fill_keras(model, card, temporary))


def fill_keras(model: keras.Model, card: ModelCard, path: Path) -> None:
    """Write the model and its card to the new file ``path``; OSError if that fails."""
    # Keras requires the suffix; `storage.sweep` recognises the name by it.
    bare = path.with_name(f"{path.name}.bare.keras")
    try:
        keras.saving.save_model(model, bare)
        with zipfile.ZipFile(bare) as source, zipfile.ZipFile(path, "w") as target:
            for entry in source.infolist():
                if entry.filename == _METADATA:
                    metadata = {**json.loads(source.read(entry)), CARD_KEY: card.to_values()}
                    target.writestr(entry, json.dumps(metadata))
                else:
                    _copy(source, entry, target)
    finally:
        bare.unlink(missing_ok=True)


def fill_saved_model(model: keras.Model, card: ModelCard, path: Path) -> None:
    """Write the model as the new SavedModel folder ``path``, card in ``assets.extra``.

    ``serve`` takes the input, or the list of inputs, and runs in inference mode.
    """
    archive = keras.export.ExportArchive()
    archive.track(model)

    # `model.export` would trace augmentation layers in training mode.
    def serve(inputs: Any) -> Any:
        return model(inputs, training=False)

    specs = [
        keras.InputSpec(shape=tensor.shape, dtype=tensor.dtype, name=tensor.name)
        for tensor in model.inputs
    ]
    archive.add_endpoint("serve", serve, input_signature=specs if len(specs) == 1 else [specs])
    archive.write_out(str(path), verbose=False)
    extra = path / "assets.extra"
    extra.mkdir()
    (extra / "netsmith.json").write_text(card.to_json(), encoding="utf-8")


def seal_saved_model(model: keras.Model, card: ModelCard, path: Path, key: bytes) -> None:
    """Sign the folder that `fill_saved_model` wrote, so that this user can open it as a network again.

    The seal contains the description and the place of each layer's weights in the checkpoint, trainable ones first.
    OSError if writing fails.
    """
    places = {id(variable): number for number, variable in enumerate(model.variables)}
    weights = {
        layer.name: [
            f"variables/{places[id(variable)]}/.ATTRIBUTES/VARIABLE_VALUE"
            for variable in (*layer.trainable_weights, *layer.non_trainable_weights)
        ]
        for layer in model.layers
        if layer.weights
    }
    content = {
        "config": json.loads(model.to_json()),
        "card": card.to_values(),
        "keras_version": keras.__version__,
        "weights": weights,
    }
    signing.write_seal(path, content, key)


def fill_weights(model: keras.Model, card: ModelCard, path: Path) -> None:
    """Write the weights to the new file ``path``, with the card as the root's attribute ``netsmith``."""
    model.save_weights(path)
    with h5py.File(path, "r+") as stored:
        stored.attrs[CARD_KEY] = card.to_json()


def _copy(source: zipfile.ZipFile, entry: zipfile.ZipInfo, target: zipfile.ZipFile) -> None:
    """Copy one member in pieces, as weights may be larger than the free memory."""
    copied = zipfile.ZipInfo(entry.filename, entry.date_time)
    copied.file_size = entry.file_size  # selects the 64-bit format in advance
    with source.open(entry) as reader, target.open(copied, "w") as writer:
        shutil.copyfileobj(reader, writer, 1024 * 1024)
