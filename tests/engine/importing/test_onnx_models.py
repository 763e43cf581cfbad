"""ONNX files: answers as those of ONNX Runtime, one sentence for what no layer does, nothing for hostile ones."""

import contextlib
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LONGEST_MESSAGE, BadInput
from engine.importing.onnx import file
from engine.importing.opener import open_model, restore
from tests.engine.importing import onnx_writing as write

FOLDER = Path(__file__).resolve().parents[2] / "data" / "onnx_models"
FILES = sorted(path.name for path in FOLDER.glob("*.onnx"))
_LAST = {"channels_last"}  # files whose own pictures have their channels last


def _ours(array, name):
    return array if name in _LAST or array.ndim < 3 else np.moveaxis(array, 1, -1)


def _layers(path):
    return [layer.kind for layer in open_model(path).network.layers]


def test_the_collection_is_there_and_its_files_are_small():
    assert len(FILES) >= 8
    assert max((FOLDER / name).stat().st_size for name in FILES) < 60_000


@pytest.mark.parametrize("name", FILES)
def test_a_file_answers_as_onnx_runtime(name):
    stem = name.removesuffix(".onnx")
    with np.load(FOLDER / f"{name}.npz") as stored:
        xs = [_ours(stored[key], stem) for key in sorted(stored) if key.startswith("x")]
        ys = [_ours(stored[key], stem) for key in sorted(stored) if key.startswith("y")]
    model = restore(open_model(FOLDER / name))
    answers = model(xs if len(xs) > 1 else xs[0], training=False)
    answers = answers if isinstance(answers, (list, tuple)) else [answers]
    assert len(answers) == len(ys)
    for answer, wanted in zip(answers, ys, strict=True):
        assert np.ptp(wanted) > 1e-3
        np.testing.assert_allclose(np.asarray(answer), wanted, rtol=1e-4, atol=1e-4)


def test_activations_become_part_of_the_layers_before_them():
    assert _layers(FOLDER / "picture.onnx") == [
        "InputLayer", "Conv2D", "MaxPooling2D", "Conv2D", "Flatten", "Dense",
    ]  # fmt: skip


def test_turning_a_picture_around_takes_no_layer():
    assert "Permute" not in _layers(FOLDER / "channels_last.onnx")


def _opened(tmp_path, content):
    path = tmp_path / "made.onnx"
    path.write_bytes(content)
    return open_model(path)


def test_numbers_may_be_packed_in_a_list_or_half_as_long(tmp_path):
    half = np.arange(6, dtype=np.float16).reshape(3, 2)
    nodes = [write.node("MatMul", ["x", "w"], ["a"]), write.node("Add", ["a", "b"], ["y"])]
    listed = write.whole(1, 2) + write.whole(2, 1) + write.part(8, "b")
    listed += write.single(4, 0.5) + write.part(4, np.float32(-1).tobytes())
    content = write.model(write.graph(nodes, [write.tensor("w", half), listed]))
    opened = _opened(tmp_path, content)
    assert [layer.kind for layer in opened.network.layers] == ["InputLayer", "Dense"]
    np.testing.assert_array_equal(opened.weights["dense/0"], half.astype(np.float32))
    np.testing.assert_array_equal(opened.weights["dense/1"], [0.5, -1])


