import gzip
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from engine.data.idx import read_idx
from engine.errors import LONGEST_MESSAGE, BadInput, Cancelled
from tests.engine.data.idx_files import CODES, idx_bytes

arrays = npst.arrays(
    st.sampled_from([np.dtype(code) for code in CODES]), npst.array_shapes(max_dims=4, max_side=5)
)


@given(array=arrays, zipped=st.booleans())
def test_what_was_written_is_read(tmp_path_factory, array, zipped):
    path = tmp_path_factory.mktemp("idx") / "any-images-idx3-ubyte"
    content = idx_bytes(array)
    path.write_bytes(gzip.compress(content) if zipped else content)
    read = read_idx(path)
    assert read.dtype == array.dtype
    assert np.array_equal(read, array, equal_nan=array.dtype.kind == "f")


GOOD = idx_bytes(np.arange(24, dtype=np.uint8).reshape(2, 3, 4))
BROKEN = {
    "empty": (b"", "not an IDX file"),
    "text": (b"hello, I am text", "not an IDX file"),
    "text named .gz": (b"<html>not found</html>", "not an IDX file"),
    "unknown type": (b"\0\0\x07\x03" + GOOD[4:], "not an IDX file"),
    "no axes": (b"\0\0\x08\x00", "axes"),
    "200 axes": (b"\0\0\x08\xc8" + b"\0" * 800, "axes"),
    "cut in the sizes": (GOOD[:9], "cut off"),
    "cut in the numbers": (GOOD[:-1], "cut off"),
    "longer than declared": (GOOD + b"\0", "longer"),
    "cut gzip": (gzip.compress(GOOD)[:-9], "cut off"),
    "bad gzip": (b"\x1f\x8b\x08" + b"\xff" * 40, "cut off"),
    "gzip of text": (gzip.compress(b"hello"), "not an IDX file"),
    "16 exabytes": (b"\0\0\x08\x03" + struct.pack(">3I", *[2**32 - 1] * 3), "unpacks to far more"),
    "declares 3 GB": (
        gzip.compress(b"\0\0\x08\x03" + struct.pack(">3I", 3000, 1000, 1000) + b"\0" * 99),
        "unpacks to far more",
    ),
    "gzip bomb": (
        gzip.compress(idx_bytes(np.zeros(4, np.uint8)) + b"\0" * 20_000_000),
        "longer than it declares",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_refused_in_one_sentence(tmp_path, name):
    content, words = BROKEN[name]
    path = tmp_path / f"{'long' * 50}-ubyte.gz"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=words) as caught:
        read_idx(path)
    assert len(str(caught.value)) <= LONGEST_MESSAGE
    assert "longlong" in str(caught.value)


def test_reading_tells_its_progress_and_stops_when_asked(tmp_path):
    path = tmp_path / "x-ubyte"
    path.write_bytes(idx_bytes(np.zeros((3, 1024, 1024), np.uint8)))
    told = []
    read_idx(path, lambda *facts: told.append(facts))
    assert [done for _, done, _ in told] == [2**20, 2 * 2**20, 3 * 2**20]
    assert {total for _, _, total in told} == {3 * 2**20}
    asked = iter([False, True])
    with pytest.raises(Cancelled):
        read_idx(path, cancelled=lambda: next(asked))
