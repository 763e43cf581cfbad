import numpy as np
import pytest

from engine.data.column_array import ColumnArray, selected


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