KERNEL = write.tensor("w", np.ones((3, 2), np.float32))
FILTER = write.tensor("f", np.ones((2, 1, 3, 3), np.float32))
PICTURE = (("x", (None, 1, 8, 8)),)
REFUSED = {
    "an unknown operator": (
        write.graph([write.node("TopK", ["x", "w"], ["y"])], [KERNEL]),
        'operator "TopK", which Netsmith does not open',
    ),
    "somebody's own operator": (
        write.graph([write.node("Gemm", ["x", "w"], ["y"], domain="com.me")], [KERNEL]),
        '"com.me.Gemm", which is not one of ONNX',
    ),
    "a kernel that does not fit": (
        write.graph([write.node("Gemm", ["x", "w"], ["y"])], [KERNEL], [("x", (None, 4))]),
        '"Gemm" has a kernel that does not fit',
    ),
    "a kernel that is computed": (
        write.graph([write.node("Gemm", ["x", "x"], ["y"])]),
        "takes weights that are not in the file",
    ),
    "padding beyond its window": (
        write.graph([write.node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], pads=[2, 1, 1, 1])], (), PICTURE),
        '"MaxPool" has pads = [2, 1, 1, 1]',
    ),
    "a reshape across samples": (
        write.graph(
            [write.node("Reshape", ["x", "s"], ["y"])], [write.tensor("s", np.array([5, -1]))], PICTURE
        ),
        "mixes samples",
    ),
    "an input without a shape": (
        write.graph([write.node("Relu", ["x"], ["y"])], (), [("x", ())]),
        "has no shape",
    ),
    "a division by zero": (
        write.graph(
            [write.node("Div", ["x", "z"], ["y"])], [write.tensor("z", np.zeros((), np.float32))]
        ),
        "divides by zero",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_layer_does_is_refused_in_one_sentence(name, tmp_path):
    content, words = REFUSED[name]
    with pytest.raises(BadInput) as refusal:
        _opened(tmp_path, write.model(content))
    assert words in str(refusal.value)
    assert len(str(refusal.value)) <= LONGEST_MESSAGE


ONES = np.ones((3, 2), np.float32)
GEMM = [write.node("Gemm", ["x", "w"], ["y"])]
HOSTILE = {
    "cut": write.dense()[:-9],
    "nothing but a version": write.whole(1, 8),
    "no opset": write.whole(1, 8) + write.part(7, write.graph(GEMM, [KERNEL])),
    "two graphs": write.dense() + write.part(7, b""),
    "a claim of 2 GB": write.model(write.graph(GEMM, [write.tensor("w", ONES, dims=(2**15, 2**14))])),
    "a claim of 2**62 numbers": write.model(write.graph(GEMM, [write.tensor("w", ONES, dims=(2**62, 4))])),
    "a size below zero": write.model(write.graph(GEMM, [write.tensor("w", ONES, dims=(-3, -2))])),
    "nothing of huge sizes": write.model(
        write.graph(GEMM, [write.tensor("w", np.ones((0,), np.float32), dims=(0, 2**30, 2**30))])
    ),
    "numbers elsewhere": write.model(
        write.graph(GEMM, [write.tensor("w", ONES, more=write.part(13, write.part(1, "location")))])
    ),
    "a circle": write.model(
        write.graph(
            [write.node("Relu", ["b"], ["a"]), write.node("Relu", ["a"], ["b"]), write.node("Add", ["a", "x"], ["y"])]
        )
    ),
    "too many nodes": write.model(write.graph([write.node("Relu", ["x"], ["y"])] * 60_000)),
    "a length beyond the end": write.whole(1, 8) + b"\x3a\xff\xff\xff\xff\x7f",
    "an endless number": b"\x08" + b"\xff" * 1000,
    "words instead of numbers": write.model(write.graph(GEMM, [write.whole(2, 8) + write.part(8, "w")])),
    "the same name twice": write.model(write.graph(GEMM, [KERNEL, KERNEL])),
    "one kernel for every layer": write.model(
        write.graph(
            [
                write.node("Gemm", [f"t{n}" if n else "x", "w"], [f"t{n + 1}" if n < 99 else "y"])
                for n in range(100)
            ],
            [write.tensor("w", np.ones((300, 300), np.float32))],
            [("x", (None, 300))],
        )
    ),
    "huge filters": write.model(
        write.graph([write.node("Conv", ["x", "f"], ["y"], strides=[2**40, 0])], [FILTER], PICTURE)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(name, tmp_path):
    with pytest.raises(BadInput) as refusal:
        restore(_opened(tmp_path, HOSTILE[name]))
    assert len(str(refusal.value)) <= LONGEST_MESSAGE


def _graph(content):
    return write.whole(1, 8) + write.part(8, write.whole(2, 17)) + write.part(7, content)


EXCESS = {  # what there is too much of -> the graph, and how many numbers are read at the most
    "nodes": (b"\x0a\x00" * 60_000, 110_000),
    "fields that nobody knows": (b"\xfa\x7f\x00" * 1_100_000, 2_000_100),
    "attributes": (write.part(1, b"\x2a\x00" * 60_000), 110_000),
    "names": (write.part(1, b"\x0a\x00" * 60_000), 110_000),
    "axes": (write.part(5, write.part(1, bytes(100_000))), 50),
    "numbers of no axes": (write.part(5, write.whole(2, 7) + write.part(7, bytes(100_000))), 50),
    "numbers of an attribute": (
        write.part(1, write.part(5, write.part(8, bytes(100_000)))),
        50_050,
    ),
}


@pytest.mark.parametrize("name", EXCESS)
def test_reading_stops_at_the_first_excess(name, monkeypatch):
    content, most = EXCESS[name]
    read, reads = file._varint, itertools.count()
    monkeypatch.setattr(file, "_varint", lambda *args: (next(reads), read(*args))[1])
    with pytest.raises((file.RefusedError, ValueError)):
        file.read(_graph(content))
    assert next(reads) <= most


@given(st.data())
def test_no_damage_surprises_the_reader(data):
    content = bytearray((FOLDER / "two_ends.onnx").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(0, len(content)))])
    arrays = []
    with contextlib.suppress(file.RefusedError, ValueError, IndexError):
        _, arrays = file.read(cut)
    assert sum(map(len, arrays)) <= len(cut)
