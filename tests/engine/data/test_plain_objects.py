import os
import pickle

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


@pytest.mark.parametrize("dtype", ["<i4", ">i4", "<f8", "|u1"])
def test_numbers_keep_their_order_and_layout(dtype):
    array = np.asfortranarray(np.arange(6).reshape(2, 3).astype(dtype))
    assert np.array_equal(read_objects(pickle.dumps(array, protocol=3)), array)


class Trap:
    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_nothing_a_stream_names_is_called(tmp_path, protocol):
    marker = tmp_path / "ran"
    with pytest.raises(ValueError, match="plain data"):
        read_objects(pickle.dumps([1, Trap(marker)], protocol=protocol))
    assert not marker.exists()


@given(st.binary(max_size=200))
def test_nonsense_is_refused_or_plain(content):
    try:
        found = read_objects(b"\x80\x04" + content + b"?")
    except ValueError:
        return
    assert isinstance(found, (list, dict, tuple, int, float, str, bytes, bool, type(None)))


def test_a_tuple_of_more_than_there_is_is_refused():
    with pytest.raises(ValueError, match="plain data"):
        read_objects(b"\x80\x04\x85.")


@given(values, st.data())
def test_cut_streams_are_refused(value, data):
    stream = pickle.dumps(value, protocol=4)
    with pytest.raises(ValueError, match=r"\w"):
        read_objects(stream[: data.draw(st.integers(0, len(stream) - 1))])
