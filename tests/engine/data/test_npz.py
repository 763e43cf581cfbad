import contextlib
import io
import os
import pickle
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from engine.data.npz import read_npz
from engine.errors import LONGEST_MESSAGE, BadInput, UnsafeFile

plain = npst.arrays(
    st.one_of(
        npst.integer_dtypes(), npst.unsigned_integer_dtypes(), npst.boolean_dtypes(),
        npst.floating_dtypes(sizes=(16, 32, 64)),
    ),
    npst.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4),
)  # fmt: skip


@given(array=plain, fortran=st.booleans(), squeezed=st.booleans())
def test_what_numpy_saved_is_read(tmp_path_factory, array, fortran, squeezed):
    path = tmp_path_factory.mktemp("npz") / "a.npz"
    saved = np.asfortranarray(array) if fortran and array.ndim else array
    (np.savez_compressed if squeezed else np.savez)(path, first=saved, second=np.arange(3))
    read = read_npz(path)
    assert set(read) == {"first", "second"}
    assert read["first"].dtype == array.dtype.newbyteorder("=")
    assert np.array_equal(read["first"], array, equal_nan=array.dtype.kind == "f")


def npy(descr="'<f8'", shape="(2,)", fortran="False", numbers=b"\0" * 16, version=b"\x01\x00"):
    text = f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n".encode()
    length = struct.pack("<H" if version[0] == 1 else "<I", len(text))
    return b"\x93NUMPY" + version + length + text + numbers


def archive(path, members, **how):
    with zipfile.ZipFile(path, "w", **how) as target:
        for name, content in members:
            target.writestr(name, content)


class Trap:
    """Would make a folder if its pickle were ever loaded."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_pickled_objects_are_never_loaded(tmp_path):
    path, marker = tmp_path / f"{'e' * 60}.npz", tmp_path / "ran"
    objects = np.empty(1, object)
    objects[0] = Trap(marker)
    np.savez(path, y=np.arange(1), a_long_name_of_an_array=objects)
    with pytest.raises(UnsafeFile, match="could run code") as caught:
        read_npz(path)
    assert len(str(caught.value)) <= LONGEST_MESSAGE
    assert not marker.exists()


MEMBERS = {
    "raw pickle": (pickle.dumps([1]), "no NumPy array"),
    "text": (b"hello", "no NumPy array"),
    "huge header": (
        b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + b"x",
        "other things than numbers",
    ),
    "long header": (npy(descr="'<f8'" + " " * 20_000), "other things than numbers"),
    "a header of Unicode names": (npy(version=b"\x03\x00"), "other things than numbers"),
    "wide numbers": (npy(descr="'<f16'"), "other things than numbers"),
    "complex numbers": (npy(descr="'<c16'"), "other things than numbers"),
    "code for a type": (npy(descr="'<f8'.__class__"), "other things than numbers"),
    "text numbers": (npy(descr="'<U4'"), "other things than numbers"),
    "times": (npy(descr="'<M8[s]'"), "other things than numbers"),
    "records": (npy(descr="[('a', '<f8')]"), "other things than numbers"),
    "negative": (npy(shape="(-2,)"), "other things than numbers"),
    "more than stored": (npy(shape="(3,)"), "another amount"),
    "less than stored": (npy(shape="(1,)"), "another amount"),
    "far more than stored": (npy(shape="(99999999999, 99999999999)"), "another amount"),
    "nine axes": (npy(shape="(1, 1, 1, 1, 1, 1, 1, 1, 2)"), "another amount"),
    "deep brackets": (npy(shape="(" * 3000), "other things than numbers"),
}


@pytest.mark.parametrize("name", MEMBERS)
def test_broken_members_are_refused_in_one_sentence(tmp_path, name):
    content, words = MEMBERS[name]
    path = tmp_path / "some.npz"
    archive(path, [("x.npy", content)])
    with pytest.raises(BadInput, match=words) as caught:
        read_npz(path)
    assert len(str(caught.value)) <= LONGEST_MESSAGE


def test_a_header_that_python_2_wrote_is_read(tmp_path):
    path = tmp_path / "old.npz"
    archive(path, [("x.npy", npy(shape="(2L, 1L)"))])
    assert read_npz(path)["x"].tolist() == [[0.0], [0.0]]


def test_texts_are_read_only_where_they_are_wanted(tmp_path):
    path = tmp_path / "texts.npz"
    np.savez(path, y=np.array(["setosa", "ünlü"]), z=np.array([b"a", b"bc"]))
    with pytest.raises(BadInput, match="y holds other things than numbers"):
        read_npz(path)
    found = read_npz(path, texts=True)
    assert found["y"].tolist() == ["setosa", "ünlü"]
    assert found["z"].tolist() == [b"a", b"bc"]


def test_a_bomb_is_refused_before_it_unpacks(tmp_path):
    path = tmp_path / "bomb.npz"
    zeros = bytes(80_000_000)
    archive(
        path, [("x.npy", npy(shape="(10000000,)", numbers=zeros))],
        compression=zipfile.ZIP_DEFLATED,
    )  # fmt: skip
    assert path.stat().st_size < 200_000
    with pytest.raises(BadInput, match="unpacks to far more"):
        read_npz(path)


def test_a_member_that_lies_about_its_size_is_cut_there(tmp_path):
    path = tmp_path / "liar.npz"
    archive(path, [("x.npy", npy() + b"\1" * 64)])
    content = path.read_bytes()
    true, false = (struct.pack("<I", len(npy()) + extra) for extra in (64, 0))
    path.write_bytes(content.replace(true, false))
    with pytest.raises(BadInput, match="damaged"):
        read_npz(path)


def test_odd_archives_are_refused(tmp_path):
    path = tmp_path / "odd.npz"
    archive(path, [("../x.txt", b"")])
    with pytest.raises(BadInput, match="more than named arrays"):
        read_npz(path)
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive(path, [("x.npy", npy()), ("x.npy", npy())])
    with pytest.raises(BadInput, match="more than named arrays"):
        read_npz(path)
    many = io.BytesIO()
    archive(many, [(f"{i}.npy", b"") for i in range(2000)])
    path.write_bytes(many.getvalue())
    with pytest.raises(BadInput, match="damaged"):
        read_npz(path)


@given(st.data())
def test_mutated_archives_open_or_are_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("npz") / "m.npz"
    whole = {"x": np.arange(6.0), "y": np.arange(3)}
    np.savez_compressed(path, **whole)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    read = {}
    with contextlib.suppress(BadInput):
        read = read_npz(path)
    for values in read.values():  # each has its checksum; the names may have changed
        assert any(np.array_equal(values, one) for one in whole.values())
