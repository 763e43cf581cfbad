"""Parts of a data set: a column for each feature."""

import numpy as np
import pytest

from engine.data.column_array import ColumnArray
from engine.data.features import Feature
from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Part, Statistics

INFO = DataInfo(
    "own", "Own",
    inputs=(Feature("age", "number", (1,)), Feature("photo", "picture", (2, 2, 1), "uint8")),
    targets=(Feature("kind", "category", (), "int32", labels=("cat", "dog")), Feature("weight", "number", (1,))),
)  # fmt: skip


def _part(count=6):
    return Part(
        {"age": np.arange(count, dtype=np.float32)[:, None], "photo": np.zeros((count, 2, 2, 1), np.uint8)},
        {"kind": np.arange(count, dtype=np.int32) % 2, "weight": np.ones((count, 1), np.float32)},
    )  # fmt: skip


class Counted:
    """A column that counts how often it is read."""

    shape, dtype = (2, 2, 1), np.dtype(np.uint8)

    def __init__(self):
        self.reads = 0

    def __len__(self):
        return 6

    def take(self, rows):
        self.reads += 1
        return np.broadcast_to(
            np.asarray(rows, np.uint8)[:, None, None, None], (len(rows), 2, 2, 1)
        )


def test_columns_stand_under_the_names_of_their_features():
    part = _part()
    assert list(part.columns) == ["age", "photo", "kind", "weight"]
    assert part.x.shape == (6, 1)
    assert part.y.tolist() == [0, 1, 0, 1, 0, 1]


def test_arrays_are_the_one_input_and_target_and_take_the_names_of_a_set():
    x, y = np.zeros((3, 4)), np.zeros(3)
    part = Part(x, y)
    assert part.x is x
    info = DataInfo.single("own", "Own", "number", "classification", (4,), ("a",))
    assert list(part.named(info).columns) == ["number", "class"]


def test_rows_keep_every_column_in_step_and_read_nothing_from_disk():
    column = Counted()
    part = Part({"photo": ColumnArray(column)}, {"kind": np.arange(6, dtype=np.int32)})
    some = part.rows(np.array([4, 1]))
    assert column.reads == 0
    assert some.y.tolist() == [4, 1]
    assert some.x[:][:, 0, 0, 0].tolist() == [4, 1]


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"\[3, 4\]"):
        Part(np.zeros((3, 1)), np.zeros(4))


def test_every_column_tells_one_sample_from_another():
    def keys(**changed):
        part = _part()
        columns = {name: column.copy() for name, column in part.columns.items()}
        for name, value in changed.items():
            columns[name][2] = value
        whole = Part(
            {name: columns[name] for name in part.inputs},
            {name: columns[name] for name in part.targets},
        )
        statistics = Statistics(np.zeros(1), np.ones(1))
        return LoadedData(INFO, whole, _part(0), _part(0), statistics).parts.training.tolist()

    before = keys()
    for changed in ({"age": 9}, {"photo": 200}, {"kind": 1}, {"weight": 7}):
        now = keys(**changed)
        assert [a == b for a, b in zip(before, now, strict=True)] == [
            True,
            True,
            False,
            True,
            True,
            True,
        ]
