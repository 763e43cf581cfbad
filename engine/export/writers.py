"""Writers of exported files: each fills a path that does not exist yet, card included."""

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
    """Replace ``path`` (``.keras``) by the model in one step; plain Keras opens it, card and all.

    The card lies in the archive's ``metadata.json`` under ``"netsmith"``. Optimizer and loss of a
    compiled model are kept, so that training can go on.

    Raises
    ------
    JobFailed
        If the disk refuses; an older file is untouched and no temporary file remains.
    """
    write_with(path, lambda temporary: fill_keras(model, card, temporary))


def fill_keras(model: keras.Model, card: ModelCard, path: Path) -> None:
    """Write the model and its card to the new file ``path``; OSError if the disk refuses."""
    # Keras writes an archive of its own; the suffix keeps the name one that `storage.sweep` knows.
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

    ``serve`` takes the input, or the list of inputs, and answers as in use, not as in training.
    """
    archive = keras.export.ExportArchive()
    archive.track(model)

    # `model.export` would trace random flips and the like as they act in training.
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
    """Seal the folder that `fill_saved_model` wrote, so that this user's Netsmith opens it as a network again.

    Beside the description the seal holds where in the checkpoint the weights of each layer are, those that training
    changes first. OSError if the disk refuses.
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
    """Write the weights to the new file ``path``, card as the root's attribute ``netsmith``."""
    model.save_weights(path)
    with h5py.File(path, "r+") as stored:
        stored.attrs[CARD_KEY] = card.to_json()


def _copy(source: zipfile.ZipFile, entry: zipfile.ZipInfo, target: zipfile.ZipFile) -> None:
    """Copy one member in pieces: weights may be larger than what is free in memory."""
    copied = zipfile.ZipInfo(entry.filename, entry.date_time)
    copied.file_size = entry.file_size  # decides on the 64-bit form before anything is written
    with source.open(entry) as reader, target.open(copied, "w") as writer:
        shutil.copyfileobj(reader, writer, 1024 * 1024)
