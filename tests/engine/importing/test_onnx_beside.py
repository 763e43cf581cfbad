"""Weights of an ONNX file in another file: read from its own folder alone, each byte once."""

import os

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from engine.errors import LONGEST_MESSAGE, BadInput, UnsafeFile
from engine.importing.onnx import external_data
from engine.importing.opener import open_model, restore
from tests.engine.importing.onnx_cases import w
from tests.engine.importing.onnx_reference import (
    SAMPLES,
    assert_same,
    model_of,
    node,
    normal,
    opened,
    reference,
)


def _beside(folder, location="made.onnx.data", **told):
    """Write a model whose kernel is in another file; return model, sample, and the file's bytes."""
    kernel = w(3, 4)
    model = model_of([node("Gemm", ["x", "k"], ["y"])], {"x": ["N", 3]}, {"k": kernel})
    (tensor,) = model.graph.initializer
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entries = {"location": location, "offset": 16, "length": kernel.nbytes, **told}
    for key, value in entries.items():
        if value is not None:
            tensor.external_data.add(key=key, value=str(value))
    (folder / "made.onnx").write_bytes(model.SerializeToString())
    return kernel, b"\0" * 16 + kernel.tobytes()


def test_weights_beside_the_file_are_read(tmp_path):
    kernel, content = _beside(tmp_path)
    (tmp_path / "made.onnx.data").write_bytes(content)
    path, array = tmp_path / "made.onnx", normal(SAMPLES, 3)
    made = open_model(path)
    np.testing.assert_array_equal(made.weights["dense/0"], kernel)
    assert_same(restore(made)(array), *reference(path, array))


def test_weights_beside_a_file_of_onnx_itself_are_read(tmp_path):
    nodes = [node("Gemm", ["x", "k", "b"], ["h"]), node("Mul", ["h", "s"], ["y"])]
    constants, array = {"k": w(3, 4), "b": w(4), "s": w(4)}, normal(SAMPLES, 3)
    model = model_of(nodes, {"x": ["N", 3]}, constants)
    wanted = reference(model, array)
    path = tmp_path / "model.onnx"
    onnx.save(model, path, save_as_external_data=True, location="numbers.bin", size_threshold=0)
    assert (tmp_path / "numbers.bin").stat().st_size > 0
    assert_same(restore(open_model(path))(array), *wanted)


def test_a_place_without_offset_and_length_is_the_whole_file(tmp_path):
    kernel, content = _beside(tmp_path, "./weights.bin", offset=None, length=None)
    (tmp_path / "weights.bin").write_bytes(content[16:])
    np.testing.assert_array_equal(open_model(tmp_path / "made.onnx").weights["dense/0"], kernel)


OUTSIDE = ["../made.onnx.data", "/etc/passwd", "folder/data", "..", ".", "", "a\\b", "C:data", "file:data"]  # fmt: skip


@pytest.mark.parametrize("location", OUTSIDE)
def test_weights_of_another_folder_are_refused(location, tmp_path):
    inner = tmp_path / "inner"
    (inner / "folder").mkdir(parents=True)
    _, content = _beside(inner, location)
    for path in (tmp_path / "made.onnx.data", inner / "folder" / "data"):
        path.write_bytes(content)
    with pytest.raises(UnsafeFile, match=r"weights point at another file on this computer"):
        open_model(inner / "made.onnx")


def test_a_place_outside_is_said_before_a_missing_file(tmp_path):
    model = model_of(
        [node("Gemm", ["x", "k", "b"], ["y"])], {"x": ["N", 3]}, {"k": w(3, 4), "b": w(4)}
    )
    for tensor, location in zip(model.graph.initializer, ("gone.data", "../b"), strict=True):
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=location)
    with pytest.raises(UnsafeFile, match=r"another file on this computer"):
        opened(tmp_path, model)


def test_a_missing_weights_file_is_named(tmp_path):
    _beside(tmp_path)
    with pytest.raises(BadInput) as refusal:
        open_model(tmp_path / "made.onnx")
    assert '"made.onnx.data", which is not beside it: put both into one folder' in str(
        refusal.value
    )
    assert len(str(refusal.value)) <= LONGEST_MESSAGE


@pytest.mark.skipif(os.name != "posix", reason="links and pipes")
@pytest.mark.parametrize("make", ["link", "hard link", "pipe", "folder"])
def test_only_plain_files_are_read(make, tmp_path):
    _, content = _beside(tmp_path)
    other, path = tmp_path / "other", tmp_path / "made.onnx.data"
    other.write_bytes(content)
    if make == "link":
        path.symlink_to(other)
    elif make == "hard link":
        path.hardlink_to(other)
    elif make == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(BadInput, match=r'"made.onnx.data".* is (a link|no file)'):
        open_model(tmp_path / "made.onnx")


@pytest.mark.parametrize(
    "told", [{"offset": 17}, {"offset": 2**62}, {"offset": -16}, {"length": 10**15}, {"length": 4}]
)
def test_a_place_beyond_the_file_is_refused(told, tmp_path):
    _, content = _beside(tmp_path, **told)
    (tmp_path / "made.onnx.data").write_bytes(content)
    with pytest.raises(BadInput, match=r"shorter than the model says|damaged"):
        open_model(tmp_path / "made.onnx")


def test_a_pointer_of_git_lfs_is_named(tmp_path):
    _beside(tmp_path)
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 64\n"
    (tmp_path / "made.onnx.data").write_bytes(pointer)
    with pytest.raises(BadInput, match=r'"made.onnx.data" is a Git LFS pointer'):
        open_model(tmp_path / "made.onnx")


def test_a_file_is_not_read_again_and_again(tmp_path):
    kernel = w(3, 3)
    nodes = [node("Gemm", [f"t{n}", f"k{n}"], [f"t{n + 1}"]) for n in range(4)]
    constants = {f"k{n}": kernel for n in range(4)}
    model = model_of(nodes, {"t0": ["N", 3]}, constants, outputs=("t4",))
    for tensor in model.graph.initializer:
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="data")
    (tmp_path / "data").write_bytes(kernel.tobytes())
    with pytest.raises(UnsafeFile, match=r"far more than its size"):
        opened(tmp_path, model)


def test_a_weights_file_that_is_too_large_is_refused(tmp_path, monkeypatch):
    _, content = _beside(tmp_path)
    (tmp_path / "made.onnx.data").write_bytes(content)
    monkeypatch.setattr(external_data, "LARGEST_BYTES", 32)
    with pytest.raises(UnsafeFile, match=r'"made.onnx.data" is larger than'):
        open_model(tmp_path / "made.onnx")
