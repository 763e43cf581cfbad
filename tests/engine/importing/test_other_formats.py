"""Files that are no Keras or ONNX model: each is named, with the next step."""

import gzip
import io
import pickle
import zipfile

import h5py
import numpy as np
import pytest

from engine.errors import LONGEST_MESSAGE, BadInput, UnsafeFile
from engine.importing.opener import open_model
from tests.engine.importing.crafting import (
    dense,
    functional,
    h5_file,
    input_layer,
    keras_file,
    layer,
)


def _zip(*names):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, b"content")
    return content.getvalue()


FILES = {
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
    "PyTorch": (_zip("net/data.pkl", "net/data/0"), "PyTorch"),
    "old PyTorch": (pickle.dumps({"torch": 1}), "PyTorch"),
    "a pickle": (pickle.dumps([1, 2]), "pickle"),
    "TFLite": (b"\x1c\x00\x00\x00TFL3" + bytes(40), "TensorFlow Lite"),
    "TFLite as ONNX begins": (b"\x08\x00\x00\x00TFL3" + bytes(40), "TensorFlow Lite"),
    "ONNX Runtime": (b"\x18\x00\x00\x00ORTM" + bytes(40), "made from"),
    "ONNX Runtime as ONNX begins": (b"\x08\x00\x00\x00ORTM" + bytes(40), "made from"),
    "safetensors": (b"\x40" + bytes(7) + b'{"weight": {}}', "safetensors"),
    "GGUF": (b"GGUF" + bytes(40), "GGUF"),
    "an array": (b"\x93NUMPY\x01\x00", "NumPy array"),
    "arrays": (_zip("x.npy", "y.npy"), "NumPy archive"),
    "packed": (gzip.compress(b"x"), "gzip"),
    "an archive around": (_zip("download/model.keras"), "unpack it first"),
    "a page": (b"\n<!DOCTYPE html><html>", "web page"),
    "a description": (b'{"class_name": "Sequential"}', "without its weights"),
    "TensorFlow.js": (b'{"format": "layers-model", "modelTopology": {}}', "TensorFlow.js"),
    "nothing known": (b"abcdefgh", "choose a .keras, .h5 or .onnx file"),
}


def _refusal(path):
    with pytest.raises(BadInput) as refusal:
        open_model(path)
    message = str(refusal.value)
    assert len(message) <= LONGEST_MESSAGE
    assert not message.endswith("…")
    return refusal.value


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_named_with_the_next_step(name, tmp_path):
    content, words = FILES[name]
    path = tmp_path / "a long name of a model.keras"
    path.write_bytes(content)
    assert words in str(_refusal(path))


@pytest.mark.parametrize(
    ("name", "words"),
    [("model.json", "tensorflowjs_converter"), ("config.json", "choose the .keras")],
)
def test_a_folder_is_named_too(name, words, tmp_path):
    (tmp_path / name).write_text("{}")
    assert words in str(_refusal(tmp_path))


def test_hdf5_without_a_network_tells_weights_from_data(tmp_path):
    with h5py.File(tmp_path / "x.weights.h5", "w") as file:
        file["layers/dense/vars/0"] = np.zeros(3)
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"] = np.zeros(3)
    assert 'Load Weights, or "train --weights"' in str(_refusal(tmp_path / "x.weights.h5"))
    assert "open it as data" in str(_refusal(tmp_path / "data.h5"))


# ---- The worst is said first ----


def _damage(weights):
    weights.attrs["layer_names"] = [b"missing"]


def _lambda_behind(first):
    last = layer("Lambda", "evil", {"function": "x"}, source=first["name"])
    return functional(input_layer(), first, last)


def test_code_is_said_before_anything_else(tmp_path):
    odd = {**dense("odd"), "inbound_nodes": [{"args": [], "kwargs": {"training": True}}]}
    for path in (
        keras_file(tmp_path / "call.keras", _lambda_behind(odd)),
        keras_file(tmp_path / "weights.keras", _lambda_behind(dense()), weights=b"damaged"),
        h5_file(tmp_path / "weights.h5", _lambda_behind(dense()), fill=_damage),
    ):
        refusal = _refusal(path)
        assert isinstance(refusal, UnsafeFile)
        assert "Lambda" in str(refusal)


def test_a_class_of_the_author_is_called_so(tmp_path):
    own = layer("Gate", "gate", {}, module="my_layers", registered="my_layers>Gate", source="input")
    refusal = _refusal(keras_file(tmp_path / "own.keras", functional(input_layer(), own)))
    assert "its author's own program: ask for a model of Keras's own layers" in str(refusal)
