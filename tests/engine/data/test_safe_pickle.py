import os
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.safe_pickle import read_objects

whole = st.integers(-(2**31), 2**31 - 1)
leaves = st.one_of(
    whole, st.integers(-(2**80), 2**80), st.floats(allow_nan=False), st.text(max_size=20),
    st.booleans(), st.none(),
)  # fmt: skip
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=6),
        st.dictionaries(st.text(max_size=5), inner, max_size=4),
        st.tuples(inner, inner),
        st.tuples(inner, inner, inner, inner),
    ),
    max_leaves=20,
)


@given(values, st.integers(2, 5))
def test_plain_values_are_read_as_they_are(value, protocol):
    assert read_objects(pickle.dumps(value, protocol=protocol)) == value


@given(st.lists(st.lists(whole, max_size=30), min_size=1, max_size=8), st.integers(3, 5))
def test_arrays_of_lists_come_as_lists(texts, protocol):
    array = np.empty(len(texts), object)
    array[:] = texts
    assert read_objects(pickle.dumps(array, protocol=protocol)) == texts


@pytest.mark.parametrize("protocol", [3, 4])
def test_a_batch_like_those_of_cifar(protocol):
    pixels = np.arange(60, dtype=np.uint8).reshape(5, 12)
    batch = {b"data": pixels, b"labels": [3, 1, 2, 300, 70_000], b"name": b"batch"}
    read = read_objects(pickle.dumps(batch, protocol=protocol))
    assert np.array_equal(read[b"data"], pixels)
    assert read[b"labels"] == batch[b"labels"]


def _short(text):
    return b"U" + bytes([len(text)]) + text


def test_a_batch_that_python_2_wrote():
    """The official CIFAR files: texts are bytes, and NumPy's core has its old name."""
    numbers = bytes(range(24))
    array = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85U\x01btR(K\x01K\x02K\x0c\x86"
    array += b"cnumpy\ndtype\n(" + _short(b"u1") + b"K\0K\x01tR(K\x03" + _short(b"|") + b"NNN"
    array += b"J" + struct.pack("<i", -1) + b"J" + struct.pack("<i", -1) + b"K\0tb\x89"
    array += _short(numbers) + b"tb"
    stream = b"\x80\x02}(" + _short(b"data") + array + _short(b"labels") + b"](K\x03K\x01eu."
    read = read_objects(stream)
    assert read[b"data"].dtype == np.uint8
    assert read[b"data"].tolist() == [list(range(12)), list(range(12, 24))]
    assert read[b"labels"] == [3, 1]


@pytest.mark.parametrize("dtype", ["<i4", ">i4", "<f8", "|u1"])
def test_numbers_keep_their_order_and_layout(dtype):
    array = np.asfortranarray(np.arange(6).reshape(2, 3).astype(dtype))
    assert np.array_equal(read_objects(pickle.dumps(array, protocol=3)), array)


class Trap:
    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_what_a_pickle_names_is_refused_by_name_and_not_called(tmp_path, protocol):
    marker = tmp_path / "ran"
    with pytest.raises(ValueError, match=rf"{os.mkdir.__module__}\.mkdir"):
        read_objects(pickle.dumps([1, Trap(marker)], protocol=protocol))
    assert not marker.exists()


@pytest.mark.parametrize(
    ("stream", "name"),
    [
        (b"cbuiltins\neval\n(U\x011tR.", r"builtins\.eval"),
        (b"(ios\nsystem\n.", r"os\.system"),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", r"os\.system"),
        (b"\x80\x04\x8c\x05numpy\x8c\x0bsave.system\x93.", r"numpy\.save\.system"),
        (b"cnumpy\nload\n.", r"numpy\.load"),
    ],
)
def test_every_way_to_name_something_is_refused(stream, name):
    with pytest.raises(ValueError, match=name):
        read_objects(stream)


@pytest.mark.parametrize(
    "stream", [b"", b"\x80\x04\x85.", b"\x80\x04K", b"i", b"\x80\x02\x82\x01."]
)
def test_damaged_pickles_are_refused(stream):
    with pytest.raises(ValueError, match=r"pickle|extension"):
        read_objects(stream)


@given(values, st.data())
def test_cut_pickles_are_refused(value, data):
    stream = pickle.dumps(value, protocol=4)
    with pytest.raises(ValueError, match=r"\w"):
        read_objects(stream[: data.draw(st.integers(0, len(stream) - 1))])
