import numpy as np
import pytest

from engine.data import columns
from engine.data.column_array import ColumnArray, of_parts, selected
from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Part, Statistics
from engine.data.preview import preview
from engine.data.sample_parts import digests


class Counting:
    """A column that notes what is read."""

    def __init__(self, array):
        self.array, self.shape, self.dtype, self.read = array, array.shape[1:], array.dtype, []

    def __len__(self):
        return len(self.array)

    def take(self, rows):
        self.read.append(rows.tolist())
        return self.array[rows]


@pytest.fixture
def column():
    return Counting(np.arange(24, dtype=np.uint8).reshape(6, 2, 2))


def test_it_looks_like_its_array_and_reads_nothing(column):
    array, x = column.array, ColumnArray(column)
    for name in ("shape", "dtype", "ndim", "size", "itemsize", "nbytes"):
        assert getattr(x, name) == getattr(array, name), name
    assert len(x) == 6
    assert column.read == []


@pytest.mark.parametrize(
    "index",
    [
        0,
        -1,
        np.int64(2),
        slice(1, 3),
        slice(None, None, 2),
        slice(5, 2),
        np.array([4, 0, 4]),
        [1, 2],
    ],
)
def test_indexing_reads_what_is_asked_for(column, index):
    assert np.array_equal(ColumnArray(column)[index], column.array[index])
    assert sum(map(len, column.read)) <= 3


def test_a_part_stays_unread_until_it_is_indexed(column):
    x = selected(ColumnArray(column, np.array([5, 3, 1])), np.array([2, 0]))
    assert x.shape == (2, 2, 2)
    assert column.read == []
    assert np.array_equal(x[0], column.array[1])
    assert column.read == [[1]]
    assert np.array_equal(np.asarray(x), column.array[[1, 5]])
    assert np.asarray(x, np.float32).dtype == np.float32


def test_of_an_array_an_array(column):
    assert np.array_equal(selected(column.array, np.array([2, 0])), column.array[[2, 0]])


def test_an_index_that_is_not_there(column):
    with pytest.raises(IndexError):
        ColumnArray(column)[6]


def test_a_view_without_reading_is_refused(column):
    with pytest.raises(ValueError, match="without being read"):
        np.asarray(ColumnArray(column), copy=False)


def test_samples_of_several_parts_stay_unread(column):
    parts = [ColumnArray(column, np.array(rows)) for rows in ([4, 5], [0], [2, 1])]
    x = of_parts(parts, [3, 0, 2])
    assert column.read == []
    assert np.array_equal(x[:], column.array[[2, 4, 0]])


def test_samples_of_parts_of_different_origin_are_read(column):
    parts = [ColumnArray(column, np.array([4, 5])), column.array[:1]]
    assert np.array_equal(of_parts(parts, [2, 0]), column.array[[0, 4]])


# ---- Whoever looks at all samples looks at few at a time ----


@pytest.mark.parametrize("most", [1, 7, 2**25])
def test_figures_of_unread_samples(column, monkeypatch, most):
    for name in ("_CHUNK_NUMBERS", "_BYTES"):
        monkeypatch.setattr(columns, name, most)
    found = columns.columns_of(ColumnArray(column))
    whole = column.array.reshape(-1, 2)
    assert found.mean.tolist() == whole.mean(axis=0).tolist()
    assert found.variance == pytest.approx(whole.var(axis=0))
    assert (found.low.tolist(), found.high.tolist()) == ([0, 1], [22, 23])
    assert max(map(len, column.read)) == {1: 1, 7: 1, 2**25: 6}[most]


@pytest.mark.parametrize("low", [0, 3])
def test_figures_of_bytes_are_those_of_numbers(low):
    x = np.random.default_rng(0).integers(low, 256 - low, (50, 4, 3, 3)).astype(np.uint8)
    x[..., 2] = 7
    counted, summed = columns.columns_of(x), columns.columns_of(x.astype(np.float32))
    for name in ("mean", "low", "high"):
        assert np.array_equal(getattr(counted, name), getattr(summed, name)), name
    np.testing.assert_allclose(counted.variance, summed.variance, rtol=1e-12)
    assert counted.is_constant.tolist() == [False, False, True]


def test_digests_are_those_of_the_array(column):
    y = np.arange(6, dtype=np.int32)
    labels = tuple("abcdef")
    expected = digests([column.array], [y], [labels])
    assert np.array_equal(digests([ColumnArray(column)], [y], [labels]), expected)


def test_the_preview_of_unread_samples(column):
    info = DataInfo.single(
        "x", "X", "picture", "classification", (2, 2, 1), ("a", "b"), "uint8", (0.0, 255.0)
    )
    column = Counting(column.array[..., None])
    y = np.array([0, 1, 0, 1, 0, 1], np.int32)
    statistics = Statistics(np.zeros(1), np.ones(1))

    def shown(x):
        part = Part(x, y)
        nothing = Part(x[:0], y[:0])
        return preview(LoadedData(info, part, nothing, nothing, statistics), count=4)

    unread, held = shown(ColumnArray(column)), shown(column.array)
    assert (unread.minimum, unread.maximum, unread.mean) == (0.0, 23.0, 11.5)
    assert (held.minimum, held.maximum, held.mean) == (0.0, 23.0, 11.5)
    assert len(unread.pictures) == 4
    assert all(np.array_equal(*pair) for pair in zip(unread.pictures, held.pictures, strict=True))
