"""Recognise files of other programs, and say what to do with each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from engine.errors import BadInput, UnsafeFile

MOST_BYTES: Final = 512  # read from the start of a file
_ASK: Final = "ask its author for a .keras, .h5 or .onnx file"
_PYTORCH: Final = "it is a PyTorch file, which is a program: have it exported to .onnx"
_PICKLE: Final = f"it is a Python pickle, which is a program: {_ASK}"
_TENSORFLOW_JS: Final = "it is a TensorFlow.js model: convert it to .h5 with tensorflowjs_converter"
# Place and bytes -> what the file is.
_MARKS: Final[Mapping[tuple[int, bytes], str]] = {
    (0, b"version https://git-lfs"): (
        'it is only a pointer of Git LFS: fetch the file itself with "git lfs pull"'
    ),
    (4, b"TFL3"): f"it is a TensorFlow Lite model, made for phones: {_ASK}",
    (4, b"ORTM"): "it is ONNX Runtime's own format: ask for the .onnx file that it was made from",
    (0, b"GGUF"): f"it is a GGUF language model: {_ASK}",
    (8, b'{"'): f"it is a safetensors file, weights without a network: {_ASK}",
    (0, b"\x93NUMPY"): "it is a NumPy array, data and no model: open it as data",
    (0, b"\x1f\x8b"): "it is packed with gzip: unpack it first",
    (0, b"7z\xbc\xaf"): "it is packed with 7-Zip: unpack it first",
    (0, b"Rar!"): "it is packed with RAR: unpack it first",
    (257, b"ustar"): "it is a tar archive: unpack it first",
}
_PICKLE_STARTS: Final = tuple(b"\x80" + bytes([version]) for version in range(2, 6))
_PAGE: Final = (b"<!doctype html", b"<html")
# Ending of a member's name -> what the archive is.
_MEMBERS: Final[Mapping[str, str]] = {
    "data.pkl": _PYTORCH,
    ".npy": "it is a NumPy archive, data and no model: open it as data",
    ".keras": "it is an archive around a model: unpack it first",
    ".h5": "it is an archive around a model: unpack it first",
    ".onnx": "it is an archive around a model: unpack it first",
    "saved_model.pb": "it is an archive around a SavedModel, which is a program: "
    "ask for a .keras file",
}
_TENSORFLOW_JS_MARKS: Final = (b"modelTopology", b"layers-model", b"graph-model")
_NOT_INSIDE: Final = "model.weights.h5"
# A file in a folder -> what the folder is.
_FOLDERS: Final[Mapping[str, str]] = {
    "model.json": _TENSORFLOW_JS,
    "pytorch_model.bin": "it is a folder of a PyTorch model: have it exported to .onnx",
    "model.safetensors": "it is a folder of a PyTorch model: have it exported to .onnx",
    "config.json": "it is the folder of a model: choose the .keras, .h5 or .onnx file in it",
    "checkpoint": f"it is a checkpoint of TensorFlow, weights without a network: {_ASK}",
}


def file_refusal(start: bytes) -> BadInput:
    """Return the error for a file that is no Keras or ONNX model, by its first bytes."""
    for (place, mark), words in _MARKS.items():
        if start[place : place + len(mark)] == mark:
            return BadInput(words)
    if start.startswith(_PICKLE_STARTS):
        return UnsafeFile(_PYTORCH if b"torch" in start else _PICKLE)
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.lower().startswith(_PAGE):
        return BadInput("it is a web page and not the model: download the file itself")
    if text.startswith(b"{"):
        if any(mark in text for mark in _TENSORFLOW_JS_MARKS):
            return BadInput(_TENSORFLOW_JS)
        if b'"class_name"' in text:
            return BadInput("it describes a network without its weights: save the whole model")
    return BadInput("it is no Keras or ONNX model: choose a .keras, .h5 or .onnx file")


def refuse_other_archive(names: Iterable[str]) -> None:
    """Refuse an archive of another program by the names of its members; do nothing if it is not recognised.

    Raises
    ------
    BadInput
        Names the format.
    """
    held = [name for name in names if not name.endswith(_NOT_INSIDE)]
    for ending, words in _MEMBERS.items():
        if any(name.endswith(ending) for name in held):
            raise (UnsafeFile if words is _PYTORCH else BadInput)(words)


def folder_refusal(folder: Path) -> BadInput:
    """Return the error for a folder that is no SavedModel."""
    for name, words in _FOLDERS.items():
        if (folder / name).is_file():
            return BadInput(words)
    return BadInput("it is no file: choose a .keras, .h5 or .onnx file")
